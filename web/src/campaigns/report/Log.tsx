import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { Link } from "react-router";

import { campaignLogCsv, logQuery } from "../../api/campaigns";
import type { LogRow, RowStatus } from "../../api/types";
import { ROW_WORDS, reasonWords, campaignsText as text } from "../../texts/campaigns";
import { capitalized, formatTime } from "../../texts/format";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import forms from "../../ui/forms.module.css";
import layout from "../../ui/layout.module.css";
import { Card, Skeleton } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { QueryBoundary } from "../../ui/QueryBoundary";
import { TableFrame } from "../../ui/TableFrame";
import tables from "../../ui/tables.module.css";
import typography from "../../ui/typography.module.css";
import { useCursor } from "../../ui/useCursor";

/** What became of the message to each person. */
export function Log({ campaignId, live }: { campaignId: string; live: boolean }) {
  const [status, setStatus] = useState<RowStatus | "">("");
  const cursor = useCursor();
  const client = useQueryClient();
  const id = useId();
  const page = useQuery({
    ...logQuery(campaignId, status, cursor.cursor, live),
    placeholderData: keepPreviousData,
    refetchInterval: live ? 3_000 : false,
  });
  const next = page.data?.next_cursor;
  useEffect(() => {
    if (next && !live) void client.prefetchQuery(logQuery(campaignId, status, next, live));
  }, [client, campaignId, status, next, live]);
  const csv = (
    <a className={button("neutral", "small")} href={campaignLogCsv(campaignId, status)} download>
      {text.csv}
    </a>
  );
  return (
    <div className={layout.screenOnly}>
      <Card title={text.log} actions={csv} flush>
        <label className={forms.label} htmlFor={id}>
          {text.status}
        </label>
        <select
          id={id}
          className={classes(layout.below4, forms.short)}
          value={status}
          onChange={(event) => {
            setStatus(event.target.value as RowStatus | "");
            cursor.restart();
          }}
        >
          <option value="">{text.anyStatus}</option>
          {Object.entries(ROW_WORDS).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
        <QueryBoundary query={page} failure={text.logFailed} skeleton={<Skeleton lines={8} />}>
          {({ data, next_cursor }) =>
            data.length === 0 ? (
              <p className={typography.quiet}>{status ? text.noneOfStatus : text.nothingYet}</p>
            ) : (
              <>
                <Rows rows={data} />
                <Pager cursor={cursor} next={next_cursor} isOld={page.isPlaceholderData} of={text.logOf} />
              </>
            )
          }
        </QueryBoundary>
      </Card>
    </div>
  );
}

function Rows({ rows }: { rows: LogRow[] }) {
  const { customer, status, reason, sent, updated } = text.logColumns;
  return (
    <TableFrame label={text.log}>
      <table className={classes(tables.table, tables.stack)}>
        <thead>
          <tr>
            {[customer, status, reason, sent, updated].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.message_id}>
              <td className={typography.anywhere}>
                <Recipient row={row} />
              </td>
              <td data-label={status}>{ROW_WORDS[row.status]}</td>
              <td data-label={reason}>{row.reason ? capitalized(reasonWords(row.reason)) : "–"}</td>
              <td className={typography.nowrap} data-label={sent}>
                {formatTime(row.sent_at)}
              </td>
              <td className={typography.nowrap} data-label={updated}>
                {formatTime(row.updated_at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

/** Nobody knows any more who an erased recipient was. */
function Recipient({ row: { customer_key: key, customer_id: id, name } }: { row: LogRow }) {
  if (id === null) return <span className={typography.quiet}>{text.erased}</span>;
  return (
    <>
      <Link to={`/customers/${key}`}>{id}</Link>
      {name && <div className={classes(typography.small, typography.quiet)}>{name}</div>}
    </>
  );
}
