import type { Position } from "../ports/eventStore.ts";
import type { Row } from "../ports/viewStore.ts";

/** A row that was just committed, and the topics that it is news of and somebody listens to. */
export type TailItem = { table: string; position: Position; row: Row; topics: readonly string[] };

/**
 * What one commit wrote for topics that are followed. `epoch`: the follower's counter as it was before the topics were looked at; whoever began
 * to follow by then is told everything of this page.
 */
export type TailPage = { from: Position; to: Position; epoch: number; items: readonly TailItem[] };

/** A row of a topic's, at the position of its event. */
export type News = Omit<TailItem, "topics">;

/**
 * The newest rows of the topics that are listened to, in memory: thousands who are told the same need not each ask the view store. It is a cache
 * of what the rows say, complete from a place on that it knows of each topic; before that place the rows are asked.
 */
export type Tail = {
  /** Keeps what comes for a topic, from after this call on. To be called once its signals are listened to. The function returned ends it. */
  follow(topic: string): () => void;
  /** Everything of a followed topic after a position, up to the last page; undefined where the tail does not reach back so far. */
  after(topic: string, position: Position): readonly News[] | undefined;
  add(page: TailPage): void;
};

/** Rows kept of one topic. */
const KEPT = 256;

type Followed = { followers: number; epoch: number; since: Position | undefined; items: News[] };

/** `epochs`: one Int32 that the thread of the runner reads (`currentEpoch`) before it looks who listens. */
export function createTail(epochs: SharedArrayBuffer): Tail {
  const counter = new Int32Array(epochs);
  const followed = new Map<string, Followed>();
  let end: Position | undefined;

  return {
    follow: (topic) => {
      // Raised after the listening began: a page of this epoch or a later one was filtered with it in sight.
      const epoch = Atomics.add(counter, 0, 1) + 1;
      const known = followed.get(topic);
      const entry = known ?? { followers: 0, epoch, since: undefined, items: [] };
      entry.followers++;
      followed.set(topic, entry);
      let following = true;
      return () => {
        if (!following) return;
        following = false;
        if (--entry.followers === 0) followed.delete(topic);
      };
    },
    after: (topic, position) => {
      const entry = followed.get(topic);
      if (entry?.since === undefined || position < entry.since) return undefined;
      const { items } = entry;
      let from = items.length;
      while (from > 0 && (items[from - 1]?.position ?? "") > position) from--;
      return from === 0 ? items : items.slice(from);
    },
    add: (page) => {
      // A page that does not go on where the last one ended leaves a gap that only the rows fill.
      if (end !== undefined && page.from !== end) for (const entry of followed.values()) entry.since = undefined;
      end = page.to;
      for (const entry of followed.values()) {
        if (entry.since !== undefined || page.epoch < entry.epoch) continue;
        entry.since = page.from;
        entry.items = [];
      }
      for (const { topics, ...placed } of page.items) {
        for (const topic of topics) {
          const entry = followed.get(topic);
          if (entry?.since === undefined) continue;
          entry.items.push(placed);
          if (entry.items.length <= 2 * KEPT) continue;
          entry.items = entry.items.slice(-KEPT);
          // Rows at one position are kept or dropped together.
          entry.since = entry.items[0]?.position ?? page.to;
        }
      }
    },
  };
}

export const currentEpoch = (epochs: SharedArrayBuffer): number => Atomics.load(new Int32Array(epochs), 0);
