import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { Campaign, CampaignStatus } from "../../api/types";
import { App } from "../../testing/App";
import { type Call, serve } from "../../testing/server";
import { question } from "../../ui/ask";
import { Actions } from "./Actions";
import { Unknown } from "./Unknown";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const RETRY = "POST /api/v1/campaigns/c1/retry-failed";

const asked = (calls: Call[]) => calls.map((call) => `${call.method} ${call.path}`);

function show(status: CampaignStatus, failed: number, resolution: string | null = null, pending = 0) {
  const stats = { audience: 10, pending, failed, skipped: 0 };
  const one = { id: "c1", status, resolution, stats } as Campaign;
  render(
    <App as="marketer">
      <Actions one={one} />
    </App>,
  );
}

const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

describe("actions", () => {
  it("send the failed ones again, once the number is confirmed", async () => {
    const calls = serve({ [RETRY]: () => ({ status: 202, json: {} }) });
    show("finished", 3);

    press("Retry failed only");
    expect(question.get()).toMatchObject({ title: "Send 3 failed messages again?", action: "Send 3 messages again" });
    question.get()?.answer(true);

    await waitFor(() => expect(asked(calls)).toEqual([RETRY]));
  });

  it("send nothing when the question is answered with no", async () => {
    const calls = serve({ [RETRY]: () => ({ status: 202, json: {} }) });
    show("finished", 3);

    press("Retry failed only");
    question.get()?.answer(false);

    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked(calls)).toEqual([]);
  });

  it("pause without asking, for that can be taken back", async () => {
    const calls = serve({ "POST /api/v1/campaigns/c1/pause": () => ({ status: 202, json: {} }) });
    show("sending", 0);

    press("Pause");

    await waitFor(() => expect(asked(calls)).toEqual(["POST /api/v1/campaigns/c1/pause"]));
  });

  it("say before a campaign is cancelled what already went", () => {
    show("paused", 0, null, 4);

    press("Cancel campaign");

    expect(question.get()?.text).toContain("6 messages already went and cannot be called back. The other 4");
    question.get()?.answer(false);
  });

  it("offer no retry where nothing failed, and none while one is under way", () => {
    show("finished", 0);
    expect(screen.queryByRole("button", { name: "Retry failed only" })).toBeNull();
    cleanup();

    show("sending", 3, "retry_failed");
    expect(screen.getByRole("button", { name: "Retry failed only" })).toHaveProperty("disabled", true);
  });

  it("take a missed campaign off its schedule", () => {
    show("missed", 0);

    expect(screen.getAllByRole("button").map((button) => button.textContent)).toEqual([
      "Unschedule",
      "Cancel campaign",
    ]);
  });
});

describe("the pace", () => {
  it("is changed to a number that is one, and told why where it is refused", async () => {
    const refused = { detail: "No.", errors: [{ path: "rate", message: "must be at least 500" }] };
    let answer: { status: number; json: unknown } = { status: 422, json: refused };
    const calls = serve({ "POST /api/v1/campaigns/c1/rate": () => answer });
    show("sending", 0, null, 4);
    press("Change pace");
    const typed = screen.getByLabelText(/At most so many messages/);

    fireEvent.change(typed, { target: { value: "9" } });
    expect(screen.getByRole("button", { name: "Change the pace", hidden: true })).toHaveProperty("disabled", true);
    fireEvent.change(typed, { target: { value: "60" } });
    fireEvent.submit(typed);
    expect(await screen.findByText(/must be at least 500/)).toBeTruthy();

    answer = { status: 202, json: {} };
    fireEvent.change(typed, { target: { value: "" } });
    fireEvent.submit(typed);
    await waitFor(() => expect(screen.queryByLabelText(/At most so many messages/)).toBeNull());
    expect(calls.map((call) => call.body)).toEqual([{ rate: 60 }, { rate: null }]);
  });

  it("is not offered once nobody waits, nor before the audience is fixed", () => {
    for (const [status, pending] of [
      ["sending", 0],
      ["launching", 4],
      ["finished", 0],
    ] as const) {
      show(status, 0, null, pending);
      expect(screen.queryByRole("button", { name: "Change pace" })).toBeNull();
      cleanup();
    }
  });
});

describe("messages in doubt", () => {
  it.each([
    ["Treat as sent", "Whoever did not get the message will not get it.", "sent"],
    ["Send again", "Whoever did get the message gets it a second time.", "send_again"],
  ])("%s, once its consequence is known", async (name, consequence, as) => {
    const calls = serve({ "POST /api/v1/campaigns/c1/resolve": () => ({ status: 202, json: {} }) });
    render(
      <App as="marketer">
        <Unknown one={{ id: "c1", resolution: null, stats: { unknown: 2 } } as Campaign} />
      </App>,
    );

    press(name);
    expect(question.get()?.text).toContain(consequence);
    question.get()?.answer(true);

    await waitFor(() => expect(calls[0]?.body).toEqual({ as }));
  });
});
