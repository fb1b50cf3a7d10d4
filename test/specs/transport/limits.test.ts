import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { growth } from "../../support/memory.ts";
import { until } from "../../support/until.ts";
import { HANDSHAKE, type Raw, raw, request } from "./raw.ts";
import { matching } from "../../support/matchers.ts";
import { admitted, rawClient } from "../../support/rawClient.ts";
import { type Running, running } from "../../support/runningApp.ts";
import { noted } from "../../support/smallApi.ts";

const HELLO = "query Hello($name: String) { hello(name: $name) }";
const FEED = "subscription Feed($topic: String!) { feed(topic: $topic) { cursor ... on Noted { note { id text } } } }";
const LIMIT = 131_072;

const hello = (id: string, name: string) => ({ id, type: "subscribe", payload: { query: HELLO, variables: { name } } });
const subscribe = (id: string, topic = "a") => ({ id, type: "subscribe", payload: { query: FEED, variables: { topic } } });
const gauge = async (server: Running, name: string): Promise<number> =>
  Number(new RegExp(`^${name} (\\d+)$`, "m").exec(await server.registry.metrics())?.[1]);

/** The server's ends of its connections. */
function ends(server: Running): Socket[] {
  const sockets: Socket[] = [];
  server.app.server.on("connection", (socket: Socket) => sockets.push(socket));
  return sockets;
}

