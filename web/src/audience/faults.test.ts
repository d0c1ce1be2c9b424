import { expect, it } from "vitest";

import { ApiError } from "../api/http";
import { inRuleWords } from "./faults";

it.each([
  ["rules.rules.0.value", "Rule 1"],
  ["rules.rules.1.rules.2.operator", "Rule 2.3"],
  ["rules.rules.1.value.rules.0.value", "Rule 2"],
  ["channel", "channel"],
])("names the rule at %s", (path, place) => {
  const refused = inRuleWords(new ApiError(422, "Not valid.", [{ path, message: "is empty" }]));
  expect(refused.errors).toEqual([{ path: place, message: "is empty" }]);
});
