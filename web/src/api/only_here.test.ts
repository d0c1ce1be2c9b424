import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
  (name) => /\.tsx?$/.test(name) && !name.includes(".test.") && !name.startsWith("testing"),
);
const filesWith = (pattern: RegExp) => files.filter((name) => pattern.test(readFileSync(join("src", name), "utf8")));

it("fetches in http.ts and nowhere else", () => {
  expect(files.length).toBeGreaterThan(40);
  expect(filesWith(/\bfetch\(|XMLHttpRequest/)).toEqual([join("api", "http.ts")]);
});

it("writes query keys in keys.ts and nowhere else", () => {
  expect(filesWith(/queryKey: \[|QueryData(<[^(]*>)?\(\[/)).toEqual([]);
});
