import type { Position } from "../ports/eventStore.ts";
import type { Projection, TableWrite } from "./projection.ts";
import type { TailItem, TailPage, ToldRow } from "./tail.ts";

type News = Omit<TailItem, "topics" | "carried"> & { kind: string; partitions: readonly string[] };

/** A row as the page leaves it: a later event may write it again. */
type Carried = { row: TableWrite | undefined };

/** The rows of a page that are news to those who listen. */
export type PageNews = {
  /** Notes what a projection wrote for the event at `position`. */
  note(projection: Projection, position: Position, writes: readonly TableWrite[]): void;
  /**
   * Returns the noted rows that somebody listens to, and forgets all of them. `wanted`: whether anybody listens to a topic now.
   * Call this after the commit: whoever began to listen before the commit may also have read before it.
   */
  take(wanted: (topic: string) => boolean): Pick<TailPage, "items" | "told">;
  /** Forgets the page: it was not committed. */
  clear(): void;
};

/** So many rows of a page are told one by one. A page with more of them is one of an import: what rests on them begins anew. */
const TOLD_MAX = 1_024;

export function createPageNews(): PageNews {
  let noted: News[] = [];
  let told = new Map<string, ToldRow>();
  /** By their keys, and by the events that wrote them. */
  let rows = new Map<string, Carried>();
  let carried = new Map<Position, Carried>();
  const tell = (write: TableWrite): void => {
    const { table, sort } = write;
    const row = write.op === "del" ? null : write.value;
    for (const partition of write.op === "putEach" ? write.partitions : [write.partition])
      if (told.size <= TOLD_MAX) told.set(`${table}\0${partition}\0${sort}`, { table, partition, sort, row });
  };
  const clear = (): void => {
    noted = [];
    if (told.size > 0) told = new Map();
    if (rows.size > 0) [rows, carried] = [new Map<string, Carried>(), new Map<Position, Carried>()];
  };
  const carry = (position: Position, write: TableWrite): void => {
    if (write.op === "putEach") return;
    const key = `${write.table}\0${write.partition}\0${write.sort}`;
    let of = rows.get(key);
    if (of === undefined) rows.set(key, (of = { row: undefined }));
    of.row = write;
    carried.set(position, of);
  };
  return {
    note: ({ topics, told: tables, carried: carriedTables }, position, writes) => {
      if (carriedTables) for (const write of writes) if (carriedTables.includes(write.table)) carry(position, write);
      if (tables) for (const write of writes) if (tables.includes(write.table)) tell(write);
      if (!topics) return;
      for (const write of writes) {
        const kind = topics[write.table];
        if (kind === undefined || write.op === "del") continue;
        const partitions = write.op === "putEach" ? write.partitions : [write.partition];
        noted.push({ kind, table: write.table, position, row: write.value, partitions });
      }
    },
    take: (wanted) => {
      const items: TailItem[] = [];
      for (const { kind, table, position, row, partitions } of noted) {
        const topics: string[] = [];
        for (const partition of partitions) {
          const topic = `${kind}/${partition}`;
          if (wanted(topic)) topics.push(topic);
        }
        if (topics.length === 0) continue;
        const write = carried.get(position)?.row;
        items.push(
          write?.op === "put" ? { table, position, row, topics, carried: write.value } : { table, position, row, topics },
        );
      }
      const all = told.size > TOLD_MAX ? "many" : [...told.values()];
      clear();
      return all.length > 0 ? { items, told: all } : { items };
    },
    clear,
  };
}
