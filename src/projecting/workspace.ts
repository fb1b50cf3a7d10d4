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

export function createWorkspace(store: ViewStore): Workspace {
  const rows = new Map<string, unknown>();
  const partitions = new Map<string, Map<string, unknown>>();
  let partitionRows = 0;
  let writes: Write[] = [];
  const tables = new Map<string, string>();

  const fullName = (generation: string, table: string): string => {
    const key = `${generation}/${table}`;
    const known = tables.get(key);
    if (known !== undefined) return known;
    tables.set(key, key);
    return key;
  };
  const partitionKey = (table: string, partition: string) => `${table}\0${partition}`;
  const rowKey = (table: string, partition: string, sort: string) => `${table}\0${partition}\0${sort}`;

  const loadPartition = async (table: string, partition: string): Promise<Map<string, unknown>> => {
    const loaded = new Map<string, unknown>();
    for (let after: string | undefined; ;) {
      const page = await store.range(table, partition, { ...(after === undefined ? {} : { after }), limit: RANGE_PAGE });
      for (const { sort, value } of page) loaded.set(sort, value);
      after = page[page.length - 1]?.sort;
      if (page.length < RANGE_PAGE) break;
    }
    // What this page wrote and the store doesn't have yet.
    for (const write of writes) {
      if (write.table !== table) continue;
      if (write.op === "putEach") {
        if (write.partitions.includes(partition)) loaded.set(write.sort, write.value);
      } else if (write.partition === partition) {
        if (write.op === "put") loaded.set(write.sort, write.value);
        else loaded.delete(write.sort);
      }
    }
    return loaded;
  };

  const remember = (table: string, partition: string, sort: string, value: unknown): void => {
    rows.set(rowKey(table, partition, sort), value);
    const whole = partitions.get(partitionKey(table, partition));
    if (!whole) return;
    const before = whole.size;
    if (value === undefined) whole.delete(sort);
    else whole.set(sort, value);
    partitionRows += whole.size - before;
  };

  const trim = (): void => {
    // Oldest first: a Map yields its keys in the order of insertion.
    if (rows.size > ROWS_KEPT) {
      let excess = rows.size - ROWS_KEPT * 0.75;
      for (const key of rows.keys()) {
        if (excess-- <= 0) break;
        rows.delete(key);
      }
    }
    if (partitionRows > PARTITION_ROWS_KEPT) {
      for (const [key, whole] of partitions) {
        if (partitionRows <= PARTITION_ROWS_KEPT * 0.75) break;
        partitions.delete(key);
        partitionRows -= whole.size;
      }
    }
  };

  return {
    rowsOf: (_projection, generation) => ({
      get: <T>(table: string, partition: string, sort: string) => {
        const full = fullName(generation, table);
        const key = rowKey(full, partition, sort);
        const known = rows.get(key);
        if (known !== undefined || rows.has(key)) return known as T | undefined;
        const found = store.get(full, partition, sort);
        if (!(found instanceof Promise)) {
          rows.set(key, found);
          return found as T | undefined;
        }
        return found.then((value) => {
          rows.set(key, value);
          return value as T | undefined;
        });
      },
      all: <T>(table: string, partition: string) => {
        const full = fullName(generation, table);
        const key = partitionKey(full, partition);
        const known = partitions.get(key);
        if (known) return known as ReadonlyMap<string, T> as Map<string, T>;
        return loadPartition(full, partition).then((loaded) => {
          partitions.set(key, loaded);
          partitionRows += loaded.size;
          return loaded as Map<string, T>;
        });
      },
    }),
    apply: (projection, generation, made) => {
      let count = 0;
      for (const write of made) {
        const table = fullName(generation, write.table);
        writes.push({ ...write, table });
        count += write.op === "putEach" ? write.partitions.length : 1;
        if (!projection.reads.includes(write.table)) continue;
        if (write.op === "putEach") for (const partition of write.partitions) remember(table, partition, write.sort, write.value);
        else remember(table, write.partition, write.sort, write.op === "put" ? write.value : undefined);
      }
      return count;
    },
    get writes() {
      return writes;
    },
    committed: () => {
      writes = [];
      trim();
    },
    rolledBack: () => {
      writes = [];
      rows.clear();
      partitions.clear();
      partitionRows = 0;
    },
  };
}
