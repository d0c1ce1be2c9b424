import { expect, it } from "vitest";

import { rateOf } from "./rate";

it.each([
  ["", null],
  ["600", 600],
  ["9", NaN],
  ["1.5", NaN],
  ["soon", NaN],
  ["2000000", NaN],
])("a rate typed as %j is %s", (typed, rate) => expect(rateOf(typed)).toBe(rate));
