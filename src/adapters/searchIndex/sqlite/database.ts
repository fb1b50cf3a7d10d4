import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { DamagedIndex, Unavailable } from "../../../ports/faults.ts";
import { makeDirectory } from "../../directory.ts";
import { describe, isDamage } from "./faults.ts";

/**
 * The index's database. It holds nothing that the log does not hold: it may be deleted while no server runs, and is then built
 * again.
 */
export const searchFile = (dataDir: string): string => join(dataDir, "search.sqlite");

/** Marks a database as a search index of Tidings ("TidS"). */
const APPLICATION_ID = 0x54696453;
/** The version of the tables. */
const SCHEMA = 3;
/** The version before. Its table of generations lacks a column. */
const WITHOUT_ANCHORS = 2;
/** How long to wait for another connection, in milliseconds. */
export const BUSY_MS = 2_000;
const SQLITE_BUSY = 5;

/** The cause says what is wrong and what to do about it. It names files, so it is for operators. */
const notOpened = (why: string): Unavailable =>
  new Unavailable("the search index cannot be opened", "nothing", { cause: new Error(why) });

const damaged = (why: string): DamagedIndex =>
  new DamagedIndex("the search index is damaged", "nothing", { cause: new Error(why) });

/** How many damaged files are kept, so that their damage can be examined. */
const KEPT = 2;
const ASIDE = ".damaged-";

/**
 * Moves a damaged index and its files out of the way. Removes older ones except for the newest. Nobody may have the index open,
 * because SQLite removes files by their names. Returns its new name.
 */
export function setAside(dataDir: string): string {
  const file = searchFile(dataDir);
  const aside = `${file}${ASIDE}${Date.now()}`;
  rmSync(`${file}-shm`, { force: true });
  for (const part of ["-wal", ""]) renameWhereItIs(`${file}${part}`, `${aside}${part}`);
  const names = readdirSync(dataDir).filter((name) => name.startsWith(`search.sqlite${ASIDE}`) && !name.endsWith("-wal"));
  for (const name of names.sort().slice(0, -KEPT)) {
    rmSync(join(dataDir, name), { force: true });
    rmSync(join(dataDir, `${name}-wal`), { force: true });
  }
  return aside;
}

function renameWhereItIs(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/**
 * Opens the index. Creates it, and its folder, if it is missing. Throws `Unavailable` or `DamagedIndex`; the cause says what to
 * do.
 */
export function openDatabase(dataDir: string): DatabaseSyncInstance {
  const file = searchFile(dataDir);
  let db: DatabaseSyncInstance | undefined;
  try {
    makeDirectory(dataDir);
  } catch (error) {
    throw notOpened(`DATA_DIR ${dataDir} cannot be created: ${describe(error)}`);
  }
  try {
    db = new DatabaseSync(file, { timeout: BUSY_MS, returnArrays: true });
    prepareDatabase(db, file);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof Unavailable) throw error;
    if (isDamage(error)) throw damaged(`${file}: ${describe(error)}`);
    const why = `${file} cannot be opened: it must be writable by this user, and used by no other process`;
    throw notOpened(`${why}; ${describe(error)}`);
  }
}

function prepareDatabase(db: DatabaseSyncInstance, file: string): void {
  const number = (sql: string): number => (db.prepare(sql).get() as [number])[0];
  const isNew = (): boolean => number("pragma application_id") === 0 && number("select count(*) from sqlite_schema") === 0;
  if (!isNew() && number("pragma application_id") !== APPLICATION_ID)
    throw notOpened(`${file} is a database of another program: move it away, or set DATA_DIR to another folder`);
  // A power cut loses the newest writes together with their checkpoint. They are read from the log again.
  patiently(() => db.exec("pragma journal_mode = wal"));
  db.exec("pragma synchronous = normal; pragma cache_size = -16384; pragma temp_store = memory");
  // If two connections open a new file at once, the second one finds it prepared.
  if (isNew()) {
    patiently(() => db.exec("begin immediate"));
    if (isNew())
      db.exec(`
        create table generations (
          number integer primary key autoincrement,
          name text not null unique,
          view text not null,
          checkpoint text,
          anchor text,
          active integer not null default 0
        );
        pragma application_id = ${APPLICATION_ID};
        pragma user_version = ${SCHEMA};
      `);
    db.exec("commit");
  }
  if (number("pragma user_version") === WITHOUT_ANCHORS) addAnchors(db, () => number("pragma user_version"));
  if (number("pragma user_version") !== SCHEMA) throw damaged(`${file} was written by another version of Tidings`);
  // Throws if the table is not as it should be.
  db.prepare("select number, name, view, checkpoint, anchor, active from generations limit 1").get();
}

/** If two connections open it at once, the second one finds this done. */
function addAnchors(db: DatabaseSyncInstance, version: () => number): void {
  patiently(() => db.exec("begin immediate"));
  if (version() === WITHOUT_ANCHORS) db.exec(`alter table generations add column anchor text; pragma user_version = ${SCHEMA};`);
  db.exec("commit");
}

/** Tries again while another connection has the database locked: SQLite does not always wait by itself. */
function patiently(work: () => void): void {
  const until = performance.now() + BUSY_MS;
  for (;;)
    try {
      return work();
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
}
