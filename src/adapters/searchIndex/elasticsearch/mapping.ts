import type { estypes } from "@elastic/elasticsearch";
import { ANALYSIS } from "../../../domain/words.ts";
import type { DirectoryEntry } from "../../../ports/searchIndex.ts";

/**
 * What an index is made with. The words come ready: tokens of im_v2 with spaces between, which the analyser `whitespace` only takes apart, so
 * that both engines see the same by construction. (The tokenizer `standard` drops `々`, `₁` and every character that is younger than its
 * tables, and cuts words where scripts meet.) Until it is active an index takes in as fast as it can.
 */
export const whileBuilt: estypes.IndicesIndexSettings = {
  number_of_shards: 1,
  number_of_replicas: 0,
  refresh_interval: -1,
  translog: { durability: "async" },
};

/**
 * The same of people and groups. What is written late is lost with a server that is killed, of messages together with the checkpoint, which is behind
 * them in the same log of the same index: that of people and groups is another one, and has to be on disk before the checkpoint is.
 */
export const entriesWhileBuilt: estypes.IndicesIndexSettings = { ...whileBuilt, translog: { durability: "request" } };

/** Null: the server's own. Replicas are made where there are nodes for them. */
export const onceActive = {
  index: { refresh_interval: null, auto_expand_replicas: "0-1", translog: { durability: "request" } },
} as unknown as estypes.IndicesIndexSettings;

/**
 * Messages are scored each by itself: what is found counts 1, however rare it is among all messages, for that would tell whoever searches of messages that they
 * may not see (domain/relevance.ts). No engine comes with BM25 without it but by a script, and scripts may be switched off.
 */
const scoredByItself: estypes.MappingTextProperty = { type: "text", analyzer: "whitespace", similarity: "boolean" };

/** Fields with the words that a message holds so many times at least, and what such a word counts more there: by what BM25 says of that many. */
export const REPEATED = { again: { times: 2, worth: 0.375 }, often: { times: 4, worth: 0.3 } } as const;

/** Of messages, and of the checkpoint. */
export const messageMapping = (generation: string): estypes.MappingTypeMapping => ({
  dynamic: "strict",
  _meta: { generation, analysis: ANALYSIS },
  _source: { excludes: ["words", ...Object.keys(REPEATED), "brevity"] },
  properties: {
    conversation: { type: "keyword" },
    seq: { type: "long" },
    position: { type: "keyword", index: false, doc_values: false },
    /** Absent of recalled ones, and of the checkpoint. */
    live: { type: "boolean", doc_values: false },
    sender: { type: "keyword" },
    kind: { type: "keyword" },
    topic: { type: "keyword" },
    sentAt: { type: "date", format: "epoch_millis" },
    words: scoredByItself,
    again: scoredByItself,
    often: scoredByItself,
    brevity: { type: "float", index: false },
    /** Kept to be read back. */
    text: { type: "keyword", index: false, doc_values: false },
    checkpoint: { type: "keyword", index: false, doc_values: false },
    /** Beside the checkpoint: the newest event that was folded. */
    anchor: { type: "object", enabled: false },
  },
});

/** Of people and groups. All but `row` is there to be searched, as it is compared. */
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

/** A message as it is sent and read back; what its words are and how short it is are not. */
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
  /** The shorter it is, the higher: what its score is multiplied by. */
  brevity?: number;
  text?: string;
};

/** A person or a group as it is sent; only `row` is read back. */
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
