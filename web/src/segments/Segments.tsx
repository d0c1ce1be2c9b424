import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { segmentsQuery } from "../api/segments";
import type { Movement, Segment } from "../api/types";
import { useCan } from "../session/useSession";
import { capitalized, formatCount, formatTime } from "../texts/format";
import { segmentsText as text } from "../texts/segments";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import { Card, Empty, Page, Skeleton } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { QueryBoundary } from "../ui/QueryBoundary";
import { TableFrame } from "../ui/TableFrame";
import tables from "../ui/tables.module.css";
import typography from "../ui/typography.module.css";
import { useCursor } from "../ui/useCursor";
import styles from "./Segments.module.css";

export default function Segments() {
  const cursor = useCursor();
  const segments = useQuery({
    ...segmentsQuery(cursor.cursor),
    placeholderData: keepPreviousData,
  });
  const create = useCan("POST /api/v1/segments") && (
    <Link className={button("primary")} to="/segments/new">
      {text.create}
    </Link>
  );
  return (
    <Page title={text.title} lead={text.lead} actions={segments.data?.data.length !== 0 && create}>
      <Card flush>
        <QueryBoundary query={segments} failure={text.listFailed} skeleton={<Skeleton lines={6} />}>
          {({ data, next_cursor }) =>
            data.length === 0 ? (
              <Empty title={text.emptyTitle} icon="segment">
                <p>{text.emptyText}</p>
                {create}
              </Empty>
            ) : (
              <>
                <Table segments={data} />
                <Pager cursor={cursor} next={next_cursor} isOld={segments.isPlaceholderData} of={text.listOf} />
              </>
            )
          }
        </QueryBoundary>
      </Card>
    </Page>
  );
}

function Table({ segments }: { segments: Segment[] }) {
  const mayWrite = useCan("POST /api/v1/campaigns");
  const { columns } = text;
  return (
    <TableFrame label={text.tableLabel}>
      <table className={classes(tables.table, tables.middle, tables.stack)}>
        <thead>
          <tr>
            <th scope="col">{columns.segment}</th>
            <th scope="col" className={tables.number}>
              {columns.size}
            </th>
            <th scope="col" className={tables.number}>
              {columns.reachable}
            </th>
            <th scope="col">{columns.movement}</th>
            <th scope="col">{columns.changed}</th>
            {mayWrite && (
              <th scope="col">
                <span className={typography.hidden}>{columns.actions}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {segments.map((segment) => (
            <tr key={segment.id}>
              <td className={styles.name}>
                <Link to={`/segments/${segment.id}`} dir="auto">
                  {segment.name}
                </Link>
                <p className={styles.rules}>{capitalized(segment.description)}</p>
              </td>
              <td className={tables.number} data-label={columns.size}>
                {segment.size ? formatCount(segment.size.matched) : "–"}
              </td>
              <td className={tables.number} data-label={columns.reachable}>
                {segment.size ? formatCount(segment.size.reachable) : "–"}
              </td>
              <td data-label={columns.movement}>
                <Moved movement={segment.movement ?? null} />
              </td>
              <td className={typography.nowrap} data-label={columns.changed}>
                {formatTime(segment.updated_at)}
              </td>
              {mayWrite && (
                <td className={tables.number}>
                  <Link
                    className={button("neutral", "small")}
                    to={`/campaigns/new?segment=${segment.id}`}
                    aria-label={text.writeTo(segment.name)}
                  >
                    {text.write}
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

function Moved({ movement }: { movement: Movement | null }) {
  if (!movement) return <span className={typography.quiet}>{text.noMovement}</span>;
  const { since, joined, left } = movement;
  return (
    <span className={styles.moved}>
      <span className={typography.nowrap}>{text.joinedLeft(joined, left)}</span>{" "}
      <Link to={`/campaigns/${since.campaign_id}`} className={typography.quiet} dir="auto">
        {text.since(since.name)}
      </Link>
    </span>
  );
}
