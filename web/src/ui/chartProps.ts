export type ChartTone = "accent" | "delivered" | "accepted" | "failed" | "skipped" | "unknown" | "pending";

export interface ChartSeries {
  name: string;
  values: readonly number[];
  tone: ChartTone;
  kind: "bars" | "line";
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
