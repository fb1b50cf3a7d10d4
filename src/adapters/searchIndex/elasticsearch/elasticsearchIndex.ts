import { Client } from "@elastic/elasticsearch";
import type { Open } from "../../../ports/awaitable.ts";
import type { Position } from "../../../ports/eventStore.ts";
import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";
import type { SearchGeneration, SearchIndex } from "../../../ports/searchIndex.ts";
import { isGeneration, viewOf } from "../names.ts";
import { documentOf, sendAll } from "./bulk.ts";
import { guarded, statusOf } from "./faults.ts";
import { mappingOf, onceActive, type Source, whileBuilt } from "./mapping.ts";
import { aliasOf, CHECKPOINT, generationOf, indexOf, writeAliasOf } from "./names.ts";
import { pageOf, searchesOf } from "./querying.ts";

export type ElasticsearchOptions = {
  /** What the names of all indexes begin with. */
  prefix?: string;
  /** Milliseconds that one request may take. */
  requestTimeout?: number;
};

type StoredCheckpoint = {
  position: Position | null;
  ifThere: { if_seq_no: number; if_primary_term: number } | { op_type: "create" };
};

/**
 * The index in Elasticsearch 8 or 9. Asks nothing of the server before the first call: a server that is away makes calls fail, not the start.
 * Its index settings are those of index templates where there are any.
 */
export function elasticsearchIndex(url: string, options: ElasticsearchOptions = {}): Open<SearchIndex> {
  const { prefix = "tidings", requestTimeout = 30_000 } = options;
  // The client's own tries again would hide how long a call takes; callers wait and ask again.
  const client = new Client({ node: url, requestTimeout, maxRetries: 0 });
  const made = new Set<string>();
  const active = new Set<string>();

  const exists = async (index: string): Promise<boolean> => client.indices.exists({ index });

  const make = async (generation: string, index: string): Promise<void> => {
    if (made.has(index)) return;
    try {
      await client.indices.create({
        index,
        settings: whileBuilt,
        mappings: mappingOf(generation),
        aliases: { [writeAliasOf(index)]: {} },
      });
    } catch (error) {
      if (!(statusOf(error) === 400 && String(error).includes("resource_already_exists_exception"))) throw error;
    }
    made.add(index);
  };

  const isActive = async (generation: string, index: string): Promise<boolean> => {
    if (!active.has(index) && (await client.indices.existsAlias({ index, name: aliasOf(prefix, viewOf(generation)) })))
      active.add(index);
    return active.has(index);
  };

  const checkpointOf = async (index: string): Promise<StoredCheckpoint> => {
    try {
      const found = await client.get<{ checkpoint: string }>({ index, id: CHECKPOINT, routing: CHECKPOINT });
      const { _source, _seq_no = 0, _primary_term = 0 } = found;
      return { position: _source?.checkpoint ?? null, ifThere: { if_seq_no: _seq_no, if_primary_term: _primary_term } };
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      return { position: null, ifThere: { op_type: "create" } };
    }
  };

  const index: Open<SearchIndex> = {
    put: (generation, documents, move) =>
      guarded("unknown", async () => {
        const index = indexOf(prefix, generation);
        await make(generation, index);
        const before = move && (await checkpointOf(index));
        const moved = () => new CheckpointMoved(`the checkpoint of ${generation} is not at ${move?.from}`);
        if (move && before?.position !== move.from) throw moved();
        // While an index is built it is never refreshed, and who waits for that waits for ever.
        const refresh = (await isActive(generation, index)) ? "wait_for" : false;
        const refused = await sendAll(client, index, documents, refresh).catch((error: unknown) => {
          // The index may be gone.
          made.delete(index);
          active.delete(index);
          throw error;
        });
        if (move && before && refused.length === 0) {
          try {
            const document = { checkpoint: move.to };
            await client.index({ index, id: CHECKPOINT, routing: CHECKPOINT, document, ...before.ifThere });
          } catch (error) {
            throw statusOf(error) === 409 ? moved() : error;
          }
        }
        return refused;
      }),

    search: (target, query) =>
      guarded("nothing", async () => {
        const index = isGeneration(target) ? indexOf(prefix, target) : aliasOf(prefix, target);
        // One that is being built is looked at as it is now.
        if (isGeneration(target)) await client.indices.refresh({ index });
        const answers = await Promise.all(searchesOf(query).map((search) => client.search({ ...search, index })));
        const incomplete = answers.find((answer) => answer.timed_out || answer._shards.failed > 0);
        if (incomplete) throw new Unavailable("Elasticsearch answered for a part of its shards only");
        return pageOf(query, answers);
      }),

    read: (generation, after, limit) =>
      guarded("nothing", async () => {
        const index = indexOf(prefix, generation);
        if (!(await exists(index))) return [];
        if (after === null) await client.indices.refresh({ index });
        const { hits } = await client.search<Source>({
          index,
          size: limit,
          query: { exists: { field: "conversation" } },
          sort: [{ conversation: { order: "asc" } }, { seq: { order: "asc" } }],
          ...(after && { search_after: [after.conversationId, after.seq] }),
          track_total_hits: false,
        });
        return hits.hits.flatMap(({ _source }) => (_source ? [documentOf(_source)] : []));
      }),

    generations: (view) =>
      guarded("nothing", async () => {
        const alias = aliasOf(prefix, view);
        const found = await client.indices.getAlias({ index: `${alias}-r*` }, { ignore: [404] });
        const generations: SearchGeneration[] = [];
        for (const [index, { aliases }] of Object.entries(found)) {
          const name = generationOf(prefix, view, index);
          if (name === undefined) continue;
          generations.push({ name, checkpoint: (await checkpointOf(index)).position, active: alias in aliases });
        }
        return generations.sort((one, other) => (one.name < other.name ? -1 : 1));
      }),

    activate: (generation) =>
      guarded("unknown", async () => {
        const index = indexOf(prefix, generation);
        await make(generation, index);
        await client.indices.putSettings({ index, settings: onceActive });
        await client.indices.refresh({ index });
        await client.cluster.health({ index, wait_for_status: "yellow", timeout: `${Math.floor(requestTimeout / 2)}ms` });
        const alias = aliasOf(prefix, viewOf(generation));
        await client.indices.updateAliases({
          actions: [{ remove: { index: `${alias}-r*`, alias, must_exist: false } }, { add: { index, alias } }],
        });
      }),

    drop: (generation) =>
      guarded("unknown", async () => {
        const index = indexOf(prefix, generation);
        made.delete(index);
        active.delete(index);
        await client.indices.delete({ index, ignore_unavailable: true });
      }),

    close: () => client.close(),
  };
  return index;
}
