import { Client, type estypes } from "@elastic/elasticsearch";
import type { Open } from "../../../ports/awaitable.ts";
import { CheckpointMoved, TookTooLong, Unavailable } from "../../../ports/faults.ts";
import type { DirectoryEntry, EntryPlace, EntryQuery, SearchIndex, SearchQuery } from "../../../ports/searchIndex.ts";
import { isGeneration, messageOf } from "../names.ts";
import { sendAll } from "./bulk.ts";
import { messageOfSource } from "./documents.ts";
import { entrySearch } from "./entryQuery.ts";
import { guarded, isIndexMissing } from "./faults.ts";
import { generationsOf } from "./generations.ts";
import type { EntrySource, MessageSource } from "./mapping.ts";
import { aliasOf, entriesOf, indexOf } from "./names.ts";
import { nodesOf } from "./nodes.ts";
import { goesOnByScore, pageOf, scoreNow, searchesOf } from "./querying.ts";
import { statusOfCluster } from "./status.ts";

export type ElasticsearchOptions = {
  /** What the names of all indexes begin with. */
  prefix?: string;
  /** How long one request may take, in milliseconds. */
  requestTimeout?: number;
  /** How long a search may take on each shard, in milliseconds. */
  searchMs?: number;
};

/** How often at most a page by relevance is asked for, if the score of its first place keeps changing. */
const TRIES = 5;

/**
 * The index in Elasticsearch 8 or 9. `urls`: `https://user:password@host:port`, several nodes separated by commas. It asks the
 * server nothing before the first call. So if the server is away, calls fail, but the start does not. Index templates of the
 * server apply, if there are any. Throws `TypeError` if an address is not valid.
 */
