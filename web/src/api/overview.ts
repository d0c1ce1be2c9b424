import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "./http";
import { keys } from "./keys";

export const readOverview = (signal?: AbortSignal) => dataOf(api.GET("/api/v1/overview", { signal: signal ?? null }));

export const overviewQuery = queryOptions({
  queryKey: keys.overview.all,
  queryFn: ({ signal }) => readOverview(signal),
});

/** Loads the sample data, which appears shortly after. */
export const loadSample = () => dataOf(api.POST("/api/v1/sample"));

/** Call again until `left` is 0. */
export const removeSample = () => dataOf(api.DELETE("/api/v1/sample"));
