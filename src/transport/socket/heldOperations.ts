import type { Operation } from "../execution/operations.ts";

/** The documents that users' running subscriptions keep in memory. */
export type HeldOperations = {
  /**
   * Whether a user may hold an operation. If so, it is counted. An operation that the user already holds costs nothing more.
   */
  enter(userId: string, operation: Operation): boolean;
  leave(userId: string, operation: Operation): void;
};

type Held = { bytes: number; readonly counts: Map<Operation, number> };

/**
 * The cache of documents has a bounded size, but a running subscription keeps its document outside of it. So each user has a
 * limit, too. `most`: about so many bytes for each user.
 */
export function heldOperations(most: number): HeldOperations {
  const users = new Map<string, Held>();
  return {
    enter(userId, operation) {
      const held = users.get(userId) ?? { bytes: 0, counts: new Map<Operation, number>() };
      const count = held.counts.get(operation) ?? 0;
      const more = count === 0 ? operation.bytes : 0;
      // One operation is always allowed, however large it is.
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
