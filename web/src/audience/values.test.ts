import { describe, expect, it } from "vitest";

import { FIELDS } from "../testing/catalogue";
import type { EditGroup } from "./tree";
import { firstValue, settled } from "./values";
import { relative } from "./wire";

const group = (...rules: EditGroup["rules"]): EditGroup => ({ combinator: "and", rules });
const valueAfter = (field: string, operator: string, value: unknown) => {
  const [rule] = settled(group({ field, operator, value }), FIELDS).rules;
  return (rule as { value: unknown }).value;
};

describe("a value follows its operator", () => {
  it.each([
    ["a value becomes a list", "tags", "in", "vip", ["vip"]],
    ["a list becomes a value", "tags", "contains", ["vip", "new"], "vip"],
    ["a value becomes the lower end", "total_spend", "between", 5, [5, ""]],
    ["a range becomes its lower end", "total_spend", ">", [5, 9], 5],
    ["days become no date", "birthday", "<", 90, ""],
    ["a date becomes no number of days", "birthday", "nextDays", "2011-09-10", ""],
    ["a date becomes an open span", "last_order_at", "inPast", "2011-09-10", relative(NaN, "day")],
    [
      "a time in the future becomes as long a span before now",
      "last_order_at",
      "inPast",
      relative(3, "week"),
      relative(-3, "week"),
    ],
  ])("%s", (_, field, operator, value, expected) => {
    expect(valueAfter(field, operator, value)).toEqual(expected);
  });

  it("and a tree that fits stays the same object", () => {
    const tree = group(
      { field: "total_spend", operator: ">", value: 5 },
      group({ field: "name", operator: "null", value: "" }),
    );
    expect(settled(tree, FIELDS)).toBe(tree);
  });

  it("inside an orders rule, too", () => {
    const value = group({ field: "category", operator: "in", value: "shoes" });
    const [rule] = settled(group({ field: "orders", operator: "=", value }), FIELDS).rules;
    expect(rule).toMatchObject({ value: { rules: [{ value: ["shoes"] }] } });
  });
});

it("orders start with a condition that is complete", () => {
  const orders = FIELDS.find((field) => field.name === "orders");
  expect(firstValue(orders, "=")).toMatchObject({
    rules: [{ field: "placed_at", operator: "inPast", value: relative(-90, "day") }],
  });
});
