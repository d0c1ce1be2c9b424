import type { MatchModeEditorProps } from "react-querybuilder";

import type { MatchMode } from "../api/types";
import { audienceText as text } from "../texts/audience";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import { NumberInput } from "./NumberInput";
import styles from "./RuleBuilder.module.css";
import type { Measure } from "./tree";

const MODES = Object.entries(text.modes) as [MatchMode, string][];

/** How many orders, or orders of how much in total. */
export function MeasureEditor({ match, handleOnChange }: MatchModeEditorProps) {
  const measure = match as Measure;
  const { mode, threshold, sum } = measure;
  const change = (next: Measure) => handleOnChange(next);
  return (
    <span className={classes(styles.values, styles.measure)}>
      <select
        className={forms.small}
        aria-label={text.measured}
        value={sum ?? "count"}
        onChange={(event) => change(measuredBy(event.target.value, measure))}
      >
        <option value="count">{text.howManyOrders}</option>
        <option value="amount">{text.totalAmount}</option>
      </select>
      <select
        className={forms.small}
        aria-label={sum ? text.modeOfSum : text.modeOfCount}
        value={mode}
        onChange={(event) => change({ ...measure, mode: event.target.value as MatchMode })}
      >
        {MODES.filter(([name]) => !sum || name !== "none").map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
      {mode !== "none" && (
        <NumberInput
          name={sum ? text.amountOfOrders : text.numberOfOrders}
          min={0}
          {...(sum ? {} : { step: 1 })}
          value={threshold}
          onChange={(amount) => change({ ...measure, threshold: amount === "" ? null : amount })}
        />
      )}
      <span aria-hidden="true">{sum ? text.sumWhere : text.ordersWhere}</span>
    </span>
  );
}

function measuredBy(what: string, { mode, threshold }: Measure): Measure {
  if (what !== "amount") return { mode, threshold };
  return { mode: mode === "none" ? "atLeast" : mode, threshold, sum: "amount" };
}
