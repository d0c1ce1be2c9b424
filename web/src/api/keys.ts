/** The key of every query. Its first part is the area, its second says which kind of answer it is. */

import type { QueryKey } from "@tanstack/react-query";

import type { AudienceOf, AuditFilter, Channel, Message, RowStatus, WireGroup } from "./types";

export interface SegmentChangesQuery {
  segmentId: string;
  /** The segment's version: members differ between versions. */
  version: number;
  from: string;
  /** A snapshot, or "now". */
  to: string;
  change: "joined" | "left";
  cursor: string | null;
}

export interface EstimateQuery {
  recipients: number;
  rate: number | null;
  channel: Channel;
}

export const keys = {
  session: {
    current: ["session", "current"],
    ended: ["session", "ended"],
    config: ["session", "config"],
    nonce: ["session", "nonce"],
  },
  overview: { all: ["overview"] },
  limits: { all: ["limits"] },
  fields: { all: ["fields"] },
  audience: {
    preview: (audience: AudienceOf | null, channel: Channel) => ["audience", "preview", channel, audience],
    explanation: (rules: WireGroup, customerKey: string) => ["audience", "explanation", rules, customerKey],
  },
  customers: {
    list: (query: string, cursor: string | null) => ["customers", "list", query, cursor],
    one: (customerKey: string) => ["customers", "one", customerKey],
    segments: (customerKey: string) => ["customers", "segments", customerKey],
  },
  segments: {
    all: ["segments"],
    lists: ["segments", "list"],
    list: (cursor: string | null) => ["segments", "list", cursor],
    names: ["segments", "names"],
    one: (segmentId: string) => ["segments", "one", segmentId],
    versions: (segmentId: string, version: number, cursor: string | null) => [
      "segments",
      "versions",
      segmentId,
      version,
      cursor,
    ],
    snapshots: (segmentId: string) => ["segments", "snapshots", segmentId],
    changes: (query: SegmentChangesQuery) => ["segments", "changes", query],
  },
  campaigns: {
    all: ["campaigns"],
    lists: ["campaigns", "list"],
    list: (cursor: string | null, limit: number) => ["campaigns", "list", cursor, limit],
    one: (campaignId: string | null) => ["campaigns", "one", campaignId],
    // `isLive` is part of the key, so that data is read again when the campaign ends.
    timeline: (campaignId: string, isLive: boolean) => ["campaigns", "timeline", campaignId, isLive],
    log: (campaignId: string, status: RowStatus | "", cursor: string | null, isLive: boolean) => [
      "campaigns",
      "log",
      campaignId,
      status,
      cursor,
      isLive,
    ],
    failures: (campaignId: string, isLive: boolean) => ["campaigns", "failures", campaignId, isLive],
    estimate: (query: EstimateQuery) => ["campaigns", "estimate", query],
  },
  messages: {
    variables: ["messages", "variables"],
    preview: (message: Message, customerKeys: readonly string[]) => ["messages", "preview", message, customerKeys],
  },
  imports: {
    recent: ["imports", "recent"],
    state: (importId: string) => ["imports", "state", importId],
    dryRun: (importId: string) => ["imports", "dryRun", importId],
    run: (importId: string) => ["imports", "run", importId],
  },
  members: { all: ["members"] },
  apiKeys: { all: ["apiKeys"] },
  webhookSecrets: { all: ["webhookSecrets"] },
  audit: { list: (filter: AuditFilter, cursor: string | null) => ["audit", "list", filter, cursor] },
} as const;

type Area = keyof typeof keys;

interface HasKey {
  queryKey: QueryKey;
}

/** A predicate for queries of these areas. */
export const isOf =
  (...areas: Area[]) =>
  ({ queryKey }: HasKey): boolean =>
    areas.some((area) => area === queryKey[0]);

/** A predicate for queries of every other area. */
export const isOutside =
  (...areas: Area[]) =>
  ({ queryKey }: HasKey): boolean =>
    !areas.some((area) => area === queryKey[0]);
