import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { until } from "../../support/until.ts";
import { matching, SOME_NUMBER } from "../../support/matchers.ts";
import { admitted, rawClient } from "../../support/rawClient.ts";
import { running, SECRET } from "../../support/runningApp.ts";
import { noted } from "../../support/smallApi.ts";
import { sign } from "../../../src/transport/auth.ts";

const FEED = "subscription Feed($topic: String!) { feed(topic: $topic) { cursor ... on Noted { note { id text } } } }";
const subscribe = (id: string, topic: string) => ({ id, type: "subscribe", payload: { query: FEED, variables: { topic } } });

test("a client is let in by its token, spelled in any of three ways", async () => {
  await using server = await running();
  const token = await server.token("ann");
  for (const payload of [{ authorization: `Bearer ${token}` }, { Authorization: `Bearer ${token}` }, { token }]) {
    const client = await rawClient(server.ws);
    client.send({ type: "connection_init", payload });
    await client.message({ type: "connection_ack" });
    client.close();
  }
});

test("queries, mutations and subscriptions run over one socket, at the same time", async () => {
  await using server = await running();
  const client = await admitted(server);
  client.send(subscribe("s", "a"));
  client.send({ id: "n", type: "subscribe", payload: { query: "{ never }" } });
  client.send({ id: "q", type: "subscribe", payload: { query: "{ transport viewer { id } }" } });
  client.send({ id: "m", type: "subscribe", payload: { query: "mutation { step(value: 1) }" } });
  expect((await client.message({ id: "q", type: "next" })).payload).toEqual({
    data: { transport: "socket", viewer: { id: "ann" } },
  });
  expect((await client.message({ id: "m", type: "next" })).payload).toEqual({ data: { step: [1] } });
  await client.message({ id: "m", type: "complete" });
  await until("the subscription listens", () => server.feedOf("a").listeners === 1);
  server.feedOf("a").publish(noted("1"));
  expect((await client.message({ id: "s", type: "next" })).payload).toEqual({
    data: { feed: { cursor: "1", note: { id: "n1", text: "a note" } } },
  });
  server.feedOf("a").end();
  await client.message({ id: "s", type: "complete" });
  expect(client.messages.some(({ id }) => id === "n")).toBe(false);
  client.close();
});

test.each([
  ["a bad token", { payload: { token: "nonsense" } }, 4401, /not a bearer token/],
  ["no token", {}, 4401, /^there is no token: .* in the payload of connection_init$/],
  [
    "a token of another signature",
    { payload: { token: sign("another secret, just as long as ours!", { sub: "ann", expiresInSeconds: 60 }) } },
    4401,
    /signature/,
  ],
  ["an expired token", { payload: { token: sign(SECRET, { sub: "ann", expiresInSeconds: -1 }) } }, 4403, /expired/],
])("%s closes the socket", async (_name, init, code, reason) => {
  await using server = await running();
  const client = await rawClient(server.ws);
  const payload = "payload" in init && init.payload ? { token: await init.payload.token } : undefined;
  client.send({ type: "connection_init", ...(payload ? { payload } : {}) });
  expect(await client.closed).toEqual({ code, reason: matching(reason) });
});

