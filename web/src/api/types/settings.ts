/** Members, keys and secrets, and what people did. */

import type { Role } from "./shared";

export interface Member {
  email: string;
  role: Role;
  added_by?: string | null;
  added_at?: string | null;
}

export interface ApiKey {
  id: string;
  name: string;
  created_at: string;
  created_by?: string | null;
  revoked_at?: string | null;
}

/** What vendors sign their reports with. */
export interface WebhookSecret {
  id: string;
  created_at: string;
  created_by: string;
  last_used_at?: string | null;
}

/** What somebody did, such as `segment.create`; `subject` is an id, of a member the address. */
export interface Act {
  id: string;
  at: string;
  by: string;
  action: string;
  subject: string;
  detail: string;
  /** `unknown`: it was begun, and nobody was left to say how it ended. */
  outcome: "done" | "refused" | "unknown";
  reason: string;
}
