import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";

import { auditCsv, auditQuery } from "../api/settings";
import type { AuditEvent } from "../api/types";
import { useLimits } from "../session/useLimits";
import { auditText as words } from "../texts/audit";
import { formatExactTime } from "../texts/format";
import { Badge, type Tone } from "../ui/Badge";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import { Icon } from "../ui/Icon";
import layout from "../ui/layout.module.css";
import { Card, Empty, Skeleton } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { QueryBoundary } from "../ui/QueryBoundary";
import { TableFrame } from "../ui/TableFrame";
import tables from "../ui/tables.module.css";
import typography from "../ui/typography.module.css";
import { useCursor } from "../ui/useCursor";
import { AuditChanges } from "./AuditChanges";
import { AuditFilters } from "./AuditFilters";
import styles from "./AuditLog.module.css";
import { type FilterName, filterOf, pageOf, subjectOf, whoOf } from "./auditEvents";
import { SettingsPage } from "./SettingsPage";

const { columns } = words;

/** Who did what, from where, and what it changed. */
export default function AuditLog() {
  const cursor = useCursor();
  const limits = useLimits();
  const [parameters, setParameters] = useSearchParams();
  const filter = filterOf(parameters);
  const isFiltered = Object.values(filter).some(Boolean);
  const page = useQuery({
    ...auditQuery(filter, cursor.cursor),
    placeholderData: keepPreviousData,
  });
  const change = (name: FilterName, value: string) => {
    cursor.restart();
    setParameters(
      (now) => {
        if (value) now.set(name, value);
        else now.delete(name);
        return now;
      },
      { replace: true },
    );
  };
  const showAll = () => {
    cursor.restart();
    setParameters({}, { replace: true });
  };
  const csv = (
    <a className={button("neutral", "small")} href={auditCsv(filter)} download>
      <Icon name="download" />
      {words.export}
    </a>
  );
  return (
    <SettingsPage tab={words.title}>
      <Card title={words.title} lead={words.lead(limits?.audit_days)} actions={csv}>
        <AuditFilters parameters={parameters} onChange={change} />
        <QueryBoundary query={page} failure={words.failed} skeleton={<Skeleton lines={8} />}>
          {({ data, next_cursor }) =>
            data.length === 0 ? (
              <Empty title={isFiltered ? words.noneFound : words.none} icon="clock">
                {isFiltered && (
                  <button type="button" className={button("neutral")} onClick={showAll}>
                    {words.showAll}
                  </button>
                )}
              </Empty>
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

const TONES: Record<AuditEvent["outcome"], Tone> = { done: "good", refused: "bad", unknown: "warn" };

function Events({ events }: { events: readonly AuditEvent[] }) {
  return (
    <TableFrame label={words.title}>
      <table className={classes(tables.table, tables.stack, styles.events)}>
        <thead>
          <tr>
            <th scope="col" className={styles.when}>
              {columns.at}
            </th>
            <th scope="col" className={styles.who}>
              {columns.by}
            </th>
            <th scope="col">{columns.action}</th>
            <th scope="col" className={styles.outcome}>
              {columns.outcome}
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.id}>
              <td>{formatExactTime(event.at)}</td>
              <td data-label={columns.by}>
                <div>
                  {whoOf(event)}
                  <div className={classes(typography.small, typography.quiet)}>
                    {words.from(event.network, event.agent)}
                  </div>
                </div>
              </td>
              <td data-label={columns.action}>
                <div>
                  {words.actions[event.action]}
                  <Subject event={event} />
                  <AuditChanges changes={event.changes} />
                </div>
              </td>
              <td data-label={columns.outcome}>
                <div>
                  <Badge tone={TONES[event.outcome]}>{words.outcomes[event.outcome]}</Badge>
                  {event.reason && <div className={classes(typography.small, typography.quiet)}>{event.reason}</div>}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Subject({ event }: { event: AuditEvent }) {
  const page = pageOf(event);
  const name = subjectOf(event);
  if (!name) return null;
  return (
    <div className={typography.strong} dir="auto">
      {page ? <Link to={page}>{name}</Link> : name}
    </div>
  );
}
