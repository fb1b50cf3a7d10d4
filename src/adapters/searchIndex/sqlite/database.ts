import { join } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { Unavailable } from "../../../ports/faults.ts";

/** The index's database. It holds nothing that the log does not: it may be deleted while no server runs, and is built anew. */
export const searchFile = (dataDir: string): string => join(dataDir, "search.sqlite");

/** Says that a database is a search index of Tidings ("TidS"). */
const APPLICATION_ID = 0x54696453;
/** The version of the tables. */
const SCHEMA = 1;
const BUSY_MS = 2_000;

/** Opens the index, and makes it where it is missing. Throws `Unavailable` with what to do about it. */
export function openDatabase(dataDir: string): DatabaseSyncInstance {
  const file = searchFile(dataDir);
  let db: DatabaseSyncInstance | undefined;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_MS, returnArrays: true });
    const number = (sql: string): number => (db?.prepare(sql).get() as [number])[0];
    const isNew = number("pragma application_id") === 0 && number("select count(*) from sqlite_schema") === 0;
    if (!isNew && number("pragma application_id") !== APPLICATION_ID)
      throw new Unavailable(`${file} is a database of another program: move it away, or set DATA_DIR to another folder`);
    if (!isNew && number("pragma user_version") !== SCHEMA)
      throw new Unavailable(`${file} was written by another version of Tidings: delete it, and it is built anew`);
    // What a power cut takes away goes with its checkpoint, and is read from the log again.
    db.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -65536; pragma temp_store = memory");
    if (isNew)
      db.exec(`
        begin immediate;
        create table generations (
          number integer primary key autoincrement,
          name text not null unique,
          view text not null,
          checkpoint text,
          active integer not null default 0
        );
        pragma application_id = ${APPLICATION_ID};
        pragma user_version = ${SCHEMA};
        commit;
      `);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof Unavailable) throw error;
    const why = `${file} cannot be opened: it must be writable by this user, and used by no other process; damaged, it may be deleted, and is built anew`;
    throw new Unavailable(`${why}; ${describe(error)}`, "nothing", { cause: error });
  }
}

/** An error's text with SQLite's code. */
export function describe(error: unknown): string {
  const { message, errcode } = error as { message?: string; errcode?: number };
  return `${message ?? String(error)}${errcode === undefined ? "" : ` (SQLite ${errcode})`}`;
}
