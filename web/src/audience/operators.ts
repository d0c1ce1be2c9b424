/** Shapes of operators, and those that only the builder knows. */

import type { Choice } from "../api/types";

/** `>=` with a time before now: "in the past 90 days". Value: a relative date. */
export const IN_PAST = "inPast";
/** `<` with a time before now: "more than 90 days ago". Value: a relative date. */
export const LONGER_AGO = "longerAgo";
/** A birthday that comes soon. Value: the number of days from today. */
export const NEXT_DAYS = "nextDays";
/** A birthday today. */
export const IS_TODAY = "isToday";

/** Offered first on every date: what marketers ask for most. */
export const SPAN_OPERATORS: Choice[] = [
  { name: IN_PAST, label: "in the past …" },
  { name: LONGER_AGO, label: "more than … ago" },
];

/** Offered first on a birthday, whose year seldom matters. */
export const BIRTHDAY_OPERATORS: Choice[] = [
  { name: NEXT_DAYS, label: "within the next … days" },
  { name: IS_TODAY, label: "is today" },
];

export const BIRTHDAY = "birthday";
/** What the server computes of a birthday, and compares. */
export const DAYS_TO_BIRTHDAY = "days_to_birthday";

export const isBetween = (operator: string) => operator === "between" || operator === "notBetween";
export const isList = (operator: string) => operator === "in" || operator === "notIn";
export const isBare = (operator: string) => operator === "null" || operator === "notNull" || operator === IS_TODAY;
export const isSpan = (operator: string) => operator === IN_PAST || operator === LONGER_AGO;
