import { useMutation, useQueryClient } from "@tanstack/react-query";

import { actOnCampaign, type CampaignAction } from "../api/endpoints";
import type { Campaign, CampaignStatus } from "../api/types";
import { plural } from "../ui/format";
import { Problem } from "../ui/Problem";

type Action = Exclude<CampaignAction, "launch">;

const OFFERED: Partial<Record<CampaignStatus, Action[]>> = {
  scheduled: ["unschedule", "cancel"],
  missed: ["unschedule", "cancel"],
  launching: ["pause", "cancel"],
  sending: ["pause", "cancel", "retry-failed"],
  paused: ["resume", "cancel"],
  finished: ["retry-failed"],
  needs_attention: ["retry-failed"],
};

const NAMES: Record<Action, string> = {
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  unschedule: "Unschedule",
  "retry-failed": "Retry failed",
};

/** What can be done with a campaign on its way, or after it; what cannot be undone is asked first. */
export function Actions({ one }: { one: Campaign }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (action: Action) => actOnCampaign(one.id, action),
    onSettled: () => client.invalidateQueries({ queryKey: ["campaigns"] }),
  });
  const press = (action: Action) => {
    const question = questionOf(action, one);
    if (question === null || window.confirm(question)) act.mutate(action);
  };
  return (
    <>
      {offeredFor(one).map((action) => (
        <button
          key={action}
          type="button"
          className={`btn ${action === "cancel" ? "btn-outline-danger" : "btn-outline-primary"}`}
          disabled={act.isPending || Boolean(one.rework)}
          onClick={() => press(action)}
        >
          {NAMES[action]}
        </button>
      ))}
      {act.error && <Problem error={act.error} title="Nothing was changed" />}
    </>
  );
}

function offeredFor({ status, stats }: Campaign): Action[] {
  return (OFFERED[status] ?? []).filter((action) => action !== "retry-failed" || stats.failed > 0);
}

function questionOf(action: Action, one: Campaign): string | null {
  if (action === "cancel") return cancelWords(one);
  if (action === "retry-failed") return `Send ${plural(one.stats.failed, "failed message")} again? Nobody else gets one.`;
  return null;
}

function cancelWords({ status, stats }: Campaign): string {
  if (status === "scheduled" || status === "missed") return "Cancel this campaign? Nothing is sent.";
  const gone = stats.audience - stats.pending;
  return `Cancel this campaign for good? What is out cannot be called back: ${plural(gone, "message")} so far.`;
}
