import { backOff } from "../../ports/backoff.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { ViewStore } from "../../ports/viewStore.ts";
import { type BlockedKeys, isReliedOn, type Keys, toldKeys } from "../blocked.ts";
import { loadParked } from "../parking.ts";
import type { Projection } from "../projection.ts";
import type { ReadNow } from "../reading.ts";
import { createRunner, type Runner, type RunnerOptions } from "../runner.ts";
import type { RunnerState } from "../runnerReport.ts";
import { halting } from "./halting.ts";
import { type GenerationStore, nextGeneration, viewOf } from "./store.ts";
import { activateTogether, begunGeneration, readGeneration } from "./viewGenerations.ts";

export type FollowerOptions = Omit<RunnerOptions, "generationFor" | "store"> & {
  store: ViewStore;
  generations: GenerationStore;
  /**
   * Called with the generations that are read from now on, and with the keys that are blocked there. All are equally far then: if
   * one were ahead of the others, its rows would be shown by rights that somebody has lost. `unfinished`: some have none, or
   * others are half built, or an earlier process was killed before it had dropped something: somebody must see to that.
   */
  reading: (read: Record<string, ReadNow>, unfinished: boolean, blocked: BlockedKeys) => void;
  /** Called once, when what is read has caught up with the log for the first time. Nothing is told of commits before that. */
  opened: () => void;
};

/** Folds the log into the generations that are read. */
export type Follower = {
  /** Folds until `signal` is aborted. Rejects with `CheckpointMoved` if another server folds into the same generations. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves once nothing is folded any more, and until `resume` nothing is. */
  halt(): Promise<void>;
  /** Folds on, into the generations that are the active ones by now. */
  resume(): void;
  /** See `Runner`. Waits while nothing is folded. */
  retryParked(projection: string, cursor?: Position): Promise<boolean>;
  /** Somebody waits for what the log holds: see `Runner`. */
  hurry(): void;
  /** The generation of a projection that is folded now. */
  generation(projection: Projection): string | undefined;
  state(): RunnerState;
};

/**
 * Follows the log with all projections in one runner. A projection without an active generation is left out until somebody has
 * built one. If none has one, as in an empty store, all are folded together, which is faster than one after the other, and are
 * read once they have caught up.
 */
export function createFollower(options: FollowerOptions): Follower {
  const { store, generations, projections, reading, opened, committed } = options;
  const warn = options.warn ?? (() => {});
  let folded = new Map<string, string>();
  /** Whether everything is folded for the first time. */
  let isFirst = false;
  let isOpen = false;
  /** Whether there is something of an earlier process to drop: that is looked for once. */
  let isLeft = false;
  let hasLooked = false;
  /** Tells what is read, once all of it is equally far. */
  let toTell: ((blocked: BlockedKeys) => void) | undefined;

  const told = (read: ReadonlyMap<string, string>): Record<string, ReadNow> =>
    Object.fromEntries(
      projections.map(({ name }): [string, ReadNow] => {
        const generation = read.get(name);
        return [name, generation === undefined ? { generation, progress: undefined } : { generation }];
      }),
    );

  const tellUnfinished = (read: ReadonlyMap<string, string>, unfinished: boolean, blocked: BlockedKeys): void => {
    reading(told(read), unfinished || isLeft, blocked);
    isLeft = false;
  };

  /** Finds out what is read, and says so: at once where nothing is read yet, or else once all of it is equally far. */
  const look = async (): Promise<void> => {
    const read = new Map<string, string>();
    const begun = new Map<string, string>();
    let isOlder = false;
    for (const projection of projections) {
      const active = await readGeneration(generations, projection);
      if (active) read.set(projection.name, active.name);
      const other = await begunGeneration(generations, projection);
      if (other) begun.set(projection.name, other.name);
      if (!hasLooked) isLeft ||= ((await generations.left?.(viewOf(projection))) ?? []).length > 0;
      isOlder ||= active !== undefined && !active.name.startsWith(`${viewOf(projection)}#`);
    }
    isFirst = read.size === 0;
    if (isFirst)
      for (const each of projections)
        read.set(each.name, begun.get(each.name) ?? nextGeneration(each, await generations.list(viewOf(each))));
    folded = read;
    hasLooked = true;
    const isUnfinished = read.size < projections.length || begun.size > 0 || isOlder;
    toTell = isOpen ? (keys) => tellUnfinished(read, isUnfinished, keys) : undefined;
    if (isOpen) return;
    const keys = await blockedIn(read);
    if (isFirst) reading(told(new Map()), false, keys);
    else tellUnfinished(read, isUnfinished, keys);
  };

  /** The blocked keys of the projections that commands rely on. */
  const blockedIn = async (read: ReadonlyMap<string, string>): Promise<BlockedKeys> => {
    const keys: Record<string, Keys> = {};
    for (const projection of projections) {
      const { name } = projection;
      const generation = read.get(name);
      if (isReliedOn(projection) && generation !== undefined)
        keys[name] = toldKeys((await loadParked(store, generation, null)).keys);
    }
    return keys;
  };

  const lookPatiently = async (signal: AbortSignal): Promise<void> => {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await look();
      } catch (error) {
        warn("the generations of the views cannot be read; trying again", error);
        await backOff(attempt, signal);
      }
    }
  };

  const runner: Runner = createRunner({
    ...options,
    healsAtStart: true,
    generationFor: ({ name }) => folded.get(name),
    aligned: (keys) => {
      if (toTell) toTell(keys);
      else options.blocked?.(keys);
      toTell = undefined;
    },
    caughtUp: async () => {
      await options.caughtUp?.();
      if (isFirst) {
        await activateTogether(store, [...folded.values()]);
        isFirst = false;
        tellUnfinished(folded, false, {});
      }
      isOpen = true;
      opened();
      committed?.(runner.state().checkpoint);
    },
    committed: (checkpoint, page) => {
      if (isOpen) committed?.(checkpoint, page);
    },
  });

  const { run, halt, resume } = halting();

  return {
    run: (signal) =>
      run(async (turn) => {
        await lookPatiently(turn);
        if (!turn.aborted) await runner.run(turn);
      }, signal),
    halt,
    resume,
    retryParked: runner.retryParked,
    hurry: runner.hurry,
    generation: ({ name }) => folded.get(name),
    state: runner.state,
  };
}
