import { queryOptions } from "@tanstack/react-query";

import { api, clientOf, dataOf } from "./http";
import { keys } from "./keys";

/** How to sign in, and where the project is. */
export const configQuery = queryOptions({
  queryKey: keys.session.config,
  queryFn: () => dataOf(api.GET("/api/v1/session/config")),
  staleTime: Number.POSITIVE_INFINITY,
});

export const currentSession = (signal: AbortSignal) => dataOf(api.GET("/api/v1/session", { signal }));

export const signIn = (credential: string, nonce?: string) =>
  dataOf(api.POST("/api/v1/session", { body: { credential, ...(nonce ? { nonce } : {}) } }));

export const signOut = () => dataOf(api.DELETE("/api/v1/session"));

/** The local issuer, which is no part of the API. */
interface IdentityPaths {
  "/token": {
    post: {
      requestBody: { content: { "application/json": { email: string } } };
      responses: { 200: { content: { "application/json": { credential: string } } } };
    };
  };
}

/** Only where the stack runs its own issuer: a token for one of its accounts. */
export const localCredential = (identityUrl: string, email: string) =>
  dataOf(clientOf<IdentityPaths>(identityUrl).POST("/token", { body: { email } }));
