/** Shapes of operators, and the two that only the builder knows. */

import type { Choice } from "./fields";

/** `>=` with a relative value of days: "in the past 90 days". Value: the number of days. */
export const IN_PAST = "inPast";
/** `<` with a relative value of days: "more than 90 days ago". Value: the number of days. */
export const LONGER_AGO = "longerAgo";

/** Offered first on every date: what marketers ask for most. */
export const DAY_OPERATORS: Choice[] = [
  { name: IN_PAST, label: "in the past … days" },
  { name: LONGER_AGO, label: "more than … days ago" },
];

export const isBetween = (operator: string) => operator === "between" || operator === "notBetween";
export const isList = (operator: string) => operator === "in" || operator === "notIn";
export const isBare = (operator: string) => operator === "null" || operator === "notNull";
export const isDays = (operator: string) => operator === IN_PAST || operator === LONGER_AGO;
