import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { Preview } from "../api/types";
import { EVERYONE } from "../audience/wire";
import { App } from "../testing/App";
import { serve } from "../testing/server";
import { Review } from "./Review";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const LAUNCH = "POST /api/v1/campaigns/c1/launch";

function show(reachable: number, keep = () => Promise.resolve("c1"), role: "viewer" | "marketer" = "marketer") {
  const preview: Preview = {
    matched: 1700,
    reachable,
    excluded: { no_consent: 67 },
    total: 4372,
    as_of: "2026-03-01T12:00:00Z",
    sample: [],
    description: "all customers",
  };
  render(
    <App role={role}>
      <Review
        name="Sale"
        channel="simulator"
        message={{ body: "Hi" }}
        rules={EVERYONE}
        count={{ preview, counting: false, error: null, retry: vi.fn() }}
        scheduleAt={null}
        keep={keep}
      />
    </App>,
  );
}

const button = () => screen.getByTestId<HTMLButtonElement>("send-button");

describe("the button", () => {
  it("says to how many, and sends once when clicked twice", async () => {
    const calls = serve({ [LAUNCH]: () => ({ status: 202, json: {} }) });
    show(1633);
    expect(button().textContent).toBe("Send to 1,633 customers");
    button().click();
    button().click();
    await waitFor(() => expect(calls.some(({ path }) => path.endsWith("/launch"))).toBe(true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(calls.filter(({ path }) => path.endsWith("/launch"))).toHaveLength(1);
  });

  it("sends nothing to nobody", () => {
    serve({});
    show(0);
    expect(button().disabled).toBe(true);
    expect(screen.getByText(/Nobody in this audience can be reached/)).toBeTruthy();
  });

  it("can be pressed again after a failure, which is told", async () => {
    let failures = 1;
    const calls = serve({
      [LAUNCH]: () =>
        failures-- > 0 ? { status: 503, json: { detail: "The broker is away." } } : { status: 202, json: {} },
    });
    show(3);
    fireEvent.click(button());
    expect((await screen.findByText(/The broker is away/)).textContent).toContain("try again");
    fireEvent.click(button());
    await waitFor(() => expect(calls.filter(({ path }) => path.endsWith("/launch"))).toHaveLength(2));
  });

  it("takes a campaign that is launched already for sent", async () => {
    serve({ [LAUNCH]: () => ({ status: 409, json: { detail: "It is sending." } }) });
    show(3);
    fireEvent.click(button());
    await waitFor(() => expect(button().disabled).toBe(true));
    expect(screen.queryByText("The campaign was not sent")).toBeNull();
  });

  it("is not there for a viewer", () => {
    serve({});
    show(3, undefined, "viewer");
    expect(screen.queryByTestId("send-button")).toBeNull();
  });
});
