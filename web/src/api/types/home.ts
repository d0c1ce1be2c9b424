/** The start page, and sample data. */

import type { Channel } from "./shared";

export interface OverviewMonth {
  /** As `2026-01`, in the project's time zone. */
  month: string;
  customers_new: number;
  orders: number;
  spend: number;
}

/** What there is in all. `months` are the latest, oldest first; long stretches without anything are left out. */
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
