import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { Unavailable } from "../../ports/faults.ts";
import { type Ask, type Contents, createTurns, type OpenDatabase } from "./database.ts";

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
const [BUSY, READ_ONLY, IO, CORRUPT, FULL, CANNOT_OPEN, NOT_A_DATABASE] = [5, 8, 10, 11, 13, 14, 26];

/** The version of the tables. */
const SCHEMA = 1;

/** What SQLite says without a code, as it does of statements that were prepared. */
const SAID: readonly (readonly [RegExp, number])[] = [
  [/disk is full/, FULL],
  [/readonly database/, READ_ONLY],
  [/disk I\/O error/, IO],
  [/malformed/, CORRUPT],
  [/is not a database/, NOT_A_DATABASE],
  [/is locked/, BUSY],
];
const OTHER = 1;

/** The result code. Undefined: it is no error of SQLite. */
function codeOf(error: unknown): number | undefined {
  const { code, errcode, message = "" } = error as { code?: unknown; errcode?: unknown; message?: string };
  if (typeof errcode === "number") return errcode;
  if (code !== "ERR_SQLITE_ERROR") return undefined;
  return SAID.find(([words]) => words.test(message))?.[1] ?? OTHER;
}

/** What became of a file, and what to do. Undefined: it is no error of SQLite. */
export function faultOf(file: string, { what, without }: Contents, error: unknown): Error | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const end = `(SQLite ${code}: ${(error as Error).message})`;
  const anew = `end the server, and move it away with those beside it (-wal, -shm): it is made anew, and ${without}`;
  const told = (is: string): Error => new Error(`${what} in ${file} ${is} ${end}`, { cause: error });
  // The lowest byte is the code. The other bytes give details.
  switch (code & 0xff) {
    case NOT_A_DATABASE:
      return told(`is no database: ${anew}`);
    case CORRUPT:
      return told(`is damaged: ${anew}`);
    case CANNOT_OPEN:
    case READ_ONLY:
      return told("cannot be written: its folder, this file and those beside it (-wal, -shm) must be writable by this user");
    case FULL:
      return told("cannot be written, for its disk is full: free some space");
    case IO:
      return told("cannot be written, for its disk fails or is full: look at the disk");
    case BUSY:
      return told("is locked by another process: end that one");
    default:
      return told("cannot be used");
  }
}

/**
 * An outbox in a file. A process that is killed loses nothing; a machine that loses its power may lose the last moment, which is
 * then done again. Throws an `Error` that says what to do if the file cannot be used.
 */
export function sqliteDatabase(file: string, contents: Contents): OpenDatabase {
  const db = opened(file, contents);
  const prepared = new Map<string, ReturnType<typeof db.prepare>>();
  const ask: Ask = ({ name, text }, values) => {
    const known = prepared.get(name) ?? db.prepare(text.replace(/\$(\d)/g, "?$1"));
    prepared.set(name, known);
    return known.all(...values) as unknown[][];
  };
  const turns = createTurns();
  let isClosed = false;

  const transaction = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    if (isClosed) throw new Unavailable(`${contents.what} is closed`);
    try {
      db.exec("BEGIN IMMEDIATE");
      const result = await work(ask);
      db.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite ends some transactions by itself.
      if (db.isTransaction) db.exec("ROLLBACK");
      const cause = faultOf(file, contents, error);
      throw cause === undefined ? error : new Unavailable(`${contents.what} cannot be used now`, "nothing", { cause });
    }
  };

  return {
    prefix: "",
    now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    within: (work) => turns.after(() => transaction(work)),
    close: () =>
      turns.after(async () => {
        if (!isClosed) db.close();
        isClosed = true;
      }),
  };
}

function opened(file: string, contents: Contents): DatabaseSyncInstance {
  let db: DatabaseSyncInstance | undefined;
  try {
    db = new DatabaseSync(file, { returnArrays: true });
    db.exec("PRAGMA journal_mode = wal; PRAGMA synchronous = normal; PRAGMA journal_size_limit = 16777216");
    // It is written in any case: of a file that may only be read SQLite would not say so before.
    db.exec(`BEGIN IMMEDIATE; ${contents.tables("", "")}; PRAGMA user_version = ${SCHEMA}; COMMIT`);
    return db;
  } catch (error) {
    db?.close();
    throw faultOf(file, contents, error) ?? error;
  }
}
