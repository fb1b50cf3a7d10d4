import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { relations } from "../../../projections/relations.ts";
import { timelines } from "../../../projections/timelines.ts";
import { readMarks } from "../../../projections/readMarks.ts";
import { readViews } from "../../../projections/views.ts";
import type { RangeQuery, Write } from "../../../src/ports/viewStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { foldingInto, logOf } from "../../../src/projecting/past/folded.ts";
import { historyOf, type HistoryOptions } from "../../../src/projecting/past/history.ts";
import { memoryRows } from "../../../src/projecting/past/memoryRows.ts";
import { TooLong } from "../../../src/projecting/past/tooLong.ts";
import {
  edited,
  GROUP,
  groupCreated,
  type Happened,
  joined,
  left,
  membersImported,
  readUpTo,
  recalled,
  sent,
} from "../../support/happened.ts";
import { type MemoryLog, memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { runs, seed } from "../../support/property.ts";

/** Seconds after the beginning, as a time. */
const at = (second: number): string => new Date(Date.UTC(2024, 0, 1) + second * 1_000).toISOString();

/** A log in which each of these happened a second after the one before, but for those that say when. */
async function logWith(...events: readonly Happened[]): Promise<MemoryLog> {
  const log = memoryLog();
  for (const [index, { stream, type, data, actorId, at: when }] of events.entries()) {
    const id = crypto.randomUUID();
    const metadata = { $correlationId: id, $causationId: id, actorId, at: when ?? at(index + 1), schema: 1 };
    await log.append(stream, [{ id, type, data, metadata }], "any");
  }
  return log;
}

const history = (log: MemoryLog, until: string, more: Partial<HistoryOptions> = {}) =>
  historyOf({
    log,
    conversation: GROUP,
    until,
    mostEvents: 10_000,
    mostBytes: 10_000_000,
    mostStreams: 10_000,
    signal: new AbortController().signal,
    ...more,
  });

const typesOf = async (log: MemoryLog, until: string) => (await history(log, until)).events.map(({ type }) => type);

describe("the events of a conversation up to a time", () => {
  it("are those of all its streams, in the order of the log, and of no other conversation", async () => {
    const log = await logWith(
      groupCreated("ann"),
      joined("bob"),
      sent("ann"),
      sent("eve", { conversationId: "g:others" }),
      edited("ann", 1, "hi"),
      readUpTo("bob", 1),
      recalled("ann", 1),
      left("bob"),
    );
    expect(await typesOf(log, at(0))).toEqual([]);
    expect(await typesOf(log, at(3))).toEqual(["GroupCreated", "MemberJoined", "MessageSent"]);
    expect(await typesOf(log, at(6))).toEqual(["GroupCreated", "MemberJoined", "MessageSent", "MessageEdited", "ReadUpTo"]);
    expect(await typesOf(log, at(60))).toHaveLength(7);
  });

  it("say what of it is gone by now, whenever that was", async () => {
    const log = await logWith(groupCreated("ann"), sent("ann"), sent("ann"), recalled("ann", 2));
    const { events, gone } = await history(log, at(3));
    expect(events.map(({ type }) => type)).not.toContain("MessageRecalled");
    expect([...gone]).toEqual([[2, { how: "recalled", at: at(4) }]]);
  });

  it("are a beginning of the log, whatever the clocks of servers say: its clock never goes back", async () => {
    const log = await logWith(
      groupCreated("ann"),
      { ...sent("ann"), at: at(100) },
      { ...edited("ann", 1, "before it was sent, by another clock"), at: at(50) },
      sent("ann"),
    );
    expect(await typesOf(log, at(60))).toEqual(["GroupCreated"]);
    expect(await typesOf(log, at(100))).toHaveLength(4);
  });

  it("have the people whom an archive brought", async () => {
    const log = await logWith(groupCreated("ann"), membersImported("bob", "cat"), sent("cat"), readUpTo("bob", 1));
    expect(await typesOf(log, at(9))).toContain("ReadUpTo");
  });

  it("have the newest marks of somebody with thousands, found without reading all of them", async () => {
    const sends = Array.from({ length: 400 }, () => sent("ann"));
    const marks = Array.from({ length: 400 }, (_, index) => readUpTo("bob", index + 1));
    const log = await logWith(groupCreated("ann"), joined("bob"), ...sends, ...marks);
    const before = log.calls.length;
    const { events } = await history(log, at(402 + 250));
    const reads = log.calls
      .slice(before)
      .flatMap((call) => (call.op === "read" && call.stream.startsWith("reader-bob") ? [call] : []));
    expect(reads.length).toBeLessThan(20);
    const own = events.filter(({ type }) => type === "ReadUpTo").map(({ data }) => (data as { seq: number }).seq);
    expect(own).toEqual(Array.from({ length: 100 }, (_, index) => 151 + index));
  });

  it("cost what the conversation holds, and not what the log does", async () => {
    const own = [groupCreated("ann"), sent("ann"), sent("ann")];
    const others = Array.from({ length: 300 }, () => sent("eve", { conversationId: "g:others" }));
    const counted = async (log: MemoryLog) => {
      const before = log.calls.length;
      await history(log, at(1_000));
      return log.calls.length - before;
    };
    expect(await counted(await logWith(...own, ...others))).toBe(await counted(await logWith(...own)));
  });

  it("are refused where they are too many, or in too many streams", async () => {
    const log = await logWith(groupCreated("ann"), sent("ann"), sent("ann"), sent("ann"));
    await expect(history(log, at(9), { mostEvents: 3 })).rejects.toThrow(new TooLong("it has more than 3 events up to then"));
    await expect(history(log, at(9), { mostBytes: 500 })).rejects.toThrow(TooLong);
    await expect(history(log, at(9), { mostStreams: 3 })).rejects.toThrow(new TooLong("it is in more than 3 streams"));
    await history(log, at(9), { mostEvents: 4, mostStreams: 6 });
  });

  it("are given up when nobody waits for them, with nothing left under way", async () => {
    const log = await logWith(groupCreated("ann"), ...Array.from({ length: 50 }, () => sent("ann")));
    const stop = new AbortController();
    const read = log.read.bind(log);
    log.read = async (...of) => {
      if (of[0].startsWith("annotation")) stop.abort(new Error("enough"));
      return read(...of);
    };
    await expect(history(log, at(99), { signal: stop.signal })).rejects.toThrow("enough");
    const after = log.calls.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.calls.length).toBe(after);
  });
});

