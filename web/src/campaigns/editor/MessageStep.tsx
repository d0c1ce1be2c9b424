import { useCallback, useId, useRef, useState } from "react";

import type { ApiError } from "../../api/http";
import type { WireGroup } from "../../api/types";
import { useLimits } from "../../session/useLimits";
import { newCampaignText as text } from "../../texts/newCampaign";
import { Alert } from "../../ui/Badge";
import { button } from "../../ui/button";
import forms from "../../ui/forms.module.css";
import layout from "../../ui/layout.module.css";
import { Card } from "../../ui/Page";
import typography from "../../ui/typography.module.css";
import { MessagePreview } from "../preflight/MessagePreview";
import { SendTest } from "../preflight/SendTest";
import { lacksUnsubscribe, UNSUBSCRIBE } from "../shared/unsubscribe";
import { hasSubject, inserted, messageOf, placeholderOf } from "./draft";
import { Faults } from "./Faults";
import { FieldPicker } from "./FieldPicker";
import styles from "./MessageStep.module.css";
import { offsetOf } from "./places";
import type { StepProps } from "./step";

interface Props extends StepProps {
  rules: WireGroup;
}

type Part = "subject" | "body";

/** What to say, and how it reads for people of the audience. */
export function MessageStep({ draft, change, count, go, keep, isKept, rules }: Props) {
  const [isSound, setSound] = useState(false);
  const [fault, setFault] = useState<ApiError | null>(null);
  const id = useId();
  const limits = useLimits();
  const subject = useRef<HTMLInputElement>(null);
  const body = useRef<HTMLTextAreaElement>(null);
  // Where the cursor was left; before it was anywhere, a field goes to the end of the text.
  const caret = useRef<{ part: Part; start: number; end: number } | null>(null);
  const judged = useCallback((sound: boolean, found: ApiError | null) => {
    setSound(sound);
    setFault(found);
  }, []);
  const select = (part: Part, start: number, end: number) => {
    const input = (part === "subject" ? subject : body).current;
    input?.focus();
    input?.setSelectionRange(start, end);
  };
  const insert = (field: string) => {
    const { part, start, end } = caret.current ?? { part: "body", start: draft.body.length, end: draft.body.length };
    const next = inserted(draft[part], placeholderOf(field), start, end);
    change({ [part]: next.text });
    requestAnimationFrame(() => select(part, next.cursor, next.cursor));
  };
  const addUnsubscribe = () =>
    change({ body: draft.body.trimEnd() + text.unsubscribeLine(placeholderOf(UNSUBSCRIBE)) });
  const left = (part: Part) => ({
    onBlur: ({ target }: { target: HTMLInputElement | HTMLTextAreaElement }) => {
      const end = target.value.length;
      caret.current = { part, start: target.selectionStart ?? end, end: target.selectionEnd ?? end };
    },
  });
  const ready = isSound && draft.body.trim() !== "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        go("check");
      }}
    >
      <div className={layout.halves}>
        <Card title={text.messageCard}>
          {hasSubject(draft.channel) && (
            <div className={layout.below4}>
              <label className={forms.label} htmlFor={`${id}subject`}>
                {text.subject}
              </label>
              <input
                id={`${id}subject`}
                ref={subject}
                required
                maxLength={limits?.message_subject}
                value={draft.subject}
                onChange={(event) => change({ subject: event.target.value })}
                {...left("subject")}
              />
            </div>
          )}
          <label className={forms.label} htmlFor={`${id}body`}>
            {text.body}
          </label>
          <textarea
            id={`${id}body`}
            ref={body}
            className={styles.body}
            rows={11}
            required
            spellCheck
            aria-describedby={fault ? `${id}faults` : undefined}
            aria-invalid={fault ? true : undefined}
            value={draft.body}
            onChange={(event) => change({ body: event.target.value })}
            {...left("body")}
          />
          {limits && draft.body.length > limits.message_body && (
            <p className={forms.fault}>{text.bodyTooLong(draft.body.length, limits.message_body)}</p>
          )}
          <Faults
            id={`${id}faults`}
            fault={fault}
            onGoTo={(part, place) => {
              const at = offsetOf(draft[part], place);
              select(part, at, at + 1);
            }}
          />
          {lacksUnsubscribe(draft) && (
            <Alert tone="warn" role="note">
              <p className={layout.below2}>{text.lacksUnsubscribe}</p>
              <button type="button" className={button("accent", "small")} onClick={addUnsubscribe}>
                {text.addUnsubscribe}
              </button>
            </Alert>
          )}
          <FieldPicker onPick={insert} />
        </Card>
        <MessagePreview
          message={messageOf(draft)}
          channel={draft.channel}
          rules={rules}
          people={count.preview?.sample ?? []}
          onJudged={judged}
          faultsBeside
        >
          {(shown) => <SendTest shown={shown} disabled={!ready} keep={keep} isKept={isKept} />}
        </MessagePreview>
      </div>
      <div className={layout.actions}>
        <button type="button" className={button("neutral")} onClick={() => go("audience")}>
          {text.toAudience}
        </button>
        <button type="submit" className={button("primary")} disabled={!ready}>
          {text.toCheck}
        </button>
        {!ready && <p className={typography.aside}>{draft.body.trim() === "" ? text.needsBody : text.needsSound}</p>}
      </div>
    </form>
  );
}
