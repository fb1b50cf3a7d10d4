import { explained } from "../../ports/faults.ts";
import { fractionOf } from "../../ports/eventStore.ts";
import type { ViewStore, Write } from "../../ports/viewStore.ts";
import type { Ages } from "../ages.ts";
import { newlyParked } from "../parking.ts";
import type { FoldedLog, Projection } from "../projection.ts";
import { createRunner, type RunnerOptions } from "../runner.ts";
import { slicesAtOnce } from "../slices.ts";
import { writeBehind } from "../writeBehind.ts";
import type { Patience } from "./patience.ts";
import { type Generation, type GenerationStore, nextGeneration, viewOf } from "./store.ts";
import { activateTogether, begunGeneration, readGeneration } from "./viewGenerations.ts";

export type ReshardingOptions = {
  log: FoldedLog;
  store: ViewStore;
  generations: GenerationStore;
  projections: readonly Projection[];
  /** Into how many slices the views are to be divided. */
  slices: number;
  /** Whoever folds what is read: it stands still while the new generations take their places. */
  follower: { halt(): Promise<void>; resume(): void };
  /** See `BuilderOptions`. */
  agesOf?: (projection: Projection) => Ages | undefined;
  prepare?: (projection: Projection, generation: string, signal: AbortSignal) => Promise<void>;
  healing?: RunnerOptions["healing"];
  patience: Patience;
  /** How much is done: 0 to 1. Undefined: it has ended. */
  progress: (share: number | undefined, lastError?: string) => void;
  info: (message: string) => void;
  warn: (message: string, error: unknown) => void;
  pageEvents: number;
};

/** Into how many slices the views are divided that are read. Undefined: nothing is read yet. All of them are divided alike. */
export async function slicesRead(
  generations: Pick<GenerationStore, "list">,
  projections: readonly Projection[],
): Promise<number | undefined> {
  for (const projection of projections) {
    const read = await readGeneration(generations, projection);
    if (read) return read.slices ?? 1;
  }
  return undefined;
}

/**
 * Divides the views into another number of slices: builds all of them anew beside those that are read, with one fold of the log,
 * and puts all in their places in one step. Were they divided in different ways, what one key has in one view could be shown
 * before what it has in another one. If another process does it at the same time, the faster one wins. Ends early when the signal
 * is aborted: what is half built is gone on with later.
 */
export async function reshard(options: ReshardingOptions, signal: AbortSignal): Promise<void> {
  const { log, store, generations, projections, slices, follower, patience, progress, info, warn, pageEvents } = options;
  const called = `the views in ${slices} slice${slices === 1 ? "" : "s"}`;

  /** The name of a generation that is divided so, for each view. */
  const begin = async (): Promise<Map<Projection, string>> => {
    const names = new Map<Projection, string>();
    for (const projection of projections) {
      const begun = await begunGeneration(generations, projection);
      const isFit = begun !== undefined && (begun.slices ?? 1) === slices;
      const name = isFit ? begun.name : nextGeneration(projection, await generations.list(viewOf(projection)));
      if (!isFit) await generations.note?.(name, slices);
      names.set(projection, name);
    }
    return names;
  };

  /** Rows to commit with the new generations. Throws if more is parked there than in those that are read. */
  const compared = async (names: ReadonlyMap<Projection, string>): Promise<readonly Write[]> => {
    const rows: Write[] = [];
    for (const [projection, name] of names) {
      const read: Generation | undefined = await readGeneration(generations, projection);
      const own = (await generations.list(viewOf(projection))).find((each) => each.name === name);
      if (read?.checkpoint == null || own?.checkpoint == null) continue;
      const { count } = await newlyParked(generations, name, read.name, read.checkpoint);
      if (count > 0)
        throw new Error(
          `${called} were not put in their places: ${count} more events of ${projection.name} are parked there than now. Mend the projection, and start again`,
        );
      const { first } = await newlyParked(generations, read.name, name, read.checkpoint);
      if (first !== undefined) rows.push(...((await options.healing?.rows(first, own.checkpoint)) ?? []));
    }
    return rows;
  };

  let names = new Map<Projection, string>();
  await patience.persist(async () => {
    names = await begin();
  }, signal);
  if (signal.aborted) return;
  info(`${called} are built beside those that are read`);
  const rows = writeBehind(store);
  const ages = projections.map((projection) => options.agesOf?.(projection)).find((each) => each !== undefined);
  let end = log.origin;
  const runner = createRunner({
    log,
    store: rows,
    projections,
    called,
    slice: slicesAtOnce(slices),
    generationFor: (projection) => names.get(projection),
    ...(ages ? { ages } : {}),
    committed: (checkpoint) => progress(fractionOf(checkpoint, end)),
    pageEvents,
    healsAtStart: true,
    warn,
  });
  const catchUp = async (): Promise<void> => {
    try {
      end = await log.end();
      await runner.catchUp(signal);
      while (!(await rows.settled())) await runner.catchUp(signal);
    } finally {
      await rows.settled();
    }
  };
  try {
    progress(0);
    await patience.persist(catchUp, signal);
    for (const [projection, name] of names)
      if (!signal.aborted) await patience.persist(async () => options.prepare?.(projection, name, signal), signal);
    await patience.persist(catchUp, signal);
    if (signal.aborted) return;
    try {
      await follower.halt();
      let taken = false;
      await patience.persist(async () => {
        // Each time: whoever was not told to stand still may have gone on.
        await catchUp();
        if (signal.aborted) return;
        await activateTogether(store, [...names.values()], await compared(names));
        taken = true;
      }, signal);
      if (!taken) return;
      await options.healing?.told().catch((error: unknown) => warn("what was healed could not be told", error));
      info(`${called} took the places of those before`);
    } finally {
      follower.resume();
    }
    progress(undefined);
  } catch (error) {
    warn(`${called} cannot be built`, error);
    progress(undefined, explained(error));
  }
}
