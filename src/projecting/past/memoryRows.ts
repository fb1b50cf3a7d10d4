import { jsonBytes } from "../../ports/byteCache.ts";
import type { Checkpoint, Row, SortedRow, Write } from "../../ports/viewStore.ts";
import type { FoldedStore } from "../projection.ts";
import { TooLong } from "./tooLong.ts";

/** What one row takes beside its names and its value. */
const ROW_BYTES = 80;

/** `sorts`: the sort keys of the rows, in order. */
type Partition = { readonly rows: Map<string, Row>; readonly sorts: string[] };

/**
 * Rows in memory, for what is folded to be looked at once. `most`: about how many bytes they may take: beyond, a commit rejects
 * with `TooLong`. One fold writes to it, so checkpoints are not compared. Sort keys are ordered as texts of UTF-16, which is the
 * order of their bytes for all that projections of conversations write.
 */
export function memoryRows(most: number): FoldedStore {
  const partitions = new Map<string, Partition>();
  const checkpoints = new Map<string, Checkpoint>();
  let bytes = 0;

  // No name holds U+0000.
  const nameOf = (table: string, partition: string): string => `${table}\0${partition}`;
  const sizeOf = (sort: string, value: Row): number => ROW_BYTES + 2 * sort.length + jsonBytes(value);

  const set = (table: string, partition: string, sort: string, value: Row | undefined): void => {
    const name = nameOf(table, partition);
    let held = partitions.get(name);
    if (held === undefined && value === undefined) return;
    if (held === undefined) partitions.set(name, (held = { rows: new Map(), sorts: [] }));
    const { rows, sorts } = held;
    const before = rows.get(sort);
    if (before !== undefined) bytes -= sizeOf(sort, before);
    if (value !== undefined) {
      if (before === undefined) sorts.splice(placeIn(sorts, sort), 0, sort);
      rows.set(sort, value);
      bytes += sizeOf(sort, value);
    } else if (rows.delete(sort)) sorts.splice(placeIn(sorts, sort), 1);
    if (rows.size === 0) partitions.delete(name);
  };

  const take = (write: Write): void => {
    const value = write.op === "del" ? undefined : write.value;
    for (const partition of write.op === "putEach" ? write.partitions : [write.partition])
      set(write.table, partition, write.sort, value);
  };

  const get: FoldedStore["get"] = (table, partition, sort) => partitions.get(nameOf(table, partition))?.rows.get(sort);

  return {
    get,
    getMany: (keys) => keys.map(({ table, partition, sort }) => get(table, partition, sort)),
    range: (table, partition, { after, before, limit, reverse = false }) => {
      const held = partitions.get(nameOf(table, partition));
      if (!held) return [];
      const { rows, sorts } = held;
      const from = after === undefined ? 0 : placeIn(sorts, after) + (rows.has(after) ? 1 : 0);
      const to = Math.max(from, before === undefined ? sorts.length : placeIn(sorts, before));
      const wanted = reverse
        ? sorts.slice(Math.max(from, to - limit), to).reverse()
        : sorts.slice(from, Math.min(to, from + limit));
      return wanted.map((sort): SortedRow => ({ sort, value: rows.get(sort) }));
    },
    checkpoint: (generation) => checkpoints.get(generation),
    commit: async (writes, moves = []) => {
      for (const write of writes) take(write);
      for (const { of, to } of moves) for (const generation of of) checkpoints.set(generation, { position: to });
      if (bytes > most) throw new TooLong(`its rows take more than ${Math.floor(most / 1_048_576)} MiB`);
    },
  };
}

/** Where a sort key is among those in order, or would be. */
function placeIn(sorts: readonly string[], sort: string): number {
  let to = sorts.length;
  // Mostly a row comes after all others.
  if (to === 0 || (sorts[to - 1] as string) < sort) return to;
  let from = 0;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorts[middle] as string) < sort) from = middle + 1;
    else to = middle;
  }
  return from;
}
