import type { Awaitable } from "../ports/awaitable.ts";
import { jsonBytes } from "../ports/byteCache.ts";
import type { Write } from "../ports/viewStore.ts";
import { type FoldedStore, justAbove, type Projection, type Rows, type TableWrite } from "./projection.ts";

/**
 * Memory for rows that are kept between pages, over all projections of one runner. It is counted in bytes, because clients choose
 * how long some rows are.
 */
const ROWS_BYTES = 67_108_864;
/** What one row takes beside its key and value. */
const ROW_BYTES = 80;
/** Memory for whole partitions that are kept between pages: beside the rows, because an event may need one of them again soon. */
const PARTITIONS_BYTES = 134_217_728;
const RANGE_PAGE = 1_000;

/**
 * What a runner holds between the log and the view store: the writes of the present page, and the rows that projections read
 * back, with those writes applied. Nothing is dropped from memory while its write waits for a commit.
 */
export type Workspace = {
  /** The rows of one projection's generation, with the writes of this page. */
  rowsOf(projection: Projection, generation: string): Rows;
  /**
   * Takes the writes of one event. Returns by how many rows the commit grows. A row that this page writes again counts only once.
   */
  apply(projection: Projection, generation: string, writes: readonly TableWrite[]): number;
  /** The page's writes, for the commit. */
  readonly writes: readonly Write[];
  /** To be called after a commit: the writes are in the store. */
  committed(): void;
  /** To be called after a failed commit: nothing of this page happened, and rows are read from the store again. */
  rolledBack(): void;
  /** About how many bytes the kept rows take, those of whole partitions included. */
  bytes(): number;
};

/** What is held of one table. */
type Held = {
  /** The table's name, with the generation. */
  readonly name: string;
  /** Whether handlers read the table back. */
  readonly isRead: boolean;
  /** Rows that were asked for, as they are now. */
  readonly rows: Map<string, Kept>;
  /** Rows that this page wrote, with their index in the page's writes. After the commit the store has them. */
  readonly written: Map<string, number>;
  /** Whole partitions. */
  readonly partitions: Map<string, Whole>;
  /** What this page wrote, by partition (undefined: deleted). Kept only from the first ordered read on. */
  unstored: Map<string, Map<string, unknown>> | undefined;
};

/** A row, and about how many bytes it takes, or took before this page. */
type Kept = { value: unknown; bytes: number };

/** A whole partition, and about how many bytes it takes. */
type Whole = { readonly rows: Map<string, unknown>; bytes: number };

const keyOf = (partition: string, sort: string): string => (sort === "" ? partition : `${partition}\0${sort}`);

