import { describe, expect, test } from "vitest";
import { transportDefaults } from "../../../src/transport/limits.ts";
import { type KnownOperations, operations, type Prepared } from "../../../src/transport/execution/operations.ts";
import { instrument } from "../../../src/transport/execution/instrument.ts";
import type { RateLimit } from "../../../src/transport/rateLimit.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import { refused } from "../../support/refused.ts";
import { until } from "../../support/until.ts";
import { matching } from "../../support/matchers.ts";
import { admitted } from "../../support/rawClient.ts";
import { running } from "../../support/runningApp.ts";
import { SHARED, smallApi } from "../../support/smallApi.ts";

/** A document that nobody has sent before, and that takes long to read. */
const document = (name: string, fields = 80): string =>
  `query ${name} { ${Array.from({ length: fields }, (_, index) => `f${index}: hello(name: "${index}")`).join(" ")} }`;

function reader(take: RateLimit["take"] = () => undefined): KnownOperations {
  const { schema } = smallApi();
  instrument(schema);
  const limits = { ...transportDefaults, maxAliases: 1_000, maxTokens: 10_000 };
  return operations({ schema, sharedFields: SHARED, limits, rate: { take, delivered: () => 0 } });
}

const isOperation = (prepared: Prepared): boolean => "id" in prepared;

describe("documents that are new", () => {
  test("of many users are read in turns: who sent one waits for none who sent many", async () => {
    const { prepare } = reader();
    const order: string[] = [];
    const asked = (user: string, name: string) =>
      Promise.resolve(prepare(document(name), undefined, { userId: user })).then((prepared) => {
        expect(isOperation(prepared)).toBe(true);
        order.push(user);
      });
    const all = Array.from({ length: 80 }, (_, index) => asked("many", `M${index}`));
    await Promise.all([...all, asked("one", "One")]);
    expect(order.indexOf("one")).toBeLessThan(40);
  });

  test("give way to everything else between them", async () => {
    const { prepare } = reader();
    let read = 0;
    const all = Array.from({ length: 60 }, (_, index) =>
      Promise.resolve(prepare(document(`M${index}`), undefined, { userId: "many" })).then(() => (read += 1)),
    );
    const seen: number[] = [];
    while (read < all.length) {
      await new Promise(setImmediate);
      seen.push(read);
    }
    expect(seen.filter((each) => each > 0 && each < all.length).length, "turns of the loop meanwhile").toBeGreaterThan(5);
  });

  test("are read once, however many ask the same, and are known from then on", async () => {
    const { prepare } = reader();
    await prepare(document("First"), undefined, { userId: "ann" });
    const same = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => prepare(document("Same"), undefined, { userId: `u${index}` })),
    );
    expect(new Set(same).size).toBe(1);
    expect(prepare(document("Same"), undefined, { userId: "zoe" })).toBe(same[0]);
  });

  test("that somebody cannot pay for are not refused to those who wait for the same", async () => {
    const { prepare } = reader(({ userId }, units) => {
      if (userId === "poor" && units === 8) throw new Refusal("RATE_LIMITED", "too many operations of one user");
    });
    // What comes after them waits for its turn.
    const before = Array.from({ length: 20 }, async (_, index) => prepare(document(`M${index}`), undefined, { userId: "poor" }));
    const same = document("Same", 200);
    const poor = refused((async () => prepare(same, undefined, { userId: "poor" }))(), "RATE_LIMITED");
    const other = (async () => prepare(same, undefined, { userId: "other" }))();
    expect(isOperation(await other)).toBe(true);
    await poor;
    await Promise.all(before);
  });

  test("are refused of who has too many of them waiting, and of nobody else", async () => {
    const { prepare } = reader();
    const all: Promise<unknown>[] = [];
    const send = async (user: string, name: string) => prepare(document(name), undefined, { userId: user });
    for (let index = 0; index < 100; index += 1) all.push(send("many", `M${index}`));
    // The first one was read at once, or not.
    const more = send("many", "M100").catch((fault: unknown) => fault);
    const fault = await refused(send("many", "More"), "RATE_LIMITED");
    expect(fault.retryAfterMs).toBeGreaterThan(0);
    all.push(more);
    all.push(send("one", "One"));
    await Promise.all(all);
    await send("many", "More");
  });

  test("and wrong are told what is wrong, whenever they are read", async () => {
    const { prepare } = reader();
    const wrong = Array.from({ length: 5 }, async (_, index) =>
      prepare(`${document(`Q${index}`)} { unheard }`, undefined, { userId: "ann" }),
    );
    for (const prepared of await Promise.all(wrong)) expect(isOperation(prepared)).toBe(false);
  });
});

/** What one socket sends in one moment, each a document of its own: the first ones keep those behind them waiting. */
const ahead = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `ahead${index}`,
    type: "subscribe",
    payload: { query: document(`A${index}`) },
  }));

const LARGE = { maxAliases: 1_000, maxTokens: 10_000 };

test("an id that was given up while its document waited is free: what asks under it again is answered, and only that", async () => {
  await using server = await running(LARGE);
  const client = await admitted(server);
  const subscription = (topic: string) => ({
    id: "again",
    type: "subscribe",
    payload: { query: `subscription S${topic} { feed(topic: "${topic}") { cursor } }` },
  });
  for (const message of ahead(20)) client.send(message);
  client.send(subscription("given"));
  client.send({ id: "again", type: "complete" });
  client.send(subscription("taken"));
  await until("the later one listens", () => server.feedOf("taken").listeners === 1);
  for (const { id } of ahead(20)) await client.message({ id, type: "complete" });
  expect(server.feedOf("given").listeners).toBe(0);
  expect(client.messages.filter(({ id }) => id === "again")).toEqual([]);

  client.send({ ...ahead(1)[0], id: "q", payload: { query: document("Other") } });
  client.send({ id: "never", type: "subscribe", payload: { query: `query N { ...F } fragment F on Query { never }` } });
  client.send({ id: "never", type: "complete" });
  client.close();
  await until("nobody listens", () => server.feedOf("taken").listeners === 0);
  const metrics = await server.registry.metrics();
  expect(metrics).toMatch(/^tidings_subscriptions 0$/m);
});

test("a socket that ends while its documents wait leaves nothing behind", async () => {
  await using server = await running({ ...LARGE, subscriptionsPerUser: 1, inFlightPerUser: 25 });
  for (let round = 0; round < 3; round += 1) {
    const client = await admitted(server);
    for (const message of ahead(20)) client.send({ ...message, payload: { query: `${document(`R${round}`)} # ${message.id}` } });
    client.send({ id: "s", type: "subscribe", payload: { query: `subscription R${round} { feed(topic: "a") { cursor } }` } });
    client.socket.terminate();
    await client.closed;
  }
  const client = await admitted(server);
  await until("another one may subscribe", async () => {
    client.send({ id: "s", type: "subscribe", payload: { query: "subscription Last { count(to: 1) }" } });
    const told = await Promise.race([client.message({ id: "s", type: "complete" }), client.message({ id: "s", type: "error" })]);
    const isDone = told.type === "complete";
    client.messages.length = 0;
    return isDone;
  });
  expect(server.feedOf("a").listeners).toBe(0);
  expect(await server.registry.metrics()).toEqual(matching(/^tidings_subscriptions 0$/m));
  client.close();
});
