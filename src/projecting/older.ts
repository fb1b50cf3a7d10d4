import type { ViewStore } from "../ports/viewStore.ts";
import { generationOf, type Projection } from "./projection.ts";

/**
 * Removes the rows of earlier versions of these projections. Only for a store that no other process reads. Call it when the newer
 * version has caught up: then nothing reads the older one any more. Returns the names of the removed generations.
 */
export async function dropOlder(
  store: Pick<ViewStore, "checkpoint" | "drop">,
  projections: readonly Projection[],
): Promise<string[]> {
  const dropped: string[] = [];
  for (const projection of projections)
    for (let version = 1; version < projection.version; version++) {
      const generation = generationOf({ ...projection, version });
      if ((await store.checkpoint(generation)) === undefined) continue;
      await store.drop(generation);
      dropped.push(generation);
    }
  return dropped;
}
