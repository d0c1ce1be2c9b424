import { useQuery } from "@tanstack/react-query";

import { campaignLogCsv, failuresQuery } from "../../api/campaigns";
import type { Campaign } from "../../api/types";
import { reasonWords, campaignsText as text } from "../../texts/campaigns";
import { capitalized, formatCount, formatShare } from "../../texts/format";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import layout from "../../ui/layout.module.css";
import { Card } from "../../ui/Page";
import { QueryBoundary } from "../../ui/QueryBoundary";
import { TableFrame } from "../../ui/TableFrame";
import tables from "../../ui/tables.module.css";
import typography from "../../ui/typography.module.css";
import { groupedByReason } from "./figures";

/** Failed messages by their reason, the most frequent first. Of very many only the first are looked at. */
export function Failures({ one }: { one: Campaign }) {
  const { failed } = one.stats;
  const live = one.status !== "finished" || Boolean(one.resolution);
  const rows = useQuery({
    ...failuresQuery(one.id, live),
    enabled: failed > 0,
    placeholderData: (before) => before,
    // New failures come by the second while it sends; the reasons need not be as fresh.
    refetchInterval: live ? 10_000 : false,
  });
  if (failed === 0) return null;
  const csv = (
    <a
      className={classes(button("neutral", "small"), layout.screenOnly)}
      href={campaignLogCsv(one.id, "failed")}
      download
    >
      {text.exportFailures}
    </a>
  );
  return (
    <QueryBoundary query={rows} failure={text.failuresFailed} skeleton={false}>
      {(found) => (
        <Card title={text.failures} lead={text.failuresLead(found.length, failed)} actions={csv} flush>
          <TableFrame label={text.failures}>
            <table className={tables.table}>
              <thead>
                <tr>
                  <th scope="col">{text.reason}</th>
                  <th scope="col" className={tables.number}>
                    {text.messagesColumn}
                  </th>
                  <th scope="col" className={tables.number}>
                    {text.share}
                  </th>
                </tr>
              </thead>
              <tbody>
                {groupedByReason(found).map(({ reason, count }) => (
                  <tr key={reason ?? ""}>
                    <th scope="row" className={typography.anywhere}>
                      {capitalized(reason === null ? text.noReason : reasonWords(reason))}
                    </th>
                    <td className={tables.number}>{formatCount(count)}</td>
                    <td className={tables.number}>{formatShare(count, found.length)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        </Card>
      )}
    </QueryBoundary>
  );
}
