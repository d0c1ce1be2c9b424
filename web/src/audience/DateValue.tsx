import type { RelativeDate, Unit } from "../api/types";
import { audienceText as text } from "../texts/audience";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import { NumberInput } from "./NumberInput";
import styles from "./RuleBuilder.module.css";
import { UnitSelect } from "./UnitSelect";
import { isRelative, relative } from "./wire";

interface Props {
  name: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

const MONTH_AGO = relative(-1, "month");

/** A date from the calendar, or so long before or after now. */
export function DateValue({ name, value, onChange }: Props) {
  return (
    <span className={styles.values}>
      <select
        className={forms.small}
        aria-label={text.howGiven(name)}
        value={isRelative(value) ? "relative" : "absolute"}
        onChange={(event) => onChange(event.target.value === "relative" ? MONTH_AGO : "")}
      >
        <option value="absolute">{text.onCalendar}</option>
        <option value="relative">{text.fromNow}</option>
      </select>
      {isRelative(value) ? (
        <Relative name={name} value={value} onChange={onChange} />
      ) : (
        <input
          type="date"
          className={classes(forms.small, styles.value)}
          aria-label={name}
          value={typeof value === "string" ? value.slice(0, 10) : ""}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </span>
  );
}

function Relative({ name, value, onChange }: Props & { value: RelativeDate }) {
  const isFuture = value.offset > 0;
  const change = (amount: number, future: boolean, unit: Unit) => onChange(relative(future ? amount : -amount, unit));
  return (
    <>
      <NumberInput
        name={text.amountOf(name)}
        min={0}
        step={1}
        value={Number.isInteger(value.offset) ? Math.abs(value.offset) : ""}
        onChange={(amount) => change(amount === "" ? NaN : amount, isFuture, value.unit)}
      />
      <UnitSelect
        name={text.unitOf(name)}
        unit={value.unit}
        onChange={(unit) => change(Math.abs(value.offset), isFuture, unit)}
      />
      <select
        className={forms.small}
        aria-label={text.sideOf(name)}
        value={isFuture ? "after" : "before"}
        onChange={(event) => change(Math.abs(value.offset), event.target.value === "after", value.unit)}
      >
        <option value="before">{text.ago}</option>
        <option value="after">{text.ahead}</option>
      </select>
    </>
  );
}
