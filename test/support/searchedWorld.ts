import { search, SEARCH_VIEW, searchReads } from "../../projections/search/search.ts";
import { localSearchIndex } from "../../src/adapters/searchIndex/sqlite/localSearchIndex.ts";
import type { Services } from "../../src/api/context.ts";
import type { EventStore } from "../../src/ports/eventStore.ts";
import { Unavailable } from "../../src/ports/faults.ts";
import type { EntryQuery, SearchQuery } from "../../src/ports/searchIndex.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import { indexStore } from "../../src/projecting/indexStore.ts";
import { generationOf } from "../../src/projecting/projection.ts";
import { createRunner } from "../../src/projecting/runner.ts";
import { createWatermark } from "../../src/projecting/watermark.ts";
import { tempDir } from "./tempDir.ts";

/** A real embedded index, and a runner that folds the log into it: by itself once it runs, or at each `fold`. */
export async function searching(log: EventStore, parked: ViewStore) {
  const { path, remove } = await tempDir();
  const index = await localSearchIndex(path);
  const generation = generationOf(search);
  await index.activate(generation);
  const watermark = createWatermark(log.origin);
  const runner = createRunner({
    log,
    store: indexStore({ index, parked, generation }),
    projections: [search],
    committed: (checkpoint) => watermark.advance(checkpoint),
  });
  const reads = searchReads(index);
  const asked: { messages: SearchQuery[]; entries: EntryQuery[] } = { messages: [], entries: [] };
  let isAway = false;
  const here = (): void => {
    if (isAway) throw new Unavailable("the search engine cannot be reached");
  };
  const services: Omit<Services["search"], "sights"> = {
    watermark,
    messages: async (query) => {
      asked.messages.push(query);
      here();
      return reads.messages(query);
    },
    entries: async (query) => {
      asked.entries.push(query);
      here();
      return reads.entries(query);
    },
  };
  return {
    services,
    index,
    /** What the API asked of it. */
    asked,
    away: (is: boolean) => void (isAway = is),
    run: (signal: AbortSignal) => runner.run(signal),
    fold: () => runner.catchUp(),
    state: () => runner.state(),
    view: SEARCH_VIEW,
    close: async () => {
      await index.close();
      await remove();
    },
  };
}

/** In worlds where nothing is searched. */
export const nothingSearched = (log: EventStore): Omit<Services["search"], "sights"> => {
  const none = () => Promise.reject(new Unavailable("nothing is searched here"));
  return { messages: none, entries: none, watermark: createWatermark(log.origin) };
};
