/** What the rule builder and the count of an audience say. */

import type { Channel } from "../api/types";
import { formatCount, plural } from "./format";

const CHANNELS: Record<Channel, string> = {
  simulator: "the simulator",
  email: "e-mail",
  sms: "text message",
};

const EXCLUSIONS: Record<string, [one: string, many: string]> = {
  no_consent: ["has not given consent", "have not given consent"],
  no_address: ["has no address for it", "have no address for it"],
  suppressed: ["is on the do-not-send list", "are on the do-not-send list"],
};

export const audienceText = {
  tooManyRules: (most: number) => `At most ${plural(most, "rule")} are possible. Take some away.`,
  rulesTitle: "Who is in",
  everyone: "All customers, without any rule",
  fieldsFailed: "The fields for rules could not be loaded",

  countTitle: "How many",
  unfinished: "Finish the marked rules",
  counting: "Counting…",
  notCounted: "Not counted",
  countFailed: "The audience could not be counted",
  ofAll: (matched: number, total: number) => `${formatCount(matched)} of ${plural(total, "customer")}`,
  reachableBy: (channel: Channel) => `can be reached by ${CHANNELS[channel]}`,
  notReachable: "Who cannot be reached",
  asOf: (time: string) => `As of ${time}`,
  showSample: (shown: number, of: number) => `Show ${formatCount(shown)} of ${plural(of, "person", "people")}`,
  sampleLabel: "Some of the people in it",
  sampleWithheld: "Your role shows how many there are, not who.",
  spent: (amount: string) => `spent ${amount}`,
  why: "Why?",
  whyOf: (name: string) => `Why is ${name} in?`,
  ruleAt: (place: string) => `Rule ${place}`,

  explainTitle: "Why is somebody in or out?",
  explainFind: "Find a customer by name, e-mail or id",
  explainFound: "Customers found",
  explainNobody: "Nobody has this in their name, e-mail or id.",
  explainUnfinished: "Finish the marked rules first.",
  explainFailed: "This could not be explained",
  isIn: (name: string) => `${name} is in.`,
  isOut: (name: string) => `${name} is out.`,
  leavesOn: (day: string) => `As things are, they drop out on ${day}.`,
  until: (day: string) => `until ${day}`,
  holds: "Holds",
  holdsNot: "Does not hold",
  actual: (value: string) => `is: ${value}`,
  nothing: "nothing",
  yes: "yes",
  no: "no",
  allCustomers: "All customers",
  allOf: "All of these",
  anyOf: "Any of these",
  notAllOf: "Not all of these",
  notAnyOf: "None of these",

  addRule: "Add rule",
  addGroup: "Add group",
  removeRule: "Remove rule",
  removeGroup: "Remove group",
  field: "Field",
  comparison: "Comparison",
  value: "Value",
  combinator: "Match all or any",
  matchAll: "Match ALL of these",
  matchAny: "Match ANY of these",
  exclude: "Exclude these",
  excludeHint: "Exclude customers who match this group",
  rootGroup: "Audience rules",
  rule: (place: string) => `Rule ${place}`,
  group: (place: string) => `Group ${place}`,
  orderCondition: (place: string) => `Order condition ${place}`,
  choose: "Choose…",
  addValue: "Add a value, then press Enter",
  addValueShort: "Add, then Enter",
  removeValue: (value: string) => `Remove ${value}`,
  from: "From",
  to: "To",
  and: "and",
  days: "Days",
  daysAfter: "days",
  howLong: "How long",
  unit: "Unit",
  measured: "What is measured",
  howManyOrders: "how many",
  totalAmount: "total amount",
  modeOfCount: "How many orders",
  modeOfSum: "How much",
  numberOfOrders: "Number of orders",
  amountOfOrders: "Total amount",
  ordersWhere: "orders where",
  sumWhere: "in all orders where",
  modes: { atLeast: "at least", atMost: "at most", exactly: "exactly", none: "none at all" },
  howGiven: (name: string) => `${name}: how it is given`,
  onCalendar: "on the calendar",
  fromNow: "counted from now",
  amountOf: (name: string) => `${name}: amount`,
  unitOf: (name: string) => `${name}: unit`,
  sideOf: (name: string) => `${name}: before or after now`,
  ago: "ago",
  ahead: "from now",

  firstRule: "Add a first rule.",
  emptyGroup: "Add a rule to this group, or remove it.",
  chooseField: "Choose a field.",
  chooseComparison: "Choose a comparison.",
  enterNumber: "Enter a number.",
  enterDate: "Choose a date.",
  enterTag: "Enter a tag.",
  enterValue: "Enter a value.",
  enterSpan: "Enter how long.",
  enterDays: "Enter a number of days.",
  enterList: "Add at least one value.",
  enterBoth: "Enter both ends.",
  enterOrders: "Enter how many orders, 1 or more.",
  enterSum: "Enter an amount of more than 0.",
  enterExcluded: "Add a condition to exclude, or do not exclude.",
} as const;

/** "213 have not given consent". */
export function exclusionWords(reason: string, count: number): string {
  const words = EXCLUSIONS[reason]?.[count === 1 ? 0 : 1] ?? reason.replaceAll("_", " ");
  return `${formatCount(count)} ${words}`;
}

/** "has not given consent". */
export function reasonOfOne(reason: string): string {
  return EXCLUSIONS[reason]?.[0] ?? reason.replaceAll("_", " ");
}

export const CHANNEL_NAMES: Record<Channel, string> = {
  simulator: "Simulator",
  email: "E-mail",
  sms: "Text message",
};
