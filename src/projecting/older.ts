import type { SearchIndex } from "../ports/searchIndex.ts";
import { checkpointKey, type ViewStore } from "../ports/viewStore.ts";
import { generationOf, type Projection } from "./projection.ts";

/**
 * Removes what earlier versions of these projections left, where this process alone reads the store: once the newer version has caught up nothing reads it any
 * more. Returns the generations that were there.
 */
export async function dropOlder(store: Pick<ViewStore, "get" | "drop">, projections: readonly Projection[]): Promise<string[]> {
  const dropped: string[] = [];
  for (const projection of projections)
    for (let version = 1; version < projection.version; version++) {
      const generation = generationOf({ ...projection, version });
      const { table, partition, sort } = checkpointKey(generation);
      if ((await store.get(table, partition, sort)) === undefined) continue;
      await store.drop(generation);
      dropped.push(generation);
    }
  return dropped;
}

/**
 * Removes the indexes of earlier versions of a projection, and what was parked for them. Servers of an earlier version that share the index make theirs anew: so
 * it is done when nobody needs them any more. Returns the generations that were there.
 */
export async function dropOlderIndexes(
  index: Pick<SearchIndex, "generations" | "drop">,
  parked: Pick<ViewStore, "drop">,
  { name, version: newest }: Projection,
): Promise<string[]> {
  const dropped: string[] = [];
  for (let version = 1; version < newest; version++)
    for (const generation of await index.generations(`${name}@${version}`)) {
      await index.drop(generation.name);
      await parked.drop(generation.name);
      dropped.push(generation.name);
    }
  return dropped;
}
