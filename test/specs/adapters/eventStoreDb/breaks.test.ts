import { describe, expect, it } from "vitest";
import { explained, Unavailable } from "../../../../src/ports/faults.ts";
import { newStream, said } from "../../../contracts/eventStore.contract.ts";
import { endings } from "../../../support/faultyEventStore/faults.ts";
import type { Fate } from "../../../support/faultyEventStore/faultyEventStore.ts";
import {
  appendAgain,
  faultOf,
  follow,
  insist,
  serverForTest,
  storeForTest,
  textOf,
} from "../../../support/faultyEventStore/opened.ts";
import { until } from "../../../support/until.ts";

const FATES: readonly Fate[] = ["answered", "stored", "lost"];

describe("the stream of appends breaks", () => {
  it.each(["unavailable", "unknown", "cancelled", "timedOut"] as const)(
    "%s: each append under way is answered or unknown, and the very same calls again store nothing twice",
    async (name) => {
      const server = await serverForTest();
      const store = await storeForTest(server, { appendTimeoutMs: 60_000 });
      const held = server.holdAppends();
      const appends = Array.from({ length: 60 }, () => ({ stream: newStream(), events: [said("a"), said("b")] }));
      const results = appends.map(({ stream, events }) => store.append(stream, events, -1));
      const settled = Promise.allSettled(results);
      await until("all have come", () => held.count === appends.length);
      held.end(endings[name], (index) => FATES[index % 3] ?? "lost");
      for (const result of await settled) {
        if (result.status === "fulfilled") expect(result.value.revision).toBe(1);
        else expect(result.reason).toMatchObject({ name: "Unavailable", outcome: "unknown" });
      }
      for (const { stream, events } of appends) {
        const { revision, position } = await appendAgain(store, stream, events, -1);
        expect(revision).toBe(1);
        expect(await store.read(stream, 0, "forwards", 10)).toMatchObject([{}, { position }]);
        expect(server.log.stream(stream)).toHaveLength(2);
      }
    },
  );

  it("appends keep their order on the new one, from the first", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    for (let round = 0; round < 5; round++) {
      server.appendFaults.order({ kind: "ends", stored: false, ending: endings.unavailable });
      await faultOf(store.append(newStream(), [said("broken")], -1));
      const [any, exact] = [newStream(), newStream()];
      const texts = Array.from({ length: 20 }, (_, index) => `${index}`);
      const at = texts.map((text, index) => [
        store.append(any, [said(text)], "any"),
        store.append(exact, [said(text)], index - 1),
      ]);
      const results = await Promise.all(at.flat());
      expect(results.map(({ revision }) => revision)).toEqual(texts.flatMap((_, index) => [index, index]));
      expect((await store.read(any, 0, "forwards", 100)).map(textOf)).toEqual(texts);
      expect((await store.read(exact, 0, "forwards", 100)).map(textOf)).toEqual(texts);
    }
  });

  it("many times while many append: each event once, in its order", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const streams = Array.from({ length: 8 }, newStream);
    let broken = 0;
    const writers = streams.map(async (stream) => {
      for (let number = 0; number < 30; number++) {
        if (number % 10 === 9 && broken++ < 16)
          server.appendFaults.order({ kind: "ends", stored: broken % 2 === 0, ending: endings.unavailable });
        expect(await appendAgain(store, stream, [said(`${number}`)], number - 1)).toMatchObject({ revision: number });
      }
    });
    await Promise.all(writers);
    for (const stream of streams) {
      const texts = (await store.read(stream, 0, "forwards", 100)).map(textOf);
      expect(texts).toEqual(Array.from({ length: 30 }, (_, number) => `${number}`));
    }
  });

  it("of one log: another log of the same process does not notice", async () => {
    const [server, other] = [await serverForTest(), await serverForTest()];
    const [store, bystander] = [await storeForTest(server), await storeForTest(other, { appendTimeoutMs: 60_000 })];
    const [held, othersHeld] = [server.holdAppends(), other.holdAppends()];
    const streams = Array.from({ length: 10 }, newStream);
    const broken = streams.map((stream) => faultOf(store.append(stream, [said("a")], -1)));
    const unharmed = streams.map((stream) => bystander.append(stream, [said("a")], -1));
    await until("all have come", () => held.count === 10 && othersHeld.count === 10);
    held.end(endings.unavailable, () => "lost");
    for (const fault of await Promise.all(broken)) expect(fault).toMatchObject({ name: "Unavailable", outcome: "unknown" });
    othersHeld.release();
    for (const { revision } of await Promise.all(unharmed)) expect(revision).toBe(0);
    // And after it.
    for (const stream of streams) expect(await bystander.append(stream, [said("b")], 0)).toMatchObject({ revision: 1 });
    for (const stream of streams) expect(await insist("it is back", () => store.append(stream, [said("b")], "any"))).toBeTruthy();
    expect(server.log.stream(streams[0] ?? "")).toHaveLength(1);
  });
});

