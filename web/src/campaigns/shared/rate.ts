import type { Limits } from "../../api/types";

/** A typed rate as a number; null for none, NaN for what is no rate. */
export function rateOf(typed: string, limits: Limits | undefined): number | null {
  if (typed.trim() === "") return null;
  const given = Number(typed);
  const [slowest, fastest] = limits ? [limits.rate_slowest, limits.rate_fastest] : [1, Infinity];
  return Number.isInteger(given) && given >= slowest && given <= fastest ? given : NaN;
}
