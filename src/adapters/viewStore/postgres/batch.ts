import type { Write } from "../../../ports/viewStore.ts";
import { assertPart, serialised } from "../rows.ts";

/** Rows by their columns, as one statement takes them. */
export type Columns = { tables: string[]; partitions: string[]; sorts: string[] };
export type Puts = Columns & { values: string[] };

/** What a commit writes, each row once. Each part is one statement. */
export type Batch = { puts: Puts[]; dels: Columns[] };

/** The most rows of one statement, and about the most bytes. */
const ROWS = 10_000;
const BYTES = 8_388_608;

/** The same column by column, with values that are undefined where a row is deleted. */
type Rows = Columns & { values: (string | undefined)[] };

/**
 * What is left of writes if the last one to each row counts. Throws a `TypeError` for what can be no row. A statement cannot
 * write the same row twice.
 */
export function batchOf(writes: readonly Write[]): Batch {
  const rows: Rows = { tables: [], partitions: [], sorts: [], values: [] };
  /**
   * Where each row is, by table, sort and partition: many writes are to as many partitions, and the rest of the name is the
   * same.
   */
  const places = new Map<string, Map<string, Map<string, number>>>();
  const add = (known: Map<string, number>, table: string, partition: string, sort: string, value: string | undefined): void => {
    const place = known.get(partition);
    if (place !== undefined) {
      rows.values[place] = value;
      return;
    }
    assertPart(partition);
    known.set(partition, rows.tables.length);
    rows.tables.push(table);
    rows.partitions.push(partition);
    rows.sorts.push(sort);
    rows.values.push(value);
  };
  for (const write of writes) {
    const { table, sort } = write;
    assertPart(table);
    assertPart(sort);
    const known = within(within(places, table), sort);
    if (write.op === "del") add(known, table, write.partition, sort, undefined);
    else {
      const value = serialised(write.value);
      if (write.op === "put") add(known, table, write.partition, sort, value);
      else for (const partition of write.partitions) add(known, table, partition, sort, value);
    }
  }
  return divided(rows);
}

function within<V>(maps: Map<string, Map<string, V>>, name: string): Map<string, V> {
  let map = maps.get(name);
  if (map === undefined) maps.set(name, (map = new Map<string, V>()));
  return map;
}

/**
 * The order of the index, or nearly: each row's place there is close to that of the row before. That spares the server a fifth of
 * what a row takes.
 */
function ordered({ tables, partitions, sorts }: Columns): Uint32Array {
  const order = new Uint32Array(tables.length);
  for (let index = 0; index < order.length; index++) order[index] = index;
  const compared = (texts: readonly string[], one: number, other: number): number => {
    const [a, b] = [texts[one] as string, texts[other] as string];
    return a === b ? 0 : a < b ? -1 : 1;
  };
  return order.sort(
    (one, other) => compared(tables, one, other) || compared(partitions, one, other) || compared(sorts, one, other),
  );
}

function divided({ tables, partitions, sorts, values }: Rows): Batch {
  const batch: Batch = { puts: [], dels: [] };
  let [puts, dels]: [Puts | undefined, Columns | undefined] = [undefined, undefined];
  let bytes = 0;
  for (const index of ordered({ tables, partitions, sorts })) {
    const value = values[index];
    let part: Columns;
    if (value === undefined) {
      if (dels === undefined || dels.tables.length >= ROWS) batch.dels.push((dels = { tables: [], partitions: [], sorts: [] }));
      part = dels;
    } else {
      if (puts === undefined || puts.tables.length >= ROWS || bytes > BYTES) {
        batch.puts.push((puts = { tables: [], partitions: [], sorts: [], values: [] }));
        bytes = 0;
      }
      bytes += value.length;
      puts.values.push(value);
      part = puts;
    }
    part.tables.push(tables[index] as string);
    part.partitions.push(partitions[index] as string);
    part.sorts.push(sorts[index] as string);
  }
  return batch;
}
