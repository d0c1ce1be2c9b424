import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { summarize } from "../../api/campaigns";
import { keys } from "../../api/keys";
import type { Campaign, Summary } from "../../api/types";
import { useCan } from "../../session/useSession";
import { campaignsText as text } from "../../texts/campaigns";
import { formatTime } from "../../texts/format";
import { Badge } from "../../ui/Badge";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import layout from "../../ui/layout.module.css";
import { Card, Loading } from "../../ui/Page";
import { Problem } from "../../ui/Problem";
import typography from "../../ui/typography.module.css";
import styles from "./SummaryCard.module.css";

/** What the campaign achieved, in words, with who wrote them. A finished campaign gets its summary unasked. */
export function SummaryCard({ one }: { one: Campaign }) {
  const mayAsk = useCan("POST /api/v1/ai/summaries");
  const client = useQueryClient();
  const { mutate, isPending, isIdle, error, data } = useMutation({
    mutationFn: summarize,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.campaigns.one(one.id) }),
  });
  const summary = data ?? one.summary;
  const isDue = mayAsk && one.status === "finished" && summary === null && isIdle;
  useEffect(() => {
    if (isDue) mutate(one.id);
  }, [isDue, mutate, one.id]);
  const ask = mayAsk && (
    <button
      type="button"
      className={classes(button("neutral", "small"), layout.screenOnly)}
      disabled={isPending}
      onClick={() => mutate(one.id)}
    >
      {summary ? text.summaryAgain : text.summaryFirst}
    </button>
  );
  return (
    <Card title={text.summary} actions={ask}>
      {isPending && <Loading what={text.summaryWriting} />}
      {error && <Problem error={error} title={text.summaryFailed} />}
      {summary && <Written summary={summary} />}
      {!summary && !isPending && !error && (
        <p className={typography.quiet}>{mayAsk ? text.summaryNone : text.summaryNotYet}</p>
      )}
    </Card>
  );
}

function Written({ summary }: { summary: Summary }) {
  const isModel = summary.source === "gemini";
  return (
    <>
      <p className={layout.below2} data-testid="summary-label">
        <Badge tone={isModel ? "accent" : "quiet"}>{text.summaryBadge[summary.source]}</Badge>
      </p>
      <p className={styles.text} data-testid="summary-text">
        {summary.text}
      </p>
      <p className={typography.note}>
        {text.writtenBy(isModel ? text.byGemini(summary.model) : text.byRules, formatTime(summary.made_at))}{" "}
        {summary.note}
      </p>
    </>
  );
}
