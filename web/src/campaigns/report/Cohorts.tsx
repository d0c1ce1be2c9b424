import type { Stats } from "../../api/types";
import { cohortWords, campaignsText as text } from "../../texts/campaigns";
import { formatCount, formatShare } from "../../texts/format";
import { Card } from "../../ui/Page";
import { TableFrame } from "../../ui/TableFrame";

/** The same figures for groups of recipients. */
export function Cohorts({ cohorts }: { cohorts: Record<string, Stats> }) {
  const groups = Object.entries(cohorts);
  if (groups.length === 0) return null;
  const { group, audience, delivered, failed, share } = text.cohortColumns;
  return (
    <Card title={text.cohorts} flush>
      <TableFrame label={text.cohorts}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{group}</th>
              <th scope="col" className="number">
                {audience}
              </th>
              <th scope="col" className="number">
                {delivered}
              </th>
              <th scope="col" className="number">
                {failed}
              </th>
              <th scope="col">{share}</th>
            </tr>
          </thead>
          <tbody>
            {groups.map(([name, stats]) => (
              <tr key={name}>
                <th scope="row" className="group-name">
                  {cohortWords(name)}
                </th>
                <td className="number">{formatCount(stats.audience)}</td>
                <td className="number">{formatCount(stats.delivered)}</td>
                <td className="number">{formatCount(stats.failed)}</td>
                <td>
                  <div className="share">
                    <span className="share-bar" aria-hidden="true">
                      <span style={{ width: `${(100 * stats.delivered) / Math.max(1, stats.audience)}%` }} />
                    </span>
                    <span className="number">{formatShare(stats.delivered, stats.audience)}</span>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </Card>
  );
}
