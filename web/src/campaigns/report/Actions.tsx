import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { actOnCampaign, type CampaignAction } from "../../api/campaigns";
import { keys } from "../../api/keys";
import { thenRead } from "../../api/thenRead";
import type { AllowedAction, Campaign } from "../../api/types";
import { campaignsText as text } from "../../texts/campaigns";
import { ask, type Question } from "../../ui/ask";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import { notify } from "../../ui/notify";
import { Problem } from "../../ui/Problem";
import typography from "../../ui/typography.module.css";
import { may } from "../shared/status";
import styles from "./Actions.module.css";
import { RateDialog } from "./RateDialog";

type Action = Exclude<CampaignAction, "launch">;

/** What the bar has buttons for, in their order. */
const BUTTONS = [
  "unschedule",
  "pause",
  "resume",
  "cancel",
  "retry_failed",
  "change_rate",
] as const satisfies AllowedAction[];

/** What may be done with a campaign that is on its way, or over. It stays in sight, and says what already went. */
export function Actions({ one }: { one: Campaign }) {
  const [isChangingRate, setChangingRate] = useState(false);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (action: Action) => actOnCampaign(one.id, action),
    onSuccess: (_, action) => notify({ text: text.acted[action] }),
    onSettled: thenRead(() => client.invalidateQueries({ queryKey: keys.campaigns.all })),
  });
  const press = async (action: (typeof BUTTONS)[number]) => {
    if (action === "change_rate") {
      setChangingRate(true);
      return;
    }
    const question = questionOf(action, one);
    if (question === null || (await ask(question))) act.mutate(action);
  };
  const offered = offeredFor(one);
  if (offered.length === 0) return null;
  const isOver = !may(one, "cancel");
  return (
    <fieldset className={classes(styles.bar, !isOver && styles.sticky)} aria-label={text.barLabel}>
      {offered.map((action) => (
        <button
          key={action}
          type="button"
          className={button(action === "cancel" ? "careful" : "accent")}
          disabled={act.isPending || (action === "retry_failed" && one.resolution !== null)}
          onClick={() => void press(action)}
        >
          {text.actions[action]}
        </button>
      ))}
      <p className={typography.small}>{aside(one, isOver)}</p>
      {isChangingRate && <RateDialog one={one} onClose={() => setChangingRate(false)} />}
      {act.error && <Problem error={act.error} title={text.actionFailed} />}
    </fieldset>
  );
}

/** A hint next to the buttons. */
function aside({ resolution, stats }: Campaign, isOver: boolean): string | null {
  if (resolution) return text.busy;
  if (isOver) return stats.failed > 0 ? text.failedSoFar(stats.failed) : null;
  return stats.audience > 0 ? text.gone(stats) : null;
}

/** What is allowed, less what would change nothing. */
function offeredFor(one: Campaign) {
  return BUTTONS.filter((action) => {
    if (action === "retry_failed" && one.stats.failed === 0) return false;
    if (action === "change_rate" && one.stats.pending === 0) return false;
    return may(one, action);
  });
}

/** What is asked before it is done; null for what can be taken back. */
function questionOf(action: Action, { stats, status }: Campaign): Question | null {
  if (action === "retry_failed") {
    return {
      title: text.retryTitle(stats.failed),
      text: text.retryText,
      action: text.retryAction(stats.failed),
    };
  }
  if (action !== "cancel") return null;
  return {
    title: text.cancelTitle,
    text: stats.audience === 0 ? text.cancelBefore : text.cancelText(stats),
    action: text.actions.cancel,
    wayOut: text.notCancelled(status),
    danger: true,
  };
}
