import type { CheckpointMove, ViewStore, Write } from "../../ports/viewStore.ts";
import { CheckpointMoved } from "../../ports/faults.ts";
import type { FoldedStore, Projection } from "../projection.ts";
import { isScratch, scratchesOf } from "./scratch.ts";
import { type Generation, type GenerationStore, runOf, viewOf } from "./store.ts";

/** A table outside every generation: one partition a view. */
export const TABLE = "generations";
/** The row that names the generation that is read. The others are named by their run. */
const ACTIVE = "";
/** More generations of one view than there ever are. */
const MOST = 1_000;

/**
 * What is noted of a generation. `begun`: by a version that lists them. `leftAt`: since when nobody reads it, ISO 8601.
 * `dropped`: there may be only a part of it.
 */
type Noted = { begun?: true; leftAt?: string; dropped?: true };

type Store = Pick<ViewStore, "get" | "getMany" | "range" | "checkpoint" | "commit" | "drop" | "snapshot">;

const viewOfGeneration = (generation: string): string => generation.slice(0, generation.indexOf("#"));
const runPart = (generation: string): string => generation.slice(generation.indexOf("#"));

const activeRow = (view: string, generation: string): Write => ({
  op: "put",
  table: TABLE,
  partition: view,
  sort: ACTIVE,
  value: generation,
});

/**
 * The first generation of a view, if it was made by a version that kept no list of generations: then it is the one that is read.
 * So a server that comes from such a version has nothing to fold again.
 */
const unlisted = (view: string): string => `${view}#1`;

/** The generations of projections whose rows are in a view store. */
export function viewGenerations(store: Store): GenerationStore {
  const activeOf = async (view: string): Promise<string | undefined> => {
    const active = (await store.get(TABLE, view, ACTIVE)) as string | undefined;
    if (active !== undefined) return active;
    const first = unlisted(view);
    const { begun } = ((await store.get(TABLE, view, runPart(first))) as Noted | undefined) ?? {};
    return begun === undefined && (await store.checkpoint(first)) !== undefined ? first : undefined;
  };

  const list = async (view: string): Promise<Generation[]> => {
    const active = await activeOf(view);
    const rows = await store.range(TABLE, view, { after: ACTIVE, limit: MOST });
    const found = new Map(rows.map(({ sort, value }) => [`${view}${sort}`, value as Noted]));
    if (active !== undefined && !found.has(active)) found.set(active, {});
    const first = unlisted(view);
    if (!found.has(first) && (await store.checkpoint(first)) !== undefined) found.set(first, {});
    return Promise.all([...found].map(async ([name, noted]) => generationAt(store, name, name === active, noted)));
  };

  return {
    open: (generation, whileActive): FoldedStore => ({
      get: store.get,
      getMany: store.getMany,
      range: store.range,
      checkpoint: async (name) => {
        if (whileActive && (await activeOf(viewOfGeneration(generation))) !== generation)
          throw new CheckpointMoved(`${generation} is no longer the active generation`);
        return store.checkpoint(name);
      },
      commit: (writes, moves = []) => store.commit([...listed(moves), ...writes], moves),
    }),
    note: (generation) => store.commit([listedRow(generation)]),
    list,
    activate: (generation, rows) => activateTogether(store, [generation], rows),
    drop: async (generation) => {
      if (isScratch(generation)) return store.drop(generation);
      const [partition, sort] = [viewOfGeneration(generation), runPart(generation)];
      const noted = ((await store.get(TABLE, partition, sort)) as Noted | undefined) ?? {};
      const isActive = (await store.get(TABLE, partition, ACTIVE)) === generation;
      // If the rest is interrupted, there are rows without a checkpoint. Whoever took that for a beginning would fold into them.
      await store.commit([
        { op: "put", table: TABLE, partition, sort, value: { ...noted, begun: true, dropped: true } satisfies Noted },
        ...(isActive ? [{ op: "del", table: TABLE, partition, sort: ACTIVE } as const] : []),
      ]);
      for (const each of [generation, ...scratchesOf(generation)]) await store.drop(each);
      // Now its name may be used again.
      await store.commit([{ op: "del", table: TABLE, partition, sort }]);
    },
    left: async (view) => {
      const left: string[] = [];
      const found = await list(view);
      const active = found.find((generation) => generation.active);
      // Those that were replaced are dropped in their time, and all that is left of them.
      const listed = found.filter((generation) => !active || runOf(generation) >= runOf(active));
      const snapshot = await store.snapshot();
      try {
        for (const { name, isDropped } of listed) {
          if (isDropped) left.push(name);
          else
            for (const scratch of scratchesOf(name))
              if ((await snapshot.rows(scratch, undefined, 1)).length > 0 || (await snapshot.checkpoint(scratch)))
                left.push(scratch);
        }
      } finally {
        await snapshot.close();
      }
      return left;
    },
  };
}

