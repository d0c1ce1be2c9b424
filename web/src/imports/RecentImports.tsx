import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { importsQuery } from "../api/imports";
import { importsText } from "../texts/imports";
import lists from "../ui/lists.module.css";
import { Card, Skeleton } from "../ui/Page";
import { QueryBoundary } from "../ui/QueryBoundary";
import typography from "../ui/typography.module.css";

export function RecentImports() {
  const recent = useQuery(importsQuery);
  if (recent.data && recent.data.data.length === 0) return null;
  return (
    <Card title={importsText.recent}>
      <QueryBoundary query={recent} failure={importsText.recentFailed} skeleton={<Skeleton lines={3} />}>
        {({ data }) => (
          <ul className={lists.rows} aria-label={importsText.recent}>
            {data.map(({ id, kind, file_name, created_at, created_by, created, updated, invalid }) => (
              <li key={id} className={lists.row}>
                <div>
                  <Link to={`/imports/new?import=${id}`} dir="auto">
                    {file_name || importsText.kinds[kind]}
                  </Link>
                  <p className={typography.note}>
                    {importsText.recentOf(importsText.kinds[kind], created_at, created_by)}
                  </p>
                </div>
                <span className={typography.quiet}>{importsText.recentCounts(created, updated, invalid)}</span>
              </li>
            ))}
          </ul>
        )}
      </QueryBoundary>
    </Card>
  );
}
