import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Loading, Page } from "./Page";
import { Problem } from "./Problem";
import { useHealing } from "./useHealing";

interface Props<T> {
  query: UseQueryResult<T>;
  /** "The campaigns could not be loaded". */
  failure: string;
  /** The page's title until the data brings its own. */
  page?: string;
  /** The page above it. */
  back?: { to: string; label: string };
  /** What is shown while waiting; else a word that something is loaded. */
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** A query's data once it is there. A failed refresh keeps what was shown and says so above it; while the server is
 * away it is asked again by itself. */
export function QueryBoundary<T>({ query, failure, page, back, skeleton, children }: Props<T>) {
  useHealing(query);
  const problem = query.error && <Problem error={query.error} title={failure} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) {
    const waiting = problem || (skeleton ?? <Loading />);
    if (!page) return waiting;
    return (
      <Page title={page} {...(back ? { back } : {})}>
        {waiting}
      </Page>
    );
  }
  return (
    <>
      {problem}
      {children(query.data)}
    </>
  );
}
