/** The shape of a value, by its operator. */

import type { RuleType } from "react-querybuilder";

import type { Field } from "./fields";
import { isBare, isBetween, isList, isSpan, NEXT_DAYS } from "./operators";
import { type EditGroup, isGroup } from "./tree";
import { isRelative, relative } from "./wire";

/** So long from now as is still to be said. */
const OPEN_SPAN = relative(NaN, "day");

/** The tree with every value in the shape that its operator needs; the same object when all are. */
export function settled(group: EditGroup, fields: readonly Field[]): EditGroup {
  let changed = false;
  const rules = group.rules.map((node) => {
    const next = isGroup(node) ? settled(node, fields) : settledRule(node, fields);
    changed ||= next !== node;
    return next;
  });
  return changed ? { ...group, rules } : group;
}

/** What a rule starts with once its field and operator are chosen. */
export function firstValue(field: Field | undefined, operator: string): unknown {
  if (field?.kind === "orders") return recentOrders(field);
  if (isList(operator)) return [];
  if (isBetween(operator)) return ["", ""];
  if (isSpan(operator)) return OPEN_SPAN;
  return field?.kind === "boolean" ? true : "";
}

function settledRule(rule: RuleType, fields: readonly Field[]): RuleType {
  const field = fields.find((one) => one.name === rule.field);
  if (!field) return rule;
  if (field.kind === "orders") {
    if (!isGroup(rule.value)) return rule;
    const value = settled(rule.value, field.fields);
    return value === rule.value ? rule : { ...rule, value };
  }
  return fits(rule.value, rule.operator, field)
    ? rule
    : { ...rule, value: converted(rule.value, rule.operator, field) };
}

function fits(value: unknown, operator: string, field: Field): boolean {
  if (isBare(operator)) return true;
  if (isList(operator) || isBetween(operator)) return Array.isArray(value);
  if (isSpan(operator)) return isRelative(value) && !(value.offset > 0);
  if (operator === NEXT_DAYS) return value === "" || typeof value === "number";
  if (Array.isArray(value)) return false;
  return field.kind !== "date" || typeof value !== "number";
}

function converted(value: unknown, operator: string, field: Field): unknown {
  const single: unknown = Array.isArray(value) ? (value[0] ?? "") : value;
  if (isList(operator)) return single === "" || isRelative(single) || typeof value === "number" ? [] : [single];
  if (isBetween(operator)) return [typeof single === "number" && field.kind === "date" ? "" : single, ""];
  if (isSpan(operator)) return isRelative(single) ? { ...single, offset: -Math.abs(single.offset) } : OPEN_SPAN;
  if (operator === NEXT_DAYS) return "";
  return typeof single === "number" && field.kind === "date" ? "" : single;
}

/** A first condition that is complete as it stands: orders of the past 90 days. */
function recentOrders(field: Field): EditGroup {
  const when = field.fields.find((one) => one.kind === "date");
  const rules = when ? [{ field: when.name, operator: "inPast", value: relative(-90, "day") }] : [];
  return { combinator: "and", rules };
}
