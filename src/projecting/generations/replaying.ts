import { setTimeout as delay } from "node:timers/promises";
import type { Projection } from "../projection.ts";
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
  cancel(): void;
  /** Resolves once no replay is under way. */
  ended(): Promise<void>;
  /** Resolves once the active generation may be followed. It stands still while another generation takes its place. */
  swapped(): Promise<void>;
};

export type ReplayingOptions = {
  store: Pick<GenerationStore, "activate" | "drop">;
  list: () => Promise<Generation[]>;
  projection: Projection;
  called: string;
  folding: Pick<Folding, "build">;
  journal: Journal;
  patience: Patience;
  /**
   * The active generation. `halt` stops the runner that folds into it, and resolves once none of its work is under way. `isLive`:
   * whether it follows the log without trouble.
   */
  active: { halt(): Promise<void>; isLive(): boolean };
  graceMs: number;
  info: (message: string) => void;
  warn: (message: string, error: unknown) => void;
};

/** Builds generations beside the active one, and swaps them. */
export function replaying(options: ReplayingOptions): Replaying {
  const { store, list, projection, called, folding, journal, patience, active, graceMs, info, warn } = options;
  const { state, doing, tell, activity, activityUnlessTroubled } = journal;
  let current: { stop: AbortController; ended: Promise<void> } | undefined;
  let swapped: Promise<void> = Promise.resolve();

  const buildBeside = async (signal: AbortSignal, running: AbortSignal, resumed: string | undefined): Promise<void> => {
    let generation = resumed;
    await patience.persist(async () => {
      generation ??= nextGeneration(projection, await list());
    }, signal);
    if (generation === undefined || signal.aborted) return;
    const built = await folding.build(generation, signal);
    if (!signal.aborted && (await swap(generation, built, signal, running))) return;
    // The replay was given up. A server that shuts down keeps the generation and resumes it later.
    if (!running.aborted) await patience.persist(() => removeUnlessActive(generation as string), running);
  };

  /** It may have become the active one after all: that is not always known. */
  const removeUnlessActive = async (generation: string): Promise<void> => {
    const isActive = (await list()).some(({ name, active: isNow }) => name === generation && isNow);
    if (!isActive) await store.drop(generation);
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
      const old = state.generation;
      await active.halt();
      await patience.persist(catchUp, signal);
      await patience.persist(async () => {
        await store.activate(generation);
        taken = true;
      }, signal);
      if (!taken) return false;
      info(`${called} ${generation} took the place of ${old}`);
      state.generation = generation;
      void delay(graceMs, undefined, { signal: running, ref: false })
        .then(() => store.drop(old))
        .catch((error: unknown) => {
          if (!running.aborted) warn(`${old} could not be removed: it goes at the next start`, error);
        });
      return true;
    } finally {
      release();
    }
  };

  return {
    begin: (running, resumed) => {
      if (current) throw new Error(`${called} is being replayed already`);
      const stop = linked(running);
      const ended = buildBeside(stop.signal, running, resumed)
        .catch((error: unknown) => warn(`the replay of ${called} failed`, error))
        .then(() => {
          current = undefined;
          doing.replaying = false;
          // In one step: otherwise a state in between would show a replay that no longer exists.
          const isWell = state.state !== "RETRYING" || active.isLive();
          const now = isWell ? { state: activity(), lastError: undefined } : {};
          tell({ ...now, progress: undefined, eventsPerSecond: undefined });
        });
      current = { stop, ended };
      doing.replaying = true;
      tell({ state: activityUnlessTroubled(), progress: 0 });
    },
    cancel: () => current?.stop.abort(),
    ended: async () => {
      await current?.ended;
    },
    swapped: () => swapped,
  };
}
