import type { Position } from "../ports/eventStore.ts";
import type { Projection, TableWrite } from "./projection.ts";
import type { TailItem } from "./tail.ts";

type News = Omit<TailItem, "topics"> & { kind: string; partitions: readonly string[] };

/** The rows of a page that are news to those who listen. */
export type PageNews = {
  /** Notes what a projection wrote for the event at `position`. */
  note(projection: Projection, position: Position, writes: readonly TableWrite[]): void;
  /**
   * Returns the noted rows that somebody listens to, and forgets all of them. `wanted`: whether anybody listens to a topic now.
   * Call this after the commit: whoever began to listen before the commit may also have read before it.
   */
  take(wanted: (topic: string) => boolean): TailItem[];
  /** Forgets the page: it was not committed. */
  clear(): void;
};

export function createPageNews(): PageNews {
  let noted: News[] = [];
  return {
    note: ({ topics }, position, writes) => {
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
      noted = [];
      return items;
    },
    clear: () => void (noted = []),
  };
}
