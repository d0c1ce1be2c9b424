import { afterEach, expect, it } from "vitest";

import {
  formatAmount,
  formatDate,
  formatDay,
  formatExactTime,
  formatMoney,
  formatMonth,
  formatRelative,
  formatShare,
  formatTime,
  formatTimeStep,
  localOfUtc,
  plural,
  setProject,
  utcOfLocal,
} from "./format";

afterEach(() => setProject({}));

it("counts in words", () => {
  expect(plural(1, "customer")).toBe("1 customer");
  expect(plural(1633, "customer")).toBe("1,633 customers");
  expect(plural(2, "person", "people")).toBe("2 people");
});

it("shows a share of something only", () => {
  expect(formatShare(1, 3)).toBe("33.3%");
  expect(formatShare(0, 0)).toBe("–");
});

it("shows a dash for what is not there", () => {
  expect(formatAmount(null)).toBe("–");
  expect(formatMoney(undefined)).toBe("–");
  expect(formatDate("nonsense")).toBe("–");
});

it("shows money in its own currency, else in the project's, else as a number", () => {
  expect(formatMoney(1234.5)).toBe("1,234.50");
  setProject({ currency: "GBP" }, ["en-GB"]);
  expect(formatMoney(1234.5)).toBe("£1,234.50");
  expect(formatMoney(1234.5, undefined, true)).toBe("£1,235");
  expect(formatMoney(1234.5, "EUR")).toBe("€1,234.50");
});

it("speaks the viewer's language", () => {
  setProject({ currency: "EUR" }, ["de-DE"]);
  expect(plural(1633, "Kunde", "Kunden")).toBe("1.633 Kunden");
  expect(formatMoney(1234.5)).toBe("1.234,50\u00a0€");
});

it("shows times in the project's time zone, and days as they are", () => {
  setProject({ timeZone: "Asia/Tokyo" }, ["en-GB"]);
  expect(formatTime("2026-03-01T20:00:00Z")).toBe("2 Mar 2026, 05:00");
  expect(formatDate("2026-03-01T20:00:00Z")).toBe("2 Mar 2026");
  expect(formatDay("2026-03-01")).toBe("1 Mar 2026");
  expect(formatMonth("2026-03")).toBe("Mar 2026");
});

it("says how long ago", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  expect(formatRelative("2026-03-01T11:55:00Z", now)).toBe("5 minutes ago");
  expect(formatRelative("2026-03-03T12:00:00Z", now)).toBe("in 2 days");
});

it.each([
  ["Europe/London", "2026-01-15T09:30", "2026-01-15T09:30:00.000Z"],
  ["Europe/London", "2026-07-15T09:30", "2026-07-15T08:30:00.000Z"],
  ["Europe/London", "2026-03-29T02:30", "2026-03-29T01:30:00.000Z"],
  ["America/New_York", "2026-03-08T03:30", "2026-03-08T07:30:00.000Z"],
  ["Asia/Kolkata", "2026-03-01T12:00", "2026-03-01T06:30:00.000Z"],
])("takes a time in %s: %s is %s", (timeZone, local, utc) => {
  setProject({ timeZone });
  expect(utcOfLocal(local)).toBe(utc);
  expect(localOfUtc(utc)).toBe(local);
});

it("takes the browser's zone without a project's, and nothing for no time", () => {
  expect(utcOfLocal("2026-03-01T12:00")).toBe(new Date(2026, 2, 1, 12).toISOString());
  expect(utcOfLocal("")).toBeNull();
});

it("shows a time no finer than its steps", () => {
  setProject({ timeZone: "Europe/Berlin" }, ["en-GB"]);
  const moment = "2026-03-01T12:05:10Z";
  expect([10, 60, 3_600].map((step) => formatTimeStep(moment, step))).toEqual(["13:05:10", "13:05", "1 Mar, 13:05"]);
});

it("shows an exact time with its seconds and time zone", () => {
  setProject({ timeZone: "Europe/Berlin" }, ["en-GB"]);
  expect(formatExactTime("2026-03-01T09:05:07Z")).toBe("1 Mar 2026, 10:05:07 CET");
});
