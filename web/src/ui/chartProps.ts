export type ChartTone = "accent" | "delivered" | "accepted" | "failed" | "skipped" | "unknown" | "pending";

export interface ChartSeries {
  name: string;
  values: readonly number[];
  tone: ChartTone;
  /** A wide line is seen beneath a line after it that takes the same course. */
  kind: "bars" | "line" | "wideLine";
}

export interface ChartProps {
  label: string;
  /** What stands along the bottom: "Month". */
  axis: string;
  x: readonly string[];
  series: readonly ChartSeries[];
  format: (value: number) => string;
  /** For the axis, where the format is too long for it. */
  short?: (value: number) => string;
}
