import { expect, it } from "vitest";

import { formatAmount, formatDate, formatShare, plural, utcOfLocal } from "./format";

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
  expect(formatDate("nonsense")).toBe("–");
});

it("gives local times in UTC, and nothing for no time", () => {
  expect(utcOfLocal("2026-03-01T12:00")).toBe(new Date(2026, 2, 1, 12).toISOString());
  expect(utcOfLocal("")).toBeNull();
});
