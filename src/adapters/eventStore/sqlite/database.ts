import { randomInt } from "node:crypto";
import { existsSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { Unavailable } from "../../../ports/faults.ts";
import { addChecksums } from "./checksum.ts";

/** The log's database. Beside it lie `-wal` (part of the log: never delete it) and `-shm`. */
export const logFile = (dataDir: string): string => join(dataDir, "log.sqlite");

/** What the log takes on disk, with what was written last. */
export const bytesOf = (dataDir: string): number =>
  [logFile(dataDir), `${logFile(dataDir)}-wal`].reduce(
    (bytes, file) => bytes + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );

/**
 * The file that is the log now. Open connections go on with theirs, though another one was put in its place: what is written then is lost with the last of
 * them.
 */
export const fileNow = (dataDir: string): Stats | undefined => statSync(logFile(dataDir), { throwIfNoEntry: false });

export const isSameFile = (one: Stats | undefined, other: Stats | undefined): boolean =>
  one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;

/** Says that a database is a log of Tidings ("Tidi"), whatever its file is called. */
const APPLICATION_ID = 0x54696469;
/** The version of the tables below. */
const SCHEMA = 2;
/** The first one whose events have checksums. */
const CHECKED = 2;

/** How long a statement waits for another process (a backup, a shell) that holds a lock. */
export const BUSY_MS = 2000;

/** SQLite's primary result codes that are told apart here: https://www.sqlite.org/rescode.html */
export const sqliteCode = { busy: 5, readOnly: 8, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

/** The primary result code of an error that SQLite raised; undefined for any other error. */
export function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

/** An error's text with what SQLite and the operating system know of it. */
export function describeError(error: unknown): string {
  const { message, errcode, systemErrno } = error as { message?: string; errcode?: number; systemErrno?: number };
  const codes = [errcode && `SQLite ${errcode}`, systemErrno && `errno ${systemErrno}`].filter(Boolean).join(", ");
  return `${message ?? String(error)}${codes && ` (${codes})`}`;
}

/** Told how many events of a log have what this version adds to each. */
export type Progress = (done: number, total: number) => void;

/**
 * The connection that writes. Creates the log where there is none, and brings one of an earlier version up to date, which takes a while: `progress` is told.
 * `maxPages` limits the database's size, in pages of 4 KiB. Throws `Unavailable` with what to do about it.
 */
export function openForWriting(
  dataDir: string,
  maxPages: number | undefined,
  progress: Progress = () => {},
): { db: DatabaseSyncInstance; id: string } {
  const file = logFile(dataDir);
  return opening(file, { timeout: BUSY_MS, returnArrays: true }, (db) => {
    const isNew = isEmpty(db, file);
    const [[mode]] = db.prepare("pragma journal_mode = wal").all() as [[string]];
    if (mode !== "wal")
      throw new Unavailable(`${file} lies on a file system without shared memory files: DATA_DIR must be on a local disk`);
    // Per connection, and NORMAL in a reopened WAL database: without FULL a power cut takes acknowledged events away.
    db.exec("pragma synchronous = full");
    // The writer checkpoints by itself (writer.ts), after it has answered.
    db.exec("pragma wal_autocheckpoint = 0; pragma journal_size_limit = 67108864; pragma cache_size = -32768");
    if (maxPages !== undefined) db.exec(`pragma max_page_count = ${maxPages}`);
    if (isNew) create(db, file);
    else {
      settle(db);
      if (schemaOf(db) < CHECKED) {
        addChecksums(db, progress);
        // Only now: until then an event without one is none that lost it.
        db.exec(`pragma user_version = ${CHECKED}`);
      }
    }
    return { db, id: logId(db) };
  });
}

/**
 * A connection that reads a log which has a writer. `checked`: whether every event has a checksum. Throws `Unavailable` with what to do about it.
 */
export function openForReading(dataDir: string): { db: DatabaseSyncInstance; id: string; checked: boolean } {
  const file = logFile(dataDir);
  if (!existsSync(file)) throw new Unavailable(`there is no log at ${file}: it is made when the log is first opened for writing`);
  return opening(file, { timeout: BUSY_MS, returnArrays: true, readOnly: true }, (db) => {
    if (isEmpty(db, file)) throw new Unavailable(`${file} is empty: it is made when the log is first opened for writing`);
    return { db, id: logId(db), checked: schemaOf(db) >= CHECKED };
  });
}

type OpenOptions = { timeout: number; returnArrays: boolean; readOnly?: boolean };

function opening<T>(file: string, options: OpenOptions, prepare: (db: DatabaseSyncInstance) => T): T {
  let db: DatabaseSyncInstance | undefined;
  try {
    db = new DatabaseSync(file, options);
    return prepare(db);
  } catch (error) {
    db?.close();
    throw error instanceof Unavailable ? error : new Unavailable(whyNotOpened(file, error), "nothing", { cause: error });
  }
}

/** Whether the database is still empty. Throws where it is someone else's or a later version's, before anything in it is changed. */
function isEmpty(db: DatabaseSyncInstance, file: string): boolean {
  const number = (sql: string): number => (db.prepare(sql).get() as [number])[0];
  const application = number("pragma application_id");
  if (application === 0 && number("select count(*) from sqlite_schema") === 0) return true;
  if (application !== APPLICATION_ID)
    throw new Unavailable(`${file} is a database of another program: move it away, or set DATA_DIR to another folder`);
  const schema = schemaOf(db);
  if (schema > SCHEMA)
    throw new Unavailable(
      `${file} was written by a newer version of Tidings (its schema is ${schema}, this version knows ${SCHEMA}): start that version`,
    );
  return false;
}

const schemaOf = (db: DatabaseSyncInstance): number => (db.prepare("pragma user_version").get() as [number])[0];

/** In one transaction: a crash meanwhile leaves an empty database, which is made anew. */
function create(db: DatabaseSyncInstance, file: string): void {
  db.exec("begin immediate");
  // Another process may have been faster.
  if (!isEmpty(db, file)) {
    db.exec("rollback");
    return;
  }
  db.exec(`
    create table log (id text not null);
    create table streams (id integer primary key, name text not null unique);
    create table events (
      place integer primary key,
      stream integer not null,
      revision integer not null,
      id text not null,
      type text not null,
      data text not null,
      metadata text not null,
      checksum integer
    );
    create unique index events_by_stream on events (stream, revision);
    pragma application_id = ${APPLICATION_ID};
    pragma user_version = ${SCHEMA};
  `);
  db.prepare("insert into log (id) values (?)").run(newLogId());
  db.exec("commit");
}

/**
 * What a process wrote that was killed before its fsync is visible now, and would be acknowledged where it is sent again: it is brought
 * to the disk first.
 */
function settle(db: DatabaseSyncInstance): void {
  try {
    db.exec("pragma wal_checkpoint(truncate)");
  } catch (error) {
    // The log can still be read; what is in the write-ahead log needs no room.
    if (codeOf(error) !== sqliteCode.full) throw error;
  }
}

/** Opens a file that should be a log, wherever it lies, for reading alone. Throws `Unavailable` with what is wrong with it. */
export function openCopy(file: string): DatabaseSyncInstance {
  if (!existsSync(file)) throw new Unavailable(`the file ${file} does not exist`);
  return opening(file, { timeout: BUSY_MS, returnArrays: true, readOnly: true }, (db) => {
    if (isEmpty(db, file)) throw new Unavailable(`${file} is empty: it is no log`);
    return db;
  });
}

/** Whether the events of an open log have checksums. */
export const isChecked = (db: DatabaseSyncInstance): boolean => schemaOf(db) >= CHECKED;

/**
 * Gives the log another id, so that no position of before is one of it: cursors, views and indexes that know more than it does now are those of another log.
 * No other connection may be open. Throws `Unavailable`.
 */
export function renewId(dataDir: string): void {
  const { db } = openForWriting(dataDir, undefined);
  try {
    giveNewId(db);
    settle(db);
  } finally {
    db.close();
  }
}

export const giveNewId = (db: DatabaseSyncInstance): void => void db.prepare("update log set id = ?").run(newLogId());

export const logId = (db: DatabaseSyncInstance): string => (db.prepare("select id from log").get() as [string])[0];

function newLogId(): string {
  return Array.from({ length: 8 }, () => randomInt(36).toString(36)).join("");
}

function whyNotOpened(file: string, error: unknown): string {
  const what = describeError(error);
  switch (codeOf(error)) {
    case sqliteCode.notADatabase:
      return `${file} is not a database: move it away, or put a backup in its place; ${what}`;
    case sqliteCode.corrupt:
      return `${file} is damaged: put a backup in its place; ${what}`;
    case sqliteCode.cannotOpen:
    case sqliteCode.readOnly:
      return `${file} cannot be opened for writing: the folder, this file and those beside it (-wal, -shm) must be writable by this user; ${what}`;
    case sqliteCode.full:
      return `the disk of ${file} is full: free space and start again; ${what}`;
    case sqliteCode.busy:
      return `${file} is locked by another process: end it and start again; ${what}`;
    default:
      return `${file} cannot be opened; ${what}`;
  }
}
