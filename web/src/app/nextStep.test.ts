import { expect, it } from "vitest";

import { nextStep } from "./nextStep";

it.each([
  [0, 0, 0, "/settings"],
  [9, 0, 0, "/segments/new"],
  [9, 1, 0, "/campaigns/new"],
  [9, 0, 1, "/campaigns/new"],
])("with %i customers, %i segments and %i campaigns, goes on to %s", (customers, segments, campaigns, path) => {
  expect(nextStep(customers, segments, campaigns).path).toBe(path);
});
