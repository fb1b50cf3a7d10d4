import type { Position } from "../../src/ports/eventStore.ts";
import type { SearchIndex } from "../../src/ports/searchIndex.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import type { Verification } from "../../src/projecting/generations/verifying.ts";
import { checkpointName } from "../../src/projecting/slices.ts";
import { comparedCounts } from "./comparedCounts.ts";
import { comparedEntries } from "./comparedEntries.ts";
import { comparedMessages } from "./comparedMessages.ts";
import { type Compared, type Comparison, PAGE, type ReadViews } from "./comparison.ts";
import { SEARCH_VIEW } from "./search.ts";

export type VerifySearchOptions = {
  index: Pick<SearchIndex, "get" | "messages" | "entries" | "search" | "generations">;
  views: Pick<ViewStore, "get" | "getMany" | "range" | "partitions" | "checkpoint">;
  /** The generations of the views that are read at present. */
  reading: () => Promise<ReadViews>;
  /** The end of the log. */
  end: () => Promise<Position> | Position;
  /** Resolves where something may have gone on. */
  pause: () => Promise<void>;
};

/** How often a difference is looked at again: it may have changed in between. */
const ROUNDS = 5;
/** Differences that are told one by one. */
const SAMPLES = 20;

/**
 * Compares a generation of the search index with the timelines and the directory: version, text and all else of every message,
 * read back from the index; names, handles and tags of people and groups; and how many messages of each conversation the engine
 * finds. It may run while everything goes on: differences are looked at again once both have passed the log's end. The place of a
 * user is nowhere but in the index, so it is not compared. Rejects with `Unavailable`, or with the reason of `signal` if it is
 * aborted.
 */
export async function verifySearch(
  { index, views, reading, end, pause }: VerifySearchOptions,
  generation: string,
  progress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Verification> {
  const total = (await index.search(generation, { units: [], filter: {}, order: "NEWEST", limit: 0, facets: 1 })).facets?.total;

  /** Until both have passed the log's end as it is now. */
  const settled = async (): Promise<void> => {
    const until = await end();
    for (;;) {
      signal.throwIfAborted();
      const checkpoint = (await index.generations(SEARCH_VIEW)).find(({ name }) => name === generation)?.checkpoint;
      if (checkpoint === undefined) throw new Error(`${generation} is there no more`);
      const { timelines, directory } = await reading();
      const stands = [checkpoint ?? "", await checkpointOf(views, timelines), await checkpointOf(views, directory)];
      if (stands.every((at) => at >= until)) return;
      await pause();
    }
  };

  /** What still differs, one sentence each. */
  const confirmed = async (suspects: Set<string>, { differences }: Comparison): Promise<string[]> => {
    let left = new Map([...suspects].map((id) => [id, ""]));
    for (let round = 0; round < ROUNDS && left.size > 0; round++) {
      await settled();
      const ids = [...left.keys()];
      left = new Map();
      for (let from = 0; from < ids.length; from += PAGE)
        for (const [id, how] of await differences(ids.slice(from, from + PAGE))) left.set(id, how);
    }
    return [...left.values()];
  };

  const compared: Compared = { index, views, reading, generation };
  const counted = { messages: 0, entries: 0, conversations: 0 };
  const messages = comparedMessages(compared);
  const messageSuspects = await messages.suspects((count) => {
    signal.throwIfAborted();
    counted.messages += count;
    progress(Math.min(1, counted.messages / Math.max(1, total ?? 0)));
  });
  const entries = comparedEntries(compared);
  const entrySuspects = await entries.suspects((count) => {
    signal.throwIfAborted();
    counted.entries += count;
  });
  const counts = comparedCounts(compared);
  const countSuspects = await counts.suspects((count) => {
    signal.throwIfAborted();
    counted.conversations += count;
  });

  const differences = [
    ...(await confirmed(messageSuspects, messages)),
    ...(await confirmed(entrySuspects, entries)),
    ...(await confirmed(countSuspects, counts)),
  ];
  const things = `${counted.messages} messages of ${counted.conversations} conversations, and ${counted.entries} people and groups`;
  return {
    differences: differences.length,
    samples: differences.slice(0, SAMPLES),
    summary: `${generation} was compared with the views: ${things}; ${differences.length} differences`,
  };
}

async function checkpointOf(views: Pick<ViewStore, "checkpoint">, generation: string): Promise<string> {
  return (await views.checkpoint(checkpointName(generation)))?.position ?? "";
}
