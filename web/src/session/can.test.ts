import { expect, it } from "vitest";

import { can } from "./can";

it("follows what the API needs", () => {
  const roles = ["viewer", "marketer", "admin"] as const;
  const may = (operation: Parameters<typeof can>[1]) => roles.map((role) => can(role, operation));

  expect(may("GET /api/v1/overview")).toEqual([true, true, true]);
  expect(may("POST /api/v1/campaigns")).toEqual([false, true, true]);
  expect(may("POST /api/v1/ai/summaries")).toEqual([false, true, true]);
  expect(may("GET /api/v1/members")).toEqual([false, false, true]);
});
