/** Every call of the server, typed. Read it with ARCHITECTURE's table of routes beside you. */

import { get, post, put, remove, withQuery } from "./http";
import type {
  Act,
  ApiKey,
  Campaign,
  CatalogueEntry,
  Changes,
  Channel,
  CustomerBrief,
  CustomerDetail,
  Estimate,
  Explanation,
  ImportColumns,
  ImportKind,
  ImportMapping,
  ImportState,
  LogRow,
  Member,
  Message,
  NewCampaign,
  Overview,
  Page,
  Point,
  Preview,
  RenderedMessage,
  Role,
  RowStatus,
  SampleLoaded,
  SampleRemoved,
  Segment,
  SegmentStanding,
  SegmentVersion,
  Session,
  SessionConfig,
  Summary,
  Suppressions,
  Timeline,
  Trial,
  WebhookSecret,
  WireGroup,
} from "./types";

const V1 = "/api/v1";
const id = encodeURIComponent;

export const sessionConfig = () => get<SessionConfig>(`${V1}/session/config`);
export const currentSession = (signal?: AbortSignal) => get<Session>(`${V1}/session`, { signal });
export const signIn = (credential: string, nonce?: string) =>
  post<Session>(`${V1}/session`, { body: { credential, ...(nonce ? { nonce } : {}) } });
export const signOut = () => remove<void>(`${V1}/session`);

/** Only where the stack runs its own issuer: a token for one of its accounts. */
export const localCredential = (identityUrl: string, email: string) =>
  post<{ credential: string }>(`${identityUrl}/token`, { body: { email } });

