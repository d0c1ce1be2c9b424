import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";

import { variablesQuery } from "../../api/campaigns";
import { newCampaignText as text } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import forms from "../../ui/forms.module.css";
import layout from "../../ui/layout.module.css";
import { Problem } from "../../ui/Problem";
import { UNSUBSCRIBE } from "../shared/unsubscribe";

/** A field of the customer, put where the cursor stands. Chosen and inserted are two steps: arrows only choose. */
export function FieldPicker({ onPick }: { onPick: (field: string) => void }) {
  const [chosen, setChosen] = useState("");
  const id = useId();
  const variables = useQuery(variablesQuery);
  return (
    <div className={layout.above4}>
      <label className={forms.label} htmlFor={id}>
        {text.fieldPicker}
      </label>
      <div className={classes(forms.pair, forms.medium)}>
        <select id={id} value={chosen} onChange={(event) => setChosen(event.target.value)}>
          <option value="">{text.pickField}</option>
          {variables.data?.data.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
          <option value={UNSUBSCRIBE}>{text.unsubscribeLink}</option>
        </select>
        <button type="button" className={button("accent")} disabled={chosen === ""} onClick={() => onPick(chosen)}>
          {text.insert}
        </button>
      </div>
      {variables.error && (
        <Problem error={variables.error} title={text.variablesFailed} onRetry={() => void variables.refetch()} />
      )}
    </div>
  );
}
