import { audienceText as text } from "../texts/audience";
import { NumberInput } from "./NumberInput";
import styles from "./RuleBuilder.module.css";
import { UnitSelect } from "./UnitSelect";
import { isRelative, relative } from "./wire";

interface Props {
  value: unknown;
  onChange: (value: unknown) => void;
}

/** How long before now: "90 days". Stored as a relative date. */
export function SpanValue({ value, onChange }: Props) {
  const { offset, unit } = isRelative(value) ? value : relative(NaN, "day");
  return (
    <span className={styles.values}>
      <NumberInput
        name={text.howLong}
        min={0}
        step={1}
        value={Number.isInteger(offset) ? Math.abs(offset) : ""}
        onChange={(amount) => onChange(relative(amount === "" ? NaN : -amount, unit))}
      />
      <UnitSelect name={text.unit} unit={unit} onChange={(next) => onChange(relative(offset, next))} />
    </span>
  );
}
