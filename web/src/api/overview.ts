import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "./http";
import { keys } from "./keys";

export const readOverview = (signal?: AbortSignal) => dataOf(api.GET("/api/v1/overview", { signal: signal ?? null }));

export const overviewQuery = queryOptions({
  queryKey: keys.overview.all,
  queryFn: ({ signal }) => readOverview(signal),
});

/** They are stored within moments. */
export const loadSample = () => dataOf(api.POST("/api/v1/sample"));

/** To be called again while some are `left`. */
export const removeSample = () => dataOf(api.DELETE("/api/v1/sample"));
