import { setImmediate as turn } from "node:timers/promises";
import { Unavailable } from "../ports/faults.ts";
import type { FoldedStore } from "./projection.ts";

export type WriteBehind = FoldedStore & {
  /** Waits until no commit is under way; whether the last one went through. */
  settled(): Promise<boolean>;
};

/**
 * A store whose `commit` resolves while it is under way: the next page is read and folded meanwhile. One is under way at most, and reads wait for it.
 * Where it failed, the next commit, or look at a checkpoint, rejects with its fault, once, and commits nothing; rows are `Unavailable` until then.
 * For a fold of what nobody reads yet, which goes on after a fault from the checkpoint that the store has.
 */
export function writeBehind(store: FoldedStore): WriteBehind {
  let pending: Promise<void> | undefined;

  /** Rejects with the fault of the last commit, and that was it. */
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
    if (!(await settled())) throw new Unavailable("what was folded last could not be stored");
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
    getMany: async (keys) => {
      await stored();
      return store.getMany(keys);
    },
    range: async (...query) => {
      await stored();
      return store.range(...query);
    },
    commit: async (writes, moves) => {
      await flushed();
      const commit = store.commit(writes, moves);
      pending = commit;
      // Whoever calls next is told.
      commit.catch(() => {});
      // What the commit sends is to leave before the next page keeps the thread.
      await turn();
    },
    settled,
  };
}
