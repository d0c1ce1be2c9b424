import { type QueryClient, skipToken, useQuery } from "@tanstack/react-query";

import { currentSession, sessionConfig } from "../api/endpoints";
import { ApiError } from "../api/http";
import type { Role, Session } from "../api/types";

export const SESSION_KEY = ["session"] as const;
const ENDED_KEY = ["session", "ended"] as const;

/** Who is signed in: undefined while asking, null for nobody. Whoever was stays known when the session ends. */
export function useSession() {
  return useQuery<Session | null>({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal, client }) => {
      try {
        return await currentSession(signal);
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 401)) throw error;
        const before = client.getQueryData<Session | null>(SESSION_KEY) ?? null;
        if (before) client.setQueryData(ENDED_KEY, true);
        return before;
      }
    },
    staleTime: 60_000,
  });
}

/** Whether the session of somebody who is at work has ended. */
export function useHasEnded(): boolean {
  return useQuery<boolean>({ queryKey: ENDED_KEY, queryFn: skipToken, initialData: false }).data === true;
}

/** A call was refused for want of a session: whoever works goes on after signing in again. */
export function endSession(client: QueryClient): void {
  if (client.getQueryData(SESSION_KEY)) client.setQueryData(ENDED_KEY, true);
  else client.setQueryData(SESSION_KEY, null);
}

/** Somebody has signed in. The same person goes on where they were, another one begins anew. */
export function beginSession(client: QueryClient, session: Session): void {
  const before = client.getQueryData<Session | null>(SESSION_KEY);
  if (before && before.email !== session.email) {
    window.location.reload();
    return;
  }
  client.setQueryData(SESSION_KEY, session);
  client.setQueryData(ENDED_KEY, false);
  void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
}

/** How to sign in, and where the project is. */
export function useConfig() {
  return useQuery({ queryKey: ["session", "config"], queryFn: sessionConfig, staleTime: Infinity });
}

const RANKS: Record<Role, number> = { viewer: 0, marketer: 1, admin: 2 };

/** Whether who is signed in may do what needs `role`. The server decides; this only spares them a refusal. */
export function useMay(role: Role): boolean {
  const session = useSession().data;
  return session != null && RANKS[session.role] >= RANKS[role];
}
