// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { endpointsOf, typesOf } from "../testing/declared";
import { misfits, type Schema } from "../testing/fits";

interface Operation {
  parameters?: { in: string; name: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

const api = JSON.parse(readFileSync("openapi.json", "utf8")) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};
const known = { types: typesOf("src/api/types"), schemas: api.components.schemas };
const ENDPOINTS = endpointsOf("src/api/endpoints.ts");

/** The operation of a path; one that ends in a name of ours, such as an action, stands for all that it may be. */
function operationOf(method: string, path: string): Operation | null {
  const exact = new RegExp(`^${path.replaceAll("{}", "\\{[^/]+\\}")}$`);
  const loose = new RegExp(`^${path.replaceAll("{}", "[^/]+")}$`);
  const fitting = Object.keys(api.paths).filter((one) => method in (api.paths[one] ?? {}));
  const found = fitting.find((one) => exact.test(one)) ?? fitting.find((one) => loose.test(one));
  return found ? (api.paths[found]?.[method] ?? null) : null;
}

const schemaOf = (content?: Record<string, { schema: Schema }>) => content?.["application/json"]?.schema;

it("reads what is declared", () => {
  expect(ENDPOINTS.length).toBeGreaterThan(20);
  expect(ENDPOINTS.find(({ name }) => name === "campaignLog")).toMatchObject({
    method: "get",
    path: "/api/v1/campaigns/{}/log",
    query: ["status", "cursor", "limit"],
  });
});

describe.each(ENDPOINTS)("$name", ({ method, path, query, body, answer }) => {
  const operation = operationOf(method, path);

  it("calls what the API has", () => {
    expect(operation, `${method} ${path}`).not.toBeNull();
    const parameters = operation?.parameters?.map(({ name }) => name) ?? [];
    expect(query.filter((name) => !parameters.includes(name))).toEqual([]);
  });

  it("sends and reads the shapes of the API", () => {
    const [, success] = Object.entries(operation?.responses ?? {}).find(([status]) => /^2/.test(status)) ?? [];
    const answered = schemaOf(success?.content);
    const asked = schemaOf(operation?.requestBody?.content);
    expect([
      ...(answered ? misfits(answer, answered, known, "answer") : []),
      ...(body && asked ? misfits(body, asked, known, "body", true) : []),
    ]).toEqual([]);
  });
});

describe("a type that parted from the API", () => {
  const schema: Schema = { properties: { state: { enum: ["on", "off"] } }, required: ["state"] };
  const literal = (value: string) => ({ type: "TSLiteralType", literal: { value } });
  const member = (name: string, type: object) => ({ key: { name }, typeAnnotation: { typeAnnotation: type } });
  const made = (...members: object[]) => ({ type: "TSTypeLiteral", members });

  it.each([
    ["a field that is gone", made(member("status", literal("on"))), false, ["x.status is not in the API"]],
    ["a value not foreseen", made(member("state", literal("on"))), false, ["x.state may be off"]],
    ["a field not sent", made(), true, ["x.state has to be sent"]],
  ])("is told: %s", (_, type, sent, told) => {
    expect(misfits(type, schema, known, "x", sent)).toEqual(told);
  });
});
