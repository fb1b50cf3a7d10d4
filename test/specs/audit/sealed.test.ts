import { generateKeyPairSync, randomUUID } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checksumOf } from "../../../src/adapters/eventStore/sqlite/checksum.ts";
import { logFile } from "../../../src/adapters/eventStore/sqlite/database.ts";
import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { sqliteLogReader } from "../../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { sqliteTreeStore } from "../../../src/adapters/auditTree/sqliteTreeStore.ts";
import { auditor } from "../../../src/audit/auditor.ts";
import { faultsOf } from "../../../src/audit/checking.ts";
import { hashIn, isSigned } from "../../../src/audit/heads.ts";
import { type Hash, isConsistent } from "../../../src/audit/merkle.ts";
import { placeIn, proveConsistency, proveInclusion } from "../../../src/audit/proofs.ts";
import { verifyTree } from "../../../src/audit/verifying.ts";
import type { TreeHead, TreeStore } from "../../../src/ports/auditTree.ts";
import type { NewEvent } from "../../../src/ports/eventStore.ts";
import type { StoredEvent } from "../../../src/ports/storedEvents.ts";
import { memoryTree } from "../../support/memoryTree.ts";
import { tempDir } from "../../support/tempDir.ts";

/*
 * A log on SQLite, a tree over it, and heads that were signed while it grew: whatever is done to the file of the log is found,
 * also by who makes its checksums right again.
 */

const EVENTS = 700;
const KEY = generateKeyPairSync("ed25519").privateKey;
/** How many random changes are tried: more by hand. */
const TRIES = Number(process.env["AUDIT_TRIES"] ?? 150);

const event = (number: number): NewEvent => ({
  id: randomUUID(),
  type: number % 3 === 0 ? "MessageSent" : "ReadMoved",
  data: { text: `number ${number}: 你好 é "quoted" \u0001`, number },
  metadata: { $correlationId: "c", $causationId: "c", actorId: "alice", at: "2026-01-01T00:00:00.000Z", schema: 1 },
});

let folder: Awaited<ReturnType<typeof tempDir>>;
let tree: TreeStore;
const heads: TreeHead[] = [];
let untouched: StoredEvent[];

const dirOf = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  folder = await tempDir();
  const log = await sqliteEventStore(dirOf("log"));
  const store = sqliteTreeStore(dirOf("log"), log.id, true);
  tree = store;
  const reader = sqliteLogReader(dirOf("log"));
  const asked = auditor({
    log: reader,
    store,
    key: KEY,
    now: () => new Date(),
    waitMs: 10_000,
    signal: new AbortController().signal,
  });
  const revisions = new Map<string, number>();
  for (let number = 0; number < EVENTS;) {
    const stream = `direct-${number % 7}`;
    const before = revisions.get(stream) ?? -1;
    const page = Array.from({ length: 1 + (number % 5) }, (_, index) => event(number + index));
    await log.append(stream, page, before);
    revisions.set(stream, before + page.length);
    number += page.length;
    if (number % 9 === 0) heads.push(await asked.head());
  }
  heads.push(await asked.head());
  untouched = storedIn("log");
  await reader.close();
  await log.close();
  // Nothing is left in the write-ahead log.
  const db = new DatabaseSync(logFile(dirOf("log")), { timeout: 5_000 });
  db.exec("pragma wal_checkpoint(truncate)");
  db.close();
});
afterAll(() => folder.remove());

/** All events of the log in a directory, as they are stored. */
function storedIn(name: string): StoredEvent[] {
  const reader = sqliteLogReader(dirOf(name));
  const page = reader.readStored(reader.origin, 10_000, false) as { events: StoredEvent[] };
  void reader.close();
  return page.events;
}

