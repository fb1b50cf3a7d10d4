import { buildSchema, Kind, parse } from "graphql";
import { expect, test } from "vitest";
import { readsOf, rootFieldOf } from "../../../src/transport/execution/shared.ts";
import { until } from "../../support/until.ts";
import { admitted, type RawClient } from "../../support/rawClient.ts";
import { type Running, running } from "../../support/runningApp.ts";
import { noted, SHARED } from "../../support/smallApi.ts";

const PLAIN =
  "subscription Feed($topic: String!, $after: String) { feed(topic: $topic, after: $after) { cursor ... on Noted { note { id text author { name } } } } }";
const OF_VIEWER =
  "subscription Feed($topic: String!) { feed(topic: $topic) { cursor ... on Noted { note { id text author { name isViewer } } } } }";

async function subscribed(server: Running, user: string, query: string, variables: object, id = "1"): Promise<RawClient> {
  const client = await admitted(server, user);
  const before = server.feedOf("a").listeners;
  client.send({ id, type: "subscribe", payload: { query, variables } });
  await until("it listens", () => server.feedOf("a").listeners > before);
  return client;
}

const shared = (cursor: string, key = cursor) => ({ ...noted(cursor), shared: key });

test("a shared delivery is run once for all who read the same, and is what an unshared one is", async () => {
  await using server = await running();
  const clients = await Promise.all(
    ["ann", "bob", "carol", "dave"].map((user, index) =>
      subscribed(server, user, PLAIN, { topic: "a", after: `since ${index}` }, `id "${index}"`),
    ),
  );
  server.feedOf("a").publish(shared("1"));
  const results = await Promise.all(clients.map(async (client) => (await client.message({ type: "next" })).payload));
  expect(server.executed.count).toBe(1);
  server.feedOf("a").publish(noted("1"));
  await Promise.all(
    clients.map((client) => until("the unshared one", () => client.messages.filter(({ type }) => type === "next").length === 2)),
  );
  expect(server.executed.count).toBe(5);
  for (const [index, client] of clients.entries()) {
    const [first, second] = client.messages.filter(({ type }) => type === "next");
    expect(first).toEqual({ id: `id "${index}"`, type: "next", payload: results[0] });
    expect(second).toEqual(first);
  }
  expect(results[0]).toEqual({ data: { feed: { cursor: "1", note: { id: "n1", text: "a note", author: { name: "Ann" } } } } });

  // Later than the others, and under another key.
  server.feedOf("a").publish(shared("1"));
  server.feedOf("a").publish(shared("1", "another key"));
  await Promise.all(
    clients.map((client) => until("both", () => client.messages.filter(({ type }) => type === "next").length === 4)),
  );
  expect(server.executed.count).toBe(6);
});

test("what depends on the viewer is never shared", async () => {
  await using server = await running();
  const ann = await subscribed(server, "ann", OF_VIEWER, { topic: "a" });
  const bob = await subscribed(server, "bob", OF_VIEWER, { topic: "a" });
  server.feedOf("a").publish(shared("1"));
  const isViewer = async (client: RawClient) =>
    JSON.stringify((await client.message({ type: "next" })).payload).includes('"isViewer":true');
  expect(await Promise.all([ann, bob].map(isViewer))).toEqual([true, false]);
  expect(server.executed.count).toBe(2);
});

test("a variable that is null is another than one that was left out and has its default", async () => {
  await using server = await running();
  const conditional =
    'subscription Feed($text: Boolean = true) { feed(topic: "a") { cursor ... on Noted { note { id text @include(if: $text) } } } }';
  const clients = [
    await subscribed(server, "ann", conditional, { text: null }),
    await subscribed(server, "bob", conditional, {}),
    await subscribed(server, "carol", conditional, { text: true }),
  ];
  server.feedOf("a").publish(shared("1"));
  const results = await Promise.all(clients.map(async (client) => (await client.message({ type: "next" })).payload));
  const whole = { data: { feed: { cursor: "1", note: { id: "n1", text: "a note" } } } };
  expect(results.slice(1)).toEqual([whole, whole]);
});

test("documents, aliases and variables that change the result keep results apart", async () => {
  await using server = await running();
  const conditional =
    "subscription Feed($topic: String!, $text: Boolean!) { feed(topic: $topic) { cursor ... on Noted { note { id text @include(if: $text) } } } }";
  const clients = [
    await subscribed(server, "ann", conditional, { topic: "a", text: true }),
    await subscribed(server, "bob", conditional, { topic: "a", text: false }),
    await subscribed(server, "carol", 'subscription { other: feed(topic: "a") { ... on Noted { note { id } } } }', {}),
    await subscribed(server, "dave", conditional, { topic: "a", text: true }),
  ];
  server.feedOf("a").publish(shared("1"));
  const results = await Promise.all(clients.map(async (client) => (await client.message({ type: "next" })).payload));
  expect(results).toEqual([
    { data: { feed: { cursor: "1", note: { id: "n1", text: "a note" } } } },
    { data: { feed: { cursor: "1", note: { id: "n1" } } } },
    { data: { other: { note: { id: "n1" } } } },
    results[0],
  ]);
  expect(server.executed.count).toBe(3);
});

