import { expect, it } from "vitest";

import { offsetOf } from "./places";

it("finds the character at a line and a column", () => {
  const place = { line: 2, column: 4 };
  expect(offsetOf("Hi\n{{ x }}", place)).toBe(6);
  expect(offsetOf("Hi", place)).toBe(2);
});
