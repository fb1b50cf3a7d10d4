import { Unavailable } from "../../src/ports/faults.ts";
import type { ViewStore, Write } from "../../src/ports/viewStore.ts";

/** When the process dies: once rows are stored, or in the middle of dropping a generation. */
export type Death = { once?: (writes: readonly Write[]) => boolean; inDropOf?: string };

export type MortalViews = {
  /** The views as one process has them. Once it is dead, it does nothing any more. Others may go on with the same rows. */
  store: ViewStore;
  isDead(): boolean;
};

/** Kills a process at a certain point of its work with the views. */
export function mortalViews(views: ViewStore, { once = () => false, inDropOf }: Death): MortalViews {
  let isDead = false;
  const alive = (): void => {
    if (isDead) throw new Unavailable("this process was killed", "unknown");
  };
  const die = (): void => {
    isDead = true;
    alive();
  };
  /** Leaves all rows, but not the checkpoint: that goes first. */
  const dropHalf = async (generation: string): Promise<void> => {
    const snapshot = await views.snapshot();
    const rows = await snapshot.rows(generation, undefined, 1_000);
    await views.drop(generation);
    await views.commit(
      rows.map(({ table, text, ...row }) => ({
        op: "put",
        table: `${generation}/${table}`,
        ...row,
        value: JSON.parse(text) as unknown,
      })),
    );
  };
  return {
    isDead: () => isDead,
    store: {
      ...views,
      get: async (...of) => {
        alive();
        return views.get(...of);
      },
      getMany: async (keys) => {
        alive();
        return views.getMany(keys);
      },
      range: async (...of) => {
        alive();
        return views.range(...of);
      },
      checkpoint: async (generation) => {
        alive();
        return views.checkpoint(generation);
      },
      commit: async (writes, moves) => {
        alive();
        await views.commit(writes, moves);
        if (once(writes)) die();
      },
      drop: async (generation) => {
        alive();
        if (generation !== inDropOf) return views.drop(generation);
        await dropHalf(generation);
        die();
      },
      snapshot: async () => {
        alive();
        return views.snapshot();
      },
    },
  };
}
