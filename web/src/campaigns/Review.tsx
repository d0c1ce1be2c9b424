import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, type ReactNode } from "react";
import { useNavigate } from "react-router";

import { actOnCampaign } from "../api/endpoints";
import { ApiError } from "../api/http";
import type { Channel, Message } from "../api/types";
import { Reach } from "../audience/Count";
import type { usePreview } from "../audience/usePreview";
import type { WireGroup } from "../audience/wire";
import { CHANNEL_NAMES } from "../texts/audience";
import { useMay } from "../session/useSession";
import { capitalized, formatCount, formatTime, plural } from "../ui/format";
import { Card, Loading } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { MessagePreview } from "./MessagePreview";

interface Props {
  name: string;
  channel: Channel;
  message: Message;
  rules: WireGroup;
  count: ReturnType<typeof usePreview>;
  /** When the server sends it by itself. Of one that is not stored yet, the button stores it for then. */
  scheduleAt: string | null;
  /** Stores the campaign if it is not stored yet; its id. */
  keep: () => Promise<string>;
  isKept?: boolean;
  back?: ReactNode;
  /** What can still be chosen here. */
  children?: ReactNode;
}

/** Everything that is about to happen, and the one button that makes it happen. */
export function Review({
  name,
  channel,
  message,
  rules,
  count,
  scheduleAt,
  keep,
  isKept = false,
  back,
  children,
}: Props) {
  const { preview, counting, error, retry } = count;
  const nobody = preview?.reachable === 0;
  return (
    <>
      <div className="halves">
        <Card title="Before it goes out">
          <dl className="facts mb-3">
            <Fact name="Campaign">{name}</Fact>
            <Fact name="Channel">{CHANNEL_NAMES[channel]}</Fact>
            <Fact name="Time">{scheduleAt ? formatTime(scheduleAt) : "When you press the button"}</Fact>
            <Fact name="Audience">{preview ? capitalized(preview.description) : "–"}</Fact>
          </dl>
          {preview && (
            <>
              <p className="mb-1">
                <strong>{formatCount(preview.matched)}</strong> of {plural(preview.total, "customer")} match
              </p>
              <Reach preview={preview} channel={channel} />
              <p className="small text-body-secondary mb-0">
                As of {formatTime(preview.as_of)}. The audience is fixed when it is sent; consent is checked once more
                for each message.
              </p>
            </>
          )}
          {counting && <Loading what="Counting…" />}
          {Boolean(error) && (
            <Problem error={error} title="The audience could not be counted" onRetry={() => void retry()} />
          )}
        </Card>
        <div>
          <MessagePreview message={message} channel={channel} rules={rules} people={preview?.sample ?? []} />
          {children}
        </div>
      </div>
      {nobody && !counting && (
        <div className="alert alert-warning" role="alert">
          Nobody in this audience can be reached on this channel, so there is nothing to send. Change the audience or
          the channel.
        </div>
      )}
      <Send
        reachable={counting || error ? null : (preview?.reachable ?? null)}
        scheduled={scheduleAt !== null && !isKept}
        keep={keep}
        isKept={isKept}
        back={back}
      />
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface SendProps {
  reachable: number | null;
  scheduled: boolean;
  keep: () => Promise<string>;
  isKept: boolean;
  back: ReactNode;
}

function Send({ reachable, scheduled, keep, isKept, back }: SendProps) {
  const pressed = useRef(false);
  const mayWrite = useMay("marketer");
  const navigate = useNavigate();
  const client = useQueryClient();
  const onSuccess = async (id: string) => {
    await client.invalidateQueries({ queryKey: ["campaigns"] });
    void navigate(`/campaigns/${id}`);
  };
  const save = useMutation({ mutationFn: keep, onSuccess });
  const send = useMutation({
    mutationFn: async () => {
      const id = await keep();
      if (!scheduled) await launched(id);
      return id;
    },
    onSuccess,
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
  const busy = send.isPending || save.isPending || send.isSuccess;
  if (!mayWrite) return <p className="hint">Your role may look, not send.</p>;
  return (
    <>
      {send.error && <Problem error={send.error} title="The campaign was not sent" />}
      {save.error && <Problem error={save.error} title="The draft was not saved" />}
      <div className="page-actions">
        {back}
        {!isKept && !scheduled && (
          <button type="button" className="btn btn-outline-secondary" disabled={busy} onClick={() => save.mutate()}>
            Save as draft
          </button>
        )}
        <button
          type="button"
          className="btn btn-primary"
          disabled={busy || !reachable}
          data-testid="send-button"
          onClick={press}
        >
          {send.isPending ? "Sending…" : words(reachable, scheduled)}
        </button>
      </div>
    </>
  );
}

/** Launches it. Already launched, for one by a try whose answer was lost, is as good: its page shows how it stands. */
async function launched(id: string): Promise<void> {
  try {
    await actOnCampaign(id, "launch");
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
  }
}

function words(reachable: number | null, scheduled: boolean): string {
  if (reachable === null) return "Counting…";
  return `${scheduled ? "Schedule for" : "Send to"} ${plural(reachable, "customer")}`;
}
