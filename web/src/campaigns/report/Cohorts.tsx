import type { Stats } from "../../api/types";
import { cohortWords, campaignsText as text } from "../../texts/campaigns";
import { formatCount, formatShare } from "../../texts/format";
import { Card } from "../../ui/Page";
import { TableFrame } from "../../ui/TableFrame";
import tables from "../../ui/tables.module.css";
import styles from "./Cohorts.module.css";

/** The same figures for groups of recipients. */
export function Cohorts({ cohorts }: { cohorts: Record<string, Stats> }) {
  const groups = Object.entries(cohorts);
  if (groups.length === 0) return null;
  const { group, audience, delivered, failed, share } = text.cohortColumns;
  return (
    <Card title={text.cohorts} flush>
      <TableFrame label={text.cohorts}>
        <table className={tables.table}>
          <thead>
            <tr>
              <th scope="col">{group}</th>
              <th scope="col" className={tables.number}>
                {audience}
              </th>
              <th scope="col" className={tables.number}>
                {delivered}
              </th>
              <th scope="col" className={tables.number}>
                {failed}
              </th>
              <th scope="col">{share}</th>
            </tr>
          </thead>
          <tbody>
            {groups.map(([name, stats]) => (
              <tr key={name}>
                <th scope="row" className={styles.name}>
                  {cohortWords(name)}
                </th>
                <td className={tables.number}>{formatCount(stats.audience)}</td>
                <td className={tables.number}>{formatCount(stats.delivered)}</td>
                <td className={tables.number}>{formatCount(stats.failed)}</td>
                <td>
                  <div className={styles.share}>
                    <span className={styles.bar} aria-hidden="true">
                      <span style={{ width: `${(100 * stats.delivered) / Math.max(1, stats.audience)}%` }} />
                    </span>
                    <span className={tables.number}>{formatShare(stats.delivered, stats.audience)}</span>
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
