import { queryOptions, skipToken } from "@tanstack/react-query";

import { api, dataOf } from "./http";
import { keys } from "./keys";
import type { AudienceOf, Channel, WireGroup } from "./types";

/** The fields that rules and messages may name. */
export const fieldsQuery = queryOptions({
  queryKey: keys.fields.all,
  queryFn: ({ signal }) => dataOf(api.GET("/api/v1/segments/fields", { signal })),
  staleTime: 60_000,
});

/** Who matches. No request is made while the audience is null. */
export const previewQuery = (audience: AudienceOf | null, channel: Channel) =>
  queryOptions({
    queryKey: keys.audience.preview(audience, channel),
    queryFn: audience
      ? ({ signal }) => dataOf(api.POST("/api/v1/audience/preview", { body: { ...audience, channel }, signal }))
      : skipToken,
  });

/** Why a customer matches, or does not. */
export const explanationQuery = (rules: WireGroup, customerKey: string) =>
  queryOptions({
    queryKey: keys.audience.explanation(rules, customerKey),
    queryFn: ({ signal }) =>
      dataOf(api.POST("/api/v1/audience/explain", { body: { rules, key: customerKey }, signal })),
  });
