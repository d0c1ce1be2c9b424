import { useId, useRef, useState } from "react";

import { humanize, type Field } from "../audience/fields";
import type { WireGroup } from "../audience/wire";
import { Card } from "../ui/Page";
import { hasSubject, inserted, messageOf, placeholderOf } from "./draft";
import { MessagePreview } from "./MessagePreview";
import type { StepProps } from "./step";

interface Props extends StepProps {
  rules: WireGroup;
  fields: Field[];
}

/** What to say, and how it reads for people of the audience. */
export function MessageStep({ draft, change, count, go, rules, fields }: Props) {
  const [isSound, setSound] = useState(false);
  const id = useId();
  const body = useRef<HTMLTextAreaElement>(null);
  // Where the cursor was left; before it was anywhere, a field goes to the end.
  const caret = useRef<[start: number, end: number] | null>(null);
  const insert = (field: string) => {
    const [start, end] = caret.current ?? [draft.body.length, draft.body.length];
    const next = inserted(draft.body, placeholderOf(field), start, end);
    change({ body: next.text });
    requestAnimationFrame(() => {
      body.current?.focus();
      body.current?.setSelectionRange(next.cursor, next.cursor);
    });
  };
  const ready = isSound && draft.body.trim() !== "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        go(2);
      }}
    >
      <div className="halves">
        <Card title="Message">
          {hasSubject(draft.channel) && (
            <div className="mb-3">
              <label className="form-label" htmlFor={`${id}subject`}>
                Subject
              </label>
              <input
                id={`${id}subject`}
                className="form-control"
                required
                value={draft.subject}
                onChange={(event) => change({ subject: event.target.value })}
              />
            </div>
          )}
          <label className="form-label" htmlFor={`${id}body`}>
            Text
          </label>
          <textarea
            id={`${id}body`}
            ref={body}
            className="form-control message-body"
            rows={9}
            required
            value={draft.body}
            onChange={(event) => change({ body: event.target.value })}
            onBlur={({ target }) => (caret.current = [target.selectionStart, target.selectionEnd])}
          />
          <FieldPicker fields={fields} onPick={insert} />
        </Card>
        <MessagePreview
          message={messageOf(draft)}
          channel={draft.channel}
          rules={rules}
          people={count.preview?.sample ?? []}
          onJudged={setSound}
        />
      </div>
      <div className="page-actions">
        <button type="button" className="btn btn-outline-secondary" onClick={() => go(0)}>
          Back to the audience
        </button>
        <button type="submit" className="btn btn-primary" disabled={!ready}>
          Continue to the review
        </button>
      </div>
    </form>
  );
}

const PLAIN = [
  "first_name",
  "name",
  "email",
  "city",
  "country",
  "birthday",
  "total_spend",
  "order_count",
  "last_order_at",
  "visits",
];

function FieldPicker({ fields, onPick }: { fields: Field[]; onPick: (field: string) => void }) {
  const id = useId();
  const attributes = fields.map((field) => field.name).filter((name) => name.startsWith("attributes."));
  return (
    <div className="mt-3 name-input">
      <label className="form-label" htmlFor={id}>
        Insert a field of the customer
      </label>
      <select id={id} className="form-select" value="" onChange={(event) => onPick(event.target.value)}>
        <option value="" disabled>
          Choose a field…
        </option>
        {[...PLAIN, ...attributes].map((field) => (
          <option key={field} value={field}>
            {humanize(field)}
          </option>
        ))}
      </select>
    </div>
  );
}
