import type { Awaitable } from "../ports/awaitable.ts";
import { jsonBytes } from "../ports/byteCache.ts";
import type { Write } from "../ports/viewStore.ts";
import { type FoldedStore, justAbove, type Projection, type Rows, type TableWrite } from "./projection.ts";

/** Of the rows kept in memory between pages, over all projections of one runner: clients choose how long some are. */
const ROWS_BYTES = 67_108_864;
/** Of one, beside its key and value. */
const ROW_BYTES = 80;
/** Whole partitions kept in memory between pages, counted in rows. */
const PARTITION_ROWS_KEPT = 500_000;
const RANGE_PAGE = 1_000;

/**
 * What a runner holds between the log and the view store: the writes of the page at hand, and the rows that projections read back, as they are
 * with those writes. Nothing is dropped from memory while its write waits for a commit.
 */
export type Workspace = {
  /** The rows of one projection's generation, this page's writes included. */
  rowsOf(projection: Projection, generation: string): Rows;
  /** Takes the writes of one event; returns how many rows the commit grows by: a row that this page has written already is written once. */
  apply(projection: Projection, generation: string, writes: readonly TableWrite[]): number;
  /** The page's writes, for the commit. */
  readonly writes: readonly Write[];
  /** After a commit: the writes are in the store. */
  committed(): void;
  /** After a commit that failed: nothing of this page happened, and the store is asked anew. */
  rolledBack(): void;
  /** What the rows take, about, that are kept now. */
  bytes(): number;
};

/** What is held of one table. */
type Held = {
  /** The generation included. */
  readonly name: string;
  /** Whether handlers read it back. */
  readonly isRead: boolean;
  /** Rows that were asked for, as they are now. */
  readonly rows: Map<string, unknown>;
  /** Rows that this page wrote, by their places in its writes: after the commit the store has them. */
  readonly written: Map<string, number>;
  /** Whole partitions. */
  readonly partitions: Map<string, Map<string, unknown>>;
  /** What this page wrote, by partition (undefined: deleted), from the first time on that rows are looked for by their order. */
  unstored: Map<string, Map<string, unknown>> | undefined;
};

const keyOf = (partition: string, sort: string): string => (sort === "" ? partition : `${partition}\0${sort}`);

export function createWorkspace(store: Pick<FoldedStore, "get" | "range">, most = ROWS_BYTES): Workspace {
  const generations = new Map<string, Map<string, Held>>();
  let rowBytes = 0;
  let partitionRows = 0;
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

  /** The same of a table that is to be read. Throws where the projection does not say that it reads it. */
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
    // What this page wrote and the store doesn't have yet.
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
      // Deleted by this page.
      before = stored.sort;
    }
  };

  const sizeOf = (key: string, value: unknown): number => ROW_BYTES + 2 * key.length + jsonBytes(value);

  const letGo = ({ rows }: Held, key: string): void => {
    if (!rows.has(key)) return;
    rowBytes -= sizeOf(key, rows.get(key));
    rows.delete(key);
  };

  const keep = ({ rows }: Held, key: string, value: unknown): void => {
    if (rows.has(key)) rowBytes -= sizeOf(key, rows.get(key));
    rows.set(key, value);
    rowBytes += sizeOf(key, value);
  };

  const add = (write: Write): number => {
    writes.push(write);
    return 1;
  };

  /** Takes a write of a table that is read back; returns by how many rows the page grew. */
  const remember = (held: Held, write: Exclude<Write, { op: "putEach" }>): number => {
    const { rows, written, partitions, unstored } = held;
    if (unstored) noteUnstored(unstored, write);
    const { partition, sort } = write;
    const value = write.op === "put" ? write.value : undefined;
    const key = keyOf(partition, sort);
    if (rows.has(key)) keep(held, key, value);
    const place = written.get(key);
    // Of what one commit writes to a row, the last counts: heads and marks are moved by every message of a page.
    if (place !== undefined) writes[place] = write;
    else written.set(key, writes.push(write) - 1);
    const whole = partitions.size > 0 ? partitions.get(partition) : undefined;
    if (whole) {
      const before = whole.size;
      if (value === undefined) whole.delete(sort);
      else whole.set(sort, value);
      partitionRows += whole.size - before;
    }
    return place === undefined ? 1 : 0;
  };

  /** Lets go of a quarter of each table where there is too much: oldest first, as a Map yields its keys in the order of insertion. */
  const trim = (): void => {
    for (let left = 1; rowBytes > most && left > 0;) {
      left = 0;
      for (const held of everyTable()) {
        let excess = Math.ceil(held.rows.size / 4);
        for (const key of held.rows.keys()) {
          if (excess-- <= 0) break;
          letGo(held, key);
        }
        left += held.rows.size;
      }
    }
    if (partitionRows > PARTITION_ROWS_KEPT) {
      for (const { partitions } of everyTable()) {
        let excess = Math.ceil(partitions.size / 4);
        for (const [key, whole] of partitions) {
          if (excess-- <= 0) break;
          partitions.delete(key);
          partitionRows -= whole.size;
        }
      }
    }
  };

  return {
    rowsOf: (projection, generation) => ({
      get: <T>(table: string, partition: string, sort: string): Awaitable<T | undefined> => {
        const held = readOf(projection, generation, table);
        const key = keyOf(partition, sort);
        const known = held.rows.get(key);
        if (known !== undefined || held.rows.has(key)) return known as T | undefined;
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
        if (known) return known as ReadonlyMap<string, T>;
        return loadPartition(held, partition).then((loaded) => {
          held.partitions.set(partition, loaded);
          partitionRows += loaded.size;
          return loaded as Map<string, T>;
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
        held.written.clear();
        held.unstored = undefined;
      }
      trim();
    },
    rolledBack: () => {
      writes = [];
      generations.clear();
      rowBytes = 0;
      partitionRows = 0;
    },
    bytes: () => rowBytes,
  };
}
