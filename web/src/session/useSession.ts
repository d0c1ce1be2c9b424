import { type QueryClient, skipToken, useQuery } from "@tanstack/react-query";

import { ApiError } from "../api/http";
import { isOutside, keys } from "../api/keys";
import { configQuery, currentSession } from "../api/session";
import type { Session } from "../api/types";
import { can, type Operation } from "./can";

/** Who is signed in: undefined while asking, null for nobody. The person stays known when the session ends. */
export function useSession() {
  return useQuery<Session | null>({
    queryKey: keys.session.current,
    queryFn: async ({ signal, client }) => {
      try {
        return await currentSession(signal);
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 401)) throw error;
        const before = client.getQueryData<Session | null>(keys.session.current) ?? null;
        if (before) client.setQueryData(keys.session.ended, true);
        return before;
      }
    },
    staleTime: 60_000,
  });
}

/** Whether the session of somebody who is at work has ended. */
export function useHasEnded(): boolean {
  return useQuery<boolean>({ queryKey: keys.session.ended, queryFn: skipToken, initialData: false }).data === true;
}

/** A call was refused for want of a session: work goes on after signing in again. */
export function endSession(client: QueryClient): void {
  if (client.getQueryData(keys.session.current)) client.setQueryData(keys.session.ended, true);
  else client.setQueryData(keys.session.current, null);
}

/** Somebody has signed in. The same person goes on where they were, another one starts over. */
export function beginSession(client: QueryClient, session: Session): void {
  const before = client.getQueryData<Session | null>(keys.session.current);
  if (before && before.email !== session.email) {
    window.location.reload();
    return;
  }
  client.setQueryData(keys.session.current, session);
  client.setQueryData(keys.session.ended, false);
  void client.invalidateQueries({ predicate: isOutside("session") });
}

/** How to sign in, and where the project is. */
export function useConfig() {
  return useQuery(configQuery);
}

/** Whether the person who is signed in may call the operation. */
export function useCan(operation: Operation): boolean {
  const session = useSession().data;
  return session != null && can(session.role, operation);
}
