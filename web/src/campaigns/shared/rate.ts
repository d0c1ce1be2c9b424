import { limits } from "../../api/limits";

/** A typed rate as a number; null for none, NaN for what is no rate. */
export function rateOf(typed: string): number | null {
  if (typed.trim() === "") return null;
  const given = Number(typed);
  return Number.isInteger(given) && given >= limits.slowestRate && given <= limits.fastestRate ? given : NaN;
}
