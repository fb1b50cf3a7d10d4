import type { EventStore, Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import { checkpointKey, type ViewStore } from "../ports/viewStore.ts";
import { lagOf } from "./lag.ts";
import { generationOf, type Projection } from "./projection.ts";
import { checkpointName, type RunnerState } from "./runner.ts";

/** How one projection is. */
export type ProjectionStatus = {
  name: string;
  version: number;
  state: RunnerState["state"];
  /** The checkpoint of the generation that is read. */
  cursor: Position;
  /** Events between the checkpoint and the log's end; "more" than were counted, "unknown" where the log is away. */
  lag: number | "more" | "unknown";
  /** Parked events and those that wait behind them. */
  parked: number;
  lastError: string | undefined;
};

export type StatusOptions = {
  log: Pick<EventStore, "origin" | "readAll">;
  store: Pick<ViewStore, "get">;
  projections: readonly Projection[];
  /** Of the runner that folds them all. */
  state: RunnerState;
};

/** How each projection is, in their order; a lag is counted up to `most` events. */
export async function projectionStatuses(options: StatusOptions, most: number): Promise<ProjectionStatus[]> {
  const { log, projections, state } = options;
  const cursors = await Promise.all(projections.map((projection) => checkpointOf(options, projection)));
  // They stand at the same place, but for one that is built anew.
  const lags = new Map<Position, ProjectionStatus["lag"]>();
  for (const cursor of new Set(cursors)) lags.set(cursor, await lagOf(log, cursor, most));
  return projections.map(({ name, version }, index) => {
    const cursor = cursors[index] ?? log.origin;
    return {
      name,
      version,
      state: state.state,
      cursor,
      lag: lags.get(cursor) ?? "unknown",
      parked: state.parked[name] ?? 0,
      lastError: state.lastError,
    };
  });
}

/** Where a view store that is away cannot tell, as the runner said last. */
async function checkpointOf({ log, store, state }: StatusOptions, projection: Projection): Promise<Position> {
  const { table, partition, sort } = checkpointKey(checkpointName(generationOf(projection)));
  try {
    return ((await store.get(table, partition, sort)) as Position | undefined) ?? log.origin;
  } catch (error) {
    if (error instanceof Unavailable) return state.checkpoint;
    throw error;
  }
}
