import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useState } from "react";

import { messagesQuery } from "../../api/campaigns";
import { ApiError } from "../../api/http";
import type { Channel, CustomerBrief, Message, RenderedMessage, WireGroup } from "../../api/types";
import { useCan } from "../../session/useSession";
import { newCampaignText as text } from "../../texts/newCampaign";
import { Alert, Callout } from "../../ui/Badge";
import { classes } from "../../ui/classes";
import layout from "../../ui/layout.module.css";
import { Card } from "../../ui/Page";
import { Problem } from "../../ui/Problem";
import typography from "../../ui/typography.module.css";
import { useDebounced } from "../../ui/useDebounced";
import letter from "../shared/Letter.module.css";
import { PeopleSteps } from "./PeopleSteps";
import { usePeople } from "./usePeople";

interface Props {
  message: Message;
  channel: Channel;
  rules: WireGroup;
  /** Some people of the audience. One who lacks a field of the message is added to them. */
  people: CustomerBrief[];
  /** Called with whether the message can be sent, and with the server's errors if not. */
  onJudged?: (isSound: boolean, fault: ApiError | null) => void;
  /** Whether the errors are shown next to the inputs, so that here it is enough that there are some. */
  faultsBeside?: boolean;
  /** What else can be done with the message, given the person that it is shown for. */
  children?: (shown: CustomerBrief | null) => ReactNode;
}

/** The message as the server will send it, for one person of the audience after the other. */
export function MessagePreview({ message, channel, rules, people, onJudged, faultsBeside = false, children }: Props) {
  const [index, setIndex] = useState(0);
  const maySeeMany = useCan("POST /api/v1/messages/previews");
  const settled = useSettled(message);
  const shown = usePeople(settled.message, rules, channel, people);
  const audience = maySeeMany ? shown.people : [];
  const place = Math.max(0, Math.min(index, audience.length - 1));
  const person = audience[place] ?? null;
  const { data, error, isPlaceholderData, refetch } = useRendered(settled.message, audience);
  const rendered = person ? data?.find((one) => one.key === person.key) : data?.[0];
  const isSound = settled.current && !isPlaceholderData && !error && data !== undefined;
  const fault = error instanceof ApiError && error.status === 422 ? error : null;
  useEffect(() => onJudged?.(isSound, fault), [isSound, fault, onJudged]);
  return (
    <Card title={text.preview}>
      {person ? (
        <PeopleSteps people={audience} place={place} lackingKey={shown.lackingKey} onMove={setIndex} />
      ) : (
        <p className={classes(typography.small, typography.quiet)}>
          {maySeeMany ? text.nobodyToShow : text.anybodyShown}
        </p>
      )}
      {fault && faultsBeside ? (
        <Callout tone="bad" title={text.notYet} />
      ) : error ? (
        <Problem error={error} title={fault ? text.notYet : text.previewFailed} onRetry={() => void refetch()} />
      ) : (
        rendered && <Rendered message={rendered} isOld={!settled.current || isPlaceholderData} />
      )}
      {maySeeMany && !error && shown.lacking !== null && shown.lacking > 0 && (
        <p className={classes(typography.note, layout.above4)} data-testid="lacking">
          {text.lacking(shown.lacking)}
        </p>
      )}
      {children?.(person)}
    </Card>
  );
}

/** `isOld` while it is still the text of before, for another person or another message. */
function Rendered({ message, isOld }: { message: RenderedMessage; isOld: boolean }) {
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a text to read, not controls of a form. */}
      <div
        className={classes(letter.letter, isOld && layout.stale)}
        role="group"
        dir="auto"
        aria-label={text.previewLabel}
        aria-live="polite"
        aria-busy={isOld}
        data-testid="message-preview"
      >
        {message.subject && <p className={letter.subject}>{message.subject}</p>}
        <p className={letter.body}>{message.body}</p>
      </div>
      {message.warnings.length > 0 && (
        <Alert tone="warn" role="status">
          <ul>
            {message.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      )}
    </>
  );
}

/** The message once it has rested; `current` while that is the one on the screen. */
function useSettled(message: Message): { message: Message; current: boolean } {
  const key = JSON.stringify(message);
  const settled = useDebounced(key, 300);
  const resting = useMemo(() => JSON.parse(settled) as Message, [settled]);
  return { message: resting, current: settled === key };
}

/** The message for each of the people, so that going on to the next one asks nobody; for anybody where there are none. */
function useRendered(message: Message, people: CustomerBrief[]) {
  const customerKeys = people.map((one) => one.key);
  return useQuery({
    ...messagesQuery(message, customerKeys),
    enabled: message.body.trim() !== "",
    placeholderData: keepPreviousData,
  });
}
