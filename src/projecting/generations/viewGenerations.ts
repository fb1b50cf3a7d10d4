import type { Position } from "../../ports/eventStore.ts";
import type { Checkpoint, CheckpointMove, ViewStore, Write } from "../../ports/viewStore.ts";
import { CheckpointMoved } from "../../ports/faults.ts";
import type { FoldedStore, Projection } from "../projection.ts";
import { checkpointNames } from "../slices.ts";
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
 * `slices`: into how many it is divided, if it is. `dropped`: there may be only a part of it.
 */
type Noted = { begun?: true; slices?: number; leftAt?: string; dropped?: true };

type Store = Pick<ViewStore, "get" | "getMany" | "range" | "checkpoint" | "checkpoints" | "commit" | "drop" | "snapshot">;

/** Counts how often a generation became the active one of its view: so a change is noticed by one question. */
const CHANGES = { table: "activations", partition: "", sort: "" } as const;

/** How often any generation became the active one. */
export const activations = async (store: Pick<Store, "get">): Promise<number> =>
  ((await store.get(CHANGES.table, CHANGES.partition, CHANGES.sort)) as number | undefined) ?? 0;

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
    note: (generation, slices) => store.commit([listedRow(generation, slices)]),
    slices: (generation) => slicesOf(store, generation),
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

/** The rows that list the generations whose first commit this is. Whoever folds several slices begins all of them at once. */
export function listed(moves: readonly CheckpointMove[]): Write[] {
  const slices = new Map<string, number>();
  for (const { of, from } of moves)
    if (from === null)
      for (const name of of) {
        const generation = name.replace(/\/\d+$/, "");
        slices.set(generation, (slices.get(generation) ?? 0) + 1);
      }
  return [...slices].map(([generation, count]) => listedRow(generation, count));
}

const listedRow = (generation: string, slices = 1): Write => ({
  op: "put",
  table: TABLE,
  partition: viewOfGeneration(generation),
  sort: runPart(generation),
  value: { begun: true, ...(slices > 1 ? { slices } : {}) } satisfies Noted,
});

/** Into how many slices a generation is divided. */
export const slicesOf = async (store: Pick<Store, "get">, generation: string): Promise<number> =>
  ((await store.get(TABLE, viewOfGeneration(generation), runPart(generation))) as Noted | undefined)?.slices ?? 1;

async function generationAt(
  store: Pick<Store, "checkpoints">,
  name: string,
  active: boolean,
  { dropped, slices = 1 }: Noted,
): Promise<Generation> {
  const found = await store.checkpoints(checkpointNames(name, { of: slices }));
  const { position = null, anchor } = lastOf(found) ?? {};
  const furthest = furthestOf(found);
  return {
    name,
    checkpoint: position,
    ...(anchor ? { anchor } : {}),
    ...(slices > 1 ? { slices, ...(furthest ? { furthest } : {}) } : {}),
    active,
    ...(dropped ? { isDropped: true } : {}),
  };
}

/** The checkpoint of the slice that is least far. Undefined: one has never begun. */
const lastOf = (checkpoints: readonly (Checkpoint | undefined)[]): Checkpoint | undefined =>
  checkpoints.reduce((one, other) => (one && other && other.position < one.position ? other : one && other ? one : undefined));

const furthestOf = (checkpoints: readonly (Checkpoint | undefined)[]): Checkpoint | undefined =>
  checkpoints.reduce((one, other) => ((other?.position ?? "") > (one?.position ?? "") ? other : one), undefined);

/**
 * Makes each of these generations the active one of its view, all in one step. Rejects with `CheckpointMoved` if one of them is
 * behind the generation that it replaces, or if one of either moves meanwhile. With `whileMoving` the slices of those that become
 * active may move: they replace nothing.
 */
export async function activateTogether(
  store: Store,
  generations: readonly string[],
  rows: readonly Write[] = [],
  whileMoving = false,
): Promise<void> {
  const moves: CheckpointMove[] = [];
  const standing = (names: readonly string[], found: readonly (Checkpoint | undefined)[]): void => {
    for (const [index, name] of names.entries()) {
      const at = found[index];
      if (at) moves.push({ of: [name], from: at.position, to: at.position });
    }
  };
  for (const generation of generations) {
    const view = viewOfGeneration(generation);
    const former = (await store.get(TABLE, view, ACTIVE)) as string | undefined;
    const from = former ?? unlisted(view);
    const [oldNames, names] = [await slicesNamed(store, from), await slicesNamed(store, generation)];
    const [old, own] = [await store.checkpoints(oldNames), await store.checkpoints(names)];
    if (own.includes(undefined)) throw new CheckpointMoved(`${generation} holds nothing`);
    if (former !== generation && from !== generation && old.some((each) => each !== undefined)) {
      if (isBehind(own, old)) throw new CheckpointMoved(`${generation} is behind ${from}`);
      standing(oldNames, old);
    }
    if (!whileMoving) standing(names, own);
  }
  const changes: Write = { op: "put", ...CHANGES, value: (await activations(store)) + 1 };
  const active = generations.map((generation) => activeRow(viewOfGeneration(generation), generation));
  await store.commit([...rows, ...active, changes], moves);
}

const slicesNamed = async (store: Pick<Store, "get">, generation: string): Promise<string[]> =>
  checkpointNames(generation, { of: await slicesOf(store, generation) });

/** Whether a slice is behind the same one of another generation. If that is divided in another way, all must be as far as any. */
function isBehind(own: readonly (Checkpoint | undefined)[], other: readonly (Checkpoint | undefined)[]): boolean {
  const at = (each: Checkpoint | undefined): Position => each?.position ?? "";
  if (own.length === other.length) return own.some((each, index) => at(each) < at(other[index]));
  return at(lastOf(own)) < at(furthestOf(other));
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
export const begunGeneration = async (
  store: Pick<GenerationStore, "list">,
  projection: Projection,
): Promise<Generation | undefined> => begunIn(await store.list(viewOf(projection)));

/** The same of the generations of its view. */
export function begunIn(generations: readonly Generation[]): Generation | undefined {
  const found = [...generations].sort((one, other) => runOf(other) - runOf(one));
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
