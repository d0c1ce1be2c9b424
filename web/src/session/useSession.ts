import { type QueryClient, skipToken, useQuery } from "@tanstack/react-query";

import { ApiError } from "../api/http";
import { isOutside, keys } from "../api/keys";
import { configQuery, currentSession } from "../api/session";
import type { Session } from "../api/types";
import { can, type Operation } from "./can";
import { announce, announced } from "./tabs";

/** Who is signed in: undefined while asking, null for nobody. The person stays known when the session ends. */
export function useSession() {
  return useQuery<Session | null>({
    queryKey: keys.session.current,
    queryFn: async ({ signal, client }) => {
      try {
        const session = await currentSession(signal);
        if (!isSamePerson(client, session)) return null;
        const told = announced();
        if (told?.email !== session.email || told.role !== session.role) announce(session);
        if (client.getQueryData(keys.session.ended)) goOn(client);
        return session;
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
  announce(session);
  if (!isSamePerson(client, session)) return;
  client.setQueryData(keys.session.current, session);
  goOn(client);
}

function goOn(client: QueryClient): void {
  client.setQueryData(keys.session.ended, false);
  void client.invalidateQueries({ predicate: isOutside("session") });
}

/** Whether this tab may go on under a session. It starts over for another person, and drops its data for another role. */
function isSamePerson(client: QueryClient, { email, role }: Session): boolean {
  const before = client.getQueryData<Session | null>(keys.session.current);
  if (before && before.email !== email) {
    startOver(client);
    return false;
  }
  if (before && before.role !== role) void client.resetQueries({ predicate: isOutside("session") });
  return true;
}

/** Another person is signed in by now, or nobody: nothing of the one before stays on screen or in memory. */
export function startOver(client: QueryClient): void {
  client.setQueryData(keys.session.current, null);
  window.location.reload();
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