/** What is found in a copy of the log, after something was done to its file. A log that cannot be read is a fault, too. */
async function faultsAfter(change: (file: string) => Promise<void> | void, given: readonly TreeHead[], kept = true) {
  const name = randomUUID();
  await mkdir(dirOf(name));
  await copyFile(logFile(dirOf("log")), logFile(dirOf(name)));
  await change(logFile(dirOf(name)));
  const faults: string[] = [];
  try {
    const reader = sqliteLogReader(dirOf(name));
    try {
      await verifyTree(reader, kept ? tree : undefined, given, undefined, { fault: (what) => faults.push(what), at: () => {} });
    } finally {
      await reader.close();
    }
  } catch (error) {
    faults.push((error as Error).message);
  }
  return { faults, name };
}

/** Changes the log as somebody would who knows how it is made, and makes its checksums right again. */
const forged = (change: (db: DatabaseSyncInstance) => void) => (file: string) => {
  const db = new DatabaseSync(file, { returnArrays: true });
  change(db);
  const rows = db
    .prepare(
      "select place, streams.name, revision, events.id, type, data, metadata from events join streams on streams.id = events.stream",
    )
    .all() as [number, string, number, string, string, string, string][];
  const put = db.prepare("update events set checksum = ? where place = ?");
  for (const [place, stream, revision, ...texts] of rows) put.run(checksumOf(place, stream, revision, texts), place);
  db.close();
};

