import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";

import { membersQuery } from "../api/settings";
import { auditText } from "../texts/audit";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import type { FilterName } from "./auditEvents";

const { filters: words } = auditText;

interface Props {
  parameters: URLSearchParams;
  onChange: (name: FilterName, value: string) => void;
}

/** Which events are shown; the page's address says it, so that it can be handed on. */
export function AuditFilters({ parameters, onChange }: Props) {
  const members = useQuery(membersQuery).data?.data ?? [];
  const actors: [id: string, name: string][] = [
    ...members.map(({ id, email }): [string, string] => [id, email]),
    ...Object.entries(auditText.itself),
  ];
  const actor = parameters.get("actor") ?? "";
  const isKnown = actor === "" || actors.some(([id]) => id === actor);
  return (
    <search className={classes(forms.line, layout.below4)} aria-label={words.label}>
      <Choice
        label={words.action}
        value={parameters.get("action") ?? ""}
        onChange={(value) => onChange("action", value)}
      >
        <option value="">{words.anyAction}</option>
        {Object.entries(auditText.actions).map(([action, name]) => (
          <option key={action} value={action}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice label={words.actor} value={actor} onChange={(value) => onChange("actor", value)}>
        <option value="">{words.anyActor}</option>
        {actors.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
        {!isKnown && <option value={actor}>{words.formerMember}</option>}
      </Choice>
      <Day label={words.since} value={parameters.get("since")} onChange={(value) => onChange("since", value)} />
      <Day label={words.until} value={parameters.get("until")} onChange={(value) => onChange("until", value)} />
    </search>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  const id = useId();
  return (
    <div>
      <label className={forms.label} htmlFor={id}>
        {label}
      </label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {children}
      </select>
    </div>
  );
}

function Day({ label, value, onChange }: { label: string; value: string | null; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div>
      <label className={forms.label} htmlFor={id}>
        {label}
      </label>
      <input type="date" id={id} value={value ?? ""} onChange={({ target }) => onChange(target.value)} />
    </div>
  );
}
