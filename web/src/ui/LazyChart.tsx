import { lazy, Suspense } from "react";

import { appText } from "../texts/app";
import styles from "./Chart.module.css";
import { ChartTable } from "./ChartTable";
import type { ChartProps } from "./chartProps";
import { loadChunk } from "./loadChunk";
import { Skeleton } from "./Page";
import typography from "./typography.module.css";

// A chart is no reason to reload the page: its figures are there without it.
const Chart = lazy(() => loadChunk(() => import("./Chart")).catch(() => ({ default: NoChart })));

/** A chart whose code is fetched when it is first shown, and its figures as a table. */
export function LazyChart(props: ChartProps) {
  return (
    <figure className={styles.chart} aria-label={props.label}>
      <Suspense fallback={<Skeleton lines={6} />}>
        <Chart {...props} />
      </Suspense>
      <ChartTable {...props} />
    </figure>
  );
}

function NoChart() {
  return <p className={typography.quiet}>{appText.chartFailed}</p>;
}
