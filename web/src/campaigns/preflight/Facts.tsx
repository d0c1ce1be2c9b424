import type { ReactNode } from "react";

import type { Channel, Message, Preview } from "../../api/types";
import type { usePreview } from "../../audience/usePreview";
import { audienceText, CHANNEL_NAMES, exclusionWords } from "../../texts/audience";
import { capitalized, formatCount, formatTime, zoneName } from "../../texts/format";
import { newCampaignText as text } from "../../texts/newCampaign";
import { Badge } from "../../ui/Badge";
import details from "../../ui/details.module.css";
import layout from "../../ui/layout.module.css";
import { Card, Loading } from "../../ui/Page";
import { Problem } from "../../ui/Problem";
import typography from "../../ui/typography.module.css";
import { lacksUnsubscribe } from "../shared/unsubscribe";
import styles from "./Facts.module.css";

interface Props {
  name: string;
  channel: Channel;
  message: Message;
  count: ReturnType<typeof usePreview>;
  /** When the server launches it. */
  scheduleAt: string | null;
}

/** What goes to whom, how and when. */
export function Facts({ name, channel, message, count, scheduleAt }: Props) {
  const { preview, counting, error, retry } = count;
  return (
    <Card title={text.checkCard}>
      <dl className={layout.below4}>
        <Fact name={text.factCampaign}>{name}</Fact>
        <Fact name={text.factChannel}>{CHANNEL_NAMES[channel]}</Fact>
        <Fact name={text.factSender}>{text.senders[channel]}</Fact>
        {channel === "email" && (
          <Fact name={text.unsubscribeLink}>
            {lacksUnsubscribe({ channel, body: message.body }) ? (
              <>
                <Badge tone="warn">{text.noUnsubscribe}</Badge> {text.noUnsubscribeText}
              </>
            ) : (
              text.hasUnsubscribe
            )}
          </Fact>
        )}
        <Fact name={text.factTime}>{scheduleAt ? text.at(formatTime(scheduleAt), zoneName()) : text.whenPressed}</Fact>
        <Fact name={text.factAudience}>{preview ? capitalized(preview.description) : "–"}</Fact>
      </dl>
      {counting && <Loading what={text.counting} />}
      {preview && !error && (
        <div className={counting ? layout.stale : undefined}>
          <Tally preview={preview} />
          <p className={typography.note}>{text.frozenNote(formatTime(preview.as_of))}</p>
        </div>
      )}
      {Boolean(error) && <Problem error={error} title={audienceText.countFailed} onRetry={() => void retry()} />}
    </Card>
  );
}

/** From those who match to those who get it, with everybody who is left out and why. */
function Tally({ preview }: { preview: Preview }) {
  const excluded = Object.entries(preview.excluded).filter(([, number]) => number > 0);
  return (
    <ul className={styles.tally} aria-label={text.tallyLabel} data-testid="tally">
      <li>
        <span className={styles.number}>{formatCount(preview.matched)}</span>
        <span>{text.tallyMatched(preview.total)}</span>
      </li>
      {excluded.map(([reason, number]) => (
        <li key={reason} className={styles.less}>
          <span className={styles.number}>−{formatCount(number)}</span>
          <span>{exclusionWords(reason, number).replace(/^\S+ /, "")}</span>
        </li>
      ))}
      <li className={styles.sum}>
        <span className={styles.number} data-testid="audience-reachable">
          {formatCount(preview.reachable)}
        </span>
        <span>{text.tallyReachable}</span>
      </li>
    </ul>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={details.detail}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
