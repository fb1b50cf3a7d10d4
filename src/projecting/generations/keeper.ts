import { setTimeout as delay } from "node:timers/promises";
import type { Anchor, EventStore, Position } from "../../ports/eventStore.ts";
import { CheckpointMoved } from "../../ports/faults.ts";
import type { FoldedLog, Projection } from "../projection.ts";
import type { Runner, RunnerOptions } from "../runner.ts";
import { folding } from "./folding.ts";
import { ownGenerations } from "./ownGenerations.ts";
import { linked, patience } from "./patience.ts";
import { replaying } from "./replaying.ts";
import { journal, type KeeperState, startingState } from "./state.ts";
import { dropOlderGenerations, type GenerationStore, nextGeneration, runOf } from "./store.ts";
import { type Verify, verifying } from "./verifying.ts";

/** Events in one page. A generation that nobody reads yet is written many rows at a time, which costs little more than a few. */
const PAGE_EVENTS = 4_096;
/** How long a replaced generation is kept, in milliseconds. Queries on it can finish in that time. */
const GRACE_MS = 60_000;

export type KeeperOptions = {
  log: FoldedLog & Pick<EventStore, "id">;
  /** Tells why the log is not the one that was folded up to there. Undefined if it is. See `disagreement`. */
  disagrees?: (checkpoint: Position, anchor: Anchor | undefined) => Promise<string | undefined>;
  store: GenerationStore;
  projection: Projection;
  /** The name of the view in sentences: "the search index". */
  called: string;
  verify: Verify;
  /** Called after every commit to the active generation, and whenever another generation becomes the active one. */
  committed?: (checkpoint: Position) => void;
  stateChanged?: (state: KeeperState) => void;
  /** See `RunnerOptions`: for the generation that is read. */
  wrote?: RunnerOptions["wrote"];
  info?: (message: string) => void;
  warn?: (message: string, error: unknown) => void;
  graceMs?: number;
  pageEvents?: number;
};

export type Keeper = {
  /**
   * Keeps the view until `signal` is aborted: builds it if there is none, and follows the log. If a server is away, it waits for
   * it without limit.
   */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Begins to build a generation beside the active one. It takes the place of the active one once it has caught up. Rejects if
   * one is being built.
   */
  replay(): Promise<void>;
  /** Gives up what `replay` began. */
  cancelReplay(): void;
  /**
   * Tries parked events of the active generation again. See `Runner`. Throws if there is none yet.
   */
  retryParked(cursor?: Position): Promise<boolean>;
  /** Begins to compare the active generation. Throws if there is none yet, or if a comparison is under way. */
  verify(): void;
  /** Somebody waits for what the log holds: see `Runner`. */
  hurry(): void;
  state(): KeeperState;
};

/** One run that follows the log, and can be stopped. `ended` is settled once none of its work is under way. */
type Following = { stop: AbortController; ended: Promise<unknown>; runner: Runner };

/**
 * Keeps one view in any store. It folds the projection into the active generation. If there is none, or on a replay, it builds a
 * generation and makes it the active one. Meanwhile readers use the active one.
 */
