import { queryOptions } from "@tanstack/react-query";

import { addressOf, api, dataOf } from "./http";
import { keys } from "./keys";
import type { AuditFilter, NewKey, Role } from "./types";

export const apiKeysQuery = queryOptions({
  queryKey: keys.apiKeys.all,
  queryFn: ({ signal }) => dataOf(api.GET("/api/v1/keys", { signal })),
});
export const createKey = (key: NewKey) => dataOf(api.POST("/api/v1/keys", { body: key }));
export const revokeKey = (keyId: string) =>
  dataOf(api.DELETE("/api/v1/keys/{id}", { params: { path: { id: keyId } } }));

export const webhookSecretsQuery = queryOptions({
  queryKey: keys.webhookSecrets.all,
  queryFn: ({ signal }) => dataOf(api.GET("/api/v1/webhook-secrets", { signal })),
});
export const createWebhookSecret = () => dataOf(api.POST("/api/v1/webhook-secrets"));
export const deleteWebhookSecret = (secretId: string) =>
  dataOf(api.DELETE("/api/v1/webhook-secrets/{id}", { params: { path: { id: secretId } } }));

export const auditQuery = (filter: AuditFilter, cursor: string | null) =>
  queryOptions({
    queryKey: keys.audit.list(filter, cursor),
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/audit", { params: { query: { ...filter, cursor, limit: 50 } }, signal })),
  });
export const auditCsv = (filter: AuditFilter) => addressOf("/api/v1/audit.csv", { query: { ...filter } });

export const membersQuery = queryOptions({
  queryKey: keys.members.all,
  queryFn: ({ signal }) => dataOf(api.GET("/api/v1/members", { signal })),
});
export const addMember = (email: string, role: Role) => dataOf(api.POST("/api/v1/members", { body: { email, role } }));
export const setRole = (memberId: string, role: Role) =>
  dataOf(api.PUT("/api/v1/members/{id}", { params: { path: { id: memberId } }, body: { role } }));
export const removeMember = (memberId: string) =>
  dataOf(api.DELETE("/api/v1/members/{id}", { params: { path: { id: memberId } } }));