test("what breaks the protocol closes the socket with the protocol's codes", async () => {
  await using hasty = await running({ initTimeoutMs: 100 });
  const late = await rawClient(hasty.ws);
  expect((await late.closed).code).toBe(4408);

  await using server = await running();
  const early = await rawClient(server.ws);
  early.send(subscribe("1", "a"));
  expect((await early.closed).code).toBe(4401);

  const twice = await admitted(server);
  twice.send({ type: "connection_init" });
  expect((await twice.closed).code).toBe(4429);

  const same = await admitted(server);
  same.send(subscribe("1", "a"));
  same.send(subscribe("1", "a"));
  expect(await same.closed).toEqual({ code: 4409, reason: matching(/an operation of this id is running/) });
  // Whatever clients call their operations, it is in no reason, in which it might be cut.
  const long = await admitted(server);
  for (let count = 0; count < 2; count++) long.send(subscribe("名".repeat(100), "a"));
  expect(await long.closed).toEqual({ code: 4409, reason: matching(/an operation of this id is running/) });

  for (const message of [
    "{",
    '"text"',
    "[]",
    '{"type":"unheard"}',
    '{"type":"connection_ack"}',
    '{"type":"next","id":"1","payload":{}}',
    '{"type":"error","id":"1","payload":[{"message":"x"}]}',
    '{"type":"subscribe","id":"1"}',
    '{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}',
  ]) {
    const bad = await admitted(server);
    bad.send(message);
    expect((await bad.closed).code, message).toBe(4400);
  }
  expect(server.faults).toEqual([]);

  // Also to a browser, which learns nothing of a handshake that fails, it is said which protocol is spoken.
  for (const protocol of ["graphql-ws", ""]) {
    const other = await rawClient(server.ws, { protocol });
    expect(other.socket.protocol).toBe(protocol);
    expect(await other.closed).toEqual({ code: 4406, reason: matching(/subprotocol here is graphql-transport-ws/) });
  }
  const both = new WebSocket(server.ws, ["graphql-ws", "graphql-transport-ws"]);
  await once(both, "open");
  expect(both.protocol).toBe("graphql-transport-ws");
  both.terminate();
  await expect(rawClient(server.ws, { protocol: "mqtt" })).rejects.toThrow(/subprotocol/);
  expect(server.feedOf("a").listeners).toBe(0);
});

test("documents are held to the same rules as over HTTP", async () => {
  await using server = await running({ maxDepth: 3 });
  const client = await admitted(server);
  const bad = [
    "subscription { feed(topic: 1) { cursor } }",
    "subscription { unheard }",
    "{ viewer { friend { friend { friend { id } } } } }",
    "subscription {",
    "subscription { a: count(to: 1) b: count(to: 2) }",
  ];
  for (const [index, query] of bad.entries()) {
    client.send({ id: String(index), type: "subscribe", payload: { query } });
    expect((await client.message({ id: String(index), type: "error" })).payload, query).toMatchObject([
      { extensions: { code: "BAD_INPUT" } },
    ]);
  }
  client.send({ id: "v", type: "subscribe", payload: { query: FEED, variables: { topic: { no: "text" } } } });
  expect((await client.message({ id: "v", type: "error" })).payload).toMatchObject([
    { extensions: { code: "BAD_INPUT", field: "topic" } },
  ]);
  client.send({ id: "r", type: "subscribe", payload: { query: "subscription { refusedFeed { cursor } }" } });
  expect((await client.message({ id: "r", type: "error" })).payload).toEqual([
    { message: "not for you", extensions: { code: "FORBIDDEN", field: "id" } },
  ]);
  client.close();
});

const ask = (id: string, query: string, variables: object = {}) => ({ id, type: "subscribe", payload: { query, variables } });

test("a query or a mutation is answered the second time as the first time, when its document is known", async () => {
  await using server = await running();
  const client = await admitted(server);
  for (const id of ["1", "2"]) {
    client.send(ask(id, "mutation Step($value: Int!) { step(value: $value) }", { value: 1 }));
    await client.message({ id, type: "complete" });
    client.send(ask(`bad ${id}`, "mutation Step($value: Int!) { step(value: $value) }", { value: "one" }));
    await client.message({ id: `bad ${id}`, type: "error" });
  }
  const of = (id: string) =>
    client.messages.filter((message) => message.id === id).map(({ type, payload }) => ({ type, payload }));
  expect(of("2").map(({ type }) => type)).toEqual(["next", "complete"]);
  expect(of("2")[0]?.payload).toEqual({ data: { step: [1, 1] } });
  expect(of("bad 2")).toEqual(of("bad 1"));
  client.close();
});

