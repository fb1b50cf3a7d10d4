import { createHash } from "node:crypto";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { Allowed } from "../visible.ts";
import type { Tables } from "./tables.ts";

/** How many bytes all kept sets may take together. */
const KEPT_BYTES = 16_777_216;
/** About how many bytes a conversation or window of a set takes, and an empty set. */
const ROW_BYTES = 64;
const SET_BYTES = 1_024;

const TABLE = "temp.allowed";
const ALL_SEQS = `0, ${Number.MAX_SAFE_INTEGER}`;

/** What somebody may find. `conversations`: their numbers, at most as many as were asked for. */
export type AllowedSet = { set: number; conversations: readonly number[] };

type Kept = AllowedSet & {
  rows: number;
  /**
   * The number of the newest conversation when the set was made. Defined only if the index did not have all conversations of the
   * set yet: newer ones may belong to it.
   */
  last: number | undefined;
};

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
  const countRows = db.prepare(`select count(*), count(distinct conversation) from ${TABLE} where owner = ?`);
  const findNumbers = db.prepare(`select distinct conversation from ${TABLE} where owner = ? order by 1 limit ?`);
  const sets = new Map<string, Kept>();
  let owners = 0;
  let bytes = 0;
  const bytesOf = (rows: number): number => SET_BYTES + rows * ROW_BYTES;

  const remove = (key: string, { set, rows: own }: Kept): void => {
    empty.run(set);
    sets.delete(key);
    bytes -= bytesOf(own);
  };

  const lastOf = ({ conversations }: Tables): number =>
    (db.prepare(`select coalesce(max(number), 0) from ${conversations}`).get() as [number])[0];

  const fill = (tables: Tables, key: string, { whole, windows }: Allowed, atMost: number): Kept => {
    const { conversations } = tables;
    const set = ++owners;
    db.prepare(
      `insert or ignore into ${TABLE} select ?, c.number, ${ALL_SEQS} from json_each(?) cross join ${conversations} c on c.id = value`,
    ).run(set, JSON.stringify(whole));
    const list = [...windows.values()]
      .flat()
      .map(({ conversationId, fromSeq, toSeq }) => [conversationId, fromSeq, toSeq ?? Number.MAX_SAFE_INTEGER]);
    db.prepare(
      `insert or ignore into ${TABLE} select ?, c.number, value ->> 1, value ->> 2 from json_each(?) cross join ${conversations} c on c.id = value ->> 0`,
    ).run(set, JSON.stringify(list));
    const [own, found] = countRows.get(set) as [number, number];
    const numbers = (findNumbers.all(set, atMost) as [number][]).map(([number]) => number);
    const isWhole = found === whole.length + windows.size;
    const kept = { set, conversations: numbers, rows: own, last: isWhole ? undefined : lastOf(tables) };
    for (const [other, its] of sets) {
      if (bytes + bytesOf(own) <= most) break;
      remove(other, its);
    }
    sets.set(key, kept);
    bytes += bytesOf(own);
    return kept;
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
      return fill(tables, key, allowed, atMost);
    },
    forget: () => {
      sets.clear();
      bytes = 0;
      db.exec(`delete from ${TABLE}`);
    },
    bytes: () => bytes,
  };
}

/** Short, however much is allowed. */
const nameOf = ({ conversations }: Tables, { whole, windows }: Allowed, atMost: number): string =>
  createHash("sha256")
    .update(JSON.stringify([conversations, atMost, whole, [...windows.values()]]))
    .digest("base64");
