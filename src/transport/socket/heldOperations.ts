import type { Operation } from "../execution/operations.ts";

/** What users' subscriptions keep in memory of their documents, for as long as they run. */
export type HeldOperations = {
  /** Whether a user may hold an operation; it is counted then. One that they hold already costs nothing more. */
  enter(userId: string, operation: Operation): boolean;
  leave(userId: string, operation: Operation): void;
};

type Held = { bytes: number; readonly counts: Map<Operation, number> };

/**
 * Documents that are asked for are kept in a cache of bounded size; those of a subscription stay beside it while it runs, so
 * each user has a bound of their own. `most`: bytes of one user's, about.
 */
export function heldOperations(most: number): HeldOperations {
  const users = new Map<string, Held>();
  return {
    enter(userId, operation) {
      const held = users.get(userId) ?? { bytes: 0, counts: new Map<Operation, number>() };
      const count = held.counts.get(operation) ?? 0;
      const more = count === 0 ? operation.bytes : 0;
      // One may be held, however large.
      if (held.bytes > 0 && held.bytes + more > most) return false;
      users.set(userId, held);
      held.counts.set(operation, count + 1);
      held.bytes += more;
      return true;
    },
    leave(userId, operation) {
      const held = users.get(userId);
      const count = held?.counts.get(operation) ?? 0;
      if (!held || count === 0) return;
      if (count > 1) return void held.counts.set(operation, count - 1);
      held.counts.delete(operation);
      held.bytes -= operation.bytes;
      if (held.counts.size === 0) users.delete(userId);
    },
  };
}
