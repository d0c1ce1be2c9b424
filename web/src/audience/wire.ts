/** The rule tree as the server reads it: react-querybuilder's JSON, with values of their own type. */

export type Combinator = "and" | "or";
export type MatchMode = "atLeast" | "atMost" | "exactly" | "none";
export type Unit = "hour" | "day" | "week" | "month" | "year";

export interface RelativeDate {
  mode: "relative";
  anchor: "now";
  offset: number;
  unit: Unit;
}

export type Scalar = string | number | boolean;
export type WireValue = Scalar | RelativeDate | (Scalar | RelativeDate)[] | null;

export interface WireRule {
  field: string;
  operator: string;
  value?: WireValue;
}

/** What somebody did: so many orders that fit the group `value`, or orders of so much in total. */
export interface WireBehaviour {
  field: string;
  match: { mode: MatchMode; threshold?: number; sum?: "amount" };
  value: WireGroup;
}

/** With `all` and no rules: everyone. Never by accident, so an empty group without it is refused. */
export interface WireGroup {
  combinator: Combinator;
  not?: boolean;
  all?: true;
  rules: (WireRule | WireBehaviour | WireGroup)[];
}

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
