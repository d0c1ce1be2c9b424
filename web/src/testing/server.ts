/** A stand-in for the server, put where `fetch` is: answers by method and path, and remembers what it was asked. */

import { vi } from "vitest";

export interface Call {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
  signal: AbortSignal | null;
}

type Answer = { status?: number; json?: unknown; headers?: Record<string, string> } | Error;
type Route = (call: Call) => Answer | Promise<Answer>;

/** `routes` are keyed by `"POST /api/v1/campaigns"`; whatever has none is a 404. */
export function serve(routes: Record<string, Route>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const call: Call = {
      method: init.method ?? "GET",
      path: url,
      headers: init.headers as Record<string, string>,
      body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : null,
      signal: init.signal ?? null,
    };
    calls.push(call);
    const route = routes[`${call.method} ${url.split("?")[0]}`];
    const answer = route ? await route(call) : { status: 404, json: { detail: "There is nothing of that name." } };
    if (answer instanceof Error) throw answer;
    const { status = 200, json, headers = {} } = answer;
    return new Response(json === undefined ? null : JSON.stringify(json), { status, headers });
  });
  return calls;
}
