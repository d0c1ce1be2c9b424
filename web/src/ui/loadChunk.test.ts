import { onlineManager } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ChunkLoadError, loadChunk, reloadOnce } from "./loadChunk";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}")));
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
  onlineManager.setOnline(true);
  sessionStorage.clear();
});

/** The outcome, with every wait gone by. */
async function settled(load: () => Promise<unknown>): Promise<unknown> {
  const outcome = loadChunk(load).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(10_000);
  return outcome;
}

describe("a chunk that fails to load", () => {
  it("is tried again after a short wait", async () => {
    const load = vi.fn().mockRejectedValueOnce(new TypeError("aborted")).mockResolvedValue("page");
    expect(await settled(load)).toBe("page");
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("is given up after three tries", async () => {
    const cause = new TypeError("Failed to fetch dynamically imported module");
    const load = vi.fn().mockRejectedValue(cause);
    expect(await settled(load)).toMatchObject({ name: "ChunkLoadError", cause });
    expect(load).toHaveBeenCalledTimes(3);
  });

  it("waits for the connection before the next try", async () => {
    const answers = [false, false, true];
    vi.stubGlobal("fetch", () =>
      answers.shift() ? Promise.resolve(new Response("{}")) : Promise.reject(new TypeError()),
    );
    const load = vi.fn().mockRejectedValueOnce(new TypeError("no network")).mockResolvedValue("page");

    const loaded = loadChunk(load);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(onlineManager.isOnline()).toBe(false);
    expect(load).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_000);

    expect(await loaded).toBe("page");
  });

  it("is given up immediately when its stylesheet is missing", async () => {
    const load = vi.fn().mockRejectedValue(new Error("Unable to preload CSS for /assets/segments.css"));
    expect(await settled(load)).toBeInstanceOf(ChunkLoadError);
    expect(load).toHaveBeenCalledTimes(1);
  });
});

describe("the reload for a missing chunk", () => {
  it("happens once within a minute for each page", () => {
    const reload = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
    window.history.replaceState(null, "", "/customers");
    expect([reloadOnce(), reloadOnce()]).toEqual([true, false]);
    window.history.replaceState(null, "", "/segments");
    expect(reloadOnce()).toBe(true);
    vi.advanceTimersByTime(61_000);
    expect(reloadOnce()).toBe(true);
    expect(reload).toHaveBeenCalledTimes(3);
  });

  it("does not happen where the browser stores nothing", () => {
    const reload = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
    vi.stubGlobal("sessionStorage", {
      getItem: () => {
        throw new DOMException("denied", "SecurityError");
      },
      clear: () => undefined,
    });
    expect(reloadOnce()).toBe(false);
    expect(reload).not.toHaveBeenCalled();
  });
});
