import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readAhead, startReadAhead } from "../../../src/adapters/eventStore/sqlite/readAhead.ts";
import { packed, unpacked } from "../../../src/adapters/eventStore/sqlite/packedPage.ts";
import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { type PageRow, sqliteLogReader } from "../../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import type { EventStore, NewEvent } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { tempDir } from "../../support/tempDir.ts";
import { unexpected } from "../../support/unexpected.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
let store: Open<EventStore>;
beforeEach(async () => {
  folder = await tempDir();
  store = await sqliteEventStore(folder.path);
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

const TYPES = ["Said", "Read", "Left"];
const event = (type: string, text: string): NewEvent => ({
  id: crypto.randomUUID(),
  type,
  data: { text, more: [text, { [text]: null }] },
  metadata: { $correlationId: text, $causationId: "c", actorId: "someone", at: "2024-01-02T03:04:05.678Z", schema: 1 },
});
const append = (stream: number, type: string, text: string) => store.append(`stream-${stream}`, [event(type, text)], "any");

const texts = fc.oneof(
  fc.constantFrom("", "\0", "\ud83d", "𝄞中é", '"\\\n', "x".repeat(5_000)),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const step = fc.oneof(
  fc.record({ append: fc.array(fc.tuple(fc.nat(3), fc.constantFrom(...TYPES), texts), { minLength: 1, maxLength: 6 }) }),
  // More of it, so that there is something to read ahead, and often the same, as a fold reads.
  {
    weight: 3,
    arbitrary: fc.record({ limit: fc.constantFrom(1, 2, 2, 2, 5), types: fc.constantFrom(undefined, undefined, 0, 1) }),
  },
  fc.record({ from: fc.nat(30) }),
);
const wanted = [new Set(["Said"]), new Set(["Read", "Left"])] as const;

test("it gives what the other reader gives at the same moment, wherever it reads on and whatever comes meanwhile", async () => {
  const seed = Number(process.env["PROPERTY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`read ahead: PROPERTY_SEED=${seed}`);
  await append(0, "Said", "first");
  const plain = sqliteLogReader(folder.path);
  const property = fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
    const ahead = readAhead(folder.path, startReadAhead(folder.path, unexpected).port);
    try {
      let at = plain.origin;
      for (const next of steps) {
        if ("append" in next) await Promise.all(next.append.map((of) => append(...of)));
        else if ("from" in next) at = (await plain.readAll(plain.origin, next.from + 1)).next;
        else {
          const types = next.types === undefined ? undefined : wanted[next.types];
          const expected = await plain.readAll(at, next.limit, types);
          expect(await ahead.readAll(at, next.limit, types)).toEqual(expected);
          at = expected.next;
        }
      }
    } finally {
      await ahead.close();
    }
  });
  await fc.assert(property, { seed, numRuns: 40 });
  await plain.close();
});

test("what was appended after a page was read ahead is in it where it was the log's last one", async () => {
  for (let n = 0; n < 6; n++) await append(0, "Said", String(n));
  const ahead = readAhead(folder.path, startReadAhead(folder.path, unexpected).port);
  const first = await ahead.readAll(ahead.origin, 4);
  expect([first.events.length, first.isTail]).toEqual([4, false]);
  // The next page is on its way, or was read: with two events, and as the last one.
  await append(0, "Said", "late");
  const second = await ahead.readAll(first.next, 4);
  expect(second.events.map(({ data }) => (data as { text: string }).text)).toEqual(["4", "5", "late"]);
  expect(second.isTail).toBe(true);
  await ahead.close();
});

test("who reads while it is closed is told so, and nothing is left behind", async () => {
  for (let n = 0; n < 50; n++) await append(0, "Said", String(n));
  const ahead = readAhead(folder.path, startReadAhead(folder.path, unexpected).port);
  const pages = [1, 2, 3].map(async (limit) => ahead.readAll(ahead.origin, limit));
  const ended = Promise.allSettled(pages);
  await ahead.close();
  for (const outcome of await ended) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(Unavailable);
  await expect((async () => ahead.readAll(ahead.origin, 1))()).rejects.toThrow(/the log is closed/);
  await ahead.close();
});

test("if the thread that reads ahead has ended, what it was asked for fails once, and is read without it from then on", async () => {
  for (let n = 0; n < 5; n++) await append(0, "Said", String(n));
  const { port1: port, port2: thread } = new MessageChannel();
  const ahead = readAhead(folder.path, port);
  const unanswered = (async () => ahead.readAll(ahead.origin, 3))();
  thread.close();
  await expect(unanswered).rejects.toThrow(Unavailable);
  const plain = sqliteLogReader(folder.path);
  expect(await ahead.readAll(ahead.origin, 3)).toEqual(await plain.readAll(plain.origin, 3));
  await plain.close();
  await ahead.close();
});

test("the thread ends when its reader is closed, and when the thread of its reader ends by a fault", async () => {
  const first = startReadAhead(folder.path, unexpected);
  const ahead = readAhead(folder.path, first.port);
  await append(0, "Said", "one");
  await ahead.readAll(ahead.origin, 1);
  await ahead.close();
  await first.left;

  const second = startReadAhead(folder.path, unexpected);
  // It asks all the time, so that its end comes in the midst of a statement.
  const code = `
    const { workerData: port } = require("node:worker_threads");
    let id = 0;
    const ask = () => port.postMessage({ id: ++id, after: 0, limit: 1000, types: undefined });
    port.on("message", () => { if (id > 200) throw new Error("a fault"); ask(); ask(); });
    ask();
  `;
  const asking = new Worker(code, { eval: true, workerData: second.port, transferList: [second.port] });
  const [fault] = (await once(asking, "error")) as [Error];
  expect(fault.message).toBe("a fault");
  await second.left;
});

test("a page that is too long for one text is given in parts, whole events each", () => {
  // With the id, the metadata and the line feeds between them, a text is 6 characters longer than its data.
  const rows = [3, 4, 5, 90, 2, 2].map((length, index): PageRow => [
    index + 1,
    "stream-0",
    index,
    "Said",
    `id\n{}\n${JSON.stringify("x".repeat(length - 2))}`,
    0,
  ]);
  const parts: number[][] = [];
  for (let at = 0; at < rows.length;) {
    const page = packed({ rows: rows.slice(at), next: 6, isTail: true }, undefined, 21);
    const { events, isTail, next } = unpacked("log00000", page);
    parts.push(events.map(({ revision }) => revision));
    at += events.length;
    expect(isTail).toBe(at === rows.length);
    expect(next).toBe(`log00000.0000000000${at}`);
  }
  expect(parts).toEqual([[0, 1], [2], [3], [4, 5]]);
});

test("a position of another log is refused before anything is read", async () => {
  const ahead = readAhead(folder.path, startReadAhead(folder.path, unexpected).port);
  await expect((async () => ahead.readAll("another0.00000000001", 1))()).rejects.toThrow(RangeError);
  await ahead.close();
});
