import { useId } from "react";

import type { CustomerBrief } from "../../api/types";
import { newCampaignText as text } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import forms from "../../ui/forms.module.css";
import typography from "../../ui/typography.module.css";
import styles from "./PeopleSteps.module.css";

interface Props {
  people: CustomerBrief[];
  place: number;
  lackingKey: string | null;
  onMove: (place: number) => void;
}

/** For whom the message is shown: one after the other, or one chosen from the list. */
export function PeopleSteps({ people, place, lackingKey, onMove }: Props) {
  const choice = useId();
  return (
    <div className={styles.steps}>
      <button
        type="button"
        className={button("neutral", "small")}
        aria-label={text.previousPerson}
        disabled={place === 0}
        onClick={() => onMove(place - 1)}
      >
        {text.previous}
      </button>
      <div>
        <label className={typography.hidden} htmlFor={choice}>
          {text.previewAs}
        </label>
        <select
          id={choice}
          className={forms.small}
          value={place}
          onChange={(event) => onMove(Number(event.target.value))}
        >
          {people.map((one, at) => (
            <option key={one.key} value={at}>
              {wordsOf(one, lackingKey)}
            </option>
          ))}
        </select>
      </div>
      <span className={classes(typography.small, typography.quiet, typography.nowrap)}>
        {text.previewPlace(place + 1, people.length)}
      </span>
      <button
        type="button"
        className={button("neutral", "small")}
        aria-label={text.nextPerson}
        disabled={place === people.length - 1}
        onClick={() => onMove(place + 1)}
      >
        {text.next}
      </button>
    </div>
  );
}

function wordsOf(person: CustomerBrief, lackingKey: string | null): string {
  const name = person.name ?? person.customer_id;
  return person.key === lackingKey ? text.lacksSomething(name) : name;
}
