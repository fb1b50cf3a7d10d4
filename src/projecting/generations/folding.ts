import { fractionOf, type Position } from "../../ports/eventStore.ts";
import type { Ages } from "../ages.ts";
import type { FoldedLog, FoldedStore, Projection } from "../projection.ts";
import { growingRest } from "../rest.ts";
import { createRunner, type Runner, type RunnerOptions } from "../runner.ts";
import { slicesAtOnce } from "../slices.ts";
import { writeBehind } from "../writeBehind.ts";
import type { Patience } from "./patience.ts";
import type { Journal } from "./state.ts";
import type { GenerationStore } from "./store.ts";

/**
 * Of the generation that is read. Nobody notices 30 ms, and whoever asks for what is newest hurries it (`Runner.hurry`). At 1,500
 * messages a second, SQLite's index took 70 to 89 µs of a core for each; with a rest of 30 ms, 97.
 */
const rest = growingRest({ least: 30, most: 1_000, busy: 2_000 });

/** A page is committed before its end if it makes more. Most events make one or two. */
const ROWS_AN_EVENT = 4;

/** A generation that was folded up to the log's end. `catchUp` folds what has come since. */
export type Built = { catchUp(): Promise<void>; events(): number };

export type Folding = {
  /**
   * Folds the log into a generation up to the log's end, and tries again whenever a server is away. Nothing more is written once
   * the promise is settled.
   */
  build(generation: string, signal: AbortSignal): Promise<Built>;
  /** Makes the runner that folds the log into the active generation. It reports each commit, and trouble. */
  follower(generation: string, committed: (checkpoint: Position, parked: number) => void): Runner;
};

export type FoldingOptions = {
  log: FoldedLog;
  store: Pick<GenerationStore, "open" | "slices">;
  projection: Projection;
  called: string;
  journal: Journal;
  patience: Patience;
  /** Decides which events are too old to be told in a generation that is built. */
  ages?: Ages;
  /** See `RunnerOptions`: for the generation that is read. */
  wrote?: RunnerOptions["wrote"];
  warn: (message: string, error: unknown) => void;
  pageEvents: number;
};

/** Folds the log into one generation. */
export function folding({
  log,
  store,
  projection,
  called,
  journal,
  patience,
  ages,
  wrote,
  warn,
  pageEvents,
}: FoldingOptions): Folding {
  const { state, doing, tell, tellNowAndThen, activity } = journal;

  const runnerOf = (
    generation: string,
    rows: FoldedStore,
    more: Pick<RunnerOptions, "slice" | "committed" | "troubled" | "ages" | "wrote">,
  ): Runner =>
    createRunner({
      log,
      store: rows,
      projections: [projection],
      called,
      generationFor: () => generation,
      pageEvents,
      pageRows: ROWS_AN_EVENT * pageEvents,
      rest,
      healsAtStart: true,
      warn,
      ...more,
    });

  const build = async (generation: string, signal: AbortSignal): Promise<Built> => {
    const began = performance.now();
    let end = log.origin;
    const rows = writeBehind(store.open(generation, false));
    let slices = 1;
    await patience.persist(async () => {
      slices = (await store.slices?.(generation)) ?? 1;
    }, signal);
    const runner = runnerOf(generation, rows, {
      slice: slicesAtOnce(slices),
      ...(ages ? { ages } : {}),
      committed: (checkpoint) => {
        const eventsPerSecond = runner.state().events / ((performance.now() - began) / 1_000);
        const well = state.state === "RETRYING" ? { state: activity(), lastError: undefined } : {};
        tellNowAndThen({ ...well, progress: fractionOf(checkpoint, end), eventsPerSecond });
      },
    });
    const catchUp = async (): Promise<void> => {
      try {
        await runner.catchUp(signal);
        // If the last commit failed, the runner gets the error and continues from the checkpoint before.
        while (!(await rows.settled())) await runner.catchUp(signal);
      } finally {
        await rows.settled();
      }
    };
    doing.building++;
    try {
      tell({ state: activity(), progress: 0 });
      await patience.persist(async () => {
        end = await log.end();
        await catchUp();
      }, signal);
    } finally {
      doing.building--;
    }
    return { catchUp, events: () => runner.state().events };
  };

  /** One generation or another has been at the log's end: the one that takes its place needs only what came since. */
  let wasLive = false;
  const follower: Folding["follower"] = (generation, committed) => {
    const parkedOf = (counts: Record<string, number>) => counts[projection.name] ?? 0;
    const runner = runnerOf(generation, store.open(generation, true), {
      ...(wrote ? { wrote } : {}),
      committed: (checkpoint) => committed(checkpoint, parkedOf(runner.state().parked)),
      troubled: ({ state: now, progress, lastError, parked }) => {
        // If another server was faster, that is no trouble: see `Patience`.
        if (now === "STOPPED") return;
        wasLive ||= now === "LIVE";
        const isFine = now === "LIVE" || (now === "REBUILDING" && (doing.replaying || wasLive));
        const isOthers = doing.replaying || doing.verifying;
        tell({
          parked: parkedOf(parked),
          state: isFine ? activity() : now,
          lastError,
          ...(isOthers ? {} : { progress }),
        });
      },
    });
    return runner;
  };

  return { build, follower };
}
