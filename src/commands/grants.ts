import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";
import { FRESH_TIMEOUT_MS } from "./authorise.ts";
import { end } from "./undecided.ts";

/**
 * What is being done on rights that were found in the rows. Whoever takes rights away waits for it: what was allowed by the rows of before is then
 * in the log, or never will be; also where whoever did it was told that its outcome is unknown.
 */
export type Grants = {
  /** Runs what a user does in a conversation: from before their rights are looked up until it is stored, or has failed for good. */
  holding<T>(conversation: string, userId: string, work: () => Promise<T>): Promise<T>;
  /** Resolves once all that these users had begun there by now has ended, however it did. */
  ended(conversation: string, userIds: readonly string[]): Promise<unknown>;
};

export function createGrants(): Grants {
  const held = new Map<string, Set<Promise<unknown>>>();
  const nameOf = (conversation: string, userId: string) => `${conversation} ${userId}`;
  return {
    holding: (conversation, userId, work) => {
      const name = nameOf(conversation, userId);
      const here = held.get(name) ?? new Set();
      held.set(name, here);
      const working = work();
      const over = working.then(() => {}, end);
      here.add(over);
      void over.then(() => {
        here.delete(over);
        if (here.size === 0 && held.get(name) === here) held.delete(name);
      });
      return working;
    },
    ended: (conversation, userIds) =>
      Promise.all(userIds.flatMap((userId) => [...(held.get(nameOf(conversation, userId)) ?? [])])),
  };
}

export type InForceOptions = { watermark: Watermark; grants: Grants; timeoutMs?: number };

/** Resolves once what took rights of these users away at this place of the log holds on this server. */
export type InForce = (position: Position, conversation: string, userIds: readonly string[]) => Promise<void>;

/**
 * Whoever is told that a right is taken away relies on it: nothing that rests on it comes into the log any more, and nothing is shown by it. First the
 * views hold it, so that nothing is allowed by it again; then what was allowed before has ended. Throws UNAVAILABLE where that takes too long: it is
 * stored then, and the same call again waits anew.
 */
export function inForce({ watermark, grants, timeoutMs = FRESH_TIMEOUT_MS }: InForceOptions): InForce {
  return async (position, conversation, userIds) => {
    const held = await watermark.reached(position, timeoutMs);
    if (held && (await within(timeoutMs, grants.ended(conversation, userIds)))) return;
    throw new Refusal(
      "UNAVAILABLE",
      "it is stored, but not in force on this server yet: send the same clientMutationId again to wait for it",
      { retryAfterMs: 1_000 },
    );
  };
}

/** Whether something ends within so many milliseconds. */
function within(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const ended = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(ended, ended);
  });
}
