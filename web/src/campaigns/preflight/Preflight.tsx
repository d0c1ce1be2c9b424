import { type ReactNode, useState } from "react";

import type { Channel, Message, WireGroup } from "../../api/types";
import type { usePreview } from "../../audience/usePreview";
import { useCan } from "../../session/useSession";
import { newCampaignText as text } from "../../texts/newCampaign";
import { Callout } from "../../ui/Badge";
import layout from "../../ui/layout.module.css";
import { Estimate } from "./Estimate";
import { Facts } from "./Facts";
import { FieldsUsed } from "./FieldsUsed";
import { MessagePreview } from "./MessagePreview";
import { Send } from "./Send";
import { SendTest } from "./SendTest";

interface Props {
  name: string;
  channel: Channel;
  message: Message;
  rules: WireGroup;
  count: ReturnType<typeof usePreview>;
  /** Messages a minute; null for as many as there are. */
  rate: number | null;
  /** When the server launches it. */
  scheduleAt: string | null;
  /** Whether something that is chosen here does not hold. */
  isBlocked?: boolean;
  /** Stores the campaign if it is not stored as it stands; its id. */
  keep: () => Promise<string>;
  isKept: boolean;
  /** Stores it with its time; without this the button sends now, whatever the time. */
  schedule?: () => Promise<string>;
  onSent?: () => void;
  back?: ReactNode;
  /** What can still be chosen here. */
  children?: ReactNode;
}

/** Everything that is about to happen, and the one button that makes it happen. */
export function Preflight(props: Props) {
  const { channel, message, rules, count, rate, keep, isKept, back, children } = props;
  const { preview, counting, error } = count;
  const [isSound, setSound] = useState(false);
  // From others values of the rules are withheld, so that they cannot be counted anew.
  const mayList = useCan("POST /api/v1/customers/search");
  const reachable = counting || error ? null : (preview?.reachable ?? null);
  return (
    <>
      <div className={layout.halves}>
        <div>
          <Facts name={props.name} channel={channel} message={message} count={count} scheduleAt={props.scheduleAt} />
          {mayList && <FieldsUsed message={message} rules={rules} channel={channel} />}
          {children}
        </div>
        <MessagePreview
          message={message}
          channel={channel}
          rules={rules}
          people={preview?.sample ?? []}
          onJudged={setSound}
        >
          {(shown) => <SendTest shown={shown} disabled={!isSound} keep={keep} isKept={isKept} />}
        </MessagePreview>
      </div>
      {reachable === 0 && (
        <div role="alert">
          <Callout tone="warn" title={text.nobody}>
            <p>{text.nobodyText}</p>
          </Callout>
        </div>
      )}
      {reachable !== null && reachable > 0 && <Estimate recipients={reachable} rate={rate} channel={channel} />}
      <Send {...props} reachable={isSound ? reachable : null} isSound={isSound} back={back} />
    </>
  );
}
