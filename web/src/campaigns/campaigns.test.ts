import { describe, expect, it } from "vitest";

import { FIELDS } from "../testing/catalogue";
import type { Stats } from "../api/types";
import type { WireGroup } from "../audience/wire";
import { NEW_DRAFT, campaignOf, inserted, messageOf, placeholderOf, rulesOf } from "./draft";
import { settledOf, sharesOf } from "./figures";
import { fieldsIn, lackingRules } from "./lacking";

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

  it("means nobody while its segment is not there", () => {
    expect(rulesOf({ ...NEW_DRAFT, segmentId: "gone" }, FIELDS, [])).toBeNull();
  });
});

describe("the message", () => {
  it("takes a field where the cursor stands", () => {
    expect(inserted("Hi !", "X", 3, 3)).toEqual({ text: "Hi X!", cursor: 4 });
    expect(inserted("Hi you!", "X", 3, 6)).toEqual({ text: "Hi X!", cursor: 4 });
    expect(placeholderOf("first_name")).toBe("{{ customer.first_name | default: 'there' }}");
  });

  it("names the fields that it shows", () => {
    const body =
      "{{ customer.first_name }} {{customer.attributes.loyalty | upcase}} {% if customer.city %}x{% endif %}";
    expect(fieldsIn({ subject: "{{ customer.name }}", body })).toEqual(["name", "attributes.loyalty", "city"]);
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

  it("do not call settled what is on its way", () => {
    expect(settledOf(stats)).toBe(7);
  });
});
