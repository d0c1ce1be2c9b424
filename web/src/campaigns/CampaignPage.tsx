import "./campaigns.css";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";

import { campaign } from "../api/endpoints";
import type { Campaign } from "../api/types";
import { usePreview } from "../audience/usePreview";
import { CHANNEL_NAMES } from "../audience/words";
import { useMay } from "../session/useSession";
import { Answer } from "../ui/Answer";
import { capitalized, formatTime } from "../ui/format";
import { Card, Page } from "../ui/Page";
import { Actions } from "./Actions";
import { Cohorts } from "./Cohorts";
import { Log } from "./Log";
import { Progress } from "./Progress";
import { Review } from "./Review";
import { StatusBadge } from "./StatusBadge";
import { SummaryCard } from "./SummaryCard";
import { isActive, isLaunched } from "./words";

/** While something goes out, every second; receipts of a paused or stopped one still arrive. */
const EVERY = { active: 1_000, resting: 5_000 };

export default function CampaignPage() {
  const { campaignId = "" } = useParams();
  const query = useQuery({
    queryKey: ["campaigns", "one", campaignId],
    queryFn: ({ signal }) => campaign(campaignId, signal),
    refetchInterval: ({ state }) => intervalOf(state.data),
    // Whoever looks at another window still finds the truth when they come back.
    refetchOnWindowFocus: true,
  });
  return (
    <Answer query={query} failure="The campaign could not be loaded" page="Campaign">
      {(data) => (isLaunched(data.status) ? <Launched one={data} /> : <Waiting one={data} />)}
    </Answer>
  );
}

function intervalOf(one: Campaign | undefined): number | false {
  if (!one) return false;
  if (!one.rework && (one.status === "finished" || one.status === "draft")) return false;
  return isActive(one.status) || one.rework ? EVERY.active : EVERY.resting;
}

function Head({ one, children }: { one: Campaign; children: ReactNode }) {
  const mayWrite = useMay("marketer");
  return (
    <Page
      title={one.name}
      lead={
        <>
          <span data-testid="campaign-status">
            <StatusBadge status={one.status} />
          </span>{" "}
          <Link to="/campaigns">All campaigns</Link>
        </>
      }
      actions={
        mayWrite && (
          <>
            <Actions one={one} />
            <Link className="btn btn-outline-secondary" to={`/campaigns/new?from=${one.id}`}>
              Duplicate
            </Link>
          </>
        )
      }
    >
      {children}
    </Page>
  );
}

/** A draft, or one whose time has not come: the review, with the button that sends it. */
function Waiting({ one }: { one: Campaign }) {
  const count = usePreview(one.rules, one.channel);
  const mayWrite = useMay("marketer");
  return (
    <Head one={one}>
      {one.status === "missed" && <p className="alert alert-warning">{one.note}</p>}
      {one.status === "scheduled" && one.schedule_at && (
        <p className="alert alert-info">
          This campaign sends itself on {formatTime(one.schedule_at)}. The button below sends it now instead.
        </p>
      )}
      <Review
        name={one.name}
        channel={one.channel}
        message={one.message}
        rules={one.rules}
        count={count}
        scheduleAt={one.schedule_at}
        keep={() => Promise.resolve(one.id)}
        isKept
        back={
          mayWrite && (
            <Link className="btn btn-outline-secondary" to={`/campaigns/new?edit=${one.id}`}>
              Edit
            </Link>
          )
        }
      />
    </Head>
  );
}

function Launched({ one }: { one: Campaign }) {
  return (
    <Head one={one}>
      {one.note && (
        <p className={`alert ${one.status === "needs_attention" ? "alert-warning" : "alert-info"}`}>{one.note}</p>
      )}
      <Progress one={one} />
      <div className="halves">
        <SummaryCard one={one} />
        <About one={one} />
      </div>
      <Cohorts cohorts={one.cohorts} />
      <Log campaignId={one.id} live={one.status !== "finished"} />
    </Head>
  );
}

function About({ one }: { one: Campaign }) {
  const facts = [
    ["Audience", capitalized(one.description)],
    ["Channel", CHANNEL_NAMES[one.channel]],
    ["Launched", formatTime(one.launched_at)],
    ["Finished", formatTime(one.finished_at)],
    ["Made by", one.created_by],
  ];
  return (
    <Card title="What was sent">
      <dl className="facts mb-3">
        {facts.map(([name, value]) => (
          <div className="fact" key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="letter">
        {one.message.subject && <p className="fw-semibold">{one.message.subject}</p>}
        <p className="letter-body">{one.message.body}</p>
      </div>
    </Card>
  );
}
