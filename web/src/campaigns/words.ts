/** Statuses and reasons in words. */

import type { CampaignStatus, RowStatus } from "../api/types";
import { humanize } from "../audience/fields";

export const STATUS_WORDS: Record<CampaignStatus, string> = {
  draft: "Draft",
  scheduled: "Scheduled",
  missed: "Missed its time",
  launching: "Launching",
  sending: "Sending",
  paused: "Paused",
  cancelled: "Cancelled",
  finished: "Finished",
  needs_attention: "Needs attention",
};

export const ROW_WORDS: Record<RowStatus, string> = {
  accepted: "On its way",
  delivered: "Delivered",
  failed: "Failed",
  skipped: "Skipped",
  unknown: "Unknown",
  retried: "Tried again",
};

const COHORTS: Record<string, string> = {
  high_spenders: "High spenders (over 1,000)",
  regular_spenders: "Regular spenders",
  active: "Active (ordered within 90 days)",
  lapsed: "Lapsed (no order for 90 days)",
  never_ordered: "Never ordered",
};

const REASONS: Record<string, string> = {
  no_consent: "no consent",
  no_address: "no address",
  suppressed: "on the do-not-send list",
  erased: "asked to be forgotten",
  cancelled: "the campaign was cancelled",
};

export const cohortWords = (name: string) => COHORTS[name] ?? humanize(name);
export const reasonWords = (reason: string) => REASONS[reason] ?? humanize(reason).toLowerCase();

/** Whether figures may still change from one second to the next. */
export const isActive = (status: CampaignStatus) => status === "launching" || status === "sending";

/** Whether it has been launched, whatever became of it. */
export const isLaunched = (status: CampaignStatus) => !["draft", "scheduled", "missed"].includes(status);
