import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { ImportState } from "../api/types";
import { App } from "../testing/App";
import { type Call, serve } from "../testing/server";
import type { Chosen } from "./chosen";
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

function watch(onRestart = () => undefined, chosen: Chosen | null = null) {
  render(
    <App>
      <Running id="one" chosen={chosen} mapping={{}} onRestart={onRestart} />
    </App>,
  );
}

const FILE: Chosen = {
  kind: "customers",
  file: new File(["id\n1\n"], "people.csv"),
  columns: { encoding: "utf-8", delimiter: ",", columns: [], fields: [], problems: [] },
};

const posts = (calls: Call[]) => calls.filter(({ method }) => method === "POST").length;

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

it("sends a large file again until it is through", async () => {
  const states: ImportState[] = [
    UNDER_WAY,
    { ...UNDER_WAY, checked: 900 },
    { ...UNDER_WAY, state: "done", created: 1200 },
  ];
  const calls = serve({ "POST /api/v1/imports": () => ({ json: states.shift() }) });
  watch(undefined, FILE);
  await pass(10);
  expect(posts(calls)).toBe(3);
  expect(screen.getByText("1,200 rows imported.")).toBeTruthy();
});

it("leaves it to a person to repeat what was refused", async () => {
  const calls = serve({ "POST /api/v1/imports": () => ({ status: 409, json: { detail: "Another file." } }) });
  watch(undefined, FILE);
  await pass(10);
  expect(posts(calls)).toBe(1);
  expect(screen.getByRole("alert").textContent).toContain("Another file.");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await pass(1);
  expect(posts(calls)).toBe(2);
});

it("says what to do about an import that was abandoned", async () => {
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
