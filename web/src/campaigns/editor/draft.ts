/** A campaign while it is being made: pure. */

import type { Campaign, Channel, Limits, Message, NewCampaign, Segment, WireGroup } from "../../api/types";
import type { Field } from "../../audience/fields";
import { NOBODY_YET, type Selection, selectionOf, wireOf, withoutIds } from "../../audience/selection";
import { localOfUtc, utcOfLocal } from "../../texts/format";
import { rateOf } from "../shared/rate";
import { UNSUBSCRIBE } from "../shared/unsubscribe";

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
  /** Messages a minute, as typed; empty for as many as there are. */
  rate: string;
}

export const NEW_DRAFT: Draft = {
  name: "",
  channel: "simulator",
  segmentId: null,
  selection: NOBODY_YET,
  subject: "",
  body: "Hi {{ customer.first_name | default: 'there' }},\n\nhere is 10% off your next order.",
  scheduleAt: "",
  rate: "",
};

/**
 * A draft like a campaign that there is. It is to the campaign's segment as long as that has the rules which the
 * campaign keeps; else to those rules, which nobody then changes unseen.
 */
export function draftOf(campaign: Campaign, segments: readonly Segment[]): Draft {
  const segment = segments.find((one) => one.id === campaign.segment_id);
  const isSame = segment !== undefined && JSON.stringify(segment.rules) === JSON.stringify(campaign.rules);
  return {
    ...NEW_DRAFT,
    name: campaign.name,
    channel: campaign.channel,
    segmentId: isSame ? segment.id : null,
    selection: isSame ? NOBODY_YET : selectionOf(campaign.rules),
    subject: campaign.message.subject ?? "",
    body: campaign.message.body,
    scheduleAt: campaign.schedule_at ? localOfUtc(campaign.schedule_at) : "",
    rate: campaign.rate ? String(campaign.rate) : "",
  };
}

/** The same once more: sent by hand, whenever the first one went. */
export function copyOf(campaign: Campaign, segments: readonly Segment[], limits?: Limits): Draft {
  // Of a name that grows too long the end is kept, which says that it is a copy.
  const name = `${campaign.name} (copy)`.slice(limits ? -limits.campaign_name : 0);
  return { ...draftOf(campaign, segments), name, scheduleAt: "" };
}

/** Whether two drafts say the same. */
export const isSame = (one: Draft, other: Draft): boolean =>
  JSON.stringify(withoutIds(one)) === JSON.stringify(withoutIds(other));

/** The rules that the draft means: null while they are unfinished. */
export function rulesOf(draft: Draft, fields: readonly Field[], segments: readonly Segment[]): WireGroup | null {
  if (draft.segmentId === null) return wireOf(draft.selection, fields);
  return segments.find((one) => one.id === draft.segmentId)?.rules ?? null;
}

export const hasSubject = (channel: Channel) => channel === "email";

export function messageOf({ channel, subject, body }: Draft): Message {
  return hasSubject(channel) ? { subject, body } : { body };
}

/** Whether the draft's time is over at `now`, in milliseconds. */
export function isPast({ scheduleAt }: Draft, now: number): boolean {
  const at = utcOfLocal(scheduleAt);
  return at !== null && Date.parse(at) <= now;
}

/** What is posted. Needs finished rules. A rate that is none is left out. */
export function campaignOf(draft: Draft, rules: WireGroup, limits?: Limits): NewCampaign {
  const audience = draft.segmentId === null ? { rules } : { segment_id: draft.segmentId };
  const at = utcOfLocal(draft.scheduleAt);
  const rate = rateOf(draft.rate, limits);
  return {
    name: draft.name.trim(),
    channel: draft.channel,
    message: messageOf(draft),
    ...audience,
    ...(at ? { schedule_at: at } : {}),
    ...(rate ? { rate } : {}),
  };
}

/** `text` with `part` in place of what is selected, and where the cursor then stands. */
export function inserted(text: string, part: string, start: number, end: number): { text: string; cursor: number } {
  return { text: text.slice(0, start) + part + text.slice(end), cursor: start + part.length };
}

/** The template that shows a field, with something to say where it is missing. */
export function placeholderOf(field: string): string {
  if (field === UNSUBSCRIBE) return `{{ ${UNSUBSCRIBE} }}`;
  return field.endsWith("name") ? `{{ customer.${field} | default: 'there' }}` : `{{ customer.${field} }}`;
}