test("an id is in use while its query runs, and free once it was given up, also when its document is known", async () => {
  await using server = await running();
  const client = await admitted(server);
  client.send(ask("first", "{ never }"));
  client.send(ask("again", "{ never }"));
  client.send({ id: "again", type: "complete" });
  client.send(ask("again", "{ transport }"));
  await client.message({ id: "again", type: "complete" });
  client.send(ask("again", "{ transport }"));
  await until("both are answered", () => client.messages.filter(({ id }) => id === "again").length === 4);
  client.send(ask("again", "{ never }"));
  client.send(ask("again", "{ transport }"));
  expect(await client.closed).toEqual({ code: 4409, reason: matching(/an operation of this id is running/) });
  const other = await admitted(server);
  other.send(ask("1", "{ never }"));
  other.send(subscribe("1", "a"));
  expect(await other.closed).toEqual({ code: 4409, reason: matching(/an operation of this id is running/) });
});

test("a subscription whose source fails ends with a masked error, and the socket stays", async () => {
  await using server = await running();
  const client = await admitted(server);
  client.send({ id: "b", type: "subscribe", payload: { query: "subscription { brokenFeed(after: 2) { cursor } }" } });
  const { payload } = await client.message({ id: "b", type: "error" });
  expect(payload).toMatchObject([{ extensions: { code: "UNAVAILABLE", retryAfterMs: 1_000 } }]);
  expect(JSON.stringify(payload)).not.toContain("10.1.2.3");
  expect(client.messages.filter(({ id, type }) => id === "b" && type === "next")).toHaveLength(2);
  client.send({ id: "q", type: "subscribe", payload: { query: "{ hello }" } });
  await client.message({ id: "q", type: "complete" });
  client.close();
});

test("caps hold: subscriptions a socket, sockets a user, sockets an address", async () => {
  await using server = await running({ subscriptionsPerSocket: 2, socketsPerUser: 2, socketsPerAddress: 4 });
  const first = await admitted(server);
  for (const id of ["1", "2", "3"]) first.send(subscribe(id, "a"));
  expect((await first.message({ id: "3", type: "error" })).payload).toMatchObject([{ extensions: { code: "LIMIT_EXCEEDED" } }]);
  first.send({ id: "1", type: "complete" });
  await until("one ended", () => server.feedOf("a").listeners === 1);
  first.send(subscribe("4", "a"));
  await until("another took its place", () => server.feedOf("a").listeners === 2);

  await admitted(server);
  const third = await rawClient(server.ws);
  third.send({ type: "connection_init", payload: { token: await server.token("ann") } });
  expect(await third.closed).toEqual({ code: 1013, reason: "too many connections of this user" });
  first.close();
  await first.closed;
  await until("the place is free", () => server.feedOf("a").listeners === 0);
  await admitted(server);

  await admitted(server, "bob");
  await admitted(server, "carol");
  const fifth = await rawClient(server.ws);
  expect(await fifth.closed).toEqual({ code: 1013, reason: "too many connections from this address" });
});

test("a token that expires while subscribed closes the socket", async () => {
  await using server = await running({ keepAliveMs: 500 });
  const client = await rawClient(server.ws);
  client.send({ type: "connection_init", payload: { token: await server.token("ann", { expiresInSeconds: 2 }) } });
  await client.message({ type: "connection_ack" });
  client.send(subscribe("1", "a"));
  await until("it listens", () => server.feedOf("a").listeners === 1);
  server.feedOf("a").publish(noted("1"));
  await client.message({ id: "1", type: "next" });
  expect(await client.closed).toEqual({ code: 4403, reason: "the token expired" });
  await until("all is released", () => server.feedOf("a").listeners === 0);
});

test("users who ask too often are told when to ask again, on both transports together", async () => {
  // Three operations, and two documents that are new.
  await using server = await running({ operationsPerSecond: 0.01, burst: 5 });
  const client = await admitted(server);
  client.send({ id: "1", type: "subscribe", payload: { query: "{ hello }" } });
  await client.message({ id: "1", type: "complete" });
  expect((await server.post({ query: "{ hello }" })).status).toBe(200);
  client.send(subscribe("2", "a"));
  await until("it listens", () => server.feedOf("a").listeners === 1);

  const http = await server.post({ query: "{ hello }" });
  expect(http.status).toBe(429);
  expect(Number(http.headers.get("retry-after"))).toBeGreaterThan(50);
  const limited = { extensions: { code: "RATE_LIMITED", retryAfterMs: SOME_NUMBER } };
  expect(await http.json()).toMatchObject({ errors: [limited] });
  client.send({ id: "3", type: "subscribe", payload: { query: "{ hello }" } });
  expect((await client.message({ id: "3", type: "error" })).payload).toMatchObject([limited]);

  const bobs = await server.post({ query: "{ hello }" }, { authorization: `Bearer ${await server.token("bob")}` });
  expect(bobs.status).toBe(200);
  client.close();
});

