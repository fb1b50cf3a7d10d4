import { fractionOf, type Position } from "../ports/eventStore.ts";
import { explained } from "../ports/faults.ts";

/** How often the progress of a rebuild is reported, in milliseconds. */
const TELL_MS = 250;

export type RunnerState = {
  /** All projections of this runner have handled everything up to here. */
  checkpoint: Position;
  /** How many events this runner has read since it was made. */
  events: number;
  /**
   * REBUILDING: the runner folds what the log holds, from the beginning or from where it stopped. It has not reached the log's
   * end since it was made.
   */
  state: "LIVE" | "REBUILDING" | "RETRYING" | "STOPPED";
  /** In a rebuild: about how much of the log is done, 0 to 1. */
  progress: number | undefined;
  lastError: string | undefined;
  /** Parked events and those that wait behind them, by projection. */
  parked: Record<string, number>;
};

/** The state before anything was folded. */
export const startingRunner = (origin: Position): RunnerState => ({
  checkpoint: origin,
  events: 0,
  state: "REBUILDING",
  progress: 0,
  lastError: undefined,
  parked: {},
});

/** What a runner tells of itself. */
export type RunnerReport = {
  /** The present state. */
  readonly state: RunnerState;
  /** Whether the log's end was reached since the runner was made. */
  wasLive(): boolean;
  /** Takes in the log's end, before it was reached for the first time. */
  goal(end: Position): void;
  /** Everything is handled up to here. Before the log's end was reached for the first time, that is progress towards it. */
  at(checkpoint: Position): void;
  /** The log's end is reached. */
  live(): void;
  failed(now: "RETRYING" | "STOPPED", error: unknown): void;
  /** One more event of a projection is parked. It is told with the commit: very many may be parked in one page. */
  parked(projection: string): void;
  /** Tells what was parked since the last commit. */
  committed(): void;
  /** Tells the state as it is. */
  tell(): void;
};

/** `told`: called whenever the state changes, except for normal progress. */
export function runnerReport(origin: Position, told: ((state: RunnerState) => void) | undefined): RunnerReport {
  const state = startingRunner(origin);
  let wasLive = false;
  let goal = origin;
  let toldAt = -Infinity;
  let hasParked = false;
  const tell = (): void => told?.({ ...state });

  const live = (): void => {
    wasLive = true;
    if (state.state === "LIVE") return;
    Object.assign(state, { state: "LIVE", progress: undefined, lastError: undefined });
    tell();
  };

  return {
    state,
    wasLive: () => wasLive,
    goal: (end) => void (goal = end),
    at: (checkpoint) => {
      state.checkpoint = checkpoint;
      if (wasLive) return live();
      Object.assign(state, { state: "REBUILDING", progress: fractionOf(checkpoint, goal), lastError: undefined });
      if (performance.now() - toldAt < TELL_MS) return;
      toldAt = performance.now();
      tell();
    },
    live,
    failed: (now, error) => {
      Object.assign(state, { state: now, progress: undefined, lastError: explained(error) });
      tell();
    },
    parked: (projection) => {
      state.parked[projection] = (state.parked[projection] ?? 0) + 1;
      hasParked = true;
    },
    committed: () => {
      if (hasParked) tell();
      hasParked = false;
    },
    tell,
  };
}
