import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import { useCursor } from "./useCursor";

test("goes on, comes back by the same way, and starts over", () => {
  const { result } = renderHook(useCursor);
  act(() => result.current.next("b"));
  act(() => result.current.next("c"));
  expect(result.current.cursor).toBe("c");
  act(() => result.current.previous());
  expect(result.current.cursor).toBe("b");
  act(() => result.current.restart());
  expect(result.current.isFirst).toBe(true);
});
