/** Where an audit event leads, who caused it, and what it changed: pure. */

import type { AuditEvent, AuditFilter, Channel, FieldChange, Role, Scope } from "../api/types";
import { appText } from "../texts/app";
import { CHANNEL_NAMES } from "../texts/audience";
import { auditText } from "../texts/audit";
import { customersText } from "../texts/customers";
import { formatCount, formatTime, utcOfLocal } from "../texts/format";
import { settingsText } from "../texts/settings";

/** Actions that remove their subject. */
const GONE = ["customer.erase", "segment.delete", "campaign.delete"];

/** The page of the subject, if it has one. */
export function pageOf({
  action,
  subject,
  customer_id: customerId,
}: Pick<AuditEvent, "action" | "subject" | "customer_id">): string | null {
  if (!subject || GONE.includes(action)) return null;
  const name = encodeURIComponent(subject);
  switch (action.split(".")[0]) {
    case "customer":
      return customerId && `/customers/${name}`;
    case "segment":
      return `/segments/${name}`;
    case "campaign":
      return `/campaigns/${name}`;
    case "import":
      return `/imports/new?import=${name}`;
    default:
      return null;
  }
}

const ROLES: Record<string, string> = appText.roles;

/** What it was done to, in words; empty where the action says it all. */
export function subjectOf(event: AuditEvent): string {
  const { action, by, subject, customer_id: customerId } = event;
  const detail = ROLES[event.detail] ?? event.detail;
  // Of segments and campaigns the detail is the name, of customers it is what was done.
  if (pageOf(event)) return customerId ?? (detail || subject);
  const name = customerId ?? subject;
  const isOwn = action.startsWith("session.") && name === by;
  return [isOwn ? "" : name, detail].filter(Boolean).join(" · ");
}

/** Who did it, in words: a person by their address, or what the CRM did without a person. */
export const whoOf = ({ by }: Pick<AuditEvent, "by">): string => auditText.itself[by] ?? (by || "–");

/** A change in words: "Role: Viewer → Marketer". */
export function changeWords({ field, before, after }: FieldChange): string {
  const name = auditText.fields[field] ?? (isChannel(field) ? auditText.doNotSendOn(CHANNEL_NAMES[field]) : field);
  if (before === null) return auditText.made(name, valueWords(field, after ?? ""));
  if (after === null) return auditText.ended(name, valueWords(field, before));
  return auditText.changed(name, valueWords(field, before), valueWords(field, after));
}

function valueWords(field: string, value: string): string {
  if (isChannel(field)) return customersText.doNotSend.causes[value] ?? value;
  switch (field) {
    case "role":
      return appText.roles[value as Role] ?? value;
    case "channel":
      return isChannel(value) ? CHANNEL_NAMES[value] : value;
    case "scopes":
      return value
        .split(", ")
        .map((scope) => settingsText.keys.scopes[scope as Scope] ?? scope)
        .join(", ");
    case "rate":
      return auditText.rate(formatCount(Number(value)));
    case "expires_at":
    case "schedule_at":
      return formatTime(value);
    default:
      return value;
  }
}

const isChannel = (name: string): name is Channel => name in CHANNEL_NAMES;

export type FilterName = keyof AuditFilter;

/** The filter that a page's address states. Its days are the project's, and both are included. */
export function filterOf(parameters: URLSearchParams): AuditFilter {
  const until = parameters.get("until");
  return {
    action: parameters.get("action") as AuditFilter["action"],
    actor: parameters.get("actor"),
    since: startOf(parameters.get("since")),
    until: until && startOf(dayAfter(until)),
  };
}

const startOf = (day: string | null) => day && utcOfLocal(`${day}T00:00`);

function dayAfter(day: string): string | null {
  const start = Date.parse(`${day}T00:00Z`);
  return Number.isNaN(start) ? null : new Date(start + 86_400_000).toISOString().slice(0, 10);
}
