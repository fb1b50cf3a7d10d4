import type { Awaitable } from "./awaitable.ts";
import type { Anchor, Position } from "./eventStore.ts";

/** Rows are JSON values: what goes in comes out, members in the order in which they were put. */
export type Row = unknown;

/**
 * A row's name. `table` begins with the generation that the row belongs to (`timelines@1#1/messages`). The parts are texts without
 * U+0000. Rows of one partition are ordered by the UTF-8 bytes of `sort`.
 */
export type RowKey = { table: string; partition: string; sort: string };

export type Write =
  | { op: "put"; table: string; partition: string; sort: string; value: Row }
  /** The same row in many partitions: fan-out on write, serialised once. */
  | { op: "putEach"; table: string; partitions: readonly string[]; sort: string; value: Row }
  | { op: "del"; table: string; partition: string; sort: string };

export type RangeQuery = {
  /** Exclusive bounds by `sort`; none: the end of the partition. */
  after?: string;
  before?: string;
  limit: number;
  reverse?: boolean;
};

export type SortedRow = { sort: string; value: Row };

/**
 * Moves the checkpoints of these generations, all of which must stand at `from` (null: never set), to `to`. `anchor`: the newest event up to there, which is
 * kept beside them; absent: the one from before stays.
 */
export type CheckpointMove = { of: readonly string[]; from: Position | null; to: Position; anchor?: Anchor };

/** Where the rows of projections are. Errors: `CheckpointMoved`, `Unavailable`. */
export type ViewStore = {
  get(table: string, partition: string, sort: string): Awaitable<Row | undefined>;
  /** One answer for each key, in their order. */
  getMany(keys: readonly RowKey[]): Awaitable<(Row | undefined)[]>;
  range(table: string, partition: string, query: RangeQuery): Awaitable<SortedRow[]>;
  /** The names of at most `limit` partitions of a table after `after` ("" from the first), in byte order. */
  partitions(table: string, after: string, limit: number): Awaitable<string[]>;
  /** All writes, in their order, and the moves, or nothing: atomic, and compare-and-set on the checkpoints. */
  commit(writes: readonly Write[], moves?: readonly CheckpointMove[]): Promise<void>;
  /** Deletes all rows of a generation, its checkpoint and its anchor. */
  drop(generation: string): Promise<void>;
};

/** Where a generation's checkpoint is read with `get`: a `Position`. */
export const checkpointKey = (generation: string): RowKey => ({ table: "checkpoints", partition: generation, sort: "" });

/** Where the `Anchor` beside a generation's checkpoint is read. */
export const anchorKey = (generation: string): RowKey => ({ table: "checkpoints", partition: generation, sort: "anchor" });
