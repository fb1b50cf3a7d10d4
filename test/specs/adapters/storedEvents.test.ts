import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { eventStoreDb, eventStoreDbReader } from "../../../src/adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { sqliteLogReader } from "../../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { leafOf } from "../../../src/audit/leaf.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import type { EventStore, NewEvent, Position } from "../../../src/ports/eventStore.ts";
import type { StoredEvent, StoredEvents } from "../../../src/ports/storedEvents.ts";
import { endings } from "../../support/faultyEventStore/faults.ts";
import { faultyEventStore } from "../../support/faultyEventStore/faultyEventStore.ts";
import { realEventStore } from "../../support/realEventStore.ts";
import { tempDir } from "../../support/tempDir.ts";

/* Each log gives its events as they are stored, character by character: the same ones on each log have the same leaves. */

type Opened = { log: EventStore; reader: StoredEvents; close(): Promise<void> };

const open: Record<string, () => Promise<Opened>> = {
  SQLite: async () => {
    const directory = await tempDir();
    const log = await sqliteEventStore(directory.path);
    const reader = sqliteLogReader(directory.path);
    return {
      log,
      reader,
      close: async () => {
        await reader.close();
        await log.close();
        await directory.remove();
      },
    };
  },
  "a server that plays EventStoreDB": async () => {
    const server = await faultyEventStore();
    const { log, reader, close } = await onServer(server.url, {});
    return {
      log,
      reader,
      close: async () => {
        await close();
        await server.close();
      },
    };
  },
};
const real = realEventStore("the stored events of a log");
if (real) open["EventStoreDB"] = () => onServer(real.url, { prefix: real.newPrefix() });

async function onServer(url: string, options: { prefix?: string }): Promise<Opened> {
  const log = await eventStoreDb(url, options);
  const reader = await eventStoreDbReader(url, options, { id: log.id, origin: log.origin });
  return {
    log,
    reader,
    close: async () => {
      await reader.close();
      await log.close();
    },
  };
}

const METADATA = { $correlationId: "c", $causationId: "c", actorId: "ann", at: "2026-01-01T00:00:00.000Z", schema: 1 };
const event = (number: number): NewEvent => ({
  id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
  type: "Said",
  data: { text: `${number} 你好 \ud83d\ude00 "\\ \u0001 \ud800`, at: 1.5, none: null },
  metadata: METADATA,
});

const allOf = async (reader: StoredEvents, from: Position, limit: number, sound = true): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (let after = from; ;) {
    const page = await reader.readStored(after, limit, sound);
    expect(page.events.length).toBeLessThanOrEqual(limit);
    events.push(...page.events);
    if (page.isTail) return events;
    after = page.next;
  }
};

const leaves = new Map<string, string[]>();

describe.each(Object.keys(open))("the stored events of %s", (name) => {
  it("are those that were appended, in pages of any size", async () => {
    const { log, reader, close } = await (open[name] as () => Promise<Opened>)();
    try {
      const positions: Position[] = [];
      for (let number = 0; number < 40; number += 2) {
        const stream = `stream-${number % 3}`;
        const { position } = await log.append(stream, [event(number), event(number + 1)], "any");
        positions.push(position);
      }
      for (const limit of [1, 7, 40, 100])
        for (const sound of [true, false]) {
          const events = (await allOf(reader, log.origin, limit, sound)).filter(({ stream }) => stream.startsWith("stream-"));
          expect(events.map(({ data }) => data)).toEqual(
            Array.from({ length: 40 }, (_, number) => JSON.stringify(event(number).data)),
          );
          expect(events.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, number) => event(number).id));
          expect(events.every(({ metadata }) => metadata === JSON.stringify(METADATA))).toBe(true);
          expect(events.filter((_, index) => index % 2 === 1).map(({ position }) => position)).toEqual(positions);
          leaves.set(
            name,
            events.map((each) => leafOf(each).toString("hex")),
          );
        }
      const [first] = await allOf(reader, log.origin, 100);
      const after = await allOf(reader, first?.position ?? "", 100);
      expect(after.some(({ position }) => position === first?.position)).toBe(false);
    } finally {
      await close();
    }
  });
});

it("have the same leaves on each log", () => {
  const [first, ...others] = [...leaves.values()];
  expect(first).toHaveLength(40);
  for (const other of others) expect(other).toEqual(first);
});

it("are not to be had from a server that is away, or silent", async () => {
  const server = await faultyEventStore();
  const log = await eventStoreDb(server.url);
  const reader = await eventStoreDbReader(server.url, { readTimeoutMs: 300 }, { id: log.id, origin: log.origin });
  try {
    await log.append(`s-${randomUUID()}`, [event(1)], -1);
    const read = () => Promise.resolve(reader.readStored(log.origin, 10, true));
    server.readFaults.order({ kind: "ends", ending: endings.unavailable, after: 0 });
    await expect(read()).rejects.toBeInstanceOf(Unavailable);
    server.readFaults.order({ kind: "silent" }, 1);
    await expect(read()).rejects.toBeInstanceOf(Unavailable);
    server.readFaults.clear();
    expect((await read()).events.length).toBeGreaterThan(0);
  } finally {
    await reader.close();
    await log.close();
    await server.close();
  }
});
