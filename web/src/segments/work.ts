/** A segment while it is being edited: pure. */

import type { Segment } from "../api/types";
import { NOBODY_YET, type Selection, selectionOf, withoutIds } from "../audience/selection";

export interface Edited {
  name: string;
  selection: Selection;
}

/** What was edited, from which version on, and how that one was. */
export interface Work {
  edited: Edited;
  version: number;
  base: string;
}

const NEW: Edited = { name: "", selection: NOBODY_YET };

/** The work on a segment as it is stored, or on a new one. */
export function workOn(stored: Segment | null): Work {
  const edited = stored ? { name: stored.name, selection: selectionOf(stored.rules) } : NEW;
  return { edited, version: stored?.version ?? 0, base: JSON.stringify(edited) };
}

export const isChanged = ({ edited, base }: Work): boolean => JSON.stringify(withoutIds(edited)) !== base;

/** What to go on with: work kept from before, unless nothing was changed in it. */
export function resumed(work: Work, stored: Segment | null): Work {
  return isChanged(work) || work.version === (stored?.version ?? 0) ? work : workOn(stored);
}