describe("a server that goes away and comes back", () => {
  it("reads, appends and who follows go on, without anything to be done", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server, { appendTimeoutMs: 1_000, readTimeoutMs: 1_000 });
    const stream = newStream();
    const following = follow(store, stream, store.origin, 40);
    for (let round = 0; round < 4; round++) {
      for (let number = 10 * round; number < 10 * round + 9; number++)
        await appendAgain(store, stream, [said(`${number}`)], number - 1);
      await server.stop();
      const [number, event] = [10 * round + 9, said(`${10 * round + 9}`)];
      expect(await faultOf(Promise.resolve(store.read(stream, 0, "forwards", 1)))).toBeInstanceOf(Unavailable);
      expect(await faultOf(store.append(stream, [event], number - 1))).toBeInstanceOf(Unavailable);
      await server.start();
      expect(await appendAgain(store, stream, [event], number - 1)).toMatchObject({ revision: number });
      expect(await insist("it can be read", () => store.read(stream, number, "forwards", 9))).toMatchObject([{ id: event.id }]);
    }
    expect(await following).toEqual(Array.from({ length: 40 }, (_, number) => `${number}`));
  });

  it("is killed with appends under way: they are unknown, and stored once", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server, { appendTimeoutMs: 60_000 });
    const held = server.holdAppends();
    const appends = Array.from({ length: 30 }, () => ({ stream: newStream(), events: [said("a")] }));
    const faults = appends.map(({ stream, events }) => faultOf(store.append(stream, events, -1)));
    await until("all have come", () => held.count === appends.length);
    held.release((index) => (index % 2 === 0 ? "stored" : "lost"));
    await server.stop();
    for (const fault of await Promise.all(faults)) expect(fault).toMatchObject({ name: "Unavailable", outcome: "unknown" });
    await server.start();
    for (const { stream, events } of appends) {
      expect(await appendAgain(store, stream, events, -1)).toMatchObject({ revision: 0 });
      expect(server.log.stream(stream)).toHaveLength(1);
    }
  });

  it("is waited for at the start, and who waits is told why", async () => {
    const server = await serverForTest();
    await server.stop();
    const told: string[] = [];
    const opening = storeForTest(server, { waiting: (why) => told.push(why) });
    await until("it was told that the server is waited for", () => told.length > 0);
    await server.start();
    const store = await opening;
    expect(told[0]).toContain(`${server.host}:${server.port}`);
    expect(await store.append(newStream(), [said("a")], -1)).toMatchObject({ revision: 0 });
  });

  it("is not waited for longer than patience allows", async () => {
    const server = await serverForTest();
    await server.stop();
    expect(await faultOf(storeForTest(server, { patienceMs: 1 }))).toBeInstanceOf(Unavailable);
  });

  it("but gives no leave to write is waited for with patience, and not asked without a pause", async () => {
    const server = await serverForTest();
    server.appendFaults.order({ kind: "ends", stored: false, ending: endings.accessDenied }, 1_000);
    const told: string[] = [];
    const fault = await faultOf(storeForTest(server, { patienceMs: 1, waiting: (why) => told.push(why) }));
    expect(fault).toBeInstanceOf(Unavailable);
    expect(explained(fault)).toContain("refuses these credentials");
    expect(server.appends.length).toBe(told.length + 1);
  });
});
