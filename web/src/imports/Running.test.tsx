import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { ImportState } from "../api/types";
import { App } from "../testing/App";
import { serve } from "../testing/server";
import { Running } from "./Running";

const UNDER_WAY = {
  id: "one",
  kind: "customers",
  dry_run: false,
  file_name: "people.csv",
  state: "checking",
  rows: 1200,
  checked: 500,
  created: 500,
  updated: 0,
  skipped: 0,
  invalid: 0,
  problems: [],
} as unknown as ImportState;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (seconds: number) => act(() => vi.advanceTimersByTimeAsync(seconds * 1_000));

function watch(onRestart = () => undefined) {
  render(
    <App>
      <Running id="one" chosen={null} mapping={{}} onRestart={onRestart} />
    </App>,
  );
}

it("shows how far an import is that was begun before the page was loaded", async () => {
  let state = UNDER_WAY;
  serve({ "GET /api/v1/imports/one": () => ({ json: state }) });
  watch();
  await pass(2);
  expect(screen.getByText(/500 of 1,200 rows/)).toBeTruthy();
  state = { ...UNDER_WAY, state: "done", checked: 1200, created: 1200 };
  await pass(2);
  expect(screen.getByText("1,200 rows imported.")).toBeTruthy();
});

it("says what to do about one that nobody drives any more", async () => {
  serve({ "GET /api/v1/imports/one": () => ({ json: UNDER_WAY }) });
  const restarted = vi.fn();
  watch(restarted);
  await pass(20);
  expect(screen.queryByText("This import does not get on")).toBeNull();
  await pass(20);
  expect(screen.getByText("This import does not get on")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Import another file" }));
  expect(restarted).toHaveBeenCalled();
});
