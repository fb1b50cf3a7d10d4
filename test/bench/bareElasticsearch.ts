import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unitQuery } from "../../src/adapters/searchIndex/elasticsearch/clauses.ts";
import { messageSource } from "../../src/adapters/searchIndex/elasticsearch/documents.ts";
import { messageMapping, whileBuilt } from "../../src/adapters/searchIndex/elasticsearch/mapping.ts";
import { versionOf } from "../../src/adapters/searchIndex/elasticsearch/names.ts";
import { nodesOf } from "../../src/adapters/searchIndex/elasticsearch/nodes.ts";
import { messageIdOf } from "../../src/domain/ids.ts";
import { parseQuery } from "../../src/domain/words.ts";
import { clockMs } from "./measure.ts";
import { type LiveDocument, searchDocuments } from "./searchDocuments.ts";

/** Rows of a page, as many as the server looks for. */
const PAGE = 20;
/** Bulk requests on their way at once. */
const AT_ONCE = 2;

/** The engine asked by itself, by plain requests. */
export type BareElasticsearch = {
  /** How long each text takes in an index, or the indexes of an alias: milliseconds. Nothing says who may see what. */
  search(index: string, texts: readonly string[]): Promise<number[]>;
  /** On disk, of all indexes of these names. */
  bytes(names: string): Promise<number>;
  /**
   * The floor of indexing: the messages of a log as ready-made requests of so many, two on their way at once. Gives the messages
   * a second.
   */
  rate(index: string, logDir: string, folder: string, messages: number): Promise<number>;
  /** Deletes all indexes whose names begin so. */
  drop(prefix: string): Promise<void>;
};

export function bareElasticsearch(url: string): BareElasticsearch {
  const { nodes, auth } = nodesOf(url);
  const [node = ""] = nodes;
  const credentials = auth && "username" in auth ? `${auth.username}:${auth.password}` : undefined;
  const headers = {
    "content-type": "application/json",
    ...(credentials !== undefined && { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` }),
  };

  const ask = async <T>(method: string, path: string, body?: RequestInit["body"]): Promise<T> => {
    const answer = await fetch(new URL(path, node), { method, headers, ...(body !== undefined && { body }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };

  const send = async (index: string, file: string): Promise<void> => {
    const { errors } = await ask<{ errors: boolean }>("POST", `/${index}/_bulk?filter_path=errors`, await readFile(file));
    if (errors) throw new Error(`${file} was not taken in as a whole`);
  };

  return {
    search: async (index, texts) => {
      const times: number[] = [];
      for (const text of texts) {
        const query = { bool: { filter: parseQuery(text).map((unit) => unitQuery(unit)) } };
        const body = { size: PAGE, query, sort: [{ sentAt: "desc" }], _source: false, track_total_hits: false };
        const began = clockMs();
        await ask("POST", `/${index}/_search`, JSON.stringify(body));
        times.push(clockMs() - began);
      }
      return times;
    },
    bytes: async (names) => {
      const { _all } = await ask<{ _all: { primaries: { store: { size_in_bytes: number } } } }>("GET", `/${names}/_stats/store`);
      return _all.primaries.store.size_in_bytes;
    },
    rate: async (index, logDir, folder, messages) => {
      const files: string[] = [];
      let count = 0;
      for await (const documents of searchDocuments(logDir, messages)) {
        if (documents.length === 0) continue;
        const file = join(folder, `${files.length}.jsonl`);
        await writeFile(file, documents.map(linesOf).join(""));
        files.push(file);
        count += documents.length;
      }
      await ask("PUT", `/${index}`, JSON.stringify({ settings: whileBuilt, mappings: messageMapping(index) }));
      const began = clockMs();
      const lane = async (): Promise<void> => {
        for (let file = files.shift(); file !== undefined; file = files.shift()) await send(index, file);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      await ask("POST", `/${index}/_refresh`);
      return (count * 1_000) / (clockMs() - began);
    },
    drop: async (prefix) => {
      const found = await ask<{ index: string }[]>("GET", `/_cat/indices/${prefix}*?format=json&h=index&expand_wildcards=all`);
      for (const { index } of found) await ask("DELETE", `/${index}`);
    },
  };
}

function linesOf(document: LiveDocument): string {
  const { conversationId, seq, version } = document;
  const [id, routing] = [messageIdOf(conversationId, seq), conversationId].map((text) => JSON.stringify(text));
  const action = `{"index":{"_id":${id},"routing":${routing},"version":${versionOf(version)},"version_type":"external_gte"}}`;
  return `${action}\n${JSON.stringify(messageSource(document))}\n`;
}
