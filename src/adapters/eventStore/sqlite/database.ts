import { randomInt } from "node:crypto";
import { existsSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { Unavailable } from "../../../ports/faults.ts";
import { addChecksums } from "./checksum.ts";

/** The log's database. The files `-wal` and `-shm` lie beside it. `-wal` is part of the log: never delete it. */
export const logFile = (dataDir: string): string => join(dataDir, "log.sqlite");

/** How many bytes the log takes on disk, with the newest writes. */
export const bytesOf = (dataDir: string): number =>
  [logFile(dataDir), `${logFile(dataDir)}-wal`].reduce(
    (bytes, file) => bytes + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );

/**
 * The file that lies at the log's path now. If another file was put in its place, open connections still use the old one. What
 * they write is lost when the last of them closes.
 */
export const fileNow = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

export const isSameFile = (one: Stats | undefined, other: Stats | undefined): boolean =>
  one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;

/** Marks a database as a log of Tidings ("Tidi"), whatever its file name. */
const APPLICATION_ID = 0x54696469;
/** The version of the tables below. */
const SCHEMA = 2;
/** The first version whose events have checksums. */
const CHECKED = 2;

/** How long a statement waits for another process (a backup, a shell) that holds a lock, in milliseconds. */
export const BUSY_MS = 2000;

/** The primary result codes of SQLite that are handled here: https://www.sqlite.org/rescode.html */
export const sqliteCode = {
  busy: 5,
  readOnly: 8,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

/** The primary result code of an SQLite error. Undefined for any other error. */
export function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

/** An error's text, with the codes of SQLite and the operating system. */
export function describeError(error: unknown): string {
  const { message, errcode, systemErrno } = error as { message?: string; errcode?: number; systemErrno?: number };
  const codes = [errcode && `SQLite ${errcode}`, systemErrno && `errno ${systemErrno}`].filter(Boolean).join(", ");
  return `${message ?? String(error)}${codes && ` (${codes})`}`;
}

/** Called with the number of events that were updated to this version so far. */
export type Progress = (done: number, total: number) => void;

/**
 * Opens the connection that writes. Creates the log if there is none. Updates a log of an earlier version, which takes a while:
 * `progress` is called meanwhile. `maxPages` limits the database's size, in pages of 4 KiB. Throws `Unavailable`; its message
 * says what to do.
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
    // This is set for each connection. The default in a reopened WAL database is NORMAL, with which a power cut loses
    // acknowledged events.
    db.exec("pragma synchronous = full");
    // The writer makes its own checkpoints (writer.ts), after it has answered.
    // A cache of 8 MiB: with 32, a send costs the same.
    db.exec("pragma wal_autocheckpoint = 0; pragma journal_size_limit = 67108864; pragma cache_size = -8192");
    if (maxPages !== undefined) db.exec(`pragma max_page_count = ${maxPages}`);
    if (isNew) create(db, file);
    else {
      settle(db);
      if (schemaOf(db) < CHECKED) {
        addChecksums(db, progress);
        // Not before: until then, an event without a checksum is not damaged.
        db.exec(`pragma user_version = ${CHECKED}`);
      }
    }
    return { db, id: logId(db) };
  });
}

/**
 * Opens a connection that reads a log. Another connection writes it. `checked`: whether every event has a checksum. Throws
 * `Unavailable`; its message says what to do.
 */
export function openForReading(dataDir: string): { db: DatabaseSyncInstance; id: string; checked: boolean } {
  const file = logFile(dataDir);
  if (!existsSync(file)) throw new Unavailable(`there is no log at ${file}: it is made when the log is first opened for writing`);
  return opening(file, { timeout: BUSY_MS, returnArrays: true, readOnly: true }, (db) => {
    if (isEmpty(db, file)) throw new Unavailable(`${file} is empty: it is made when the log is first opened for writing`);
    return { db, id: logId(db), checked: schemaOf(db) >= CHECKED };
  });
}

/**
 * Opens a connection that copies the write-ahead log into the database, while another connection of this process writes. Throws
 * `Unavailable`.
 */
export function openForCopying(dataDir: string): DatabaseSyncInstance {
  const file = logFile(dataDir);
  if (!existsSync(file)) throw new Unavailable(`there is no log at ${file}`);
  return opening(file, { timeout: BUSY_MS, returnArrays: true }, (db) => {
    db.exec("pragma synchronous = full; pragma wal_autocheckpoint = 0");
    return db;
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

/**
 * Whether the database is still empty. Throws if it belongs to another program or a later version, before anything in it is
 * changed.
 */
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

/** Creates the tables in one transaction. A crash meanwhile leaves an empty database, and the next start creates them. */
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
 * Makes sure that everything visible is on the disk. A process may have been killed before its fsync: what it wrote is visible
 * now, and a repeated append would be acknowledged because of it.
 */
function settle(db: DatabaseSyncInstance): void {
  try {
    db.exec("pragma wal_checkpoint(truncate)");
  } catch (error) {
    // The log can still be read. The content of the write-ahead log needs no more room.
    if (codeOf(error) !== sqliteCode.full) throw error;
  }
}

/** Opens a file that should be a log, at any place, only for reading. Throws `Unavailable`; its message says what is wrong. */
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
 * Gives the log another id. Then no existing position belongs to it: cursors, views and indexes that know more than the log does
 * now belong to another log. No other connection may be open. Throws `Unavailable`.
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
