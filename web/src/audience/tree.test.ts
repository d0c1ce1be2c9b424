import { describe, expect, it } from "vitest";

import type { WireGroup } from "../api/types";
import { FIELDS } from "../testing/catalogue";
import { selectionOf, wireOf } from "./selection";
import { type EditGroup, findIncomplete, fromWire, toWire } from "./tree";
import { EVERYONE } from "./wire";

const group = (...rules: EditGroup["rules"]): EditGroup => ({ id: "root", combinator: "and", rules });
const ninetyDaysAgo = { mode: "relative", anchor: "now", offset: -90, unit: "day" } as const;

const WIRE: WireGroup = {
  combinator: "and",
  rules: [
    { field: "total_spend", operator: ">", value: 1000 },
    { field: "name", operator: "null" },
    {
      combinator: "or",
      not: true,
      rules: [
        { field: "last_order_at", operator: "<", value: ninetyDaysAgo },
        { field: "last_order_at", operator: ">=", value: ninetyDaysAgo },
        { field: "last_order_at", operator: "<", value: "2011-09-10" },
        { field: "last_order_at", operator: ">=", value: { ...ninetyDaysAgo, unit: "month" } },
      ],
    },
    {
      field: "orders",
      match: { mode: "atLeast", threshold: 2 },
      value: { combinator: "and", rules: [{ field: "category", operator: "in", value: ["shoes", "a, b"] }] },
    },
    { field: "orders", match: { mode: "none" }, value: { combinator: "and", rules: [], all: true } },
    {
      field: "orders",
      match: { mode: "atLeast", threshold: 499.5, sum: "amount" },
      value: { combinator: "and", rules: [{ field: "category", operator: "=", value: "shoes" }] },
    },
    { field: "days_to_birthday", operator: "<=", value: 7 },
    { field: "days_to_birthday", operator: "=", value: 0 },
    { field: "days_to_birthday", operator: ">", value: 200 },
  ],
};

it("brings every stored tree back as it was", () => {
  expect(toWire(fromWire(WIRE))).toEqual(WIRE);
});

describe("toWire", () => {
  it("leaves out what the builder adds for itself", () => {
    const edited = group({ id: "r", path: [0], field: "name", operator: "=", value: "Mira", valueSource: "value" });
    expect(toWire(edited)).toEqual({ combinator: "and", rules: [{ field: "name", operator: "=", value: "Mira" }] });
  });

  it("sends days back from now as a relative date", () => {
    const edited = group({ field: "last_order_at", operator: "inPast", value: ninetyDaysAgo });
    expect(toWire(edited).rules).toEqual([{ field: "last_order_at", operator: ">=", value: ninetyDaysAgo }]);
  });

  it("counts no order as none of any sort", () => {
    const edited = group({ field: "orders", operator: "=", value: group(), match: { mode: "none", threshold: 1 } });
    expect(toWire(edited).rules).toEqual([
      { field: "orders", match: { mode: "none" }, value: { combinator: "and", rules: [], all: true } },
    ]);
  });
});

describe("findIncomplete", () => {
  const reasons = (edited: EditGroup) => [...findIncomplete(edited, FIELDS).values()];

  it.each([
    ["no rule", group(), "Add a first rule."],
    ["an empty group", group({ id: "g", combinator: "or", rules: [] }), "Add a rule to this group, or remove it."],
    ["no value", group({ id: "r", field: "total_spend", operator: ">", value: "" }), "Enter a number."],
    ["no number", group({ id: "r", field: "total_spend", operator: ">", value: NaN }), "Enter a number."],
    ["blank text", group({ id: "r", field: "name", operator: "=", value: "  " }), "Enter a value."],
    ["an unknown field", group({ id: "r", field: "shoe", operator: "=", value: "1" }), "Choose a field."],
    ["half a range", group({ id: "r", field: "total_spend", operator: "between", value: [1, ""] }), "Enter both ends."],
    ["an empty list", group({ id: "r", field: "tags", operator: "in", value: [] }), "Add at least one value."],
    ["no span", group({ id: "r", field: "last_order_at", operator: "inPast", value: "" }), "Enter how long."],
    ["no days", group({ id: "r", field: "birthday", operator: "nextDays", value: "" }), "Enter a number of days."],
    [
      "a sum of nothing",
      group({
        id: "r",
        field: "orders",
        operator: "=",
        match: { mode: "atLeast", threshold: 0, sum: "amount" } as never,
        value: group(),
      }),
      "Enter an amount of more than 0.",
    ],
    [
      "no number of orders",
      group({ id: "r", field: "orders", operator: "=", match: { mode: "atLeast", threshold: 0 }, value: group() }),
      "Enter how many orders, 1 or more.",
    ],
    [
      "an unfinished condition on orders",
      group({
        id: "r",
        field: "orders",
        operator: "=",
        match: { mode: "atLeast", threshold: 1 },
        value: { ...group({ id: "o", field: "category", operator: "=", value: "" }), id: "inner" },
      }),
      "Enter a value.",
    ],
  ])("flags %s", (_, edited, reason) => {
    expect(reasons(edited)).toEqual([reason]);
  });

  it("passes a finished tree", () => {
    expect(reasons(fromWire(WIRE))).toEqual([]);
  });
});

describe("a selection", () => {
  it("of everyone is said in so many words", () => {
    expect(wireOf({ everyone: true, group: group() }, FIELDS)).toEqual(EVERYONE);
    expect(selectionOf(EVERYONE).everyone).toBe(true);
  });

  it("that is unfinished is not sent", () => {
    expect(wireOf({ everyone: false, group: group() }, FIELDS)).toBeNull();
  });
});