/** A frame of a client: FIN and text, or what `first` says; masked by zeros. */
function frame(payload: Buffer, first = 0x81, length = payload.length): Buffer {
  const head = Buffer.from([first, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

test("what fits over HTTP fits over a WebSocket, and what does not is told alike", async () => {
  await using server = await running();
  const client = await admitted(server);
  // A text of 16,384 characters, written as clients may.
  const text = "购".repeat(16_384);
  const escaped = JSON.stringify(hello("1", text)).replaceAll("购", "\\u8d2d");
  expect(escaped.length).toBeGreaterThan(98_000);
  client.send(escaped);
  expect((await client.message({ id: "1", type: "next" })).payload).toEqual({ data: { hello: `hello ${text}` } });
  const body = JSON.stringify({ query: HELLO, variables: { name: text } }).replaceAll("购", "\\u8d2d");
  expect(await (await server.post(body)).json()).toEqual({ data: { hello: `hello ${text}` } });

  client.send(subscribe("s"));
  await until("it listens", () => server.feedOf("a").listeners === 1);
  const fault = { message: `a request has at most ${LIMIT} bytes`, extensions: { code: "BAD_INPUT" } };
  for (const [id, length] of [
    ["2", LIMIT],
    ["3", 1_000_000],
  ] as const) {
    client.send(hello(id, "x".repeat(length)));
    expect((await client.message({ id, type: "error" })).payload).toEqual([fault]);
  }
  const long = await server.post({ query: HELLO, variables: { name: "x".repeat(LIMIT) } });
  expect([long.status, await long.json()]).toEqual([413, { errors: [fault] }]);
  // The subscription goes on.
  server.feedOf("a").publish(noted("1"));
  await client.message({ id: "s", type: "next" });
  client.close();
});

test.each([
  ["no operation's", (): object => ({ type: "ping", payload: { x: "x".repeat(LIMIT) } })],
  ["without an id", (): object => ({ ...hello("", "x".repeat(LIMIT)) })],
  ["no JSON", (): string => "x".repeat(LIMIT + 1)],
  ["of an id that is taken", (): object => hello("taken", "x".repeat(LIMIT))],
  ["beyond any measure", (): object => hello("1", "x".repeat(LIMIT + 1_048_576))],
])("a message over the limit that is %s closes the socket and says why", async (_what, message) => {
  await using server = await running();
  const client = await admitted(server);
  client.send(subscribe("taken"));
  await until("it listens", () => server.feedOf("a").listeners === 1);
  client.send(message());
  expect(await client.closed).toEqual({ code: 1009, reason: `a request has at most ${LIMIT} bytes` });
  await until("nobody listens", () => server.feedOf("a").listeners === 0);
});

test("before a client is let in, a message over the limit closes the socket", async () => {
  await using server = await running();
  const client = await rawClient(server.ws);
  client.send(hello("1", "x".repeat(LIMIT)));
  expect((await client.closed).code).toBe(1009);
});

test.each([
  ["no UTF-8 in a text", Buffer.from([0x7b, 0xff]), 0x81, 1007, "a message is text in UTF-8"],
  ["no UTF-8 in a binary message", Buffer.from([0x7b, 0xff]), 0x82, 1007, "a message is text in UTF-8"],
  ["reserved bits", Buffer.from("{}"), 0xf1, 1002, "this is not the WebSocket protocol (RFC 6455)"],
  ["an unknown opcode", Buffer.from("{}"), 0x83, 1002, "this is not the WebSocket protocol (RFC 6455)"],
])("%s closes the socket and says why", async (_what, payload, first, code, reason) => {
  await using server = await running();
  const client = await raw(server.port);
  client.write(request("GET /graphql HTTP/1.1", HANDSHAKE));
  await client.says("101 Switching");
  client.write(frame(payload, first));
  const said = Buffer.from(await client.says(reason), "latin1");
  expect(said.readUInt16BE(said.indexOf(reason) - 2)).toBe(code);
  client.socket.destroy();
});

test("what is kept of a subscription as long as it runs is bounded: its id, and its variables", async () => {
  await using server = await running();
  const client = await admitted(server);
  const said = async (id: string) => (await client.message({ id, type: "error" })).payload;
  const long = "i".repeat(129);
  client.send(subscribe(long));
  expect(await said(long)).toMatchObject([
    { message: "the id of an operation has at most 128 characters", extensions: { code: "BAD_INPUT" } },
  ]);
  for (const [id, more] of [
    ["1", `"after":"${"x".repeat(16_384)}"`],
    ["2", `"unknown":"${"x".repeat(16_384)}"`],
    ["3", `"unknown":${"[".repeat(40_000)}${"]".repeat(40_000)}`],
  ] as const) {
    const variables = `{"topic":"a",${more}}`;
    client.send(`{"id":"${id}","type":"subscribe","payload":{"query":${JSON.stringify(FEED)},"variables":${variables}}}`);
    expect(await said(id)).toMatchObject([
      {
        message: "the variables of a subscription have at most 16384 characters",
        extensions: { code: "BAD_INPUT", field: "variables" },
      },
    ]);
  }
  client.send(subscribe(long.slice(1)));
  await until("it listens", () => server.feedOf("a").listeners === 1);
  client.send(hello("h", "x".repeat(20_000)));
  await client.message({ id: "h", type: "next" });
  expect(server.faults).toEqual([]);
  client.close();
});

test("the documents that a user's subscriptions keep in memory are bounded: the same one costs nothing more", async () => {
  await using server = await running();
  const [one, other] = [await admitted(server), await admitted(server)];
  const long = (id: string, number: number) => ({
    id,
    type: "subscribe",
    payload: { query: `# ${number} ${"x".repeat(100_000)}\n${FEED}`, variables: { topic: "a" } },
  });
  for (let number = 1; number <= 5; number += 1) (number % 2 === 0 ? one : other).send(long(`${number}`, number));
  await until("five listen", () => server.feedOf("a").listeners === 5);
  one.send(long("6", 6));
  expect((await one.message({ id: "6", type: "error" })).payload).toMatchObject([
    { message: matching(/the documents of your subscriptions take too much memory/), extensions: { code: "LIMIT_EXCEEDED" } },
  ]);
  one.send(long("7", 5));
  const bob = await admitted(server, "bob");
  bob.send(long("1", 6));
  await until("seven listen", () => server.feedOf("a").listeners === 7);
  // Of the two of one document the first makes no room, and the second does.
  one.send({ id: "7", type: "complete" });
  await until("one ended", () => server.feedOf("a").listeners === 6);
  one.send(long("8", 8));
  await one.message({ id: "8", type: "error" });
  other.close();
  await until("those of a socket ended", () => server.feedOf("a").listeners === 3);
  one.send(long("9", 9));
  await until("another took their place", () => server.feedOf("a").listeners === 4);
  for (const client of [one, bob]) client.close();
});

test("a user's subscriptions are counted over all their sockets", async () => {
  await using server = await running({ subscriptionsPerUser: 3 });
  const [one, other] = [await admitted(server), await admitted(server)];
  for (const id of ["1", "2"]) one.send(subscribe(id));
  other.send(subscribe("3"));
  await until("three listen", () => server.feedOf("a").listeners === 3);
  other.send(subscribe("4"));
  expect((await other.message({ id: "4", type: "error" })).payload).toMatchObject([
    { message: "a user holds at most 3 subscriptions: end some", extensions: { code: "LIMIT_EXCEEDED" } },
  ]);
  const bob = await admitted(server, "bob");
  bob.send(subscribe("1", "b"));
  await until("another user listens", () => server.feedOf("b").listeners === 1);
  one.send({ id: "1", type: "complete" });
  await until("one ended", () => server.feedOf("a").listeners === 2);
  other.send(subscribe("5"));
  await until("another took its place", () => server.feedOf("a").listeners === 3);
  for (const client of [one, other, bob]) client.close();
});

test("a user's operations in flight are counted over all transports, until they have ended", async () => {
  await using server = await running({ inFlightPerUser: 3 });
  const client = await admitted(server);
  const never = (id: string) => client.send({ id, type: "subscribe", payload: { query: "{ never }" } });
  never("1");
  never("2");
  const endless = server.ask("{ never }").catch(() => "cut off");
  await until("all run", async () => /kind="query"\} 3$/m.test(await server.registry.metrics()));
  const limited = { extensions: { code: "RATE_LIMITED", retryAfterMs: 1_000 } };
  never("3");
  expect((await client.message({ id: "3", type: "error" })).payload).toMatchObject([limited]);
  const refused = await server.post({ query: "{ hello }" });
  expect([refused.status, await refused.json()]).toMatchObject([429, { errors: [limited] }]);
  // Giving up does not make room while it runs.
  client.send({ id: "1", type: "complete" });
  never("4");
  await client.message({ id: "4", type: "error" });
  expect((await server.post({ query: "{ hello }" }, { authorization: `Bearer ${await server.token("bob")}` })).status).toBe(200);
  await server.app.close();
  expect(await endless).toBe("cut off");
});

test("connections are bounded, those of one address and all", async () => {
  await using one = await running({ connectionsPerAddress: 2 });
  const held = [await raw(one.port), await raw(one.port)];
  const third = await raw(one.port);
  expect(await third.ended).toMatch(/^HTTP\/1\.1 503 .*too many connections from this address$/s);
  held[0]?.socket.destroy();
  await until("one is gone", async () => (await gauge(one, "tidings_connections")) === 1);
  const fourth = await raw(one.port);
  fourth.write(request("GET /live HTTP/1.1", {}));
  await fourth.says("200 OK");
  fourth.socket.destroy();
  held[1]?.socket.destroy();

  await using all = await running({ connectionsMax: 1 });
  const first = await raw(all.port);
  const second = await raw(all.port);
  expect(await second.ended).toBe("");
  expect(await gauge(all, "tidings_connections_refused_total")).toBe(1);
  first.socket.destroy();
});

test("a connection that rests keeps nothing of what it was asked", async () => {
  await using server = await running();
  const ask = async (client: Raw, filler: number, times: number) => {
    client.write(request("GET /live HTTP/1.1", { "X-Filler": randomBytes(filler).toString("hex") }));
    await client.says("200 OK", times);
  };
  const clients = await Promise.all(Array.from({ length: 200 }, () => raw(server.port)));
  for (const client of clients) await ask(client, 1, 1);
  const grown = await growth(async () => {
    for (const client of clients) await ask(client, 7_000, 2);
  });
  expect(grown).toBeLessThan(200 * 7_000);
  for (const { socket } of clients) socket.destroy();
});

test.each([
  ["nothing", ""],
  ["half a head", "GET /live HTTP/1.1\r\nHost: a\r\n"],
  ["half a body", request("POST /graphql HTTP/1.1", { "Content-Length": "100", "Content-Type": "application/json" }, "{")],
])("who sends %s, and no more, is not waited for", async (_what, text) => {
  await using server = await running({ requestTimeoutMs: 300 });
  const client = await raw(server.port);
  client.write(text);
  await client.ended;
  expect(await gauge(server, "tidings_connections")).toBe(0);
  expect(server.faults).toEqual([]);
});

test("a client that pings and reads nothing is read no further", async () => {
  await using server = await running();
  const [end] = [ends(server)];
  const client = await raw(server.port);
  client.write(request("GET /graphql HTTP/1.1", HANDSHAKE));
  await client.says("101 Switching");
  client.socket.pause();
  const pings = Buffer.concat(
    Array.from({ length: 500 }, () => Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)])),
  );
  await until("it is held back", () => {
    for (let burst = 0; burst < 20 && client.socket.writableLength < 1_000_000; burst += 1) client.write(pings);
    return end[0]?.isPaused();
  });
  expect(end[0]?.writableLength).toBeLessThan(1_000_000);
  client.socket.destroy();
});

