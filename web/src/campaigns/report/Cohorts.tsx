import type { Cohort } from "../../api/types";
import { campaignsText as text } from "../../texts/campaigns";
import { formatCount, formatPercent } from "../../texts/format";
import { Card } from "../../ui/Page";
import { TableFrame } from "../../ui/TableFrame";
import tables from "../../ui/tables.module.css";
import styles from "./Cohorts.module.css";

/** The same figures for groups of recipients. */
export function Cohorts({ cohorts }: { cohorts: Record<string, Cohort> }) {
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
            {groups.map(([name, cohort]) => (
              <tr key={name}>
                <th scope="row" className={styles.name}>
                  {cohort.label}
                </th>
                <td className={tables.number}>{formatCount(cohort.audience)}</td>
                <td className={tables.number}>{formatCount(cohort.delivered)}</td>
                <td className={tables.number}>{formatCount(cohort.failed)}</td>
                <td>
                  <div className={styles.share}>
                    <span className={styles.bar} aria-hidden="true">
                      <span style={{ width: `${cohort.percent.delivered ?? 0}%` }} />
                    </span>
                    <span className={tables.number}>{formatPercent(cohort.percent.delivered)}</span>
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