/** The rows that list the generations whose first commit this is. */
export const listed = (moves: readonly CheckpointMove[]): Write[] =>
  moves
    .filter(({ from }) => from === null)
    .flatMap(({ of }) => of)
    .map((name) => name.replace(/\/\d+$/, ""))
    .map(listedRow);

const listedRow = (generation: string): Write => ({
  op: "put",
  table: TABLE,
  partition: viewOfGeneration(generation),
  sort: runPart(generation),
  value: { begun: true },
});

async function generationAt(
  store: Pick<Store, "checkpoint">,
  name: string,
  active: boolean,
  { dropped }: Noted,
): Promise<Generation> {
  const { position = null, anchor } = (await store.checkpoint(name)) ?? {};
  return { name, checkpoint: position, ...(anchor ? { anchor } : {}), active, ...(dropped ? { isDropped: true } : {}) };
}

/**
 * Makes each of these generations the active one of its view, all in one step. Rejects with `CheckpointMoved` if one of them is
 * behind the generation that it replaces, or if one of either moves meanwhile.
 */
export async function activateTogether(store: Store, generations: readonly string[], rows: readonly Write[] = []): Promise<void> {
  const moves: CheckpointMove[] = [];
  for (const generation of generations) {
    const view = viewOfGeneration(generation);
    const former = (await store.get(TABLE, view, ACTIVE)) as string | undefined;
    const from = former ?? unlisted(view);
    const [old, own] = [await store.checkpoint(from), await store.checkpoint(generation)];
    if (own === undefined) throw new CheckpointMoved(`${generation} holds nothing`);
    if (former !== generation && from !== generation && old !== undefined) {
      if (own.position < old.position) throw new CheckpointMoved(`${generation} is behind ${from}`);
      moves.push({ of: [from], from: old.position, to: old.position });
    }
    moves.push({ of: [generation], from: own.position, to: own.position });
  }
  await store.commit([...rows, ...generations.map((generation) => activeRow(viewOfGeneration(generation), generation))], moves);
}

/**
 * The generation of a projection that is read: the active one of its version, or of an earlier version that it goes on from.
 * Undefined if there is none: then one must be built first.
 */
export async function readGeneration(
  store: Pick<GenerationStore, "list">,
  { name, version, goesOnFrom = [] }: Projection,
): Promise<Generation | undefined> {
  for (const each of [version, ...[...goesOnFrom].sort((one, other) => other - one)]) {
    const active = (await store.list(viewOf({ name, version: each }))).find((generation) => generation.active);
    if (active) return active;
  }
  return undefined;
}

/** The generation of a projection that was begun, and is not read yet: the newest of its version. */
export async function begunGeneration(
  store: Pick<GenerationStore, "list">,
  projection: Projection,
): Promise<Generation | undefined> {
  const found = (await store.list(viewOf(projection))).sort((one, other) => runOf(other) - runOf(one));
  const active = found.find((generation) => generation.active);
  return found.find(
    (generation) => !generation.active && !generation.isDropped && (active === undefined || runOf(generation) > runOf(active)),
  );
}

/** Takes back that nobody reads a generation: after a rollback somebody does again. */
export async function unmarkLeft(store: Pick<Store, "get" | "commit">, generation: string): Promise<void> {
  const [partition, sort] = [viewOfGeneration(generation), runPart(generation)];
  const { leftAt, ...noted } = ((await store.get(TABLE, partition, sort)) as Noted | undefined) ?? {};
  if (leftAt !== undefined) await store.commit([{ op: "put", table: TABLE, partition, sort, value: noted }]);
}

/** Notes since when nobody reads a generation, unless it is noted already. Returns that time. */
export async function markLeft(store: Pick<Store, "get" | "commit">, generation: string, now: Date): Promise<Date> {
  const [partition, sort] = [viewOfGeneration(generation), runPart(generation)];
  const noted = ((await store.get(TABLE, partition, sort)) as Noted | undefined) ?? {};
  if (noted.leftAt !== undefined) return new Date(noted.leftAt);
  await store.commit([{ op: "put", table: TABLE, partition, sort, value: { ...noted, leftAt: now.toISOString() } }]);
  return now;
}