test("a reader that does not drain is dropped, and costs little until then", async () => {
  await using server = await running({ keepAliveMs: 300 });
  const client = await admitted(server);
  client.send(subscribe("1", "a"));
  await until("it listens", () => server.feedOf("a").listeners === 1);
  client.socket.pause();
  // More than the buffers of two kernels take.
  for (let index = 0; index < 400; index += 1) server.feedOf("a").publish(noted(String(index), "n1", "x".repeat(50_000)));
  // It answers nothing, yet something of it arrives.
  const alive = setInterval(() => client.socket.pong(), 50);
  await until("it was let go", () => server.feedOf("a").listeners === 0);
  clearInterval(alive);
  client.socket.resume();
  expect(await client.closed).toEqual({ code: 1013, reason: "reads too slowly" });
  expect(client.messages.filter(({ type }) => type === "next").length).toBeLessThan(400);
});

test("a socket that holds back more than the cap is dropped at once", async () => {
  await using server = await running({ bufferedBytesPerSocket: 100_000 });
  const client = await admitted(server);
  for (let index = 0; index < 40; index += 1) client.send(subscribe(String(index), "a"));
  await until("all listen", () => server.feedOf("a").listeners === 40);
  server.feedOf("a").publish(noted("1", "n1", "x".repeat(50_000)));
  expect((await client.closed).code).toBe(1013);
});

test("a socket that does not answer pings is dropped", async () => {
  await using server = await running({ keepAliveMs: 100 });
  const client = await rawClient(server.ws);
  client.socket.removeAllListeners("ping");
  client.send({ type: "connection_init", payload: { token: await server.token("ann") } });
  await client.message({ type: "connection_ack" });
  let pings = 0;
  client.socket.on("ping", () => (pings += 1));
  await until("it was pinged and stays", () => pings > 3);
  client.socket.pause();
  client.socket.resume();
  const silent = await admitted(server);
  silent.send(subscribe("1", "a"));
  await until("it listens", () => server.feedOf("a").listeners === 1);
  silent.socket.pause();
  await until("it was dropped", () => server.feedOf("a").listeners === 0);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  silent.socket.terminate();
  client.close();
});

test("in production only pages of this host or of a listed origin connect", async () => {
  await using server = await running({ production: true, origins: ["https://chat.example.org"] });
  for (const origin of ["https://chat.example.org", `http://127.0.0.1:${server.port}`])
    (await rawClient(server.ws, { origin })).close();
  (await rawClient(server.ws)).close();
  for (const origin of ["https://evil.example.org", "null", "https://chat.example.org.evil.org"])
    await expect(rawClient(server.ws, { origin }), origin).rejects.toThrow(/403/);
  await expect(rawClient(server.ws.replace("/graphql", "/other"))).rejects.toThrow(/404/);
  await using development = await running();
  (await rawClient(development.ws, { origin: "https://anywhere.example.org" })).close();
});

test("nothing is left of operations that ended: completed, reused, abandoned, cut off", async () => {
  await using server = await running();
  const { counts } = { counts: server.feedOf("a") };
  const client = await admitted(server);
  for (let round = 0; round < 1_000; round += 1) {
    client.send(subscribe("same", "a"));
    client.send({ id: "same", type: "complete" });
  }
  client.send(subscribe("last", "a"));
  await until("only the last listens", () => counts.listeners === 1);

  // All in one packet: an id taken again in the moment in which it was given up names the later operation only.
  client.socket.pause();
  client.send(subscribe("again", "b"));
  client.send({ id: "again", type: "complete" });
  client.send(subscribe("again", "c"));
  client.socket.resume();
  await until("the later one listens", () => server.feedOf("c").listeners === 1);
  expect(server.feedOf("b").listeners).toBe(0);
  server.feedOf("c").publish(noted("7"));
  await client.message({ id: "again", type: "next" });
  expect(client.messages.filter(({ id, type }) => id === "again" && type === "complete")).toEqual([]);

  const others = await Promise.all(Array.from({ length: 20 }, () => admitted(server)));
  for (const other of others) for (const id of ["1", "2", "3"]) other.send(subscribe(id, "a"));
  await until("all listen", () => counts.listeners === 61);
  for (const other of others) other.socket.terminate();
  await until("only the last listens", () => counts.listeners === 1);
  client.close();
  await until("nobody listens", () => counts.listeners === 0);
  const metrics = await server.registry.metrics();
  expect(metrics).toMatch(/^tidings_subscriptions 0$/m);
  expect(metrics).toMatch(/^tidings_sockets 0$/m);
});

