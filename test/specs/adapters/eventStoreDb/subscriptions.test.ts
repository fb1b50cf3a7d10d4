import { describe, expect, it } from "vitest";
import { newStream, said } from "../../../contracts/eventStore.contract.ts";
import { endings } from "../../../support/faultyEventStore/faults.ts";
import { follow, insist, serverForTest, storeForTest, textOf } from "../../../support/faultyEventStore/opened.ts";
import { until } from "../../../support/until.ts";

const numbers = (count: number): string[] => Array.from({ length: count }, (_, number) => `${number}`);

describe("a subscription that breaks", () => {
  it.each(["unavailable", "cancelled", "timedOut", "unknown", "tooBusy"] as const)(
    "%s, after every few events: who follows misses nothing and sees nothing twice",
    async (name) => {
      const server = await serverForTest();
      const store = await storeForTest(server);
      const stream = newStream();
      server.subscriptionFaults.order({ kind: "ends", ending: endings[name], after: 7 }, 6);
      server.subscriptionFaults.order({ kind: "ends", ending: endings[name], after: 0 }, 1);
      const following = follow(store, stream, store.origin, 60);
      for (const text of numbers(60)) await store.append(stream, [said(text)], Number(text) - 1);
      expect(await following).toEqual(numbers(60));
      expect(server.subscriptions.begun).toBeGreaterThan(1);
    },
  );

  it("while it is idle: what comes next is heard", async () => {
    const server = await serverForTest();
    const [store, writer] = [await storeForTest(server), await storeForTest(server)];
    const stream = newStream();
    const following = follow(store, stream, store.origin, 5);
    for (const text of numbers(5)) {
      await until("it is open", () => server.subscriptions.open === 1);
      server.endSubscriptions(endings.unavailable);
      // Another process's, so that nothing but the subscription tells of it.
      await writer.append(stream, [said(text)], Number(text) - 1);
    }
    expect(await following).toEqual(numbers(5));
  });

  it("in the midst of an old log: it goes on where it was", async () => {
    const server = await serverForTest();
    const [store, writer] = [await storeForTest(server), await storeForTest(server)];
    const stream = newStream();
    await writer.append(stream, numbers(500).map(said), -1);
    server.subscriptionFaults.order({ kind: "ends", ending: endings.cancelled, after: 90 }, 4);
    expect(await follow(store, stream, store.origin, 500)).toEqual(numbers(500));
  });

  it("is one, however many wait", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const end = await store.end();
    const waiting = Array.from({ length: 300 }, () => store.changed(end, new AbortController().signal));
    await until("it is open", () => server.subscriptions.open > 0);
    expect(server.subscriptions.open).toBe(1);
    await store.append(newStream(), [said("a")], -1);
    await Promise.all(waiting);
  });
});

describe("a subscription that says nothing", () => {
  it("of what another process appends is opened anew: who waits hears of it", async () => {
    const server = await serverForTest();
    const [store, writer] = [await storeForTest(server, { readTimeoutMs: 200 }), await storeForTest(server)];
    server.subscriptionFaults.order({ kind: "silent" }, 1);
    const changed = store.changed(await store.end(), new AbortController().signal);
    await writer.append(newStream(), [said("a")], -1);
    await changed;
    expect(server.subscriptions.begun).toBe(1);
  });

  it("is given up by who reads on: an old log is read to its end all the same", async () => {
    const server = await serverForTest();
    const [store, writer] = [await storeForTest(server, { readTimeoutMs: 200 }), await storeForTest(server)];
    const stream = newStream();
    const { position } = await writer.append(stream, numbers(50).map(said), -1);
    server.subscriptionFaults.order({ kind: "silent" }, 2);
    const texts: string[] = [];
    for (let at = store.origin; at < position;) {
      const page = await insist("the next page can be read", () => store.readAll(at, 10));
      texts.push(...page.events.map(textOf));
      at = page.next;
    }
    expect(texts).toEqual(numbers(50));
  });
});

describe("several who read on at once", () => {
  it("at different places of an old log each get all of it, though there is one subscription", async () => {
    const server = await serverForTest();
    const [store, writer] = [await storeForTest(server), await storeForTest(server)];
    for (let sent = 0; sent < 120; sent += 20) await writer.append(newStream(), numbers(20).map(said), -1);
    const readAll = async (limit: number): Promise<number> => {
      for (let [at, count] = [store.origin, 0]; ;) {
        const page = await store.readAll(at, limit);
        count += page.events.length;
        if (page.isTail) return count;
        at = page.next;
      }
    };
    expect(await Promise.all([readAll(7), readAll(10), readAll(10), readAll(13)])).toEqual([120, 120, 120, 120]);
  });
});

describe("who is done", () => {
  it("while appends are under way hears their outcome first", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const held = server.holdAppends();
    const append = store.append(newStream(), [said("a")], -1);
    await until("it has come", () => held.count === 1);
    const closed = store.close();
    held.release();
    expect(await append).toMatchObject({ revision: 0 });
    await closed;
  });

  it("with the log in the midst of an old one, which its subscription holds ready, is done soon", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    for (let sent = 0; sent < 6_000; sent += 500) await store.append(newStream(), numbers(500).map(said), -1);
    const { next } = await store.readAll(store.origin, 10);
    await store.readAll(next, 10);
    await store.close();
    await until("the server has been left", () => server.subscriptions.open === 0);
  });

  it("with the log leaves no call behind", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const waiting = store.changed(await store.end(), new AbortController().signal);
    await until("it is open", () => server.subscriptions.open === 1);
    await store.close();
    await waiting;
    await until("the server has been left", () => server.subscriptions.open === 0);
  });
});
