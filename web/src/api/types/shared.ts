/** What several features share. */

export type Role = "viewer" | "marketer" | "admin";

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export type Channel = "simulator" | "email" | "sms";

/** A `retried` row is an older try of a message that failed; it counts nowhere. */
export type RowStatus = "accepted" | "delivered" | "failed" | "skipped" | "unknown" | "retried";

export type AttributeValue = string | number | boolean;
