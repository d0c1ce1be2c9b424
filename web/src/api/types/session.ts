/** Who is signed in, and what the project is like. */

import type { Role } from "./shared";

export interface SessionConfig {
  client_id: string;
  identity_url: string | null;
  /** The project's, an IANA name. */
  time_zone: string;
  /** The project's, ISO 4217; null where amounts are of no one currency. */
  currency: string | null;
}

export interface Session {
  email: string;
  name: string | null;
  role: Role;
}
