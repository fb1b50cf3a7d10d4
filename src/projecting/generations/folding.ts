import { type EventStore, fractionOf, type Position } from "../../ports/eventStore.ts";
import type { FoldedStore, Projection } from "../projection.ts";
import { createRunner, type Runner, type RunnerOptions } from "../runner.ts";
import { writeBehind } from "../writeBehind.ts";
import type { Patience } from "./patience.ts";
import type { Journal } from "./state.ts";
import { type GenerationStore, runOf } from "./store.ts";

/**
 * Milliseconds from one commit to the next: a commit costs some stores as much as hundreds of rows, and nobody notices so
 * long a wait.
 */
const REST_MS = 30;

/** A generation that was folded up to the log's end: folds what has come since. */
export type Built = { catchUp(): Promise<void>; events(): number };

export type Folding = {
  /**
   * Folds the log into a generation up to its end, however often a server goes away meanwhile. Nothing is written any more
   * once it is settled.
   */
  build(generation: string, signal: AbortSignal): Promise<Built>;
  /** What follows the log with the active generation, and tells of each commit, and of trouble. */
  follower(generation: string, committed: (checkpoint: Position, parked: number) => void): Runner;
};

export type FoldingOptions = {
  log: Pick<EventStore, "origin" | "readAll" | "changed" | "end">;
  store: Pick<GenerationStore, "open">;
  projection: Projection;
  called: string;
  journal: Journal;
  patience: Patience;
  warn: (message: string, error: unknown) => void;
  pageEvents: number;
};

/** How the log is folded into one generation. */
export function folding({ log, store, projection, called, journal, patience, warn, pageEvents }: FoldingOptions): Folding {
  const { state, doing, tell, tellNowAndThen, activity } = journal;

  const runnerOf = (generation: string, rows: FoldedStore, more: Pick<RunnerOptions, "committed" | "troubled">): Runner =>
    createRunner({
      log,
      store: rows,
      projections: [projection],
      called,
      run: runOf({ name: generation }),
      pageEvents,
      pageRows: pageEvents,
      restMs: REST_MS,
      warn,
      ...more,
    });

  const build = async (generation: string, signal: AbortSignal): Promise<Built> => {
    const began = performance.now();
    let end = log.origin;
    const rows = writeBehind(store.open(generation, false));
    const runner = runnerOf(generation, rows, {
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

  const follower: Folding["follower"] = (generation, committed) => {
    const parkedOf = (counts: Record<string, number>) => counts[projection.name] ?? 0;
    const runner = runnerOf(generation, store.open(generation, true), {
      committed: (checkpoint) => committed(checkpoint, parkedOf(runner.state().parked)),
      troubled: ({ state: now, progress, lastError, parked }) => {
        // Another server's step is no trouble: see `Patience`.
        if (now === "STOPPED") return;
        const isFine = now === "LIVE" || (now === "REBUILDING" && doing.replaying);
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
