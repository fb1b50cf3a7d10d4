import type { Client } from "@elastic/elasticsearch";
import type { Anchor, Position } from "../../../ports/eventStore.ts";
import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";
import type { IndexMove, SearchGeneration } from "../../../ports/searchIndex.ts";
import { byRun, viewOf } from "../names.ts";
import { isIndexMissing, statusOf } from "./faults.ts";
import { entriesWhileBuilt, entryMapping, messageMapping, onceActive, whileBuilt } from "./mapping.ts";
import { aliasOf, CHECKPOINT, entriesOf, generationOf, indexOf, writeAliasOf } from "./names.ts";

/** The checkpoint of a generation, and the condition for its next write. */
export type StoredCheckpoint = {
  position: Position | null;
  anchor?: Anchor;
  ifThere: { if_seq_no: number; if_primary_term: number } | { op_type: "create" };
};

type CheckpointSource = { checkpoint: Position; anchor?: Anchor };

/**
 * The indexes of generations. Each generation has one for messages, which also keeps the checkpoint, and one for people and
 * groups.
 */
export type Generations = {
  /** Creates the indexes of a generation that are missing. */
  make(generation: string): Promise<void>;
  /** Throws `Unavailable` if the indexes existed and are gone, `CheckpointMoved` if they never existed. */
  checkpointOf(generation: string): Promise<StoredCheckpoint>;
  /** Rejects with `CheckpointMoved` if the checkpoint is not as it was read. */
  moveCheckpoint(generation: string, before: StoredCheckpoint, move: IndexMove): Promise<void>;
  isActive(generation: string): Promise<boolean>;
  activate(generation: string): Promise<void>;
  drop(generation: string): Promise<void>;
  list(view: string): Promise<SearchGeneration[]>;
  /** To be called when an index was not found. Throws `Unavailable` if it existed: then it is gone, with everything in it. */
  neverWas(generation: string): void;
  /** To be called after a failed write. The indexes may be gone, and must be created again. */
  forget(generation: string): void;
};

export function generationsOf(client: Client, prefix: string, requestTimeout: number): Generations {
  /** Indexes of messages that existed at the last look. */
  const made = new Set<string>();
  const active = new Set<string>();
  const indexesOf = (generation: string): [messages: string, entries: string] => {
    const index = indexOf(prefix, generation);
    return [index, entriesOf(index)];
  };

  const create = async (
    index: string,
    settings: typeof whileBuilt,
    mappings: ReturnType<typeof messageMapping>,
  ): Promise<void> => {
    try {
      await client.indices.create({ index, settings, mappings, aliases: { [writeAliasOf(index)]: {} } });
    } catch (error) {
      if (!(statusOf(error) === 400 && String(error).includes("resource_already_exists_exception"))) throw error;
    }
  };

  const make = async (generation: string): Promise<void> => {
    const [messages, entries] = indexesOf(generation);
    if (made.has(messages)) return;
    // The index of people and groups comes first. Messages without it are half of a generation, but their checkpoint speaks for
    // both. So they are built again.
    const hasEntries = await client.indices.exists({ index: entries });
    if (!hasEntries) await client.indices.delete({ index: messages, ignore_unavailable: true });
    await create(entries, entriesWhileBuilt, entryMapping(generation));
    await create(messages, whileBuilt, messageMapping(generation));
    made.add(messages);
  };

  const stored = async (index: string): Promise<StoredCheckpoint> => {
    try {
      const found = await client.get<CheckpointSource>({ index, id: CHECKPOINT, routing: CHECKPOINT });
      const { _source, _seq_no = 0, _primary_term = 0 } = found;
      return {
        position: _source?.checkpoint ?? null,
        ...(_source?.anchor ? { anchor: _source.anchor } : {}),
        ifThere: { if_seq_no: _seq_no, if_primary_term: _primary_term },
      };
    } catch (error) {
      if (statusOf(error) !== 404 || isIndexMissing(error)) throw error;
      return { position: null, ifThere: { op_type: "create" } };
    }
  };
  const moved = (generation: string) => new CheckpointMoved(`the checkpoint of ${generation} is not where it was`);
  const forget = (generation: string): void => {
    const [messages] = indexesOf(generation);
    made.delete(messages);
    active.delete(messages);
  };

  const neverWas = (generation: string): void => {
    const [messages] = indexesOf(generation);
    if (made.has(messages)) throw new Unavailable(`the search index ${generation} is gone`, "unknown");
  };

  return {
    make,
    forget,
    neverWas,
    async checkpointOf(generation) {
      const [messages] = indexesOf(generation);
      try {
        const checkpoint = await stored(messages);
        made.add(messages);
        return checkpoint;
      } catch (error) {
        if (!isIndexMissing(error)) throw error;
        neverWas(generation);
        throw moved(generation);
      }
    },
    async moveCheckpoint(generation, before, { to, anchor = before.anchor }) {
      const [index] = indexesOf(generation);
      const document: CheckpointSource = { checkpoint: to, ...(anchor ? { anchor } : {}) };
      try {
        // No retry: the first attempt may have succeeded, and then the second would find the checkpoint moved.
        await client.index({ index, id: CHECKPOINT, routing: CHECKPOINT, document, ...before.ifThere }, { maxRetries: 0 });
      } catch (error) {
        throw statusOf(error) === 409 ? moved(generation) : error;
      }
    },
    async isActive(generation) {
      const [index] = indexesOf(generation);
      if (!active.has(index) && (await client.indices.existsAlias({ index, name: aliasOf(prefix, viewOf(generation)) })))
        active.add(index);
      return active.has(index);
    },
    async activate(generation) {
      await make(generation);
      const index = indexesOf(generation);
      await client.indices.putSettings({ index, settings: onceActive });
      await client.indices.refresh({ index });
      await client.cluster.health({ index, wait_for_status: "yellow", timeout: `${Math.floor(requestTimeout / 2)}ms` });
      const alias = aliasOf(prefix, viewOf(generation));
      const [messages, entries] = index;
      const swap = (to: string, name: string) => [
        { remove: { index: `${alias}-r*`, alias: name, must_exist: false } },
        { add: { index: to, alias: name } },
      ];
      await client.indices.updateAliases({ actions: [...swap(messages, alias), ...swap(entries, entriesOf(alias))] });
    },
    async drop(generation) {
      forget(generation);
      await client.indices.delete({ index: indexesOf(generation), ignore_unavailable: true });
    },
    async list(view) {
      const alias = aliasOf(prefix, view);
      const found = await client.indices.getAlias({ index: `${alias}-r*` }, { ignore: [404] });
      const names = Object.keys(found).flatMap((index) => generationOf(prefix, view, index) ?? []);
      // A generation with one of its indexes missing does not count.
      const whole = names.filter((name) => entriesOf(indexOf(prefix, name)) in found);
      const there = new Set(whole.map((name) => indexOf(prefix, name)));
      for (const index of [...made, ...active])
        if (index.startsWith(`${alias}-r`) && !there.has(index)) {
          made.delete(index);
          active.delete(index);
        }
      const generations = whole.map(async (name): Promise<SearchGeneration[]> => {
        const index = indexOf(prefix, name);
        const checkpoint = await stored(index).catch((error: unknown) => {
          // Another server dropped it after its name was read.
          if (isIndexMissing(error)) return undefined;
          throw error;
        });
        if (checkpoint === undefined) return [];
        const { position, anchor } = checkpoint;
        const active = alias in (found[index]?.aliases ?? {});
        return [{ name, checkpoint: position, ...(anchor ? { anchor } : {}), active }];
      });
      return (await Promise.all(generations)).flat().sort(byRun);
    },
  };
}
