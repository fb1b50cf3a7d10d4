import type { Reader } from "../src/projecting/projection.ts";

/** Rows that are read at a time. */
const PAGE = 1_000;

/** All rows of a partition, in order; those after a sort key, if one is given. For partitions that something else bounds. */
export async function allOf<T>(
  reader: Reader,
  table: string,
  partition: string,
  from?: string,
): Promise<{ sort: string; value: T }[]> {
  const all: { sort: string; value: T }[] = [];
  for (let after = from; ;) {
    const page = await reader.range<T>(table, partition, { ...(after === undefined ? {} : { after }), limit: PAGE });
    for (const row of page) all.push(row);
    after = page[page.length - 1]?.sort;
    if (page.length < PAGE) return all;
  }
}
