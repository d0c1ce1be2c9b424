/** What the server takes for a rate. */
const SLOWEST = 10;
const FASTEST = 1_000_000;

/** A typed rate as a number; null for none, NaN for what is no rate. */
export function rateOf(typed: string): number | null {
  if (typed.trim() === "") return null;
  const given = Number(typed);
  return Number.isInteger(given) && given >= SLOWEST && given <= FASTEST ? given : NaN;
}
