import { useId, useState } from "react";

import { type Field, humanize } from "../../audience/fields";
import { newCampaignText as text } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import forms from "../../ui/forms.module.css";
import layout from "../../ui/layout.module.css";
import { UNSUBSCRIBE } from "./draft";

const PLAIN = [
  "first_name",
  "name",
  "email",
  "phone",
  "city",
  "country",
  "birthday",
  "total_spend",
  "order_count",
  "last_order_at",
  "visits",
];

/** A field of the customer, put where the cursor stands. Chosen and inserted are two steps: arrows only choose. */
export function FieldPicker({ fields, onPick }: { fields: Field[]; onPick: (field: string) => void }) {
  const [chosen, setChosen] = useState("");
  const id = useId();
  const attributes = fields.map((field) => field.name).filter((name) => name.startsWith("attributes."));
  return (
    <div className={layout.above4}>
      <label className={forms.label} htmlFor={id}>
        {text.fieldPicker}
      </label>
      <div className={classes(forms.pair, forms.medium)}>
        <select id={id} value={chosen} onChange={(event) => setChosen(event.target.value)}>
          <option value="">{text.pickField}</option>
          {[...PLAIN, ...attributes].map((field) => (
            <option key={field} value={field}>
              {humanize(field)}
            </option>
          ))}
          <option value={UNSUBSCRIBE}>{text.unsubscribeLink}</option>
        </select>
        <button type="button" className={button("accent")} disabled={chosen === ""} onClick={() => onPick(chosen)}>
          {text.insert}
        </button>
      </div>
    </div>
  );
}
