import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import type { Open } from "../../ports/awaitable.ts";
import type { TreeExtent, TreeHead, TreeMark, TreeStore } from "../../ports/auditTree.ts";
import { Unavailable } from "../../ports/faults.ts";
import { makeDirectory } from "../directory.ts";

/** Where the trees of a directory are: one file for each log that was there, named by the log's id. */
export const auditDirectory = (dataDir: string): string => join(dataDir, "audit");
const fileOf = (dataDir: string, logId: string): string => join(auditDirectory(dataDir), `${logId}.sqlite`);

/** Marks a database as a tree of Tidings ("TidA"). */
const APPLICATION_ID = 0x54696441;
const SCHEMA = 1;
/** How long to wait for another connection, in milliseconds. */
const BUSY_MS = 5_000;

const TABLES = `
  create table extent (one integer primary key check (one = 1), size integer not null, position text not null);
  create table tiles (level integer not null, place integer not null, hashes blob not null, primary key (level, place)) without rowid;
  create table marks (after text primary key, place integer not null) without rowid;
  create table heads (size integer primary key, root text not null, signed_at text not null, signature text not null, key text not null);
`;

type HeadRow = [size: number, root: string, signedAt: string, signature: string, key: string];

/**
 * The tree over the log of this id, in a file of its own in DATA_DIR. It can be made again from the log, but the heads in it
 * cannot. `write`: makes it where there is none. Without that, resolves with undefined then. Throws `Unavailable`.
 */
export function sqliteTreeStore(dataDir: string, logId: string, write: true): Open<TreeStore>;
export function sqliteTreeStore(dataDir: string, logId: string, write: boolean): Open<TreeStore> | undefined;
export function sqliteTreeStore(dataDir: string, logId: string, write: boolean): Open<TreeStore> | undefined {
  const file = fileOf(dataDir, logId);
  const doing = <T>(what: () => T): T => {
    try {
      return what();
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      throw new Unavailable(`the tree of the log in ${file} cannot be used: ${(error as Error).message}`, "unknown", {
        cause: error,
      });
    }
  };
  if (!write && !existsSync(file)) return undefined;
  const db = doing(() => {
    if (write) makeDirectory(auditDirectory(dataDir));
    return new DatabaseSync(file, { timeout: BUSY_MS, returnArrays: true, readOnly: !write });
  });
  const get = <Row>(sql: string, ...values: (string | number)[]): Row | undefined =>
    doing(() => db.prepare(sql).get(...values) as Row | undefined);
  try {
    doing(() => {
      const one = (pragma: string): unknown => (db.prepare(`pragma ${pragma}`).get() as [unknown])[0];
      if (write) db.exec("pragma journal_mode = wal; pragma synchronous = full");
      if (write && one("application_id") === 0 && one("schema_version") === 0)
        db.exec(`begin immediate; ${TABLES} pragma application_id = ${APPLICATION_ID}; pragma user_version = ${SCHEMA}; commit`);
      if (one("application_id") !== APPLICATION_ID || one("user_version") !== SCHEMA)
        throw new Unavailable(`${file} is no tree that this version knows: move it away, and the tree is made again`);
    });
  } catch (error) {
    db.close();
    throw error;
  }
  const extent = (): TreeExtent | undefined => {
    const row = get<[number, string]>("select size, position from extent");
    return row && { size: row[0], position: row[1] };
  };
  const headOf = ([size, root, signedAt, signature, key]: HeadRow): TreeHead => ({
    size,
    root,
    signedAt,
    signature,
    key,
  });
  const HEAD = "size, root, signed_at, signature, key";
  return {
    extent,
    tile: (level, index) => {
      const row = get<[Uint8Array]>("select hashes from tiles where level = ? and place = ?", level, index);
      return row && Buffer.from(row[0]);
    },
    markBefore: (position) => {
      const row = get<[number, string]>("select place, after from marks where after < ? order by after desc limit 1", position);
      return row && ({ index: row[0], after: row[1] } satisfies TreeMark);
    },
    grow: (from, to, tiles, marks) =>
      doing(() => {
        db.exec("begin immediate");
        try {
          const now = extent();
          if (now?.size !== from?.size || now?.position !== from?.position) {
            db.exec("rollback");
            return false;
          }
          db.prepare("insert or replace into extent values (1, ?, ?)").run(to.size, to.position);
          const put = db.prepare("insert or replace into tiles values (?, ?, ?)");
          for (const { level, index, hashes } of tiles) put.run(level, index, hashes);
          const mark = db.prepare("insert or replace into marks values (?, ?)");
          for (const { after, index } of marks) mark.run(after, index);
          db.exec("commit");
          return true;
        } catch (error) {
          if (db.isTransaction) db.exec("rollback");
          throw error;
        }
      }),
    keep: (head) =>
      doing(() => {
        const { size, root, signedAt, signature, key } = head;
        db.prepare("insert or ignore into heads values (?, ?, ?, ?, ?)").run(size, root, signedAt, signature, key);
        const row = get<HeadRow>(`select ${HEAD} from heads where size = ?`, size);
        return row ? headOf(row) : head;
      }),
    newestHead: () => {
      const row = get<HeadRow>(`select ${HEAD} from heads order by size desc limit 1`);
      return row && headOf(row);
    },
    heads: (size, limit) =>
      doing(() =>
        (db.prepare(`select ${HEAD} from heads where size > ? order by size limit ?`).all(size, limit) as HeadRow[]).map(headOf),
      ),
    close: async () => db.close(),
  };
}
