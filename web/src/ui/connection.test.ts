import { onlineManager } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";

import { withConnection } from "./connection";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  onlineManager.setOnline(true);
});

describe("what needs a connection", () => {
  it("waits for one, and is then tried once more", async () => {
    vi.useFakeTimers();
    const answers = [false, false, true];
    vi.stubGlobal("fetch", () =>
      answers.shift() ? Promise.resolve(new Response("{}")) : Promise.reject(new TypeError()),
    );
    const load = vi.fn().mockRejectedValueOnce(new TypeError("no network")).mockResolvedValue("page");

    const loaded = withConnection(load);
    await vi.advanceTimersByTimeAsync(100);
    expect(onlineManager.isOnline()).toBe(false);
    await vi.advanceTimersByTimeAsync(3_000);

    expect(await loaded).toBe("page");
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("fails at once where the server is there and what is wanted is not", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}")));
    await expect(withConnection(() => Promise.reject(new TypeError("gone")))).rejects.toThrow("gone");
  });
});
