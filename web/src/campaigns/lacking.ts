/** Whom of an audience a message shows something that they do not have: pure. */

import type { WireGroup } from "../audience/wire";
import type { Message } from "../api/types";

const VARIABLE = /customer\.((?:attributes\.)?\w+)/g;

/** The fields that the message's templates speak of. The first name is part of the name. */
export function fieldsIn({ subject, body }: Message): string[] {
  const names = [...`${subject ?? ""}\n${body}`.matchAll(VARIABLE)].map(([, name = ""]) => name);
  return [...new Set(names.map((name) => (name === "first_name" ? "name" : name)))];
}

/** Who of `rules` lacks one of `fields`; null where nobody can. */
export function lackingRules(rules: WireGroup, fields: readonly string[]): WireGroup | null {
  const asked = fields.map((field) => ({ field, operator: "null" }));
  if (asked.length === 0) return null;
  const lacking: WireGroup = { combinator: "or", rules: asked };
  return rules.all ? lacking : { combinator: "and", rules: [rules, lacking] };
}
