import { describe, expect, it } from "vitest";

import type { Campaign, Segment, WireGroup } from "../../api/types";
import { FIELDS } from "../../testing/catalogue";
import { lacksUnsubscribe, UNSUBSCRIBE } from "../shared/unsubscribe";
import { campaignOf, copyOf, draftOf, inserted, isPast, messageOf, NEW_DRAFT, placeholderOf, rulesOf } from "./draft";

const RULES: WireGroup = { combinator: "and", rules: [{ field: "total_spend", operator: ">", value: 1 }] };

describe("a draft", () => {
  it("posts its own rules, or the segment's id, never both", () => {
    expect(campaignOf({ ...NEW_DRAFT, name: " Sale " }, RULES)).toMatchObject({ name: "Sale", rules: RULES });
    const toSegment = campaignOf({ ...NEW_DRAFT, segmentId: "s1" }, RULES);
    expect(toSegment).toMatchObject({ segment_id: "s1" });
    expect(toSegment).not.toHaveProperty("rules");
  });

  it("has a subject only where the channel has one", () => {
    expect(messageOf({ ...NEW_DRAFT, channel: "email", subject: "Hello" }).subject).toBe("Hello");
    expect(messageOf({ ...NEW_DRAFT, channel: "sms", subject: "Hello" })).not.toHaveProperty("subject");
  });

  it("misses a way out in an e-mail that has a text, and nowhere else", () => {
    const mail = { ...NEW_DRAFT, channel: "email" } as const;
    expect(lacksUnsubscribe(mail)).toBe(true);
    expect(lacksUnsubscribe({ ...mail, body: " " })).toBe(false);
    expect(lacksUnsubscribe({ ...mail, channel: "sms" })).toBe(false);
    expect(lacksUnsubscribe({ ...mail, body: `Bye: ${placeholderOf(UNSUBSCRIBE)}` })).toBe(false);
  });

  it("means nobody while its segment is not there", () => {
    expect(rulesOf({ ...NEW_DRAFT, segmentId: "gone" }, FIELDS, [])).toBeNull();
  });
});

describe("a stored campaign", () => {
  const stored = {
    id: "c1",
    name: "Sale",
    channel: "email",
    message: { subject: "Hello", body: "Hi" },
    segment_id: "s1",
    rules: RULES,
    schedule_at: "2026-03-01T12:00:00Z",
    rate: 600,
  } as Campaign;
  const segment = { id: "s1", rules: RULES } as Segment;

  it("is edited as it is, to its segment while that has the same rules", () => {
    const draft = draftOf(stored, [segment]);
    expect(draft).toMatchObject({ segmentId: "s1", subject: "Hello", rate: "600" });
    expect(campaignOf(draft, RULES)).toMatchObject({ schedule_at: "2026-03-01T12:00:00.000Z", rate: 600 });
  });

  it("keeps its own rules once the segment has others", () => {
    const changed = { ...segment, rules: { combinator: "or", rules: [] } } as Segment;
    expect(draftOf(stored, [changed])).toMatchObject({ segmentId: null, selection: { everyone: false } });
    expect(rulesOf(draftOf(stored, []), FIELDS, [])).toEqual(RULES);
  });

  it("is repeated by hand, under another name", () => {
    expect(copyOf(stored, [segment])).toMatchObject({ name: "Sale (copy)", scheduleAt: "" });
  });
});

it("does not schedule for a time that is over", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  expect(isPast({ ...NEW_DRAFT, scheduleAt: "" }, now)).toBe(false);
  expect(isPast({ ...NEW_DRAFT, scheduleAt: "2020-01-01T00:00" }, now)).toBe(true);
  expect(isPast({ ...NEW_DRAFT, scheduleAt: "2031-01-01T00:00" }, now)).toBe(false);
});

it("puts a field where the cursor stands", () => {
  expect(inserted("Hi !", "X", 3, 3)).toEqual({ text: "Hi X!", cursor: 4 });
  expect(inserted("Hi you!", "X", 3, 6)).toEqual({ text: "Hi X!", cursor: 4 });
  expect(placeholderOf("first_name")).toBe("{{ customer.first_name | default: 'there' }}");
});
