import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Unavailable, WrongExpectedRevision } from "../../../../src/ports/faults.ts";
import { newStream, said } from "../../../contracts/eventStore.contract.ts";
import { endings } from "../../../support/faultyEventStore/faults.ts";
import { appendAgain, faultOf, serverForTest, storeForTest, textOf } from "../../../support/faultyEventStore/opened.ts";
import { until } from "../../../support/until.ts";

const UNKNOWN = { name: "Unavailable", outcome: "unknown" };

describe("an append whose answer never comes", () => {
  it.each([
    ["stored", true],
    ["lost", false],
  ])("ends as unknown in the time it has, and the very same call again gives the first result: %s", async (_, stored) => {
    const server = await serverForTest();
    const store = await storeForTest(server, { appendTimeoutMs: 200 });
    const [stream, events] = [newStream(), [said("a"), said("b")]];
    server.appendFaults.order({ kind: "silent", stored });
    expect(await faultOf(store.append(stream, events, -1))).toMatchObject(UNKNOWN);
    // On a busy machine it may come to the server only now.
    await until("the server has it", () => server.log.stream(stream).length === (stored ? 2 : 0));
    const result = await appendAgain(store, stream, events, -1);
    expect(await store.read(stream, 0, "forwards", 10)).toMatchObject([{}, { revision: 1, position: result.position }]);
    expect(result.revision).toBe(1);
    expect(server.log.stream(stream)).toHaveLength(2);
  });

  it("holds up no other append", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server, { appendTimeoutMs: 1_000 });
    server.appendFaults.order({ kind: "silent", stored: false });
    const silent = faultOf(store.append(newStream(), [said("a")], -1));
    await until("it has come", () => server.appends.length >= 2);
    for (let count = 0; count < 20; count++) await store.append(newStream(), [said("b")], -1);
    expect(await silent).toMatchObject(UNKNOWN);
  });

  it("and whose server has fallen silent altogether: appends go on over a new connection", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server, { appendTimeoutMs: 200 });
    const held = server.holdAppends();
    const [stream, event] = [newStream(), said("a")];
    expect(await faultOf(store.append(stream, [event], -1))).toMatchObject(UNKNOWN);
    held.release(() => "stored");
    await appendAgain(store, stream, [event], -1);
    expect(server.log.stream(stream)).toHaveLength(1);
  });
});

describe("a second answer to the same append", () => {
  it("in one breath with the first: the process lives, and appends work", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const [stream, events] = [newStream(), [said("a"), said("b")]];
    server.appendFaults.order({ kind: "twice" });
    const first = await appendAgain(store, stream, events, -1);
    expect(await appendAgain(store, stream, events, -1)).toEqual(first);
    expect(await appendAgain(store, stream, [said("c")], 1)).toMatchObject({ revision: 2 });
    expect(server.log.stream(stream)).toHaveLength(3);
  });

  it("long after the first: what is under way then is answered all the same", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server, { appendTimeoutMs: 60_000 });
    await store.append(newStream(), [said("answered")], -1);
    const held = server.holdAppends();
    const streams = Array.from({ length: 10 }, newStream);
    const appends = streams.map((stream) => store.append(stream, [said("a")], -1));
    await until("all have come", () => held.count === 10);
    server.answerAgain();
    held.release();
    for (const appended of await Promise.all(appends)) expect(appended).toMatchObject({ revision: 0 });
    for (const stream of streams) expect(server.log.stream(stream)).toHaveLength(1);
  });

  it("again and again: every append ends", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    server.appendFaults.order({ kind: "twice" }, 3);
    for (let count = 0; count < 5; count++) {
      const stream = newStream();
      await appendAgain(store, stream, [said("a")], -1);
      expect(server.log.stream(stream)).toHaveLength(1);
    }
  });
});

describe("what the server would not take well is refused before anything is sent", () => {
  it("an id that is no UUID", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const before = server.appends.length;
    for (const id of ["", "b", "01234567-89ab-cdef-0123-456789abcde", `${randomUUID()} `, `{${randomUUID()}}`])
      await expect(store.append(newStream(), [said("a"), { ...said("b"), id }], -1)).rejects.toThrow(TypeError);
    expect(server.appends).toHaveLength(before);
    expect(await store.append(newStream(), [said("a")], -1)).toMatchObject({ revision: 0 });
  });

  it("an id that comes twice, in capitals too, and an append of nothing", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const before = server.appends.length;
    const [a, b] = [said("a"), said("b")];
    for (const events of [[a, b, a], [a, { ...b, id: a.id.toUpperCase() }], []])
      await expect(store.append(newStream(), events, -1)).rejects.toThrow(TypeError);
    expect(server.appends).toHaveLength(before);
  });

  it("more than the server takes in one append", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const before = server.appends.length;
    const events = [said("x".repeat(600_000)), said("y".repeat(600_000))];
    await expect(store.append(newStream(), events, -1)).rejects.toThrow(RangeError);
    expect(server.appends).toHaveLength(before);
    expect(await store.append(newStream(), events.slice(1), -1)).toMatchObject({ revision: 0 });
  });
});

