import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { App } from "../../testing/App";
import { serve } from "../../testing/server";
import { Send } from "./Send";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const LAUNCH = "POST /api/v1/campaigns/c1/launch";

function show(
  reachable: number | null,
  more: Partial<Parameters<typeof Send>[0]> = {},
  role: "viewer" | "marketer" = "marketer",
) {
  render(
    <App as={role}>
      <Send reachable={reachable} isSound scheduleAt={null} keep={() => Promise.resolve("c1")} {...more} />
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

  it.each([
    ["to nobody", 0, {}],
    ["while it is counted", null, {}],
    ["while the message does not hold", 3, { isSound: false }],
    ["while the time or the rate is invalid", 3, { isBlocked: true }],
  ])("sends nothing %s", (_, reachable, more) => {
    serve({});
    show(reachable, more);
    expect(button().disabled).toBe(true);
  });

  it("schedules where there is a time, and launches nothing", async () => {
    const calls = serve({});
    const schedule = vi.fn(() => Promise.resolve("c1"));
    show(3, { scheduleAt: "2031-05-01T12:00:00Z", schedule });
    expect(button().textContent).toBe("Schedule for 3 customers");
    fireEvent.click(button());
    await waitFor(() => expect(schedule).toHaveBeenCalledOnce());
    expect(calls).toEqual([]);
  });

  it("can be pressed again after a failure, which is shown", async () => {
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
    const onSent = vi.fn();
    show(3, { onSent });
    fireEvent.click(button());
    await waitFor(() => expect(onSent).toHaveBeenCalledOnce());
    expect(screen.queryByText("The campaign was not sent")).toBeNull();
  });

  it("is not there for a viewer", () => {
    serve({});
    show(3, {}, "viewer");
    expect(screen.queryByTestId("send-button")).toBeNull();
  });
});
