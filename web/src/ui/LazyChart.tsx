import { lazy, Suspense } from "react";

import styles from "./Chart.module.css";
import { ChartTable } from "./ChartTable";
import type { ChartProps } from "./chartProps";
import { withConnection } from "./connection";
import { Skeleton } from "./Page";

const Chart = lazy(() => withConnection(() => import("./Chart")));

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
