import type { Position } from "../ports/eventStore.ts";
import type { Projection, TableWrite } from "./projection.ts";
import type { TailItem, TailPage, ToldRow } from "./tail.ts";

type News = Omit<TailItem, "topics"> & { kind: string; partitions: readonly string[] };

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
  const tell = (write: TableWrite): void => {
    const { table, sort } = write;
    const row = write.op === "del" ? null : write.value;
    for (const partition of write.op === "putEach" ? write.partitions : [write.partition])
      if (told.size <= TOLD_MAX) told.set(`${table}\0${partition}\0${sort}`, { table, partition, sort, row });
  };
  return {
    note: ({ topics, told: tables }, position, writes) => {
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
        if (topics.length > 0) items.push({ table, position, row, topics });
      }
      const rows = told.size > TOLD_MAX ? "many" : [...told.values()];
      noted = [];
      if (told.size > 0) told = new Map();
      return rows.length > 0 ? { items, told: rows } : { items };
    },
    clear: () => {
      noted = [];
      told = new Map();
    },
  };
}
