import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useId, useMemo, useState } from "react";

import { previewAudience, previewMessage } from "../api/endpoints";
import { ApiError } from "../api/http";
import type { Channel, CustomerBrief, Message, RenderedMessage } from "../api/types";
import type { Field } from "../audience/fields";
import { useFields } from "../audience/useFields";
import type { WireGroup } from "../audience/wire";
import { plural } from "../ui/format";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { useDebounced } from "../ui/useDebounced";
import { fieldsIn, lackingRules } from "./lacking";

interface Props {
  message: Message;
  channel: Channel;
  rules: WireGroup;
  /** Some people of the audience. One who lacks a field of the message is added to them. */
  people: CustomerBrief[];
  /** Told whether the message, as it stands, can be sent. */
  onJudged?: (isSound: boolean) => void;
}

/** The message as the server will send it, for one person of the audience after the other. */
export function MessagePreview({ message, channel, rules, people, onJudged }: Props) {
  const [index, setIndex] = useState(0);
  const settled = useSettled(message);
  const lacking = useLacking(settled.message, rules, channel);
  const shown = merged(people, lacking?.sample[0]);
  const place = Math.max(0, Math.min(index, shown.length - 1));
  const { data, error, isPlaceholderData, refetch } = useRendered(settled.message, shown[place]?.customer_id ?? null);
  const isSound = settled.current && !isPlaceholderData && !error && data !== undefined;
  useEffect(() => onJudged?.(isSound), [isSound, onJudged]);
  return (
    <Card title="Preview">
      {shown.length > 0 && <People people={shown} place={place} lacking={lacking?.sample[0]} onMove={setIndex} />}
      {error ? (
        <Problem error={error} title={titleOf(error)} onRetry={() => void refetch()} />
      ) : (
        data && <Rendered message={data} />
      )}
      {lacking && lacking.matched > 0 && (
        <p className="small text-body-secondary mt-3 mb-0">
          {plural(lacking.matched, "person", "people")} of this audience {lacking.matched === 1 ? "lacks" : "lack"} a
          field of this message. The list above has one of them.
        </p>
      )}
    </Card>
  );
}

interface PeopleProps {
  people: CustomerBrief[];
  place: number;
  lacking: CustomerBrief | undefined;
  onMove: (place: number) => void;
}

function People({ people, place, lacking, onMove }: PeopleProps) {
  const choice = useId();
  return (
    <div className="preview-steps">
      <button
        type="button"
        className="btn btn-sm btn-outline-secondary"
        disabled={place === 0}
        onClick={() => onMove(place - 1)}
      >
        Previous
      </button>
      <div>
        <label className="visually-hidden" htmlFor={choice}>
          Preview as
        </label>
        <select
          id={choice}
          className="form-select form-select-sm"
          value={place}
          onChange={(event) => onMove(Number(event.target.value))}
        >
          {people.map((one, at) => (
            <option key={one.customer_id} value={at}>
              {one.name ?? one.customer_id}
              {one.customer_id === lacking?.customer_id && " (lacks something)"}
            </option>
          ))}
        </select>
      </div>
      <button
        type="button"
        className="btn btn-sm btn-outline-secondary"
        disabled={place === people.length - 1}
        onClick={() => onMove(place + 1)}
      >
        Next
      </button>
    </div>
  );
}

function Rendered({ message }: { message: RenderedMessage }) {
  return (
    <>
      <div className="letter" data-testid="message-preview">
        {message.subject && <p className="fw-semibold">{message.subject}</p>}
        <p className="letter-body">{message.body}</p>
      </div>
      {message.warnings.length > 0 && (
        <div className="alert alert-warning mt-3 mb-0" role="status">
          <ul className="mb-0 ps-3">
            {message.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </div>
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

function useRendered(message: Message, customerId: string | null) {
  return useQuery({
    queryKey: ["message", message, customerId],
    queryFn: ({ signal }) => previewMessage(message, customerId, signal),
    enabled: message.body.trim() !== "",
    placeholderData: keepPreviousData,
  });
}

function useLacking(message: Message, rules: WireGroup, channel: Channel) {
  const known = useFields().data;
  const asked =
    known &&
    lackingRules(
      rules,
      fieldsIn(message).filter((name) => canLack(name, known)),
    );
  const found = useQuery({
    queryKey: ["audience", channel, asked],
    queryFn: ({ signal }) => previewAudience(asked ?? rules, channel, signal),
    enabled: Boolean(asked),
    placeholderData: keepPreviousData,
  });
  return asked ? found.data : undefined;
}

function canLack(name: string, fields: readonly Field[]): boolean {
  const field = fields.find((one) => one.name === name);
  return field !== undefined && field.operators.some((operator) => operator.name === "null");
}

function merged(people: CustomerBrief[], lacking: CustomerBrief | undefined): CustomerBrief[] {
  const isThere = people.some((one) => one.customer_id === lacking?.customer_id);
  return lacking && !isThere ? [...people, lacking] : people;
}

const isAtFault = (error: unknown) => error instanceof ApiError && error.status === 422;

const titleOf = (error: unknown) =>
  isAtFault(error) ? "This message cannot be sent yet" : "The preview could not be made";
