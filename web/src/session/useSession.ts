import { useQuery } from "@tanstack/react-query";

import { ApiError } from "../api/http";
import { currentSession } from "../api/endpoints";
import type { Role, Session } from "../api/types";

export const SESSION_KEY = ["session"] as const;

/** Who is signed in: undefined while asking, null for nobody. */
export function useSession() {
  return useQuery<Session | null>({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal }) => {
      try {
        return await currentSession(signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

const RANKS: Record<Role, number> = { viewer: 0, marketer: 1, admin: 2 };

/** Whether who is signed in may do what needs `role`. The server decides; this only spares them a refusal. */
export function useMay(role: Role): boolean {
  const session = useSession().data;
  return session != null && RANKS[session.role] >= RANKS[role];
}
