import type { Stats } from "../api/types";
import { formatCount, formatShare } from "../ui/format";
import { Card } from "../ui/Page";
import { cohortWords } from "./words";

/** The same figures for groups of recipients. */
export function Cohorts({ cohorts }: { cohorts: Record<string, Stats> }) {
  const groups = Object.entries(cohorts);
  if (groups.length === 0) return null;
  return (
    <Card title="By group of customers">
      <div className="table-wrap" tabIndex={0} role="region" aria-label="By group of customers">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Group</th>
              {["Messages", "Delivered", "Failed", "Delivered of all"].map((name) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
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
                <td className="number">{formatShare(stats.delivered, stats.audience)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
