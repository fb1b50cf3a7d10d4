import type { Anchor, Position } from "../../ports/eventStore.ts";
import { type FoldedStore, generationOf, type Projection } from "../projection.ts";

/**
 * The rows of a projection as one version and one run made them. `anchor`: the newest event that was folded into it, where
 * that was kept.
 */
export type Generation = { name: string; checkpoint: Position | null; anchor?: Anchor; active: boolean };

/**
 * Where the generations of a projection are kept. A generation (`timelines@1#2`) belongs to a view (`timelines@1`). One
 * generation of a view is active: that one is read. Errors: `CheckpointMoved`, `Unavailable`.
 */
export type GenerationStore = {
  /**
   * The rows of a generation, as a runner reads and writes them. The first commit makes it. With `whileActive`, asking for
   * its checkpoint rejects with `CheckpointMoved` if it is not the active one: another server may have put another in its
   * place, or an operator may have removed it.
   */
  open(generation: string, whileActive: boolean): FoldedStore;
  /** The generations of a view, in any order. */
  list(view: string): Promise<Generation[]>;
  /** Makes a generation the active one of its view, at once, in place of the former one. */
  activate(generation: string): Promise<void>;
  /** Deletes a generation, its checkpoint, and what was parked for it, if it exists. */
  drop(generation: string): Promise<void>;
};

/** The view that the generations of a version belong to: `search@1`. */
export const viewOf = ({ name, version }: Pick<Projection, "name" | "version">): string => `${name}@${version}`;

/** The number of a generation's run: 2 of `search@1#2`. */
export const runOf = ({ name }: Pick<Generation, "name">): number => Number(name.slice(name.indexOf("#") + 1));

/** The name of a generation that is not there yet. */
export const nextGeneration = (projection: Projection, found: readonly Generation[]): string =>
  generationOf(projection, Math.max(0, ...found.map(runOf)) + 1);

/**
 * Removes the generations of earlier versions of a projection. Servers of an earlier version that share the store would build
 * theirs again: so this is done when nobody needs them any more. Returns those that were there.
 */
export async function dropOlderGenerations(
  store: Pick<GenerationStore, "list" | "drop">,
  { name, version: newest }: Projection,
): Promise<string[]> {
  const dropped: string[] = [];
  for (let version = 1; version < newest; version++)
    for (const generation of await store.list(viewOf({ name, version }))) {
      await store.drop(generation.name);
      dropped.push(generation.name);
    }
  return dropped;
}