export function elasticsearchIndex(urls: string, options: ElasticsearchOptions = {}): Open<SearchIndex> {
  const { prefix = "tidings", requestTimeout = 30_000, searchMs } = options;
  const { nodes, auth } = nodesOf(urls);
  // No retries on the same node: they would hide how long a call takes. Callers wait and ask again.
  const client = new Client({ nodes, ...(auth && { auth }), requestTimeout, maxRetries: nodes.length - 1 });
  const generations = generationsOf(client, prefix, requestTimeout);

  /** The index of messages of a view or a generation. A generation may still be built, so it is refreshed first. */
  const targetOf = async (target: string): Promise<string> => {
    if (!isGeneration(target)) return aliasOf(prefix, target);
    const index = indexOf(prefix, target);
    await client.indices.refresh({ index: [index, entriesOf(index)] });
    return index;
  };

  const searched = async <Source>(request: estypes.SearchRequest): Promise<estypes.SearchResponse<Source>> => {
    const answer = await client.search<Source>({ ...request, ...(searchMs !== undefined && { timeout: `${searchMs}ms` }) });
    if (answer.timed_out && searchMs !== undefined) throw new TookTooLong(`a search took longer than ${searchMs} ms`);
    if (answer.timed_out || answer._shards.failed > 0)
      throw new Unavailable("Elasticsearch answered for only a part of its shards");
    return answer;
  };

  const search = async (index: string, query: SearchQuery): Promise<estypes.SearchResponse[]> => {
    let score = query.after?.score ?? 0;
    for (let attempt = 1; ; attempt++) {
      const answers = await Promise.all(searchesOf(query, score).map((request) => searched({ ...request, index })));
      if (!goesOnByScore(query)) return answers;
      // The last hit may have been edited since. If it is still found, the page continues from its present score.
      const now = scoreNow(answers) ?? score;
      if (now === score || attempt === TRIES) return answers;
      score = now;
    }
  };

  const find = async (index: string, query: EntryQuery): Promise<EntryPlace[]> => {
    const { request, placeOf, isHit } = entrySearch(query);
    const found: EntryPlace[] = [];
    for (let after = query.after; ;) {
      const asked = request(after);
      const { hits } = (await searched<EntrySource>({ ...asked, index })).hits;
      found.push(...hits.filter(isHit).map(placeOf));
      const last = hits.at(-1);
      if (found.length > query.limit || hits.length < (asked.size ?? 0) || last === undefined) return found;
      after = placeOf(last);
    }
  };

  /** Reads from a generation that may not exist. Then the result is empty. */
  const readFrom = async <T>(generation: string, work: () => Promise<T[]>): Promise<T[]> => {
    try {
      return await work();
    } catch (error) {
      if (!isIndexMissing(error)) throw error;
      generations.neverWas(generation);
      return [];
    }
  };

  return {
    put: (generation, documents, move) =>
      guarded("unknown", async () => {
        // A generation that should have a checkpoint already is not created: it exists, or it is gone.
        const mayMake = (move?.from ?? null) === null;
        if (mayMake) await generations.make(generation);
        const before = move && (await generations.checkpointOf(generation));
        if (move && before?.position !== move.from)
          throw new CheckpointMoved(`the checkpoint of ${generation} is at ${before?.position}, not ${move.from}`);
        // While an index is built it is never refreshed, so a wait for that would never end.
        const isFound = await generations.isActive(generation);
        const refused = await sendAll(client, indexOf(prefix, generation), documents, isFound).catch((error: unknown) => {
          if (mayMake) generations.forget(generation);
          throw error;
        });
        if (move && before && refused.length === 0) await generations.moveCheckpoint(generation, before, move);
        return refused;
      }),

    get: (generation, ids) =>
      guarded("nothing", async () => {
        const index = indexOf(prefix, generation);
        // An id does not tell whether it belongs to a message or to an entry.
        const docs = [...new Set(ids)].flatMap((_id): estypes.MgetOperation[] => {
          const message = messageOf(_id);
          if (_id === "") return [];
          const entry = { _index: entriesOf(index), _id };
          return message ? [entry, { _index: index, _id, routing: message.conversationId }] : [entry];
        });
        if (docs.length === 0) return ids.map(() => undefined);
        const found = new Map<string, MessageSource | EntrySource>();
        const answer = await client.mget<MessageSource | EntrySource>({ docs });
        for (const doc of answer.docs) {
          if ("error" in doc) {
            if (doc.error.type !== "index_not_found_exception")
              throw new Unavailable("Elasticsearch did not read all documents", "nothing", {
                cause: new Error(doc.error.reason ?? doc.error.type),
              });
            generations.neverWas(generation);
          } else if (doc.found && doc._source) found.set(doc._id, doc._source);
        }
        return ids.map((id) => {
          const source = found.get(id);
          return source && ("row" in source ? source.row : messageOfSource(source));
        });
      }),

    search: (target, query) => guarded("nothing", async () => pageOf(query, await search(await targetOf(target), query))),

    find: (target, query) =>
      guarded("nothing", async () => {
        const found = await find(entriesOf(await targetOf(target)), query);
        return { hits: found.slice(0, query.limit), hasMore: found.length > query.limit };
      }),

    messages: (generation, after, limit) =>
      guarded("nothing", () =>
        readFrom(generation, async () => {
          const index = indexOf(prefix, generation);
          if (after === null) await client.indices.refresh({ index });
          const { hits } = await searched<MessageSource>({
            index,
            size: limit,
            query: { exists: { field: "conversation" } },
            sort: [{ conversation: { order: "asc" } }, { seq: { order: "asc" } }],
            ...(after && { search_after: [after.conversationId, after.seq] }),
            track_total_hits: false,
          });
          return hits.hits.flatMap(({ _source }) => (_source ? [messageOfSource(_source)] : []));
        }),
      ),

    entries: (generation, after, limit) =>
      guarded("nothing", () =>
        readFrom<DirectoryEntry>(generation, async () => {
          const index = entriesOf(indexOf(prefix, generation));
          if (after === "") await client.indices.refresh({ index });
          const { hits } = await searched<EntrySource>({
            index,
            size: limit,
            sort: [{ id: { order: "asc" } }],
            ...(after !== "" && { search_after: [after] }),
            track_total_hits: false,
          });
          return hits.hits.flatMap(({ _source }) => (_source ? [_source.row] : []));
        }),
      ),

    generations: (view) => guarded("nothing", () => generations.list(view)),
    activate: (generation) =>
      guarded("unknown", async () => {
        try {
          await generations.activate(generation);
        } catch (error) {
          generations.forget(generation);
          throw error;
        }
      }),
    drop: (generation) => guarded("unknown", () => generations.drop(generation)),
    status: () => statusOfCluster(client, prefix),
    close: () => client.close(),
  };
}
