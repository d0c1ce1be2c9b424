/** The steps of a chart by month: pure. */

import type { OverviewMonth } from "../api/types";

const NOTHING = { customers_new: 0, orders: 0, spend: 0 };

/** The months, with one step that has no month in place of those that are left out. */
export function stepsOf(months: readonly OverviewMonth[]): (Omit<OverviewMonth, "month"> & { month: string | null })[] {
  return months.flatMap((one, place) => {
    const before = months[place - 1];
    const isNext = !before || numberOf(one.month) === numberOf(before.month) + 1;
    return isNext ? [one] : [{ ...NOTHING, month: null }, one];
  });
}

function numberOf(month: string): number {
  const [year = 0, place = 0] = month.split("-").map(Number);
  return year * 12 + place;
}
