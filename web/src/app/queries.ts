import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

import { ApiError } from "../api/http";
import { endSession } from "../session/useSession";

/** The client of all server state. A 401 anywhere ends the session here; the layout then asks to sign in again. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) endSession(client);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: mayRetry, staleTime: 5_000, refetchOnWindowFocus: false },
      // A write is repeated by a person only, and not kept until there is a connection.
      mutations: { retry: false, networkMode: "always" },
    },
  });
  return client;
}

/** Not after a 429: the page says so in words, and asks again when the server allows it (`useHealing`). */
function mayRetry(failures: number, error: unknown): boolean {
  return error instanceof ApiError && error.temporary && error.status !== 429 && failures < 2;
}
