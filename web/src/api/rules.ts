/**
 * What the schema leaves open: the rule tree as the server reads it, the fields it may name, and why somebody matches.
 *
 * Aliases rather than interfaces: only these fit the schema's open objects.
 */

export type Combinator = "and" | "or";
export type MatchMode = "atLeast" | "atMost" | "exactly" | "none";
export type Unit = "hour" | "day" | "week" | "month" | "year";

export type RelativeDate = {
  mode: "relative";
  anchor: "now";
  offset: number;
  unit: Unit;
};

export type Scalar = string | number | boolean;
export type WireValue = Scalar | RelativeDate | (Scalar | RelativeDate)[] | null;

export type WireRule = {
  field: string;
  operator: string;
  value?: WireValue;
};

/** What somebody did: so many orders that fit the group `value`, or orders of so much in total. */
export type WireBehaviour = {
  field: string;
  match: { mode: MatchMode; threshold?: number; sum?: "amount" };
  value: WireGroup;
};

/** With `all` and no rules: everyone. Never by accident, so an empty group without it is refused. */
export type WireGroup = {
  combinator: Combinator;
  not?: boolean;
  all?: true;
  rules: (WireRule | WireBehaviour | WireGroup)[];
};

export type Choice = {
  name: string;
  label: string;
};

/** One entry of `GET /segments/fields`, less what react-querybuilder would read of it. */
export type CatalogueEntry = {
  name: string;
  label: string;
  kind: string;
  /** All kinds that an attribute's values have, where they differ from customer to customer. */
  kinds?: string[];
  operators?: Choice[];
  values?: Choice[];
  subproperties?: { fields: CatalogueEntry[] };
};

/** One node of the rules, for one customer. A group has `rules`, everything else the value that it met. */
export type Verdict = {
  verdict: boolean;
  text: string;
  combinator?: "and" | "or";
  not?: boolean;
  rules?: Verdict[];
  field?: string;
  actual?: unknown;
  /** The day on which it stops holding as time goes by, where it does. */
  leaves_on?: string;
};