/** `most`, `mostOfPartitions`: bytes. */
export function createWorkspace(
  store: Pick<FoldedStore, "get" | "range">,
  most = ROWS_BYTES,
  mostOfPartitions = PARTITIONS_BYTES,
): Workspace {
  const generations = new Map<string, Map<string, Held>>();
  let rowBytes = 0;
  let partitionBytes = 0;
  let writes: Write[] = [];

  const heldOf = (projection: Projection, generation: string, table: string): Held => {
    let tables = generations.get(generation);
    if (!tables) generations.set(generation, (tables = new Map<string, Held>()));
    let held = tables.get(table);
    if (!held) {
      const isRead = projection.reads.includes(table);
      held = {
        name: `${generation}/${table}`,
        isRead,
        rows: new Map(),
        written: new Map(),
        partitions: new Map(),
        unstored: undefined,
      };
      tables.set(table, held);
    }
    return held;
  };

  /** The same for a table that is to be read. Throws if the projection does not declare it in `reads`. */
  const readOf = (projection: Projection, generation: string, table: string): Held => {
    const held = heldOf(projection, generation, table);
    if (!held.isRead) throw new TypeError(`${held.name} is not among the tables that its projection reads`);
    return held;
  };

  const everyTable = function* (): Iterable<Held> {
    for (const tables of generations.values()) yield* tables.values();
  };

  const noteUnstored = (of: NonNullable<Held["unstored"]>, write: Write): void => {
    const value = write.op === "del" ? undefined : write.value;
    for (const partition of write.op === "putEach" ? write.partitions : [write.partition]) {
      const rows = of.get(partition);
      if (rows) rows.set(write.sort, value);
      else of.set(partition, new Map([[write.sort, value]]));
    }
  };

  const unstoredOf = (held: Held): NonNullable<Held["unstored"]> => {
    if (held.unstored) return held.unstored;
    const made: NonNullable<Held["unstored"]> = new Map();
    for (const write of writes) if (write.table === held.name) noteUnstored(made, write);
    return (held.unstored = made);
  };

  const loadPartition = async (held: Held, partition: string): Promise<Map<string, unknown>> => {
    const { name } = held;
    const loaded = new Map<string, unknown>();
    for (let after: string | undefined; ;) {
      const page = await store.range(name, partition, { ...(after === undefined ? {} : { after }), limit: RANGE_PAGE });
      for (const { sort, value } of page) loaded.set(sort, value);
      after = page[page.length - 1]?.sort;
      if (page.length < RANGE_PAGE) break;
    }
    // Adds what this page wrote and the store does not have yet.
    for (const [sort, value] of unstoredOf(held).get(partition) ?? []) {
      if (value === undefined) loaded.delete(sort);
      else loaded.set(sort, value);
    }
    return loaded;
  };

  const floor = async (held: Held, partition: string, sort: string): Promise<{ sort: string; value: unknown } | undefined> => {
    const unstored = unstoredOf(held).get(partition);
    let best: { sort: string; value: unknown } | undefined;
    for (const [key, value] of unstored ?? [])
      if (value !== undefined && key <= sort && key >= (best?.sort ?? "")) best = { sort: key, value };
    for (let before = justAbove(sort); ;) {
      const [stored] = await store.range(held.name, partition, { before, limit: 1, reverse: true });
      if (stored === undefined || stored.sort <= (best?.sort ?? "")) return best;
      if (!unstored?.has(stored.sort)) return stored;
      // This page deleted it.
      before = stored.sort;
    }
  };

  const sizeOf = (key: string, value: unknown): number => ROW_BYTES + 2 * key.length + jsonBytes(value);

  const keep = ({ rows }: Held, key: string, value: unknown): void => {
    const bytes = sizeOf(key, value);
    // A handler may have asked for it twice at once.
    rowBytes += bytes - (rows.get(key)?.bytes ?? 0);
    rows.set(key, { value, bytes });
  };

  /** Weighs the rows that this page wrote: once, however often it did. */
  const weigh = ({ rows, written }: Held): void => {
    if (rows.size === 0) return;
    for (const key of written.keys()) {
      const kept = rows.get(key);
      if (!kept) continue;
      const bytes = sizeOf(key, kept.value);
      rowBytes += bytes - kept.bytes;
      kept.bytes = bytes;
    }
  };

  const sizeIn = (sort: string, value: unknown): number => (value === undefined ? 0 : sizeOf(sort, value));

  const resize = (whole: Whole, by: number): void => {
    whole.bytes += by;
    partitionBytes += by;
  };

  const add = (write: Write): number => {
    writes.push(write);
    return 1;
  };

  /** Takes a write to a table that is read back. Returns by how many rows the page grew. */
  const remember = (held: Held, write: Exclude<Write, { op: "putEach" }>): number => {
    const { rows, written, partitions, unstored } = held;
    if (unstored) noteUnstored(unstored, write);
    const { partition, sort } = write;
    const value = write.op === "put" ? write.value : undefined;
    const key = keyOf(partition, sort);
    const kept = rows.size > 0 ? rows.get(key) : undefined;
    if (kept) kept.value = value;
    const place = written.get(key);
    // Only the last write to a row counts in one commit. Heads and marks move with every message of a page.
    if (place !== undefined) writes[place] = write;
    else written.set(key, writes.push(write) - 1);
    const whole = partitions.size > 0 ? partitions.get(partition) : undefined;
    if (whole) {
      resize(whole, sizeIn(sort, value) - sizeIn(sort, whole.rows.get(sort)));
      if (value === undefined) whole.rows.delete(sort);
      else whole.rows.set(sort, value);
    }
    return place === undefined ? 1 : 0;
  };

  /**
   * When there is too much, removes a quarter of each table. The oldest go first, because a Map yields its keys in the order of
   * insertion.
   */
  const trim = (): void => {
    for (let left = 1; rowBytes > most && left > 0;) {
      left = 0;
      for (const held of everyTable()) {
        let excess = Math.ceil(held.rows.size / 4);
        for (const [key, { bytes }] of held.rows) {
          if (excess-- <= 0) break;
          held.rows.delete(key);
          rowBytes -= bytes;
        }
        left += held.rows.size;
      }
    }
    for (let left = 1; partitionBytes > mostOfPartitions && left > 0;) {
      left = 0;
      for (const { partitions } of everyTable()) {
        let excess = Math.ceil(partitions.size / 4);
        for (const [key, whole] of partitions) {
          if (excess-- <= 0) break;
          partitions.delete(key);
          partitionBytes -= whole.bytes;
        }
        left += partitions.size;
      }
    }
  };

  return {
    rowsOf: (projection, generation) => ({
      get: <T>(table: string, partition: string, sort: string): Awaitable<T | undefined> => {
        const held = readOf(projection, generation, table);
        const key = keyOf(partition, sort);
        const known = held.rows.get(key);
        if (known) return known.value as T | undefined;
        const place = held.written.get(key);
        if (place !== undefined) {
          const write = writes[place];
          const value = write?.op === "put" ? write.value : undefined;
          keep(held, key, value);
          return value as T | undefined;
        }
        const found = store.get(held.name, partition, sort);
        if (!(found instanceof Promise)) {
          keep(held, key, found);
          return found as T | undefined;
        }
        return found.then((value) => {
          keep(held, key, value);
          return value as T | undefined;
        });
      },
      floor: async <T>(table: string, partition: string, sort: string) =>
        floor(readOf(projection, generation, table), partition, sort) as Promise<{ sort: string; value: T } | undefined>,
      all: <T>(table: string, partition: string): Awaitable<ReadonlyMap<string, T>> => {
        const held = readOf(projection, generation, table);
        const known = held.partitions.get(partition);
        if (known) return known.rows as ReadonlyMap<string, T>;
        return loadPartition(held, partition).then((rows) => {
          const whole: Whole = { rows, bytes: 0 };
          for (const [sort, value] of rows) resize(whole, sizeIn(sort, value));
          held.partitions.set(partition, whole);
          return rows as Map<string, T>;
        });
      },
    }),
    apply: (projection, generation, made) => {
      let count = 0;
      for (const write of made) {
        const held = heldOf(projection, generation, write.table);
        const { name: table, isRead } = held;
        const { sort } = write;
        if (write.op !== "putEach") {
          const { partition } = write;
          const one =
            write.op === "put"
              ? { op: write.op, table, partition, sort, value: write.value }
              : { op: write.op, table, partition, sort };
          count += isRead ? remember(held, one) : add(one);
        } else if (isRead) {
          for (const partition of write.partitions)
            count += remember(held, { op: "put", table, partition, sort, value: write.value });
        } else {
          add({ op: "putEach", table, partitions: write.partitions, sort, value: write.value });
          count += write.partitions.length;
        }
      }
      return count;
    },
    get writes() {
      return writes;
    },
    committed: () => {
      writes = [];
      for (const held of everyTable()) {
        weigh(held);
        held.written.clear();
        held.unstored = undefined;
      }
      trim();
    },
    rolledBack: () => {
      writes = [];
      generations.clear();
      rowBytes = 0;
      partitionBytes = 0;
    },
    bytes: () => rowBytes + partitionBytes,
  };
}
