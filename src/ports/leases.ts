import type { Open } from "./awaitable.ts";
import type { ViewStore } from "./viewStore.ts";

/** That one process has a slice of the work. `fence` grows with each holder: what an earlier one commits is refused. */
export type Lease = { readonly slice: number; readonly fence: number };

/** What a holder finds at a heartbeat. */
export type Beat = {
  /** Those of its leases that it still has. They are its own for another `LEASE_MS`. */
  kept: readonly Lease[];
  /** How many slices are its part, if all who are there have as many. */
  share: number;
  /** The slices that nobody has now. */
  free: readonly number[];
  /** The slices beside the shared ones that somebody has, those of this holder included (see `Leases`). */
  beside: readonly number[];
  /** Those whose holder is gone without having let go of them, as long as nobody has taken them since. */
  abandoned: readonly number[];
};

/** How long a lease is good after a heartbeat, in milliseconds. */
export const LEASE_MS = 3_000;

/**
 * Who has which slice. Time is that of the server that all of them ask. Slices below 0 are no part of what is shared: they stand
 * for what only one may do at a time. Errors: `Unavailable`.
 */
export type Leases = {
  /** Says that a holder is there and competes for so many slices, and renews its leases. */
  beat(holder: string, held: readonly Lease[], slices: number): Promise<Beat>;
  /** Renews leases without competing for more. Returns those that it still has. */
  renew(holder: string, held: readonly Lease[]): Promise<readonly Lease[]>;
  /** Takes a slice that nobody has, or whose lease is over. Undefined: somebody has it. */
  take(holder: string, slice: number): Promise<Lease | undefined>;
  /** Lets go of what is still held. */
  release(holder: string, held: readonly Lease[]): Promise<void>;
  /** Lets go of everything, and competes no longer. */
  leave(holder: string): Promise<void>;
};

/** A view store that processes share. */
export type SharedViews = {
  leases: Open<Leases>;
  /** Commits as the holder of a lease. They reject with `CheckpointMoved` once somebody else has taken it, and store nothing. */
  heldBy(lease: Lease): Open<Pick<ViewStore, "commit">>;
};
