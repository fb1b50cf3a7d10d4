import type { Client, estypes } from "@elastic/elasticsearch";
import { setTimeout as delay } from "node:timers/promises";
import { wordsOf } from "../../../domain/words.ts";
import { backoffMs } from "../../../ports/backoff.ts";
import { Unavailable } from "../../../ports/faults.ts";
import type { RefusedDocument, SearchDocument } from "../../../ports/searchIndex.ts";
import { statusOf } from "./faults.ts";
import type { Source } from "./mapping.ts";
import { documentId, versionOf, writeAliasOf } from "./names.ts";

/** The most that one request carries: UTF-16 units of JSON, and documents. */
const CHUNK_CHARACTERS = 4_000_000;
const CHUNK_DOCUMENTS = 5_000;
/** How often the same document is sent before the server counts as too busy: about 20 s. */
const ATTEMPTS = 10;

/** A document's two lines. */
type Item = { document: SearchDocument; lines: string };

export function sourceOf(document: SearchDocument): Source {
  const { conversationId: conversation, seq, version: position } = document;
  if (document.recalled) return { conversation, seq, position };
  const { senderId: sender, kind, topic, sentAt, text } = document;
  const { tokens, ends } = wordsOf(text);
  const source: Source = { conversation, seq, position, live: true, sender, kind, sentAt, words: tokens.join(" "), ends, text };
  return topic === null ? source : { ...source, topic };
}

export function documentOf(source: Source): SearchDocument {
  const {
    conversation: conversationId,
    seq,
    position: version,
    live,
    sender = "",
    kind = "",
    topic,
    sentAt = 0,
    text = "",
  } = source;
  if (live !== true) return { conversationId, seq, version, recalled: true };
  return { conversationId, seq, version, senderId: sender, kind, topic: topic ?? null, sentAt, text };
}

function itemOf(document: SearchDocument): Item {
  const { conversationId, seq, version } = document;
  const id = JSON.stringify(documentId(conversationId, seq));
  // As text: a version has more digits than a number of JavaScript's.
  const action = `{"index":{"_id":${id},"routing":${JSON.stringify(conversationId)},"version":${versionOf(version)},"version_type":"external_gte"}}`;
  return { document, lines: `${action}\n${JSON.stringify(sourceOf(document))}\n` };
}

function* chunksOf(items: readonly Item[]): Generator<Item[]> {
  let chunk: Item[] = [];
  let characters = 0;
  for (const item of items) {
    if (chunk.length > 0 && (chunk.length >= CHUNK_DOCUMENTS || characters + item.lines.length > CHUNK_CHARACTERS)) {
      yield chunk;
      chunk = [];
      characters = 0;
    }
    chunk.push(item);
    characters += item.lines.length;
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * Sends documents in their order; those that the server is too busy for are sent again, they alone. A version conflict is a success: a newer
 * one is there. Returns those that can never be indexed. `refresh`: whether it waits until searches find them.
 */
export async function sendAll(
  client: Client,
  index: string,
  documents: readonly SearchDocument[],
  refresh: "wait_for" | false,
): Promise<RefusedDocument[]> {
  const refused: RefusedDocument[] = [];
  for (const chunk of chunksOf(documents.map(itemOf))) {
    let left = chunk;
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === ATTEMPTS) throw new Unavailable(`Elasticsearch is too busy to take ${left.length} documents`, "unknown");
      if (attempt > 0) await delay(backoffMs(attempt));
      left = await send(client, index, left, refresh, refused);
    }
  }
  return refused;
}

/** Returns those that are to be sent again. */
async function send(
  client: Client,
  index: string,
  items: Item[],
  refresh: "wait_for" | false,
  refused: RefusedDocument[],
): Promise<Item[]> {
  const answer = await bulk(client, index, items, refresh);
  if (answer === "busy") return items;
  if (!answer.errors) return [];
  const again: Item[] = [];
  items.forEach((item, place) => {
    const result = answer.items[place]?.index;
    const error = result?.error;
    if (!error || error.type === "version_conflict_engine_exception") return;
    const { conversationId, seq } = item.document;
    const reason = `${error.type}: ${error.reason ?? ""}`;
    const status = result?.status ?? 500;
    if (status === 429) again.push(item);
    // Not the document's fault: an index that is gone, a shard that is away, a full disk.
    else if (status >= 500 || status === 404 || status === 403)
      throw new Unavailable(`Elasticsearch took no document: ${reason}`, "unknown");
    else refused.push({ conversationId, seq, reason: error.caused_by ? `${reason}; ${error.caused_by.reason ?? ""}` : reason });
  });
  return again;
}

async function bulk(
  client: Client,
  index: string,
  items: readonly Item[],
  refresh: "wait_for" | false,
): Promise<estypes.BulkResponse | "busy"> {
  try {
    return await client.transport.request<estypes.BulkResponse>(
      {
        method: "POST",
        path: `/${writeAliasOf(index)}/_bulk`,
        querystring: { require_alias: true, ...(refresh && { refresh }) },
        bulkBody: items.map((item) => item.lines).join(""),
      },
      { headers: { accept: "application/vnd.elasticsearch+json; compatible-with=8" } },
    );
  } catch (error) {
    if (statusOf(error) === 429) return "busy";
    throw error;
  }
}
