import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { timelineQuery } from "../../api/campaigns";
import type { Timeline } from "../../api/types";
import { campaignsText as text } from "../../texts/campaigns";
import { formatCount, formatShort, formatTimeStep, zoneName } from "../../texts/format";
import type { ChartTone } from "../../ui/chartProps";
import { LazyChart } from "../../ui/LazyChart";
import { Card, Skeleton } from "../../ui/Page";
import { QueryBoundary } from "../../ui/QueryBoundary";
import typography from "../../ui/typography.module.css";
import { type RunningTotals, runningTotals } from "./timeline";

const TONES: Record<RunningTotals["totals"][number]["figure"], ChartTone> = {
  sent: "accepted",
  delivered: "delivered",
  failed: "failed",
  skipped: "skipped",
  unknown: "unknown",
};

/** How the figures came about, minute by minute or day by day. */
export function OverTime({ campaignId, live }: { campaignId: string; live: boolean }) {
  const timeline = useQuery({
    ...timelineQuery(campaignId, live),
    placeholderData: (before) => before,
    refetchInterval: live ? 5_000 : false,
  });
  return (
    <Card title={text.timeline} lead={text.timelineLead(zoneName())}>
      <QueryBoundary query={timeline} failure={text.timelineFailed} skeleton={<Skeleton lines={6} />}>
        {(found) => <Drawn timeline={found} />}
      </QueryBoundary>
    </Card>
  );
}

function Drawn({ timeline }: { timeline: Timeline }) {
  const running = useMemo(() => runningTotals(timeline), [timeline]);
  const x = useMemo(
    () => (running?.times ?? []).map((time) => formatTimeStep(time, timeline.bucket_seconds)),
    [running, timeline.bucket_seconds],
  );
  const series = useMemo(
    () =>
      (running?.totals ?? []).map(({ figure, values }) => ({
        name: text.parts[figure],
        values,
        tone: TONES[figure],
        // What is sent is delivered soon after: beneath that line it would not be seen.
        kind: figure === "sent" ? ("wideLine" as const) : ("line" as const),
      })),
    [running],
  );
  if (!running) return <p className={typography.quiet}>{text.timelineEmpty}</p>;
  return (
    <LazyChart
      label={text.timeline}
      axis={text.timeColumn}
      x={x}
      series={series}
      format={formatCount}
      short={formatShort}
    />
  );
}
