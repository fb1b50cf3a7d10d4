import type { Position } from "../../ports/eventStore.ts";
import { generationOf, type Projection } from "../projection.ts";

/** How often progress is reported, in milliseconds. */
const TELL_MS = 250;

export type KeeperState = {
  /**
   * REBUILDING: the first generation is built, and is not read before it is complete. REPLAYING: a generation is built beside the
   * one that is read.
   */
  state: "LIVE" | "REBUILDING" | "REPLAYING" | "VERIFYING" | "RETRYING" | "STOPPED";
  /** The generation that is read, or will be read once it is built. */
  generation: string;
  /** Its rows hold everything up to here. The log's origin if there are no rows yet. */
  checkpoint: Position;
  /** How much of the building or comparing is done: 0 to 1. */
  progress: number | undefined;
  /** How fast a generation is being built. */
  eventsPerSecond: number | undefined;
  /** How many differences the last verification of the generation that is read found. */
  differences: number | undefined;
  /** Parked events, and those that wait behind them. */
  parked: number;
  lastError: string | undefined;
};

/** The state before anything is known. `called`: the name of the view in sentences. */
export const startingState = (projection: Projection, origin: Position, called: string): KeeperState => ({
  state: "RETRYING",
  generation: generationOf(projection),
  checkpoint: origin,
  progress: undefined,
  eventsPerSecond: undefined,
  differences: undefined,
  parked: 0,
  lastError: `${called} is starting`,
});

/** What a keeper does beside following the log. */
type Doing = { building: number; replaying: boolean; verifying: boolean };

export type Journal = {
  /** The present state. */
  readonly state: KeeperState;
  readonly doing: Doing;
  /** Changes the state and reports it. */
  tell(change?: Partial<KeeperState>): void;
  /** Changes the state. Reports it only if nothing was reported a moment ago. */
  tellNowAndThen(change: Partial<KeeperState>): void;
  /** What the keeper is doing, as a state, if nothing is wrong. */
  activity(): KeeperState["state"];
  /** The same, or RETRYING if something is wrong. */
  activityUnlessTroubled(): KeeperState["state"];
};

/** The state that all parts of a keeper write to. `changed` gets a copy. */
export function journal(starting: KeeperState, changed: (state: KeeperState) => void): Journal {
  const state = { ...starting };
  const doing: Doing = { building: 0, replaying: false, verifying: false };
  let lastAt = -Infinity;

  const tell = (change: Partial<KeeperState> = {}): void => {
    Object.assign(state, change);
    lastAt = performance.now();
    changed({ ...state });
  };
  const activity = (): KeeperState["state"] =>
    doing.replaying ? "REPLAYING" : doing.building > 0 ? "REBUILDING" : doing.verifying ? "VERIFYING" : "LIVE";

  return {
    state,
    doing,
    tell,
    tellNowAndThen: (change) => {
      Object.assign(state, change);
      if (performance.now() - lastAt >= TELL_MS) tell();
    },
    activity,
    activityUnlessTroubled: () => (state.state === "RETRYING" ? "RETRYING" : activity()),
  };
}
