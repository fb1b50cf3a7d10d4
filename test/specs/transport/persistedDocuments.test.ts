import { createHash } from "node:crypto";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { expect, test } from "vitest";
import { documents } from "../../../src/transport/documents.ts";
import { admitted } from "../../support/rawClient.ts";
import { type Running, running } from "../../support/runningApp.ts";
import { noted } from "../../support/smallApi.ts";
import { until } from "../../support/until.ts";

const HELLO = "query Hello($name: String) { hello(name: $name) }";
const FEED = 'subscription Feed { feed(topic: "a") { cursor } }';
const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: hash(text) } });
const world = { data: { hello: "hello world" } };

const given = {
  byId: new Map([
    ["hello", HELLO],
    [`sha256:${hash(HELLO)}`, HELLO],
    ["feed", FEED],
    [`sha256:${hash(FEED)}`, FEED],
  ]),
};

const asked = async (server: Running, body: object, headers = {}) => (await server.post(body, headers)).json();
const got = async (server: Running, query: Record<string, string>) =>
  (
    await fetch(`${server.http}?${new URLSearchParams(query).toString()}`, {
      headers: { authorization: `Bearer ${await server.token("ann")}` },
    })
  ).json();
const code = (answer: unknown) => (answer as { errors?: { message: string; extensions: object }[] }).errors?.[0];

test("a document is kept under its hash, by either way of naming it", async () => {
  await using server = await running();
  const id = `sha256:${hash(HELLO)}`;
  expect(code(await asked(server, { extensions: persisted(HELLO) }))).toEqual({
    message: "PersistedQueryNotFound",
    extensions: { code: "NOT_FOUND", field: "extensions.persistedQuery.sha256Hash" },
  });
  expect(code(await asked(server, { documentId: id }))).toMatchObject({ extensions: { code: "NOT_FOUND", field: "documentId" } });
  expect(await asked(server, { query: HELLO, extensions: persisted(HELLO) })).toEqual(world);
  expect(await asked(server, { extensions: persisted(HELLO), variables: { name: "ann" } })).toEqual({
    data: { hello: "hello ann" },
  });
  expect(await asked(server, { documentId: id, operationName: "Hello" })).toEqual(world);
  expect(await got(server, { documentId: id })).toEqual(world);
  expect(await got(server, { extensions: JSON.stringify(persisted(HELLO)) })).toEqual(world);

  // A text with its own id is kept too.
  const other = "{ transport }";
  expect(await asked(server, { query: other, documentId: `sha256:${hash(other)}` })).toEqual({ data: { transport: "http" } });
  expect(await asked(server, { extensions: persisted(other) })).toEqual({ data: { transport: "http" } });
});

test("what is wrong is not kept, and not run", async () => {
  await using server = await running();
  const wrong = [
    [{ query: HELLO, extensions: persisted("{ hello }") }, "extensions.persistedQuery.sha256Hash"],
    [{ query: HELLO, documentId: `sha256:${hash("{ hello }")}` }, "documentId"],
    [{ query: HELLO, documentId: "hello" }, "documentId"],
    [{ documentId: 7 }, "documentId"],
    [{ documentId: "no spaces" }, "documentId"],
    [{ extensions: { persistedQuery: { version: 2, sha256Hash: hash(HELLO) } } }, "extensions.persistedQuery.version"],
    [{ extensions: { persistedQuery: { version: 1 } } }, "extensions.persistedQuery.sha256Hash"],
    [{ extensions: { persistedQuery: 1 } }, "extensions.persistedQuery.version"],
    [{}, "query"],
    [{ query: "", extensions: {} }, "query"],
  ] as const;
  for (const [body, field] of wrong)
    expect(code(await asked(server, body)), JSON.stringify(body)).toMatchObject({ extensions: { code: "BAD_INPUT", field } });
  expect(code(await asked(server, { query: "{ unheard }", extensions: persisted("{ unheard }") }))).toMatchObject({
    extensions: { code: "BAD_INPUT" },
  });
  expect(code(await asked(server, { extensions: persisted("{ unheard }") }))).toMatchObject({
    extensions: { code: "NOT_FOUND" },
  });
  expect(server.faults).toEqual([]);
});

