import { afterEach, describe, expect, it, vi } from "vitest";

import { serve } from "../testing/server";
import { ApiError, addressOf, api, clientOf, dataOf, onServerUnreachable } from "./http";

afterEach(() => vi.unstubAllGlobals());

const read = () => dataOf(api.GET("/api/v1/session"));
const READ = "GET /api/v1/session";

const refusalOf = async (call: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
};

describe("writes", () => {
  it("carry the header that a foreign page cannot set", async () => {
    const calls = serve({ "POST /api/v1/keys": () => ({ json: {} }) });
    const body = { name: "Shop", scopes: ["ingest:orders" as const] };
    await dataOf(api.POST("/api/v1/keys", { body }));
    expect(calls[0]?.headers.get("X-Requested-With")).toBe("crm");
    expect(calls[0]?.body).toEqual(body);
  });

  it("answer nothing where the server answers 204", async () => {
    serve({ "DELETE /api/v1/session": () => ({ status: 204 }) });
    expect(await dataOf(api.DELETE("/api/v1/session"))).toBeUndefined();
  });

  it("leave the type of a form to the browser, which knows the boundary", async () => {
    const calls = serve({ "POST /form": () => ({ json: {} }) });
    const body = new FormData();
    body.append("kind", "customers");
    const forms = clientOf<{ "/form": { post: { requestBody: { content: { "multipart/form-data": FormData } } } } }>();
    await dataOf(forms.POST("/form", { body }));
    expect(calls[0]?.headers.get("Content-Type")).toMatch(/^multipart\/form-data; boundary=/);
  });
});

it("reads do not carry it", async () => {
  const calls = serve({ [READ]: () => ({ json: {} }) });
  await read();
  expect(calls[0]?.headers.has("X-Requested-With")).toBe(false);
});

describe("refusals", () => {
  it("keep the detail and the field errors of problem+json", async () => {
    const errors = [{ path: "message.body", message: "line 1, column 4: customer.nam is not known" }];
    serve({ [READ]: () => ({ status: 422, json: { title: "Unprocessable", detail: "Not valid.", errors } }) });
    const refusal = await refusalOf(read());
    expect(refusal).toMatchObject({ status: 422, detail: "Not valid.", errors, temporary: false });
  });

  it("say how long to wait", async () => {
    serve({ [READ]: () => ({ status: 503, json: { detail: "Away." }, headers: { "Retry-After": "7" } }) });
    expect(await refusalOf(read())).toMatchObject({ status: 503, retryAfter: 7, temporary: true });
  });

  it("of too many calls say so in words", async () => {
    serve({ [READ]: () => ({ status: 429, json: { detail: "600 in 60." }, headers: { "Retry-After": "7" } }) });
    const refusal = await refusalOf(read());
    expect(refusal).toMatchObject({ status: 429, retryAfter: 7, temporary: true });
    expect(refusal.detail).toBe("There were too many calls in a short time. It goes on in 7 seconds.");
  });

  it("are words even where the answer is no JSON", async () => {
    serve({ [READ]: () => ({ status: 502 }) });
    expect((await refusalOf(read())).detail).toBe("The server answered 502.");
  });

  it("say so when the server is not reached", async () => {
    const listener = vi.fn();
    onServerUnreachable(listener);
    serve({ [READ]: () => new TypeError("failed to fetch") });
    expect(await refusalOf(read())).toMatchObject({ status: 0, temporary: true });
    expect(listener).toHaveBeenCalledOnce();
  });

  it("are none when the call was given up", async () => {
    serve({ [READ]: () => new DOMException("aborted", "AbortError") });
    await expect(read()).rejects.toMatchObject({ name: "AbortError" });
  });
});

it("encodes the parts of an address, and leaves out what has no value", () => {
  const log = "/api/v1/campaigns/{id}/log.csv";
  expect(addressOf(log, { path: { id: "c 1/2" }, query: { status: null } })).toBe(
    "/api/v1/campaigns/c%201%2F2/log.csv",
  );
  expect(addressOf(log, { path: { id: "c1" }, query: { status: "failed" } })).toBe(
    "/api/v1/campaigns/c1/log.csv?status=failed",
  );
});
