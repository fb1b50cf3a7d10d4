import { setImmediate as turn } from "node:timers/promises";
import { Unavailable } from "../ports/faults.ts";
import type { FoldedStore } from "./projection.ts";

export type WriteBehind = FoldedStore & {
  /** Waits until no commit is under way. Returns whether the last one succeeded. */
  settled(): Promise<boolean>;
};

/**
 * A store whose `commit` resolves while the commit is under way. Meanwhile the next page is read and folded. At most one commit
 * is under way, and reads wait for it. If it failed, the next commit or `checkpoint` rejects with its fault, once, and commits
 * nothing. Until then, reading rows rejects with `Unavailable`. It is meant for a fold that nobody reads yet: after a fault, such
 * a fold goes on from the stored checkpoint.
 */
export function writeBehind(store: FoldedStore): WriteBehind {
  let pending: Promise<void> | undefined;

  /** Rejects with the fault of the last commit, and forgets it. */
  const flushed = async (): Promise<void> => {
    const last = pending;
    try {
      await last;
    } finally {
      if (pending === last) pending = undefined;
    }
  };

  const settled = async (): Promise<boolean> => {
    try {
      await pending;
      return true;
    } catch {
      return false;
    }
  };

  const stored = async (): Promise<void> => {
    try {
      await pending;
    } catch (error) {
      throw new Unavailable("the last commit could not be stored", "nothing", { cause: error });
    }
  };

  return {
    get: async (...key) => {
      await stored();
      return store.get(...key);
    },
    checkpoint: async (generation) => {
      await flushed();
      return store.checkpoint(generation);
    },
    getMany: async (...asked) => {
      await stored();
      return store.getMany(...asked);
    },
    range: async (...query) => {
      await stored();
      return store.range(...query);
    },
    commit: async (writes, moves) => {
      await flushed();
      const commit = store.commit(writes, moves);
      pending = commit;
      // The next call gets the fault.
      commit.catch(() => {});
      // Lets the commit's data leave before the next page blocks the thread.
      await turn();
    },
    settled,
  };
}
