import { setTimeout as delay } from "node:timers/promises";
import { backOff } from "../ports/backoff.ts";
import { type Anchor, type EventStore, fractionOf, isOfLog, type Position } from "../ports/eventStore.ts";
import { CheckpointMoved, explained } from "../ports/faults.ts";
import type { SearchGeneration, SearchIndex } from "../ports/searchIndex.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { indexStore, runOf } from "./indexStore.ts";
import { dropOlderIndexes } from "./older.ts";
import { generationOf, type Projection } from "./projection.ts";
import { createRunner, type Runner } from "./runner.ts";
import { writeBehind } from "./writeBehind.ts";

/** Events in one page: an index takes in many documents for the price of a few. */
const PAGE_EVENTS = 4_096;
/** Milliseconds from one commit to the next: a commit costs an index as much as hundreds of documents, and nobody notices so long a wait. */
const REST_MS = 30;
/** How long an index that was replaced is kept: what was asked of it finishes, and a newer one can be given up. Milliseconds. */
const GRACE_MS = 60_000;
/** How long another server that folds into the same index is left alone with it, at most: milliseconds. */
const STANDBY_MS = 500;
/** How often progress is told: milliseconds. */
const TOLD_MS = 250;

export type SearcherState = {
  /** REBUILDING: nothing is searched before it is whole. REPLAYING: one is built beside the one that is searched. */
  state: "LIVE" | "REBUILDING" | "REPLAYING" | "VERIFYING" | "RETRYING" | "STOPPED";
  /** The generation that is searched, or, before there is one, that will be. */
  generation: string;
  /** Its documents are of everything up to here; the log's origin before there is one. */
  checkpoint: Position;
  /** Of what is being built or compared: 0 to 1. */
  progress: number | undefined;
  /** Of what is being built. */
  eventsPerSecond: number | undefined;
  /** That the last verification found. */
  differences: number | undefined;
  /** Parked events, and those that wait behind them. */
  parked: number;
  lastError: string | undefined;
};

/** Before anything is known of the index. */
export const startingState = (projection: Projection, origin: Position): SearcherState => ({
  state: "RETRYING",
  generation: generationOf(projection),
  checkpoint: origin,
  progress: undefined,
  eventsPerSecond: undefined,
  differences: undefined,
  parked: 0,
  lastError: "the search index is starting",
});

/** What a verification found. `samples`: the first differences, a sentence each. */
export type Verification = { differences: number; samples: readonly string[]; summary: string };

export type SearcherOptions = {
  log: Pick<EventStore, "id" | "origin" | "readAll" | "changed" | "end">;
  /** Why what was folded up to there was not folded from what the log holds; undefined where it was. See `disagreement`. */
  disagrees?: (checkpoint: Position, anchor: Anchor | undefined) => Promise<string | undefined>;
  index: Pick<SearchIndex, "put" | "get" | "generations" | "activate" | "drop">;
  /** Where parked events are kept. */
  parked: Pick<ViewStore, "range" | "commit" | "drop">;
  projection: Projection;
  /** Compares a generation with what the log and the views say, and tells how far it is (0 to 1). */
  verify: (generation: string, progress: (fraction: number) => void, signal: AbortSignal) => Promise<Verification>;
  /** Told after every step of the searched generation, and whenever it is another. */
  committed?: (checkpoint: Position) => void;
  told?: (state: SearcherState) => void;
  info?: (message: string) => void;
  warn?: (message: string, error: unknown) => void;
  graceMs?: number;
  pageEvents?: number;
};

export type Searcher = {
  /** Keeps the index until `signal` is aborted: builds one where there is none, and follows the log. Waits for a server that is away, for ever. */
  run(signal: AbortSignal): Promise<void>;
  /** Begins to build a generation beside the searched one, which it takes the place of once it has caught up. Throws where one is being built. */
  replay(): void;
  /** Gives up what `replay` began. */
  cancelReplay(): void;
  /** Begins to compare the searched generation. Throws where there is none yet, or one is being compared. */
  verify(): void;
  state(): SearcherState;
};

/** A following that can be ended: `ended` is settled once nothing of it is under way. */
type Following = { stop: AbortController; ended: Promise<unknown> };

/** A generation that was folded up to the log's end: folds what has come since. */
type Building = { catchUp(): Promise<void>; events(): number };

