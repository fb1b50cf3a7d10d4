import type { Signals } from "../ports/signals.ts";
import type { Tail } from "../projecting/tail.ts";

/** Listens for one reader to topics that change while it reads. */
export type Listening = {
  /**
   * Replaces the topics. Listens to the new ones when this resolves, and to the old ones until then. Resolves to whether they
   * differ from the old ones.
   */
  to(topics: readonly string[]): Promise<boolean>;
  close(): void;
};

/** With a `tail`, the rows of the topics are kept there. */
export function listening(signals: Signals, wake: () => void, tail?: Tail): Listening {
  let known: ReadonlySet<string> = new Set();
  let stop: (() => void) | undefined;
  let isClosed = false;
  return {
    to: async (topics) => {
      if (topics.length === known.size && topics.every((topic) => known.has(topic))) return false;
      const unlisten = await signals.listen(topics, wake);
      // Only after its signals are listened to: see `Tail`.
      const unfollow = tail ? topics.map((topic) => tail.follow(topic)) : [];
      const ended = () => {
        unlisten();
        for (const end of unfollow) end();
      };
      stop?.();
      stop = ended;
      known = new Set(topics);
      if (isClosed) ended();
      return true;
    },
    close: () => {
      isClosed = true;
      stop?.();
    },
  };
}
