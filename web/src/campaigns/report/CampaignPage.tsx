import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { campaignQuery } from "../../api/campaigns";
import type { Campaign } from "../../api/types";
import { useCan } from "../../session/useSession";
import { campaignsText as text } from "../../texts/campaigns";
import { button } from "../../ui/button";
import { Page } from "../../ui/Page";
import { Problem } from "../../ui/Problem";
import { QueryBoundary } from "../../ui/QueryBoundary";
import { StatusBadge } from "../shared/StatusBadge";
import { hasReport, isActive, may } from "../shared/status";
import { useDeleteDraft } from "../shared/useDeleteDraft";
import { Actions } from "./Actions";
import { Launched } from "./Launched";
import { Waiting } from "./Waiting";

/** While something goes out, every second; receipts of a paused or stopped one still arrive. */
const EVERY = { active: 1_000, resting: 5_000 };

const BACK = { to: "/campaigns", label: text.all };

export default function CampaignPage() {
  const { campaignId = "" } = useParams();
  const query = useQuery({
    ...campaignQuery(campaignId),
    refetchInterval: ({ state }) => intervalOf(state.data),
    // Figures stay current while another window is in front.
    refetchOnWindowFocus: true,
  });
  return (
    <QueryBoundary query={query} failure={text.oneFailed} page={text.one} back={BACK}>
      {(one) => <Frame one={one}>{hasReport(one) ? <Launched one={one} /> : <Waiting one={one} />}</Frame>}
    </QueryBoundary>
  );
}

function intervalOf(one: Campaign | undefined): number | false {
  if (!one || (one.status === "finished" && !one.resolution)) return false;
  return isActive(one.status) || one.resolution ? EVERY.active : EVERY.resting;
}

function Frame({ one, children }: { one: Campaign; children: ReactNode }) {
  const mayWrite = useCan("POST /api/v1/campaigns");
  const navigate = useNavigate();
  const drop = useDeleteDraft(() => void navigate("/campaigns"));
  return (
    <Page
      title={one.name}
      back={BACK}
      badge={
        <span data-testid="campaign-status" role="status">
          <StatusBadge status={one.status} />
        </span>
      }
      actions={
        <>
          {hasReport(one) && (
            <button type="button" className={button("neutral")} onClick={() => window.print()}>
              {text.print}
            </button>
          )}
          {mayWrite && (
            <Link className={button("neutral")} to={`/campaigns/new?from=${one.id}`}>
              {text.duplicate}
            </Link>
          )}
          {may(one, "delete") && (
            <button
              type="button"
              className={button("careful")}
              disabled={drop.isPending}
              onClick={() => drop.remove(one)}
            >
              {text.deleteDraft}
            </button>
          )}
        </>
      }
    >
      {drop.error && <Problem error={drop.error} title={text.draftNotDeleted} />}
      <Actions one={one} />
      {children}
    </Page>
  );
}
