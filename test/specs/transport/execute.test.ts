import { execute, getIntrospectionQuery, type GraphQLObjectType, parse } from "graphql";
import { createClient } from "graphql-ws";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { executor, type Log } from "../../../src/transport/execution/execute.ts";
import { transportDefaults } from "../../../src/transport/limits.ts";
import { rateLimit } from "../../../src/transport/rateLimit.ts";
import { containing, matching, SOME_TEXT } from "../../support/matchers.ts";
import { type Running, running } from "../../support/runningApp.ts";
import { contextOf, SHARED, smallApi } from "../../support/smallApi.ts";

type Request = { query: string; variables?: Record<string, unknown>; operationName?: string };

const OPERATIONS: Request[] = [
  { query: "{ hello }" },
  { query: 'query A { a: hello(name: "a") } query B { b: hello(name: "b") }', operationName: "B" },
  { query: 'query A { a: hello(name: "a") } query B { b: hello(name: "b") }', operationName: "A" },
  { query: "query A { hello } query B { hello }" },
  { query: "query A { hello }", operationName: "C" },
  {
    query:
      "query Q($a: Boolean!) { ...F @include(if: $a) viewer { ...U } } fragment F on Query { hello } fragment U on User { id isViewer }",
    variables: { a: false },
  },
  {
    query: "query Q($a: Boolean!) { viewer { ...U @skip(if: $a) friend { ...U } } } fragment U on User { name }",
    variables: { a: true },
  },
  { query: "{ nodes { __typename id ... on Note { text author { id friends(first: 2) { name } } } ... on User { isViewer } } }" },
  { query: "{ untyped { id } }" },
  { query: "{ untypedLater { id } }" },
  { query: "{ boom hello }" },
  { query: "{ boomRequired hello }" },
  { query: "{ refused limited away parsed }" },
  {
    query: "mutation M($i: NoopInput!) { noop(input: $i) { clientMutationId text size tags } }",
    variables: { i: { clientMutationId: "1", tags: { name: "x" } } },
  },
  {
    query: "mutation M($i: NoopInput!) { noop(input: $i) { size } }",
    variables: { i: { clientMutationId: "1", size: "large" } },
  },
  {
    query: "mutation M($i: NoopInput!) { noop(input: $i) { size } }",
    variables: { i: { clientMutationId: "1", tags: [{ name: 3 }] } },
  },
  { query: "mutation M($i: NoopInput!) { noop(input: $i) { size } }", variables: { i: { text: "x" } } },
  { query: "mutation M($i: NoopInput!) { noop(input: $i) { size } }", variables: { i: { clientMutationId: "1", unheard: 1 } } },
  { query: "mutation M($i: NoopInput!) { noop(input: $i) { size } }" },
  { query: "query Q($n: String) { hello(name: $n) }", variables: { n: 7 } },
  { query: "query Q($n: Int = 3) { users(first: $n) { id } }" },
  { query: "{ hello(" },
  { query: "{ unheard }" },
  { query: "{ hello(name: 3) }" },
];

const named = ({ query, variables, operationName }: Request) => ({
  query,
  ...(variables ? { variables } : {}),
  ...(operationName ? { operationName } : {}),
});

