import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { NewEvent, Position } from "../../../src/ports/eventStore.ts";
import type { FoldedLog } from "../../../src/projecting/projection.ts";
import { shareLog } from "../../../src/projecting/sharedLog.ts";
import { memoryLog } from "../../support/memoryLog.ts";

const STREAM = "conversation-g:one";
const LIMIT = 4;

const happened = (): NewEvent => {
  const id = randomUUID();
  const at = "2026-01-01T00:00:00.000Z";
  return { id, type: "MessageSent", data: {}, metadata: { $correlationId: id, $causationId: id, actorId: "ann", at, schema: 1 } };
};

/** A log of so many messages, that counts which pages were asked for. */
async function logOf(count: number) {
  const log = memoryLog();
  const append = async (): Promise<void> => void (await log.append(STREAM, [happened()], "any"));
  for (let index = 0; index < count; index++) await append();
  const asked: Position[] = [];
  const counted: FoldedLog = { ...log, readAll: (after, limit, types) => (asked.push(after), log.readAll(after, limit, types)) };
  return { log, counted, asked, append };
}

/** Reads on from a position to the log's end. */
async function readOn(reader: FoldedLog, from: Position): Promise<{ positions: Position[]; at: Position }> {
  const positions: Position[] = [];
  for (let at = from; ;) {
    const { events, next, isTail } = await reader.readAll(at, LIMIT);
    positions.push(...events.map(({ position }) => position));
    at = next;
    if (isTail) return { positions, at };
  }
}

test("several that follow the log read each page of it once, and all of them see all of it", async () => {
  const { log, counted, asked, append } = await logOf(10);
  const shared = shareLog(counted);
  const readers = [shared.reader(), shared.reader(), shared.reader()];
  const whole = await readOn(log, log.origin);
  for (const { positions, at } of await Promise.all(readers.map((reader) => readOn(reader, log.origin)))) {
    expect(positions).toEqual(whole.positions);
    expect(at).toBe(whole.at);
  }
  expect(asked).toEqual([...new Set(asked)]);
  // What is appended later is seen by all, too, and those who wait for it are told.
  const waiting = Promise.all(readers.map((reader) => reader.changed(whole.at, AbortSignal.timeout(5_000))));
  await append();
  await waiting;
  asked.length = 0;
  for (const reader of readers) expect((await readOn(reader, whole.at)).positions).toEqual([await log.end()]);
  expect(asked.filter((at) => at === whole.at)).toHaveLength(1);
});

test("a reader that fails at a page finds it again, and one that asks for less of a page gets the rest of it next", async () => {
  const { log, counted, asked } = await logOf(8);
  const shared = shareLog(counted);
  const [first, other] = [shared.reader(), shared.reader()];
  const page = await first.readAll(log.origin, LIMIT);
  await first.readAll(page.next, LIMIT);
  const small = await other.readAll(log.origin, LIMIT - 1);
  expect(small).toMatchObject({ isTail: false, events: page.events.slice(0, LIMIT - 1) });
  expect(await other.readAll(log.origin, LIMIT)).toEqual(page);
  expect((await other.readAll(small.next, LIMIT)).events).toEqual(page.events.slice(LIMIT - 1));
  expect(asked).toEqual([log.origin, page.next]);
});

test("events of other types are counted, as by the log itself", async () => {
  const { log, counted } = await logOf(3);
  const types = new Set(["GroupCreated"]);
  const shared = shareLog(counted);
  const [first, other] = [shared.reader(), shared.reader()];
  const expected = await log.readAll(log.origin, LIMIT, types);
  expect(expected.skipped?.count).toBe(3);
  for (const reader of [first, other]) expect(await reader.readAll(log.origin, LIMIT, types)).toEqual(expected);
});

test("whoever is first waits for one that is behind, but not for ever: that one then reads by itself", async () => {
  const { log, counted, asked } = await logOf(20);
  const shared = shareLog(counted, { keptEvents: 2 * LIMIT, patienceMs: 50 });
  const [fast, slow] = [shared.reader(), shared.reader()];
  await slow.readAll(log.origin, LIMIT);
  const { positions } = await readOn(fast, log.origin);
  expect(positions).toHaveLength(20);
  asked.length = 0;
  expect((await readOn(slow, log.origin)).positions).toEqual(positions);
  expect(asked[0]).toBe(log.origin);
});

test("one that is closed is waited for no longer", async () => {
  const { log, counted } = await logOf(20);
  const shared = shareLog(counted, { keptEvents: 2 * LIMIT, patienceMs: 3_600_000 });
  const [fast, slow] = [shared.reader(), shared.reader()];
  await slow.readAll(log.origin, LIMIT);
  const reading = readOn(fast, log.origin);
  slow.close();
  expect((await reading).positions).toHaveLength(20);
});

test("those that begin elsewhere in the log get what follows there", async () => {
  const { log, counted } = await logOf(12);
  const whole = await readOn(log, log.origin);
  const shared = shareLog(counted);
  const [late, early] = [shared.reader(), shared.reader()];
  const from = whole.positions[7] as Position;
  const read = await Promise.all([readOn(late, from), readOn(early, log.origin)]);
  expect(read[0].positions).toEqual(whole.positions.slice(8));
  expect(read[1].positions).toEqual(whole.positions);
});
