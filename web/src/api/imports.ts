import { queryOptions } from "@tanstack/react-query";

import { addressOf, api, dataOf } from "./http";
import { keys } from "./keys";
import type { components } from "./schema";
import type { ImportKind, ImportMapping } from "./types";

type Schemas = components["schemas"];

/** A multipart body; the schema calls its files strings. */
function form<Body extends object>(parts: Record<keyof Body, string | File>): Body {
  const body = new FormData();
  for (const [name, part] of Object.entries<string | File>(parts)) body.append(name, part);
  return body as unknown as Body;
}

/** Its first `sample` bytes are enough; without a number the whole file is sent. */
export const importColumns = (file: File, kind: ImportKind, sample: number | undefined) =>
  dataOf(
    api.POST("/api/v1/imports/columns", {
      body: form<Schemas["ImportSample"]>({
        kind,
        file: new File([file.slice(0, sample)], file.name),
      }),
    }),
  );

interface Import {
  kind: ImportKind;
  file: File;
  mapping: ImportMapping;
  id: string;
  dryRun: boolean;
}

/** Repeating a call with the same `id` imports no row twice. */
export const runImport = ({ kind, file, mapping, id, dryRun }: Import, signal: AbortSignal) =>
  dataOf(
    api.POST("/api/v1/imports", {
      params: { query: { dry_run: dryRun } },
      body: form<Schemas["ImportUpload"]>({
        kind,
        mapping: JSON.stringify(mapping),
        import_id: id,
        file,
      }),
      signal,
    }),
  );

export const readImport = (importId: string, signal: AbortSignal) =>
  dataOf(api.GET("/api/v1/imports/{id}", { params: { path: { id: importId } }, signal }));

export const importsQuery = queryOptions({
  queryKey: keys.imports.recent,
  queryFn: ({ signal }) => dataOf(api.GET("/api/v1/imports", { signal })),
});

export const importResults = (importId: string) =>
  addressOf("/api/v1/imports/{id}/results.csv", { path: { id: importId } });