describe("folding a part of a log", () => {
  const projections = [relations, timelines, readMarks];
  const { signal } = new AbortController();

  it("gives the rows that a server has, and goes on from where it was", async () => {
    const log = await logWith(groupCreated("ann"), joined("bob"), sent("ann"), edited("ann", 1, "hi"), left("bob"));
    const { events } = await history(log, at(9));
    const shown = logOf(events);
    const store = memoryRows(1_000_000);
    const fold = foldingInto({ log: shown, store, projections });
    const views = readViews(store);
    shown.show(3);
    await fold(signal);
    expect((await views.timelines.message(GROUP, 1))?.text).toBe("hello");
    expect((await views.relations.group(GROUP))?.memberCount).toBe(2);
    shown.show(events.length);
    await fold(signal);
    expect((await views.timelines.message(GROUP, 1))?.text).toBe("hi");
    expect((await views.relations.group(GROUP))?.memberCount).toBe(1);
  });

  it("is refused where an event cannot be handled: what is shown then would be wrong", async () => {
    const log = await logWith(groupCreated("ann"), left("bob"));
    const { events } = await history(log, at(9));
    const fold = foldingInto({ log: logOf(events), store: memoryRows(1_000_000), projections });
    await expect(fold(signal)).rejects.toThrow(Unavailable);
  });

  it("takes no more memory than it may", async () => {
    const log = await logWith(
      groupCreated("ann"),
      ...Array.from({ length: 20 }, () => sent("ann", { text: "x".repeat(10_000) })),
    );
    const { events } = await history(log, at(99));
    const fold = foldingInto({ log: logOf(events), store: memoryRows(100_000), projections });
    await expect(fold(signal)).rejects.toThrow(TooLong);
  });
});

const name = fc.constantFrom("a", "b", "ab", "b0");
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({
    op: fc.constant("put" as const),
    table: name,
    partition: name,
    sort: name,
    value: fc.oneof(fc.nat(), fc.string()),
  }),
  fc.record({
    op: fc.constant("putEach" as const),
    table: name,
    partitions: fc.uniqueArray(name, { maxLength: 3 }),
    sort: name,
    value: fc.oneof(fc.nat(), fc.string()),
  }),
  fc.record({ op: fc.constant("del" as const), table: name, partition: name, sort: name }),
);
const asked = fc.record({
  table: name,
  partition: name,
  query: fc.record(
    { after: name, before: name, limit: fc.integer({ min: 1, max: 4 }), reverse: fc.boolean() },
    { requiredKeys: ["limit"] },
  ),
});

test("rows in memory are read as from any other store", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(write, { maxLength: 8 }), { maxLength: 6 }), fc.array(asked), async (commits, ranges) => {
      const [mine, other] = [memoryRows(1_000_000), memoryViews()];
      for (const writes of commits) {
        await mine.commit(writes);
        await other.commit(writes);
      }
      for (const { table, partition, query } of ranges) {
        const found = await mine.range(table, partition, query);
        expect(found).toEqual(await other.range(table, partition, query as RangeQuery));
        for (const { sort } of found)
          expect(await mine.get(table, partition, sort)).toEqual(await other.get(table, partition, sort));
      }
    }),
    { numRuns: runs(), seed: seed("rows in memory") },
  );
});
