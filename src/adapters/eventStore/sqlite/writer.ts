import { byteCache } from "../../../ports/byteCache.ts";
import { checksumOf } from "./checksum.ts";
import type { Copier } from "./copying.ts";
import { BUSY_MS, codeOf, openForWriting, type Progress, sqliteCode } from "./database.ts";
import type { EventTexts } from "../texts.ts";
import type { Append, Outcome } from "./messages.ts";

/** Memory for the streams whose last revision is remembered. An append to one of them needs no look-up. */
const HEADS_BYTES = 16_777_216;
/** What one of them takes beside its name. */
const HEAD_BYTES = 64;

/** When the write-ahead log has so many pages (4 KiB each) that were not copied, they are copied into the database. */
const CHECKPOINT_PAGES = 3_500;

/**
 * Between these numbers of pages the writer waits for a copy that is under way. With the last one, the file beside the
 * write-ahead log grows. If the disk is full just then, SQLite fails in a way (IOERR_SHMSIZE) that leaves it unknown what was
 * stored. After a copy, the write-ahead log begins anew before that, or the copy has met the full disk.
 */
const GROWTH_PAGES: readonly [from: number, to: number] = [3_800, 4_062];
const GROWTH_WAIT_MS = 250;

/**
 * Of those that were written while another thread copied, the writer copies so many at once. Then the write-ahead log starts
 * again at its beginning, unless somebody reads it at this moment.
 */
const REST_PAGES = 500;

/**
 * At so many pages, the writer waits for readers, so that the write-ahead log can start again at its beginning. Without a wait,
 * that happens only if a checkpoint meets a moment without readers, which may never come under steady reading.
 */
const RESTART_PAGES = 16_000;

/** How much is written before the writer looks how long the write-ahead log is: in events, or in pages for long ones. */
const LOOK_AFTER = 64;
const PAGE_CHARACTERS = 4_096;

/**
 * How long it waits for them, and for a copy that is under way. Our reads take a few milliseconds. A backup by another process
 * takes longer, and must not hold up appends.
 */
const RESTART_WAIT_MS = 100;

/** How long closing waits for a copy that is under way. */
const CLOSE_WAIT_MS = 10_000;

type Checkpoint = [busy: number, pages: number, copied: number];

type Head = { id: number; name: string; revision: number };

export type Writer = {
  readonly id: string;
  /**
   * Decides the appends one after another, and stores the successful ones, all with one fsync. A refused append leaves nothing
   * behind. If this throws, nothing of the group is visible; `worker.ts` says what may be known about the disk then. `commitMs`:
   * how long the commit took, which is mostly the fsync.
   */
  commit(group: readonly Append[]): { outcomes: Outcome[]; commitMs: number };
  /**
   * Has the write-ahead log copied into the database if it has grown long, and copies the rest. Call it between groups, so that
   * no answer waits for it.
   */
  checkpoint(): void;
  /** Copies the rest of the write-ahead log, as far as readers allow it, and closes. */
  close(): void;
};

/**
 * The writing part of the log, in the calling thread. `copier`: of another one. `maxPages`: see `openForWriting`. Throws
 * `Unavailable`.
 */
