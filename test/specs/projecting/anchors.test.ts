import { expect, test } from "vitest";
import { renewEventStoreDb, eventStoreDb } from "../../../src/adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { renewId } from "../../../src/adapters/eventStore/sqlite/database.ts";
import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { watchLog } from "../../../src/server/agreement.ts";
import type { EventStore, NewEvent } from "../../../src/ports/eventStore.ts";
import { anchorOf, disagreement } from "../../../src/projecting/anchors.ts";
import { generationOf, type Projection } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { viewProjections } from "../../../projections/index.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { realEventStore } from "../../support/realEventStore.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

const event = (): NewEvent => ({
  id: crypto.randomUUID(),
  type: "Happened",
  data: {},
  metadata: { $correlationId: "c", $causationId: "c", actorId: "someone", at: "2024-01-02T03:04:05.678Z", schema: 1 },
});

const filled = async (log: EventStore, ...streams: string[]): Promise<void> => {
  for (const stream of streams) await log.append(stream, [event()], "any");
};

test("what was folded agrees with a log that holds the newest event of it, in its place, and with no other", async () => {
  const log = memoryLog();
  await filled(log, "a", "b", "a");
  const { events } = await log.readAll(log.origin, 10);
  const [first, , last] = events.map(anchorOf);
  if (!first || !last) throw new Error("there are three");
  expect(await disagreement(log, last.position, last)).toBeUndefined();
  expect(await disagreement(log, last.position, first)).toBeUndefined();
  await filled(log, "c");
  expect(await disagreement(log, last.position, last)).toBeUndefined();

  const shorter = memoryLog();
  await filled(shorter, "a", "b");
  expect(await disagreement(shorter, last.position, last)).toMatch(/the log does not hold the event .* \(revision 1 of a\)/);
  expect(await disagreement(shorter, last.position, undefined)).toMatch(/the log ends at .*2, before .*3/);
  const other = memoryLog();
  await filled(other, "a", "b", "a");
  expect(await disagreement(other, last.position, last)).toMatch(/^in the place of the event .* the log holds /);
  expect(await disagreement(other, last.position, undefined)).toBeUndefined();
  // The same event, elsewhere.
  const moved = memoryLog();
  await moved.append(
    "a",
    [
      { ...event(), id: first.id },
      { ...event(), id: last.id },
    ],
    -1,
  );
  expect(await disagreement(moved, last.position, last)).toMatch(/in the place of/);
});

test("the newest event stands beside the checkpoint of every projection, and goes with it", async () => {
  const log = memoryLog();
  const store = memoryViews();
  const projections: Projection[] = ["one", "two"].map((name) => ({ name, version: 1, reads: [], handlers: {} }));
  const runner = createRunner({ log, store, projections, pageEvents: 2 });
  await filled(log, "a", "b", "a", "c", "a");
  await runner.catchUp();
  const { events } = await log.readAll(log.origin, 10);
  for (const projection of projections) {
    const newest = events[4];
    expect(await store.checkpoint(generationOf(projection))).toEqual(
      newest && {
        position: newest.position,
        anchor: { position: newest.position, stream: "a", revision: 2, id: newest.id },
      },
    );
    await store.drop(generationOf(projection));
    expect(await store.checkpoint(generationOf(projection))).toBeUndefined();
  }
});

test("a log that goes back while it is watched is told of, once; one that is away is not", async () => {
  const log = memoryLog();
  const store = memoryViews();
  await filled(log, "a", "b", "a");
  await createRunner({ log, store, projections: viewProjections }).catchUp();
  const faults: Error[] = [];
  let now: EventStore = log;
  let looks = 0;
  const watched: Pick<EventStore, "id" | "read" | "end" | "idNow"> = {
    id: log.id,
    idNow: () => now.idNow(),
    end: () => now.end(),
    read: (...query) => {
      looks++;
      return now.read(...query);
    },
  };
  const stop = watchLog(store, watched, 1, (error) => void faults.push(error), 5);
  log.failReads(2);
  await until("it has looked", () => looks > 5);
  expect(faults).toEqual([]);
  const shorter = memoryLog();
  await filled(shorter, "a");
  now = shorter;
  await until("it is told", () => faults.length > 0);
  expect(faults.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^the log went back, or is another one: the log does not hold the event .* Start the server again/),
  ]);
  stop();
});

test("the embedded log gets another id: its events stay, no position of before is one of it", async () => {
  const folder = await tempDir();
  const log = await sqliteEventStore(folder.path);
  await filled(log, "a", "b");
  const { events } = await log.readAll(log.origin, 10);
  expect(await log.idNow()).toBe(log.id);
  await log.close();
  renewId(folder.path);
  const renewed = await sqliteEventStore(folder.path);
  expect(renewed.id).not.toBe(log.id);
  expect((await renewed.readAll(renewed.origin, 10)).events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  await renewed.close();
  await folder.remove();
});

const real = realEventStore("the renewal of a log's id");
test.runIf(real !== undefined)(
  "a log on EventStoreDB gets another id once, however many servers ask for it, and who has it open finds out",
  async () => {
    if (!real) return;
    const prefix = real.newPrefix();
    const log = await eventStoreDb(real.url, { prefix });
    await filled(log, "a", "b");
    expect(await log.idNow()).toBe(log.id);
    await Promise.all([renewEventStoreDb(real.url, log.id, { prefix }), renewEventStoreDb(real.url, log.id, { prefix })]);
    const now = await log.idNow();
    expect(now).not.toBe(log.id);
    // Too late: it is another one already.
    await renewEventStoreDb(real.url, log.id, { prefix });
    const renewed = await eventStoreDb(real.url, { prefix });
    expect(renewed.id).toBe(now);
    const ids = async (of: EventStore) => (await of.readAll(of.origin, 10)).events.map(({ id }) => id);
    expect(await ids(renewed)).toEqual(await ids(log));
    expect(await ids(renewed)).toHaveLength(2);
    await Promise.all([log.close(), renewed.close()]);
  },
);
