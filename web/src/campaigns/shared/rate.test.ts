import { expect, it } from "vitest";

import { LIMITS } from "../../testing/limits";
import { rateOf } from "./rate";

it.each([
  ["", null],
  ["600", 600],
  ["9", NaN],
  ["1.5", NaN],
  ["soon", NaN],
  ["2000000", NaN],
])("a rate typed as %j is %s", (typed, rate) => expect(rateOf(typed, LIMITS)).toBe(rate));

it("has no bounds before the server has named them", () => expect(rateOf("9", undefined)).toBe(9));