test("a failure of an operation that was given up in the same moment ends nothing else", async () => {
  await using server = await running();
  const client = await admitted(server);
  for (let round = 0; round < 50; round += 1) {
    client.send({
      id: "x",
      type: "subscribe",
      payload: { query: "query Q($n: Int!) { later(value: $n) }", variables: { n: "no" } },
    });
    client.send({ id: "x", type: "complete" });
    client.send({ id: "y", type: "subscribe", payload: { query: "subscription { refusedFeed { cursor } }" } });
    client.send({ id: "y", type: "complete" });
  }
  client.send({ id: "q", type: "subscribe", payload: { query: "{ hello }" } });
  await client.message({ id: "q", type: "complete" });
  client.close();
});

test("closing tells every socket to go elsewhere, ends in time, and refuses new ones", async () => {
  const server = await running({ closeWithinMs: 1_000 });
  const clients = await Promise.all(Array.from({ length: 30 }, () => admitted(server)));
  const deaf = await admitted(server);
  deaf.socket.pause();
  for (const client of clients) client.send(subscribe("1", "a"));
  await until("all listen", () => server.feedOf("a").listeners === 30);
  const closed = server.app.close();
  expect(await Promise.all(clients.map((client) => client.closed))).toEqual(
    clients.map(() => ({ code: 1001, reason: "the server is closing: connect again" })),
  );
  await closed;
  expect(server.feedOf("a").listeners).toBe(0);
  deaf.socket.terminate();
  await once(deaf.socket, "close").catch(() => undefined);
});

test("a binary frame is text in UTF-8, or the end of the connection", async () => {
  await using server = await running();
  const client = await admitted(server);
  const message = Buffer.from(JSON.stringify({ id: "1", type: "subscribe", payload: { query: "{ hello } # café" } }));
  client.socket.send(message);
  await client.message({ id: "1", type: "next" });
  client.socket.send(Buffer.from(message.toString(), "latin1"));
  expect(await client.closed).toEqual({ code: 1007, reason: "a message is text in UTF-8" });
});

test("what a client sent right before it closed is done, also what has to wait", async () => {
  await using server = await running();
  const client = await admitted(server);
  const values = Array.from({ length: 300 }, (_, value) => value);
  for (const value of values)
    client.send({ id: `m${value}`, type: "subscribe", payload: { query: "mutation { step(value: 1) }" } });
  client.close();
  await until("all was done", () => server.steps.length === values.length);
});

test("many more operations than may be under way are all answered, those that never end or not", async () => {
  await using server = await running();
  const stuck = await admitted(server);
  for (let count = 0; count < 300; count++) stuck.send({ id: `n${count}`, type: "subscribe", payload: { query: "{ never }" } });
  const client = await admitted(server, "bob");
  for (let count = 0; count < 700; count++)
    client.send({ id: `q${count}`, type: "subscribe", payload: { query: "{ later(value: 1) }" } });
  await until("all are answered", () => client.messages.filter(({ type }) => type === "next").length === 700);
  client.send({ id: "big", type: "subscribe", payload: { query: "{ hello }", variables: { more: "x".repeat(100_000) } } });
  client.send({ id: "last", type: "subscribe", payload: { query: "{ hello }" } });
  await client.message({ id: "last", type: "next" });
  client.close();
  stuck.close();
});
