import type { Unit } from "../api/types";
import forms from "../ui/forms.module.css";

const UNITS: Unit[] = ["hour", "day", "week", "month", "year"];

interface Props {
  name: string;
  unit: Unit;
  onChange: (unit: Unit) => void;
}

export function UnitSelect({ name, unit, onChange }: Props) {
  return (
    <select
      className={forms.small}
      aria-label={name}
      value={unit}
      onChange={(event) => onChange(event.target.value as Unit)}
    >
      {UNITS.map((one) => (
        <option key={one} value={one}>
          {one}s
        </option>
      ))}
    </select>
  );
}
