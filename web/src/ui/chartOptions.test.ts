import { expect, it } from "vitest";

import { chartOptions } from "./chartOptions";
import type { ChartSeries } from "./chartProps";

const drawn = (...kinds: ChartSeries["kind"][]) =>
  chartOptions({
    x: ["30 Nov, 16:00", "30 Nov, 17:00"],
    series: kinds.map((kind) => ({ name: kind, values: [1, 2], tone: "accent", kind })),
    short: String,
    colour: () => "#000",
    onMove: () => undefined,
  });

it("leaves room for half of the last name where a line ends at the edge", () => {
  const right = ({ padding }: ReturnType<typeof drawn>) => padding?.[1];
  expect(right(drawn("line"))).toBeGreaterThanOrEqual(40);
  expect(right(drawn("bars"))).toBeLessThan(40);
});

it("draws a wide line so that both of two lines with one course are seen", () => {
  const [, wide, line] = drawn("wideLine", "line").series;
  expect(wide?.width).toBeGreaterThan(2 * (line?.width ?? Number.NaN));
});