export function openWriter(dataDir: string, copier: Copier, maxPages?: number, progress?: Progress): Writer {
  const { db, id } = openForWriting(dataDir, maxPages, progress);
  const begin = db.prepare("begin immediate");
  const commit = db.prepare("commit");
  const version = db.prepare("pragma data_version");
  const lastPlace = db.prepare("select coalesce(max(place), 0) from events");
  const findStream = db.prepare(
    "select id, (select max(revision) from events where stream = streams.id) from streams where name = ?",
  );
  const addStream = db.prepare("insert into streams (name) values (?)");
  const addEvent = db.prepare(
    "insert into events (place, stream, revision, id, type, data, metadata, checksum) values (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const findEvents = db.prepare("select id, place from events where stream = ? and revision between ? and ? order by revision");
  const walPages = db.prepare("pragma wal_checkpoint(noop)");
  const copyWal = db.prepare("pragma wal_checkpoint(passive)");
  const restartWal = db.prepare("pragma wal_checkpoint(restart)");

  const heads = byteCache<Head>(HEADS_BYTES, () => HEAD_BYTES);
  let place = 0;
  let seenVersion = -1;
  let restartAt = RESTART_PAGES;
  /** What was written since the last look. */
  let written = 0;

  const forget = (): void => {
    heads.clear();
    seenVersion = -1;
  };

  /** The memory is valid as long as nobody else writes. SQLite's data version shows that. */
  const trustMemory = (): void => {
    const [current] = version.get() as [number];
    if (current === seenVersion) return;
    heads.clear();
    [place] = lastPlace.get() as [number];
    seenVersion = current;
  };

  const headOf = (stream: string): Head | undefined => {
    let head = heads.get(stream);
    if (head === undefined) {
      const found = findStream.get(stream) as [number, number] | undefined;
      if (found === undefined) return undefined;
      head = { id: found[0], name: stream, revision: found[1] };
      heads.set(stream, head);
    }
    return head;
  };

  const newStream = (stream: string): Head => {
    const head = { id: Number(addStream.run(stream).lastInsertRowid), name: stream, revision: -1 };
    heads.set(stream, head);
    return head;
  };

  const store = (head: Head, events: readonly EventTexts[]): Outcome => {
    for (const event of events) add(head, event);
    return { revision: head.revision, place };
  };

  const add = (head: Head, event: EventTexts): void => {
    const [id, type, data, metadata] = event;
    const checksum = checksumOf(place + 1, head.name, head.revision + 1, event);
    addEvent.get(place + 1, head.id, head.revision + 1, id, type, data, metadata, checksum);
    place++;
    head.revision++;
    written += 1 + (data.length + metadata.length) / PAGE_CHARACTERS;
  };

  /**
   * Stores a single event in a transaction of its statement alone, which is a third less work. Undefined if the append is not
   * as simple as that, or if another process has written since. Then nothing is stored: what another one writes is at the next
   * place, and there is one event at a place.
   */
  const storeAlone = ([append, more]: readonly Append[]): Outcome | undefined => {
    if (append === undefined || more !== undefined || seenVersion === -1) return undefined;
    const [event, next] = append.events;
    const head = heads.get(append.stream);
    if (event === undefined || next !== undefined || head === undefined) return undefined;
    if (append.expected !== "any" && append.expected !== head.revision) return undefined;
    try {
      add(head, event);
      return { revision: head.revision, place };
    } catch (error) {
      if (codeOf(error) !== sqliteCode.constraint) throw error;
      forget();
      return undefined;
    }
  };

  const storeTogether = (group: readonly Append[]): { outcomes: Outcome[]; commitMs: number } => {
    begin.get();
    trustMemory();
    const outcomes = group.map(decide);
    const began = performance.now();
    commit.get();
    return { outcomes, commitMs: performance.now() - began };
  };

  /** The first result of an append, if all its events are already where it would put them. */
  const storedBefore = (head: Head, expected: number, events: readonly EventTexts[]): Outcome | undefined => {
    const revision = expected + events.length;
    if (revision > head.revision) return undefined;
    const stored = findEvents.all(head.id, expected + 1, revision) as [id: string, place: number][];
    const same = stored.length === events.length && stored.every(([id], index) => id === events[index]?.[0]);
    const last = stored.at(-1);
    return same && last !== undefined ? { revision, place: last[1], found: true } : undefined;
  };

  const decide = ({ stream, expected, events }: Append): Outcome => {
    const head = headOf(stream);
    const actual = head?.revision ?? -1;
    if (expected === "any" || expected === actual) return store(head ?? newStream(stream), events);
    return (head && storedBefore(head, expected, events)) ?? { actual };
  };

  return {
    id,
    commit(group) {
      try {
        const began = performance.now();
        const alone = storeAlone(group);
        return alone ? { outcomes: [alone], commitMs: performance.now() - began } : storeTogether(group);
      } catch (error) {
        forget();
        // A full disk ends the transaction by itself. Most other errors leave it open.
        if (db.isTransaction) db.exec("rollback");
        throw error;
      }
    },
    checkpoint() {
      const hasCopied = copier.hasCopied();
      if (written < LOOK_AFTER && !hasCopied) return;
      written = 0;
      const [, pages, copied] = walPages.get() as Checkpoint;
      const rest = pages - copied;
      if (rest >= CHECKPOINT_PAGES ? !copier.ask() : hasCopied && rest <= REST_PAGES) copyWal.get();
      if (pages >= GROWTH_PAGES[0] && pages <= GROWTH_PAGES[1]) copier.settle(GROWTH_WAIT_MS);
      if (pages < restartAt) return;
      // The limit rises first: if this does not succeed, the next group should not wait again.
      restartAt = pages + RESTART_PAGES;
      if (!copier.settle(RESTART_WAIT_MS)) return;
      try {
        db.exec(`pragma busy_timeout = ${RESTART_WAIT_MS}`);
        const [busy] = restartWal.get() as Checkpoint;
        if (busy === 0) restartAt = RESTART_PAGES;
      } finally {
        db.exec(`pragma busy_timeout = ${BUSY_MS}`);
      }
    },
    close() {
      // Otherwise the write-ahead log stays as it is, and the next opening reads it. Closing might write once more.
      if (!copier.settle(CLOSE_WAIT_MS)) return;
      // Closing alone does not copy it: the native part releases a connection only when its statements are collected.
      try {
        db.exec(`pragma busy_timeout = ${RESTART_WAIT_MS}; pragma wal_checkpoint(truncate)`);
      } finally {
        db.close();
      }
    },
  };
}
