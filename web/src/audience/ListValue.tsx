import { useId, useState } from "react";

import type { Scalar } from "../api/types";
import { audienceText as text } from "../texts/audience";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import { Icon } from "../ui/Icon";
import typography from "../ui/typography.module.css";
import type { Field } from "./fields";
import styles from "./RuleBuilder.module.css";

interface Props {
  value: unknown;
  field: Field;
  onChange: (value: Scalar[]) => void;
}

/** Several values, each added with Enter or by leaving the input. */
export function ListValue({ value, field, onChange }: Props) {
  const [draft, setDraft] = useState("");
  const suggestions = useId();
  const values = Array.isArray(value) ? (value as Scalar[]) : [];
  const add = () => {
    const added = parsed(draft, field);
    if (added === null) return;
    setDraft("");
    if (!values.includes(added)) onChange([...values, added]);
  };
  return (
    <span className={styles.values}>
      {values.map((one) => (
        <span key={String(one)} className={styles.chip}>
          {String(one)}
          <button type="button" onClick={() => onChange(values.filter((other) => other !== one))}>
            <Icon name="cross" />
            <span className={typography.hidden}>{text.removeValue(String(one))}</span>
          </button>
        </span>
      ))}
      <input
        type={field.kind === "number" ? "number" : field.kind === "date" ? "date" : "text"}
        step="any"
        className={classes(forms.small, styles.value)}
        aria-label={text.addValue}
        placeholder={text.addValueShort}
        list={suggestions}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          add();
        }}
      />
      <datalist id={suggestions}>
        {field.values.map((choice) => (
          <option key={choice.name} value={choice.name} />
        ))}
      </datalist>
    </span>
  );
}

function parsed(draft: string, field: Field): Scalar | null {
  const typed = draft.trim();
  if (typed === "") return null;
  if (field.kind !== "number") return typed;
  return Number.isFinite(Number(typed)) ? Number(typed) : null;
}
