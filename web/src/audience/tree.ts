/** Pure steps between the tree that is edited and the tree that is sent. */

import type { RuleGroupType, RuleType, ValidationMap } from "react-querybuilder";

import type { MatchMode, WireBehaviour, WireGroup, WireRule, WireValue } from "../api/types";
import { audienceText as text } from "../texts/audience";
import type { Field } from "./fields";
import {
  BIRTHDAY,
  DAYS_TO_BIRTHDAY,
  IN_PAST,
  IS_TODAY,
  isBare,
  isBetween,
  isList,
  isSpan,
  LONGER_AGO,
  NEXT_DAYS,
} from "./operators";
import { isRelative } from "./wire";

/** A group as the builder edits it: react-querybuilder adds an id to every node. */
export type EditGroup = RuleGroupType;

/** How many orders, or of how much in total: the builder's `match` with what the server adds to it. */
export interface Measure {
  mode: MatchMode;
  threshold?: number | null | undefined;
  sum?: "amount";
}

export const EMPTY: EditGroup = { combinator: "and", rules: [] };

/** What is sent for an edited tree. Ask `findIncomplete` first: this does not judge. */
export function toWire(group: EditGroup): WireGroup {
  const combinator = group.combinator === "or" ? "or" : "and";
  const rules = group.rules.map((node) => (isGroup(node) ? toWire(node) : ruleToWire(node)));
  return { combinator, ...(group.not ? { not: true } : {}), rules };
}

/** The edited tree of a stored tree. */
export function fromWire(group: WireGroup): EditGroup {
  const rules = group.rules.map((node) => {
    if ("rules" in node) return fromWire(node);
    if ("match" in node) return behaviourFromWire(node);
    return ruleFromWire(node);
  });
  return { combinator: group.combinator, not: group.not ?? false, rules };
}

/** Why each unfinished node cannot be sent yet, by the id of the node; empty when all may be sent. */
export function findIncomplete(group: EditGroup, fields: readonly Field[], depth = 1): Map<string, string> {
  const found = new Map<string, string>();
  if (group.rules.length === 0) {
    found.set(group.id ?? "", depth === 1 ? text.firstRule : text.emptyGroup);
  }
  for (const node of group.rules) {
    if (isGroup(node)) {
      for (const [id, reason] of findIncomplete(node, fields, depth + 1)) found.set(id, reason);
      continue;
    }
    const field = fields.find((one) => one.name === node.field);
    const reason = whyIncomplete(node, field);
    if (reason) found.set(node.id ?? "", reason);
    if (field?.kind === "orders" && isGroup(node.value) && node.value.rules.length > 0) {
      for (const [id, inner] of findIncomplete(node.value, field.fields, depth + 1)) found.set(id, inner);
    }
  }
  return found;
}

/** `findIncomplete` as react-querybuilder's validator wants it. */
export function validationOf(group: EditGroup, fields: readonly Field[]): ValidationMap {
  const entries = [...findIncomplete(group, fields)];
  return Object.fromEntries(entries.map(([id, reason]) => [id, { valid: false, reasons: [reason] }]));
}

/** How many rules there are, as the server counts them: those about orders with the conditions on the orders. */
export function countRules(group: EditGroup): number {
  return group.rules.reduce((sum, node) => {
    if (isGroup(node)) return sum + countRules(node);
    return sum + 1 + (isGroup(node.value) ? countRules(node.value) : 0);
  }, 0);
}

export function isGroup(node: unknown): node is EditGroup {
  return typeof node === "object" && node !== null && "rules" in node && Array.isArray(node.rules);
}

function ruleToWire(rule: RuleType): WireRule | WireBehaviour {
  if (rule.match) return behaviourToWire(rule.field, rule.match as Measure, rule.value);
  const { field, operator } = rule;
  const value = rule.value as WireValue;
  if (operator === IS_TODAY) return { field: DAYS_TO_BIRTHDAY, operator: "=", value: 0 };
  if (operator === NEXT_DAYS) return { field: DAYS_TO_BIRTHDAY, operator: "<=", value };
  if (isBare(operator)) return { field, operator };
  if (operator === IN_PAST) return { field, operator: ">=", value };
  if (operator === LONGER_AGO) return { field, operator: "<", value };
  return { field, operator, value };
}

function behaviourToWire(field: string, { mode, threshold, sum }: Measure, orders: unknown): WireBehaviour {
  const value = ordersToWire(orders);
  if (mode === "none") return { field, match: { mode }, value };
  return { field, match: { mode, threshold: threshold ?? 1, ...(sum ? { sum } : {}) }, value };
}

/** No condition on the orders means orders of any sort, which has to be said. */
function ordersToWire(value: unknown): WireGroup {
  if (!isGroup(value) || value.rules.length === 0) return { combinator: "and", rules: [], all: true };
  return toWire(value);
}

function ruleFromWire({ field, operator, value }: WireRule): RuleType {
  if (field === DAYS_TO_BIRTHDAY && operator === "=" && value === 0) {
    return { field: BIRTHDAY, operator: IS_TODAY, value: "" };
  }
  if (field === DAYS_TO_BIRTHDAY && operator === "<=") return { field: BIRTHDAY, operator: NEXT_DAYS, value };
  const past = isRelative(value) && value.offset <= 0;
  if (past && operator === ">=") return { field, operator: IN_PAST, value };
  if (past && operator === "<") return { field, operator: LONGER_AGO, value };
  return { field, operator, value: value ?? "" };
}

function behaviourFromWire({ field, match, value }: WireBehaviour): RuleType {
  const edited: Measure = { threshold: 1, ...match };
  return { field, operator: "=", match: edited, value: fromWire(value) };
}

function whyIncomplete(rule: RuleType, field: Field | undefined): string | null {
  if (!rule.field || !field) return text.chooseField;
  if (field.kind === "orders") return whyBehaviourIncomplete(rule);
  const { operator, value } = rule;
  if (!operator) return text.chooseComparison;
  if (isBare(operator)) return null;
  if (isSpan(operator)) return isFilled(value, field) ? null : text.enterSpan;
  if (operator === NEXT_DAYS) return isCount(value, 0) ? null : text.enterDays;
  if (isList(operator)) {
    return Array.isArray(value) && value.length > 0 ? null : text.enterList;
  }
  if (isBetween(operator)) {
    const [from, to] = Array.isArray(value) ? value : [];
    return isFilled(from, field) && isFilled(to, field) ? null : text.enterBoth;
  }
  if (isFilled(value, field)) return null;
  return MISSING[field.kind] ?? text.enterValue;
}

const MISSING: Partial<Record<Field["kind"], string>> = {
  number: text.enterNumber,
  date: text.enterDate,
  tags: text.enterTag,
};

function whyBehaviourIncomplete(rule: RuleType): string | null {
  const { mode, threshold, sum } = (rule.match ?? {}) as Partial<Measure>;
  if (sum && !(typeof threshold === "number" && threshold > 0)) return text.enterSum;
  if (!sum && mode !== "none" && !isCount(threshold, 1)) return text.enterOrders;
  const excludesNothing = isGroup(rule.value) && rule.value.not && rule.value.rules.length === 0;
  return excludesNothing ? text.enterExcluded : null;
}

function isCount(value: unknown, least: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= least;
}

function isFilled(value: unknown, field: Field): boolean {
  if (field.kind === "number") return typeof value === "number" && Number.isFinite(value);
  if (field.kind === "boolean") return typeof value === "boolean";
  if (isRelative(value)) return Number.isInteger(value.offset);
  return typeof value === "string" && value.trim() !== "";
}
