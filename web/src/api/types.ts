/** What travels, as the server writes it. Times are ISO 8601 in UTC. */

import type { WireGroup } from "../audience/wire";

export type Role = "viewer" | "marketer" | "admin";

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

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export type Channel = "simulator" | "email" | "sms";

/** A customer in a list or a sample: what is known, by field. */
export interface CustomerBrief {
  customer_id: string;
  name?: string | null;
  email?: string | null;
  city?: string | null;
  total_spend?: number | null;
  order_count?: number | null;
  last_order_at?: string | null;
}

/** A customer in the sample of an audience, with why they cannot be reached, if so. */
export interface Matched extends CustomerBrief {
  reason: string | null;
}

export type AttributeValue = string | number | boolean;

export interface Customer extends CustomerBrief {
  phone?: string | null;
  country?: string | null;
  birthday?: string | null;
  created_at?: string | null;
  visits?: number | null;
  last_active_at?: string | null;
  tags?: string[];
  consent?: boolean;
  consents?: Partial<Record<Channel, boolean>>;
  attributes?: Record<string, AttributeValue>;
  suppressions?: Partial<Record<Channel, string>>;
  first_order_at?: string | null;
}

export interface Order {
  order_id: string;
  amount: number;
  currency: string;
  status: string;
  category: string | null;
  placed_at: string;
}

export interface CustomerMessage {
  message_id: string;
  campaign_id: string;
  campaign_name?: string | null;
  status: RowStatus;
  reason: string | null;
  channel: Channel;
  sent_at: string | null;
  updated_at: string;
}

export interface CustomerDetail {
  customer: Customer;
  orders: Order[];
  messages: CustomerMessage[];
}

export interface Preview {
  matched: number;
  reachable: number;
  excluded: Record<string, number>;
  total: number;
  as_of: string;
  sample: Matched[];
  description: string;
}

/** One node of the rules, for one customer. A group has `rules`, everything else the value that it met. */
export interface Verdict {
  verdict: boolean;
  text: string;
  combinator?: "and" | "or";
  not?: boolean;
  rules?: Verdict[];
  field?: string;
  actual?: unknown;
  /** The day on which it stops holding as time goes by, where it does. */
  leaves_on?: string;
}

export interface Explanation {
  customer_id: string;
  name: string | null;
  matches: boolean;
  rules: Verdict;
}

export interface Segment {
  id: string;
  name: string;
  rules: WireGroup;
  description: string;
  version: number;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
  /** How many it holds now; not told where it was not asked for, or the rules no longer hold. */
  size?: SegmentSize | null;
  /** How that moved since a campaign last went to it. */
  movement?: Movement | null;
}

export interface SegmentSize {
  matched: number;
  reachable: number;
  as_of: string;
}

export interface Movement {
  since: { campaign_id: string; name: string; at: string; point_id: string };
  joined: number;
  left: number;
}

export interface SegmentVersion {
  version: number;
  name: string;
  rules: WireGroup;
  description: string;
  changed_at: string;
  changed_by: string;
}

export type PointKind = "campaign" | "manual" | "daily";

/** A moment at which it was written down who is in a segment. */
export interface Point {
  id: string;
  at: string;
  kind: PointKind;
  campaign_id: string | null;
  version: number | null;
  matched: number;
}

export interface Changes {
  joined: number;
  left: number;
  stayed: number;
  data: PersonMoved[];
  next_cursor: string | null;
}

export interface PersonMoved {
  customer_id: string;
  name: string | null;
  email: string | null;
  change: "joined" | "left";
}

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

/** A `retried` row is an older try of a message that failed; it counts nowhere. */
export type RowStatus = "accepted" | "delivered" | "failed" | "skipped" | "unknown" | "retried";

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

export interface OverviewMonth {
  /** As `2026-01`, in the project's time zone. */
  month: string;
  customers_new: number;
  orders: number;
  spend: number;
}

/** What there is in all. `months` are the latest, oldest first. */
export interface Overview {
  customers: number;
  reachable: Record<Channel, number>;
  orders: number;
  spend: { total: number; currency?: string | null };
  months: OverviewMonth[];
  /** Whether any of it is sample data. */
  sample: boolean;
  as_of: string;
}

/** How much sample data was handed over. */
export interface SampleLoaded {
  customers: number;
  orders: number;
}

/** How many sample customers were removed, and how many are left. */
export interface SampleRemoved {
  removed: number;
  left: number;
}

/** Whether a customer is in a segment, and which rules say so. */
export interface SegmentStanding {
  segment_id: string;
  name: string;
  matches: boolean;
  explanation: Verdict;
}

export interface Member {
  email: string;
  role: Role;
  added_by?: string | null;
  added_at?: string | null;
}

export type ImportKind = "customers" | "orders";

/** Column of the file → field. What is not in it is left out. */
export type ImportMapping = Record<string, string>;

/** `field` is what it seems to be, `attribute` its name as a custom field of customers. */
export interface ImportColumn {
  name: string;
  samples: string[];
  field: string | null;
  attribute: string | null;
}

/** What a file looks like, and what its columns probably are. */
export interface ImportColumns {
  encoding: string;
  delimiter: string;
  columns: ImportColumn[];
  fields: { name: string; label: string; required: boolean }[];
  problems: string[];
}

/** The header is row 1. */
export interface ImportProblem {
  row: number;
  id: string;
  column: string;
  value: string;
  reason: string;
}

/** An import, or one that is only tried out. `problems` are the first ones. */
export interface ImportState {
  id: string;
  kind: ImportKind;
  dry_run: boolean;
  state: "checking" | "handing_over" | "done" | "failed";
  rows: number;
  checked: number;
  created: number;
  updated: number;
  skipped: number;
  invalid: number;
  problems: ImportProblem[];
  file_name: string;
  created_at: string;
  created_by: string;
}
