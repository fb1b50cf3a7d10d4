import type { ViewStore, Write } from "../ports/viewStore.ts";
import type { Projection, Rows, TableWrite } from "./projection.ts";

/** Rows kept in memory between pages, over all projections of one runner. */
const ROWS_KEPT = 200_000;
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
  /** Takes the writes of one event; returns how many rows they are. */
  apply(projection: Projection, generation: string, writes: readonly TableWrite[]): number;
  /** The page's writes, for the commit. */
  readonly writes: readonly Write[];
  /** After a commit: the writes are in the store. */
  committed(): void;
  /** After a commit that failed: nothing of this page happened, and the store is asked anew. */
  rolledBack(): void;
};

/** What is held of one table. */
type Held = {
  /** The generation included. */
  readonly name: string;
  /** Whether handlers read it back. */
  readonly isRead: boolean;
  /** Rows that were asked for, as they are now. */
  readonly rows: Map<string, unknown>;
  /** Rows that this page wrote and nobody asked for so far: after the commit the store has them. */
  readonly written: Map<string, unknown>;
  /** Whole partitions. */
  readonly partitions: Map<string, Map<string, unknown>>;
};

const keyOf = (partition: string, sort: string): string => (sort === "" ? partition : `${partition}\0${sort}`);

export function createWorkspace(store: ViewStore): Workspace {
  const generations = new Map<string, Map<string, Held>>();
  let rowCount = 0;
  let partitionRows = 0;
  let writes: Write[] = [];

  const heldOf = (projection: Projection, generation: string, table: string): Held => {
    let tables = generations.get(generation);
    if (!tables) generations.set(generation, (tables = new Map<string, Held>()));
    let held = tables.get(table);
    if (!held) {
      const isRead = projection.reads.includes(table);
      held = { name: `${generation}/${table}`, isRead, rows: new Map(), written: new Map(), partitions: new Map() };
      tables.set(table, held);
    }
    return held;
  };

  const everyTable = function* (): Iterable<Held> {
    for (const tables of generations.values()) yield* tables.values();
  };

  const loadPartition = async ({ name }: Held, partition: string): Promise<Map<string, unknown>> => {
    const loaded = new Map<string, unknown>();
    for (let after: string | undefined; ;) {
      const page = await store.range(name, partition, { ...(after === undefined ? {} : { after }), limit: RANGE_PAGE });
      for (const { sort, value } of page) loaded.set(sort, value);
      after = page[page.length - 1]?.sort;
      if (page.length < RANGE_PAGE) break;
    }
    // What this page wrote and the store doesn't have yet.
    for (const write of writes) {
      if (write.table !== name) continue;
      if (write.op === "putEach") {
        if (write.partitions.includes(partition)) loaded.set(write.sort, write.value);
      } else if (write.partition === partition) {
        if (write.op === "put") loaded.set(write.sort, write.value);
        else loaded.delete(write.sort);
      }
    }
    return loaded;
  };

  const keep = ({ rows }: Held, key: string, value: unknown): void => {
    const before = rows.size;
    rows.set(key, value);
    rowCount += rows.size - before;
  };

  const remember = (held: Held, partition: string, sort: string, value: unknown): void => {
    const { rows, written, partitions } = held;
    const key = keyOf(partition, sort);
    if (rows.has(key)) rows.set(key, value);
    else written.set(key, value);
    const whole = partitions.size > 0 ? partitions.get(partition) : undefined;
    if (!whole) return;
    const before = whole.size;
    if (value === undefined) whole.delete(sort);
    else whole.set(sort, value);
    partitionRows += whole.size - before;
  };

  /** Lets go of a quarter of each table where there is too much: oldest first, as a Map yields its keys in the order of insertion. */
  const trim = (): void => {
    if (rowCount > ROWS_KEPT) {
      for (const { rows } of everyTable()) {
        let excess = Math.ceil(rows.size / 4);
        rowCount -= excess;
        for (const key of rows.keys()) {
          if (excess-- <= 0) break;
          rows.delete(key);
        }
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
      get: <T>(table: string, partition: string, sort: string) => {
        const held = heldOf(projection, generation, table);
        const key = keyOf(partition, sort);
        const known = held.rows.get(key);
        if (known !== undefined || held.rows.has(key)) return known as T | undefined;
        if (held.written.has(key)) {
          const value = held.written.get(key);
          held.written.delete(key);
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
      all: <T>(table: string, partition: string) => {
        const held = heldOf(projection, generation, table);
        const known = held.partitions.get(partition);
        if (known) return known as ReadonlyMap<string, T> as Map<string, T>;
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
        const { sort } = write;
        switch (write.op) {
          case "put":
            writes.push({ op: "put", table: held.name, partition: write.partition, sort, value: write.value });
            if (held.isRead) remember(held, write.partition, sort, write.value);
            count++;
            break;
          case "putEach":
            writes.push({ op: "putEach", table: held.name, partitions: write.partitions, sort, value: write.value });
            if (held.isRead) for (const partition of write.partitions) remember(held, partition, sort, write.value);
            count += write.partitions.length;
            break;
          case "del":
            writes.push({ op: "del", table: held.name, partition: write.partition, sort });
            if (held.isRead) remember(held, write.partition, sort, undefined);
            count++;
        }
      }
      return count;
    },
    get writes() {
      return writes;
    },
    committed: () => {
      writes = [];
      for (const { written } of everyTable()) written.clear();
      trim();
    },
    rolledBack: () => {
      writes = [];
      generations.clear();
      rowCount = 0;
      partitionRows = 0;
    },
  };
}
