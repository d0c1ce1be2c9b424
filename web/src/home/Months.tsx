import { useMemo } from "react";

import type { OverviewMonth } from "../api/types";
import { formatCount, formatMoney, formatMonth, formatShort } from "../texts/format";
import { homeText } from "../texts/home";
import { LazyChart } from "../ui/LazyChart";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { stepsOf } from "./steps";

const { charts } = homeText;

const whole = (value: number) => formatMoney(value, undefined, true);

/** Spend and orders over time. */
export function Months({ months }: { months: readonly OverviewMonth[] }) {
  const steps = useMemo(() => stepsOf(months), [months]);
  const x = useMemo(() => steps.map(({ month }) => (month ? formatMonth(month) : charts.gap)), [steps]);
  const spend = useMemo(
    () => [{ name: charts.spendSeries, values: steps.map((one) => one.spend), tone: "accent", kind: "bars" } as const],
    [steps],
  );
  const orders = useMemo(
    () => [
      { name: charts.ordersSeries, values: steps.map((one) => one.orders), tone: "accepted", kind: "bars" } as const,
    ],
    [steps],
  );
  return (
    <div className={layout.halves}>
      <Card title={charts.spend}>
        <LazyChart label={charts.spend} axis={charts.month} x={x} series={spend} format={whole} short={formatShort} />
      </Card>
      <Card title={charts.orders}>
        <LazyChart
          label={charts.orders}
          axis={charts.month}
          x={x}
          series={orders}
          format={formatCount}
          short={formatShort}
        />
      </Card>
    </div>
  );
}
