import { useQuery } from "@tanstack/react-query";

import { limitsQuery } from "../api/limits";
import type { Limits } from "../api/types";

/** What the server accepts; undefined until it has said so, and then nothing is checked before it is sent. */
export function useLimits(): Limits | undefined {
  return useQuery(limitsQuery).data;
}
