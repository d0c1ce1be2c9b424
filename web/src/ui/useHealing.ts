import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";

import { ApiError } from "../api/http";

const EVERY_S = 5;

/** Ask again by itself while a query fails for a reason that passes, as often as the server asks for. */
export function useHealing({ error, refetch }: Pick<UseQueryResult, "error" | "refetch">): void {
  useEffect(() => {
    if (!(error instanceof ApiError && error.temporary)) return;
    const timer = setTimeout(() => void refetch(), 1_000 * Math.max(1, error.retryAfter ?? EVERY_S));
    return () => clearTimeout(timer);
  }, [error, refetch]);
}
