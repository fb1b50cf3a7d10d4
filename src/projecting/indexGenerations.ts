import type { SearchIndex } from "../ports/searchIndex.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import type { GenerationStore } from "./generations/store.ts";
import { indexStore } from "./indexStore.ts";

export type IndexGenerationsOptions = {
  index: Pick<SearchIndex, "put" | "get" | "generations" | "activate" | "drop">;
  /** Where parked events are kept. */
  parked: Pick<ViewStore, "range" | "commit" | "drop">;
};

/** The generations of a search index. They are kept in the index; events that it could not take are parked in the view store. */
export function indexGenerations({ index, parked }: IndexGenerationsOptions): GenerationStore {
  return {
    open: (generation, whileActive) => indexStore({ index, parked, generation, whileActive }),
    // The index makes it.
    note: async (generation) => void (await index.put(generation, [])),
    list: (view) => index.generations(view),
    activate: (generation) => index.activate(generation),
    drop: async (generation) => {
      await index.drop(generation);
      await parked.drop(generation);
    },
  };
}
