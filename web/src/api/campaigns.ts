import { queryOptions } from "@tanstack/react-query";

import { addressOf, api, dataOf } from "./http";
import { type EstimateQuery, keys } from "./keys";
import { limitsQuery } from "./limits";
import type { AllowedAction, LogRow, Message, NewCampaign, RenderedMessage, Resolution, RowStatus } from "./types";

export const campaignsQuery = (cursor: string | null, limit: number) =>
  queryOptions({
    queryKey: keys.campaigns.list(cursor, limit),
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/campaigns", { params: { query: { cursor, limit } }, signal })),
  });

export const readCampaign = (campaignId: string, signal?: AbortSignal) =>
  dataOf(api.GET("/api/v1/campaigns/{id}", { params: { path: { id: campaignId } }, signal: signal ?? null }));

export const campaignQuery = (campaignId: string) =>
  queryOptions({
    queryKey: keys.campaigns.one(campaignId),
    queryFn: ({ signal }) => readCampaign(campaignId, signal),
  });

export const createCampaign = (body: NewCampaign) => dataOf(api.POST("/api/v1/campaigns", { body }));

/** Only before the launch. Answers a conflict if the stored version is no longer `version`. */
export const updateCampaign = (campaignId: string, body: NewCampaign & { version: number }) =>
  dataOf(api.PUT("/api/v1/campaigns/{id}", { params: { path: { id: campaignId } }, body }));

/** Only a draft. Answers a conflict if the stored version is no longer `version`. */
export const deleteDraft = (campaignId: string, version: number) =>
  dataOf(api.DELETE("/api/v1/campaigns/{id}", { params: { path: { id: campaignId }, query: { version } } }));

/** The route of each action that needs no more than the campaign. */
const ROUTES = {
  launch: "launch",
  pause: "pause",
  resume: "resume",
  cancel: "cancel",
  unschedule: "unschedule",
  retry_failed: "retry-failed",
} as const satisfies Partial<Record<AllowedAction, string>>;

export type CampaignAction = keyof typeof ROUTES;

export const actOnCampaign = (campaignId: string, action: CampaignAction) =>
  dataOf(api.POST(`/api/v1/campaigns/{id}/${ROUTES[action]}`, { params: { path: { id: campaignId } } }));

/** Of a campaign that is sending or paused; `null` means no limit. */
export const changeRate = (campaignId: string, rate: number | null) =>
  dataOf(api.POST("/api/v1/campaigns/{id}/rate", { params: { path: { id: campaignId } }, body: { rate } }));

/** What to do with messages of which nobody knows whether they were sent. */
export const resolveUnknown = (campaignId: string, resolution: Resolution) =>
  dataOf(api.POST("/api/v1/campaigns/{id}/resolve", { params: { path: { id: campaignId } }, body: { resolution } }));

/** To the signed-in person only. */
export const sendTest = (campaignId: string, customerKey: string | null) =>
  dataOf(
    api.POST("/api/v1/campaigns/{id}/test", {
      params: { path: { id: campaignId } },
      body: { key: customerKey },
    }),
  );

export const estimateQuery = (query: EstimateQuery) =>
  queryOptions({
    queryKey: keys.campaigns.estimate(query),
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/campaigns/estimate", { params: { query: { ...query } }, signal })),
  });

export const timelineQuery = (campaignId: string, isLive: boolean) =>
  queryOptions({
    queryKey: keys.campaigns.timeline(campaignId, isLive),
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/campaigns/{id}/timeline", { params: { path: { id: campaignId } }, signal })),
  });

interface LogPage {
  status: RowStatus | "";
  cursor: string | null;
  limit: number;
}

const readLog = (campaignId: string, { status, cursor, limit }: LogPage, signal: AbortSignal) =>
  dataOf(
    api.GET("/api/v1/campaigns/{id}/log", {
      params: { path: { id: campaignId }, query: { status: status || null, cursor, limit } },
      signal,
    }),
  );

export const logQuery = (campaignId: string, status: RowStatus | "", cursor: string | null, isLive: boolean) =>
  queryOptions({
    queryKey: keys.campaigns.log(campaignId, status, cursor, isLive),
    queryFn: ({ signal }) => readLog(campaignId, { status, cursor, limit: 25 }, signal),
  });

const FAILURES_PAGES = 5;

/** The first failed messages, in pages as large as the server gives. */
export const failuresQuery = (campaignId: string, isLive: boolean) =>
  queryOptions({
    queryKey: keys.campaigns.failures(campaignId, isLive),
    queryFn: async ({ client, signal }) => {
      const { page: limit } = await client.ensureQueryData(limitsQuery);
      const found: LogRow[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < FAILURES_PAGES; page += 1) {
        const next = await readLog(campaignId, { status: "failed", cursor, limit }, signal);
        found.push(...next.data);
        cursor = next.next_cursor ?? null;
        if (cursor === null) break;
      }
      return found;
    },
  });

export const campaignLogCsv = (campaignId: string, status: RowStatus | "") =>
  addressOf("/api/v1/campaigns/{id}/log.csv", { path: { id: campaignId }, query: { status: status || null } });

export const summarize = (campaignId: string) =>
  dataOf(api.POST("/api/v1/ai/summaries", { body: { campaign_id: campaignId } }));

/** What a message can show of a customer. */
export const variablesQuery = queryOptions({
  queryKey: keys.messages.variables,
  queryFn: ({ signal }) => dataOf(api.GET("/api/v1/messages/variables", { signal })),
  staleTime: 60_000,
});

/** The message as each of these customers reads it, at most 20; without any, as an arbitrary customer does. */
export const messagesQuery = (message: Message, customerKeys: string[]) =>
  queryOptions({
    queryKey: keys.messages.preview(message, customerKeys),
    queryFn: async ({ signal }): Promise<RenderedMessage[]> => {
      if (customerKeys.length === 0)
        return [await dataOf(api.POST("/api/v1/messages/preview", { body: { message }, signal }))];
      const body = { message, keys: customerKeys };
      return (await dataOf(api.POST("/api/v1/messages/previews", { body, signal }))).data;
    },
  });
