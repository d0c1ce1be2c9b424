import { expect, it } from "vitest";

import type { AuditEvent } from "../api/types";
import { pageOf, whoOf } from "./auditEvents";

it.each<[AuditEvent["action"], string, string | null]>([
  ["campaign.launch", "c1", "/campaigns/c1"],
  ["import.run", "i1", "/imports/new?import=i1"],
  ["customer.erase", "5f2e", null],
  ["campaign.delete", "c1", null],
  ["member.add", "a@example.com", null],
  ["sample.load", "", null],
])("leads from %s of %s to %s", (action, subject, page) => {
  expect(pageOf({ action, subject, customer_id: null })).toBe(page);
});

it("leads to a customer by their id, and of an erased one nowhere", () => {
  const event = { action: "customer.export", subject: "5f2e" } as const;
  expect(pageOf({ ...event, customer_id: "C 1/2" })).toBe("/customers/C%201%2F2");
  expect(pageOf({ ...event, customer_id: null })).toBeNull();
});

it.each([
  ["mira@example.com", "mira@example.com"],
  ["schedule", "The schedule"],
  ["circuit_breaker", "The CRM, for too many failures"],
  ["", "–"],
])("says of %s that it was %s", (by, who) => {
  expect(whoOf({ by })).toBe(who);
});
