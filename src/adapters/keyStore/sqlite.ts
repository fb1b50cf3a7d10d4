import { chmodSync, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import type { Open } from "../../ports/awaitable.ts";
import { Unavailable } from "../../ports/faults.ts";
import type { KeptKey, KeyName, KeyStore } from "../../ports/keyStore.ts";
import { makeDirectory } from "../directory.ts";
import {
  countsOf,
  isKept,
  keyOf,
  listOf,
  nameOf,
  namesOf,
  type Sql,
  type SqlValue,
  statementsIn,
  tablesIn,
} from "./statements.ts";

/** How long to wait for another connection, in milliseconds. */
const BUSY_MS = 5_000;

type Adding = { keys: readonly KeptKey[]; resolve: (kept: KeptKey[]) => void; reject: (error: unknown) => void };

/**
 * Keys in a file, for this user alone. What was added is on the disk; what is added in the same moment shares one fsync. Of
 * what was destroyed, the file and its write-ahead log hold nothing any more. `make`: makes the file where there is none.
 * Without that, returns undefined then. Throws `Unavailable`.
 */
export function sqliteKeyStore(file: string, make: true): Open<KeyStore>;
export function sqliteKeyStore(file: string, make: boolean): Open<KeyStore> | undefined;
export function sqliteKeyStore(file: string, make: boolean): Open<KeyStore> | undefined {
  const doing = <T>(what: () => T): T => {
    try {
      return what();
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      throw new Unavailable("the store of keys cannot be used now", "nothing", {
        cause: new Error(`${file}: ${(error as Error).message}`, { cause: error }),
      });
    }
  };
  if (!make && !existsSync(file)) return undefined;
  const db = doing(() => {
    makeDirectory(dirname(file));
    const opened = new DatabaseSync(file, { timeout: BUSY_MS, returnArrays: true });
    // By its name: whoever opens and closes the file itself takes away the locks of all connections of this process.
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    return opened;
  });
  try {
    doing(() => {
      db.exec("PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA secure_delete = on");
      db.exec(`BEGIN IMMEDIATE; ${tablesIn("", "")}; COMMIT`);
    });
  } catch (error) {
    db.close();
    throw error;
  }
  const sql = statementsIn("", (parameter) => `SELECT value FROM json_each(${parameter})`);
  const prepared = new Map<string, ReturnType<typeof db.prepare>>();
  const ask = ({ name, text }: Sql, values: readonly SqlValue[]): unknown[][] => {
    const known = prepared.get(name) ?? db.prepare(text.replace(/\$(\d)/g, "?$1"));
    prepared.set(name, known);
    return known.all(...values) as unknown[][];
  };

  const within = <T>(work: () => T): T =>
    doing(() => {
      db.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        db.exec("COMMIT");
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
    });

  const current = (names: readonly KeyName[]): KeptKey[] =>
    doing(() => ask(sql.current, [listOf(names.map(nameOf))]).map(keyOf)).filter(isKept);

  let adding: Adding[] = [];
  let isClosed = false;

  const addAll = (): void => {
    const all = adding;
    adding = [];
    try {
      if (isClosed) throw new Unavailable("the store of keys is closed");
      within(() => {
        for (const { keys } of all) for (const key of keys) ask(sql.add, [key.id, nameOf(key), key.master, key.wrapped]);
      });
      for (const { keys, resolve } of all) resolve(current(keys));
    } catch (error) {
      for (const { reject } of all) reject(error);
    }
  };

  return {
    find: (ids) => doing(() => ask(sql.find, [listOf(ids)]).map(keyOf)),
    current,
    add: (keys) =>
      new Promise((resolve, reject) => {
        if (adding.push({ keys, resolve, reject }) === 1) setImmediate(addAll);
      }),
    destroy: async ({ owner, month }) => {
      const count = within(() => {
        ask(sql.destroyed, []);
        return ask(sql.destroy, namesOf(owner, month)).length;
      });
      // Whoever reads at this moment keeps the write-ahead log as it is: this waits for them.
      const [[isBusy] = []] = doing(() => db.prepare("PRAGMA wal_checkpoint(truncate)").all() as unknown[][]);
      if (isBusy !== 0)
        throw new Unavailable("the keys are destroyed, but somebody reads the file that still holds them: try again");
      return count;
    },
    destructions: () => doing(() => Number(ask(sql.destructions, [])[0]?.[0])),
    notWrappedBy: (master, limit) => doing(() => ask(sql.others, [master, limit]).map(keyOf)).filter(isKept),
    rewrap: async (keys) => within(() => keys.forEach(({ id, master, wrapped }) => void ask(sql.rewrap, [id, master, wrapped]))),
    counts: () => doing(() => countsOf(ask(sql.counts, [])[0] ?? [])),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      db.close();
    },
  };
}
