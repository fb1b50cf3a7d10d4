import { expect, test } from "vitest";
import { createClient } from "graphql-sse";
import { matching } from "../../support/matchers.ts";
import { type Running, running, SECRET } from "../../support/runningApp.ts";
import { noted } from "../../support/smallApi.ts";
import { until } from "../../support/until.ts";
import { sign } from "../../../src/transport/auth.ts";
import { type Raw, raw, request } from "./raw.ts";

const FEED = "subscription Feed($topic: String!) { feed(topic: $topic) { cursor ... on Noted { note { id text } } } }";
const EVENTS = { accept: "text/event-stream" };

/** A stream as its client reads it: events and comments, in order. */
async function streamOf(response: Response) {
  const read = { blocks: [] as string[], ended: false, failed: false };
  let rest = "";
  void (async () => {
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        const parts = (rest + Buffer.from(chunk).toString()).split("\n\n");
        rest = parts.pop() ?? "";
        read.blocks.push(...parts);
      }
    } catch {
      read.failed = true;
    }
    read.ended = true;
  })();
  return read;
}

async function subscribed(server: Running, topic = "a", headers: Record<string, string> = {}, more: object = {}) {
  const before = server.feedOf(topic).listeners;
  const response = await server.post({ query: FEED, variables: { topic }, ...more }, { ...EVENTS, ...headers });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  const stream = await streamOf(response);
  await until("it listens", () => server.feedOf(topic).listeners === before + 1);
  return { response, stream };
}

const metric = async ({ registry }: Running, name: string): Promise<number> =>
  Number(new RegExp(`^${name} (\\d+)$`, "m").exec(await registry.metrics())?.[1]);

const told = (cursor: string) => `event: next\ndata: {"data":{"feed":{"cursor":"${cursor}","note":{"id":"n1","text":"a note"}}}}`;
const COMPLETE = "event: complete\ndata:";

test("a subscription is answered by events until it ends, and its connection goes on", async () => {
  await using server = await running();
  const { response, stream } = await subscribed(server);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await metric(server, "tidings_event_streams")).toBe(1);
  expect(await metric(server, "tidings_subscriptions")).toBe(1);
  for (const cursor of ["1", "2"]) server.feedOf("a").publish({ ...noted(cursor), shared: cursor });
  await until("both came", () => stream.blocks.length === 2);
  server.feedOf("a").publish(noted("3"));
  server.feedOf("a").end();
  await until("it is over", () => stream.ended);
  expect(stream.blocks).toEqual([told("1"), told("2"), told("3"), COMPLETE]);
  expect(await metric(server, "tidings_event_streams")).toBe(0);
  expect(await metric(server, "tidings_subscriptions")).toBe(0);
  expect(await metric(server, "tidings_event_streams_opened_total")).toBe(1);
  expect((await server.post({ query: "{ hello }" })).status).toBe(200);
});

