import { expect, it } from "vitest";

import { offsetOf, placeIn } from "./places";

it("finds the faults of a message at a line and a column", () => {
  const place = { line: 2, column: 4 };
  expect(placeIn("line 2, column 4: nmae is not known")).toEqual(place);
  expect(offsetOf("Hi\n{{ x }}", place)).toBe(6);
  expect(offsetOf("Hi", place)).toBe(2);
  expect(placeIn("is empty")).toBeNull();
});
