import { expect, it } from "vitest";

import type { CampaignStatus } from "../api/types";
import { nextStep } from "./nextStep";

const one = (id: string, status: CampaignStatus) => ({ id, name: `Campaign ${id}`, status });

it.each([
  [0, [], "/segments/new"],
  [1, [], "/campaigns/new"],
  [0, [one("a", "finished")], "/campaigns/new"],
  [1, [one("a", "finished"), one("b", "draft")], "/campaigns/b"],
  [1, [one("a", "draft"), one("b", "needs_attention")], "/campaigns/b"],
  [1, [one("a", "missed")], "/campaigns/a"],
])("with %i segments and the campaigns %j, goes on to %s", (segments, campaigns, path) => {
  expect(nextStep(segments, campaigns).path).toBe(path);
});

it("names the campaign that is meant", () => {
  expect(nextStep(1, [one("a", "draft")]).text).toContain("“Campaign a”");
});
