/** The only place that fetches: the client of the API, and its refusals as ApiError. */

import createClient, {
  createFinalURL,
  createQuerySerializer,
  defaultPathSerializer,
  type Middleware,
} from "openapi-fetch";

import { appText } from "../texts/app";
import type { components, paths } from "./schema";

export type FieldError = components["schemas"]["FieldProblem"];

/** A refusal of the server (problem+json), or `status` 0 when the server was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
    this.name = "ApiError";
  }

  /** Whether the same call may succeed later. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

let notifyUnreachable: () => void = () => undefined;

/** `listener` is called whenever a call did not reach the server. */
export function onServerUnreachable(listener: () => void): void {
  notifyUnreachable = listener;
}

/** Whether the server responds, even with an error. */
export async function isReached(): Promise<boolean> {
  try {
    await fetch("/api/v1/session/config", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
}

let writer: () => string | undefined = () => undefined;

/** `check` is called before each write: it gives the member who this tab takes to be signed in, or throws. */
export function guardWrites(check: () => string | undefined): void {
  writer = check;
}

/** Writes in a member's name; signing in and out are in nobody's. */
const membership: Middleware = {
  onRequest({ request, schemaPath }) {
    if (request.method === "GET" || schemaPath.startsWith("/api/v1/session")) return;
    const member = writer();
    if (member) request.headers.set("X-Member", encodeURIComponent(member));
  },
};

const conventions: Middleware = {
  onRequest({ request }) {
    // The server takes writes only with this header, which a foreign page cannot set.
    if (request.method !== "GET") request.headers.set("X-Requested-With", "crm");
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    notifyUnreachable();
    return new ApiError(0, appText.problem.unreached);
  },
  async onResponse({ response }) {
    if (!response.ok) throw await refusal(response);
  },
};

/** A client of the paths that an OpenAPI document describes. */
export function clientOf<Paths extends object>(baseUrl = "") {
  const client = createClient<Paths>({
    baseUrl,
    headers: { Accept: "application/json" },
    fetch: (request) => fetch(request),
  });
  client.use(conventions);
  return client;
}

export const api = clientOf<paths>();
api.use(membership);

/** What the server answered. Refusals have been thrown by then. */
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

interface Parameters {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
}

/** The address of a download, which the browser fetches. */
export function addressOf(path: keyof paths, params: Parameters): string {
  const querySerializer = createQuerySerializer();
  return createFinalURL(path, { baseUrl: "", params, querySerializer, pathSerializer: defaultPathSerializer });
}

async function refusal(response: Response): Promise<ApiError> {
  const wait = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  const problem: unknown = await response.json().catch(() => null);
  if (!isRecord(problem)) {
    return new ApiError(response.status, appText.problem.answered(response.status), [], retryAfter);
  }
  if (response.status === 429 && retryAfter !== null) {
    return new ApiError(response.status, appText.problem.tooMany(retryAfter), [], retryAfter);
  }
  const text = problem.detail ?? problem.title;
  const detail = typeof text === "string" ? text : appText.problem.answered(response.status);
  const errors = Array.isArray(problem.errors) ? problem.errors.filter(isFieldError) : [];
  return new ApiError(response.status, detail, errors, retryAfter);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && typeof value.path === "string" && typeof value.message === "string";
}
