/** The only place that fetches. Everything else calls the functions of `endpoints.ts`. */

import { appText } from "../texts/app";

export interface FieldError {
  path: string;
  message: string;
}

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

  /** Whether the same call may work a moment later. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

type Query = Record<string, string | number | null | undefined>;

interface Options {
  query?: Query;
  /** Sent as JSON; a form as multipart. */
  body?: unknown;
  signal?: AbortSignal | undefined;
}

export const get = <T>(path: string, options: Options = {}) => request<T>("GET", path, options);
export const post = <T>(path: string, options: Options = {}) => request<T>("POST", path, options);
export const put = <T>(path: string, options: Options = {}) => request<T>("PUT", path, options);
export const remove = <T>(path: string, options: Options = {}) => request<T>("DELETE", path, options);

/** `path` with the parameters that have a value. */
export function withQuery(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

let unreached: () => void = () => undefined;

/** `listener` is called whenever a call did not reach the server. */
export function whenUnreached(listener: () => void): void {
  unreached = listener;
}

/** Whether anybody answers at all, were it with an error. */
export async function isReached(): Promise<boolean> {
  try {
    await fetch("/api/v1/session/config", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
}

async function request<T>(method: string, path: string, { query, body, signal }: Options): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  // The server takes writes only with this header, which a foreign page cannot set.
  if (method !== "GET") headers["X-Requested-With"] = "crm";
  const isForm = body instanceof FormData;
  // The browser itself writes a form's type, for it knows the boundary.
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(withQuery(path, query), {
      method,
      headers,
      credentials: "same-origin",
      body: isForm ? body : body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    unreached();
    throw new ApiError(0, appText.problem.unreached);
  }
  if (!response.ok) throw await refusal(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function refusal(response: Response): Promise<ApiError> {
  const wait = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  const problem: unknown = await response.json().catch(() => null);
  if (!isRecord(problem)) {
    return new ApiError(response.status, appText.problem.answered(response.status), [], retryAfter);
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
