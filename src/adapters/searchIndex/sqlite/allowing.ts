import { createHash } from "node:crypto";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { SeqWindow, VisibleChange } from "../../../ports/searchIndex.ts";
import { type Allowed, allowedBy } from "../visible.ts";
import type { SentVisible } from "./sentVisible.ts";
import type { Tables } from "./tables.ts";

/** How many bytes all kept sets may take together. */
const KEPT_BYTES = 16_777_216;
/** About how many bytes a conversation or window of a set takes, and an empty set. */
const ROW_BYTES = 64;
const SET_BYTES = 1_024;

const TABLE = "temp.allowed";
const LAST_SEQ = Number.MAX_SAFE_INTEGER;
const ALL_SEQS = `0, ${LAST_SEQ}`;

/**
 * What somebody may find. `conversations`: their numbers, at most as many as were asked for. `hasWindows`: of some of them not
 * everything.
 */
export type AllowedSet = { set: number; conversations: readonly number[]; hasWindows: boolean };

type Seqs = readonly [from: number, to: number];

type Kept = AllowedSet & {
  rows: number;
  bytes: number;
  /**
   * The number of the newest conversation when the set was made. Defined only if the index did not have all conversations of the
   * set yet: newer ones may belong to it.
   */
  last: number | undefined;
};

/** A set that is kept by its name, and follows what changes. `missing`: what the index did not have yet. */
type Followed = Kept & { version: number; missing: Map<string, Seqs[]> };

/** An SQL condition: whether a set contains a message. The arguments name the set's value and the message's columns. */
export const isAllowed = (set: string, conversation: string, seq: string): string =>
  `exists (select 1 from ${TABLE} a where a.owner = ${set} and a.conversation = ${conversation} and ${seq} between a.from_seq and a.to_seq)`;

/**
 * Keeps what users may find, as a table beside the index. A user who searches again, or turns a page, may mostly find the same.
 * Then thousands of groups need not be looked up again.
 */
export type Allowing = {
  /** The set for this visibility. Call it in a transaction, and use the set within the same one. */
  setOf(tables: Tables, allowed: Allowed, atMost: number): AllowedSet;
  /** The same for one that is kept by its name. Undefined: what was sent before is not here. `atMost`: the same each time. */
  keptSet(tables: Tables, visible: SentVisible, atMost: number): AllowedSet | undefined;
  /** To be called after a transaction that was rolled back. */
  forget(): void;
  /** About how many bytes the kept sets take. */
  bytes(): number;
};

