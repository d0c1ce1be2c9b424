/** Whom the editor speaks of: everyone, or whoever fits the rules. */

import type { WireGroup } from "../api/types";
import { EMPTY, findIncomplete, fromWire, toWire, type EditGroup } from "./tree";
import type { Field } from "./fields";
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
