import { useSyncExternalStore } from "react";
import type { Watched } from "../../client/types.ts";

/** A part of a watched value; the component is rendered again when that part changes, and not with all the rest. */
export const usePartOf = <T, Part>(watched: Watched<T>, part: (value: T) => Part): Part =>
  useSyncExternalStore(watched.subscribe, () => part(watched.get()));
