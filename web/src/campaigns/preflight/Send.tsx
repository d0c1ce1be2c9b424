import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import { useNavigate } from "react-router";

import { actOnCampaign } from "../../api/campaigns";
import { ApiError } from "../../api/http";
import { keys } from "../../api/keys";
import { useCan } from "../../session/useSession";
import { newCampaignText as text } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import layout from "../../ui/layout.module.css";
import { Problem } from "../../ui/Problem";
import typography from "../../ui/typography.module.css";
import { EditConflict } from "../shared/EditConflict";
import styles from "./Send.module.css";

interface Props {
  /** How many get it; null while that is not known. */
  reachable: number | null;
  /** Whether the message can be sent as it stands. */
  isSound: boolean;
  isBlocked?: boolean;
  scheduleAt: string | null;
  keep: () => Promise<string>;
  schedule?: () => Promise<string>;
  onSent?: () => void;
  back?: ReactNode;
}

/** The button that sends, or schedules. Pressed twice it sends once. */
export function Send({ reachable, isSound, isBlocked, scheduleAt, keep, schedule, onSent, back }: Props) {
  const pressed = useRef(false);
  const maySend = useCan("POST /api/v1/campaigns/{id}/launch");
  const navigate = useNavigate();
  const client = useQueryClient();
  const later = scheduleAt !== null && schedule !== undefined;
  const send = useMutation({
    mutationFn: async () => {
      if (later) return schedule();
      const id = await keep();
      await launch(id);
      return id;
    },
    onSuccess: async (id: string) => {
      onSent?.();
      await client.invalidateQueries({ queryKey: keys.campaigns.all });
      void navigate(`/campaigns/${id}`);
    },
    onError: () => {
      pressed.current = false;
    },
  });
  const press = () => {
    // A double click comes before the button is drawn as disabled.
    if (pressed.current) return;
    pressed.current = true;
    send.mutate();
  };
  if (!maySend) return <p className={typography.aside}>{text.mayNot}</p>;
  const busy = send.isPending || send.isSuccess;
  return (
    <>
      {send.error && !(send.error instanceof EditConflict) && (
        <>
          <Problem error={send.error} title={text.notSent} />
          <p className={typography.aside}>{text.notSentSafe}</p>
        </>
      )}
      <div className={classes(layout.actions, styles.actions)}>
        {back}
        <button
          type="button"
          className={button("primary", "large")}
          disabled={busy || !reachable || !isSound || isBlocked}
          data-testid="send-button"
          onClick={press}
        >
          {send.isPending ? text.sending : words(reachable, later)}
        </button>
      </div>
    </>
  );
}

/** Launches it. Already launched, for one by a try whose answer was lost, is as good: its page shows how it stands. */
async function launch(id: string): Promise<void> {
  try {
    await actOnCampaign(id, "launch");
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
  }
}

function words(reachable: number | null, later: boolean): string {
  if (reachable === null) return text.counting;
  return later ? text.scheduleFor(reachable) : text.sendTo(reachable);
}
