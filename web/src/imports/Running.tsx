import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { readImport, runImport } from "../api/imports";
import { isOf, keys } from "../api/keys";
import type { ImportMapping, ImportState } from "../api/types";
import { importsText } from "../texts/imports";
import { Callout } from "../ui/Badge";
import { button } from "../ui/button";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import typography from "../ui/typography.module.css";
import type { Chosen } from "./chosen";
import { Outcome } from "./Outcome";
import { isUnderWay, Progress } from "./Progress";

interface Props {
  id: string;
  /** The file, unless the page was reloaded: then the import is only watched. */
  chosen: Chosen | null;
  mapping: ImportMapping;
  onRestart: () => void;
}

/** An import under its own id: the same id again takes no row twice, so it may be repeated until it is through. */
export function Running({ id, chosen, mapping, onRestart }: Props) {
  const client = useQueryClient();
  const run = useQuery({
    queryKey: keys.imports.run(id),
    queryFn: ({ signal }) =>
      chosen ? runImport({ ...chosen, mapping, id, dryRun: false }, signal) : readImport(id, signal),
    staleTime: Infinity,
    refetchInterval: ({ state }) => (state.status === "success" && isUnderWay(state.data) ? 1_000 : false),
  });
  const isStalled = useStill(!chosen && isUnderWay(run.data), run.data?.checked);
  const isDone = run.data?.state === "done";
  const wasDone = useRef(false);
  useEffect(() => {
    if (!isDone || wasDone.current) return;
    wasDone.current = true;
    void client.invalidateQueries({ predicate: isOf("customers", "overview", "segments", "audience") });
  }, [client, isDone]);
  if (run.data && !isUnderWay(run.data)) return <Ended outcome={run.data} onRestart={onRestart} />;
  return (
    <Card title={importsText.running}>
      {run.error ? (
        <>
          <Problem
            error={run.error}
            title={chosen ? importsText.notImported : importsText.unknown}
            onRetry={() => void run.refetch()}
          />
          {chosen && <p>{importsText.safeToRepeat}</p>}
          <Again onRestart={onRestart} />
        </>
      ) : (
        <>
          <Progress id={id} words={importsText.running} />
          {isStalled ? (
            <>
              <Callout tone="warn" title={importsText.stalled}>
                <p>{importsText.stalledText}</p>
              </Callout>
              <Again onRestart={onRestart} />
            </>
          ) : (
            <p className={typography.quiet}>{chosen ? importsText.stay : importsText.mayLeave}</p>
          )}
        </>
      )}
    </Card>
  );
}

/** Milliseconds without a row more, after which nobody is held to be working at an import. */
const STALLED_MS = 30_000;

/** Whether `value` has stayed the same for so long, while `isWatched`. */
function useStill(isWatched: boolean, value: unknown): boolean {
  const [still, setStill] = useState<{ value: unknown } | null>(null);
  useEffect(() => {
    if (!isWatched) return;
    const timer = setTimeout(() => setStill({ value }), STALLED_MS);
    return () => clearTimeout(timer);
  }, [isWatched, value]);
  return isWatched && still !== null && still.value === value;
}

function Ended({ outcome, onRestart }: { outcome: ImportState; onRestart: () => void }) {
  const taken = outcome.created + outcome.updated;
  return (
    <Card title={importsText.was}>
      <div role="status">
        <Callout tone="good" title={importsText.done(taken)}>
          <p>{importsText.settling}</p>
        </Callout>
      </div>
      <Outcome outcome={outcome} />
      <div className={layout.actions}>
        <Link className={button("primary")} to="/customers">
          {importsText.see}
        </Link>
        <Again onRestart={onRestart} />
      </div>
    </Card>
  );
}

function Again({ onRestart }: { onRestart: () => void }) {
  return (
    <button type="button" className={button("neutral")} onClick={onRestart}>
      {importsText.another}
    </button>
  );
}
