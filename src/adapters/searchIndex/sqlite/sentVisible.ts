import { LRUCache } from "lru-cache";
import type { KeptVisible, SearchQuery, SeqWindow, Visible, VisibleChange } from "../../../ports/searchIndex.ts";

/**
 * A kept visibility as it goes to the thread, which keeps its own set of it: all of it, or what changed since the version `since`
 * that the thread was told, or nothing but its name.
 */
export type SentVisible = { id: number; version: number } & (
  | { all: { conversationIds: readonly string[]; windows: readonly SeqWindow[] } }
  | { since: number; changes: readonly VisibleChange[] }
);

/** How many are remembered of those that a thread was told. */
const REMEMBERED = 10_000;

type Kept = Visible & { kept: KeptVisible };

/** What one thread was told of kept visibilities. */
export type Sending = {
  /** What to send of one. The thread may have lost what it was told: then it says so, and all of it is sent. */
  of(visible: Kept): SentVisible;
  lost(id: number): void;
};

export function sending(): Sending {
  const told = new LRUCache<number, number>({ max: REMEMBERED });
  return {
    of: ({ kept, conversationIds, windows }) => {
      const { id, version } = kept;
      const since = told.get(id);
      // Something newer may have been sent for a search that was asked later.
      if (since !== undefined && since >= version) return { id, version: since, since, changes: [] };
      const changes = since === undefined ? undefined : kept.changesSince(since);
      told.set(id, version);
      return since === undefined || changes === undefined
        ? { id, version, all: { conversationIds, windows } }
        : { id, version, since, changes };
    },
    lost: (id) => void told.delete(id),
  };
}

/** A query whose visibility is kept, and whose visibility alone says which conversations: they go to the thread apart. */
export function keptOf(query: SearchQuery): { query: SearchQuery; visible: Kept } | undefined {
  const { visible, ...filter } = query.filter;
  if (visible?.kept === undefined || filter.conversationIds !== undefined) return undefined;
  return { query: { ...query, filter }, visible: { ...visible, kept: visible.kept } };
}

/** The query with all that may be seen, which can go to a thread as it is. */
export function withoutKept(query: SearchQuery): SearchQuery {
  const { visible } = query.filter;
  if (visible?.kept === undefined) return query;
  const { conversationIds, windows } = visible;
  return { ...query, filter: { ...query.filter, visible: { conversationIds, windows } } };
}
