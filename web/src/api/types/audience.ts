/** Who matches rules, and why. */

import type { CustomerBrief } from "./customers";

/** A customer in the sample of an audience, with why they cannot be reached, if so. */
export interface Matched extends CustomerBrief {
  reason: string | null;
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

/** Whether a customer is in a segment and which rules say so, or why that cannot be evaluated. */
export interface SegmentStanding {
  segment_id: string;
  name: string;
  matches: boolean | null;
  explanation: Verdict | null;
  problem: string | null;
}
