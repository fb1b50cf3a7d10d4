import type { GenerationState } from "../../ports/condition.ts";
import type { ViewStore } from "../../ports/viewStore.ts";
import type { Projection } from "../projection.ts";
import { type Generation, runOf, viewOf } from "./store.ts";
import { TABLE, viewGenerations } from "./viewGenerations.ts";

/** More views than there ever are, those of earlier versions included. */
const MOST = 1_000;

type Store = Pick<
  ViewStore,
  "get" | "getMany" | "range" | "partitions" | "checkpoint" | "checkpoints" | "commit" | "drop" | "snapshot" | "size"
>;

/**
 * All generations in a view store with their sizes, also those that no projection of this version reads. `generationOf`: the one
 * that is read of a projection; undefined if none is complete.
 */
export async function viewGenerationStates(
  store: Store,
  projections: readonly Projection[],
  generationOf: (projection: Projection) => string | undefined,
): Promise<GenerationState[]> {
  const generations = viewGenerations(store);
  const views = new Set([...projections.map(viewOf), ...(await store.partitions(TABLE, "", MOST))]);
  const states: GenerationState[] = [];
  for (const view of views) {
    const [name = view] = view.split("@");
    const projection = projections.find((each) => each.name === name);
    const read = projection && generationOf(projection);
    const found = await generations.list(view);
    for (const state of statesOf(found, view, projection, read)) states.push({ ...state, bytes: await store.size(state.name) });
  }
  return states;
}

/** The states of the generations of one view, by their number. `projection`: undefined if this version has none of its name. */
export function statesOf(
  found: readonly Generation[],
  view: string,
  projection: Projection | undefined,
  read: string | undefined,
): Omit<GenerationState, "bytes">[] {
  const [name = view, version] = view.split("@");
  const newest = found.find((generation) => generation.active);
  const isCurrent = projection !== undefined && viewOf(projection) === view;
  return [...found]
    .sort((one, other) => runOf(one) - runOf(other))
    .map((generation) => {
      const isNewer = newest === undefined || runOf(generation) > runOf(newest);
      const isBuilt = isCurrent && isNewer && !generation.isDropped;
      const state = generation.name === read ? "READ" : isBuilt ? "BUILDING" : "LEFT";
      return {
        name: generation.name,
        projection: name,
        version: Number(version),
        state,
        cursor: generation.checkpoint ?? undefined,
      };
    });
}

/**
 * The same for the generations of a search index, of which only the size of the whole is known: that is the size of a generation
 * if it has no other.
 */
export function indexStates(
  found: readonly Generation[],
  projection: Projection,
  read: string | undefined,
  bytes: number | undefined,
): GenerationState[] {
  const size = found.length === 1 && bytes !== undefined ? { bytes } : {};
  return statesOf(found, viewOf(projection), projection, read).map((state) => ({ ...state, ...size }));
}
