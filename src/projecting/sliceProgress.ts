import type { Position } from "../ports/eventStore.ts";
import type { Checkpoint, ViewStore } from "../ports/viewStore.ts";
import { checkpointNames } from "./slices.ts";

type Store = Pick<ViewStore, "checkpoints">;

/** How far the slices of some generations are. */
export type SliceProgress = {
  /** Everything up to here is in the rows of all of them. Undefined: a slice of one of them has never begun. */
  lowest: Position | undefined;
  /** Where each slice is: the lowest of the generations. By its index. */
  slices: readonly (Position | undefined)[];
  /** Whether in each slice all generations are equally far, as its runner keeps them. */
  isEven: boolean;
};

/**
 * How far the rows of some generations are, each of which is divided into so many slices: what a reader of all of them may rely
 * on, by one question to the store. Rejects with `Unavailable`.
 */
export async function sliceProgress(store: Store, generations: readonly string[], slices: number): Promise<SliceProgress> {
  const names = generations.map((generation) => checkpointNames(generation, { of: slices }));
  const found = await store.checkpoints(names.flat());
  const bySlice = Array.from({ length: slices }, (_, index) =>
    generations.map((_generation, place) => found[place * slices + index]),
  );
  const at = bySlice.map(lowestOf);
  const isEven = bySlice.every(([first, ...others]) => others.every((other) => other?.position === first?.position));
  return { lowest: least(at), slices: at, isEven };
}

/** The lowest of some checkpoints. Undefined: one of them was never set. */
export const lowestOf = (checkpoints: readonly (Checkpoint | undefined)[]): Position | undefined =>
  least(checkpoints.map((checkpoint) => checkpoint?.position));

function least(positions: readonly (Position | undefined)[]): Position | undefined {
  let lowest: Position | undefined;
  for (const position of positions) {
    if (position === undefined) return undefined;
    if (lowest === undefined || position < lowest) lowest = position;
  }
  return lowest;
}
