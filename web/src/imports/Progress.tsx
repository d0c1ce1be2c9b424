import { useQuery } from "@tanstack/react-query";

import { readImport } from "../api/imports";
import { keys } from "../api/keys";
import type { ImportState } from "../api/types";
import { importsText } from "../texts/imports";
import layout from "../ui/layout.module.css";
import { ProgressBar } from "../ui/ProgressBar";

const EVERY_MS = 1_000;

export const isUnderWay = (outcome: ImportState | undefined) => outcome?.state !== "done";

/** How far an import is, as the server reports while it works. The server may not know it yet. */
export function Progress({ id, words }: { id: string; words: string }) {
  const state = useQuery<ImportState | null>({
    queryKey: keys.imports.state(id),
    queryFn: ({ signal }) => readImport(id, signal),
    // The first is asked for when a file of some rows would be through already.
    initialData: null,
    staleTime: EVERY_MS,
    refetchInterval: EVERY_MS,
    retry: false,
  }).data;
  const known = state && state.rows > 0 ? { value: state.checked, max: state.rows } : {};
  return (
    <div className={layout.below5}>
      <p className={layout.below1}>
        <span role="status">{state ? importsText.states[state.state] : words}</span>
        {state && state.rows > 0 && ` ${importsText.checked(state.checked, state.rows)}`}
      </p>
      <ProgressBar label={importsText.progress} {...known} />
    </div>
  );
}
