import { localSearchIndex } from "../adapters/searchIndex/sqlite/localSearchIndex.ts";
import { sqliteSearchIndex } from "../adapters/searchIndex/sqlite/sqliteSearchIndex.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import { backOff } from "../ports/backoff.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { DamagedIndex } from "../ports/faults.ts";
import type { SearchIndex } from "../ports/searchIndex.ts";
import type { SearchTurnLimits } from "../projecting/searchTurns.ts";
import { searchReaders, type SearchReaders } from "./searchReaders.ts";

/** Where a thread of this process finds the search index. */
export type IndexPlace = {
  dataDir: string;
  /** The engine's server, and what the names of this log's indexes begin with; none: the index is in `dataDir`. */
  elasticsearch: { url: string; prefix: string } | undefined;
};

/** What searches may take. */
type SearchLimits = Pick<Config, "searchLimitMs" | "searchesWaiting" | "searchesWaitingPerUser">;

/** Its client is large: loaded where it is used, so that all others start without it. */
const onServer = () => import("../adapters/searchIndex/elasticsearch/elasticsearchIndex.ts");

const PREFIX = "tidings";

/** Each log has indexes of its own: who is set to another log, or shares the server, takes nothing from others. */
export const placeOfSearch = (
  { dataDir, elasticsearchUrl: url, elasticsearchPrefix = PREFIX }: Config,
  log: Pick<EventStore, "id">,
): IndexPlace => ({
  dataDir,
  elasticsearch: url === undefined ? undefined : { url, prefix: `${elasticsearchPrefix}-${log.id}` },
});

/** How much longer than a search may take its answer is waited for: milliseconds. */
const ANSWER_MS = 3_000;
/** How long a search may wait: milliseconds. */
const WAIT_MS = 5_000;

/** Threads that read the embedded index; searches that Elasticsearch is asked at the same time. */
const READERS = 2;
const AT_ONCE = 16;

/** How users take turns. */
export const turnsOf = ({ elasticsearch }: IndexPlace, limits: SearchLimits): SearchTurnLimits => ({
  lanes: elasticsearch ? AT_ONCE : READERS,
  waitingEach: limits.searchesWaitingPerUser,
  waiting: limits.searchesWaiting,
  waitMs: WAIT_MS,
});

/**
 * The index for the one thread that writes it. Tries until it opens, with backoff; undefined where `signal` is aborted before. Rejects with `DamagedIndex`
 * where that is what it is.
 */
export async function openIndexForWriting(
  { dataDir, elasticsearch }: IndexPlace,
  signal: AbortSignal,
  waiting: (error: unknown) => void,
): Promise<Open<SearchIndex> | undefined> {
  if (elasticsearch) return (await onServer()).elasticsearchIndex(elasticsearch.url, { prefix: elasticsearch.prefix });
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await localSearchIndex(dataDir);
    } catch (error) {
      if (error instanceof DamagedIndex) throw error;
      waiting(error);
      await backOff(attempt, signal);
    }
  }
  return undefined;
}

/** Called with what happens to the embedded index's threads and files. */
export type ReadingEvents = { damaged: (error: unknown) => void; warn: (message: string, error: unknown) => void };

/** The index for questions. An embedded one is opened by the first, and again by the next where it could not be: search may be away when all else starts. */
export async function openIndexForReading(
  { dataDir, elasticsearch }: IndexPlace,
  { searchLimitMs: searchMs }: SearchLimits,
  on: ReadingEvents,
): Promise<SearchReaders> {
  if (elasticsearch) {
    const { elasticsearchIndex } = await onServer();
    const index = elasticsearchIndex(elasticsearch.url, {
      prefix: elasticsearch.prefix,
      requestTimeout: searchMs + ANSWER_MS,
      searchMs,
    });
    return { ...index, letGo: async () => {}, resume: () => {} };
  }
  return searchReaders({
    open: (ended) => sqliteSearchIndex(dataDir, { searchMs, ended }),
    count: READERS,
    ...on,
  });
}
