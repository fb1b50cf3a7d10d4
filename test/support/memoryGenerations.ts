import { CheckpointMoved } from "../../src/ports/faults.ts";
import type { GenerationStore } from "../../src/projecting/generations/store.ts";
import type { MemoryViews } from "./memoryViews.ts";

export type MemoryGenerations = GenerationStore & {
  /** The generation that is read, of a view that has one. */
  active(view: string): string | undefined;
  /** What is awaited before a generation is made the active one. */
  beforeActivate(wait: (generation: string) => Promise<void>): void;
};

const viewOf = (generation: string): string => generation.slice(0, generation.indexOf("#"));

/**
 * Generations in a plain view store: rows are rows, and a pointer for each view says which are read. Others may share it, as
 * servers do.
 */
export function memoryGenerations(views: MemoryViews): MemoryGenerations {
  const names = new Set<string>();
  const active = new Map<string, string>();
  let before: (generation: string) => Promise<void> = async () => {};

  return {
    active: (view) => active.get(view),
    beforeActivate: (wait) => void (before = wait),
    open: (generation, whileActive) => ({
      ...views,
      checkpoint: async (of) => {
        if (whileActive && active.get(viewOf(generation)) !== generation)
          throw new CheckpointMoved(`${generation} is no longer the active one`);
        return views.checkpoint(of);
      },
      commit: async (writes, moves) => {
        names.add(generation);
        await views.commit(writes, moves);
      },
    }),
    list: (view) =>
      Promise.all(
        [...names]
          .filter((name) => viewOf(name) === view)
          .map(async (name) => {
            const checkpoint = (await views.checkpoint(name))?.position ?? null;
            return { name, checkpoint, active: active.get(view) === name };
          }),
      ),
    activate: async (generation) => {
      await before(generation);
      active.set(viewOf(generation), generation);
    },
    drop: async (generation) => {
      await views.drop(generation);
      names.delete(generation);
      if (active.get(viewOf(generation)) === generation) active.delete(viewOf(generation));
    },
  };
}
