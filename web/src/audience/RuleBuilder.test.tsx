import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";

import { FIELDS } from "../testing/catalogue";
import { LIMITS } from "../testing/limits";
import { RuleBuilder } from "./RuleBuilder";
import { type EditGroup, EMPTY, toWire } from "./tree";

let edited: EditGroup = EMPTY;

function Editing() {
  const [value, setValue] = useState(EMPTY);
  edited = value;
  return <RuleBuilder value={value} fields={FIELDS} limits={LIMITS} onChange={setValue} />;
}

afterEach(cleanup);

const inRule = (name: string) => within(screen.getByRole("group", { name }));
const first = ([one]: HTMLElement[]) => one as HTMLElement;
const click = (name: string) => fireEvent.click(first(screen.getAllByRole("button", { name })));
const choose = (rule: string, control: string, value: string) =>
  fireEvent.change(first(inRule(rule).getAllByLabelText(control)), { target: { value } });

it("builds a rule of a field, a comparison and a value", () => {
  render(<Editing />);
  click("Add rule");
  expect(inRule("Rule 1").getByText("Enter a number.")).toBeTruthy();
  fireEvent.change(inRule("Rule 1").getByLabelText("Comparison"), { target: { value: ">" } });
  choose("Rule 1", "Value", "1000");
  expect(inRule("Rule 1").queryByText("Enter a number.")).toBeNull();
  expect(toWire(edited)).toEqual({
    combinator: "and",
    rules: [{ field: "total_spend", operator: ">", value: 1000 }],
  });
});

it("offers dates by how long before now", () => {
  render(<Editing />);
  click("Add rule");
  fireEvent.change(inRule("Rule 1").getByLabelText("Field"), { target: { value: "last_order_at" } });
  fireEvent.change(inRule("Rule 1").getByLabelText("Comparison"), { target: { value: "inPast" } });
  expect(inRule("Rule 1").getByText("Enter how long.")).toBeTruthy();
  choose("Rule 1", "How long", "6");
  choose("Rule 1", "Unit", "month");
  expect(toWire(edited).rules).toEqual([
    { field: "last_order_at", operator: ">=", value: { mode: "relative", anchor: "now", offset: -6, unit: "month" } },
  ]);
});

it("asks how many orders of which sort", () => {
  render(<Editing />);
  click("Add rule");
  fireEvent.change(inRule("Rule 1").getByLabelText("Field"), { target: { value: "orders" } });
  choose("Rule 1", "Number of orders", "2");
  expect(toWire(edited).rules).toEqual([
    {
      field: "orders",
      match: { mode: "atLeast", threshold: 2 },
      value: {
        combinator: "and",
        rules: [
          {
            field: "placed_at",
            operator: ">=",
            value: { mode: "relative", anchor: "now", offset: -90, unit: "day" },
          },
        ],
      },
    },
  ]);
  expect(inRule("Rule 1").getByRole("group", { name: "Order condition 1" })).toBeTruthy();
});

it("asks for orders of how much in total", () => {
  render(<Editing />);
  click("Add rule");
  fireEvent.change(inRule("Rule 1").getByLabelText("Field"), { target: { value: "orders" } });
  choose("Rule 1", "What is measured", "amount");
  choose("Rule 1", "Total amount", "");
  expect(inRule("Rule 1").getByText("Enter an amount of more than 0.")).toBeTruthy();
  choose("Rule 1", "Total amount", "499.5");
  expect(toWire(edited).rules).toMatchObject([
    { field: "orders", match: { mode: "atLeast", threshold: 499.5, sum: "amount" } },
  ]);
});

it("asks whose birthday comes soon", () => {
  render(<Editing />);
  click("Add rule");
  fireEvent.change(inRule("Rule 1").getByLabelText("Field"), { target: { value: "birthday" } });
  expect(inRule("Rule 1").getByText("Enter a number of days.")).toBeTruthy();
  choose("Rule 1", "Days", "7");
  expect(toWire(edited).rules).toEqual([{ field: "days_to_birthday", operator: "<=", value: 7 }]);
});

it("excludes a group, which starts with a rule", () => {
  render(<Editing />);
  click("Add group");
  const inner = inRule("Group 1");
  fireEvent.click(inner.getByLabelText("Exclude these"));
  expect(inner.getByRole("group", { name: "Rule 1.1" })).toBeTruthy();
  expect(toWire(edited)).toMatchObject({ rules: [{ not: true, rules: [{ field: "total_spend" }] }] });
});

it("adds values of a list with Enter, and takes them away", () => {
  render(<Editing />);
  click("Add rule");
  fireEvent.change(inRule("Rule 1").getByLabelText("Field"), { target: { value: "tags" } });
  fireEvent.change(inRule("Rule 1").getByLabelText("Comparison"), { target: { value: "in" } });
  for (const tag of ["vip", "new"]) {
    const input = inRule("Rule 1").getByLabelText("Add a value, then press Enter");
    fireEvent.change(input, { target: { value: tag } });
    fireEvent.keyDown(input, { key: "Enter" });
  }
  click("Remove vip");
  expect(toWire(edited).rules).toEqual([{ field: "tags", operator: "in", value: ["new"] }]);
});

it("says when there are more rules than the server takes", () => {
  const rule = { field: "name", operator: "null", value: "" };
  const rules = [rule, rule, rule];
  const show = (value: EditGroup) =>
    render(<RuleBuilder value={value} fields={FIELDS} limits={{ ...LIMITS, rules: 2 }} onChange={() => undefined} />);
  show({ combinator: "and", rules });
  expect(screen.getByRole("alert").textContent).toContain("At most 2 rules");
  cleanup();
  show({ combinator: "and", rules: rules.slice(1) });
  expect(screen.queryByRole("alert")).toBeNull();
});
