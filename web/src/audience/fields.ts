/** The catalogue of fields, as the server names them and as the builder needs them. */

import type { CatalogueEntry, Choice } from "../api/types";
import { capitalized } from "../texts/format";
import { BIRTHDAY, BIRTHDAY_OPERATORS, SPAN_OPERATORS } from "./operators";

export type Kind = "text" | "number" | "date" | "boolean" | "tags" | "orders";

/** A field that a rule may speak of. `values` are suggestions, or all there are if `closed`; `fields` are an order's. */
export interface Field {
  name: string;
  label: string;
  kind: Kind;
  operators: Choice[];
  values: Choice[];
  closed: boolean;
  fields: Field[];
}

export function fieldsOf(catalogue: readonly CatalogueEntry[]): Field[] {
  return catalogue.map(({ name, label, kind, kinds = [], operators = [], values = [], subproperties }) => ({
    name,
    label: capitalized(label),
    // A value typed as text fits whatever sort of value a customer has.
    kind: kinds.length > 1 ? "text" : (KINDS[kind] ?? "text"),
    operators,
    values,
    closed: kind === "choice",
    fields: fieldsOf(subproperties?.fields ?? []),
  }));
}

/** The comparisons that the builder offers on a field: its own wordings first, then the server's. */
export function operatorsOf(field: Field): Choice[] {
  if (field.name === BIRTHDAY) return [...BIRTHDAY_OPERATORS, ...field.operators];
  return field.kind === "date" ? [...SPAN_OPERATORS, ...field.operators] : field.operators;
}

/** `attributes.loyalty_level` → `Loyalty level`. */
export function humanize(name: string): string {
  return capitalized((name.split(".").at(-1) ?? name).replaceAll("_", " "));
}

const KINDS: Record<string, Kind> = {
  number: "number",
  money: "number",
  day: "date",
  instant: "date",
  flag: "boolean",
  tags: "tags",
  orders: "orders",
};
