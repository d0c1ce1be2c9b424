/** A campaign while it is being made: pure. */

import type { Field } from "../audience/fields";
import { NOBODY_YET, selectionOf, wireOf, type Selection } from "../audience/selection";
import type { WireGroup } from "../audience/wire";
import type { Campaign, Channel, Message, NewCampaign, Segment } from "../api/types";
import { utcOfLocal } from "../ui/format";

export interface Draft {
  name: string;
  channel: Channel;
  /** The segment to write to; null for rules of the campaign's own. */
  segmentId: string | null;
  selection: Selection;
  subject: string;
  body: string;
  /** As `<input type="datetime-local">` gives it; empty for "when I press the button". */
  scheduleAt: string;
}

export const NEW_DRAFT: Draft = {
  name: "",
  channel: "simulator",
  segmentId: null,
  selection: NOBODY_YET,
  subject: "",
  body: "Hi {{ customer.first_name | default: 'there' }},\n\nhere is 10% off your next order.",
  scheduleAt: "",
};

/** A draft like a campaign that there is. Its rules are taken as they are kept, not as its segment is now. */
export function draftOf(campaign: Campaign): Draft {
  return {
    ...NEW_DRAFT,
    name: campaign.name,
    channel: campaign.channel,
    selection: selectionOf(campaign.rules),
    subject: campaign.message.subject ?? "",
    body: campaign.message.body,
  };
}

export const copyOf = (campaign: Campaign): Draft => ({ ...draftOf(campaign), name: `${campaign.name} (copy)` });

/** The rules that the draft means: null while they are unfinished. */
export function rulesOf(draft: Draft, fields: readonly Field[], segments: readonly Segment[]): WireGroup | null {
  if (draft.segmentId === null) return wireOf(draft.selection, fields);
  return segments.find((one) => one.id === draft.segmentId)?.rules ?? null;
}

export const hasSubject = (channel: Channel) => channel === "email";

export function messageOf({ channel, subject, body }: Draft): Message {
  return hasSubject(channel) ? { subject, body } : { body };
}

/** What is posted. Needs finished rules. */
export function campaignOf(draft: Draft, rules: WireGroup): NewCampaign {
  const audience = draft.segmentId === null ? { rules } : { segment_id: draft.segmentId };
  const at = utcOfLocal(draft.scheduleAt);
  return {
    name: draft.name.trim(),
    channel: draft.channel,
    message: messageOf(draft),
    ...audience,
    ...(at ? { schedule_at: at } : {}),
  };
}

/** `text` with `part` in place of what is selected, and where the cursor then stands. */
export function inserted(text: string, part: string, start: number, end: number): { text: string; cursor: number } {
  return { text: text.slice(0, start) + part + text.slice(end), cursor: start + part.length };
}

/** The template that shows a field, with something to say where it is missing. */
export function placeholderOf(field: string): string {
  return field.endsWith("name") ? `{{ customer.${field} | default: 'there' }}` : `{{ customer.${field} }}`;
}
