import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import styles from "./RuleBuilder.module.css";

interface Props {
  name: string;
  value: unknown;
  onChange: (value: number | "") => void;
  min?: number;
  step?: number;
}

/** A number typed in; "" while there is none. */
export function NumberInput({ name, value, onChange, min, step }: Props) {
  return (
    <input
      type="number"
      className={classes(forms.small, styles.value)}
      aria-label={name}
      min={min}
      step={step ?? "any"}
      value={typeof value === "number" && Number.isFinite(value) ? value : ""}
      onChange={(event) => onChange(event.target.value === "" ? "" : event.target.valueAsNumber)}
    />
  );
}
