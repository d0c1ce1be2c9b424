import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { Campaign, CampaignStatus } from "../api/types";
import { App } from "../testing/App";
import { serve, type Call } from "../testing/server";
import { Actions } from "./Actions";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const RETRY = "POST /api/v1/campaigns/c1/retry-failed";

const asked = (calls: Call[]) => calls.map((call) => `${call.method} ${call.path}`);

function show(status: CampaignStatus, failed: number, rework: string | null = null) {
  const stats = { audience: 10, pending: 0, failed };
  const one = { id: "c1", status, rework, stats } as Campaign;
  render(
    <App role="marketer">
      <Actions one={one} />
    </App>,
  );
}

describe("actions", () => {
  it("sends the failed ones again, once the number is confirmed", async () => {
    const calls = serve({ [RETRY]: () => ({ status: 202, json: {} }) });
    const confirm = vi.fn(() => true);
    vi.stubGlobal("confirm", confirm);
    show("finished", 3);

    fireEvent.click(screen.getByRole("button", { name: "Retry failed" }));

    await waitFor(() => expect(asked(calls)).toEqual([RETRY]));
    expect(confirm).toHaveBeenCalledWith("Send 3 failed messages again? Nobody else gets one.");
  });

  it("sends nothing when the question is answered with no", () => {
    const calls = serve({ [RETRY]: () => ({ status: 202, json: {} }) });
    vi.stubGlobal("confirm", () => false);
    show("finished", 3);

    fireEvent.click(screen.getByRole("button", { name: "Retry failed" }));

    expect(asked(calls)).toEqual([]);
  });

  it("offers no retry where nothing failed, and none while one is under way", () => {
    show("finished", 0);
    expect(screen.queryByRole("button", { name: "Retry failed" })).toBeNull();
    cleanup();

    show("sending", 3, "retry_failed");
    expect(screen.getByRole("button", { name: "Retry failed" })).toHaveProperty("disabled", true);
  });

  it("takes a missed campaign off its schedule", () => {
    show("missed", 0);

    expect(screen.getAllByRole("button").map((button) => button.textContent)).toEqual(["Unschedule", "Cancel"]);
  });
});
