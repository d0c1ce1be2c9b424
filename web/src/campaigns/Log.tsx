import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Link } from "react-router";

import { campaignLog, campaignLogCsv } from "../api/endpoints";
import type { LogRow, RowStatus } from "../api/types";
import { Answer } from "../ui/Answer";
import { formatTime } from "../ui/format";
import { Card } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { useCursor } from "../ui/useCursor";
import { ROW_WORDS, reasonWords } from "./words";

/** What became of the message to each person. */
export function Log({ campaignId, live }: { campaignId: string; live: boolean }) {
  const [status, setStatus] = useState<RowStatus | "">("");
  const cursor = useCursor();
  const id = useId();
  const page = useQuery({
    // With `live` in it, the end of the campaign asks once more.
    queryKey: ["campaigns", "log", campaignId, status, cursor.cursor, live],
    queryFn: ({ signal }) => campaignLog(campaignId, status, cursor.cursor, signal),
    placeholderData: keepPreviousData,
    refetchInterval: live ? 3_000 : false,
  });
  const csv = (
    <a className="btn btn-sm btn-outline-secondary" href={campaignLogCsv(campaignId, status)} download>
      Download CSV
    </a>
  );
  return (
    <Card title="Communication log" actions={csv}>
      <label className="form-label" htmlFor={id}>
        Status
      </label>
      <select
        id={id}
        className="form-select mb-3 filter"
        value={status}
        onChange={(event) => {
          setStatus(event.target.value as RowStatus | "");
          cursor.restart();
        }}
      >
        <option value="">All</option>
        {Object.entries(ROW_WORDS).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
      <Answer query={page} failure="The log could not be loaded">
        {({ data, next_cursor }) =>
          data.length === 0 ? (
            <p className="mb-0 text-body-secondary">{status ? "No message has this status." : "Nothing yet."}</p>
          ) : (
            <>
              <Rows rows={data} />
              <Pager cursor={cursor} next={next_cursor} of="the log" />
            </>
          )
        }
      </Answer>
    </Card>
  );
}

function Rows({ rows }: { rows: LogRow[] }) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Communication log">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">Status</th>
            <th scope="col">Reason</th>
            <th scope="col">Sent</th>
            <th scope="col">Updated</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.message_id}>
              <td>
                <Link to={`/customers/${encodeURIComponent(row.customer_id)}`}>{row.customer_id}</Link>
              </td>
              <td>{ROW_WORDS[row.status]}</td>
              <td>{row.reason ? reasonWords(row.reason) : "–"}</td>
              <td className="text-nowrap">{formatTime(row.sent_at)}</td>
              <td className="text-nowrap">{formatTime(row.updated_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
