import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { actOnCampaign, type CampaignAction } from "../../api/campaigns";
import { keys } from "../../api/keys";
import type { Campaign, CampaignStatus } from "../../api/types";
import { campaignsText as text } from "../../texts/campaigns";
import { ask, type Question } from "../../ui/ask";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import { notify } from "../../ui/notify";
import { Problem } from "../../ui/Problem";
import typography from "../../ui/typography.module.css";
import styles from "./Actions.module.css";
import { PaceDialog } from "./PaceDialog";

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

/** What can be done with a campaign on its way, or after it: always in sight, and honest about what already went. */
export function Actions({ one }: { one: Campaign }) {
  const [isPacing, setPacing] = useState(false);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (action: Action) => actOnCampaign(one.id, action),
    onSuccess: (_, action) => notify({ text: text.acted[action] }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.campaigns.all }),
  });
  const press = async (action: Action) => {
    const question = questionOf(action, one);
    if (question === null || (await ask(question))) act.mutate(action);
  };
  const offered = offeredFor(one);
  if (offered.length === 0) return null;
  const isOver = one.status === "finished" || one.status === "needs_attention";
  return (
    <fieldset className={classes(styles.bar, !isOver && styles.sticky)} aria-label={text.barLabel}>
      {offered.map((action) => (
        <button
          key={action}
          type="button"
          className={button(action === "cancel" ? "careful" : "accent")}
          disabled={act.isPending || Boolean(one.resolution)}
          onClick={() => void press(action)}
        >
          {text.actions[action]}
        </button>
      ))}
      {mayChangePace(one) && (
        <button
          type="button"
          className={button("accent")}
          disabled={act.isPending || Boolean(one.resolution)}
          onClick={() => setPacing(true)}
        >
          {text.changePace}
        </button>
      )}
      <p className={typography.small}>{aside(one, isOver)}</p>
      {isPacing && <PaceDialog one={one} onClose={() => setPacing(false)} />}
      {act.error && <Problem error={act.error} title={text.actionFailed} />}
    </fieldset>
  );
}

/** Once the audience is fixed, and as long as somebody waits. */
const mayChangePace = ({ status, stats }: Campaign) =>
  (status === "sending" || status === "paused") && stats.pending > 0;

/** What one should know beside the buttons. */
function aside({ resolution, stats }: Campaign, isOver: boolean): string | null {
  if (resolution) return text.busy;
  if (isOver) return stats.failed > 0 ? text.failedSoFar(stats.failed) : null;
  return stats.audience > 0 ? text.gone(stats) : null;
}

function offeredFor({ status, stats }: Campaign): Action[] {
  return (OFFERED[status] ?? []).filter((action) => action !== "retry-failed" || stats.failed > 0);
}

/** What is asked before it is done; null for what can be taken back. */
function questionOf(action: Action, { status, stats }: Campaign): Question | null {
  if (action === "retry-failed") {
    return {
      title: text.retryTitle(stats.failed),
      text: text.retryText,
      action: text.retryAction(stats.failed),
    };
  }
  if (action !== "cancel") return null;
  const isBefore = status === "scheduled" || status === "missed" || stats.audience === 0;
  return {
    title: text.cancelTitle,
    text: isBefore ? text.cancelBefore : text.cancelText(stats),
    action: text.actions.cancel,
    danger: true,
  };
}
