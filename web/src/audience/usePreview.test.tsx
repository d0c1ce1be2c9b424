import { cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";

import type { WireGroup } from "../api/types";
import { App } from "../testing/App";
import { type Call, serve } from "../testing/server";
import { usePreview } from "./usePreview";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const over = (value: number): WireGroup => ({
  combinator: "and",
  rules: [{ field: "total_spend", operator: ">", value }],
});

/** As many match as the rule says, so that an answer tells which question it belongs to. */
const answer = ({ body }: Call) => {
  const { rules } = (body as { rules: WireGroup }).rules;
  const matched = (rules[0] as { value: number }).value;
  return { json: { matched, reachable: 0, excluded: {}, total: 9, as_of: "", sample: [], description: "" } };
};

function watch(start: WireGroup | null) {
  return renderHook(({ rules }) => usePreview(rules, "simulator"), { initialProps: { rules: start }, wrapper: App });
}

it("asks once the rules have rested, and for the last of them", async () => {
  const calls = serve({ "POST /api/v1/audience/preview": answer });
  const { result, rerender } = watch(null);
  for (const value of [1, 2, 3]) rerender({ rules: over(value) });
  expect(result.current.counting).toBe(true);
  await waitFor(() => expect(result.current.counting).toBe(false));
  expect(result.current.preview?.matched).toBe(3);
  expect(calls).toHaveLength(1);
});

it("aborts a request when a newer one follows", async () => {
  const waiting: Call[] = [];
  serve({
    "POST /api/v1/audience/preview": (call) => {
      waiting.push(call);
      if (waiting.length > 1) return answer(call);
      return new Promise((_, reject) => {
        call.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      });
    },
  });
  const { result, rerender } = watch(over(1));
  await waitFor(() => expect(waiting).toHaveLength(1));
  rerender({ rules: over(2) });
  await waitFor(() => expect(result.current.preview?.matched).toBe(2));
  expect(waiting[0]?.signal?.aborted).toBe(true);
});

it("asks nothing while the rules are unfinished", async () => {
  const calls = serve({});
  const { result } = watch(null);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(result.current).toMatchObject({ counting: false, preview: undefined });
  expect(calls).toHaveLength(0);
});
