import type { QueryClient } from "@tanstack/react-query";
import { act, cleanup, render, renderHook, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { api, dataOf, guardWrites } from "../api/http";
import { keys } from "../api/keys";
import type { Role, Session } from "../api/types";
import { createQueryClient } from "../app/queries";
import { App } from "../testing/App";
import { serve } from "../testing/server";
import { announce } from "./tabs";
import { useLocalStorage } from "./useLocalStorage";
import { useHasEnded, useSession } from "./useSession";
import { watchSession } from "./watchSession";

const member = (email: string, role: Role = "marketer"): Session => ({ email, name: email, role });
const MARKETER = member("marketer@example.com");
const OWNER = member("owner@example.com", "admin");
const reload = vi.fn();
let client: QueryClient;
let onServer: Session | null;
let calls: ReturnType<typeof serve>;

beforeEach(() => {
  vi.spyOn(window.location, "reload").mockImplementation(reload);
  onServer = MARKETER;
  calls = serve({
    "GET /api/v1/session": () => (onServer ? { json: onServer } : { status: 401, json: { detail: "Sign in." } }),
    "POST /api/v1/keys": () => ({ json: {} }),
    "DELETE /api/v1/session": () => ({ status: 204 }),
  });
  client = createQueryClient();
  client.setQueryData(keys.session.current, MARKETER);
  client.setQueryData(keys.customers.list("", null), { data: ["Mira"] });
  watchSession(client);
  render(
    <App client={client}>
      <Who />
    </App>,
  );
});

afterEach(() => {
  client.clear();
  cleanup();
  localStorage.clear();
  reload.mockClear();
  guardWrites(() => undefined);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function Who() {
  const { data } = useSession();
  const hasEnded = useHasEnded();
  return <p>{data ? `${data.email} ${data.role}${hasEnded ? " ended" : ""}` : "nobody"}</p>;
}

/** As another tab does it: only other tabs get the event. */
function announcedElsewhere(session: Session | null): void {
  onServer = session;
  announce(session);
  window.dispatchEvent(new StorageEvent("storage", { key: "crm-session" }));
}

const write = () => dataOf(api.POST("/api/v1/keys", { body: { name: "Shop", scopes: ["ingest:orders"] } }));
const writes = () => calls.filter(({ method }) => method !== "GET");

it.each([["signs in", OWNER] as const, ["signs out", null] as const])(
  "shows nothing of a person once another tab %s",
  async (_, session) => {
    act(() => announcedElsewhere(session));
    await screen.findByText("nobody");
    expect(reload).toHaveBeenCalled();
  },
);

it("finds out by itself, on getting the focus, that another person is signed in", async () => {
  onServer = OWNER;
  act(() => void window.dispatchEvent(new Event("focus")));
  await screen.findByText("nobody");
  expect(reload).toHaveBeenCalled();
});

it("asks to sign in again, on getting the focus, where the session has ended, and goes on after another tab did", async () => {
  onServer = null;
  act(() => void window.dispatchEvent(new Event("focus")));
  await screen.findByText("marketer@example.com marketer ended");
  act(() => announcedElsewhere(MARKETER));
  await screen.findByText("marketer@example.com marketer");
  expect(reload).not.toHaveBeenCalled();
});

it("drops what another role was shown", async () => {
  act(() => announcedElsewhere({ ...MARKETER, role: "viewer" }));
  await screen.findByText("marketer@example.com viewer");
  expect(client.getQueryData(keys.customers.list("", null))).toBeUndefined();
  expect(reload).not.toHaveBeenCalled();
});

it("writes as the member it shows, and stops where another one is signed in", async () => {
  await write();
  expect(writes()[0]?.headers.get("X-Member")).toBe("marketer%40example.com");
  announce(OWNER);
  await expect(write()).rejects.toThrow("owner@example.com has signed in in another tab. Nothing was changed.");
  announce(null);
  await expect(write()).rejects.toThrow("signed out in another tab. Nothing was changed.");
  expect(writes()).toHaveLength(1);
  await dataOf(api.DELETE("/api/v1/session", { params: { query: { everywhere: false } } }));
});

it("keeps work for the person who began it", async () => {
  const { result } = renderHook(() => useLocalStorage("work", "begun"), {
    wrapper: ({ children }) => <App client={client}>{children}</App>,
  });
  act(() => client.setQueryData(keys.session.current, OWNER));
  await waitFor(() => expect(screen.getByText("owner@example.com admin")).toBeTruthy());
  act(() => result.current[1]("changed"));
  expect(localStorage.getItem("crm:marketer@example.com:work")).toBe('"changed"');
  expect(localStorage.getItem("crm:owner@example.com:work")).toBeNull();
});
