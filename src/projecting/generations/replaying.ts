import { setTimeout as delay } from "node:timers/promises";
import { explained } from "../../ports/faults.ts";
import type { Write } from "../../ports/viewStore.ts";
import { newlyParked } from "../parking.ts";
import type { Projection } from "../projection.ts";
import type { RunnerOptions } from "../runner.ts";
import type { Built, Folding } from "./folding.ts";
import { linked, type Patience } from "./patience.ts";
import type { Journal } from "./state.ts";
import { type Generation, type GenerationStore, nextGeneration } from "./store.ts";

export type Replaying = {
  /**
   * Begins to build a generation beside the active one. It takes the place of the active one once it has caught up. `resumed`:
   * the generation that an earlier server was building. Ends when `running` is aborted. Throws if one is being built.
   */
  begin(running: AbortSignal, resumed?: string): void;
  /** The same where nothing is read yet: the generation is the first of its view, and cannot be given up. */
  beginFirst(running: AbortSignal, resumed?: string): void;
  /**
   * Resolves once what was begun last is listed in the store: from then on it is gone on with whatever happens. Also if the store
   * is away, or the replay has ended before.
   */
  noted(): Promise<void>;
  /** Gives up what `begin` began. */
  cancel(): void;
  isUnderWay(): boolean;
  /** Resolves once no replay is under way. */
  ended(): Promise<void>;
  /** Resolves once the active generation may be followed. It stands still while another generation takes its place. */
  swapped(): Promise<void>;
};

export type ReplayingOptions = {
  store: Pick<GenerationStore, "open" | "note" | "activate" | "drop">;
  list: () => Promise<Generation[]>;
  projection: Projection;
  called: string;
  folding: Pick<Folding, "build">;
  journal: Journal;
  patience: Patience;
  /**
   * The active generation. `halt` stops the runner that folds into it, and resolves once none of its work is under way. `resume`
   * ends that: from then on the active generation of that moment is folded. `isLive`: whether it follows the log without trouble.
   */
  active: { halt(): Promise<void>; resume?(): void; isLive(): boolean };
  /** See `BuilderOptions`. */
  prepare?: (generation: string, signal: AbortSignal) => Promise<void>;
  /** Waits until it is this work's turn. Default: at once. */
  turn?: (work: () => Promise<void>) => Promise<void>;
  /** Into how many slices a new generation is divided. Default: it is not. */
  slices?: () => Promise<number>;
  /** The generation that is read now. Default: the active one of the list. */
  read?: () => Promise<Generation | undefined>;
  /** Told of events that are parked in the generation that is replaced, and not in the new one. See `RunnerOptions`. */
  healing?: RunnerOptions["healing"];
  /** How long a replaced generation is kept before it is dropped, in milliseconds. Undefined: others drop it. */
  graceMs: number | undefined;
  info: (message: string) => void;
  warn: (message: string, error: unknown) => void;
};

/** A new generation could not handle events that the generation in use has handled. */
class MoreParked extends Error {
  override readonly name = "MoreParked";
  constructor(count: number, called: string) {
    super(
      `${called} was not replaced: ${count} more events are parked in the new generation than in the one in use. Mend the projection, and replay again`,
    );
  }
}

/** What is said of a replay that was given up: others than who gave it up may wait for its end. */
export const GIVEN_UP = "the replay was given up";

/** `isTaken`: the generation has taken its place. */
type Current = { stop: AbortController; isFirst: boolean; isGivenUp: boolean; isTaken: boolean; ended: Promise<void> };