/** `most`: how many bytes are kept. A single larger set is kept alone. */
export function allowing(db: DatabaseSyncInstance, most = KEPT_BYTES): Allowing {
  db.exec(
    `create table ${TABLE} (owner integer, conversation integer, from_seq integer, to_seq integer, primary key (owner, conversation, from_seq, to_seq)) without rowid`,
  );
  const empty = db.prepare(`delete from ${TABLE} where owner = ?`);
  const emptyOf = db.prepare(`delete from ${TABLE} where owner = ? and conversation = ?`);
  const add = db.prepare(`insert or ignore into ${TABLE} values (?, ?, ?, ?)`);
  const countRows = db.prepare(`select count(*), count(distinct conversation) from ${TABLE} where owner = ?`);
  const findNumbers = db.prepare(`select distinct conversation from ${TABLE} where owner = ? order by 1 limit ?`);
  const findWindow = db.prepare(
    `select exists (select 1 from ${TABLE} where owner = ? and (from_seq > 1 or to_seq < ${LAST_SEQ}))`,
  );
  const sets = new Map<string, Kept>();
  let owners = 0;
  let bytes = 0;

  const remove = (key: string, { set, bytes: own }: Kept): void => {
    empty.run(set);
    sets.delete(key);
    bytes -= own;
  };

  /** Keeps a set as the one that was used last, and lets go of others if there is no room. */
  const keep = (key: string, kept: Kept): void => {
    for (const [other, its] of sets) {
      if (bytes + kept.bytes <= most) break;
      remove(other, its);
    }
    sets.set(key, kept);
    bytes += kept.bytes;
  };

  const lastOf = ({ conversations }: Tables): number =>
    (db.prepare(`select coalesce(max(number), 0) from ${conversations}`).get() as [number])[0];

  /** Puts rows into a set, for the conversations that the index has. */
  const insert = ({ conversations }: Tables, set: number, whole: readonly string[], windows: Iterable<SeqWindow>): void => {
    db.prepare(
      `insert or ignore into ${TABLE} select ?, c.number, ${ALL_SEQS} from json_each(?) cross join ${conversations} c on c.id = value`,
    ).run(set, JSON.stringify(whole));
    const list = [...windows].map(({ conversationId, ...window }) => [conversationId, ...seqsOf(window)]);
    db.prepare(
      `insert or ignore into ${TABLE} select ?, c.number, value ->> 1, value ->> 2 from json_each(?) cross join ${conversations} c on c.id = value ->> 0`,
    ).run(set, JSON.stringify(list));
  };

  /** What the rows of a set say of it. */
  const described = (set: number, atMost: number): Pick<Kept, "rows" | "conversations" | "hasWindows"> & { found: number } => {
    const [rows, found] = countRows.get(set) as [number, number];
    const numbers = (findNumbers.all(set, atMost) as [number][]).map(([number]) => number);
    return { rows, found, conversations: numbers, hasWindows: (findWindow.get(set) as [number])[0] === 1 };
  };

  const fill = (tables: Tables, { whole, windows }: Allowed, atMost: number): Kept => {
    const set = ++owners;
    insert(tables, set, whole, [...windows.values()].flat());
    const { found, ...own } = described(set, atMost);
    const isWhole = found === whole.length + windows.size;
    return { set, ...own, bytes: bytesOf(own.rows), last: isWhole ? undefined : lastOf(tables) };
  };

  /** Those of some conversations that the index does not have. */
  const missingOf = ({ conversations }: Tables, ids: Iterable<string>): string[] => {
    const sql = `select value from json_each(?) where not exists (select 1 from ${conversations} c where c.id = value)`;
    return (db.prepare(sql).all(JSON.stringify([...ids])) as [string][]).map(([id]) => id);
  };

  /** `missing` and `set` are as they are to be; the rest is told by the rows. */
  const followed = (tables: Tables, set: number, version: number, missing: Map<string, Seqs[]>, atMost: number): Followed => {
    const { found: _, ...own } = described(set, atMost);
    let size = bytesOf(own.rows);
    for (const [id, seqs] of missing) size += (1 + seqs.length) * ROW_BYTES + 2 * id.length;
    return { set, version, missing, ...own, bytes: size, last: missing.size === 0 ? undefined : lastOf(tables) };
  };

  const begun = (tables: Tables, version: number, { whole, windows }: Allowed, atMost: number): Followed => {
    const set = ++owners;
    insert(tables, set, whole, [...windows.values()].flat());
    const missing = new Map<string, Seqs[]>();
    for (const id of missingOf(tables, [...whole, ...windows.keys()]))
      missing.set(id, windows.get(id)?.map(seqsOf) ?? [[0, LAST_SEQ]]);
    return followed(tables, set, version, missing, atMost);
  };

  /** Takes in what changed of a set, and conversations that the index has got since. */
  const changed = (
    tables: Tables,
    before: Followed,
    version: number,
    changes: readonly VisibleChange[],
    atMost: number,
  ): Followed => {
    const { set, missing, last } = before;
    if (changes.length === 0 && (last === undefined || last === lastOf(tables))) return { ...before, version };
    const find = db.prepare(`select number from ${tables.conversations} where id = ?`);
    for (const { conversationId, seen } of changes) {
      const seqs: Seqs[] = seen === "all" ? [[0, LAST_SEQ]] : seen.map(seqsOf);
      const [number] = (find.get(conversationId) ?? []) as [number?];
      if (number !== undefined) emptyOf.run(set, number);
      missing.delete(conversationId);
      if (number === undefined && seqs.length > 0) missing.set(conversationId, seqs);
      if (number !== undefined) for (const [from, to] of seqs) add.run(set, number, from, to);
    }
    const isNew = db.prepare(`select number, id from ${tables.conversations} where number > ?`);
    for (const [number, id] of last === undefined ? [] : (isNew.all(last) as [number, string][])) {
      for (const [from, to] of missing.get(id) ?? []) add.run(set, number, from, to);
      missing.delete(id);
    }
    return followed(tables, set, version, missing, atMost);
  };

  return {
    setOf: (tables, allowed, atMost) => {
      const key = nameOf(tables, allowed, atMost);
      const kept = sets.get(key);
      if (kept) {
        if (kept.last === undefined || kept.last === lastOf(tables)) {
          // Set it again, so that the most recently used set is removed last.
          sets.delete(key);
          sets.set(key, kept);
          return kept;
        }
        remove(key, kept);
      }
      const filled = fill(tables, allowed, atMost);
      keep(key, filled);
      return filled;
    },
    keptSet: (tables, visible, atMost) => {
      const key = `${tables.conversations} ${visible.id}`;
      const kept = sets.get(key) as Followed | undefined;
      if ("all" in visible) {
        if (kept) remove(key, kept);
        const filled = begun(tables, visible.version, allowedBy({ visible: visible.all }) ?? NOTHING, atMost);
        keep(key, filled);
        return filled;
      }
      if (kept === undefined || kept.version < visible.since) return undefined;
      const now = changed(tables, kept, Math.max(kept.version, visible.version), visible.changes, atMost);
      sets.delete(key);
      bytes -= kept.bytes;
      keep(key, now);
      return now;
    },
    forget: () => {
      sets.clear();
      bytes = 0;
      db.exec(`delete from ${TABLE}`);
    },
    bytes: () => bytes,
  };
}

const NOTHING: Allowed = { whole: [], windows: new Map() };

const bytesOf = (rows: number): number => SET_BYTES + rows * ROW_BYTES;

const seqsOf = ({ fromSeq, toSeq }: Omit<SeqWindow, "conversationId">): Seqs => [fromSeq, toSeq ?? LAST_SEQ];

/** Short, however much is allowed. */
const nameOf = ({ conversations }: Tables, { whole, windows }: Allowed, atMost: number): string =>
  createHash("sha256")
    .update(JSON.stringify([conversations, atMost, whole, [...windows.values()]]))
    .digest("base64");
