import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import type { Campaign, Cohort, Stats } from "../../api/types";
import { Cohorts } from "./Cohorts";
import { Progress } from "./Progress";

afterEach(cleanup);

const stats: Stats = {
  audience: 10,
  pending: 0,
  sent: 6,
  accepted: 2,
  delivered: 4,
  failed: 2,
  skipped: 2,
  unknown: 0,
  opened: 3,
  clicked: 0,
};
const percent = { delivered: 50, failed: 25, opened: 75, clicked: 0 };
const cohort: Cohort = { ...stats, label: "Active", attempted: 8, percent };
const nobody: Cohort = {
  ...stats,
  sent: 0,
  accepted: 0,
  delivered: 0,
  failed: 0,
  skipped: 10,
  opened: 0,
  label: "Lapsed",
  attempted: 0,
  percent: { delivered: null, failed: null, opened: null, clicked: null },
};

/** As the server answers it: the figures of the summary, and those of the page. */
const one = {
  status: "finished",
  stats,
  attempted: 8,
  percent,
  cohorts: { active: cohort, lapsed: nobody },
  summary: { figures: { all: { ...stats, attempted: 8, percent }, cohorts: { active: { delivered: 4, percent } } } },
} as unknown as Campaign;

describe("the shares on a campaign's page", () => {
  it("are those of its summary", () => {
    const figures = one.summary?.figures as { all: { percent: Record<string, number> } };
    render(<Progress one={one} />);
    for (const name of ["delivered", "failed", "opened"]) {
      const shown = screen.getByTestId(`stat-${name}`).nextSibling?.textContent;
      expect(shown).toBe(`${figures.all.percent[name]}%`);
    }
  });

  it("are the server's for each cohort, and none where nothing was attempted", () => {
    render(<Cohorts cohorts={one.cohorts} />);
    const row = (name: RegExp) => within(screen.getByRole("row", { name }));
    expect(row(/Active/).getByText("50%")).toBeTruthy();
    expect(row(/Lapsed/).getByText("–")).toBeTruthy();
  });
});
