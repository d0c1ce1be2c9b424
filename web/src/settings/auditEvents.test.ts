import { expect, it } from "vitest";

import type { AuditEvent, FieldChange } from "../api/types";
import { setProject } from "../texts/format";
import { changeWords, filterOf, pageOf, subjectOf, whoOf } from "./auditEvents";

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

it("leads to a customer by their key, and of an erased one nowhere", () => {
  const event = { action: "customer.export", subject: "5f2e" } as const;
  expect(pageOf({ ...event, customer_id: "C 1/2" })).toBe("/customers/5f2e");
  expect(pageOf({ ...event, customer_id: null })).toBeNull();
});

it.each([
  ["member.change", "owner@example.com", "marketer", "owner@example.com · Marketer"],
  ["member.remove", "owner@example.com", "", "owner@example.com"],
  ["session.end", "owner@example.com", "everywhere", "everywhere"],
  ["campaign.launch", "c1", "Spring", "Spring"],
  ["campaign.delete", "c1", "Spring", "c1 · Spring"],
] as const)("says of %s of %s (%s), also where it is refused: %s", (action, subject, detail, words) => {
  const event = { action, by: "owner@example.com", subject, detail, customer_id: null, outcome: "refused" };
  expect(subjectOf(event as AuditEvent)).toBe(words);
});

it.each([
  ["mira@example.com", "mira@example.com"],
  ["schedule", "The schedule"],
  ["circuit_breaker", "The CRM, for too many failures"],
  ["", "–"],
])("says of %s that it was %s", (by, who) => {
  expect(whoOf({ by })).toBe(who);
});

it.each<[FieldChange, string]>([
  [{ field: "role", before: "viewer", after: "marketer" }, "Role: Viewer → Marketer"],
  [{ field: "role", before: null, after: "admin" }, "Role: Administrator"],
  [{ field: "rate", before: "1200", after: null }, "Rate: 1,200 a minute → none"],
  [{ field: "rules", before: "more than 1 visit", after: "has tags" }, "Rules: more than 1 visit → has tags"],
  [{ field: "email", before: null, after: "by_hand" }, "Do not send on E-mail: Put here by a member"],
  [{ field: "something_new", before: "a", after: "b" }, "something_new: a → b"],
])("says what changed: %o", (change, words) => {
  expect(changeWords(change)).toBe(words);
});

it("filters by days of the project's time zone, both included", () => {
  setProject({ timeZone: "Europe/Berlin" });
  const filter = filterOf(new URLSearchParams("action=member.add&since=2026-03-01&until=2026-03-29"));
  expect(filter).toEqual({
    action: "member.add",
    actor: null,
    since: "2026-02-28T23:00:00.000Z",
    until: "2026-03-29T22:00:00.000Z",
  });
  expect(filterOf(new URLSearchParams("until=soon")).until).toBeNull();
  setProject({});
});
