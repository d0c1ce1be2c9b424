import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { AllowedAction, Campaign } from "../../api/types";
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

interface Shown {
  failed?: number;
  pending?: number;
  resolution?: Campaign["resolution"];
}

function show(allowed_actions: AllowedAction[], { failed = 0, pending = 0, resolution = null }: Shown = {}) {
  const stats = { audience: 10, pending, failed, skipped: 0 };
  const one = { id: "c1", allowed_actions, resolution, stats } as Campaign;
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
    show(["retry_failed"], { failed: 3 });

    press("Retry failed only");
    expect(question.get()).toMatchObject({ title: "Send 3 failed messages again?", action: "Send 3 messages again" });
    question.get()?.answer(true);

    await waitFor(() => expect(asked(calls)).toEqual([RETRY]));
  });

  it("send nothing when the question is answered with no", async () => {
    const calls = serve({ [RETRY]: () => ({ status: 202, json: {} }) });
    show(["retry_failed"], { failed: 3 });

    press("Retry failed only");
    question.get()?.answer(false);

    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked(calls)).toEqual([]);
  });

  it("pause without asking, for that can be taken back", async () => {
    const calls = serve({ "POST /api/v1/campaigns/c1/pause": () => ({ status: 202, json: {} }) });
    show(["pause", "cancel"]);

    press("Pause");

    await waitFor(() => expect(asked(calls)).toEqual(["POST /api/v1/campaigns/c1/pause"]));
  });

  it("say before a campaign is cancelled what already went", () => {
    show(["resume", "cancel"], { pending: 4 });

    press("Cancel campaign");

    expect(question.get()?.text).toContain("6 messages already went and cannot be called back. The other 4");
    expect(screen.getByRole("dialog").textContent).toContain("Keep");
    expect(screen.queryByRole("button", { name: "Cancel" })).toBeNull();
    question.get()?.answer(false);
  });

  it("offer no retry where nothing failed, and none while one is under way", () => {
    show(["retry_failed"]);
    expect(screen.queryByRole("button", { name: "Retry failed only" })).toBeNull();
    cleanup();

    show(["pause", "retry_failed"], { failed: 3, resolution: "retry_failed" });
    expect(screen.getByRole("button", { name: "Retry failed only" })).toHaveProperty("disabled", true);
    expect(screen.getByRole("button", { name: "Pause" })).toHaveProperty("disabled", false);
  });

  it("are those that the server allows", () => {
    show(["change", "launch", "unschedule", "cancel"]);

    expect(screen.getAllByRole("button").map((button) => button.textContent)).toEqual([
      "Unschedule",
      "Cancel campaign",
    ]);
    cleanup();

    show([], { failed: 3, pending: 4 });
    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("the rate", () => {
  it("is changed to a valid number, and says why it is refused otherwise", async () => {
    const refused = { detail: "No.", errors: [{ path: "rate", message: "must be at least 500" }] };
    let answer: { status: number; json: unknown } = { status: 422, json: refused };
    const calls = serve({ "POST /api/v1/campaigns/c1/rate": () => answer });
    show(["change_rate"], { pending: 4 });
    press("Change rate");
    const typed = screen.getByLabelText(/At most so many messages/);

    fireEvent.change(typed, { target: { value: "9" } });
    expect(screen.getByRole("button", { name: "Change the rate", hidden: true })).toHaveProperty("disabled", true);
    fireEvent.change(typed, { target: { value: "60" } });
    fireEvent.submit(typed);
    expect(await screen.findByText(/must be at least 500/)).toBeTruthy();

    answer = { status: 202, json: {} };
    fireEvent.change(typed, { target: { value: "" } });
    fireEvent.submit(typed);
    await waitFor(() => expect(screen.queryByLabelText(/At most so many messages/)).toBeNull());
    expect(calls.map((call) => call.body)).toEqual([{ rate: 60 }, { rate: null }]);
  });

  it("is not offered once nobody waits", () => {
    show(["pause", "change_rate"]);
    expect(screen.queryByRole("button", { name: "Change rate" })).toBeNull();
  });
});

describe("messages with an unknown outcome", () => {
  const unknown = (allowed_actions: AllowedAction[]) =>
    ({ id: "c1", allowed_actions, resolution: null, stats: { unknown: 2 } }) as Campaign;

  it("cannot be resolved where the server allows none", () => {
    render(
      <App as="viewer">
        <Unknown one={unknown([])} />
      </App>,
    );
    expect(screen.getByText("2 messages with an unknown outcome")).toBeTruthy();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it.each([
    ["Mark as sent", "Recipients who did not get the message will not get it.", "mark_as_sent"],
    ["Send again", "Recipients who did get the message get it a second time.", "send_again"],
  ])("%s, once its consequence is known", async (name, consequence, resolution) => {
    const calls = serve({ "POST /api/v1/campaigns/c1/resolve": () => ({ status: 202, json: {} }) });
    render(
      <App as="marketer">
        <Unknown one={unknown(["send_again", "mark_as_sent"])} />
      </App>,
    );

    press(name);
    expect(question.get()?.text).toContain(consequence);
    question.get()?.answer(true);

    await waitFor(() => expect(calls[0]?.body).toEqual({ resolution }));
  });
});
