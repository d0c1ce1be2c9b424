/** The work on a campaign in the editor, and how far the server has it: pure. */

import type { Campaign, Limits, Segment } from "../../api/types";
import type { Field } from "../../audience/fields";
import { campaignOf, copyOf, type Draft, draftOf, NEW_DRAFT, rulesOf } from "./draft";

/** What the server has of this work: `body` is what was sent last, as text. */
export interface Saved {
  id: string;
  version: number;
  body: string;
  at: string;
}

export interface Work {
  draft: Draft;
  saved: Saved | null;
}

interface Beginning {
  one: Campaign | null;
  editing: boolean;
  segmentId: string | null;
  segments: Segment[];
  fields: Field[];
  limits: Limits | undefined;
}

/** The work that the editor begins with. */
export function startOf({ one, editing, segmentId, segments, fields, limits }: Beginning): Work {
  if (one && editing) return workOf(one, segments, fields);
  if (one) return { draft: copyOf(one, segments, limits), saved: null };
  const isThere = segments.some((segment) => segment.id === segmentId);
  return { draft: { ...NEW_DRAFT, segmentId: isThere ? segmentId : null }, saved: null };
}

/** The work on a campaign as it is stored. */
export function workOf(one: Campaign, segments: Segment[], fields: Field[]): Work {
  const draft = draftOf(one, segments);
  const rules = rulesOf(draft, fields, segments);
  const body = rules ? JSON.stringify(campaignOf(draft, rules)) : "";
  return { draft, saved: { id: one.id, version: one.version, body, at: one.created_at } };
}
