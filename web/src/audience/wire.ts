/** Values of the rule tree. */

import type { RelativeDate, Unit, WireGroup } from "../api/types";

export const EVERYONE: WireGroup = { combinator: "and", rules: [], all: true };

/** So long after now, or before it where `offset` is negative; NaN while nobody has said how long. */
export const relative = (offset: number, unit: Unit): RelativeDate => ({
  mode: "relative",
  anchor: "now",
  // Never the -0 that a toggled sign makes.
  offset: offset === 0 ? 0 : offset,
  unit,
});

export function isRelative(value: unknown): value is RelativeDate {
  return typeof value === "object" && value !== null && "mode" in value && value.mode === "relative";
}
