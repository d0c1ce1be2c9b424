import { useQuery } from "@tanstack/react-query";

import { importState } from "../api/endpoints";
import { importsText } from "../texts/imports";
import { ProgressBar } from "../ui/ProgressBar";

const EVERY_MS = 700;

/** How far an import is, as the server tells while it works. It may not have heard of it yet. */
export function Progress({ id, words }: { id: string; words: string }) {
  const state = useQuery({
    queryKey: ["imports", "state", id],
    queryFn: ({ signal }) => importState(id, signal),
    refetchInterval: EVERY_MS,
    retry: false,
  }).data;
  const known = state && state.rows > 0 ? { value: state.checked, max: state.rows } : {};
  return (
    <div className="mb-4">
      <p className="mb-1" role="status">
        {state ? importsText.states[state.state] : words}
        {state && state.rows > 0 && ` ${importsText.checked(state.checked, state.rows)}`}
      </p>
      <ProgressBar label={importsText.progress} {...known} />
    </div>
  );
}
