import type { ViewStore } from "../../src/ports/viewStore.ts";
import { gate } from "./gate.ts";

/** A view store, and commits to a generation that wait in front of it. */
export type HeldViews = {
  store: ViewStore;
  /** From now on commits that move a generation wait. */
  hold(generation: string): void;
  /** Whether one waits. */
  waits(generation: string): boolean;
  letGo(generation: string): void;
};

/** Slows down those who write: as many generations as are held stand still, and all else goes on. */
export function heldViews(views: ViewStore): HeldViews {
  const held = new Map<string, { passed: Promise<void>; open: () => void; waiting: number }>();
  return {
    store: {
      ...views,
      commit: async (writes, moves = []) => {
        for (const generation of new Set(moves.flatMap(({ of }) => of))) {
          const here = held.get(generation);
          if (!here) continue;
          here.waiting++;
          await here.passed;
        }
        await views.commit(writes, moves);
      },
    },
    hold: (generation) => void held.set(generation, { ...gate(), waiting: 0 }),
    waits: (generation) => (held.get(generation)?.waiting ?? 0) > 0,
    letGo: (generation) => {
      held.get(generation)?.open();
      held.delete(generation);
    },
  };
}
