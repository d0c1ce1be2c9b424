import { describe, expect, it } from "vitest";

import type { Stats } from "../../api/types";
import { groupedByReason, settledOf, sharesOf } from "./figures";

describe("figures", () => {
  const stats: Stats = {
    audience: 10,
    pending: 1,
    sent: 6,
    accepted: 2,
    delivered: 4,
    failed: 2,
    skipped: 1,
    unknown: 0,
    opened: 0,
    clicked: 0,
  };

  it("make up the whole bar", () => {
    const shares = sharesOf(stats);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(100);
    expect(shares.map(({ part }) => part)).not.toContain("unknown");
  });

  it("of nobody make no bar", () => {
    expect(sharesOf({ ...stats, audience: 0 })).toEqual([]);
  });

  it("group failures by reason, the most first", () => {
    const rows = ["no address", "bounced", "bounced", null].map((reason) => ({ reason }));
    expect(groupedByReason(rows)).toEqual([
      { reason: "bounced", count: 2 },
      { reason: "no address", count: 1 },
      { reason: null, count: 1 },
    ]);
  });

  it("do not call settled what is on its way", () => {
    expect(settledOf(stats)).toBe(7);
  });
});
