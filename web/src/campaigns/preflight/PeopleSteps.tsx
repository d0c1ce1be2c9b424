import { useId } from "react";

import type { CustomerBrief } from "../../api/types";
import { newCampaignText as text } from "../../texts/newCampaign";

interface Props {
  people: CustomerBrief[];
  place: number;
  lackingId: string | null;
  onMove: (place: number) => void;
}

/** For whom the message is shown: one after the other, or one chosen from the list. */
export function PeopleSteps({ people, place, lackingId, onMove }: Props) {
  const choice = useId();
  return (
    <div className="preview-steps">
      <button
        type="button"
        className="btn btn-sm btn-outline-secondary"
        aria-label={text.previousPerson}
        disabled={place === 0}
        onClick={() => onMove(place - 1)}
      >
        {text.previous}
      </button>
      <div>
        <label className="visually-hidden" htmlFor={choice}>
          {text.previewAs}
        </label>
        <select
          id={choice}
          className="form-select form-select-sm"
          value={place}
          onChange={(event) => onMove(Number(event.target.value))}
        >
          {people.map((one, at) => (
            <option key={one.customer_id} value={at}>
              {wordsOf(one, lackingId)}
            </option>
          ))}
        </select>
      </div>
      <span className="small text-body-secondary text-nowrap">{text.previewPlace(place + 1, people.length)}</span>
      <button
        type="button"
        className="btn btn-sm btn-outline-secondary"
        aria-label={text.nextPerson}
        disabled={place === people.length - 1}
        onClick={() => onMove(place + 1)}
      >
        {text.next}
      </button>
    </div>
  );
}

function wordsOf(person: CustomerBrief, lackingId: string | null): string {
  const name = person.name ?? person.customer_id;
  return person.customer_id === lackingId ? text.lacksSomething(name) : name;
}
