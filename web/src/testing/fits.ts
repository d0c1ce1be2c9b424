/** Whether a declared type fits a schema of the API's document: each way in which it does not is a sentence. */

import type { Node } from "./declared";

export interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
}

interface Known {
  types: Map<string, Node>;
  schemas: Record<string, Schema>;
}

/** `sent`: the type is what we send, and may leave out only what need not be sent. Else what we are answered. */
export function misfits(type: Node, schema: Schema, known: Known, where: string, sent = false): string[] {
  const members = membersOf(type, known);
  const wanted = resolved(schema, known);
  if (members) return wanted.properties ? misfitsOfObject(members, wanted, known, where, sent) : [];
  if (type.type === "TSArrayType") {
    return wanted.items ? misfits(type.elementType, wanted.items, known, `${where}[]`, sent) : [];
  }
  return misfitsOfValues(type, wanted, known, where);
}

function misfitsOfObject(
  members: Map<string, Node>,
  { properties = {}, required = [] }: Schema,
  known: Known,
  where: string,
  sent: boolean,
): string[] {
  const found = [...members].flatMap(([name, member]) => {
    const schema = properties[name];
    if (!schema) return [`${where}.${name} is not in the API`];
    const type = member.typeAnnotation?.typeAnnotation as Node | undefined;
    return type ? misfits(type, schema, known, `${where}.${name}`, sent) : [];
  });
  const lacking = sent ? required.filter((name) => !members.has(name)) : [];
  return [...found, ...lacking.map((name) => `${where}.${name} has to be sent`)];
}

/** Texts that the API may give are all foreseen, and so is that it gives nothing. */
function misfitsOfValues(type: Node, schema: Schema, known: Known, where: string): string[] {
  const ours = literalsOf(type, known);
  if (ours === null) return [];
  const theirs = schema.anyOf ?? [schema];
  const values = theirs.flatMap((one) => {
    const { enum: choices, const: only } = resolved(one, known);
    return choices ?? (only === undefined ? [] : [only]);
  });
  return values.filter((value) => !ours.has(value)).map((value) => `${where} may be ${String(value)}`);
}

/** The texts of a union of texts; null where any text will do, or where it is no union of texts. */
function literalsOf(type: Node, known: Known): Set<unknown> | null {
  if (type.type === "TSLiteralType") return new Set([type.literal.value]);
  if (type.type === "TSNullKeyword") return new Set([null]);
  if (type.type === "TSUnionType") {
    const parts = (type.types as Node[]).map((part) => literalsOf(part, known));
    return parts.some((part) => part === null) ? null : new Set(parts.flatMap((part) => [...(part ?? [])]));
  }
  const named = type.type === "TSTypeReference" ? known.types.get(type.typeName.name as string) : undefined;
  return named?.type === "TSTypeAliasDeclaration" ? literalsOf(named.typeAnnotation, known) : null;
}

/** The properties of an object type by name; null for whatever is none, or comes from elsewhere. */
function membersOf(type: Node, known: Known): Map<string, Node> | null {
  if (type.type === "TSTypeLiteral") return membersByName(type.members);
  if (type.type === "ObjectExpression") return membersByName(type.properties);
  if (type.type === "TSIntersectionType") {
    const parts = (type.types as Node[]).map((part) => membersOf(part, known));
    return parts.every((part) => part) ? new Map(parts.flatMap((part) => [...(part ?? [])])) : null;
  }
  if (type.type === "TSUnionType") {
    const parts = (type.types as Node[]).filter((part) => part.type !== "TSNullKeyword");
    return parts.length === 1 && parts[0] ? membersOf(parts[0], known) : null;
  }
  if (type.type !== "TSTypeReference") return null;
  const name = type.typeName.name as string;
  const argument = type.typeArguments?.params[0] as Node | undefined;
  if (name === "Page" && argument) return pageOf(argument);
  const declared = known.types.get(name);
  if (declared?.type === "TSTypeAliasDeclaration") return membersOf(declared.typeAnnotation, known);
  if (declared?.type !== "TSInterfaceDeclaration") return null;
  const inherited = ((declared.extends ?? []) as Node[]).flatMap(({ expression }) => {
    const parent = known.types.get(expression.name as string);
    return parent ? [...membersByName(parent.body.body)] : [];
  });
  return new Map([...inherited, ...membersByName(declared.body.body)]);
}

function pageOf(row: Node): Map<string, Node> {
  const data = { typeAnnotation: { typeAnnotation: { type: "TSArrayType", elementType: row } } };
  return new Map([["data", { type: "TSPropertySignature", ...data }]]);
}

function membersByName(members: Node[]): Map<string, Node> {
  return new Map(members.filter((one) => one.key).map((one) => [one.key.name as string, one]));
}

/** What a schema is once its reference is followed and nothing is left out of what may be there. */
function resolved(schema: Schema, known: Known): Schema {
  const name = schema.$ref?.split("/").at(-1);
  if (name) return resolved(known.schemas[name] ?? {}, known);
  const parts = schema.anyOf?.filter((part) => part.type !== "null") ?? schema.allOf ?? [];
  return parts.length === 1 && parts[0] ? { ...resolved(parts[0], known), ...nullable(schema) } : schema;
}

const nullable = ({ anyOf }: Schema): Schema => (anyOf ? { anyOf } : {});