describe("a server whose clock differs", () => {
  it("by half an hour takes appends all the same", async () => {
    const server = await serverForTest({ clockAheadMs: 1_800_000 });
    const store = await storeForTest(server);
    expect(await store.append(newStream(), [said("a")], -1)).toMatchObject({ revision: 0 });
    const deadline = server.appends[server.appends.length - 1]?.deadline?.getTime() ?? 0;
    expect(deadline).toBeGreaterThan(Date.now() + 1_800_000);
  });
});

describe("a server that does not take appends now", () => {
  it.each(["busy", "not ready"] as const)(
    "says that it is %s: the log is unavailable, and the same call is taken later",
    async (kind) => {
      const server = await serverForTest();
      const store = await storeForTest(server);
      const [stream, event] = [newStream(), said("a")];
      server.appendFaults.order({ kind });
      expect(await faultOf(store.append(stream, [event], -1))).toBeInstanceOf(Unavailable);
      expect(await store.append(stream, [event], -1)).toMatchObject({ revision: 0 });
      expect(server.log.stream(stream)).toHaveLength(1);
    },
  );

  it.each([
    ["stored", true],
    ["lost", false],
  ])("did not get it to the other nodes in time: unknown, and stored once: %s", async (_, stored) => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const [stream, event] = [newStream(), said("a")];
    server.appendFaults.order({ kind: "timeout", stored });
    expect(await faultOf(store.append(stream, [event], -1))).toMatchObject(UNKNOWN);
    expect(await store.append(stream, [event], -1)).toMatchObject({ revision: 0 });
    expect(server.log.stream(stream)).toHaveLength(1);
  });
});

describe("the question which calls the server has, which comes before the first append", () => {
  it.each(["unavailable", "unknown", "cancelled", "timedOut"] as const)("fails (%s): appends work soon after", async (name) => {
    const server = await serverForTest();
    server.probeFaults.order(endings[name]);
    const store = await storeForTest(server);
    expect(await store.append(newStream(), [said("a")], -1)).toMatchObject({ revision: 0 });
    // It is asked again after a break.
    const [stream, event] = [newStream(), said("b")];
    server.probeFaults.order(endings[name]);
    server.appendFaults.order({ kind: "ends", stored: false, ending: endings.unavailable });
    expect(await faultOf(store.append(stream, [event], -1))).toMatchObject(UNKNOWN);
    await appendAgain(store, stream, [event], -1);
    expect(server.log.stream(stream)).toHaveLength(1);
  });

  it("is never answered: appends work all the same, after their time limit", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server, { appendTimeoutMs: 200 });
    const [stream, event] = [newStream(), said("b")];
    server.probeFaults.order("silent");
    server.appendFaults.order({ kind: "ends", stored: false, ending: endings.unavailable });
    expect(await faultOf(store.append(stream, [event], -1))).toMatchObject(UNKNOWN);
    await appendAgain(store, stream, [event], -1);
    expect(server.log.stream(stream)).toHaveLength(1);
  });
});

describe("an answer without a position", () => {
  it("to a repeated append: the first result, position and all", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const [stream, events] = [newStream(), [said("a"), said("b"), said("c")]];
    const first = await store.append(stream, events, -1);
    await store.append(stream, [said("d")], 2);
    server.appendFaults.order({ kind: "no position" }, 2);
    expect(await store.append(stream, events, -1)).toEqual(first);
    const part = await store.append(stream, events.slice(0, 2), -1);
    const stored = await store.read(stream, 0, "forwards", 10);
    expect(part).toMatchObject({ revision: 1, position: stored[1]?.position });
  });

  it("to a first append: the event's own", async () => {
    const server = await serverForTest();
    const store = await storeForTest(server);
    const stream = newStream();
    server.appendFaults.order({ kind: "no position" });
    const { position } = await store.append(stream, [said("a"), said("b")], -1);
    expect((await store.read(stream, 1, "forwards", 1))[0]?.position).toBe(position);
    expect((await store.end()) >= position).toBe(true);
  });
});

it("a server without batches takes appends one by one", async () => {
  const server = await serverForTest({ batchAppend: false });
  const store = await storeForTest(server);
  const stream = newStream();
  const events = [said("a"), said("b")];
  const first = await store.append(stream, events, -1);
  expect(await store.append(stream, events, -1)).toEqual(first);
  expect(await faultOf(store.append(stream, [said("c")], 7))).toBeInstanceOf(WrongExpectedRevision);
  for (const kind of ["busy", "not ready"] as const) {
    server.appendFaults.order({ kind });
    expect(await faultOf(store.append(stream, [said("c")], 1))).toBeInstanceOf(Unavailable);
  }
  expect((await store.read(stream, 0, "forwards", 10)).map(textOf)).toEqual(["a", "b"]);
  expect(server.appends.every(({ call }) => call === "Append")).toBe(true);
});
