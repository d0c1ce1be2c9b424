import { Link } from "react-router";

import type { Campaign } from "../api/types";
import { formatCount, formatTime } from "../ui/format";
import { StatusBadge } from "./StatusBadge";
import { isLaunched } from "./words";

const FIGURES = ["audience", "sent", "failed", "skipped"] as const;

/** Campaigns with what became of them. Figures stand from the launch on. */
export function CampaignTable({ campaigns }: { campaigns: Campaign[] }) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Campaigns">
      <table className="table align-middle">
        <thead>
          <tr>
            <th scope="col">Campaign</th>
            <th scope="col">Status</th>
            {FIGURES.map((name) => (
              <th key={name} scope="col" className="number text-capitalize">
                {name}
              </th>
            ))}
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          {campaigns.map((one) => (
            <tr key={one.id}>
              <td className="campaign-name">
                <Link to={`/campaigns/${one.id}`}>{one.name}</Link>
              </td>
              <td>
                <StatusBadge status={one.status} />
              </td>
              {FIGURES.map((name) => (
                <td key={name} className="number">
                  {isLaunched(one.status) ? formatCount(one.stats[name]) : "–"}
                </td>
              ))}
              <td className="text-nowrap">{formatTime(one.created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
