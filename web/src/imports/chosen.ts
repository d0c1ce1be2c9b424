import type { ImportColumns, ImportKind } from "../api/types";

/** A file to import, with the columns that the server found in it. */
export interface Chosen {
  kind: ImportKind;
  file: File;
  columns: ImportColumns;
}
