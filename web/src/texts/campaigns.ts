/** What the list of campaigns and a campaign's report say. */

import type { CampaignStatus, RowStatus, Stats } from "../api/types";
import { formatCount, plural } from "./format";

/** Handed over, whatever became of them; who was skipped got none. */
const goneOf = ({ audience, pending, skipped }: Stats) => audience - pending - skipped;
const messages = (count: number) => plural(count, "message");

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

const REASONS: Record<string, string> = {
  no_consent: "no consent",
  no_address: "no address",
  suppressed: "on the do-not-send list",
  erased: "asked to be forgotten",
  cancelled: "the campaign was cancelled",
  not_sent: "not sent before the campaign ended",
};

const plain = (name: string) => name.replaceAll("_", " ");

export const reasonWords = (reason: string) => REASONS[reason] ?? (reason.includes(" ") ? reason : plain(reason));

export const campaignsText = {
  title: "Campaigns",
  lead: "Newest first.",
  create: "New campaign",
  listFailed: "The campaigns could not be loaded",
  emptyTitle: "No campaigns yet",
  emptyText: "Choose an audience, write a message, and send it. Nothing goes out before you confirm it.",
  listOf: "campaigns",
  tableLabel: "Campaigns",
  columns: {
    campaign: "Campaign",
    status: "Status",
    audience: "Audience",
    sent: "Sent",
    failed: "Failed",
    skipped: "Skipped",
    created: "Created",
    actions: "Actions",
  },
  duplicate: "Duplicate",
  duplicateOf: (name: string) => `Duplicate ${name}`,

  deleteDraft: "Delete draft",
  deleteDraftOf: (name: string) => `Delete the draft ${name}`,
  deleteDraftTitle: (name: string) => `Delete the draft “${name}”?`,
  deleteDraftText: "It was never sent, and nobody gets it. Its text and audience cannot be brought back.",
  draftDeleted: (name: string) => `The draft “${name}” is deleted.`,
  draftNotDeleted: "The draft was not deleted",

  one: "Campaign",
  oneFailed: "The campaign could not be loaded",
  all: "All campaigns",
  edit: "Edit",
  print: "Print",
  scheduledTitle: (time: string, zone: string) => `This campaign sends itself on ${time} (${zone})`,
  scheduledText: "The button at the end of this page sends it now instead. To keep it from going out, unschedule it.",
  missedTitle: "This campaign missed its time and was not sent",
  attentionTitle: "This campaign needs somebody's attention",
  noteTitle: "Something to know",
  nothingMoves: "Messages that are out stay out; nothing is sent twice by pausing, resuming or waiting.",

  progress: "Progress",
  settled: (done: number, all: number) => `${messages(done)} of ${formatCount(all)} settled`,
  settledLabel: "Messages settled",
  sum: ({ pending, sent, failed, skipped, unknown, audience }: Stats) =>
    `${formatCount(pending)} pending + ${formatCount(sent)} sent + ${formatCount(failed)} failed + ` +
    `${formatCount(skipped)} skipped + ${formatCount(unknown)} unknown = ${formatCount(audience)} in the audience`,
  parts: {
    audience: "Audience",
    sent: "Sent",
    delivered: "Delivered",
    accepted: "On its way",
    failed: "Failed",
    skipped: "Skipped",
    unknown: "Unknown",
    pending: "Pending",
    opened: "Opened",
    clicked: "Clicked",
  },
  shares:
    "Delivered and failed in per cent of the messages attempted (all but the skipped), opened and clicked in per cent of those delivered.",
  fixing: "The audience is being fixed. Sending starts in a moment.",
  pausedBefore: "Paused before the audience was fixed. Nothing has been sent.",
  cancelledBefore: "Cancelled before anything was sent.",
  nobody: "Nobody is in the audience.",

  actions: {
    pause: "Pause",
    resume: "Resume",
    cancel: "Cancel campaign",
    unschedule: "Unschedule",
    retry_failed: "Retry failed only",
    change_rate: "Change rate",
  },
  actionFailed: "Nothing was changed",
  acted: {
    pause: "Paused. Messages that were being handed over still go; nothing further is sent.",
    resume: "Sending goes on. Nobody gets the message a second time.",
    cancel: "Cancelled. Nothing more is sent.",
    unschedule: "Unscheduled. It is a draft again and sends nothing until it is launched.",
    retry_failed: "The failed messages are sent again.",
  },
  busy: "A decision on failed or unknown messages is being carried out.",
  barLabel: "What can be done with this campaign",
  gone: (stats: Stats) => `${messages(goneOf(stats))} of ${formatCount(stats.audience)} already went.`,
  failedSoFar: (count: number) => `${messages(count)} failed. A retry writes to those people only.`,
  cancelTitle: "Cancel this campaign permanently?",
  /** The way out of the question, where "Cancel" would mean both. */
  notCancelled: (status: CampaignStatus) =>
    ({ scheduled: "Keep it scheduled", missed: "Keep the campaign", paused: "Keep it paused" })[status as string] ??
    "Keep sending",
  cancelBefore: "Nothing has been sent, and nothing will be.",
  cancelText: (stats: Stats) =>
    `${messages(goneOf(stats))} already went and cannot be called back. ` +
    `The other ${formatCount(stats.pending)} are not sent, and cannot be sent later by this campaign.`,
  retryTitle: (count: number) => `Send ${plural(count, "failed message")} again?`,
  retryText: "Only those whose message failed get another one. Nobody else does.",
  retryAction: (count: number) => `Send ${plural(count, "message")} again`,

  unknownTitle: (count: number) => `${messages(count)} with an unknown outcome`,
  unknownText:
    "Nobody can know whether these went out: the vendor was asked and never said. They wait for your decision.",
  mark: "Mark as sent",
  markTitle: (count: number) => `Mark ${messages(count)} as sent?`,
  markText: "They count as sent. Recipients who did not get the message will not get it.",
  again: "Send again",
  againTitle: (count: number) => `Send ${messages(count)} again?`,
  againText: "Recipients who did get the message get it a second time.",
  againAction: (count: number) => `Send ${messages(count)} again`,
  resolveFailed: "Nothing was decided",

  timeline: "Over time",
  timelineLead: (zone: string) => `Running totals; times in ${zone}.`,
  timelineFailed: "The figures over time could not be loaded",
  timelineEmpty: "There are no figures over time yet.",
  timeColumn: "Time",

  cohorts: "By group of customers",
  cohortColumns: {
    group: "Group",
    audience: "Messages",
    delivered: "Delivered",
    failed: "Failed",
    share: "Delivered, of those attempted",
  },

  failures: "Why messages failed",
  failuresLead: (of: number, all: number) =>
    of < all ? `Of the first ${formatCount(of)} of ${messages(all)}; the file has them all.` : messages(all),
  failuresFailed: "The reasons could not be loaded",
  reason: "Reason",
  messagesColumn: "Messages",
  share: "Share",
  noReason: "no reason given",
  exportFailures: "Download failures as CSV",

  log: "Communication log",
  logOf: "the log",
  logFailed: "The log could not be loaded",
  csv: "Download CSV",
  status: "Status",
  anyStatus: "All",
  noneOfStatus: "No message has this status.",
  nothingYet: "Nothing yet.",
  erased: "erased",
  logColumns: { customer: "Customer", status: "Status", reason: "Reason", sent: "Sent", updated: "Updated" },

  summary: "Summary",
  summaryBadge: { gemini: "AI", rules: "By rules" },
  summaryAgain: "Write it again",
  summaryFirst: "Write a summary",
  summaryWriting: "Writing…",
  summaryFailed: "The summary was not written; the figures are not affected",
  summaryNone: "The figures in a few sentences, once you ask for them.",
  summaryNotYet: "The figures in a few sentences, once a marketer asks for them.",
  writtenBy: (author: string, time: string) => `Written by ${author}, ${time}.`,
  byGemini: (model: string | null) => `Gemini${model ? ` (${model})` : ""}, from the figures on this page only`,
  byRules: "rules, from the figures on this page only",

  about: "What was sent",
  segmentNow: "The segment as it is now",
  facts: {
    audience: "Audience",
    segment: "Segment",
    channel: "Channel",
    matched: "Matched",
    excluded: "Left out",
    rate: "Rate",
    launched: "Launched",
    finished: "Finished",
    by: "Made by",
  },
  rateTitle: "Another rate for messages not sent yet",
  rateText: "Messages that are being handed over now still go. It takes up to two minutes until the new rate applies.",
  rateAction: "Change the rate",
  rateChanged: (rate: number | null) =>
    rate ? `From now on at most ${messages(rate)} a minute.` : "From now on as fast as the channel takes them.",
  atRate: (rate: number) => `at most ${messages(rate)} a minute`,
  unlimited: "as fast as the channel takes them",
  nobodyLeftOut: "nobody",
} as const;
