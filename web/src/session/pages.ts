/** What a page calls that not every role may: who may not call it sees neither the page nor links to it. */

import { can, type Operation } from "./can";
import { useSession } from "./useSession";

const NEEDS: Readonly<Record<string, Operation>> = {
  "/customers": "POST /api/v1/customers/search",
  "/imports/new": "POST /api/v1/imports",
  "/segments/new": "POST /api/v1/segments",
  "/campaigns/new": "POST /api/v1/campaigns",
  "/settings/members": "GET /api/v1/members",
  "/settings/keys": "GET /api/v1/keys",
  "/settings/webhooks": "GET /api/v1/webhook-secrets",
  "/settings/audit": "GET /api/v1/audit",
};

/** Whether the person who is signed in may open the page at a path. */
export function useMayOpen(): (path: string) => boolean {
  const session = useSession().data;
  return (path) => {
    const needed = NEEDS[path];
    return needed === undefined || (session != null && can(session.role, needed));
  };
}
