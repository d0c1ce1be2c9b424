/** Files that are imported. */

export type ImportKind = "customers" | "orders";

/** Column of the file → field. What is not in it is left out. */
export type ImportMapping = Record<string, string>;

/** `field` is what it seems to be, `attribute` its name as a custom field of customers. */
export interface ImportColumn {
  name: string;
  samples: string[];
  field: string | null;
  attribute: string | null;
}

/** What a file looks like, and what its columns probably are. */
export interface ImportColumns {
  encoding: string;
  delimiter: string;
  columns: ImportColumn[];
  fields: { name: string; label: string; required: boolean }[];
  problems: string[];
}

/** The header is row 1. */
export interface ImportProblem {
  row: number;
  id: string;
  column: string;
  value: string;
  reason: string;
}

/** An import, or one that is only tried out. `problems` are the first ones. */
export interface ImportState {
  id: string;
  kind: ImportKind;
  dry_run: boolean;
  state: "checking" | "handing_over" | "done";
  rows: number;
  checked: number;
  created: number;
  updated: number;
  skipped: number;
  invalid: number;
  problems: ImportProblem[];
  file_name: string;
  created_at: string;
  created_by: string;
}