test("an answer over HTTP that is not read ends its connection", async () => {
  await using server = await running({ keepAliveMs: 300 });
  const connections = ends(server);
  const client = await raw(server.port);
  client.socket.pause();
  const body = JSON.stringify({ query: HELLO, variables: { name: "x".repeat(100_000) } });
  const headers = { Authorization: `Bearer ${await server.token("ann")}`, "Content-Type": "application/json" };
  const one = request("POST /graphql HTTP/1.1", { ...headers, "Content-Length": String(body.length) }, body);
  for (let count = 0; count < 300; count += 1) client.write(one);
  await until("it was let go", () => connections[0]?.destroyed);
  expect((await server.post({ query: "{ hello }" })).status).toBe(200);
  client.socket.destroy();
});

test("what waits over all sockets is bounded: those that hold most are dropped", async () => {
  const total = 300_000;
  await using server = await running({ bufferedBytesTotal: total });
  const clients = await Promise.all(["ann", "bob", "carol", "dave"].map((user) => admitted(server, user)));
  for (const client of clients) client.socket.pause();
  const text = "x".repeat(100_000);
  await until("one is dropped", async () => {
    for (const { socket } of clients) if (socket.bufferedAmount < 1_000_000) socket.send(JSON.stringify(hello("1", text)));
    return (await gauge(server, "tidings_sockets_dropped_total")) > 0;
  });
  expect(await gauge(server, "tidings_waiting_bytes")).toBeLessThanOrEqual(total);
  expect((await server.post({ query: "{ hello }" })).status).toBe(200);
  for (const client of clients) client.socket.terminate();
});

test("messages that are begun and not ended are bounded over all sockets", async () => {
  await using server = await running({ bufferedBytesTotal: 500_000, keepAliveMs: 2_000 });
  const clients = await Promise.all([1, 2, 3, 4].map(() => raw(server.port)));
  for (const client of clients) {
    client.write(request("GET /graphql HTTP/1.1", HANDSHAKE));
    await client.says("101 Switching");
    client.write(frame(Buffer.alloc(200_000), 0x81, 900_000));
  }
  await Promise.race(clients.map(({ ended }) => ended));
  expect((await server.post({ query: "{ hello }" })).status).toBe(200);
  for (const { socket } of clients) socket.destroy();
});
