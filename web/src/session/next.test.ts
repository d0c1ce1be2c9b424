import { expect, it } from "vitest";

import { safeNext, signInPath } from "./next";

it("returns to the page that was asked for", () => {
  const path = "/campaigns?status=sending";
  const parameters = new URL(signInPath(path), "http://x").searchParams;
  expect(safeNext(parameters.get("next"))).toBe(path);
});

it.each([null, "", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])(
  "never leaves the app: %s",
  (next) => expect(safeNext(next)).toBe("/"),
);
