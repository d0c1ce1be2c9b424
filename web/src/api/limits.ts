import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "./http";
import { keys } from "./keys";

/** What the server accepts. The server enforces them; the web app only warns earlier. */
export const limitsQuery = queryOptions({
  queryKey: keys.limits.all,
  queryFn: ({ signal }) => dataOf(api.GET("/api/v1/limits", { signal })),
  // They change only with a deployment.
  staleTime: 3_600_000,
});
