import type { Anchor, Position } from "./eventStore.ts";

/** The part of a query that a text must hold (domain/words.ts): tokens one after the other, of a prefix the last one a beginning. */
export type SearchUnit = { tokens: readonly string[]; match: "phrase" | "prefix" };

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

export type Point = { latitude: number; longitude: number };

/** A user or a group as they are found by name, tags and place. `version`: the position of the event that made it so. */
export type DirectoryEntry = {
  entry: "USER" | "GROUP";
  /** The user's, or the group's. */
  id: string;
  version: Position;
  name: string;
  /** Normalised; a group has none. */
  handle: string | null;
  /** By name as they were given, each once. */
  tags: readonly { name: string; score: number }[];
  category: string | null;
  /** Of a grid (domain/place.ts, `snapped`): an index holds nobody's exact place. */
  place: Point | null;
  /** Whether those outside may find it: of users always. */
  public: boolean;
};

/** What an index holds. */
export type IndexDocument = SearchDocument | DirectoryEntry;

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
   * NEWEST: `sentAt` falling, then conversation rising (UTF-8), then seq falling: the same from every engine. RELEVANCE: a score
   * of each message by itself, which no other message changes, then the same, of the newest 10,000 at least that are found; without units it is NEWEST.
   */
  order: "NEWEST" | "RELEVANCE";
  after?: SearchPlace;
  limit: number;
  /** Asks for the counts over all pages, at most so many keys each. */
  facets?: number;
  /** Counting stops at so many messages; absent: all are counted. Which of more are counted is the engine's choice. */
  countUpTo?: number;
};

export type Facet = { key: string; count: number };

/** Senders and conversations by falling count, then key; months (`2022-11`, UTC) newest first. */
export type SearchFacets = { total: number; bySender: Facet[]; byConversation: Facet[]; byMonth: Facet[] };

/**
 * What an engine had to do, in milliseconds of a usual machine that does nothing else: by what it went through, so that it is the same however busy the machine
 * is. Absent where an engine does not tell.
 */
type Work = { workMs?: number };

export type SearchPage = { hits: SearchPlace[]; hasMore: boolean; facets?: SearchFacets } & Work;

/** Each narrows; those given are ANDed. */
export type EntryQuery = {
  entry: DirectoryEntry["entry"];
  /** All units are found in the name (none: that finds nothing); or the id is one of `ids`, or the handle is `handle`. */
  name?: { units: readonly SearchUnit[]; ids: readonly string[]; handle?: string };
  /** Has all of them, compared as words are (case, width, accents and scripts of Chinese aside). The score is the sum of their scores. */
  tags?: readonly string[];
  /** At most `radius` metres from there, along the great circle. */
  near?: Point & { radius: number };
  /** Inside of this polygon (domain/place.ts). */
  within?: readonly Point[];
  /** Compared as words are. */
  category?: string;
  /** Public, or one of these, a list of any length; absent: everything. */
  visibleIds?: readonly string[];
  after?: EntryPlace;
  limit: number;
};

/**
 * Where an entry stands in its order; a page goes on after one. `score` is there where tags were asked for: the highest first; else `distance` (metres)
 * where a place was: the nearest first; else the `name` as it is compared, by its UTF-8 bytes. Then by id.
 */
export type EntryPlace = { id: string; score?: number; distance?: number; name?: string };

/** `score` and `distance` are both there where both were asked for. */
export type EntryPage = { hits: EntryPlace[]; hasMore: boolean } & Work;

/** A document that can never be indexed, and why. `id`: a message's `<conversation>:<seq>`, or an entry's. */
export type RefusedDocument = { id: string; reason: string };

/** What the index says of itself. */
export type SearchStatus = {
  /** `sqlite`, `elasticsearch`. */
  kind: string;
  reachable: boolean;
  version?: string;
  /** A sentence: what is wrong, or how its nodes are. */
  detail?: string;
  /** On disk. */
  bytes?: number;
};

/** `anchor`: the newest event that was folded into it, where that was kept. */
export type SearchGeneration = { name: string; checkpoint: Position | null; anchor?: Anchor; active: boolean };

/** Moves a checkpoint. `anchor`: the newest event up to there, which is kept beside it; absent: the one from before stays. */
export type IndexMove = { from: Position | null; to: Position; anchor?: Anchor };

/**
 * Where messages are found by their words, people and groups by name, tags and place. A generation (`search@1#2`) is a whole index; its view
 * (`search@1`) names the active one. Errors: `CheckpointMoved`, `Unavailable`.
 */
export type SearchIndex = {
  /**
   * Indexes documents, of each the one with the highest version, whatever comes in which order, and then moves the checkpoint from where it
   * must stand (null: never set). Makes the generation where it is missing. Searches of an active generation that begin afterwards find
   * them. What can never be indexed is returned: the others are then indexed, but the checkpoint stays.
   */
  put(generation: string, documents: readonly IndexDocument[], move?: IndexMove): Promise<RefusedDocument[]>;
  /** Documents by id (a message's is `<conversation>:<seq>`) as the last `put` left them, recalled ones too, in the order asked for. */
  get(generation: string, ids: readonly string[]): Promise<(IndexDocument | undefined)[]>;
  /**
   * `target`: a view, or one generation, the active one or another. Rejects with `Unavailable` where there is none yet, and with `TookTooLong` where it is
   * given up.
   */
  search(target: string, query: SearchQuery): Promise<SearchPage>;
  /** The same for people and groups. */
  find(target: string, query: EntryQuery): Promise<EntryPage>;
  /** Reads back at most `limit` messages, recalled ones too, after one (null: from the first) by conversation (UTF-8), then seq. */
  messages(generation: string, after: { conversationId: string; seq: number } | null, limit: number): Promise<SearchDocument[]>;
  /** Reads back at most `limit` people and groups after an id ("": from the first), by id. */
  entries(generation: string, after: string, limit: number): Promise<DirectoryEntry[]>;
  /** The generations of a view, by number. */
  generations(view: string): Promise<SearchGeneration[]>;
  /** Makes a generation the active one of its view, in place of the one that was, at once. */
  activate(generation: string): Promise<void>;
  /** Deletes a generation and its checkpoint, where it is there. */
  drop(generation: string): Promise<void>;
  /** Answers within 2 s, and never rejects. */
  status(): Promise<SearchStatus>;
};