export const listCustomers = (query: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<CustomerBrief>>(`${V1}/customers`, { query: { query, cursor, limit: 25 }, signal });
export const customer = (customerId: string, signal?: AbortSignal) =>
  get<CustomerDetail>(`${V1}/customers/${id(customerId)}`, { signal });
export const customerSegments = (customerId: string, signal?: AbortSignal) =>
  get<{ data: SegmentStanding[] }>(`${V1}/customers/${id(customerId)}/segments`, { signal });
/** Not fetched: the address of a download. */
export const customerExport = (customerId: string) => `${V1}/customers/${id(customerId)}/export`;
export const suppressCustomer = (customerId: string, channel: Channel, suppressed: boolean) =>
  put<Suppressions>(`${V1}/customers/${id(customerId)}/suppressions`, { body: { channel, suppressed } });
export const eraseCustomer = (customerId: string) => remove<void>(`${V1}/customers/${id(customerId)}`);

export const fieldCatalogue = (signal?: AbortSignal) =>
  get<{ data: CatalogueEntry[] }>(`${V1}/segments/fields`, { signal });
export const previewAudience = (rules: WireGroup, channel: Channel, signal?: AbortSignal) =>
  post<Preview>(`${V1}/audience/preview`, { body: { rules, channel }, signal });
export const explainCustomer = (rules: WireGroup, customerId: string, signal?: AbortSignal) =>
  post<Explanation>(`${V1}/audience/explain`, { body: { rules, customer_id: customerId }, signal });

/** Nothing is counted, so it is cheap. */
export const listSegments = (signal?: AbortSignal) =>
  get<Page<Segment>>(`${V1}/segments`, { query: { limit: 100, sizes: "false" }, signal });
/** With how many each holds now, and how that moved. */
export const listSizedSegments = (cursor: string | null, signal?: AbortSignal) =>
  get<Page<Segment>>(`${V1}/segments`, { query: { limit: 25, cursor }, signal });
export const segment = (segmentId: string, signal?: AbortSignal) =>
  get<Segment>(`${V1}/segments/${id(segmentId)}`, { signal });
export const createSegment = (body: { name: string; rules: WireGroup }) => post<Segment>(`${V1}/segments`, { body });
/** Refused with a conflict when another than `version` is stored by now. */
export const updateSegment = (segmentId: string, body: { name: string; rules: WireGroup; version: number }) =>
  put<Segment>(`${V1}/segments/${id(segmentId)}`, { body });
export const segmentVersions = (segmentId: string, signal?: AbortSignal) =>
  get<{ data: SegmentVersion[] }>(`${V1}/segments/${id(segmentId)}/versions`, { signal });
export const segmentPoints = (segmentId: string, signal?: AbortSignal) =>
  get<Page<Point>>(`${V1}/segments/${id(segmentId)}/snapshots`, { signal });
export const writePoint = (segmentId: string) => post<Point>(`${V1}/segments/${id(segmentId)}/snapshots`);
/** Who joined and who left between two points; `to` may be "now". */
export const segmentChanges = (
  segmentId: string,
  { from, to, change, cursor }: { from: string; to: string; change: "joined" | "left"; cursor: string | null },
  signal?: AbortSignal,
) =>
  get<Changes>(`${V1}/segments/${id(segmentId)}/changes`, { query: { from, to, change, cursor, limit: 25 }, signal });
export const deleteSegment = (segmentId: string) => remove<void>(`${V1}/segments/${id(segmentId)}`);

export const listCampaigns = (cursor: string | null, limit: number, signal?: AbortSignal) =>
  get<Page<Campaign>>(`${V1}/campaigns`, { query: { cursor, limit }, signal });
export const campaign = (campaignId: string, signal?: AbortSignal) =>
  get<Campaign>(`${V1}/campaigns/${id(campaignId)}`, { signal });
export const createCampaign = (body: NewCampaign) => post<Campaign>(`${V1}/campaigns`, { body });
/** Only while it is not launched, and refused with a conflict when another than `version` is stored by now. */
export const updateCampaign = (campaignId: string, body: NewCampaign & { version: number }) =>
  put<Campaign>(`${V1}/campaigns/${id(campaignId)}`, { body });
/** Only of a draft, and refused with a conflict when another than `version` is stored by now. */
export const deleteDraft = (campaignId: string, version: number) =>
  remove<void>(`${V1}/campaigns/${id(campaignId)}`, { query: { version: String(version) } });
export type CampaignAction = "launch" | "pause" | "resume" | "cancel" | "unschedule" | "retry-failed";
export const actOnCampaign = (campaignId: string, action: CampaignAction) =>
  post<unknown>(`${V1}/campaigns/${id(campaignId)}/${action}`);
/** Of one that sends or is paused; null for as fast as the channel takes it. */
export const changePace = (campaignId: string, rate: number | null) =>
  post<unknown>(`${V1}/campaigns/${id(campaignId)}/rate`, { body: { rate } });
export type Resolution = "sent" | "send_again";
/** What to do with messages of which nobody knows whether they were sent. */
export const resolveUnknown = (campaignId: string, as: Resolution) =>
  post<unknown>(`${V1}/campaigns/${id(campaignId)}/resolve`, { body: { as } });
/** To whoever is signed in, and to nobody else. */
export const testCampaign = (campaignId: string, customerId: string | null) =>
  post<Trial>(`${V1}/campaigns/${id(campaignId)}/test`, { body: { customer_id: customerId } });
export const campaignEstimate = (
  { recipients, rate, channel }: { recipients: number; rate: number | null; channel: Channel },
  signal?: AbortSignal,
) => get<Estimate>(`${V1}/campaigns/estimate`, { query: { recipients, rate, channel }, signal });
export const campaignTimeline = (campaignId: string, signal?: AbortSignal) =>
  get<Timeline>(`${V1}/campaigns/${id(campaignId)}/timeline`, { signal });
export const campaignLog = (
  campaignId: string,
  status: RowStatus | "",
  cursor: string | null,
  limit: number,
  signal?: AbortSignal,
) => get<Page<LogRow>>(`${V1}/campaigns/${id(campaignId)}/log`, { query: { status, cursor, limit }, signal });
/** Not fetched: the address of a download. */
export const campaignLogCsv = (campaignId: string, status: RowStatus | "") =>
  withQuery(`${V1}/campaigns/${id(campaignId)}/log.csv`, { status });
export const summarize = (campaignId: string) =>
  post<Summary>(`${V1}/ai/summaries`, { body: { campaign_id: campaignId } });

/** As it reads for some customer. */
export const previewMessage = (message: Message, signal?: AbortSignal) =>
  post<RenderedMessage>(`${V1}/messages/preview`, { body: { message }, signal });
/** As it reads for each of them, at most 20; who is there no longer is left out. */
export const previewMessages = (message: Message, customerIds: string[], signal?: AbortSignal) =>
  post<{ data: RenderedMessage[] }>(`${V1}/messages/previews`, {
    body: { message, customer_ids: customerIds },
    signal,
  });

export const listKeys = (signal?: AbortSignal) => get<{ data: ApiKey[] }>(`${V1}/keys`, { signal });
export const createKey = (name: string) => post<ApiKey & { key: string }>(`${V1}/keys`, { body: { name } });
export const revokeKey = (keyId: string) => remove<void>(`${V1}/keys/${id(keyId)}`);

export const listWebhookSecrets = (signal?: AbortSignal) =>
  get<{ data: WebhookSecret[] }>(`${V1}/webhook-secrets`, { signal });
export const createWebhookSecret = () => post<WebhookSecret & { secret: string }>(`${V1}/webhook-secrets`);
export const deleteWebhookSecret = (secretId: string) => remove<void>(`${V1}/webhook-secrets/${id(secretId)}`);

export const auditLog = (cursor: string | null, signal?: AbortSignal) =>
  get<Page<Act>>(`${V1}/audit`, { query: { cursor, limit: 50 }, signal });

export const overview = (signal?: AbortSignal) => get<Overview>(`${V1}/overview`, { signal });

/** They are stored within moments. */
export const loadSample = () => post<SampleLoaded>(`${V1}/sample`);
/** To be called again while some are `left`. */
export const removeSample = () => remove<SampleRemoved>(`${V1}/sample`);

export const listMembers = (signal?: AbortSignal) => get<{ data: Member[] }>(`${V1}/members`, { signal });
export const addMember = (email: string, role: Role) => post<Member>(`${V1}/members`, { body: { email, role } });
export const setRole = (email: string, role: Role) => put<Member>(`${V1}/members/${id(email)}`, { body: { role } });
export const removeMember = (email: string) => remove<void>(`${V1}/members/${id(email)}`);

const form = (parts: Record<string, string | File>) => {
  const body = new FormData();
  for (const [name, part] of Object.entries(parts)) body.append(name, part);
  return body;
};
/** What is looked at of a file in order to guess its columns, in bytes. */
const LOOKED_AT = 256 * 1024;
export const importColumns = (file: File, kind: ImportKind) =>
  post<ImportColumns>(`${V1}/imports/columns`, {
    body: form({ kind, file: new File([file.slice(0, LOOKED_AT)], file.name) }),
  });
/** The same `id` again takes no row twice. */
export const runImport = (
  {
    kind,
    file,
    mapping,
    id: importId,
    dryRun,
  }: {
    kind: ImportKind;
    file: File;
    mapping: ImportMapping;
    id: string;
    dryRun: boolean;
  },
  signal?: AbortSignal,
) =>
  post<ImportState>(`${V1}/imports`, {
    query: { dry_run: String(dryRun) },
    body: form({ kind, mapping: JSON.stringify(mapping), import_id: importId, file }),
    signal,
  });
export const importState = (importId: string, signal?: AbortSignal) =>
  get<ImportState>(`${V1}/imports/${id(importId)}`, { signal });
export const listImports = (signal?: AbortSignal) => get<{ data: ImportState[] }>(`${V1}/imports`, { signal });
/** Not fetched: the address of a download. */
export const importResults = (importId: string) => `${V1}/imports/${id(importId)}/results.csv`;
