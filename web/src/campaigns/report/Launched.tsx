import type { Campaign } from "../../api/types";
import { useCan } from "../../session/useSession";
import { campaignsText as text } from "../../texts/campaigns";
import { Callout } from "../../ui/Badge";
import layout from "../../ui/layout.module.css";
import { About } from "./About";
import { Cohorts } from "./Cohorts";
import { Failures } from "./Failures";
import { Log } from "./Log";
import { OverTime } from "./OverTime";
import { Progress } from "./Progress";
import { SummaryCard } from "./SummaryCard";
import { Unknown } from "./Unknown";

/** What became of a campaign, or becomes of it as one looks. */
export function Launched({ one }: { one: Campaign }) {
  const mayReadLog = useCan("GET /api/v1/campaigns/{id}/log");
  const isAlarm = one.status === "needs_attention" || one.stalled_since !== null;
  return (
    <>
      {one.note && (
        <Callout tone={isAlarm ? "bad" : "busy"} title={isAlarm ? text.attentionTitle : text.noteTitle}>
          <p className={layout.below1}>{one.note}</p>
          {isAlarm && <p>{text.nothingMoves}</p>}
        </Callout>
      )}
      <Progress one={one} />
      <Unknown one={one} />
      <div className={layout.halves}>
        <SummaryCard one={one} />
        <About one={one} />
      </div>
      <OverTime campaignId={one.id} live={one.status !== "finished"} />
      {mayReadLog && <Failures one={one} />}
      <Cohorts cohorts={one.cohorts} />
      {mayReadLog && <Log campaignId={one.id} live={one.status !== "finished"} />}
    </>
  );
}
