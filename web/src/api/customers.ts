import { queryOptions } from "@tanstack/react-query";

import { addressOf, api, dataOf } from "./http";
import { keys } from "./keys";
import type { Channel } from "./types";

export const customersQuery = (query: string, cursor: string | null) =>
  queryOptions({
    queryKey: keys.customers.list(query, cursor),
    queryFn: ({ signal }) =>
      dataOf(api.POST("/api/v1/customers/search", { body: { query, cursor, limit: 25 }, signal })),
  });

export const customerQuery = (customerKey: string) =>
  queryOptions({
    queryKey: keys.customers.one(customerKey),
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/customers/{key}", { params: { path: { key: customerKey } }, signal })),
  });

/** Whether a customer is in each segment, and which rules say so. */
export const customerSegmentsQuery = (customerKey: string) =>
  queryOptions({
    queryKey: keys.customers.segments(customerKey),
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/customers/{key}/segments", { params: { path: { key: customerKey } }, signal })),
  });

export const customerExport = (customerKey: string) =>
  addressOf("/api/v1/customers/{key}/export", { path: { key: customerKey } });

export const suppressCustomer = (customerKey: string, channel: Channel, suppressed: boolean) =>
  dataOf(
    api.PUT("/api/v1/customers/{key}/suppressions", {
      params: { path: { key: customerKey } },
      body: { channel, suppressed },
    }),
  );

/** A key belongs to one id: whoever was shown with it is erased, or nobody. */
export const eraseCustomer = (customerKey: string) =>
  dataOf(api.DELETE("/api/v1/customers/{key}", { params: { path: { key: customerKey } } }));
