/** The rule tree as the server reads it, react-querybuilder's JSON with typed values, and the fields it may name. */

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

export interface Choice {
  name: string;
  label: string;
}

/** One entry of `GET /segments/fields`, less what react-querybuilder would read of it. */
export interface CatalogueEntry {
  name: string;
  label: string;
  kind: string;
  /** All kinds that an attribute's values have, where they differ from customer to customer. */
  kinds?: string[];
  operators?: Choice[];
  values?: Choice[];
  subproperties?: { fields: CatalogueEntry[] };
}
