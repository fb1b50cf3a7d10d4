import type { Anchor, Position } from "./eventStore.ts";

/**
 * The part of a query that a text must hold (domain/words.ts): tokens one after the other; the last token of a prefix is the
 * beginning of a word.
 */
export type SearchUnit = { tokens: readonly string[]; match: "phrase" | "prefix" };

/**
 * A message as it is indexed. `version`: the position of the event that made it so. A recalled message keeps only its version.
 */
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
  /** Whether outsiders may find it: always true for users. */
  public: boolean;
};

/** What an index holds. */
export type IndexDocument = SearchDocument | DirectoryEntry;

/** Messages of a conversation from one seq to another, both included; without `toSeq`, to its end. */
export type SeqWindow = { conversationId: string; fromSeq: number; toSeq?: number };

/** What may be seen: these whole conversations, and these windows. Each list can have any length. */
export type Visible = {
  conversationIds: readonly string[];
  windows: readonly SeqWindow[];
  /** Absent: it is made for one question. */
  kept?: KeptVisible;
};

/**
 * A visibility that many questions in turn have. An engine may keep what it made of it, and ask for what has changed since. `id`
 * names it for ever, `version` rises with each change.
 */
export type KeptVisible = {
  id: number;
  version: number;
  /** What changed after an earlier version, up to this one or a later one. Undefined: that is not known any more. */
  changesSince(version: number): VisibleChange[] | undefined;
};

/** What may be seen of a conversation from now on: the whole, some windows, or nothing. */
export type VisibleChange = { conversationId: string; seen: "all" | readonly SeqWindow[] };

/** Each member that is given narrows the search; all of them must hold. */
export type SearchFilter = {
  /** Absent: everything. */
  visible?: Visible;
  conversationIds?: readonly string[];
  senderIds?: readonly string[];
  kinds?: readonly string[];
  topic?: string;
  /** Milliseconds since 1970: from (inclusive), to (exclusive). */
  sentFrom?: number;
  sentTo?: number;
};

/** Where a hit is in its order; a page goes on after one. `score` is there only in the order RELEVANCE. */
export type SearchPlace = { conversationId: string; seq: number; sentAt: number; score?: number };

/**
 * Where the units of a query are in a document's text, as `marksOf` (domain/words.ts) tells. `version`: of the document with that
 * text.
 */
export type FoundText = { version: Position; marks: readonly number[] };

/** `found`: where marks were asked for, and the engine tells them. */
export type SearchHit = SearchPlace & { found?: FoundText };

export type SearchQuery = {
  /** All of them must be found. If there are none, every message that the filter lets through is found. */
  units: readonly SearchUnit[];
  filter: SearchFilter;
  /**
   * NEWEST: falling `sentAt`, then rising conversation (UTF-8), then falling seq: the same from every engine. RELEVANCE: a score
   * of each message by itself, which no other message changes, then as NEWEST; at least the newest 10,000 that are found are
   * ranked. Without units it is NEWEST.
   */
  order: "NEWEST" | "RELEVANCE";
  after?: SearchPlace;
  limit: number;
  /** Asks where the units are in the texts. Not every engine tells, nor in every order. */
  marks?: boolean;
  /** Asks for the counts over all pages, with at most so many keys each. */
  facets?: number;
  /** Counting stops at so many messages; absent: all are counted. If there are more, the engine chooses which are counted. */
  countUpTo?: number;
};

export type Facet = { key: string; count: number };

/** Senders and conversations by falling count, then key; months (`2022-11`, UTC) newest first. */
export type SearchFacets = { total: number; bySender: Facet[]; byConversation: Facet[]; byMonth: Facet[] };

/**
 * How much work a question was, in milliseconds of a usual machine that does nothing else. It is computed from what the engine
 * went through, so it does not depend on how busy the machine is. Absent if an engine does not tell.
 */
type Work = { workMs?: number };

export type SearchPage = { hits: SearchHit[]; hasMore: boolean; facets?: SearchFacets } & Work;

/** Each member that is given narrows the search; all of them must hold. */
export type EntryQuery = {
  entry: DirectoryEntry["entry"];
  /** All units are in the name (no units find nothing); or the id is one of `ids`, or the handle is `handle`. */
  name?: { units: readonly SearchUnit[]; ids: readonly string[]; handle?: string };
  /**
   * Has all of these tags, compared like words (case, width, accents and Chinese scripts do not count). The score is the sum of
   * their scores.
   */
  tags?: readonly string[];
  /** At most `radius` metres from there, along the great circle. */
  near?: Point & { radius: number };
  /** Inside this polygon (domain/place.ts). */
  within?: readonly Point[];
  /** Compared like words. */
  category?: string;
  /** Public, or one of these (a list of any length); absent: everything. */
  visibleIds?: readonly string[];
  /** One of these (a list of any length); absent: everyone. */
  onlyIds?: readonly string[];
  after?: EntryPlace;
  limit: number;
};

/**
 * Where an entry is in its order; a page goes on after one. If tags were asked for, by `score`, the highest first; else, if a
 * place was, by `distance` (metres), the nearest first; else by `name` as it is compared, by its UTF-8 bytes. Then by id.
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

/**
 * Moves a checkpoint. `anchor` is the newest event up to there, and is kept beside it; if it is absent, the earlier one stays.
 */
export type IndexMove = { from: Position | null; to: Position; anchor?: Anchor };

/**
 * Where messages are found by their words, and people and groups by name, tags and place. A generation (`search@1#2`) is a whole
 * index; its view (`search@1`) names the active one. Errors: `CheckpointMoved`, `Unavailable`.
 */
export type SearchIndex = {
  /**
   * Indexes documents, and then moves the checkpoint from where it must be (null: never set). The highest version of each
   * document wins, in whatever order they come. Makes the generation if it is missing. Searches of an active generation that
   * begin afterwards find the documents. Returns what can never be indexed: then the others are indexed, but the checkpoint
   * stays.
   */
  put(generation: string, documents: readonly IndexDocument[], move?: IndexMove): Promise<RefusedDocument[]>;
  /**
   * Documents by id (a message's id is `<conversation>:<seq>`), as the last `put` left them, in the order asked for. Recalled
   * ones too.
   */
  get(generation: string, ids: readonly string[]): Promise<(IndexDocument | undefined)[]>;
  /**
   * `target`: a view, or one generation, active or not. Rejects with `Unavailable` if it does not exist yet, and with
   * `TookTooLong` if it was given up.
   */
  search(target: string, query: SearchQuery): Promise<SearchPage>;
  /** The same for people and groups. */
  find(target: string, query: EntryQuery): Promise<EntryPage>;
  /**
   * Reads back at most `limit` messages, recalled ones too, after one (null: from the first), by conversation (UTF-8), then seq.
   */
  messages(generation: string, after: { conversationId: string; seq: number } | null, limit: number): Promise<SearchDocument[]>;
  /** Reads back at most `limit` people and groups after an id ("": from the first), by id. */
  entries(generation: string, after: string, limit: number): Promise<DirectoryEntry[]>;
  /** The generations of a view, by number. */
  generations(view: string): Promise<SearchGeneration[]>;
  /** Makes a generation the active one of its view, at once, in place of the former one. */
  activate(generation: string): Promise<void>;
  /** Deletes a generation and its checkpoint, if it exists. */
  drop(generation: string): Promise<void>;
  /** Answers within 2 s, and never rejects. */
  status(): Promise<SearchStatus>;
};
