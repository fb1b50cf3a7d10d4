import type { Position } from "../../ports/eventStore.ts";
import { generationOf, type Projection } from "../projection.ts";

/** How often progress is told: milliseconds. */
const TELL_MS = 250;

export type KeeperState = {
  /** REBUILDING: nothing is read before it is whole. REPLAYING: one is built beside the one that is read. */
  state: "LIVE" | "REBUILDING" | "REPLAYING" | "VERIFYING" | "RETRYING" | "STOPPED";
  /** The generation that is read, or, before there is one, that will be. */
  generation: string;
  /** Its rows are of everything up to here; the log's origin before there is one. */
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

/** Before anything is known of what is kept. `called`: how it is called in sentences. */
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

/** What a keeper is at, beside following the log. */
type Doing = { building: number; replaying: boolean; verifying: boolean };

export type Journal = {
  /** As it is now. */
  readonly state: KeeperState;
  readonly doing: Doing;
  /** Changes the state, and tells. */
  tell(change?: Partial<KeeperState>): void;
  /** Changes the state, and tells if that was not done just now. */
  tellNowAndThen(change: Partial<KeeperState>): void;
  /** What the keeper does when nothing is wrong. */
  activity(): KeeperState["state"];
  /** The same, or RETRYING where something is wrong. */
  activityUnlessTroubled(): KeeperState["state"];
};

/** Where the parts of a keeper write down what they do. `changed` is given a copy. */
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
