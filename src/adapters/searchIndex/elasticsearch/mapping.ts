import type { estypes } from "@elastic/elasticsearch";
import { ANALYSIS } from "../../../domain/words.ts";
import type { DirectoryEntry } from "../../../ports/searchIndex.ts";

/**
 * The settings that an index is made with. Words come ready: tokens of im_v2, with spaces between them. The analyser `whitespace`
 * only splits them, so that both engines see the same words. (The tokenizer `standard` drops `々`, `₁` and every character that is
 * newer than its tables. It also splits words where scripts meet.) While it is not active, an index takes documents as fast as it
 * can.
 */
export const whileBuilt: estypes.IndicesIndexSettings = {
  number_of_shards: 1,
  number_of_replicas: 0,
  refresh_interval: -1,
  translog: { durability: "async" },
};

/**
 * The same for people and groups. A server that is killed loses late writes. Messages are lost together with the checkpoint,
 * which comes after them in the translog of the same index. People and groups have another index, so they must be on disk before
 * the checkpoint is.
 */
export const entriesWhileBuilt: estypes.IndicesIndexSettings = { ...whileBuilt, translog: { durability: "request" } };

/** The settings of an active index. Null means the server's own default. Replicas are made if there are nodes for them. */
export const onceActive = {
  index: { refresh_interval: null, auto_expand_replicas: "0-1", translog: { durability: "request" } },
} as unknown as estypes.IndicesIndexSettings;

/**
 * Each message is scored by itself: a word that is found counts 1, however rare it is among all messages. Its rarity would reveal
 * something about messages that the user may not see (domain/relevance.ts). No engine offers BM25 without rarity, except by a
 * script, and scripts may be switched off.
 */
const scoredByItself: estypes.MappingTextProperty = { type: "text", analyzer: "whitespace", similarity: "boolean" };

/** Fields with the words that occur at least so many `times` in a message. `worth`: how much such a word adds, following BM25. */
export const REPEATED = { again: { times: 2, worth: 0.375 }, often: { times: 4, worth: 0.3 } } as const;

/** The mapping of messages and of the checkpoint. */
export const messageMapping = (generation: string): estypes.MappingTypeMapping => ({
  dynamic: "strict",
  _meta: { generation, analysis: ANALYSIS },
  _source: { excludes: ["words", ...Object.keys(REPEATED), "brevity"] },
  properties: {
    conversation: { type: "keyword" },
    seq: { type: "long" },
    position: { type: "keyword", index: false, doc_values: false },
    /** Missing in recalled messages, and in the checkpoint. */
    live: { type: "boolean", doc_values: false },
    sender: { type: "keyword" },
    kind: { type: "keyword" },
    topic: { type: "keyword" },
    sentAt: { type: "date", format: "epoch_millis" },
    words: scoredByItself,
    again: scoredByItself,
    often: scoredByItself,
    brevity: { type: "float", index: false },
    /** Stored only to be read back. */
    text: { type: "keyword", index: false, doc_values: false },
    checkpoint: { type: "keyword", index: false, doc_values: false },
    /** The newest event that was folded, stored beside the checkpoint. */
    anchor: { type: "object", enabled: false },
  },
});

/** The mapping of people and groups. All fields except `row` are for searching, in the form in which they are compared. */
export const entryMapping = (generation: string): estypes.MappingTypeMapping => ({
  dynamic: "strict",
  _meta: { generation, analysis: ANALYSIS },
  _source: { includes: ["row"] },
  properties: {
    entry: { type: "keyword" },
    id: { type: "keyword" },
    name: { type: "keyword" },
    words: { type: "text", analyzer: "whitespace" },
    handle: { type: "keyword", doc_values: false },
    tags: { type: "nested", properties: { tag: { type: "keyword" }, score: { type: "double" } } },
    category: { type: "keyword", doc_values: false },
    place: { type: "geo_point" },
    public: { type: "boolean", doc_values: false },
    /** The whole entry as it was put. */
    row: { type: "object", enabled: false },
  },
});

/** A message as it is sent and read back. Its words and its brevity are not read back. */
export type MessageSource = {
  conversation: string;
  seq: number;
  position: string;
  live?: true;
  sender?: string;
  kind?: string;
  topic?: string;
  sentAt?: number;
  words?: string;
  again?: string;
  often?: string;
  /** The score is multiplied by it. It is higher for shorter messages. */
  brevity?: number;
  text?: string;
};

/** A person or a group as it is sent. Only `row` is read back. */
export type EntrySource = {
  entry: string;
  id: string;
  name: string;
  words: string;
  handle?: string;
  tags: { tag: string; score: number }[];
  category?: string;
  place?: { lat: number; lon: number };
  public: boolean;
  row: DirectoryEntry;
};
