import { useSyncExternalStore } from "react";
import type { Watched } from "../../client/types.ts";

/** A value of the client's, as it is now. */
export function useWatched<T>(watched: Watched<T>): T {
  return useSyncExternalStore(watched.subscribe, watched.get);
}
