import type { Signals } from "../ports/signals.ts";
import type { Tail } from "../projecting/tail.ts";

/** One reader's listening to topics that change while it reads. */
export type Listening = {
  /** Listens to these from now on, in force once resolved; to the former ones until then. Resolves to whether they are others than before. */
  to(topics: readonly string[]): Promise<boolean>;
  close(): void;
};

/** With a `tail`, what comes for the topics is kept there. */
export function listening(signals: Signals, wake: () => void, tail?: Tail): Listening {
  let known: ReadonlySet<string> = new Set();
  let stop: (() => void) | undefined;
  let isClosed = false;
  return {
    to: async (topics) => {
      if (topics.length === known.size && topics.every((topic) => known.has(topic))) return false;
      const unlisten = await signals.listen(topics, wake);
      // Only once its signals come: see `Tail`.
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
