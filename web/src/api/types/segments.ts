/** Segments, and how they move. */

import type { WireGroup } from "./rules";

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
  since: { campaign_id: string; name: string; at: string; snapshot_id: string };
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
