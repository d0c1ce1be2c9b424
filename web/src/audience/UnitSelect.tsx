import type { Unit } from "../api/types";

const UNITS: Unit[] = ["hour", "day", "week", "month", "year"];

interface Props {
  name: string;
  unit: Unit;
  onChange: (unit: Unit) => void;
}

export function UnitSelect({ name, unit, onChange }: Props) {
  return (
    <select
      className="form-select form-select-sm"
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
