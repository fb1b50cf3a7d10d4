import type { Awaitable } from "./awaitable.ts";
import type { Anchor, Position } from "./eventStore.ts";

/** Rows are JSON values: what goes in comes out, with its members in the order in which they were put. */
export type Row = unknown;

/**
 * How many bytes of UTF-8 the parts of a row's name may have together. Every store takes so many; a store may refuse more. Ids,
 * handles and positions are so short that no projection comes near it.
 */
export const KEY_BYTES_MAX = 1_024;

/**
 * The name of a row. `table` begins with the generation that the row belongs to (`timelines@1#1/messages`). The parts are texts
 * without U+0000, of `KEY_BYTES_MAX` together. The rows of a partition are ordered by the UTF-8 bytes of `sort`.
 */
export type RowKey = { table: string; partition: string; sort: string };

export type Write =
  | { op: "put"; table: string; partition: string; sort: string; value: Row }
  /** The same row in many partitions: fan-out on write, serialised once. */
  | { op: "putEach"; table: string; partitions: readonly string[]; sort: string; value: Row }
  | { op: "del"; table: string; partition: string; sort: string };

export type RangeQuery = {
  /** Exclusive bounds by `sort`; absent: the end of the partition. */
  after?: string;
  before?: string;
  limit: number;
  reverse?: boolean;
};

export type SortedRow = { sort: string; value: Row };

/**
 * Moves the checkpoints of these generations from `from` (null: never set), where all of them must be, to `to`. `anchor` is the
 * newest event up to there, and is kept beside them; if it is absent, the earlier one stays.
 */
export type CheckpointMove = { of: readonly string[]; from: Position | null; to: Position; anchor?: Anchor };

/** Where a generation stands: all events up to `position` are in its rows. `anchor` is the newest of them. */
export type Checkpoint = { position: Position; anchor?: Anchor };

/** What a store is (`level`), its version, and what it takes on disk in bytes. `trouble`: why it cannot be used now. */
export type ViewStoreStatus = { kind: string; version?: string; bytes?: number; trouble?: string };

/** A row of a generation. `table` is named without the generation; `text` is the value as JSON, as it is stored. */
export type StoredRow = { table: string; partition: string; sort: string; text: string };

/** All rows and checkpoints as they were at one moment. What is committed later is not seen. Errors: `Unavailable`. */
export type ViewSnapshot = {
  get(table: string, partition: string, sort: string): Awaitable<Row | undefined>;
  checkpoint(generation: string): Awaitable<Checkpoint | undefined>;
  /** See `ViewStore`. */
  checkpoints(generations: readonly string[]): Awaitable<(Checkpoint | undefined)[]>;
  /**
   * At most `limit` rows of all tables of a generation, after a row. The order is that of table, partition and sort, each by its
   * bytes.
   */
  rows(generation: string, after: Omit<StoredRow, "text"> | undefined, limit: number): Promise<StoredRow[]>;
  /** Lets go of it. A snapshot that is held keeps the store from giving back space. */
  close(): Promise<void>;
};

/** Where the rows of projections are kept. Errors: `CheckpointMoved`, `Unavailable`. */
export type ViewStore = {
  get(table: string, partition: string, sort: string): Awaitable<Row | undefined>;
  /**
   * One answer for each key, in their order. `isOnce`: nobody is likely to ask for them again soon, so a store that keeps rows at
   * hand need not keep these.
   */
  getMany(keys: readonly RowKey[], isOnce?: boolean): Awaitable<(Row | undefined)[]>;
  range(table: string, partition: string, query: RangeQuery): Awaitable<SortedRow[]>;
  /** The names of at most `limit` partitions of a table after `after` ("" from the first), in byte order. */
  partitions(table: string, after: string, limit: number): Awaitable<string[]>;
  /** Where a generation stands; undefined where its checkpoint was never set. */
  checkpoint(generation: string): Awaitable<Checkpoint | undefined>;
  /** The same for many, as they are at one moment: one answer for each, in their order. */
  checkpoints(generations: readonly string[]): Awaitable<(Checkpoint | undefined)[]>;
  /** Does all writes, in their order, and the moves, or nothing: atomic, with compare-and-set on the checkpoints. */
  commit(writes: readonly Write[], moves?: readonly CheckpointMove[]): Promise<void>;
  /** Takes a snapshot. It must be closed. */
  snapshot(): Promise<ViewSnapshot>;
  /** Deletes all rows of a generation, its checkpoint and its anchor, and those of its slices (`timelines@1#1/3`). */
  drop(generation: string): Promise<void>;
  /** About how many bytes the rows of a generation take on disk. What was written last may not be counted yet. */
  size(generation: string): Promise<number>;
  /** What it is. What cannot be told is left out. */
  status(): Promise<ViewStoreStatus>;
};
