import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { App } from "../testing/App";
import { serve } from "../testing/server";
import { notices } from "../ui/notify";
import { LoadSample } from "./LoadSample";

beforeEach(() => {
  vi.useFakeTimers();
  notices.set([]);
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("is done when all customers are there and no more orders come", async () => {
  const looks = [
    { customers: 3, orders: 5 },
    { customers: 103, orders: 5 },
    { customers: 203, orders: 300 },
    { customers: 203, orders: 700 },
    { customers: 203, orders: 700 },
  ];
  serve({
    "POST /api/v1/sample": () => ({ status: 202, json: { customers: 200, orders: 800 } }),
    "GET /api/v1/overview": () => ({ json: looks.shift() }),
  });
  render(
    <App>
      <LoadSample />
    </App>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Load sample data" }));
  await act(() => vi.advanceTimersByTimeAsync(1_600));
  expect(screen.getByRole("button", { name: "Loading sample data…" })).toBeTruthy();
  expect(notices.get()).toEqual([]);
  await act(() => vi.advanceTimersByTimeAsync(500));
  expect(looks).toEqual([]);
  expect(notices.get()).toMatchObject([{ text: "200 made-up customers are here. Have a look round." }]);
  expect(screen.getByRole("button", { name: "Load sample data" })).toBeTruthy();
});
