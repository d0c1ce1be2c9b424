import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, it, vi } from "vitest";

import type { NewCampaign } from "../../api/types";
import { App } from "../../testing/App";
import { type Call, serve } from "../../testing/server";
import { EditConflict } from "../shared/EditConflict";
import { NEW_DRAFT } from "./draft";
import { useWork } from "./useWork";

afterEach(() => {
  cleanup();
  localStorage.clear();
  vi.unstubAllGlobals();
});

const body = (name: string): NewCampaign => ({ name, channel: "simulator", message: { body: "Hi" } });
const writes = (calls: Call[]) => calls.filter(({ method }) => method !== "GET").map((call) => call.method);

/** A server that keeps one campaign, as ours does. */
function keeping(version = 1) {
  const stored = { version };
  const answer = () => ({ json: { id: "c1", status: "draft", version: stored.version } });
  const calls = serve({
    "POST /api/v1/campaigns": answer,
    "GET /api/v1/campaigns/c1": answer,
    "PUT /api/v1/campaigns/c1": (call) => {
      if ((call.body as { version: number }).version !== stored.version)
        return { status: 409, json: { detail: "No." } };
      stored.version += 1;
      return answer();
    },
  });
  return { calls, stored };
}

const work = () =>
  renderHook(() => useWork("test", () => ({ draft: NEW_DRAFT, saved: null })), {
    wrapper: ({ children }: { children: ReactNode }) => <App>{children}</App>,
  }).result;

it("stores a campaign once, however often it is asked to, and a change of it as a change", async () => {
  const { calls } = keeping();
  const result = work();
  await act(async () => {
    expect(await Promise.all([result.current.store(body("a")), result.current.store(body("a"))])).toEqual(["c1", "c1"]);
  });
  await act(() => result.current.store(body("a")));
  expect(writes(calls)).toEqual(["POST"]);
  await act(() => result.current.store(body("b")));
  expect(writes(calls)).toEqual(["POST", "PUT"]);
});

it("stores nothing where it is stored with its time already", async () => {
  const { calls } = keeping();
  const result = work();
  await act(() => result.current.store({ ...body("a"), schedule_at: "2031-05-01T12:00:00Z" }));
  await act(() => result.current.store(body("a"), { ...body("a"), schedule_at: "2031-05-01T12:00:00Z" }));
  expect(writes(calls)).toEqual(["POST"]);
});

it("overwrites no other person's changes, and reports the conflict", async () => {
  const { calls, stored } = keeping();
  const result = work();
  await act(() => result.current.store(body("a")));
  stored.version = 2;
  await act(() => expect(result.current.store(body("b"))).rejects.toBeInstanceOf(EditConflict));
  expect(writes(calls)).toEqual(["POST"]);
  await waitFor(() => expect(result.current.theirs?.version).toBe(2));
});

it("stores a deleted campaign as a new one", async () => {
  const { calls } = keeping();
  const result = work();
  await act(() => result.current.store(body("a")));
  serve({ "POST /api/v1/campaigns": () => ({ json: { id: "c2", status: "draft", version: 1 } }) });
  await act(async () => expect(await result.current.store(body("b"))).toBe("c2"));
  expect(writes(calls)).toEqual(["POST"]);
});

it("tries again after a failure", async () => {
  let away = true;
  serve({
    "POST /api/v1/campaigns": () =>
      away ? { status: 503, json: { detail: "Away." } } : { json: { id: "c1", status: "draft", version: 1 } },
  });
  const result = work();
  await act(() => expect(result.current.store(body("a"))).rejects.toThrow("Away."));
  away = false;
  await act(async () => expect(await result.current.store(body("a"))).toBe("c1"));
});
