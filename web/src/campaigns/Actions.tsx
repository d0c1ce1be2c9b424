import { useMutation, useQueryClient } from "@tanstack/react-query";

import { actOnCampaign } from "../api/endpoints";
import type { Campaign, CampaignStatus } from "../api/types";
import { plural } from "../ui/format";
import { Problem } from "../ui/Problem";

type Action = "pause" | "resume" | "cancel";

const OFFERED: Partial<Record<CampaignStatus, Action[]>> = {
  scheduled: ["cancel"],
  launching: ["pause", "cancel"],
  sending: ["pause", "cancel"],
  paused: ["resume", "cancel"],
};

const NAMES: Record<Action, string> = { pause: "Pause", resume: "Resume", cancel: "Cancel" };

/** Pause, resume and cancel, while they make sense. */
export function Actions({ one }: { one: Campaign }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (action: Action) => actOnCampaign(one.id, action),
    onSettled: () => client.invalidateQueries({ queryKey: ["campaigns"] }),
  });
  const press = (action: Action) => {
    if (action !== "cancel" || window.confirm(cancelWords(one))) act.mutate(action);
  };
  return (
    <>
      {(OFFERED[one.status] ?? []).map((action) => (
        <button
          key={action}
          type="button"
          className={`btn ${action === "cancel" ? "btn-outline-danger" : "btn-outline-primary"}`}
          disabled={act.isPending}
          onClick={() => press(action)}
        >
          {NAMES[action]}
        </button>
      ))}
      {act.error && <Problem error={act.error} title="Nothing was changed" />}
    </>
  );
}

function cancelWords({ status, stats }: Campaign): string {
  if (status === "scheduled") return "Cancel this campaign? Nothing is sent.";
  const gone = stats.audience - stats.pending;
  return `Cancel this campaign for good? What is out cannot be called back: ${plural(gone, "message")} so far.`;
}
