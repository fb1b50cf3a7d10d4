import { describe, expect, it } from "vitest";
import { Unavailable } from "../../../../src/ports/faults.ts";
import { newStream, said } from "../../../contracts/eventStore.contract.ts";
import { endings } from "../../../support/faultyEventStore/faults.ts";
import { systemEvent } from "../../../support/faultyEventStore/log.ts";
import { faultOf, insist, serverForTest, storeForTest, textOf } from "../../../support/faultyEventStore/opened.ts";
import { until } from "../../../support/until.ts";

describe("reads that fail", () => {
  it("at once or after some events: the log is unavailable, and half an answer is none", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const stream = newStream();
    const { position } = await store.append(stream, ["a", "b", "c"].map(said), -1);
    for (const name of ["unavailable", "tooBusy", "notReady", "unknown", "cancelled", "timedOut", "accessDenied"] as const) {
      for (const [after, read] of [
        [0, () => store.read(stream, 0, "forwards", 10)],
        [2, () => store.read(stream, 0, "forwards", 10)],
        [0, () => store.readAll(store.origin, 10)],
        [2, () => store.readAll(store.origin, 10)],
        [0, () => store.end()],
      ] as const) {
        server.readFaults.order({ kind: "ends", ending: endings[name], after });
        expect(await faultOf(Promise.resolve<unknown>(read())), name).toBeInstanceOf(Unavailable);
        await insist<unknown>("it can be read again", read);
      }
    }
    expect((await store.read(stream, 0, "forwards", 10)).map(textOf)).toEqual(["a", "b", "c"]);
    expect((await store.end()) >= position).toBe(true);
  });

  it("or are never answered: unavailable in the time they have, and their places are given back", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server, { readTimeoutMs: 200 });
    const stream = newStream();
    await store.append(stream, [said("a")], -1);
    server.readFaults.order({ kind: "silent" }, 150);
    const reads = Array.from({ length: 150 }, () => faultOf(Promise.resolve(store.read(stream, 0, "forwards", 1))));
    for (const fault of await Promise.all(reads)) expect(fault).toBeInstanceOf(Unavailable);
    server.readFaults.clear();
    const read = () => Promise.resolve(store.read(stream, 0, "forwards", 1));
    expect(await insist("it can be read again", read)).toHaveLength(1);
  });

  it("or are never answered: those that wait for their turn are given up with them, and not asked one after the other", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server, { readTimeoutMs: 500 });
    const before = server.reads;
    server.readFaults.order({ kind: "silent" }, 1_000);
    const reads = Array.from({ length: 600 }, () => faultOf(Promise.resolve(store.read(newStream(), 0, "forwards", 1))));
    for (const fault of await Promise.all(reads)) expect(fault).toBeInstanceOf(Unavailable);
    expect(server.reads - before).toBeLessThan(300);
  });

  it("do not end other reads that are under way", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const stream = newStream();
    await store.append(stream, [said("a")], -1);
    server.readFaults.order({ kind: "ends", ending: endings.timedOut, after: 0 }, 5);
    const reads = Array.from({ length: 50 }, () => Promise.resolve(store.read(stream, 0, "forwards", 1)));
    const answered = (await Promise.allSettled(reads)).filter(({ status }) => status === "fulfilled");
    expect(answered).toHaveLength(45);
  });
});

describe("many reads", () => {
  it("five hundred at once are all answered, beside appends and who waits for news", async () => {
    const server = await serverForTest();
    // A busy machine takes its time over so many.
    const store = await storeForTest(server, { readTimeoutMs: 60_000, appendTimeoutMs: 60_000 });
    const stream = newStream();
    await store.append(stream, [said("0")], -1);
    const end = await store.end();
    const waiting = store.changed(end, new AbortController().signal);
    await until("the subscription is open", () => server.subscriptions.open === 1);
    const reads = Array.from({ length: 500 }, (_, index) =>
      Promise.resolve<unknown>(index % 2 === 0 ? store.read(stream, 0, "forwards", 1) : store.readAll(store.origin, 1)),
    );
    const appends = Array.from({ length: 50 }, () => store.append(newStream(), [said("a")], -1));
    expect(await Promise.all(reads)).toHaveLength(500);
    expect(await Promise.all(appends)).toHaveLength(50);
    await waiting;
  });
});

describe("what else is on the server", () => {
  it("the server's own events and other logs' are not shown, and hold up no page", async () => {
    const server = await serverForTest();
    const ours = await storeForTest(server);
    const theirs = await storeForTest(server, { prefix: "other" });
    const stream = newStream();
    for (let number = 0; number < 10; number++) {
      await ours.append(stream, [said(`${number}`)], number - 1);
      await theirs.append(stream, [said(`their ${number}`)], number - 1);
      for (let count = 0; count < 30; count++) server.log.append("$stand-in-statistics", "any", [systemEvent()]);
    }
    for (const [store, expected] of [
      [ours, /^\d$/],
      [theirs, /^their \d$/],
    ] as const) {
      const texts: string[] = [];
      for (let at = store.origin, isTail = false; !isTail;) {
        const page = await store.readAll(at, 3);
        texts.push(...page.events.map(textOf));
        ({ next: at, isTail } = page);
      }
      expect(texts).toHaveLength(10);
      for (const text of texts) expect(text).toMatch(expected);
    }
  });
});
