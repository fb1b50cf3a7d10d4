import { expect, it } from "vitest";
import type { Open } from "../../../../src/ports/awaitable.ts";
import type { Appended, EventStore } from "../../../../src/ports/eventStore.ts";
import type { LogReader } from "../../../../src/adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { newStream, said } from "../../../contracts/eventStore.contract.ts";
import { endings } from "../../../support/faultyEventStore/faults.ts";
import {
  appendAgain,
  faultOf,
  fedReaderForTest,
  follow,
  serverForTest,
  storeForTest,
} from "../../../support/faultyEventStore/opened.ts";
import { until } from "../../../support/until.ts";

const numbers = (count: number): string[] => Array.from({ length: count }, (_, number) => `${number}`);

/** Follows the log for ever, as projections do. */
function followsOn(reader: Open<LogReader>): void {
  void (async () => {
    for (let at = reader.origin; ;) {
      await reader.changed(at, new AbortController().signal);
      at = (await reader.readAll(at, 100)).next;
    }
  })().catch(() => {});
}

/** Appends until the feed tells of what is appended. */
const seen = async (store: EventStore): Promise<{ stream: string; appended: Appended }> =>
  until("the feed is there", async () => {
    const stream = newStream();
    const appended = await store.append(stream, [said("a"), said("b")], -1);
    return appended.seen && { stream, appended };
  });

it("the readers of a process share one subscription", async () => {
  const server = await serverForTest();
  const store = await storeForTest(server);
  const readers = [await fedReaderForTest(server, store), await fedReaderForTest(server, store)];
  const stream = newStream();
  const following = readers.map((reader) => follow(reader, stream, store.origin, 60));
  await until("it is open", () => server.subscriptions.open > 0);
  for (const text of numbers(60)) await store.append(stream, [said(text)], Number(text) - 1);
  for (const texts of await Promise.all(following)) expect(texts).toEqual(numbers(60));
  // One of them may have been ahead of the other at first.
  await until("it is one", () => server.subscriptions.open === 1);
});

it("what an append stored is told of by the feed, and not of a repeat", async () => {
  const server = await serverForTest();
  const store = await storeForTest(server);
  followsOn(await fedReaderForTest(server, store));
  const { stream, appended } = await seen(store);
  const events = await store.read(stream, 0, "forwards", 10);
  expect(appended.seen).toEqual(events.map(({ position }) => position));
  expect(appended.position).toBe(appended.seen?.[1]);
  const [repeated] = [said("c")];
  const first = await store.append(stream, [repeated], 1);
  expect(await store.append(stream, [repeated], 1)).toEqual({ revision: 2, position: first.position });
});

it("without a feed, an append does not wait for one", async () => {
  const server = await serverForTest();
  const store = await storeForTest(server);
  expect((await store.append(newStream(), [said("a")], -1)).seen).toBeUndefined();
});

it("a subscription that breaks: each reader misses nothing and sees nothing twice", async () => {
  const server = await serverForTest();
  const store = await storeForTest(server);
  const readers = [await fedReaderForTest(server, store), await fedReaderForTest(server, store)];
  const stream = newStream();
  server.subscriptionFaults.order({ kind: "ends", ending: endings.unavailable, after: 7 }, 6);
  const following = readers.map((reader) => follow(reader, stream, store.origin, 60));
  for (const text of numbers(60)) await appendAgain(store, stream, [said(text)], Number(text) - 1);
  for (const texts of await Promise.all(following)) expect(texts).toEqual(numbers(60));
  expect(server.subscriptions.begun).toBeGreaterThan(1);
});

it("a subscription that is silent: each reader hears of what is appended", async () => {
  const server = await serverForTest();
  const store = await storeForTest(server);
  const readers = [
    await fedReaderForTest(server, store, { readTimeoutMs: 200 }),
    await fedReaderForTest(server, store, { readTimeoutMs: 200 }),
  ];
  server.subscriptionFaults.order({ kind: "silent" }, 1);
  const stream = newStream();
  const following = readers.map((reader) => follow(reader, stream, store.origin, 1));
  await store.append(stream, [said("a")], -1);
  for (const texts of await Promise.all(following)) expect(texts).toEqual(["a"]);
});

it("a thread that has fallen silent is replaced: its readers are given the feed of the next one", async () => {
  const server = await serverForTest();
  const store = await storeForTest(server, { appendTimeoutMs: 200 });
  const reader = await fedReaderForTest(server, store);
  const [stream, event] = [newStream(), said("0")];
  const following = follow(reader, stream, store.origin, 20);
  await seen(store);
  const held = server.holdAppends();
  await faultOf(store.append(stream, [event], -1));
  held.release(() => "stored");
  await appendAgain(store, stream, [event], -1);
  for (const text of numbers(20).slice(1)) await appendAgain(store, stream, [said(text)], Number(text) - 1);
  expect(await following).toEqual(numbers(20));
  await seen(store);
});