test("queries and mutations are one event, and what is wrong with an operation is one too", async () => {
  await using server = await running({ maxDepth: 3 });
  const asked = async (body: object) => {
    const response = await server.post(body, EVENTS);
    return [response.status, response.headers.get("content-type"), await response.text()];
  };
  const type = "text/event-stream; charset=utf-8";
  expect(await asked({ query: "{ hello }" })).toEqual([
    200,
    type,
    `event: next\ndata: {"data":{"hello":"hello world"}}\n\n${COMPLETE}\n\n`,
  ]);
  expect(await asked({ query: "mutation { step(value: 1) }" })).toEqual([
    200,
    type,
    `event: next\ndata: {"data":{"step":[1]}}\n\n${COMPLETE}\n\n`,
  ]);
  for (const query of ["{ unheard }", "{", "{ viewer { friend { friend { friend { id } } } } }", "subscription { unheard }"])
    expect(await asked({ query })).toEqual([
      200,
      type,
      matching(/^event: next\ndata: \{"errors":\[.*"code":"BAD_INPUT".*\n\nevent: complete\ndata:\n\n$/),
    ]);
  // What a subscription's field refuses, and where its source fails.
  expect(await asked({ query: "subscription { refusedFeed { cursor } }" })).toEqual([
    200,
    type,
    `event: next\ndata: {"errors":[{"message":"not for you","extensions":{"code":"FORBIDDEN","field":"id"}}]}\n\n${COMPLETE}\n\n`,
  ]);
  const broken = (await asked({ query: "subscription { brokenFeed(after: 1) { cursor } }" }))[2] as string;
  expect(broken.split("\n\n")).toEqual([
    'event: next\ndata: {"data":{"brokenFeed":{"cursor":"0"}}}',
    matching(/^event: next\ndata: \{"errors":\[\{.*"code":"UNAVAILABLE"/),
    COMPLETE,
    "",
  ]);
  expect(await metric(server, "tidings_event_streams")).toBe(0);
});

test("who somebody is, and what is no request, is a status", async () => {
  await using server = await running();
  const status = async (body: object | string, headers: Record<string, string> = {}) => {
    const response = await server.post(body, { ...EVENTS, ...headers });
    return [response.status, response.headers.get("content-type"), await response.json()];
  };
  const json = "application/json; charset=utf-8";
  const fault = (code: string) => ({
    errors: [expect.objectContaining({ extensions: expect.objectContaining({ code }) as never }) as never],
  });
  expect(await status({ query: FEED, variables: { topic: "a" } }, { authorization: "Bearer nonsense" })).toEqual([
    401,
    json,
    fault("UNAUTHENTICATED"),
  ]);
  const expired = await sign(SECRET, { sub: "ann", expiresInSeconds: -1 });
  expect(await status({ query: FEED }, { authorization: `Bearer ${expired}` })).toEqual([401, json, fault("UNAUTHENTICATED")]);
  expect(await status("{")).toEqual([400, json, fault("BAD_INPUT")]);
  // Who does not read events is told how to subscribe.
  const plain = await server.post({ query: FEED, variables: { topic: "a" } });
  expect([plain.status, await plain.json()]).toEqual([
    400,
    { errors: [expect.objectContaining({ message: matching(/accept text\/event-stream/) as never })] },
  ]);
});

test("who accepts both gets JSON for what has one answer, and events for a subscription; also by GET", async () => {
  await using server = await running();
  const both = { accept: "application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.5" };
  const one = await server.post({ query: "{ hello }" }, both);
  expect(one.headers.get("content-type")).toBe("application/graphql-response+json; charset=utf-8");
  const { stream } = await subscribed(server, "a", both);
  server.feedOf("a").end();
  await until("it is over", () => stream.ended);

  const headers = { ...EVENTS, authorization: `Bearer ${await server.token("ann")}` };
  const query = new URLSearchParams({ query: "subscription { count(to: 2) }" });
  const got = await fetch(`${server.http}?${query.toString()}`, { headers });
  expect((await got.text()).split("\n\n").slice(0, 3)).toEqual([
    'event: next\ndata: {"data":{"count":1}}',
    'event: next\ndata: {"data":{"count":2}}',
    COMPLETE,
  ]);
});

test("graphql-sse subscribes, and comes back where it was cut", async () => {
  await using server = await running({ keepAliveMs: 400 });
  let tokens = 0;
  const client = createClient({
    url: server.http,
    retryAttempts: 5,
    retry: () => Promise.resolve(),
    headers: async () => ({
      authorization: `Bearer ${await server.token("ann", { expiresInSeconds: ++tokens === 1 ? 1 : 600 })}`,
    }),
  });
  const seen: unknown[] = [];
  const over = new Promise<void>((resolve, reject) => {
    client.subscribe(
      { query: FEED, variables: { topic: "a" } },
      { next: ({ data }) => seen.push(data), complete: resolve, error: reject },
    );
  });
  await until("it listens", () => server.feedOf("a").listeners === 1);
  server.feedOf("a").publish(noted("1"));
  await until("one came", () => seen.length === 1);
  // Its token expires, and it comes with a new one.
  await until("it came again", () => tokens === 2 && server.feedOf("a").listeners === 1);
  server.feedOf("a").publish(noted("2"));
  await until("the other came", () => seen.length === 2);
  server.feedOf("a").end();
  await over;
  expect(seen).toEqual(["1", "2"].map((cursor) => ({ feed: { cursor, note: { id: "n1", text: "a note" } } })));
  client.dispose();
});

test("a stream says that it is alive, and is cut with a reason when its token expires", async () => {
  await using server = await running({ keepAliveMs: 200 });
  const { stream } = await subscribed(server, "a", {
    authorization: `Bearer ${await server.token("bob", { expiresInSeconds: 2 })}`,
  });
  await until("it is alive", () => stream.blocks.length >= 2);
  expect(stream.blocks.slice(0, 2)).toEqual([":", ":"]);
  await until("it ends", () => stream.ended);
  expect(stream.blocks.at(-1)).toBe(": the token expired");
  expect(stream.failed).toBe(false);
  expect(server.feedOf("a").listeners).toBe(0);
  expect(await metric(server, "tidings_event_streams")).toBe(0);
});

test("a stream is cut when the key of its token is withdrawn", async () => {
  let vouches = true;
  const caller = { userId: "ann", admin: false, expiresAt: Date.now() + 60_000 };
  await using server = await running({ keepAliveMs: 200 }, { tokens: { verify: () => caller, vouches: () => vouches } });
  const { stream } = await subscribed(server);
  vouches = false;
  await until("it ends", () => stream.ended);
  expect(stream.blocks.at(-1)).toMatch(/^: the token's key was withdrawn/);
});

test("whoever cuts a stream off leaves nothing behind", async () => {
  await using server = await running();
  const gone = new AbortController();
  const headers = { "content-type": "application/json", ...EVENTS, authorization: `Bearer ${await server.token("ann")}` };
  const body = JSON.stringify({ query: FEED, variables: { topic: "a" } });
  await fetch(server.http, { method: "POST", headers, body, signal: gone.signal });
  await until("it listens", () => server.feedOf("a").listeners === 1);
  gone.abort();
  await until("nobody listens", () => server.feedOf("a").listeners === 0);
  await until("it is counted out", async () => (await metric(server, "tidings_event_streams")) === 0);
  expect(await metric(server, "tidings_subscriptions")).toBe(0);
  expect(server.faults).toEqual([]);
});

test("streams count as sockets and as subscriptions do, over all transports", async () => {
  await using server = await running({ socketsPerUser: 2, subscriptionsPerUser: 3 });
  const refused = async (query = FEED) => {
    const response = await server.post({ query, variables: { topic: "a" } }, EVENTS);
    return [response.status, response.headers.get("retry-after"), await response.text()];
  };
  const one = await subscribed(server);
  await subscribed(server);
  expect(await refused()).toEqual([429, "1", matching(/too many connections of this user/)]);
  // Another user may.
  await subscribed(server, "a", { authorization: `Bearer ${await server.token("bob")}` });
  await one.response.body?.cancel().catch(() => undefined);
  server.feedOf("a").end();
  await until("all are gone", async () => (await metric(server, "tidings_event_streams")) === 0);

  await using few = await running({ subscriptionsPerUser: 1 });
  await subscribed(few);
  const more = await few.post({ query: FEED, variables: { topic: "a" } }, EVENTS);
  expect([more.status, await more.text()]).toEqual([
    200,
    matching(/^event: next\ndata: .*a user holds at most 1 subscriptions.*LIMIT_EXCEEDED/),
  ]);
  expect(await metric(few, "tidings_event_streams")).toBe(1);
  await using narrow = await running({ socketsPerAddress: 1 });
  await subscribed(narrow);
  const third = await narrow.post({ query: FEED, variables: { topic: "a" } }, EVENTS);
  expect(third.status).toBe(429);
  const long = await few.post({ query: FEED, variables: { topic: "x".repeat(20_000) } }, EVENTS);
  expect(await long.text()).toContain("the variables of a subscription have at most 16384 characters");
});

test("the cost limit and the rate limit hold", async () => {
  await using server = await running({ maxCost: 2 });
  const dear = await server.post({ query: FEED, variables: { topic: "a" } }, EVENTS);
  expect([dear.status, await dear.text()]).toEqual([200, matching(/^event: next\ndata: .*Cost limit of 2 exceeded/)]);
  await using slow = await running({ operationsPerSecond: 1, burst: 2 });
  const answers = await Promise.all([1, 2, 3, 4].map(() => slow.post({ query: "{ hello }" }, EVENTS)));
  expect(answers.map(({ status }) => status)).toContain(429);
});

/** Subscribes over a connection of its own, and reads nothing. */
async function deaf(server: Running): Promise<Raw> {
  const body = JSON.stringify({ query: FEED, variables: { topic: "a" } });
  const client = await raw(server.port);
  const headers = {
    ...EVENTS,
    Authorization: `Bearer ${await server.token("ann")}`,
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
  };
  client.write(request("POST /graphql HTTP/1.1", headers, body));
  await until("it listens", () => server.feedOf("a").listeners > 0);
  client.socket.pause();
  return client;
}

test("who does not read is cut off, and costs no more than the outbox", async () => {
  await using server = await running({ keepAliveMs: 1_000, bufferedBytesPerSocket: 131_072 });
  const client = await deaf(server);
  const text = "x".repeat(50_000);
  // More than the network takes, and then nothing: it is read no further, and the reader is too slow.
  for (let count = 0; count < 200; count++) server.feedOf("a").publish(noted(String(count), "n1", text));
  await until("it is dropped", async () => (await metric(server, "tidings_event_streams_dropped_total")) === 1);
  expect(server.feedOf("a").listeners).toBe(0);
  expect(await metric(server, "tidings_waiting_bytes")).toBe(0);
  client.socket.destroy();
});

test("what waits over streams and sockets together is bounded", async () => {
  await using server = await running({ bufferedBytesTotal: 200_000 });
  const clients = await Promise.all([1, 2, 3, 4].map(() => deaf(server)));
  await until("one is dropped", async () => {
    server.feedOf("a").publish(noted("1", "n1", "x".repeat(100_000)));
    return (await metric(server, "tidings_event_streams_dropped_total")) > 0;
  });
  expect(await metric(server, "tidings_waiting_bytes")).toBeLessThanOrEqual(200_000);
  for (const { socket } of clients) socket.destroy();
});

test("a server that closes ends its streams, so that their clients go elsewhere", async () => {
  await using server = await running();
  const { stream } = await subscribed(server);
  const closed = server.app.close();
  await until("it ends", () => stream.ended);
  expect(stream.blocks).toEqual([": the server is closing: connect again"]);
  expect(stream.failed).toBe(false);
  await closed;
});

test("a client that is connected by a stream is there", async () => {
  const there: string[] = [];
  await using server = await running(
    {},
    {
      comings: {
        connected: ({ userId }) => (there.push(userId), (isFarewell) => there.push(`${userId} left ${isFarewell}`)),
        seen: () => undefined,
      },
    },
  );
  const { stream } = await subscribed(server);
  expect(there).toEqual(["ann"]);
  server.feedOf("a").end();
  await until("it ends", () => stream.ended);
  expect(there).toEqual(["ann", "ann left false"]);
});
