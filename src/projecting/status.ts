import type { EventStore, Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { lagOf } from "./lag.ts";
import type { Projection } from "./projection.ts";
import { slicesOf } from "./generations/viewGenerations.ts";
import { sliceProgress } from "./sliceProgress.ts";
import type { RunnerState } from "./runnerReport.ts";
import type { KeeperState } from "./generations/state.ts";

/** Counts how far the log's end is from a checkpoint. */
export type LagAt = (cursor: Position) => Promise<ProjectionStatus["lag"]>;

/** Counts up to `most` events. Each position is counted only once, because most projections stand at the same one. */
export function lagFrom(log: Pick<EventStore, "readAll">, most: number): LagAt {
  const lags = new Map<Position, Promise<ProjectionStatus["lag"]>>();
  return (cursor) => {
    const known = lags.get(cursor) ?? lagOf(log, cursor, most);
    lags.set(cursor, known);
    return known;
  };
}

/** The status of one projection. */
export type ProjectionStatus = {
  name: string;
  version: number;
  state: KeeperState["state"];
  /** The checkpoint of the generation that is read. */
  cursor: Position;
  /** Events between the checkpoint and the log's end. "more": there are more than were counted. "unknown": the log is away. */
  lag: number | "more" | "unknown";
  /** Parked events and those that wait behind them. */
  parked: number;
  lastError: string | undefined;
  /** How much of a generation is built or compared: 0 to 1. */
  progress?: number | undefined;
  eventsPerSecond?: number | undefined;
  /** How many differences the last verification found. */
  differences?: number | undefined;
};

export type StatusOptions = {
  log: Pick<EventStore, "origin">;
  /** See `lagOf`. */
  lagAt: LagAt;
  store: Pick<ViewStore, "get" | "checkpoints">;
  projections: readonly Projection[];
  /** The generation that is read. Undefined: none is complete yet. */
  generationOf: (projection: Projection) => string | undefined;
  /** What is done beside the generation that is read, or was last done. */
  besideOf: (projection: Projection) => KeeperState | undefined;
  /** The state of the runner that folds all of them. */
  state: RunnerState;
};

/** The status of each projection, in the given order. */
export function projectionStatuses(options: StatusOptions): Promise<ProjectionStatus[]> {
  const { projections, state, lagAt, besideOf } = options;
  return Promise.all(
    projections.map(async (projection) => {
      const { name, version } = projection;
      const cursor = await checkpointOf(options, projection);
      const lag = await lagAt(cursor);
      const parked = state.parked[name] ?? 0;
      const own = {
        name,
        version,
        state: state.state,
        cursor,
        lag,
        parked,
        lastError: state.lastError,
        progress: state.progress,
      };
      const beside = besideOf(projection);
      if (beside === undefined) return own;
      const { eventsPerSecond, differences, lastError } = beside;
      // Trouble with what is read comes first.
      if (state.state !== "LIVE") return { ...own, eventsPerSecond, differences };
      return {
        ...own,
        state: beside.state,
        progress: beside.progress,
        eventsPerSecond,
        differences,
        lastError: lastError ?? own.lastError,
      };
    }),
  );
}

/** The status of the search index. */
export async function searchStatus(
  lagAt: LagAt,
  { name, version }: Projection,
  { checkpoint: cursor, state, parked, lastError, progress, eventsPerSecond, differences }: KeeperState,
): Promise<ProjectionStatus> {
  const lag = await lagAt(cursor);
  return { name, version, state, cursor, lag, parked, lastError, progress, eventsPerSecond, differences };
}

/** The checkpoint of a projection. If the view store is away, it is the last one that the runner reported. */
async function checkpointOf({ log, store, state, generationOf }: StatusOptions, projection: Projection): Promise<Position> {
  const generation = generationOf(projection);
  if (generation === undefined) return log.origin;
  try {
    return (await sliceProgress(store, [generation], await slicesOf(store, generation))).lowest ?? log.origin;
  } catch (error) {
    if (error instanceof Unavailable) return state.checkpoint;
    throw error;
  }
}