test("a delivery whose entry cannot be had ends the stream: its cursor is not passed over, and the fault is not kept", async () => {
  await using server = await running();
  const ann = await subscribed(server, "ann", PLAIN, { topic: "a" });
  const bob = await subscribed(server, "bob", PLAIN, { topic: "a" });
  const broken = { root: { feed: { __typename: "Noted", cursor: "1", note: new Error("a passing fault") } }, shared: "1" };
  server.feedOf("a").publish(broken);
  server.feedOf("a").publish(shared("2"));
  for (const client of [ann, bob]) {
    expect((await client.message({ type: "error" })).payload).toMatchObject([
      { extensions: { code: "INTERNAL" }, path: ["feed", "note"] },
    ]);
    // Neither it nor what comes after it.
    expect(client.messages.filter(({ type }) => type !== "connection_ack").map(({ type }) => type)).toEqual(["error"]);
  }
  await until("nobody listens", () => server.feedOf("a").listeners === 0);
  // The client comes again, from where it was.
  ann.send({ id: "again", type: "subscribe", payload: { query: PLAIN, variables: { topic: "a" } } });
  await until("it listens again", () => server.feedOf("a").listeners === 1);
  server.feedOf("a").publish(shared("1"));
  expect((await ann.message({ id: "again", type: "next" })).payload).toMatchObject({ data: { feed: { note: { id: "n1" } } } });
});

test("a field below the entry that failed and may be null is told with the entry", async () => {
  await using server = await running();
  const query = 'subscription { feed(topic: "a") { cursor ... on Noted { hint } } }';
  const client = await subscribed(server, "ann", query, {});
  server.feedOf("a").publish({ root: { feed: { __typename: "Noted", cursor: "1", hint: new Error("a passing fault") } } });
  expect((await client.message({ type: "next" })).payload).toMatchObject({
    data: { feed: { cursor: "1", hint: null } },
    errors: [{ extensions: { code: "INTERNAL" }, path: ["feed", "hint"] }],
  });
  server.feedOf("a").publish({ root: { feed: { __typename: "Noted", cursor: "2", hint: "well" } } });
  await until("it goes on", () => client.messages.filter(({ type }) => type === "next").length === 2);
});

test("a burst comes whole and in order", async () => {
  await using server = await running();
  const clients = await Promise.all(
    Array.from({ length: 5 }, (_, index) => subscribed(server, `u${index}`, PLAIN, { topic: "a" })),
  );
  const text = "ünïcödé ✓ ".repeat(40);
  const cursors = Array.from({ length: 500 }, (_, index) => String(index));
  for (const cursor of cursors)
    server.feedOf("a").publish({ ...noted(cursor, "n1", text), ...(Number(cursor) % 3 === 0 ? {} : { shared: cursor }) });
  for (const client of clients) {
    await until("all came", () => client.messages.filter(({ type }) => type === "next").length === 500);
    const entries = client.messages
      .filter(({ type }) => type === "next")
      .map(({ payload }) => (payload as { data: { feed: { cursor: string; note: { text: string } } } }).data.feed);
    expect(entries.map(({ cursor }) => cursor)).toEqual(cursors);
    expect(new Set(entries.map((entry) => entry.note.text))).toEqual(new Set([text]));
  }
});

const SDL = /* GraphQL */ `
  interface Node {
    id: ID!
  }
  interface Named implements Node {
    id: ID!
    name: String!
  }
  type A implements Node & Named {
    id: ID!
    name: String!
    mine: Boolean!
    deep(first: Int): Node
  }
  type B implements Node {
    id: ID!
    b: String!
  }
  union Either = A | B
  type Query {
    x: Int
  }
  type Subscription {
    node(of: ID, n: Int): Node
    either: Either
    a(n: Int): A
  }
`;

test.each<[string, string, boolean, string[]]>([
  ["subscription { node { id } }", "A.id B.id", true, []],
  ["subscription { node { id } }", "A.id", false, []],
  ["subscription { node { ... on Named { id } } }", "A.id", true, []],
  ["subscription { node { ... on Named { name } } }", "A.id B.id", false, []],
  ["subscription { node { ...F } } fragment F on Node { __typename ... on B { b } }", "B.b", true, []],
  ["subscription { either { ... on A { mine } ... on B { b } } }", "B.b", false, []],
  ["subscription { either { __typename } }", "", true, []],
  ["subscription($of: ID, $n: Int) { node(of: $of, n: $n) { id } }", "A.id B.id", true, []],
  ["subscription($n: Int) { a(n: $n) { deep(first: $n) { id } } }", "A.id B.id A.deep", true, ["n"]],
  ["subscription($i: Boolean!, $n: Int) { a(n: $n) @include(if: $i) { id } }", "A.id", true, ["i"]],
  [
    "subscription($i: Boolean!) { ...R } fragment R on Subscription { a { id ... @skip(if: $i) { name } } }",
    "A.id A.name",
    true,
    ["i"],
  ],
])("%s reading %s: shared %s", (text, fields, shareable, variables) => {
  const schema = buildSchema(SDL);
  const document = parse(text);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("no operation");
  expect(readsOf(schema, document, operation, new Set(fields.split(" ")))).toEqual({ shareable, variables });
  expect(rootFieldOf(document, operation)?.kind).toBe("Field");
});

test("the fields that are shared in these tests leave out the viewer's", () => {
  expect(SHARED.has("User.isViewer")).toBe(false);
});
