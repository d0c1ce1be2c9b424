/** Campaigns, their messages and figures. */

import type { WireGroup } from "./rules";
import type { Channel, RowStatus } from "./shared";

export interface Message {
  subject?: string | null;
  body: string;
}

export interface RenderedMessage {
  customer_id: string;
  subject: string | null;
  body: string;
  warnings: string[];
}

/** By how much each figure of a campaign moved in the stretch of time that begins at `at`. */
export interface TimelineBucket {
  at: string;
  sent: number;
  delivered: number;
  failed: number;
  skipped: number;
  unknown: number;
}

/** Oldest first; stretches in which nothing moved are left out. */
export interface Timeline {
  bucket_seconds: number;
  data: TimelineBucket[];
}

export type CampaignStatus =
  | "draft"
  | "scheduled"
  | "missed"
  | "launching"
  | "sending"
  | "paused"
  | "cancelled"
  | "finished"
  | "needs_attention";

/** `audience = pending + accepted + delivered + failed + skipped + unknown`; `sent = accepted + delivered`. */
export interface Stats {
  audience: number;
  pending: number;
  sent: number;
  accepted: number;
  delivered: number;
  failed: number;
  skipped: number;
  unknown: number;
  opened: number;
  clicked: number;
}

export interface Summary {
  text: string;
  source: "gemini" | "rules";
  model: string | null;
  made_at: string;
  /** Why rules wrote it although a model was asked. */
  note: string | null;
}

export interface Campaign {
  id: string;
  name: string;
  status: CampaignStatus;
  channel: Channel;
  message: Message;
  segment_id: string | null;
  rules: WireGroup;
  description: string;
  created_at: string;
  created_by: string;
  schedule_at: string | null;
  launched_at: string | null;
  finished_at: string | null;
  note: string | null;
  /** How many the rules matched at the launch, and by reason how many of them were left out. */
  matched: number | null;
  excluded: Record<string, number>;
  /** Messages a minute; null for as many as there are. */
  rate: number | null;
  /** Rises with every change before the launch. */
  version: number;
  /** Work on failed or unknown messages that is under way, else null. */
  rework: string | null;
  stats: Stats;
  cohorts: Record<string, Stats>;
  summary: Summary | null;
}

export interface NewCampaign {
  name: string;
  channel: Channel;
  message: Message;
  segment_id?: string;
  rules?: WireGroup;
  schedule_at?: string;
  rate?: number;
}

/** What the vendor said of a test at once. */
export interface Trial {
  message_id: string;
  to: string;
  status: string;
  reason: string | null;
}

export interface Estimate {
  seconds: number;
  cost: { amount: number; currency: string } | null;
}

export interface LogRow {
  message_id: string;
  customer_id: string;
  status: RowStatus;
  reason: string | null;
  channel: Channel;
  sent_at: string | null;
  updated_at: string;
  opened_at: string | null;
  clicked_at: string | null;
}
