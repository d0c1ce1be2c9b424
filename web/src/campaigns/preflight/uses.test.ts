import { describe, expect, it } from "vitest";

import type { WireGroup } from "../../api/types";
import { lackingRules, usesOf } from "./uses";

const RULES: WireGroup = { combinator: "and", rules: [{ field: "total_spend", operator: ">", value: 1 }] };

describe("the message", () => {
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

  it("finds who lacks one of them", () => {
    const lacking = { combinator: "or", rules: [{ field: "name", operator: "null" }] };
    expect(lackingRules(RULES, ["name"])).toEqual({ combinator: "and", rules: [RULES, lacking] });
    expect(lackingRules({ combinator: "and", rules: [], all: true }, ["name"])).toEqual(lacking);
    expect(lackingRules(RULES, [])).toBeNull();
  });
});
