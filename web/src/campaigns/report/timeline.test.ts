import { describe, expect, it } from "vitest";

import type { TimelineBucket } from "../../api/types";
import { runningTotals } from "./timeline";

const NOTHING = { sent: 0, delivered: 0, failed: 0, skipped: 0, unknown: 0 };
const at = (time: string, moved: Partial<TimelineBucket>): TimelineBucket => ({
  at: `2026-03-01T${time}Z`,
  ...NOTHING,
  ...moved,
});

describe("a campaign's timeline", () => {
  it("is running totals from nothing on, also over stretches in which nothing moved", () => {
    const running = runningTotals({
      bucket_seconds: 60,
      data: [at("12:00:00", { sent: 5, delivered: 2 }), at("12:03:00", { sent: -1, failed: 1, delivered: 2 })],
    });

    expect(running?.times).toEqual(
      ["12:00", "12:01", "12:02", "12:03", "12:04"].map((time) => `2026-03-01T${time}:00.000Z`),
    );
    expect(running?.totals).toEqual([
      { figure: "sent", values: [0, 5, 5, 5, 4] },
      { figure: "delivered", values: [0, 2, 2, 2, 4] },
      { figure: "failed", values: [0, 0, 0, 0, 1] },
    ]);
  });

  it("shows skipped and unknown only where there are any", () => {
    const running = runningTotals({ bucket_seconds: 10, data: [at("12:00:00", { skipped: 3 })] });
    expect(running?.totals.map(({ figure }) => figure)).toEqual(["sent", "delivered", "failed", "skipped"]);
  });

  it("is none before anything moved", () => {
    expect(runningTotals({ bucket_seconds: 10, data: [] })).toBeNull();
  });
});
