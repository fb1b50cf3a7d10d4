import type { Signals } from "../ports/signals.ts";
import type { Followed, Tail } from "../projecting/tail.ts";

/** Listens for one reader to topics that change while it reads. */
export type Listening = {
  /**
   * Replaces the topics. Listens to the new ones when this resolves, and to the old ones until then. Resolves to whether they
   * differ from the old ones.
   */
  to(topics: readonly string[]): Promise<boolean>;
  /** What the tail has of one of the topics. Undefined without a tail, and for any other topic. */
  news(topic: string): Pick<Followed, "after" | "place"> | undefined;
  close(): void;
};

/** With a `tail`, the rows of the topics are kept there. */
export function listening(signals: Signals, wake: () => void, tail?: Tail): Listening {
  let known: ReadonlyMap<string, Followed | undefined> = new Map();
  let stop: (() => void) | undefined;
  let isClosed = false;
  return {
    to: async (topics) => {
      if (topics.length === known.size && topics.every((topic) => known.has(topic))) return false;
      const unlisten = await signals.listen(topics, wake);
      // Only after its signals are listened to: see `Tail`.
      const followed = new Map(topics.map((topic) => [topic, tail?.follow(topic)]));
      const ended = () => {
        unlisten();
        for (const one of followed.values()) one?.end();
      };
      stop?.();
      stop = ended;
      known = followed;
      if (isClosed) ended();
      return true;
    },
    news: (topic) => known.get(topic),
    close: () => {
      isClosed = true;
      stop?.();
    },
  };
}
