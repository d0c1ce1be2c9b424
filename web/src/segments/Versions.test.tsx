import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";

import type { Segment } from "../api/types";
import { App } from "../testing/App";
import { serve } from "../testing/server";
import { segmentsText as text } from "../texts/segments";
import { Versions } from "./Versions";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const version = (number: number) => ({
  version: number,
  name: `Name ${number}`,
  rules: {},
  description: "everybody",
  changed_at: "2026-01-01T00:00:00Z",
  changed_by: "mira@example.com",
});

it("goes from page to page", async () => {
  const calls = serve({
    "GET /api/v1/segments/s1/versions": ({ path }) =>
      path.includes("cursor=2")
        ? { json: { data: [version(1)], next_cursor: null } }
        : { json: { data: [version(3), version(2)], next_cursor: "2" } },
  });
  render(
    <App>
      <Versions stored={{ id: "s1", version: 3 } as Segment} />
    </App>,
  );
  await screen.findByText(text.version(3));

  fireEvent.click(screen.getByRole("button", { name: "Next" }));

  await screen.findByText(text.version(1));
  expect(screen.queryByText(text.version(3))).toBeNull();
  expect(calls.map((call) => call.path)).toEqual([
    "/api/v1/segments/s1/versions?limit=25",
    "/api/v1/segments/s1/versions?limit=25&cursor=2",
  ]);
});
