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
import { Admin } from "./admin.ts";
import { Conversation } from "./conversations.ts";
import { Message } from "./messages.ts";
import { MessageHit, MessageHitConnection } from "./messageSearch.ts";
import { MessagePayload, Mutation } from "./mutation.ts";
import { Query } from "./query.ts";
import { Subscription } from "./inbox.ts";
import { User } from "./users.ts";
import { Viewer } from "./viewer.ts";

const types = { Query, Mutation, Viewer, Admin, User, Conversation, Message, MessagePayload, MessageHit, MessageHitConnection };

/** Strings by their shape; what they hold is looked at where they are used, so that the refusal can name the input. */
const textScalars = ["DateTime", "Cursor", "URL"];

/** The one executable schema: types by schema.graphql, everything that is not a plain member of its object by a resolver. */
export function buildSchema(): GraphQLSchema {
  const schema = schemaOf(typeDefs);
  for (const name of textScalars) {
    const scalar = schema.getType(name);
    if (isScalarType(scalar)) makeText(scalar);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = ({ __typename }: { __typename: string }) => __typename;
  }
  for (const [name, resolvers] of Object.entries(types)) {
    for (const [field, resolve] of Object.entries(resolvers))
      fieldOf(schema, name, field).resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
  }
  for (const [field, { subscribe, resolve }] of Object.entries(Subscription)) {
    const source = fieldOf(schema, "Subscription", field);
    source.subscribe = subscribe as GraphQLFieldResolver<unknown, unknown>;
    source.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
  }
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
