import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { auditQuery } from "../api/settings";
import type { AuditEvent } from "../api/types";
import { useLimits } from "../session/useLimits";
import { appText } from "../texts/app";
import { auditText as words } from "../texts/audit";
import { formatTime } from "../texts/format";
import { Badge, type Tone } from "../ui/Badge";
import { classes } from "../ui/classes";
import layout from "../ui/layout.module.css";
import { Card, Empty, Skeleton } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { QueryBoundary } from "../ui/QueryBoundary";
import { TableFrame } from "../ui/TableFrame";
import tables from "../ui/tables.module.css";
import typography from "../ui/typography.module.css";
import { useCursor } from "../ui/useCursor";
import styles from "./AuditLog.module.css";
import { pageOf, whoOf } from "./auditEvents";
import { SettingsPage } from "./SettingsPage";

const { columns } = words;

/** Who did what. */
export default function AuditLog() {
  const cursor = useCursor();
  const limits = useLimits();
  const page = useQuery({
    ...auditQuery(cursor.cursor),
    placeholderData: keepPreviousData,
  });
  return (
    <SettingsPage tab={words.title}>
      <Card title={words.title} lead={words.lead(limits?.audit_days)}>
        <QueryBoundary query={page} failure={words.failed} skeleton={<Skeleton lines={8} />}>
          {({ data, next_cursor }) =>
            data.length === 0 ? (
              <Empty title={words.none} icon="clock" />
            ) : (
              <div className={page.isPlaceholderData ? layout.stale : undefined} aria-busy={page.isPlaceholderData}>
                <Events events={data} />
                <Pager cursor={cursor} next={next_cursor} isOld={page.isPlaceholderData} of={words.of} />
              </div>
            )
          }
        </QueryBoundary>
      </Card>
    </SettingsPage>
  );
}

const ROLES: Record<string, string> = appText.roles;
const TONES: Record<AuditEvent["outcome"], Tone> = { done: "good", refused: "bad", unknown: "warn" };

function Events({ events }: { events: readonly AuditEvent[] }) {
  return (
    <TableFrame label={words.title}>
      <table className={classes(tables.table, tables.stack)}>
        <thead>
          <tr>
            <th scope="col">{columns.at}</th>
            <th scope="col">{columns.by}</th>
            <th scope="col">{columns.action}</th>
            <th scope="col">{columns.subject}</th>
            <th scope="col">{columns.outcome}</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.id}>
              <td className={typography.nowrap}>{formatTime(event.at)}</td>
              <td data-label={columns.by} className={styles.who}>
                {whoOf(event)}
              </td>
              <td data-label={columns.action} className={typography.nowrap}>
                {words.actions[event.action] ?? event.action}
              </td>
              <td data-label={columns.subject} className={typography.anywhere} dir="auto">
                <Subject event={event} />
              </td>
              <td data-label={columns.outcome}>
                <Badge tone={TONES[event.outcome]}>{words.outcomes[event.outcome]}</Badge>
                {event.reason && <div className={classes(typography.small, typography.quiet)}>{event.reason}</div>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Subject({ event }: { event: AuditEvent }) {
  const { by, subject } = event;
  const page = pageOf(event);
  const detail = ROLES[event.detail] ?? event.detail;
  const name = event.customer_id ?? subject;
  if (page) return <Link to={page}>{detail || name}</Link>;
  return [name === by ? "" : name, detail].filter(Boolean).join(" · ") || "–";
}
