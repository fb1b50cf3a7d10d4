import type { ViewStore } from "../ports/viewStore.ts";
import { generationOf, type Projection } from "./projection.ts";

/**
 * Removes what earlier versions of these projections left, where this process alone reads the store: once the newer version has caught up nothing reads it any
 * more. Returns the generations that were there.
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