/**
 * Keeps one view of a search index: folds the projection into its active generation; builds a generation where there is none, or where one is to be
 * replayed, and swaps. Searches go on meanwhile on what is active.
 */
export function createSearcher(options: SearcherOptions): Searcher {
  const { log, index, parked, projection, committed, told, info, warn, graceMs = GRACE_MS, pageEvents = PAGE_EVENTS } = options;
  const disagrees = options.disagrees ?? (async () => undefined);
  const view = `${projection.name}@${projection.version}`;
  const state = startingState(projection, log.origin);
  let running: AbortSignal | undefined;
  let following: Following | undefined;
  let replaying: { stop: AbortController; ended: Promise<void> } | undefined;
  let verifying = false;
  /** How many generations are being built. */
  let building = 0;
  let followed: Runner | undefined;
  /** Settled while the searched generation may be followed. */
  let swapped: Promise<void> = Promise.resolve();
  let toldAt = -Infinity;
  let olderDropped = false;
  /** Generations that were made from this log. */
  const compared = new Set<string>();

  const tell = (change: Partial<SearcherState> = {}): void => {
    Object.assign(state, change);
    toldAt = performance.now();
    told?.({ ...state });
  };
  const tellNowAndThen = (change: Partial<SearcherState>): void => {
    Object.assign(state, change);
    if (performance.now() - toldAt >= TOLD_MS) tell();
  };
  /** What it does when nothing is wrong. */
  const activity = (): SearcherState["state"] =>
    replaying ? "REPLAYING" : building > 0 ? "REBUILDING" : verifying ? "VERIFYING" : "LIVE";

  /** Once this version's index is searched, and what was asked of an older one is finished. */
  const dropOlder = async (signal: AbortSignal): Promise<void> => {
    if (olderDropped) return;
    olderDropped = true;
    try {
      await delay(graceMs, undefined, { signal, ref: false });
      for (const generation of await dropOlderIndexes(index, parked, projection))
        info?.(`${generation} was of an older version: it is removed`);
    } catch (error) {
      if (!signal.aborted) warn?.("indexes of older versions could not be removed: they go at the next start", error);
    }
  };

  const storeOf = (generation: string, whileActive: boolean): ViewStore => indexStore({ index, parked, generation, whileActive });

  const runnerOf = (
    generation: string,
    store: ViewStore,
    whileActive: boolean,
    on: { committed: (checkpoint: Position) => void },
  ): Runner => {
    const runner = createRunner({
      log,
      store,
      projections: [projection],
      run: runOf({ name: generation }),
      pageEvents,
      pageRows: pageEvents,
      restMs: REST_MS,
      committed: on.committed,
      troubled: ({ state: now, progress, lastError, parked: counts }) => {
        if (!whileActive) return;
        const count = { parked: counts[projection.name] ?? 0 };
        // Another server's step is no trouble: see `standBy`.
        if (now === "STOPPED") return;
        const isReplaced = replaying !== undefined;
        const state = now === "LIVE" || (now === "REBUILDING" && isReplaced) ? activity() : now;
        tell({ ...count, state, lastError, ...(isReplaced || verifying ? {} : { progress }) });
      },
      warn: (message, error) => warn?.(message.replace("the projections", "the search index"), error),
    });
    return runner;
  };

  /** Why a generation was not made from what the log holds; asked once of each, since what is folded here afterwards is. */
  const foreign = async ({ name, checkpoint, anchor }: SearchGeneration): Promise<string | undefined> => {
    if (checkpoint === null) return undefined;
    if (!isOfLog(checkpoint, log.id)) return `it is at ${checkpoint}`;
    if (compared.has(name)) return undefined;
    const why = await disagrees(checkpoint, anchor);
    if (why === undefined) compared.add(name);
    return why;
  };

  /** The generations of this log, by number; those of another log are of no use, and are removed. */
  const generations = async (): Promise<SearchGeneration[]> => {
    const found: SearchGeneration[] = [];
    for (const generation of await index.generations(view)) {
      const why = await foreign(generation);
      if (why === undefined) found.push(generation);
      else {
        warn?.(`${generation.name} was made from another log: it is removed and made anew`, why);
        await remove(generation.name);
      }
    }
    return found.sort((one, other) => runOf(one) - runOf(other));
  };

  const remove = async (generation: string): Promise<void> => {
    await index.drop(generation);
    await parked.drop(generation);
  };

  /** Folds the log into a generation up to the log's end, however often a server goes away meanwhile. Nothing is written any more once it is settled. */
  const build = async (generation: string, signal: AbortSignal): Promise<Building> => {
    const began = performance.now();
    let end = log.origin;
    const store = writeBehind(storeOf(generation, false));
    const runner = runnerOf(generation, store, false, {
      committed: (checkpoint) => {
        const eventsPerSecond = runner.state().events / ((performance.now() - began) / 1_000);
        const well = state.state === "RETRYING" ? { state: activity(), lastError: undefined } : {};
        tellNowAndThen({ ...well, progress: fractionOf(checkpoint, end), eventsPerSecond });
      },
    });
    const catchUp = async (): Promise<void> => {
      try {
        await runner.catchUp(signal);
        // Where the last commit failed, the runner is told of it, and goes on from before.
        while (!(await store.settled())) await runner.catchUp(signal);
      } finally {
        await store.settled();
      }
    };
    building++;
    try {
      tell({ state: activity(), progress: 0 });
      await persist(async () => {
        end = await log.end();
        await catchUp();
      }, signal);
    } finally {
      building--;
    }
    return { catchUp, events: () => runner.state().events };
  };

  /** Tries until it is done, with backoff; or until the signal is aborted. */
  const persist = async (work: () => Promise<void>, signal: AbortSignal): Promise<void> => {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof CheckpointMoved) await standBy(signal);
        else await troubled(error, attempt, signal);
      }
    }
  };

  const troubled = async (error: unknown, attempt: number, signal: AbortSignal): Promise<void> => {
    warn?.("the search index cannot go on; trying again", error);
    tell({ state: "RETRYING", lastError: explained(error) });
    await backOff(attempt, signal);
  };

  /** Another server folds into the same index: one of the two is enough, and it takes over where the other ends. */
  const standBy = (signal: AbortSignal): Promise<void> =>
    delay(STANDBY_MS * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});

  const linked = (signal: AbortSignal): AbortController => {
    const controller = new AbortController();
    signal.addEventListener("abort", () => controller.abort(), { once: true, signal: controller.signal });
    if (signal.aborted) controller.abort();
    return controller;
  };

  const advance = (checkpoint: Position): void => {
    state.checkpoint = checkpoint;
    committed?.(checkpoint);
  };

  /** Follows the log until it is stopped. Rejects with `CheckpointMoved` where another server is faster, or another generation became the active one. */
  const follow = async (generation: string, signal: AbortSignal): Promise<void> => {
    tell({ generation });
    const runner = runnerOf(generation, storeOf(generation, true), true, {
      committed: (checkpoint) => {
        state.parked = runner.state().parked[projection.name] ?? 0;
        advance(checkpoint);
      },
    });
    followed = runner;
    await runner.run(signal);
  };

  /** The first generation: nothing is searched before it is whole. */
  const buildFirst = async (generation: string, signal: AbortSignal): Promise<void> => {
    tell({ generation, lastError: undefined });
    const { events } = await build(generation, signal);
    if (signal.aborted) return;
    await index.activate(generation);
    info?.(`the search index ${generation} is complete: ${events()} events`);
    tell({ state: activity(), lastError: undefined, progress: undefined, eventsPerSecond: undefined });
  };

  const nextGeneration = (found: readonly SearchGeneration[]): string =>
    generationOf(projection, Math.max(0, ...found.map(runOf)) + 1);

  /** Builds beside the searched generation, and takes its place. */
  const buildBeside = async (signal: AbortSignal, resumed: string | undefined): Promise<void> => {
    let generation = resumed;
    await persist(async () => {
      generation ??= nextGeneration(await generations());
    }, signal);
    if (generation === undefined || signal.aborted) return;
    const built = await build(generation, signal);
    if (!signal.aborted && (await swap(generation, built, signal))) return;
    // Given up; a server that ends keeps it, and goes on with it.
    if (running?.aborted === false) await persist(() => removeUnlessActive(generation as string), running);
  };

  /** Whether it was made the active one is not always known. */
  const removeUnlessActive = async (generation: string): Promise<void> => {
    const isActive = (await generations()).some(({ name, active }) => name === generation && active);
    if (!isActive) await remove(generation);
  };

  /**
   * The one that was searched stands still while the new one passes it and takes its place: the checkpoint that is told never steps back. Whether it
   * took its place.
   */
  const swap = async (generation: string, { catchUp }: Building, signal: AbortSignal): Promise<boolean> => {
    let taken = false;
    let release = (): void => {};
    swapped = new Promise((resolve) => {
      release = resolve;
    });
    try {
      const old = state.generation;
      following?.stop.abort();
      await following?.ended;
      await persist(catchUp, signal);
      await persist(async () => {
        await index.activate(generation);
        taken = true;
      }, signal);
      if (!taken) return false;
      info?.(`the search index ${generation} took the place of ${old}`);
      state.generation = generation;
      void delay(graceMs, undefined, { signal: running as AbortSignal, ref: false })
        .then(() => remove(old))
        .catch((error: unknown) => {
          if (running?.aborted === false) warn?.(`${old} could not be removed: it goes at the next start`, error);
        });
      return true;
    } finally {
      release();
    }
  };

  const beginReplay = (resumed?: string): void => {
    if (!running || running.aborted) throw new Error("the search index is not kept now");
    if (replaying) throw new Error("the search index is being replayed already");
    const stop = linked(running);
    const ended = buildBeside(stop.signal, resumed)
      .catch((error: unknown) => warn?.("the replay of the search index failed", error))
      .then(() => {
        replaying = undefined;
        // All at once: whoever asks in between would be told of a replay that is nowhere.
        const isWell = state.state !== "RETRYING" || followed?.state().state === "LIVE";
        const now = isWell ? { state: activity(), lastError: undefined } : {};
        tell({ ...now, progress: undefined, eventsPerSecond: undefined });
      });
    replaying = { stop, ended };
    tell({ state: state.state === "RETRYING" ? "RETRYING" : activity(), progress: 0 });
  };

  /** The generation to follow; builds one where there is none, and goes on with what an earlier server was building. */
  const activeGeneration = async (signal: AbortSignal): Promise<string | undefined> => {
    const found = await generations();
    const active = found.find((generation) => generation.active);
    if (!active) {
      await buildFirst(found.at(-1)?.name ?? nextGeneration(found), signal);
      return undefined;
    }
    if (!replaying) {
      const newer = found.filter((generation) => runOf(generation) > runOf(active)).at(-1);
      for (const { name } of found) if (name !== active.name && name !== newer?.name && !following) await remove(name);
      if (newer) beginReplay(newer.name);
    }
    return active.name;
  };

  const keep = async (signal: AbortSignal): Promise<void> => {
    await swapped;
    const generation = await activeGeneration(signal);
    if (generation === undefined || signal.aborted) return;
    void dropOlder(signal);
    const stop = linked(signal);
    const run = follow(generation, stop.signal);
    following = { stop, ended: run.catch(() => {}) };
    await run;
  };

  return {
    run: async (signal) => {
      running = signal;
      for (let failures = 0; !signal.aborted;) {
        const before = state.checkpoint;
        try {
          await keep(signal);
          failures = 0;
        } catch (error) {
          if (error instanceof CheckpointMoved) await standBy(signal);
          else {
            failures = state.checkpoint === before ? failures + 1 : 1;
            await troubled(error, failures, signal);
          }
        }
      }
      await replaying?.ended;
    },
    replay: () => beginReplay(),
    cancelReplay: () => replaying?.stop.abort(),
    verify: () => {
      if (verifying) throw new Error("the search index is being compared already");
      if (!running || !following) throw new Error("there is no search index yet that could be compared");
      verifying = true;
      tell({ state: activity(), progress: 0, differences: undefined });
      void options
        .verify(state.generation, (progress) => tellNowAndThen({ progress }), running)
        .then(
          ({ differences, samples, summary }) => {
            verifying = false;
            info?.(summary);
            for (const sample of samples) warn?.("the search index differs from the views", sample);
            tell({ differences });
          },
          (error: unknown) => {
            verifying = false;
            warn?.("the verification of the search index failed", error);
            tell({ lastError: explained(error) });
          },
        )
        .then(() => tell({ state: state.state === "RETRYING" ? "RETRYING" : activity(), progress: undefined }));
    },
    state: () => ({ ...state }),
  };
}
