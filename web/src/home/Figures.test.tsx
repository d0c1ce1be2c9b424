import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import type { Overview } from "../api/types";
import { App } from "../testing/App";
import { Figures } from "./Figures";

afterEach(cleanup);

it("says that only completed orders are counted", () => {
  const about = { customers: 2000, reachable: {}, orders: 6714, spend: { total: 67_140, currency: null }, months: [] };
  render(
    <App>
      <Figures about={about as unknown as Overview} />
    </App>,
  );
  expect(screen.getByText("Completed orders").parentElement?.textContent).toContain("6,714");
  expect(screen.getByText("10.00 a completed order")).toBeTruthy();
});