/** Builds generations beside the active one, and swaps them. */
export function replaying(options: ReplayingOptions): Replaying {
  const { store, list, projection, called, folding, journal, patience, active, healing, graceMs, info, warn } = options;
  const turn = options.turn ?? ((work) => work());
  const { state, doing, tell, activity, activityUnlessTroubled } = journal;
  let current: Current | undefined;
  let swapped: Promise<void> = Promise.resolve();
  let noted: Promise<void> = Promise.resolve();

  const buildBeside = async (
    signal: AbortSignal,
    running: AbortSignal,
    resumed: string | undefined,
    tried: () => void,
  ): Promise<void> => {
    let generation = resumed;
    await patience.persist(async () => {
      try {
        generation ??= nextGeneration(projection, await list());
        if (resumed === undefined) await store.note?.(generation, await options.slices?.());
      } finally {
        tried();
      }
    }, signal);
    if (generation === undefined) return;
    const built = await folding.build(generation, signal);
    if (!signal.aborted && options.prepare) {
      await patience.persist(async () => options.prepare?.(generation as string, signal), signal);
      // That may have taken long. What has come meanwhile is folded while what is read still follows the log.
      await patience.persist(built.catchUp, signal);
    }
    let refused: MoreParked | undefined;
    try {
      if (!signal.aborted && (await swap(generation, built, signal, running))) return;
    } catch (error) {
      if (!(error instanceof MoreParked)) throw error;
      refused = error;
    }
    // A server that shuts down keeps the generation and resumes it later, unless the replay was given up.
    const remove = () => removeUnlessActive(generation as string);
    if (!running.aborted) await patience.persist(remove, running);
    else if (current?.isGivenUp === true) await remove();
    if (refused) throw refused;
  };

  /** It may have become the active one after all: that is not always known. */
  const removeUnlessActive = async (generation: string): Promise<void> => {
    const isActive = (await list()).some(({ name, active: isNow }) => name === generation && isNow);
    if (!isActive) await store.drop(generation);
  };

  /**
   * How many more events are parked in the new generation than in the one that is read. If none: the rows to commit with the new
   * one, where it has handled what the other has not.
   */
  const compare = async (
    read: Generation | undefined,
    own: Generation | undefined,
  ): Promise<{ more: number; rows: readonly Write[] }> => {
    if (read?.checkpoint == null || own?.checkpoint == null || read.name === own.name) return { more: 0, rows: [] };
    const { count: more } = await newlyParked(store, own.name, read.name, read.checkpoint);
    if (more > 0) return { more, rows: [] };
    const { first } = await newlyParked(store, read.name, own.name, read.checkpoint);
    return { more, rows: first === undefined ? [] : ((await healing?.rows(first, own.checkpoint)) ?? []) };
  };

  /**
   * Makes the new generation the active one. The old one stands still while the new one overtakes it, so that the reported
   * checkpoint never goes back. Returns whether the new one took its place.
   */
  const swap = async (generation: string, { catchUp }: Built, signal: AbortSignal, running: AbortSignal): Promise<boolean> => {
    let taken = false;
    let release = (): void => {};
    swapped = new Promise((resolve) => {
      release = resolve;
    });
    try {
      await active.halt();
      await patience.persist(catchUp, signal);
      let old: string | undefined;
      let more = 0;
      let isAgain = false;
      await patience.persist(async () => {
        // Another process may have gone on with what is read.
        if (isAgain) await catchUp();
        isAgain = true;
        const found = await list();
        const former = found.find((each) => each.active);
        old = former?.name;
        const read = former ?? (await options.read?.());
        const own = found.find((each) => each.name === generation);
        const compared = await compare(read, own);
        more = compared.more;
        if (more > 0) return;
        await store.activate(generation, compared.rows);
        taken = true;
      }, signal);
      if (taken && current) current.isTaken = true;
      if (taken) await patience.persist(async () => healing?.told(), running);
      if (more > 0) throw new MoreParked(more, called);
      if (!taken) return false;
      state.generation = generation;
      // Those were of the generation before.
      state.differences = undefined;
      if (old === undefined) {
        info(`${called} ${generation} is complete`);
        return true;
      }
      const former = old;
      info(`${called} ${generation} took the place of ${former}`);
      if (graceMs === undefined) return true;
      void delay(graceMs, undefined, { signal: running, ref: false })
        .then(() => store.drop(former))
        .catch((error: unknown) => {
          if (!running.aborted) warn(`${former} could not be removed: it goes at the next start`, error);
        });
      return true;
    } finally {
      release();
      active.resume?.();
    }
  };

  const begin = (running: AbortSignal, resumed: string | undefined, isFirst: boolean): void => {
    if (current) throw new Error(`${called} is being replayed already`);
    const stop = linked(running);
    let failed: string | undefined;
    let tried = (): void => {};
    noted = new Promise((resolve) => (tried = resolve));
    const ended = turn(() => buildBeside(stop.signal, running, resumed, tried))
      .catch((error: unknown) => {
        failed = explained(error);
        warn(`the replay of ${called} failed`, error);
      })
      .then(() => {
        tried();
        const givenUp = current?.isGivenUp === true && !current.isTaken ? GIVEN_UP : undefined;
        current = undefined;
        doing.replaying = false;
        // It listens to `running` no longer.
        stop.abort();
        // In one step: otherwise a state in between would show a replay that no longer exists.
        const isWell = state.state !== "RETRYING" || active.isLive();
        const now = isWell ? { state: activity(), lastError: failed ?? givenUp } : {};
        tell({ ...now, progress: undefined, eventsPerSecond: undefined });
      });
    current = { stop, isFirst, isGivenUp: false, isTaken: false, ended };
    doing.replaying = !isFirst;
    tell({ state: activityUnlessTroubled(), progress: 0 });
  };

  return {
    begin: (running, resumed) => begin(running, resumed, false),
    beginFirst: (running, resumed) => begin(running, resumed, true),
    noted: () => noted,
    cancel: () => {
      // Nobody reads the view before its first generation is built.
      if (!current || current.isFirst) return;
      current.isGivenUp = true;
      current.stop.abort();
    },
    isUnderWay: () => current !== undefined,
    ended: async () => {
      await current?.ended;
    },
    swapped: () => swapped,
  };
}
