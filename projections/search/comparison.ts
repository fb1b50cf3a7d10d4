import type { SearchIndex } from "../../src/ports/searchIndex.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";

/** What is compared: a generation of the index with the rows of the views. */
export type Compared = {
  index: Pick<SearchIndex, "get" | "messages" | "entries" | "search">;
  views: Pick<ViewStore, "get" | "getMany" | "range" | "partitions">;
  /** The generations of the views that are read at present: a replay may replace them meanwhile. */
  reading: () => Promise<ReadViews>;
  generation: string;
};

/** The generations that the index is compared with. */
export type ReadViews = { timelines: string; directory: string };

/** A comparison of one kind of thing. Much may go on meanwhile: what looks unequal is looked at again. */
export type Comparison = {
  /** Goes through everything, and gives the ids of what looks unequal. `went`: told of how many were looked at; it may throw. */
  suspects(went: (count: number) => void): Promise<Set<string>>;
  /** How those of these that are unequal now differ, a sentence each, by id. */
  differences(ids: readonly string[]): Promise<Map<string, string>>;
};

/** Rows and documents read at a time. */
export const PAGE = 1_000;

/** The ids that differ, and how. */
export function unequal(ids: readonly string[], difference: (id: string, at: number) => string | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const [at, id] of ids.entries()) {
    const how = difference(id, at);
    if (how !== undefined) found.set(id, how);
  }
  return found;
}
