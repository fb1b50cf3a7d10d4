import { expect, test } from "vitest";
import { rateLimit } from "../../../src/transport/rateLimit.ts";
import { transportDefaults } from "../../../src/transport/limits.ts";
import { until } from "../../support/until.ts";
import { admitted } from "../../support/rawClient.ts";
import { running } from "../../support/runningApp.ts";
import { noted } from "../../support/smallApi.ts";

/** Ten thousand rows for each delivery, made for each reader alone: `hint` is nobody else's. */
const DEAR =
  'subscription { feed(topic: "a") { cursor ... on Noted { hint note { author { friends(first: 100) { friends(first: 100) { id } } } } } } }';
const CHEAP = 'subscription { feed(topic: "a") { cursor } }';
const ALONE = 'subscription { feed(topic: "a") { cursor ... on Noted { hint } } }';

const counted = (messages: readonly { id?: string; type: string }[], id: string): number =>
  messages.filter((message) => message.id === id && message.type === "next").length;

test("a subscription whose deliveries are dear waits for its user's budget between them; others, and other operations, do not", async () => {
  await using server = await running({ operationsPerSecond: 0.01, burst: 60 });
  const [dear, cheap] = [await admitted(server, "ann"), await admitted(server, "bob")];
  dear.send({ id: "d", type: "subscribe", payload: { query: DEAR } });
  cheap.send({ id: "c", type: "subscribe", payload: { query: CHEAP } });
  cheap.send({ id: "a", type: "subscribe", payload: { query: ALONE } });
  await until("all listen", () => server.feedOf("a").listeners === 3);
  for (let nth = 1; nth <= 40; nth += 1) {
    server.feedOf("a").publish(noted(String(nth)));
    await until("the cheap ones have it", () => counted(cheap.messages, "c") === nth && counted(cheap.messages, "a") === nth);
  }
  // Three cost more than sixty units: the next would come after minutes.
  await until("the budget is used up", () => counted(dear.messages, "d") === 3);
  dear.send({ id: "q", type: "subscribe", payload: { query: "{ hello }" } });
  expect((await dear.message({ id: "q", type: "next" })).payload).toEqual({ data: { hello: "hello world" } });
  expect(counted(dear.messages, "d")).toBe(3);

  // Given up while it waits, it is gone.
  dear.send({ id: "d", type: "complete" });
  await until("it does not listen any more", () => server.feedOf("a").listeners === 2);
  dear.close();
  cheap.close();
});

test("a budget of deliveries fills up with time, and is not the one of operations", () => {
  let now = 0;
  const rate = rateLimit({ ...transportDefaults, operationsPerSecond: 10, burst: 5 }, () => now);
  expect(rate.delivered("ann", 4)).toBe(0);
  expect(rate.delivered("ann", 4)).toBe(300);
  expect(rate.delivered("bob", 4)).toBe(0);
  rate.take({ userId: "ann" }, 1);
  now += 300;
  expect(rate.delivered("ann", 0)).toBe(0);
  expect(rate.delivered("ann", 1)).toBe(100);
  expect(rateLimit({ ...transportDefaults, operationsPerSecond: 0 }).delivered("ann", 1_000)).toBe(0);
});
