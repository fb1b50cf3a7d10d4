import {
  buildSchema as schemaOf,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLScalarType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  isScalarType,
  Kind,
} from "graphql";
import { typeDefs } from "./generated.ts";
import type { Area } from "./area.ts";
import { unlessBot } from "./ofBots.ts";
import { inItsTime } from "./past.ts";
import { areas, resolvedFields } from "./resolvers.ts";

/** Any string has the right form for these. Its content is checked where it is used, so that the refusal can name the input. */
const textScalars = ["DateTime", "Cursor", "URL"];

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/**
 * The executable schema: types from schema.graphql, with resolvers for everything that is not a plain member of its object.
 * Throws if two areas resolve the same field, if an area resolves a field that is not in the schema, or if a query, a
 * mutation or a subscription has no resolver.
 */
export function buildSchema(of: Readonly<Record<string, Area>> = areas): GraphQLSchema {
  // Where each word stands in the text is asked by nobody, and takes a megabyte.
  const schema = schemaOf(typeDefs, { noLocation: true });
  for (const name of textScalars) {
    const scalar = schema.getType(name);
    if (isScalarType(scalar)) makeText(scalar);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = ({ __typename }: { __typename: string }) => __typename;
  }
  for (const { type, field, resolver } of resolvedFields(of)) {
    const found = fieldOf(schema, type, field);
    if (typeof resolver === "function") found.resolve = inItsTime(type, resolver as Resolver);
    else Object.assign(found, resolver as { subscribe: Resolver; resolve: Resolver });
  }
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const { name, resolve } of Object.values(root?.getFields() ?? {}))
      if (!resolve) throw new Error(`nobody resolves ${root?.name}.${name}`);
  }
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {}))
    if (field.resolve) field.resolve = unlessBot(field.name, field.resolve as Resolver);
  return schema;
}

function fieldOf(schema: GraphQLSchema, name: string, field: string) {
  const type = schema.getType(name);
  const found = isObjectType(type) ? type.getFields()[field] : undefined;
  if (!found) throw new Error(`schema.graphql has no ${name}.${field}`);
  return found;
}

function makeText(scalar: GraphQLScalarType): void {
  const text = (value: unknown): string => {
    if (typeof value === "string") return value;
    throw new GraphQLError(`${scalar.name} is written as a string`);
  };
  scalar.serialize = text;
  scalar.parseValue = text;
  scalar.parseLiteral = (node) => text(node.kind === Kind.STRING ? node.value : undefined);
}
