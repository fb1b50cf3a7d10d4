import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { Json } from "./apiWorld.ts";

/** Arguments of the fields that cannot be asked for without, or tell nothing without, by `Type.field`. */
export type Arguments = Readonly<Record<string, string>>;

const mustHaveArguments = ({ args }: GraphQLField<unknown, unknown>): boolean =>
  args.some(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);

/** A selection of every field of a type, and of theirs, so many levels deep. */
export function allFields(schema: GraphQLSchema, type: GraphQLNamedType, levels: number, given: Arguments): string {
  if (isLeafType(type)) return "";
  if (isAbstractType(type)) {
    const parts = schema
      .getPossibleTypes(type)
      .map((one) => `... on ${one.name} ${aliased(one.name, allFields(schema, one, levels, given))}`);
    return `{ __typename ${parts.join(" ")} }`;
  }
  if (!isObjectType(type)) return "";
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    const asked = given[`${type.name}.${field.name}`] ?? "";
    if (asked === "" && mustHaveArguments(field)) return [];
    if (isLeafType(named)) return [`${field.name}${asked}`];
    return levels > 0 ? [`${field.name}${asked} ${allFields(schema, named, levels - 1, given)}`] : [];
  });
  return `{ __typename ${fields.join(" ")} }`;
}

/** Fields of the same name may be of other types in other objects: there they need names of their own. */
const aliased = (name: string, selection: string): string =>
  selection.replace(/^\{ __typename (.*) \}$/, (_, inner: string) => `{ __typename ${topLevel(inner, name)} }`);

function topLevel(inner: string, name: string): string {
  let depth = 0;
  let text = "";
  for (const token of inner.split(/(\s+|[{}()])/)) {
    const isField = depth === 0 && /^\w/.test(token);
    if (token === "{" || token === "(") depth++;
    if (token === "}" || token === ")") depth--;
    text += isField ? `${name}_${token}: ${token}` : token;
  }
  return text;
}

/** Notes each field that an answer has a value for, as `Type.field`. */
export function noteFields(schema: GraphQLSchema, type: GraphQLOutputType | undefined, value: unknown, noted: Set<string>): void {
  if (value == null || type === undefined) return;
  if (isNonNullType(type)) return noteFields(schema, type.ofType as GraphQLOutputType, value, noted);
  if (isListType(type)) {
    for (const item of value as unknown[]) noteFields(schema, type.ofType, item, noted);
    return;
  }
  if (isLeafType(type)) return;
  const object = value as Json;
  const { __typename: name = type.name } = object as { __typename?: string };
  const of = schema.getType(name);
  if (!isObjectType(of)) return;
  for (const [key, item] of Object.entries(object)) {
    const name = key.startsWith(`${of.name}_`) ? key.slice(of.name.length + 1) : key;
    const field = of.getFields()[name];
    if (!field || item == null) continue;
    // An empty list shows nothing of what its field serves.
    if (!(Array.isArray(item) && item.length === 0)) noted.add(`${of.name}.${name}`);
    noteFields(schema, field.type, item, noted);
  }
}

/** Every field of every object type, as `Type.field`. */
export const everyField = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith("__"))
    .flatMap((type) => (isObjectType(type) ? Object.keys(type.getFields()).map((name) => `${type.name}.${name}`) : []));
