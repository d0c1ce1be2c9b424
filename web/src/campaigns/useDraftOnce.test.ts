import { renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import type { Campaign, NewCampaign } from "../api/types";
import { useDraftOnce } from "./useDraftOnce";

const body = (name: string): NewCampaign => ({ name, channel: "simulator", message: { body: "Hi" } });

it("stores a campaign once, however often it is asked to, and a changed one anew", async () => {
  const store = vi.fn((wanted: NewCampaign) => Promise.resolve({ id: `id of ${wanted.name}` } as Campaign));
  const { result, rerender } = renderHook(({ name }) => useDraftOnce(body(name), store), {
    initialProps: { name: "a" },
  });
  expect(await Promise.all([result.current(), result.current()])).toEqual(["id of a", "id of a"]);
  rerender({ name: "b" });
  expect(await result.current()).toBe("id of b");
  expect(store).toHaveBeenCalledTimes(2);
});

it("tries again after a failure", async () => {
  const store = vi.fn().mockRejectedValueOnce(new Error("away")).mockResolvedValueOnce({ id: "c1" });
  const { result } = renderHook(() => useDraftOnce(body("a"), store));
  await expect(result.current()).rejects.toThrow("away");
  expect(await result.current()).toBe("c1");
});
