import { expect, it } from "vitest";

import { stepsOf } from "./steps";

const of = (...months: string[]) => months.map((month) => ({ month, customers_new: 1, orders: 1, spend: 1 }));

it("puts one step in place of the months that are left out", () => {
  expect(stepsOf(of("2011-11", "2011-12", "2026-02")).map(({ month, orders }) => [month, orders])).toEqual([
    ["2011-11", 1],
    ["2011-12", 1],
    [null, 0],
    ["2026-02", 1],
  ]);
});

it("leaves months that follow each other as they are, over the year's end too", () => {
  const months = of("2025-12", "2026-01");
  expect(stepsOf(months)).toEqual(months);
  expect(stepsOf([])).toEqual([]);
});
