/** What `endpoints.ts` and `types/` declare, read from their syntax: for the test that holds them to the API. */

import { readdirSync, readFileSync } from "node:fs";
import { parseAst } from "vite";

/** A node of the syntax tree. What hangs on it depends on its `type`. */
// biome-ignore lint/suspicious/noExplicitAny: the parser gives no types for what hangs on a node.
export type Node = { type: string } & Record<string, any>;

/** One call of the server. In `path` every value is `{}`; `body` is a type or an object as written, if any. */
export interface Endpoint {
  name: string;
  method: string;
  path: string;
  query: string[];
  body: Node | null;
  answer: Node;
}

const METHODS: Record<string, string> = { get: "get", post: "post", put: "put", remove: "delete" };

/** The types of a folder's files by name: interfaces and aliases. */
export function typesOf(folder: string): Map<string, Node> {
  const statements = readdirSync(folder).flatMap((file) => statementsOf(`${folder}/${file}`));
  const declared = statements.filter(({ type }) => /^TS(Interface|TypeAlias)Declaration$/.test(type));
  return new Map(declared.map((node) => [node.id.name as string, node]));
}

/** The calls of a file that go to the API with a type for the answer. */
export function endpointsOf(file: string): Endpoint[] {
  const constants = statementsOf(file).flatMap((node) => (node.declarations ?? []) as Node[]);
  return constants.flatMap((node) => {
    const arrow = node.init as Node | null;
    if (arrow?.type !== "ArrowFunctionExpression") return [];
    const call = find(arrow.body, (inner) => inner.type === "CallExpression" && inner.callee.name in METHODS);
    const path = call && pathOf(call.arguments[0]);
    if (!call || !path?.startsWith("/api/")) return [];
    const options = call.arguments[1] as Node | undefined;
    const query = propertyOf(options, "query");
    return {
      name: node.id.name as string,
      method: METHODS[call.callee.name as string] ?? "",
      path,
      query: (query?.properties ?? []).map((one: Node) => one.key.name as string),
      body: bodyOf(propertyOf(options, "body"), arrow.params),
      answer: call.typeArguments.params[0] as Node,
    };
  });
}

function statementsOf(file: string): Node[] {
  const { body } = parseAst(readFileSync(file, "utf8"), { lang: "ts" }) as unknown as { body: Node[] };
  return body.map((node) => (node.type === "ExportNamedDeclaration" && node.declaration) || node);
}

function find(node: unknown, wanted: (node: Node) => boolean): Node | null {
  if (typeof node !== "object" || node === null) return null;
  if ("type" in node && wanted(node as Node)) return node as Node;
  for (const part of Object.values(node)) {
    const found = find(part, wanted);
    if (found) return found;
  }
  return null;
}

function pathOf(node: Node): string | null {
  if (node.type === "Literal") return String(node.value);
  if (node.type !== "TemplateLiteral") return null;
  const texts = (node.quasis as Node[]).map((one) => one.value.cooked as string);
  const values = (node.expressions as Node[]).map((one) => (one.name === "V1" ? "/api/v1" : "{}"));
  return texts.map((text, index) => text + (values[index] ?? "")).join("");
}

function propertyOf(object: Node | undefined, name: string): Node | null {
  const properties = (object?.properties ?? []) as Node[];
  return (properties.find((one) => one.key?.name === name)?.value as Node | undefined) ?? null;
}

/** The type of the parameter that is the body, or the object that is written there. */
function bodyOf(body: Node | null, parameters: Node[]): Node | null {
  if (body?.type !== "Identifier") return body;
  const parameter = parameters.find((one) => one.name === body.name);
  return (parameter?.typeAnnotation?.typeAnnotation as Node | undefined) ?? null;
}
