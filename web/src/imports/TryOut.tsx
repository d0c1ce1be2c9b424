import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { runImport } from "../api/imports";
import { keys } from "../api/keys";
import type { ImportMapping } from "../api/types";
import { importsText } from "../texts/imports";
import { Callout } from "../ui/Badge";
import { button } from "../ui/button";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import type { Chosen } from "./chosen";
import { Outcome } from "./Outcome";
import { isUnderWay, Progress } from "./Progress";

interface Props {
  chosen: Chosen;
  mapping: ImportMapping;
  onBack: () => void;
  /** `id` is that of the import to be started. */
  onStart: (id: string) => void;
}

/** What would happen, row by row. Trying out changes nothing, so it may be retried automatically. */
export function TryOut({ chosen, mapping, onBack, onStart }: Props) {
  const [id] = useState(() => crypto.randomUUID());
  const tried = useQuery({
    queryKey: keys.imports.dryRun(id),
    queryFn: ({ signal }) => runImport({ ...chosen, mapping, id, dryRun: true }, signal),
    staleTime: Infinity,
    gcTime: 0,
    // A large file takes several calls, each of which goes on where the one before stopped.
    refetchInterval: ({ state }) => (state.status === "success" && isUnderWay(state.data) ? 1_000 : false),
  });
  const change = (
    <button type="button" className={button("neutral")} onClick={onBack}>
      {importsText.changeColumns}
    </button>
  );
  if (!tried.data || isUnderWay(tried.data)) {
    return (
      <Card title={importsText.wouldBe}>
        {tried.error ? (
          <Problem error={tried.error} title={importsText.notTried} onRetry={() => void tried.refetch()} />
        ) : (
          <Progress id={id} words={importsText.trying} />
        )}
        {change}
      </Card>
    );
  }
  const count = tried.data.created + tried.data.updated;
  return (
    <Card title={importsText.wouldBe} lead={importsText.wouldBeLead}>
      <Outcome outcome={tried.data} />
      {count === 0 && <Callout tone="warn" title={importsText.nothing} />}
      <div className={layout.actions}>
        {count > 0 && (
          <button type="button" className={button("primary")} onClick={() => onStart(crypto.randomUUID())}>
            {importsText.start(count)}
          </button>
        )}
        {change}
      </div>
    </Card>
  );
}
