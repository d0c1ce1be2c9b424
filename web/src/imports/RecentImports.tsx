import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { listImports } from "../api/endpoints";
import { importsText } from "../texts/imports";
import { Card, Skeleton } from "../ui/Page";
import { QueryBoundary } from "../ui/QueryBoundary";

export function RecentImports() {
  const recent = useQuery({ queryKey: ["imports", "recent"], queryFn: ({ signal }) => listImports(signal) });
  if (recent.data && recent.data.data.length === 0) return null;
  return (
    <Card title={importsText.recent}>
      <QueryBoundary query={recent} failure={importsText.recentFailed} skeleton={<Skeleton lines={3} />}>
        {({ data }) => (
          <ul className="rows" aria-label={importsText.recent}>
            {data.map(({ id, kind, file_name, created_at, created_by, created, updated, invalid }) => (
              <li key={id} className="row-item">
                <div>
                  <Link to={`/imports/new?import=${id}`} dir="auto">
                    {file_name || importsText.kinds[kind]}
                  </Link>
                  <p className="mb-0 small text-body-secondary">
                    {importsText.recentOf(importsText.kinds[kind], created_at, created_by)}
                  </p>
                </div>
                <span className="text-body-secondary">{importsText.recentCounts(created, updated, invalid)}</span>
              </li>
            ))}
          </ul>
        )}
      </QueryBoundary>
    </Card>
  );
}
