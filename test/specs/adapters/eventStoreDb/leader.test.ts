import { describe, expect, it } from "vitest";
import { eventStoreDbReader } from "../../../../src/adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { explained } from "../../../../src/ports/faults.ts";
import { newStream, said } from "../../../contracts/eventStore.contract.ts";
import { endings } from "../../../support/faultyEventStore/faults.ts";
import type { FaultyEventStore } from "../../../support/faultyEventStore/faultyEventStore.ts";
import { appendAgain, clusterForTest, faultOf, follow, insist, storeForTest } from "../../../support/faultyEventStore/opened.ts";
import { until } from "../../../support/until.ts";

describe("another node becomes the leader", () => {
  it("appends go on there, and what a deposed leader could not answer is stored once", async () => {
    const cluster = await clusterForTest();
    const store = await storeForTest(cluster);
    const [deposed, elected] = cluster.nodes as [FaultyEventStore, FaultyEventStore];
    const stream = newStream();
    const appends = Array.from({ length: 30 }, () => ({ stream: newStream(), events: [said("a"), said("b")] }));
    const held = deposed.holdAppends();
    const results = Promise.allSettled(appends.map(({ stream: each, events }) => store.append(each, events, -1)));
    await until("all have come", () => held.count === appends.length);
    cluster.elect(elected);
    held.end(endings.notLeader(elected.host, elected.port), (index) => (index % 2 === 0 ? "stored" : "lost"));
    for (const result of await results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ name: "Unavailable", outcome: "unknown" });
    const before = deposed.appends.length;
    for (const { stream: each, events } of appends) {
      expect(await appendAgain(store, each, events, -1)).toMatchObject({ revision: 1 });
      expect(cluster.leader.log.stream(each)).toHaveLength(2);
    }
    await store.append(stream, [said("later")], -1);
    expect(deposed.appends).toHaveLength(before);
    expect(elected.appends[elected.appends.length - 1]).toMatchObject({ stream });
  });

  it("reads go on there: what was acknowledged is found at once, though followers lag", async () => {
    const cluster = await clusterForTest();
    const store = await storeForTest(cluster);
    const stream = newStream();
    for (const [round, elected] of [...cluster.nodes, ...cluster.nodes].entries()) {
      cluster.elect(elected);
      const catchUp = cluster.nodes.filter((node) => node !== elected).map((node) => node.lag());
      const { position } = await appendAgain(store, stream, [said(`${round}`)], round - 1);
      expect(await insist("the leader is read", () => store.read(stream, round, "backwards", 1))).toMatchObject([{ position }]);
      expect((await insist("the leader is read", () => store.end())) >= position).toBe(true);
      for (const go of catchUp) go();
    }
  });

  it("who follows goes on, though the node it follows goes away", async () => {
    const cluster = await clusterForTest();
    const store = await storeForTest(cluster, { appendTimeoutMs: 1_000, readTimeoutMs: 1_000 });
    const stream = newStream();
    const following = follow(store, stream, store.origin, 30);
    for (let round = 0; round < 3; round++) {
      for (let number = 10 * round; number < 10 * round + 10; number++)
        await appendAgain(store, stream, [said(`${number}`)], number - 1);
      const [killed, elected] = [cluster.nodes[round % 3], cluster.nodes[(round + 1) % 3]] as [
        FaultyEventStore,
        FaultyEventStore,
      ];
      await killed.stop();
      cluster.elect(elected);
      await appendAgain(store, newStream(), [said("elsewhere")], -1);
      await killed.start();
    }
    expect(await following).toEqual(Array.from({ length: 30 }, (_, number) => `${number}`));
  });
});

describe("nodes that are away", () => {
  it("the first of the addresses, from the start: the others are asked", async () => {
    const cluster = await clusterForTest();
    const [first, second, third] = cluster.nodes as [FaultyEventStore, FaultyEventStore, FaultyEventStore];
    cluster.elect(third);
    await first.stop();
    const store = await storeForTest(cluster);
    expect(await store.append(newStream(), [said("a")], -1)).toMatchObject({ revision: 0 });
    await second.stop();
    expect(await insist("it can be read", () => store.end())).not.toBe(store.origin);
  });

  it("all of them, for longer than they are looked for: all goes on when they are back", async () => {
    const cluster = await clusterForTest();
    const store = await storeForTest(cluster, { appendTimeoutMs: 1_000, readTimeoutMs: 1_000 });
    const stream = newStream();
    const following = follow(store, stream, store.origin, 2);
    await store.append(stream, [said("0")], -1);
    await Promise.all(cluster.nodes.map((node) => node.stop()));
    const event = said("1");
    const lookedFor = async (): Promise<boolean> =>
      explained(await faultOf(store.append(stream, [event], 0))).includes("Failed to discover");
    await until("it has been given up to look for them", lookedFor);
    await Promise.all(cluster.nodes.map((node) => node.start()));
    expect(await appendAgain(store, stream, [event], 0)).toMatchObject({ revision: 1 });
    expect(await following).toEqual(["0", "1"]);
  });
});

describe("a reader that a follower serves", () => {
  it("sees what that node has, and the rest as soon as it comes", async () => {
    const cluster = await clusterForTest();
    const store = await storeForTest(cluster);
    const [, follower] = cluster.nodes as [FaultyEventStore, FaultyEventStore];
    const stream = newStream();
    await store.append(stream, [said("0")], -1);
    const catchUp = follower.lag();
    const reader = await eventStoreDbReader(follower.url, {}, store);
    const following = follow(reader, stream, store.origin, 3);
    for (const text of ["1", "2"]) await store.append(stream, [said(text)], Number(text) - 1);
    expect((await reader.readAll(reader.origin, 10)).events).toHaveLength(1);
    catchUp();
    expect(await following).toEqual(["0", "1", "2"]);
    await reader.close();
  });
});
