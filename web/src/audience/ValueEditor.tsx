import { type ReactNode, useId } from "react";
import type { FullField, ValueEditorProps } from "react-querybuilder";

import type { Choice } from "../api/types";
import { audienceText as text } from "../texts/audience";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import { DateValue } from "./DateValue";
import type { Field } from "./fields";
import { ListValue } from "./ListValue";
import { NumberInput } from "./NumberInput";
import { isBare, isBetween, isList, isSpan, NEXT_DAYS } from "./operators";
import styles from "./RuleBuilder.module.css";
import { SpanValue } from "./SpanValue";
import { isRelative } from "./wire";

/** The editor of a rule's value: one for each kind of field and shape of operator. */
export function ValueEditor({ operator, value, handleOnChange, fieldData }: ValueEditorProps) {
  const field = fieldOf(fieldData);
  if (!field || isBare(operator)) return null;
  if (isSpan(operator)) return <SpanValue value={value} onChange={handleOnChange} />;
  if (operator === NEXT_DAYS) return <Days value={value} onChange={handleOnChange} />;
  if (isList(operator)) return <ListValue value={value} field={field} onChange={handleOnChange} />;
  if (isBetween(operator)) {
    const [from, to] = Array.isArray(value) ? (value as unknown[]) : ["", ""];
    return (
      <Labelled>
        <Single field={field} name={text.from} value={from} onChange={(next) => handleOnChange([next, to ?? ""])} />
        <span aria-hidden="true">{text.and}</span>
        <Single field={field} name={text.to} value={to} onChange={(next) => handleOnChange([from ?? "", next])} />
      </Labelled>
    );
  }
  return <Single field={field} name={text.value} value={value} onChange={handleOnChange} />;
}

interface EditorProps {
  value: unknown;
  onChange: (value: unknown) => void;
}

function Single({ field, name, value, onChange }: EditorProps & { field: Field; name: string }) {
  if (isRelative(value)) return <DateValue name={name} value={value} onChange={onChange} />;
  switch (field.kind) {
    case "number":
      return <NumberInput name={name} value={value} onChange={onChange} />;
    case "date":
      return <DateValue name={name} value={value} onChange={onChange} />;
    case "boolean":
      return (
        <select
          className={classes(forms.small, styles.value)}
          aria-label={name}
          value={value === false ? "no" : "yes"}
          onChange={(event) => onChange(event.target.value === "yes")}
        >
          <option value="yes">{text.yes}</option>
          <option value="no">{text.no}</option>
        </select>
      );
    default:
      return field.closed ? (
        <OneOf name={name} choices={field.values} value={value} onChange={onChange} />
      ) : (
        <Text name={name} choices={field.values} value={value} onChange={onChange} />
      );
  }
}

function OneOf({ name, choices, value, onChange }: EditorProps & { name: string; choices: Choice[] }) {
  return (
    <select
      className={classes(forms.small, styles.value)}
      aria-label={name}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{text.choose}</option>
      {choices.map((choice) => (
        <option key={choice.name} value={choice.name}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}

function Text({ name, choices, value, onChange }: EditorProps & { name: string; choices: Choice[] }) {
  const suggestions = useId();
  return (
    <>
      <input
        type="text"
        className={classes(forms.small, styles.value)}
        aria-label={name}
        list={choices.length > 0 ? suggestions : undefined}
        value={typeof value === "string" ? value : ""}
        onChange={(event) => onChange(event.target.value)}
      />
      {choices.length > 0 && (
        <datalist id={suggestions}>
          {choices.map((choice) => (
            <option key={choice.name} value={choice.name} />
          ))}
        </datalist>
      )}
    </>
  );
}

function Days({ value, onChange }: EditorProps) {
  return (
    <Labelled>
      <NumberInput name={text.days} min={0} step={1} value={value} onChange={onChange} />
      <span aria-hidden="true">{text.daysAfter}</span>
    </Labelled>
  );
}

function Labelled({ children }: { children: ReactNode }) {
  return <span className={styles.values}>{children}</span>;
}

function fieldOf(fieldData: FullField): Field | null {
  return (fieldData.field as Field | undefined) ?? null;
}
