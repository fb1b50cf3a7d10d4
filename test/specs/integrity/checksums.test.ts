import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readAhead, startReadAhead } from "../../../src/adapters/eventStore/sqlite/readAhead.ts";
import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { sqliteLogReader } from "../../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import type { NewEvent } from "../../../src/ports/eventStore.ts";
import { Damaged, explained } from "../../../src/ports/faults.ts";
import type { Projection } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { tempDir } from "../../support/tempDir.ts";
import { unexpected } from "../../support/unexpected.ts";
import { until } from "../../support/until.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
beforeEach(async () => {
  folder = await tempDir();
});
afterEach(() => folder.remove());

const event = (text: string): NewEvent => ({
  id: crypto.randomUUID(),
  type: "Said",
  data: { text },
  metadata: { $correlationId: "c", $causationId: "c", actorId: "someone", at: "2024-01-02T03:04:05.678Z", schema: 1 },
});

/** Changes the file as a disk or a hand does, behind the log's back. */
function changed(...statements: string[]): void {
  const db = new DatabaseSync(join(folder.path, "log.sqlite"));
  for (const statement of statements) db.exec(statement);
  db.close();
}

async function filled(count: number): Promise<void> {
  const log = await sqliteEventStore(folder.path);
  for (let n = 0; n < count; n++) await log.append(`stream-${n % 2}`, [event(`text ${n}`)], "any");
  await log.close();
}

/** Whoever reads the whole log: on this thread, or a page ahead on another one. */
const readers = [
  ["the reader", sqliteLogReader],
  ["the reader that is a page ahead", (dataDir: string) => readAhead(dataDir, startReadAhead(dataDir, unexpected).port)],
] as const;

const changes = [
  ["a byte of its text", "update events set data = replace(data, 'text 5', 'test 5') where place = 6"],
  ["a byte of its metadata", "update events set metadata = replace(metadata, 'someone', 'someonf') where place = 6"],
  ["its type", "update events set type = 'Sald' where place = 6"],
  ["its id", "update events set id = '00000000-0000-4000-8000-000000000000' where place = 6"],
  ["its stream", "update events set stream = 1, revision = 77 where place = 6"],
  ["its checksum", "update events set checksum = checksum + 1 where place = 6"],
  ["its checksum, which is gone", "update events set checksum = null where place = 6"],
] as const;

test.each(readers.flatMap(([name, opened]) => changes.map(([what, statement]) => [name, what, opened, statement] as const)))(
  "%s does not read an event any more where %s was changed; it reads those before it",
  async (_name, _what, opened, statement) => {
    await filled(9);
    changed(statement);
    const log = opened(folder.path);
    const position = `${log.id}.00000000006`;

    const page = await log.readAll(log.origin, 100);
    expect(page.events.map(({ data }) => data)).toEqual([0, 1, 2, 3, 4].map((n) => ({ text: `text ${n}` })));
    expect(page.isTail).toBe(false);
    const fault = await Promise.resolve()
      .then(() => log.readAll(page.next, 100))
      .catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Damaged);
    expect(fault).toMatchObject({ position, message: "the log holds a damaged event" });
    expect(explained(fault)).toContain(position);

    const audit = log.audit(log.origin, 100);
    expect(audit.events).toBe(9);
    expect(audit.faults.map((each) => each.position)).toEqual([position]);
    await log.close();
  },
);

test.each(readers)("%s does not pass over a damaged event, also if it reads others", async (_name, opened) => {
  await filled(9);
  changed("update events set type = 'Sald' where place = 6");
  const log = opened(folder.path);
  const types = new Set(["Other"]);
  const page = await log.readAll(log.origin, 100, types);
  expect(page).toMatchObject({ events: [], next: `${log.id}.00000000005`, isTail: false, skipped: { count: 5 } });
  await expect((async () => log.readAll(page.next, 100, types))()).rejects.toThrow(Damaged);
  await log.close();
});

