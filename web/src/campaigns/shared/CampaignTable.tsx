import { Link } from "react-router";

import type { Campaign } from "../../api/types";
import { useCan } from "../../session/useSession";
import { campaignsText as text } from "../../texts/campaigns";
import { formatCount, formatTime } from "../../texts/format";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import { IconLabel } from "../../ui/Icon";
import { Problem } from "../../ui/Problem";
import { TableFrame } from "../../ui/TableFrame";
import tables from "../../ui/tables.module.css";
import typography from "../../ui/typography.module.css";
import styles from "./CampaignTable.module.css";
import { StatusBadge } from "./StatusBadge";
import { hasReport, may } from "./status";
import { useDeleteDraft } from "./useDeleteDraft";

const FIGURES = ["audience", "sent", "failed", "skipped"] as const;

interface Props {
  campaigns: Campaign[];
  withActions?: boolean;
}

/** Campaigns with what became of them. Figures stand from the launch on. */
export function CampaignTable({ campaigns, withActions = false }: Props) {
  const mayWrite = useCan("POST /api/v1/campaigns");
  const duplicates = withActions && mayWrite;
  const drop = useDeleteDraft();
  const { columns } = text;
  return (
    <TableFrame label={text.tableLabel}>
      {drop.error && <Problem error={drop.error} title={text.draftNotDeleted} />}
      <table className={classes(tables.table, tables.middle, tables.stack)}>
        <thead>
          <tr>
            <th scope="col">{columns.campaign}</th>
            <th scope="col">{columns.status}</th>
            {FIGURES.map((name) => (
              <th key={name} scope="col" className={tables.number}>
                {columns[name]}
              </th>
            ))}
            <th scope="col">{columns.created}</th>
            {duplicates && (
              <th scope="col">
                <span className={typography.hidden}>{columns.actions}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {campaigns.map((one) => (
            <tr key={one.id}>
              <td className={styles.name}>
                <Link to={`/campaigns/${one.id}`} dir="auto">
                  {one.name}
                </Link>
              </td>
              <td data-label={columns.status}>
                <StatusBadge status={one.status} />
              </td>
              {FIGURES.map((name) => (
                <td key={name} className={tables.number} data-label={columns[name]}>
                  {hasReport(one) ? formatCount(one.stats[name]) : "–"}
                </td>
              ))}
              <td className={typography.nowrap} data-label={columns.created}>
                {formatTime(one.created_at)}
              </td>
              {duplicates && (
                <td className={classes(tables.number, tables.actions)}>
                  {may(one, "delete") && (
                    <button
                      type="button"
                      className={button("plain", "icon")}
                      title={text.deleteDraft}
                      disabled={drop.isPending}
                      onClick={() => drop.remove(one)}
                    >
                      <IconLabel name="trash" text={text.deleteDraftOf(one.name)} />
                    </button>
                  )}
                  <Link
                    className={button("neutral", "small")}
                    to={`/campaigns/new?from=${one.id}`}
                    aria-label={text.duplicateOf(one.name)}
                  >
                    {text.duplicate}
                  </Link>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
