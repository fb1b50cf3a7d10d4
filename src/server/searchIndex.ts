import { examineIndex } from "../adapters/searchIndex/sqlite/examine.ts";
import { localSearchIndex } from "../adapters/searchIndex/sqlite/localSearchIndex.ts";
import { sqliteSearchIndex } from "../adapters/searchIndex/sqlite/sqliteSearchIndex.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import { backOff } from "../ports/backoff.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { DamagedIndex, Unavailable } from "../ports/faults.ts";
import type { SearchGeneration, SearchIndex, SearchStatus } from "../ports/searchIndex.ts";
import type { SearchTurnLimits } from "../projecting/searchTurns.ts";
import { searchReaders, type SearchReaders } from "./searchReaders.ts";

/** Tells a thread of this process where the search index is. */
export type IndexPlace = {
  dataDir: string;
  /** The engine's server, and the prefix of this log's index names. Undefined: the index is in `dataDir`. */
  elasticsearch: { url: string; prefix: string } | undefined;
};

/** The limits of searches. */
type SearchLimits = Pick<Config, "searchLimitMs" | "searchesWaiting" | "searchesWaitingPerUser">;

/** The client is large, so it is loaded only where it is used. Other servers start without it. */
const onServer = () => import("../adapters/searchIndex/elasticsearch/elasticsearchIndex.ts");

const PREFIX = "tidings";

/**
 * Each log has its own indexes. So a server that changes to another log, or shares the engine with others, touches no index of
 * another log.
 */
export const placeOfSearch = (
  { dataDir, elasticsearchUrl: url, elasticsearchPrefix = PREFIX }: Config,
  log: Pick<EventStore, "id">,
): IndexPlace => ({
  dataDir,
  elasticsearch: url === undefined ? undefined : { url, prefix: `${elasticsearchPrefix}-${log.id}` },
});

/** How much longer than its limit a search's answer is waited for, in milliseconds. */
const ANSWER_MS = 3_000;
/** How long a search may wait, in milliseconds. */
const WAIT_MS = 5_000;

/** READERS: threads that read the embedded index. AT_ONCE: searches that Elasticsearch handles at the same time. */
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
 * Opens the index for the one thread that writes it. Tries with backoff until it opens. Resolves with undefined if `signal` is
 * aborted before that. Rejects with `DamagedIndex` if the index is damaged.
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

/** How an engine's server is, and which generations of a view it has. It only asks, and never rejects. */
export async function searchStatusOf(
  { elasticsearch }: IndexPlace,
  view: string,
): Promise<{ status: SearchStatus; generations: SearchGeneration[] }> {
  if (!elasticsearch) throw new Error("the embedded index is no server");
  const { elasticsearchIndex } = await onServer();
  const index = elasticsearchIndex(elasticsearch.url, { prefix: elasticsearch.prefix });
  try {
    const [status, generations] = await Promise.all([index.status(), index.generations(view).catch(() => [])]);
    return { status, generations };
  } finally {
    await index.close();
  }
}

/** No index: searches are refused, and all else goes on. */
export function absentIndex(why: string): SearchReaders {
  const refused = (): Promise<never> => Promise.reject(new Unavailable(why));
  return {
    search: refused,
    find: refused,
    generations: refused,
    status: async () => ({ kind: "none", reachable: false }),
    letGo: async () => {},
    resume: () => {},
    close: async () => {},
  };
}

/** Called on events of the embedded index's threads and files. */
export type ReadingEvents = { damaged: (error: unknown) => void; warn: (message: string, error: unknown) => void };

/**
 * Opens the index for searches. An embedded index is opened by the first search. If that fails, the next search tries again: the
 * rest may start while search is away.
 */
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
    examine: () => examineIndex(dataDir, 0)?.status,
    count: READERS,
    ...on,
  });
}
