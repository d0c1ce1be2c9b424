import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, it, vi } from "vitest";

import { App } from "../testing/App";
import { serve } from "../testing/server";
import { useUnsaved } from "./useLocalStorage";
import { useSignOut } from "./useSignOut";

afterEach(() => {
  cleanup();
  localStorage.clear();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function signingOut(what: string | null, agrees: boolean) {
  const calls = serve({ "DELETE /api/v1/session": () => ({ status: 204 }) });
  const assign = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  const agree = vi.fn(() => Promise.resolve(agrees));
  const wrapper = ({ children }: { children: ReactNode }) => <App>{children}</App>;
  const { result } = renderHook(
    () => {
      useUnsaved("campaign", what);
      return useSignOut({ everywhere: false, agree });
    },
    { wrapper },
  );
  return { calls, assign, agree, result };
}

const MINE = "crm:marketer@example.com:unsaved campaign";

it("discards no unsaved work of the person without their consent", async () => {
  const { calls, agree, result } = signingOut("Campaign “Spring”", false);
  await act(async () => result.current.leave());
  expect(agree).toHaveBeenCalledWith(["Campaign “Spring”"]);
  expect(calls).toEqual([]);
  expect(localStorage.getItem(MINE)).not.toBeNull();
});

it("asks nothing where nothing is unsaved, and leaves the work of others", async () => {
  localStorage.setItem("crm:owner@example.com:unsaved campaign", '"Campaign “Autumn”"');
  const { assign, agree, result } = signingOut(null, false);
  await act(async () => result.current.leave());
  await waitFor(() => expect(assign).toHaveBeenCalledWith("/sign-in"));
  expect(agree).not.toHaveBeenCalled();
  expect(localStorage.getItem("crm:owner@example.com:unsaved campaign")).not.toBeNull();
});

it("discards it with consent", async () => {
  const { assign, result } = signingOut("Campaign “Spring”", true);
  await act(async () => result.current.leave());
  await waitFor(() => expect(assign).toHaveBeenCalledWith("/sign-in"));
  expect(localStorage.getItem(MINE)).toBeNull();
});
