/** The audience of the editor: everyone, or those who match the rules. */

import type { WireGroup } from "../api/types";
import type { Field } from "./fields";
import { type EditGroup, EMPTY, findIncomplete, fromWire, toWire } from "./tree";
import { EVERYONE } from "./wire";

export interface Selection {
  everyone: boolean;
  group: EditGroup;
}

export const NOBODY_YET: Selection = { everyone: false, group: EMPTY };

export function selectionOf(rules: WireGroup): Selection {
  return rules.all ? { everyone: true, group: EMPTY } : { everyone: false, group: fromWire(rules) };
}

/** What may be sent of a selection: null while a rule is unfinished. */
export function wireOf({ everyone, group }: Selection, fields: readonly Field[]): WireGroup | null {
  if (everyone) return EVERYONE;
  return findIncomplete(group, fields).size > 0 ? null : toWire(group);
}

/** Without what the builder adds for itself. */
export function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !["id", "path", "valueSource"].includes(name));
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutIds(inner)]));
}
