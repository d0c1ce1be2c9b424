/** A campaign's figures, laid out: pure. */

import type { LogRow, Stats } from "../../api/types";

/** The parts that make up the audience, in the order of the bar. */
export const PARTS = ["delivered", "accepted", "failed", "skipped", "unknown", "pending"] as const;

export type Part = (typeof PARTS)[number];

/** Each part with its share of the audience, in per cent; parts of nobody are left out. */
export function sharesOf(stats: Stats): { part: Part; share: number }[] {
  if (stats.audience === 0) return [];
  return PARTS.filter((part) => stats[part] > 0).map((part) => ({ part, share: (100 * stats[part]) / stats.audience }));
}

/** How many of the audience have come to an end, one way or the other. */
export function settledOf(stats: Stats): number {
  return stats.delivered + stats.failed + stats.skipped + stats.unknown;
}

/** How many rows there are of each reason, the most first; null where a row gives none. */
export function groupedByReason(rows: readonly Pick<LogRow, "reason">[]): { reason: string | null; count: number }[] {
  const counts = new Map<string | null, number>();
  for (const { reason } of rows) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((one, other) => other.count - one.count);
}
