import { afterEach, describe, expect, it, vi } from "vitest";

import { serve } from "../testing/server";
import { ApiError, get, post, withQuery } from "./http";

afterEach(() => vi.unstubAllGlobals());

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
    const calls = serve({ "POST /x": () => ({ json: {} }) });
    await post("/x", { body: { a: 1 } });
    expect(calls[0]?.headers["X-Requested-With"]).toBe("crm");
    expect(calls[0]?.body).toEqual({ a: 1 });
  });

  it("answer nothing where the server answers 204", async () => {
    serve({ "POST /x": () => ({ status: 204 }) });
    expect(await post("/x")).toBeUndefined();
  });
});

it("reads do not carry it", async () => {
  const calls = serve({ "GET /x": () => ({ json: {} }) });
  await get("/x");
  expect(calls[0]?.headers).not.toHaveProperty("X-Requested-With");
});

describe("refusals", () => {
  it("keep the detail and the field errors of problem+json", async () => {
    const errors = [{ path: "message.body", message: "line 1, column 4: customer.nam is not known" }];
    serve({ "GET /x": () => ({ status: 422, json: { title: "Unprocessable", detail: "Not valid.", errors } }) });
    const refusal = await refusalOf(get("/x"));
    expect(refusal).toMatchObject({ status: 422, detail: "Not valid.", errors, temporary: false });
  });

  it("tell how long to wait", async () => {
    serve({ "GET /x": () => ({ status: 503, json: { detail: "Away." }, headers: { "Retry-After": "7" } }) });
    expect(await refusalOf(get("/x"))).toMatchObject({ status: 503, retryAfter: 7, temporary: true });
  });

  it("are words even where the answer is no JSON", async () => {
    serve({ "GET /x": () => ({ status: 502 }) });
    expect((await refusalOf(get("/x"))).detail).toBe("The server answered 502.");
  });

  it("say so when the server is not reached", async () => {
    serve({ "GET /x": () => new TypeError("failed to fetch") });
    expect(await refusalOf(get("/x"))).toMatchObject({ status: 0, temporary: true });
  });

  it("are none when the call was given up", async () => {
    serve({ "GET /x": () => new DOMException("aborted", "AbortError") });
    await expect(get("/x")).rejects.toMatchObject({ name: "AbortError" });
  });
});

it("leaves out of the address what has no value", () => {
  expect(withQuery("/log", { status: "", cursor: null, limit: 25 })).toBe("/log?limit=25");
  expect(withQuery("/log", { status: "" })).toBe("/log");
});