export function createKeeper(options: KeeperOptions): Keeper {
  const { log, store, projection, called, committed, wrote, graceMs = GRACE_MS, pageEvents = PAGE_EVENTS } = options;
  const info = options.info ?? (() => {});
  const warn = options.warn ?? (() => {});
  const disagrees = options.disagrees ?? (async () => undefined);
  const kept = journal(startingState(projection, log.origin, called), (state) => options.stateChanged?.(state));
  const { state, tell, activity } = kept;
  let running: AbortSignal | undefined;
  let following: Following | undefined;
  let olderDropped = false;

  const patient = patience({ called, journal: kept, warn });
  const list = ownGenerations({ log, store, projection, disagrees, info });
  const folds = folding({ log, store, projection, called, journal: kept, patience: patient, wrote, warn, pageEvents });
  const replays = replaying({
    store,
    list,
    projection,
    called,
    folding: folds,
    journal: kept,
    patience: patient,
    active: {
      halt: async () => {
        following?.stop.abort();
        await following?.ended;
      },
      isLive: () => following?.runner.state().state === "LIVE",
    },
    graceMs,
    info,
    warn,
  });
  const verifications = verifying({ verify: options.verify, called, journal: kept, info, warn });

  /** Removes older versions, once this version is read and queries on the older one are finished. */
  const dropOlder = async (signal: AbortSignal): Promise<void> => {
    if (olderDropped) return;
    olderDropped = true;
    try {
      await delay(graceMs, undefined, { signal, ref: false });
      for (const generation of await dropOlderGenerations(store, projection))
        info(`${generation} was of an older version: it is removed`);
    } catch (error) {
      if (!signal.aborted) warn("generations of older versions could not be removed: they go at the next start", error);
    }
  };

  /** Builds the first generation. It is not read before it is complete. */
  const buildFirst = async (generation: string, signal: AbortSignal): Promise<void> => {
    tell({ generation, lastError: undefined });
    const { events } = await folds.build(generation, signal);
    if (signal.aborted) return;
    await store.activate(generation);
    info(`${called} ${generation} is complete: ${events()} events`);
    tell({ state: activity(), lastError: undefined, progress: undefined, eventsPerSecond: undefined });
  };

  const beginReplay = (resumed?: string): void => {
    if (!running || running.aborted) throw new Error(`${called} is not kept now`);
    replays.begin(running, resumed);
  };

  /** The generation to follow. Builds one if there is none, and resumes a generation that an earlier server was building. */
  const activeGeneration = async (signal: AbortSignal): Promise<string | undefined> => {
    const found = await list();
    const active = found.find((generation) => generation.active);
    if (!active) {
      await buildFirst(found.at(-1)?.name ?? nextGeneration(projection, found), signal);
      return undefined;
    }
    if (!kept.doing.replaying) {
      const newer = found.filter((generation) => runOf(generation) > runOf(active)).at(-1);
      for (const { name } of found) if (name !== active.name && name !== newer?.name && !following) await store.drop(name);
      if (newer) beginReplay(newer.name);
    }
    return active.name;
  };

  /**
   * Follows the log until it is stopped. Rejects with `CheckpointMoved` if another server is faster, or if another generation
   * became the active one.
   */
  const follow = async (generation: string, signal: AbortSignal): Promise<void> => {
    tell({ generation });
    const runner = folds.follower(generation, (checkpoint, parked) => {
      Object.assign(state, { checkpoint, parked });
      committed?.(checkpoint);
    });
    const stop = linked(signal);
    const run = runner.run(stop.signal);
    following = { stop, ended: run.catch(() => {}), runner };
    await run;
  };

  const keep = async (signal: AbortSignal): Promise<void> => {
    await replays.swapped();
    const generation = await activeGeneration(signal);
    if (generation === undefined || signal.aborted) return;
    void dropOlder(signal);
    await follow(generation, signal);
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
          if (!(error instanceof CheckpointMoved)) failures = state.checkpoint === before ? failures + 1 : 1;
          await patient.recover(error, failures, signal);
        }
      }
      await replays.ended();
      await verifications.ended();
    },
    replay: async () => {
      beginReplay();
      await replays.noted();
    },
    cancelReplay: () => replays.cancel(),
    retryParked: (cursor) => {
      if (!running || !following) throw new Error(`${called} is not built yet: nothing of it is parked`);
      const ended = following.ended.then((): never => {
        throw new Error(`${called} began anew meanwhile: try again`);
      });
      return Promise.race([following.runner.retryParked(projection.name, cursor), ended]);
    },
    verify: () => {
      if (!running || !following) throw new Error(`${called} is not built yet: there is nothing to compare`);
      verifications.begin(running);
    },
    hurry: () => following?.runner.hurry(),
    state: () => ({ ...state }),
  };
}
