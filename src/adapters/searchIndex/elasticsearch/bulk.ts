import type { Client, estypes } from "@elastic/elasticsearch";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import { backoffMs } from "../../../ports/backoff.ts";
import { Unavailable } from "../../../ports/faults.ts";
import type { IndexDocument, RefusedDocument } from "../../../ports/searchIndex.ts";
import { isEntry } from "../entries.ts";
import { messageId } from "../names.ts";
import { entrySource, messageSource } from "./documents.ts";
import { statusOf } from "./faults.ts";
import { entriesOf, versionOf, writeAliasOf } from "./names.ts";

/** The limits of one request: UTF-16 units of JSON, and documents. */
const CHUNK_CHARACTERS = 4_000_000;
const CHUNK_DOCUMENTS = 2_048;
/** How many requests are sent at once: while the server works on one, the next is made. */
const AT_ONCE = 2;
/** How often the same document is sent before the server counts as too busy: about 20 s. */
const ATTEMPTS = 10;
/** So many documents do not wait until the server makes them searchable by itself, once a second. It is told to do so at once. */
const MANY = 1_000;

/** The parts of the answer that are read. A whole answer about thousands of documents would be long. */
const TOLD = "errors,items.index.status,items.index.error";

/** A document's id and its two lines. */
type Item = { id: string; lines: string };

function itemOf(index: string, document: IndexDocument): Item {
  // As text, because a version has more digits than a JavaScript number.
  const version = `"version":${versionOf(document.version)},"version_type":"external_gte"`;
  if (isEntry(document)) {
    const target = JSON.stringify(writeAliasOf(entriesOf(index)));
    const action = `{"index":{"_index":${target},"_id":${JSON.stringify(document.id)},${version}}}`;
    return { id: document.id, lines: `${action}\n${JSON.stringify(entrySource(document))}\n` };
  }
  const id = messageId(document);
  const action = `{"index":{"_id":${JSON.stringify(id)},"routing":${JSON.stringify(document.conversationId)},${version}}}`;
  return { id, lines: `${action}\n${JSON.stringify(messageSource(document))}\n` };
}

function* chunksOf(index: string, documents: readonly IndexDocument[]): Generator<Item[], undefined> {
  let chunk: Item[] = [];
  let characters = 0;
  for (const document of documents) {
    const item = itemOf(index, document);
    if (chunk.length > 0 && (chunk.length >= CHUNK_DOCUMENTS || characters + item.lines.length > CHUNK_CHARACTERS)) {
      yield chunk;
      chunk = [];
      characters = 0;
    }
    chunk.push(item);
    characters += item.lines.length;
  }
  if (chunk.length > 0) yield chunk;
  return undefined;
}

/**
 * Sends documents, in any order. Only documents that the server was too busy for are sent again. A version conflict is a success:
 * a newer version is there. Returns the documents that can never be indexed. `isFound`: whether to wait until searches find them.
 * Once the promise is settled, no request is under way.
 */
export async function sendAll(
  client: Client,
  index: string,
  documents: readonly IndexDocument[],
  isFound: boolean,
): Promise<RefusedDocument[]> {
  const refused: RefusedDocument[] = [];
  const chunks = chunksOf(index, documents);
  const waits = isFound && documents.length < MANY;
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    // A request that another lane has made should leave before this lane blocks the thread.
    await turn();
    for (let chunk = chunks.next().value; chunk !== undefined && !hasFailed; chunk = chunks.next().value)
      await sendChunk(client, index, chunk, waits, refused);
  };
  const lanes = Array.from({ length: AT_ONCE }, () =>
    lane().catch((error: unknown) => {
      hasFailed = true;
      throw error;
    }),
  );
  for (const done of await Promise.allSettled(lanes)) if (done.status === "rejected") throw done.reason;
  if (isFound && !waits) await client.indices.refresh({ index: [index, entriesOf(index)] });
  return refused;
}

async function sendChunk(
  client: Client,
  index: string,
  chunk: Item[],
  waits: boolean,
  refused: RefusedDocument[],
): Promise<void> {
  let left = chunk;
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt === ATTEMPTS) throw new Unavailable(`Elasticsearch is too busy to take ${left.length} documents`, "unknown");
    if (attempt > 0) await delay(backoffMs(attempt));
    left = await send(client, index, left, waits, refused);
  }
}

/** Returns the items that must be sent again. */
async function send(client: Client, index: string, items: Item[], waits: boolean, refused: RefusedDocument[]): Promise<Item[]> {
  const answer = await bulk(client, index, items, waits);
  if (answer === "busy") return items;
  if (!answer.errors) return [];
  const again: Item[] = [];
  items.forEach((item, place) => {
    const result = answer.items[place]?.index;
    const error = result?.error;
    if (!error || error.type === "version_conflict_engine_exception") return;
    const reason = `${error.type}: ${error.reason ?? ""}`;
    const status = result?.status ?? 500;
    if (status === 429) again.push(item);
    // Not the document's fault: a missing index, an unavailable shard, a full disk.
    else if (status >= 500 || status === 404 || status === 403)
      throw new Unavailable("Elasticsearch did not take all documents", "unknown", { cause: new Error(reason) });
    else refused.push({ id: item.id, reason: error.caused_by ? `${reason}; ${error.caused_by.reason ?? ""}` : reason });
  });
  return again;
}

async function bulk(
  client: Client,
  index: string,
  items: readonly Item[],
  waits: boolean,
): Promise<estypes.BulkResponse | "busy"> {
  try {
    return await client.transport.request<estypes.BulkResponse>(
      {
        method: "POST",
        path: `/${writeAliasOf(index)}/_bulk`,
        querystring: { require_alias: true, filter_path: TOLD, ...(waits && { refresh: "wait_for" }) },
        bulkBody: items.map((item) => item.lines).join(""),
      },
      { headers: { accept: "application/vnd.elasticsearch+json; compatible-with=8" } },
    );
  } catch (error) {
    if (statusOf(error) === 429) return "busy";
    throw error;
  }
}
