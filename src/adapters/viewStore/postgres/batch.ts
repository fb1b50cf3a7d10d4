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

/**
 * What is left of writes if the last one to each row counts. Throws a `TypeError` for what can be no row. A statement cannot
 * write the same row twice.
 */
export function batchOf(writes: readonly Write[]): Batch {
  const [tables, partitions, sorts, values]: [string[], string[], string[], (string | undefined)[]] = [[], [], [], []];
  const places = new Map<string, number>();
  const add = (table: string, partition: string, sort: string, value: string | undefined): void => {
    const key = `${partition}\0${sort}\0${table}`;
    const known = places.get(key);
    if (known !== undefined) {
      values[known] = value;
      return;
    }
    assertPart(partition);
    places.set(key, tables.length);
    tables.push(table);
    partitions.push(partition);
    sorts.push(sort);
    values.push(value);
  };
  for (const write of writes) {
    const { table, sort } = write;
    assertPart(table);
    assertPart(sort);
    if (write.op === "del") add(table, write.partition, sort, undefined);
    else {
      const value = serialised(write.value);
      if (write.op === "put") add(table, write.partition, sort, value);
      else for (const partition of write.partitions) add(table, partition, sort, value);
    }
  }
  return divided({ tables, partitions, sorts }, values);
}

function divided({ tables, partitions, sorts }: Columns, values: readonly (string | undefined)[]): Batch {
  const batch: Batch = { puts: [], dels: [] };
  let [puts, dels]: [Puts | undefined, Columns | undefined] = [undefined, undefined];
  let bytes = 0;
  for (let index = 0; index < values.length; index++) {
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
