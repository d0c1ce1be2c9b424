import { describe, expect, it } from "vitest";

import type { Segment } from "../api/types";
import { isChanged, resumed, workOn } from "./work";

const stored = (version: number, name = "Big") =>
  ({
    id: "s1",
    name,
    version,
    rules: { combinator: "and", rules: [{ field: "visits", operator: ">", value: 3 }] },
  }) as Segment;

describe("work on a segment", () => {
  it("is not changed by the ids that the builder adds", () => {
    const work = workOn(stored(1));
    const group = { ...work.edited.selection.group, id: "g" };
    const withIds = { ...work, edited: { ...work.edited, selection: { everyone: false, group } } };
    expect(isChanged(withIds)).toBe(false);
    expect(isChanged({ ...work, edited: { ...work.edited, name: "Bigger" } })).toBe(true);
  });

  it("goes on with what is stored by now where nothing was changed", () => {
    expect(resumed(workOn(stored(1)), stored(2, "Large")).edited.name).toBe("Large");
  });

  it("is kept where something was", () => {
    const work = workOn(stored(1));
    const changed = { ...work, edited: { ...work.edited, name: "Mine" } };
    expect(resumed(changed, stored(2))).toBe(changed);
  });
});
