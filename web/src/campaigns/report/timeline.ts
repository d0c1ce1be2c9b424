/** A campaign's figures over time, from what moved in each stretch of it: pure. */

import type { Timeline, TimelineBucket } from "../../api/types";

/** What is drawn where there is any of it; the first three always. */
export const DRAWN = ["sent", "delivered", "failed", "skipped", "unknown"] as const;

type Figure = (typeof DRAWN)[number];

export interface RunningTotals {
  /** ISO 8601. The first is when it began, at nothing; each other is the end of a stretch. */
  times: string[];
  /** How many there were at each of the times. */
  totals: { figure: Figure; values: number[] }[];
}

/** Running totals at evenly spread times; null where nothing moved. */
export function runningTotals({ bucket_seconds, data }: Timeline): RunningTotals | null {
  const [first, last] = [data[0], data.at(-1)];
  if (!first || !last) return null;
  const step = 1_000 * bucket_seconds;
  const begin = Date.parse(first.at);
  const moved = new Map(data.map((one) => [Math.round((Date.parse(one.at) - begin) / step), one]));
  const stretches = Math.round((Date.parse(last.at) - begin) / step) + 1;
  const times = Array.from({ length: stretches + 1 }, (_, index) => new Date(begin + index * step).toISOString());
  const totals = DRAWN.map((figure) => ({ figure, values: runningTotal(figure, moved, stretches) }));
  return { times, totals: totals.filter(({ values }, index) => index < 3 || values.some((value) => value > 0)) };
}

function runningTotal(figure: Figure, moved: ReadonlyMap<number, TimelineBucket>, stretches: number): number[] {
  const values = [0];
  for (let index = 0; index < stretches; index += 1) {
    values.push((values[index] ?? 0) + (moved.get(index)?.[figure] ?? 0));
  }
  return values;
}
