import type { Position } from "../ports/eventStore.ts";
import type { Projection, TableWrite } from "./projection.ts";
import type { TailItem } from "./tail.ts";

type News = Omit<TailItem, "topics"> & { kind: string; partitions: readonly string[] };

/** What of the rows of a page is news to those who listen. */
export type PageNews = {
  /** Takes what a projection wrote for the event at `position`. */
  note(projection: Projection, position: Position, writes: readonly TableWrite[]): void;
  /**
   * What of it somebody listens to, and forgets it. `wanted`: whether anybody listens to a topic now. To be asked after the commit: who began to listen
   * before the commit may have read before it, too.
   */
  take(wanted: (topic: string) => boolean): TailItem[];
  /** The page did not happen. */
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
