/** A stand-in for the server, put where `fetch` is: answers by method and path, and remembers what it was asked. */

import { vi } from "vitest";

export interface Call {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
  signal: AbortSignal;
}

type Answer = { status?: number; json?: unknown; headers?: Record<string, string> } | Error;
type Route = (call: Call) => Answer | Promise<Answer>;

/** `routes` are keyed by `"POST /api/v1/campaigns"`; whatever has none is a 404. */
export function serve(routes: Record<string, Route>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { method, headers, signal } = request;
    const { pathname, search } = new URL(request.url);
    const isJson = headers.get("Content-Type") === "application/json";
    const call: Call = {
      method,
      path: pathname + search,
      headers,
      body: isJson ? ((await request.clone().json()) as unknown) : null,
      signal,
    };
    calls.push(call);
    const route = routes[`${method} ${pathname}`];
    const answer = route ? await route(call) : { status: 404, json: { detail: "There is nothing of that name." } };
    if (answer instanceof Error) throw answer;
    const { status = 200, json, headers: answered = {} } = answer;
    return new Response(json === undefined ? null : JSON.stringify(json), { status, headers: answered });
  });
  return calls;
}
