import { describe, expect, it } from "vitest";

import { FIELDS } from "../../testing/catalogue";
import type { Stats } from "../../api/types";
import type { WireGroup } from "../../audience/wire";
import type { Campaign, Segment } from "../../api/types";
import { NEW_DRAFT, campaignOf, copyOf, draftOf, inserted, isPast, lacksUnsubscribe, messageOf, placeholderOf, rateOf, rulesOf, UNSUBSCRIBE } from "./draft";
import { groupedByReason, settledOf, sharesOf } from "../report/figures";
import { offsetOf, placeIn } from "./places";
import { spanWords } from "../preflight/span";
import { lackingRules, usesOf } from "../preflight/uses";

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

it.each([
  ["", null],
  ["600", 600],
  ["9", NaN],
  ["1.5", NaN],
  ["soon", NaN],
  ["2000000", NaN],
])("a pace of %j is %s", (rate, pace) => expect(rateOf({ ...NEW_DRAFT, rate })).toBe(pace));

it("does not schedule for a time that is over", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  expect(isPast({ ...NEW_DRAFT, scheduleAt: "" }, now)).toBe(false);
  expect(isPast({ ...NEW_DRAFT, scheduleAt: "2020-01-01T00:00" }, now)).toBe(true);
  expect(isPast({ ...NEW_DRAFT, scheduleAt: "2031-01-01T00:00" }, now)).toBe(false);
});

it.each([
  [0.2, "a second"],
  [40, "40 seconds"],
  [100, "2 minutes"],
  [7_000, "2 hours"],
  [200_000, "3 days"],
])("%d seconds are %s", (seconds, words) => expect(spanWords(seconds)).toBe(words));

describe("the message", () => {
  it("takes a field where the cursor stands", () => {
    expect(inserted("Hi !", "X", 3, 3)).toEqual({ text: "Hi X!", cursor: 4 });
    expect(inserted("Hi you!", "X", 3, 6)).toEqual({ text: "Hi X!", cursor: 4 });
    expect(placeholderOf("first_name")).toBe("{{ customer.first_name | default: 'there' }}");
  });

  it("names the fields that it shows, and what stands in for each", () => {
    const body =
      "{{ customer.first_name | default: 'there' }} {{customer.attributes.loyalty | upcase}} {% if customer.city %}x{% endif %}";
    expect(usesOf({ subject: "{{ customer.name }}", body })).toEqual([
      { field: "name", rule: "name", fallback: null },
      { field: "first_name", rule: "name", fallback: "there" },
      { field: "attributes.loyalty", rule: "attributes.loyalty", fallback: null },
      { field: "city", rule: "city", fallback: null },
    ]);
  });

  it("has no one stand-in for a field where it has two", () => {
    const body = "{{ customer.city | default: 'town' }} {{ customer.city }}";
    expect(usesOf({ body })).toEqual([{ field: "city", rule: "city", fallback: null }]);
  });

  it("has its faults at a line and a column", () => {
    const place = placeIn("line 2, column 4: nmae is not known");
    expect(place).toEqual({ line: 2, column: 4 });
    expect(offsetOf("Hi\n{{ x }}", place!)).toBe(6);
    expect(offsetOf("Hi", place!)).toBe(2);
    expect(placeIn("is empty")).toBeNull();
  });

  it("finds who lacks one of them", () => {
    const lacking = { combinator: "or", rules: [{ field: "name", operator: "null" }] };
    expect(lackingRules(RULES, ["name"])).toEqual({ combinator: "and", rules: [RULES, lacking] });
    expect(lackingRules({ combinator: "and", rules: [], all: true }, ["name"])).toEqual(lacking);
    expect(lackingRules(RULES, [])).toBeNull();
  });
});

describe("figures", () => {
  const stats: Stats = {
    audience: 10,
    pending: 1,
    sent: 6,
    accepted: 2,
    delivered: 4,
    failed: 2,
    skipped: 1,
    unknown: 0,
    opened: 0,
    clicked: 0,
  };

  it("make up the whole bar", () => {
    const shares = sharesOf(stats);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(100);
    expect(shares.map(({ part }) => part)).not.toContain("unknown");
  });

  it("of nobody make no bar", () => {
    expect(sharesOf({ ...stats, audience: 0 })).toEqual([]);
  });

  it("group failures by reason, the most first", () => {
    const rows = ["no address", "bounced", "bounced", null].map((reason) => ({ reason }));
    expect(groupedByReason(rows)).toEqual([
      { reason: "bounced", count: 2 },
      { reason: "no address", count: 1 },
      { reason: null, count: 1 },
    ]);
  });

  it("do not call settled what is on its way", () => {
    expect(settledOf(stats)).toBe(7);
  });
});
