/** Where in the builder a refusal of the rules belongs: pure. */

import { ApiError } from "../api/http";
import { audienceText } from "../texts/audience";

const PLACE = /^rules((?:\.rules\.\d+)+)/;

/** The refusal with paths as the builder names its rules: `rules.rules.1.rules.0.value` is "Rule 2.1". */
export function inRuleWords({ status, detail, errors, retryAfter }: ApiError): ApiError {
  const worded = errors.map(({ path, message }) => ({ path: placeOf(path), message }));
  return new ApiError(status, detail, worded, retryAfter);
}

function placeOf(path: string): string {
  const found = PLACE.exec(path)?.[1];
  if (!found) return path;
  const indexes = found.split(".rules.").slice(1);
  return audienceText.ruleAt(indexes.map((index) => Number(index) + 1).join("."));
}
