import { elasticsearchIndex } from "../adapters/searchIndex/elasticsearch/elasticsearchIndex.ts";
import { localSearchIndex } from "../adapters/searchIndex/sqlite/localSearchIndex.ts";
import { sqliteSearchIndex } from "../adapters/searchIndex/sqlite/sqliteSearchIndex.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import { backOff } from "../ports/backoff.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { explained, Unavailable } from "../ports/faults.ts";
import type { SearchIndex } from "../ports/searchIndex.ts";

/** Where a thread of this process finds the search index. */
export type SearchPlace = {
  dataDir: string;
  /** The engine's server, and what the names of this log's indexes begin with; none: the index is in `dataDir`. */
  elasticsearch: { url: string; prefix: string } | undefined;
};

const PREFIX = "tidings";

/** Each log has indexes of its own: who is set to another log, or shares the server, takes nothing from others. */
export const placeOfSearch = (
  { dataDir, elasticsearchUrl: url, elasticsearchPrefix = PREFIX }: Config,
  log: Pick<EventStore, "id">,
): SearchPlace => ({
  dataDir,
  elasticsearch: url === undefined ? undefined : { url, prefix: `${elasticsearchPrefix}-${log.id}` },
});

/** How long a question of a user's may take before it is given up: milliseconds. */
const QUESTION_MS = 5_000;

/** The index for the one thread that writes it. Tries until it opens, with backoff; undefined where `signal` is aborted before. */
export async function openIndexForWriting(
  { dataDir, elasticsearch }: SearchPlace,
  signal: AbortSignal,
  waiting: (error: unknown) => void,
): Promise<Open<SearchIndex> | undefined> {
  if (elasticsearch) return elasticsearchIndex(elasticsearch.url, { prefix: elasticsearch.prefix });
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await localSearchIndex(dataDir);
    } catch (error) {
      waiting(error);
      await backOff(attempt, signal);
    }
  }
  return undefined;
}

export type ReadIndex = Open<Pick<SearchIndex, "search" | "find" | "status">>;

/** The index for questions. It is opened by the first, and again by the next where it could not be: search may be away when all else starts. */
export function openIndexForReading({ dataDir, elasticsearch }: SearchPlace): ReadIndex {
  if (elasticsearch) return elasticsearchIndex(elasticsearch.url, { prefix: elasticsearch.prefix, requestTimeout: QUESTION_MS });
  let opened: Promise<Open<SearchIndex>> | undefined;
  const index = (): Promise<Open<SearchIndex>> => {
    opened ??= sqliteSearchIndex(dataDir).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    search: async (...call) => (await index()).search(...call),
    find: async (...call) => (await index()).find(...call),
    status: async () => {
      try {
        return await (await index()).status();
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        return { kind: "sqlite", reachable: false, detail: explained(error) };
      }
    },
    close: async () => {
      const open = await opened?.catch(() => undefined);
      await open?.close();
    },
  };
}
