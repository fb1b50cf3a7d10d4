import type { EventStore, Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { lagOf } from "./lag.ts";
import { generationOf, type Projection } from "./projection.ts";
import { checkpointName } from "./slices.ts";
import type { RunnerState } from "./runner.ts";
import type { KeeperState } from "./generations/state.ts";

/** How far the log's end is from a checkpoint. */
export type LagAt = (cursor: Position) => Promise<ProjectionStatus["lag"]>;

/** Counts up to `most` events, and each place once: most projections stand at the same. */
export function lagFrom(log: Pick<EventStore, "readAll">, most: number): LagAt {
  const lags = new Map<Position, Promise<ProjectionStatus["lag"]>>();
  return (cursor) => {
    const known = lags.get(cursor) ?? lagOf(log, cursor, most);
    lags.set(cursor, known);
    return known;
  };
}

/** How one projection is. */
export type ProjectionStatus = {
  name: string;
  version: number;
  state: KeeperState["state"];
  /** The checkpoint of the generation that is read. */
  cursor: Position;
  /** Events between the checkpoint and the log's end; "more" than were counted, "unknown" where the log is away. */
  lag: number | "more" | "unknown";
  /** Parked events and those that wait behind them. */
  parked: number;
  lastError: string | undefined;
  /** Of the generation that is built or compared: 0 to 1. */
  progress?: number | undefined;
  eventsPerSecond?: number | undefined;
  /** That the last verification found. */
  differences?: number | undefined;
};

export type StatusOptions = {
  log: Pick<EventStore, "origin">;
  /** See `lagOf`. */
  lagAt: LagAt;
  store: Pick<ViewStore, "checkpoint">;
  projections: readonly Projection[];
  /** Of the runner that folds them all. */
  state: RunnerState;
};

/** How each projection is, in their order. */
export function projectionStatuses(options: StatusOptions): Promise<ProjectionStatus[]> {
  const { projections, state, lagAt } = options;
  return Promise.all(
    projections.map(async (projection) => {
      const { name, version } = projection;
      const cursor = await checkpointOf(options, projection);
      const lag = await lagAt(cursor);
      const parked = state.parked[name] ?? 0;
      return { name, version, state: state.state, cursor, lag, parked, lastError: state.lastError, progress: state.progress };
    }),
  );
}

/** How the search index is. */
export async function searchStatus(
  lagAt: LagAt,
  { name, version }: Projection,
  { checkpoint: cursor, state, parked, lastError, progress, eventsPerSecond, differences }: KeeperState,
): Promise<ProjectionStatus> {
  const lag = await lagAt(cursor);
  return { name, version, state, cursor, lag, parked, lastError, progress, eventsPerSecond, differences };
}

/** Where a view store that is away cannot tell, as the runner said last. */
async function checkpointOf({ log, store, state }: StatusOptions, projection: Projection): Promise<Position> {
  try {
    return (await store.checkpoint(checkpointName(generationOf(projection))))?.position ?? log.origin;
  } catch (error) {
    if (error instanceof Unavailable) return state.checkpoint;
    throw error;
  }
}
