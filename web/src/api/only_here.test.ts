import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

it("fetches in http.ts and nowhere else", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.tsx?$/.test(name) && !name.includes(".test.") && !name.startsWith("testing"),
  );
  const fetching = files.filter((name) => /\bfetch\(|XMLHttpRequest/.test(readFileSync(join("src", name), "utf8")));
  expect(files.length).toBeGreaterThan(40);
  expect(fetching).toEqual([join("api", "http.ts")]);
});
