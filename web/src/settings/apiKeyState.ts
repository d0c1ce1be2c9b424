/** Whether a key works, and until when a new one should: pure. */

import type { ApiKey } from "../api/types";

export type ApiKeyState = "works" | "expired" | "revoked";

export function stateOf({ revoked_at, expires_at }: Pick<ApiKey, "revoked_at" | "expires_at">, now: Date): ApiKeyState {
  if (revoked_at) return "revoked";
  return expires_at && new Date(expires_at) <= now ? "expired" : "works";
}

/** The time in so many days, null for never. */
export function expiryAfter(days: number | null, now: Date): string | null {
  return days === null ? null : new Date(now.getTime() + days * 24 * 3600 * 1000).toISOString();
}