test("a document's name is enough over a WebSocket and for a stream of events", async () => {
  await using server = await running({}, { documents: { ...given, only: false } });
  const client = await admitted(server);
  client.send({ id: "1", type: "subscribe", payload: { query: "", documentId: "hello", variables: { name: "ann" } } });
  expect((await client.message({ id: "1", type: "next" })).payload).toEqual({ data: { hello: "hello ann" } });
  client.send({ id: "2", type: "subscribe", payload: { query: "", extensions: persisted(FEED) } });
  await until("it listens", () => server.feedOf("a").listeners === 1);
  client.send({ id: "3", type: "subscribe", payload: { query: "", documentId: "unheard" } });
  expect((await client.message({ id: "3", type: "error" })).payload).toMatchObject([
    { extensions: { code: "NOT_FOUND", field: "documentId" } },
  ]);
  client.send({ id: "4", type: "subscribe", payload: { query: "{ transport }", extensions: persisted("{ transport }") } });
  await client.message({ id: "4", type: "complete" });
  expect(await asked(server, { extensions: persisted("{ transport }") })).toEqual({ data: { transport: "http" } });
  const stream = await server.post({ documentId: "feed" }, { accept: "text/event-stream" });
  await until("it listens", () => server.feedOf("a").listeners === 2);
  server.feedOf("a").publish(noted("1"));
  server.feedOf("a").end();
  expect(await stream.text()).toBe('event: next\ndata: {"data":{"feed":{"cursor":"1"}}}\n\nevent: complete\ndata:\n\n');
  await client.message({ id: "2", type: "complete" });
  client.close();
});

test("with a list, nothing else is answered, and all else alike", async () => {
  await using server = await running({}, { documents: { ...given, only: true } });
  expect(await asked(server, { documentId: "hello" })).toEqual(world);
  expect(await asked(server, { documentId: `sha256:${hash(HELLO)}` })).toEqual(world);
  expect(await asked(server, { extensions: persisted(HELLO) })).toEqual(world);
  expect(await asked(server, { query: HELLO })).toEqual(world);
  const refused = {
    message: "this server answers only the documents that it was given: send the id of one of them",
    extensions: { code: "FORBIDDEN" },
  };
  const others = [
    { query: "{ hello }" },
    { query: "{ unheard }" },
    { query: "{" },
    { query: "{ __schema { types { name } } }" },
    { query: "{ hello }", extensions: persisted("{ hello }") },
    { query: "{ hello }", extensions: persisted(HELLO) },
    { query: "{ hello }", documentId: "hello" },
    { documentId: "unheard" },
    { documentId: `sha256:${hash("{ hello }")}` },
    { extensions: persisted("{ hello }") },
  ];
  for (const body of others) expect(code(await asked(server, body)), JSON.stringify(body)).toEqual(refused);
  const client = await admitted(server);
  for (const [index, payload] of others.entries()) {
    client.send({ id: String(index), type: "subscribe", payload: { query: "", ...payload } });
    expect((await client.message({ id: String(index), type: "error" })).payload).toEqual([refused]);
  }
  client.close();
  const stream = await server.post({ query: "subscription { count(to: 1) }" }, { accept: "text/event-stream" });
  expect(await stream.text()).toBe(`event: next\ndata: ${JSON.stringify({ errors: [refused] })}\n\nevent: complete\ndata:\n\n`);

  // Operators ask as they like, and add nothing for others.
  const admin = { authorization: `Bearer ${await server.token("root", { admin: true })}` };
  expect(await asked(server, { query: "{ hello }", extensions: persisted("{ hello }") }, admin)).toEqual(world);
  expect(code(await asked(server, { extensions: persisted("{ hello }") }))).toEqual(refused);
});

test("Apollo's link for persisted queries needs nothing else", async () => {
  await using server = await running();
  const sent: string[] = [];
  const http = new HttpLink({
    uri: server.http,
    headers: { authorization: `Bearer ${await server.token("ann")}` },
    fetch: (url, init) => {
      sent.push(typeof init?.body === "string" && init.body.includes('"query"') ? "text" : (init?.method ?? ""));
      return fetch(url, init);
    },
  });
  const ask = async (useGETForHashedQueries: boolean) => {
    const link = new PersistedQueryLink({ sha256: hash, useGETForHashedQueries }).concat(http);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    expect((await client.query({ query: gql(HELLO), variables: { name: "apollo" } })).data).toEqual({ hello: "hello apollo" });
    client.stop();
  };
  await ask(false);
  await ask(false);
  await ask(true);
  expect(sent).toEqual(["POST", "text", "POST", "GET"]);
});

test("what clients send to be kept is bounded by its bytes", async () => {
  const { prepare } = documents({ prepare: (text) => ({ id: 1, text }) as never });
  const text = (count: number) => `{ hello } #${count}${"x".repeat(100_000)}`;
  const named = (count: number) => prepare({ extensions: persisted(text(count)) }, {}, false);
  for (let count = 0; count < 200; count++) void prepare({ query: text(count), extensions: persisted(text(count)) }, {}, false);
  expect(await named(199)).toMatchObject({ text: text(199) });
  expect(() => named(0)).toThrow("PersistedQueryNotFound");
});