/** What is logged differs from request to request. */
const comparable = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer).replaceAll(/[\w-]{8}-\w+(?=")/g, "ID")) as unknown;

async function overSocket(server: Running, requests: Request[]): Promise<unknown[]> {
  const token = await server.token("ann");
  const client = createClient({ url: server.ws, webSocketImpl: WebSocket, connectionParams: { token }, retryAttempts: 0 });
  const answers = requests.map(
    (request) =>
      new Promise((resolve, reject) => {
        client.subscribe(named(request), {
          next: resolve,
          error: (errors) => (Array.isArray(errors) ? resolve({ errors }) : reject(errors as Error)),
          complete: () => undefined,
        });
      }),
  );
  const settled = await Promise.all(answers);
  await client.dispose();
  return settled;
}

test("both transports answer the same, also at the second call", async () => {
  await using server = await running();
  for (let round = 0; round < 2; round += 1) {
    const socket = await overSocket(server, OPERATIONS);
    for (const [index, request] of OPERATIONS.entries()) {
      const http: unknown = await (await server.post(named(request))).json();
      expect(comparable(socket[index]), request.query).toEqual(comparable(http));
    }
  }
});

test("answers are those of the reference implementation", async () => {
  await using server = await running();
  const caller = { userId: "ann", admin: false, expiresAt: 0 };
  const contextValue = contextOf(caller, { transport: "http", correlationId: "", address: "" });
  for (const request of OPERATIONS.slice(0, 8)) {
    const { query, variables, operationName } = request;
    if (operationName === "C" || query === "query A { hello } query B { hello }") continue;
    const expected = await execute({
      schema: server.schema,
      document: parse(query),
      contextValue,
      variableValues: variables,
      operationName,
    });
    const answer: unknown = await (await server.post(named(request))).json();
    expect(answer, query).toEqual(JSON.parse(JSON.stringify(expected)));
  }
});

test("of a document with several operations the one named runs, whichever ran before", async () => {
  await using server = await running();
  const query = 'query A { a: hello(name: "a") } query B { b: hello(name: "b") }';
  for (const name of ["A", "B", "B", "A"])
    expect(await server.ask(query, {}, name)).toEqual({ data: { [name.toLowerCase()]: `hello ${name.toLowerCase()}` } });
  expect((await server.ask(query)).errors?.[0]).toMatchObject({
    message: containing("operationName"),
    extensions: { code: "BAD_INPUT" },
  });
  expect((await server.ask(query, {}, "C")).errors?.[0]).toMatchObject({
    message: containing('"C"'),
    extensions: { code: "BAD_INPUT" },
  });
});

test("mutations of one document run one after the other", async () => {
  await using server = await running();
  const { data } = await server.ask("mutation { a: step(value: 1) b: step(value: 2) c: step(value: 3) }");
  expect(data).toEqual({ a: [1], b: [1, 2], c: [1, 2, 3] });
});

test("what is no refusal is logged whole and shown as INTERNAL", async () => {
  await using server = await running();
  const { data, errors } = await server.ask("{ boom hello }");
  expect(data).toEqual({ boom: null, hello: "hello world" });
  const [error] = errors ?? [];
  expect(error).toEqual({
    message: matching(/^a fault of the server, logged as /),
    locations: [{ line: 1, column: 3 }],
    path: ["boom"],
    extensions: { code: "INTERNAL", correlationId: SOME_TEXT },
  });
  expect(JSON.stringify(errors)).not.toContain("hunter2");
  const [fault] = server.faults;
  expect(fault?.fields).toMatchObject({
    correlationId: error?.extensions["correlationId"],
    user: "ann",
    path: "boom",
    transport: "http",
  });
  expect((fault?.fields["err"] as Error).message).toContain("hunter2");
  expect((fault?.fields["err"] as Error).stack).toContain("smallApi.ts");

  const required = await server.post({ query: "{ boomRequired }" });
  expect([required.status, await required.json()]).toMatchObject([200, { data: null, errors: [{ path: ["boomRequired"] }] }]);
});

test("refusals, parse faults and servers that are away have their codes", async () => {
  await using server = await running();
  const { errors = [] } = await server.ask("{ refused limited away parsed }");
  const at = (path: string) => errors.find((error) => error.path?.[0] === path);
  expect(at("refused")).toMatchObject({ message: "it is so already", extensions: { code: "CONFLICT", field: "handle" } });
  expect(at("limited")?.extensions).toEqual({ code: "RATE_LIMITED", retryAfterMs: 1_500 });
  expect(at("away")).toMatchObject({
    message: containing("outcome is unknown"),
    extensions: { code: "UNAVAILABLE", retryAfterMs: 1_000 },
  });
  expect(JSON.stringify(at("away"))).not.toContain("10.1.2.3");
  expect(at("parsed")).toMatchObject({
    message: matching(/^name: /),
    extensions: { code: "BAD_INPUT", field: "name" },
  });
  expect(server.faults.map(({ level }) => level)).toEqual(["warn"]);
});

test("an object of no known type is an error of its field, and the process lives on", async () => {
  await using server = await running();
  for (const name of ["untyped", "untypedLater"]) {
    const { data, errors } = await server.ask(`{ ${name} { id } hello }`);
    expect(data).toEqual({ [name]: null, hello: "hello world" });
    expect(errors?.[0]).toMatchObject({ path: [name], extensions: { code: "INTERNAL" } });
  }
});

test("variables that do not coerce name the input at fault", async () => {
  await using server = await running();
  const mutation = "mutation M($i: NoopInput!) { noop(input: $i) { size } }";
  const cases: [string, object | undefined, string][] = [
    [mutation, { i: { clientMutationId: "1", size: "large" } }, "size"],
    [mutation, { i: { clientMutationId: "1", tags: [{ name: "x" }, { name: 3 }] } }, "tags.1.name"],
    [mutation, { i: { text: "x" } }, "clientMutationId"],
    [mutation, { i: { clientMutationId: "1", unheard: 1 } }, "unheard"],
    [mutation, undefined, "i"],
    ["query Q($name: String) { hello(name: $name) }", { name: 7 }, "name"],
  ];
  for (const [query, variables, field] of cases) {
    const { errors } = await server.ask(query, variables);
    expect(errors?.[0]?.extensions, JSON.stringify(variables)).toEqual({ code: "BAD_INPUT", field });
  }
  const { errors } = await server.ask(mutation, { i: { clientMutationId: "1", size: "x".repeat(10_000) } });
  expect(errors?.[0]?.message.length).toBeLessThan(600);
});

test("paths have numbers for the places in lists", async () => {
  await using server = await running();
  const name = (server.schema.getType("User") as GraphQLObjectType).getFields()["name"];
  if (!name) throw new Error("no name");
  name.resolve = ({ id }: { id: string }) => {
    if (id === "u1") throw new Error("broken");
    return id;
  };
  const { errors } = await server.ask("{ users(first: 3) { name } }");
  expect(errors?.[0]?.path).toEqual(["users", 1, "name"]);
});

test("documents that are too large, deep or dear are refused, each by its own rule", async () => {
  await using server = await running({ maxTokens: 200, maxDepth: 5, maxAliases: 3, maxDirectives: 3, maxCost: 500 });
  const deep = (levels: number) => `{ viewer { ${"friend { ".repeat(levels)} id ${"}".repeat(levels)} } }`;
  const cases: [string, RegExp][] = [
    [`{ ${"hello ".repeat(250)} }`, /more that 200 tokens|200 tokens/],
    [deep(6), /depth limit of 5/],
    [
      "{ viewer { ...A } } fragment A on User { friend { ...B } } fragment B on User { friend { friend { friend { id } } } }",
      /depth limit of 5/,
    ],
    ["{ a: hello b: hello c: hello d: hello }", /Aliases limit of 3/],
    ["{ hello @skip(if: false) @include(if: true) viewer @skip(if: false) { id @skip(if: false) } }", /Directives limit of 3/],
    ["{ users(first: 100) { id name friends { id } } }", /Cost limit of 500/],
    // The default of the schema counts too.
    ["{ users(first: 10) { friends { id name } } }", /Cost limit of 500/],
  ];
  for (const [query, message] of cases) {
    const response = await server.post({ query }, { accept: "application/graphql-response+json" });
    expect(response.status, query).toBe(400);
    const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
    expect(errors[0]?.message).toMatch(message);
    expect(errors[0]?.message).not.toContain("Syntax Error: Query");
    expect(errors[0]?.extensions).toEqual({ code: "BAD_INPUT" });
  }
  expect(await server.ask(deep(2))).toMatchObject({ data: {} });
});

test("sizes of pages count also where they are variables", async () => {
  await using server = await running({ maxCost: 500 });
  const query = "query Q($n: Int!, $m: Int = 50) { users(first: $n) { friends(first: $m) { id } } }";
  expect(await server.ask(query, { n: 3, m: 3 })).toMatchObject({ data: {} });
  for (const variables of [{ n: 100, m: 100 }, { n: 100 }])
    expect((await server.ask(query, variables)).errors?.[0]).toMatchObject({
      message: matching(/Cost limit/),
      extensions: { code: "BAD_INPUT" },
    });
  expect(await server.ask(query, { n: 3, m: 3 })).toMatchObject({ data: {} });
});

test("the defaults allow an introspection, and production does not", async () => {
  await using development = await running();
  const query = getIntrospectionQuery({
    descriptions: true,
    inputValueDeprecation: true,
    specifiedByUrl: true,
    schemaDescription: true,
    oneOf: true,
  });
  expect(await development.ask(query)).toMatchObject({ data: { __schema: {} } });
  await using production = await running({ production: true });
  for (const hidden of [query, '{ __type(name: "User") { name } }'])
    expect((await production.ask(hidden)).errors?.[0]).toMatchObject({
      message: containing("introspection"),
      extensions: { code: "BAD_INPUT" },
    });
});

test("a shared field that the schema does not have is noticed at the start", () => {
  const log: Log = { error: () => undefined, warn: () => undefined };
  const options = { schema: smallApi().schema, contextOf, limits: transportDefaults, rate: rateLimit(transportDefaults), log };
  expect(() => executor({ ...options, sharedFields: SHARED })).not.toThrow();
  expect(() => executor({ ...options, sharedFields: new Set(["User.id", "User.nick"]) })).toThrow(/User.nick/);
});

/** An executor whose answers are asked about once they are made: `held` says so, one answer after the other. */
async function asking(...held: boolean[]) {
  const made: string[] = [];
  const app = await running(
    {},
    {
      contextOf: (who, { beforeAnswer, ...request }) => {
        made.push(who.userId);
        beforeAnswer(() => Promise.resolve(held.shift() ?? true));
        return contextOf(who, request);
      },
    },
  );
  return { app, made };
}

test("an operation whose answer is true no more once it is made is carried out again, and given up at last", async () => {
  const query = "{ later(value: 1) }";
  const mutation = "mutation { step(value: 1) }";
  const refused = { errors: [{ extensions: { code: "UNAVAILABLE", retryAfterMs: 1_000 } }] };
  for (const [asked, held, times, answer] of [
    [query, [true], 1, { data: { later: 1 } }],
    [query, [false, false, true], 3, { data: { later: 1 } }],
    [query, [false, false, false, true], 3, refused],
    [mutation, [true], 1, { data: { step: [1] } }],
    [mutation, [false, true], 2, { data: { step: [1, 1] } }],
    [mutation, [false, false, false, true], 3, refused],
  ] as const) {
    const { app, made } = await asking(...held);
    expect(await app.ask(asked), asked).toMatchObject(answer);
    expect(made, `${asked} ${held.join(" ")}`).toHaveLength(times);
    await app[Symbol.asyncDispose]();
  }
});
