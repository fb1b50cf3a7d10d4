import type { Position } from "../ports/eventStore.ts";
import type { KeeperState } from "../projecting/generations/state.ts";
import type { RunnerState } from "../projecting/runnerReport.ts";
import type { Order } from "./building.ts";

/** The views, as the rest of a server needs them: folded by a thread of this process, or by other processes. */
export type ViewsFollower = { [Name in Order]: (projection: string, conversation?: string) => Promise<void> } & {
  state(): RunnerState;
  /** What was last done beside the generation that is read, by projection. Undefined if nothing was. */
  beside(projection: string): KeeperState | undefined;
  /** To be called if somebody waits for what the log holds now. */
  hurry(): void;
  /** Tries parked events again. See `Runner`. */
  retryParked(projection: string, cursor?: Position): Promise<boolean>;
  /** Words for operators about who folds them. */
  note?(): string | undefined;
  /** Resolves once nothing is under way. */
  close(): Promise<void>;
};
