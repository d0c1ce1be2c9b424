import uPlot from "uplot";

import type { ChartSeries } from "./chartProps";

interface Wanted {
  x: readonly string[];
  series: readonly ChartSeries[];
  short: (value: number) => string;
  /** A token's value. */
  colour: (name: string) => string;
  /** Called with the step under the pointer, or null. */
  onMove: (index: number | null) => void;
}

/** Room that the name of a step takes, in pixels. */
const NAME_WIDTH = 88;
const FONT = '12px "Inter Variable", sans-serif';

/** How a chart is drawn, but for its size: steps evenly spread, the axis from zero. */
export function chartOptions({ x, series, short, colour, onMove }: Wanted): Omit<uPlot.Options, "width" | "height"> {
  // A bar stands on its step and needs room to both sides of it, a line does not.
  const room = series.some(({ kind }) => kind === "bars") ? 0.6 : 0;
  const bars = uPlot.paths.bars?.({ size: [0.62, 36], radius: 0.2 });
  const grid = { stroke: colour("line"), width: 1 };
  const shared = { font: FONT, stroke: colour("quiet"), ticks: { show: false } };
  return {
    legend: { show: false },
    // The name of the last step has its middle at the end of a line.
    padding: [8, room > 0 ? 24 : NAME_WIDTH / 2, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
    scales: {
      x: { time: false, range: [-room, Math.max(x.length - 1 + room, 0.6)] },
      // From zero on, and below it where there is less than nothing; never without a height.
      y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, low ?? 0, 1) * 1.08] },
    },
    axes: [
      {
        ...shared,
        grid: { show: false },
        size: 30,
        splits: (plot) => stepsShown(x.length, Math.max(1, Math.floor(plot.width / NAME_WIDTH))),
        values: (_, splits) => splits.map((index) => x[index] ?? ""),
      },
      { ...shared, grid, size: 56, values: (_, splits) => splits.map((value) => short(value)) },
    ],
    series: [
      {},
      ...series.map(({ name, tone, kind }) => ({
        label: name,
        stroke: colour(tone),
        points: { show: false },
        ...(kind === "bars"
          ? { width: 0, fill: colour(tone), ...(bars ? { paths: bars } : {}) }
          : { width: kind === "wideLine" ? 7 : 2 }),
        // Paler, so that the line on it stands out in the dark, too.
        ...(kind === "wideLine" && { alpha: 0.55 }),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onMove(cursor.idx ?? null)] },
  };
}

/** So many of the steps are named at most, the last one among them. */
function stepsShown(count: number, most: number): number[] {
  const every = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: count }, (_, index) => index).filter((index) => (count - 1 - index) % every === 0);
}
