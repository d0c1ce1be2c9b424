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

/** What the next ID token has to be requested with. It is used up by signing in with it. */
export const newNonce = () => dataOf(api.POST("/api/v1/session/nonce"));

export const signIn = (credential: string) => dataOf(api.POST("/api/v1/session", { body: { credential } }));

export const signOut = (everywhere: boolean) =>
  dataOf(api.DELETE("/api/v1/session", { params: { query: { everywhere } } }));

/** The local issuer, which is no part of the API. */
interface IdentityPaths {
  "/token": {
    post: {
      requestBody: { content: { "application/json": { email: string; nonce: string } } };
      responses: { 200: { content: { "application/json": { credential: string } } } };
    };
  };
}

/** Only where the stack runs its own issuer: signs in as one of its accounts. */
export async function signInLocally(identityUrl: string, email: string) {
  const { nonce } = await newNonce();
  const issued = await dataOf(clientOf<IdentityPaths>(identityUrl).POST("/token", { body: { email, nonce } }));
  return signIn(issued.credential);
}
