import {
  buildClientSchema,
  buildSchema,
  type GraphQLArgument,
  getIntrospectionQuery,
  type GraphQLSchema,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config.ts";
import { buildSchema as builtSchema } from "../../../src/api/schema.ts";
import { transportDefaults } from "../../../src/transport/limits.ts";
import { type Client, clientOf } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

type Described = { description?: string | null | undefined };

/** Every element of a schema that has no description, by its name. */
function undescribed(schema: GraphQLSchema): string[] {
  const found: string[] = [];
  const look = (name: string, { description }: Described): void => {
    if ((description ?? "").trim() === "") found.push(name);
  };
  const lookAtArguments = (name: string, given: readonly GraphQLArgument[]): void => {
    for (const argument of given) look(`${name}(${argument.name})`, argument);
  };
  look("schema", schema);
  for (const directive of schema.getDirectives()) {
    if (isSpecifiedDirective(directive)) continue;
    look(`@${directive.name}`, directive);
    lookAtArguments(`@${directive.name}`, directive.args);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    look(type.name, type);
    if (isObjectType(type) || isInterfaceType(type))
      for (const field of Object.values(type.getFields())) {
        look(`${type.name}.${field.name}`, field);
        lookAtArguments(`${type.name}.${field.name}`, field.args);
      }
    else if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field);
    else if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
  }
  return found;
}

const specifications = (schema: GraphQLSchema) =>
  Object.fromEntries(
    Object.values(schema.getTypeMap())
      .filter((type) => isScalarType(type) && !isSpecifiedScalarType(type))
      .map((type) => [type.name, (type as { specifiedByURL?: string | null }).specifiedByURL ?? null]),
  );

const SPECIFIED = {
  DateTime: "https://www.rfc-editor.org/rfc/rfc3339",
  URL: "https://url.spec.whatwg.org/",
  // The server's own, and said to be so.
  Cursor: null,
};

describe("the descriptions of the schema", () => {
  const schema = builtSchema();

  it("stand at every type, field, argument, input field, enum value and directive, and at the schema itself", () => {
    expect(undescribed(schema)).toEqual([]);
  });

  it("are missed wherever one is forgotten", () => {
    const bare = buildSchema(`
      schema { query: Query }
      directive @mark(as: String) on FIELD_DEFINITION
      scalar Day
      enum Kind { ONE }
      interface Thing { id: ID! }
      type Query implements Thing { id: ID! day(of: Kind): Day }
      union Any = Query
      input Asked { kind: Kind }
    `);
    expect(undescribed(bare).sort()).toEqual(
      [
        "schema",
        "@mark",
        "@mark(as)",
        "Day",
        "Kind",
        "Kind.ONE",
        "Thing",
        "Thing.id",
        "Query",
        "Query.id",
        "Query.day",
        "Query.day(of)",
        "Any",
        "Asked",
        "Asked.kind",
      ].sort(),
    );
    expect(undescribed(buildSchema('"All." schema { query: Query } "Ask." type Query { "An id." id(" " of: ID): ID }'))).toEqual([
      "Query.id(of)",
    ]);
  });

  it("say where a scalar is specified, or that it is nowhere", () => {
    expect(specifications(schema)).toEqual(SPECIFIED);
    expect(schema.getType("Cursor")?.description).toContain("No public specification");
  });

  it("say the limits that hold", () => {
    const number = (value: number) => value.toLocaleString("en");
    const limits = transportDefaults;
    const config = readConfig({ DATA_DIR: "data" });
    const text = (schema.description ?? "").replaceAll(/\s+/g, " ");
    for (const limit of [
      `${limits.maxDepth} levels of fields`,
      `${limits.maxAliases} aliases`,
      `${limits.maxDirectives} directives`,
      `${number(limits.maxTokens)} tokens`,
      `${number(limits.maxFields)} fields`,
      `a price of ${number(limits.maxCost)}`,
      `${number(limits.maxEvents)} events`,
      `${config.bodyLimitBytes / 1_024} KiB for the body`,
      `${config.answerLimitBytes / 1_048_576} MiB for an answer`,
      `${config.executionLimitMs / 1_000} s to make it`,
    ])
      expect(text).toContain(limit);
  });
});

describe("introspection", () => {
  let server: ApiServer;
  let ann: Client;
  beforeAll(async () => {
    server = await apiServer();
    ann = await clientOf(server, "ann");
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("tells tools everything that the schema says", async () => {
    const everything = {
      schemaDescription: true,
      specifiedByUrl: true,
      inputValueDeprecation: true,
      directiveIsRepeatable: true,
    };
    const told = buildClientSchema(await ann.ask<IntrospectionQuery>(getIntrospectionQuery(everything)));
    expect(undescribed(told)).toEqual([]);
    expect(told.description).toBe(builtSchema().description);
    expect(specifications(told)).toEqual(SPECIFIED);
  });
});