describe("a sealed log", () => {
  it("is as it was signed", async () => {
    expect(heads.length).toBeGreaterThan(20);
    expect(heads.every(isSigned)).toBe(true);
    expect((await faultsAfter(() => {}, [])).faults).toEqual([]);
    expect((await faultsAfter(() => {}, heads, false)).faults).toEqual([]);
  });

  it("proves each of its events, and that each head is the beginning of each later one", async () => {
    const reader = sqliteLogReader(dirOf("log"));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(untouched.length - 1),
        fc.nat(heads.length - 1),
        fc.nat(heads.length - 1),
        async (at, one, other) => {
          const [from, to] = [heads[Math.min(one, other)] as TreeHead, heads[Math.max(one, other)] as TreeHead];
          const { position, ...plain } = untouched[at] as StoredEvent;
          const inclusion = await proveInclusion(reader, tree, position, to.size);
          const path = (await proveConsistency(tree, from.size, to.size)) as string[];
          const hashes = path.map((text) => hashIn(text) as Hash);
          expect(isConsistent(from.size, hashIn(from.root) as Hash, to.size, hashIn(to.root) as Hash, hashes)).toBe(true);
          if (at >= to.size) {
            expect(inclusion).toEqual({ fault: "later", size: untouched.length });
            return;
          }
          expect(await placeIn(reader, tree, position)).toMatchObject({ index: at });
          if ("fault" in inclusion) throw new Error(inclusion.fault);
          const proof = { head: to, event: plain, inclusion, since: { head: from, path } };
          expect(faultsOf(proof, undefined)).toEqual([]);
          expect(
            faultsOf({ ...proof, event: { ...plain, data: plain.data.replace("number", "Number") } }, undefined),
          ).not.toEqual([]);
          expect(faultsOf({ ...proof, head: { ...to, size: to.size + 1 } }, undefined)).not.toEqual([]);
          expect(faultsOf(proof, "another key")).not.toEqual([]);
        },
      ),
    );
    await reader.close();
  });

  it("shows no event where there is none", async () => {
    const reader = sqliteLogReader(dirOf("log"));
    expect(await proveInclusion(reader, tree, reader.origin, 1)).toMatchObject({ fault: "absent" });
    expect(await proveInclusion(reader, tree, `${reader.id}.zzzzzzzzzzz`, 1)).toMatchObject({ fault: "absent" });
    expect(await proveInclusion(reader, tree, "aaaaaaaa.00000000001", 1)).toMatchObject({ fault: "absent" });
    expect(await proveInclusion(reader, tree, untouched[0]?.position ?? "", 1_000_000)).toMatchObject({ fault: "beyond" });
    await reader.close();
  });

  const places = fc.integer({ min: 1, max: EVENTS - 10 });

  it.each([
    [
      "changed",
      (at: number) => (db: DatabaseSyncInstance) =>
        db.exec(`update events set data = replace(data, 'number', 'Number') where place = ${at}`),
    ],
    [
      "of another time",
      (at: number) => (db: DatabaseSyncInstance) =>
        db.exec(`update events set metadata = replace(metadata, '2026', '2025') where place = ${at}`),
    ],
    [
      "of another type",
      (at: number) => (db: DatabaseSyncInstance) => db.exec(`update events set type = 'Forged' where place = ${at}`),
    ],
    ["taken out", (at: number) => (db: DatabaseSyncInstance) => db.exec(`delete from events where place = ${at}`)],
    [
      "swapped with the next one",
      (at: number) => (db: DatabaseSyncInstance) =>
        db.exec(
          `update events set place = -1 where place = ${at}; update events set place = ${at} where place = ${at + 1}; update events set place = ${at + 1} where place = -1`,
        ),
    ],
  ])("finds an event that was %s, by its tree or by heads kept elsewhere alone", async (_, change) => {
    await fc.assert(
      fc.asyncProperty(places, async (at) => {
        expect((await faultsAfter(forged(change(at)), [])).faults.join()).toContain(`event ${at - 1} of the log`);
        expect((await faultsAfter(forged(change(at)), heads, false)).faults).not.toEqual([]);
      }),
      { numRuns: Math.ceil(TRIES / 20) },
    );
  });

  it("finds events that were put in, and a log whose end is gone", async () => {
    const insert = (db: DatabaseSyncInstance): void => {
      db.exec(`insert into events (place, stream, revision, id, type, data, metadata)
        select place + 1, stream, revision + 1, lower(hex(randomblob(4))) || substr(id, 9), type, data, metadata from events order by place desc limit 1`);
    };
    const { faults } = await faultsAfter(
      forged(insert),
      [...heads, { ...(heads.at(-1) as TreeHead), size: untouched.length + 1 }],
      false,
    );
    expect(faults.join()).toContain("its signature is wrong");
    const cut = await faultsAfter(
      forged((db) => db.exec(`delete from events where place > ${untouched.length - 3}`)),
      [],
    );
    expect(cut.faults.join()).toContain(`the log has ${untouched.length - 3} events, and had ${untouched.length}`);
    expect(cut.faults.join()).toContain("the log has fewer events");
  });

  it("finds each flipped bit of its file, unless the events are what they were", async () => {
    const whole = await readFile(logFile(dirOf("log")));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
        const { faults, name } = await faultsAfter(async (file) => {
          const bytes = Buffer.from(whole);
          bytes[at] = (bytes[at] as number) ^ (1 << bit);
          await writeFile(file, bytes);
        }, []);
        // Free space, and what SQLite counts for itself.
        if (faults.length === 0) expect(storedIn(name)).toEqual(untouched);
      }),
      { numRuns: TRIES },
    );
  });

  it("finds a head that was changed, and a leaf of the tree that was", async () => {
    const last = heads.at(-1) as TreeHead;
    const other = { ...last, root: Buffer.alloc(32).toString("base64") };
    expect((await faultsAfter(() => {}, [other], false)).faults.join()).toContain("its signature is wrong");
    const copy = memoryTree();
    const size = (await tree.extent())?.size ?? 0;
    const tile = Buffer.from((await tree.tile(0, 1)) as Buffer);
    tile[5] = (tile[5] as number) ^ 1;
    await copy.grow(undefined, { size, position: "" }, [{ level: 0, index: 0, hashes: (await tree.tile(0, 0)) as Buffer }], []);
    await copy.grow({ size, position: "" }, { size: 512, position: "" }, [{ level: 0, index: 1, hashes: tile }], []);
    const faults: string[] = [];
    const reader = sqliteLogReader(dirOf("log"));
    await verifyTree(reader, copy, [], undefined, { fault: (what) => faults.push(what), at: () => {} });
    await reader.close();
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain("event 256 of the log");
  });
});
