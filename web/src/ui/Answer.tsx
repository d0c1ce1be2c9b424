import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Loading } from "./Page";
import { Problem } from "./Problem";

interface Props<T> {
  query: UseQueryResult<T>;
  /** "The campaigns could not be loaded". */
  failure: string;
  children: (data: T) => ReactNode;
}

/** A query's data once it is there. A failed refresh keeps what was shown and says so above it. */
export function Answer<T>({ query, failure, children }: Props<T>) {
  const problem = query.error && <Problem error={query.error} title={failure} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return problem || <Loading />;
  return (
    <>
      {problem}
      {children(query.data)}
    </>
  );
}
