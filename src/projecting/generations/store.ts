import type { Anchor, Position } from "../../ports/eventStore.ts";
import type { Checkpoint, Write } from "../../ports/viewStore.ts";
import { type FoldedStore, generationOf, type Projection } from "../projection.ts";

/**
 * The rows of a projection, as one version and one run made them. `checkpoint`: everything up to there is in them. `anchor`: the
 * newest event that was folded into it, if it was recorded.
 */
export type Generation = {
  name: string;
  checkpoint: Position | null;
  anchor?: Anchor;
  /** Into how many slices it is divided, if it is, and where the furthest one stands. `checkpoint` is that of the last one. */
  slices?: number;
  furthest?: Checkpoint;
  active: boolean;
  /** Somebody began to drop it: nobody reads it, or builds it further. */
  isDropped?: true;
};

/**
 * The store of a projection's generations. A generation (`timelines@1#2`) belongs to a view (`timelines@1`). Each view has at
 * most one active generation: the one that is read. Errors: `CheckpointMoved`, `Unavailable`.
 */
export type GenerationStore = {
  /**
   * The rows of a generation, for a runner to read and write. The first commit creates the generation. With `whileActive`,
   * `checkpoint` rejects with `CheckpointMoved` if the generation is not the active one: another server may have replaced it, or
   * an operator may have removed it.
   */
  open(generation: string, whileActive: boolean): FoldedStore;
  /**
   * Lists a generation that is to be built, if the store keeps such a list: so it is gone on with even if the server ends before
   * the first commit. `slices`: into how many it is divided.
   */
  note?(generation: string, slices?: number): Promise<void>;
  /** Into how many slices a generation is divided. Absent: none ever is. */
  slices?(generation: string): Promise<number>;
  /** The generations of a view, in any order. */
  list(view: string): Promise<Generation[]>;
  /**
   * Makes a generation the active one of its view. It replaces the former one in one step. `rows`: further rows for the same
   * commit, if the generations are in the view store.
   */
  activate(generation: string, rows?: readonly Write[]): Promise<void>;
  /**
   * Deletes a generation, its checkpoint and its parked events. If that is interrupted, what is left of it is neither read nor
   * built further. Does nothing if it does not exist.
   */
  drop(generation: string): Promise<void>;
  /**
   * What a process that was killed left of a view, for `drop`: what it was dropping, and what it had folded beside a generation
   * for a while. While that is still being done, it is named too. Absent if nothing is ever left.
   */
  left?(view: string): Promise<string[]>;
};

/** The view that all generations of one version belong to: `search@1`. */
export const viewOf = ({ name, version }: Pick<Projection, "name" | "version">): string => `${name}@${version}`;

/** The run number of a generation: 2 in `search@1#2`. */
export const runOf = ({ name }: Pick<Generation, "name">): number => Number(name.slice(name.indexOf("#") + 1));

/** The name for the next new generation. */
export const nextGeneration = (projection: Projection, found: readonly Generation[]): string =>
  generationOf(projection, Math.max(0, ...found.map(runOf)) + 1);

/**
 * Removes the generations of earlier versions of a projection. Call this only when no server of an earlier version uses the store
 * any more: such a server would build its generation again. Returns the names of the removed ones.
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
