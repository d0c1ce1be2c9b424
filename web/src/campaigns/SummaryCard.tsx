import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { summarize } from "../api/endpoints";
import type { Campaign, Summary } from "../api/types";
import { formatTime } from "../ui/format";
import { Card, Loading } from "../ui/Page";
import { Problem } from "../ui/Problem";

/** What the campaign achieved, in words, with who wrote them. A finished campaign gets its summary unasked. */
export function SummaryCard({ one }: { one: Campaign }) {
  const client = useQueryClient();
  const { mutate, isPending, isIdle, error, data } = useMutation({
    mutationFn: summarize,
    onSuccess: () => client.invalidateQueries({ queryKey: ["campaigns", "one", one.id] }),
  });
  const summary = data ?? one.summary;
  const isDue = one.status === "finished" && summary === null && isIdle;
  useEffect(() => {
    if (isDue) mutate(one.id);
  }, [isDue, mutate, one.id]);
  const ask = (
    <button
      type="button"
      className="btn btn-sm btn-outline-secondary"
      disabled={isPending}
      onClick={() => mutate(one.id)}
    >
      {summary ? "Write it again" : "Write a summary"}
    </button>
  );
  return (
    <Card title="Summary" actions={ask}>
      {isPending && <Loading what="Writing…" />}
      {error && <Problem error={error} title="The summary was not written; the figures are not affected" />}
      {summary && <Written summary={summary} />}
      {!summary && !isPending && !error && (
        <p className="mb-0 text-body-secondary">The figures in a few sentences, once you ask for them.</p>
      )}
    </Card>
  );
}

function Written({ summary }: { summary: Summary }) {
  const author = summary.source === "gemini" ? `Gemini${summary.model ? ` (${summary.model})` : ""}` : "rules";
  return (
    <>
      <p className="summary-text" data-testid="summary-text">
        {summary.text}
      </p>
      <p className="small text-body-secondary mb-0">
        Written by {author}, {formatTime(summary.made_at)}
        {summary.note && `. ${summary.note}`}
      </p>
    </>
  );
}
