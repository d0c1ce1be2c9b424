import { queryOptions } from "@tanstack/react-query";

import { addressOf, api, dataOf } from "./http";
import { keys } from "./keys";
import type { Channel } from "./types";

export const customersQuery = (query: string, cursor: string | null) =>
  queryOptions({
    queryKey: keys.customers.list(query, cursor),
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/customers", { params: { query: { ...(query ? { query } : {}), cursor, limit: 25 } }, signal }),
      ),
  });

export const customerQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.customers.one(customerId),
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/customers/{customer_id}", { params: { path: { customer_id: customerId } }, signal })),
  });

/** Whether a customer is in each segment, and which rules say so. */
export const customerSegmentsQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.customers.segments(customerId),
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/customers/{customer_id}/segments", { params: { path: { customer_id: customerId } }, signal }),
      ),
  });

export const customerExport = (customerId: string) =>
  addressOf("/api/v1/customers/{customer_id}/export", { path: { customer_id: customerId } });

export const suppressCustomer = (customerId: string, channel: Channel, suppressed: boolean) =>
  dataOf(
    api.PUT("/api/v1/customers/{customer_id}/suppressions", {
      params: { path: { customer_id: customerId } },
      body: { channel, suppressed },
    }),
  );

export const eraseCustomer = (customerId: string) =>
  dataOf(api.DELETE("/api/v1/customers/{customer_id}", { params: { path: { customer_id: customerId } } }));