test("a stream with a damaged event is not read either, in both directions", async () => {
  await filled(9);
  changed("update events set data = replace(data, 'text 5', 'test 5') where place = 6");
  const log = sqliteLogReader(folder.path);
  expect(() => log.read("stream-1", 0, "forwards", 100)).toThrow(Damaged);
  expect(() => log.read("stream-1", 99, "backwards", 100)).toThrow(Damaged);
  expect(await log.read("stream-0", 0, "forwards", 100)).toHaveLength(5);
  expect(await log.read("stream-1", 0, "forwards", 2)).toHaveLength(2);
  await log.close();
});

test("events that are gone are told of, with the place where they were", async () => {
  await filled(9);
  changed("delete from events where place in (4, 5)");
  const log = sqliteLogReader(folder.path);
  expect(log.audit(log.origin, 100).faults).toEqual([
    { position: `${log.id}.00000000004`, what: "2 events are missing from here on" },
  ]);
  await log.close();
});

test.each(readers)(
  "a projection over %s stops before the damaged event, says why, and goes on once it is mended",
  async (_name, opened) => {
    await filled(9);
    changed("update events set data = replace(data, 'text 5', 'test 5') where place = 6");
    const log = opened(folder.path);
    const handled: unknown[] = [];
    const projection: Projection = {
      name: "said",
      version: 1,
      reads: [],
      handlers: {},
    };
    const stop = new AbortController();
    const runner = createRunner({
      log,
      store: memoryViews(),
      projections: [projection],
      committed: (checkpoint) => void handled.push(checkpoint),
      troubled: () => {},
    });
    const run = runner.run(stop.signal);
    await until("it says so", () => runner.state().state === "RETRYING");
    expect(runner.state()).toMatchObject({ checkpoint: `${log.id}.00000000005` });
    expect(runner.state().lastError).toMatch(
      new RegExp(`damaged event: the event at ${log.id}\\.00000000006 .*checksum differs`),
    );
    changed("update events set data = replace(data, 'test 5', 'text 5') where place = 6");
    await until("it has gone on", () => runner.state().checkpoint === `${log.id}.00000000009`);
    stop.abort();
    await run;
    await log.close();
  },
);

test("a log of an earlier version gets its checksums when it is next opened, and goes on where that was interrupted", async () => {
  const first = await sqliteEventStore(folder.path);
  for (let n = 0; n < 9_000; n += 1_000) {
    const events = Array.from({ length: 1_000 }, (_, index) => event(`text ${n + index}`));
    await first.append("stream-0", events, "any");
  }
  await first.close();
  changed("update events set checksum = null", "alter table events drop column checksum", "pragma user_version = 1");
  // Nobody wrote it anew yet: it is read as it is.
  const before = sqliteLogReader(folder.path);
  expect(before.checked).toBe(false);
  expect((await before.readAll(before.origin, 5)).events).toHaveLength(5);
  expect(before.audit(before.origin, 5).faults).toEqual([]);
  await before.close();

  // As a process that was killed meanwhile leaves it.
  const told: [number, number][] = [];
  const log = await sqliteEventStore(folder.path, { onProgress: (done, total) => void told.push([done, total]) });
  expect(told).toEqual([
    [4_000, 9_000],
    [8_000, 9_000],
    [9_000, 9_000],
  ]);
  await log.append("stream-0", [event("new")], "any");
  await log.close();
  changed("update events set checksum = null where place > 5000", "pragma user_version = 1");
  const again: number[] = [];
  const resumed = await sqliteEventStore(folder.path, { onProgress: (done) => void again.push(done) });
  expect(again).toEqual([9_000, 9_001]);
  await resumed.close();

  const reader = sqliteLogReader(folder.path);
  expect(reader.checked).toBe(true);
  expect(reader.audit(reader.origin, 10_000)).toMatchObject({ events: 9_001, faults: [] });
  await reader.close();
  changed("update events set data = replace(data, 'text 77\"', 'text 78\"') where place = 78");
  const damaged = sqliteLogReader(folder.path);
  expect(damaged.audit(damaged.origin, 10_000).faults).toHaveLength(1);
  await damaged.close();
});
