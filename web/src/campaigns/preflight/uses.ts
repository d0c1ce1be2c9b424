/** Which fields of a customer a message shows, and which recipients lack one of them: pure. */

import type { Message, WireGroup } from "../../api/types";
import type { Field } from "../../audience/fields";

/** A field in a message. `rule` is its name in rules; `fallback` what is read in its place, null for nothing. */
export interface Use {
  field: string;
  rule: string;
  fallback: string | null;
}

const VARIABLE = /customer\.((?:attributes\.)?\w+)/g;
const OUTPUT = /\{\{-?\s*customer\.((?:attributes\.)?\w+)([^}]*)\}\}/g;
const DEFAULT = /\|\s*default:\s*(?:'([^']*)'|"([^"]*)")/;

/** The fields that the message's templates speak of, in their order. */
export function usesOf({ subject, body }: Message): Use[] {
  const text = `${subject ?? ""}\n${body}`;
  const fallbacks = fallbacksOf(text);
  const fields = new Set([...text.matchAll(VARIABLE)].map(([, name = ""]) => name));
  return [...fields].map((field) => ({ field, rule: ruleOf(field), fallback: fallbacks.get(field) ?? null }));
}

/** Who of `rules` lacks one of `fields`, named as in rules; null where no field is asked for. */
export function lackingRules(rules: WireGroup, fields: readonly string[]): WireGroup | null {
  const asked = [...new Set(fields)].map((field) => ({ field, operator: "null" }));
  if (asked.length === 0) return null;
  const lacking: WireGroup = { combinator: "or", rules: asked };
  return rules.all ? lacking : { combinator: "and", rules: [rules, lacking] };
}

/** Whether somebody may be without the field. */
export function canLack(rule: string, fields: readonly Field[]): boolean {
  const field = fields.find((one) => one.name === rule);
  return field?.operators.some((operator) => operator.name === "null") ?? false;
}

/** The default of each field that has the same one wherever it is shown. */
function fallbacksOf(text: string): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const [, field = "", filters = ""] of text.matchAll(OUTPUT)) {
    const [, single, double] = DEFAULT.exec(filters) ?? [];
    const fallback = single ?? double ?? null;
    found.set(field, found.has(field) && found.get(field) !== fallback ? null : fallback);
  }
  return found;
}

/** The first name is part of the name. */
const ruleOf = (field: string) => (field === "first_name" ? "name" : field);
