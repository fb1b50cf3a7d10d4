import type { Position } from "./eventStore.ts";

/** The part of a query that a text must hold (domain/words.ts): tokens one after the other, the last one a beginning, or one CJK character. */
export type SearchUnit = { tokens: readonly string[]; match: "phrase" | "prefix" | "character" };

/** A message as it is indexed. `version`: the position of the event that made it so. Of a recalled one nothing but its version is left. */
export type SearchDocument = { conversationId: string; seq: number; version: Position } & (
  | { recalled: true }
  | {
      recalled?: false;
      senderId: string;
      kind: string;
      topic: string | null;
      /** Milliseconds since 1970. */
      sentAt: number;
      text: string;
    }
);

/** Messages of a conversation from a seq to another, both included; without `toSeq` to its end. */
export type SeqWindow = { conversationId: string; fromSeq: number; toSeq?: number };

/** Each narrows; those given are ANDed. */
export type SearchFilter = {
  /** What may be seen: these conversations wholly, and these windows, each list of any length; absent: everything. */
  visible?: { conversationIds: readonly string[]; windows: readonly SeqWindow[] };
  conversationIds?: readonly string[];
  senderIds?: readonly string[];
  kinds?: readonly string[];
  topic?: string;
  /** Milliseconds since 1970: from (inclusive), to (exclusive). */
  sentFrom?: number;
  sentTo?: number;
};

/** Where a hit stands in its order; a page goes on after one. `score` is there in the order RELEVANCE alone. */
export type SearchPlace = { conversationId: string; seq: number; sentAt: number; score?: number };

export type SearchQuery = {
  /** All of them must be found; none: every message that the filter lets through. */
  units: readonly SearchUnit[];
  filter: SearchFilter;
  /**
   * NEWEST: `sentAt` falling, then conversation rising (UTF-8), then seq falling: the same from every engine. RELEVANCE: the engine's own
   * score, then the same; without units it is NEWEST.
   */
  order: "NEWEST" | "RELEVANCE";
  after?: SearchPlace;
  limit: number;
  /** Asks for the counts over all pages, at most so many keys each. */
  facets?: number;
};

export type Facet = { key: string; count: number };

/** Senders and conversations by falling count, then key; months (`2022-11`, UTC) newest first. */
export type SearchFacets = { total: number; bySender: Facet[]; byConversation: Facet[]; byMonth: Facet[] };

export type SearchPage = { hits: SearchPlace[]; hasMore: boolean; facets?: SearchFacets };

/** A document that can never be indexed, and why. */
export type RefusedDocument = { conversationId: string; seq: number; reason: string };

export type SearchGeneration = { name: string; checkpoint: Position | null; active: boolean };

/**
 * Where messages are found by their words. A generation (`search@1#2`) is a whole index; its view (`search@1`) names the active one.
 * Errors: `CheckpointMoved`, `Unavailable`.
 */
export type SearchIndex = {
  /**
   * Indexes documents, of each message the one with the highest version, whatever comes in which order, and then moves the checkpoint from where it
   * must stand (null: never set). Makes the generation where it is missing. Searches of an active generation that begin afterwards find
   * them. What can never be indexed is returned: the others are then indexed, but the checkpoint stays.
   */
  put(
    generation: string,
    documents: readonly SearchDocument[],
    move?: { from: Position | null; to: Position },
  ): Promise<RefusedDocument[]>;
  /** `target`: a view, or one generation, the active one or another. Rejects with `Unavailable` where there is none yet. */
  search(target: string, query: SearchQuery): Promise<SearchPage>;
  /** Reads back at most `limit` documents, recalled ones too, after a message (null: from the first) by conversation (UTF-8), then seq. */
  read(generation: string, after: { conversationId: string; seq: number } | null, limit: number): Promise<SearchDocument[]>;
  /** The generations of a view, by name. */
  generations(view: string): Promise<SearchGeneration[]>;
  /** Makes a generation the active one of its view, in place of the one that was, at once. */
  activate(generation: string): Promise<void>;
  /** Deletes a generation and its checkpoint, where it is there. */
  drop(generation: string): Promise<void>;
};
