import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";
import { FRESH_TIMEOUT_MS } from "./authorise.ts";
import { end } from "./undecided.ts";

/** A conversation, or all that are meant. */
export type Where = string | ((conversation: string) => boolean);

/**
 * The work under way that relies on rights found in the rows. A command that takes rights away waits for this work to end. After
 * that, what the former rows allowed is in the log, or can never come into it. This also covers work whose caller was told that
 * the outcome is unknown.
 */
export type Grants = {
  /** Runs what a user does in a conversation. `work` looks their rights up, and ends once it is stored or has failed for good. */
  holding<T>(conversation: string, userId: string, work: () => Promise<T>): Promise<T>;
  /** Resolves once everything that these users have begun there so far has ended, in success or failure. */
  ended(where: Where, userIds: readonly string[] | "everyone"): Promise<unknown>;
};

export function createGrants(): Grants {
  /** By conversation: what was begun last. */
  const held = new Map<string, Held>();

  const leave = (conversation: string, own: Held): void => {
    const { newer, older } = own;
    if (older) older.newer = newer;
    if (newer) newer.older = older;
    else if (older) held.set(conversation, older);
    else held.delete(conversation);
    own.older = own.newer = undefined;
    for (const tell of own.waiting ?? []) tell();
  };

  return {
    holding: (conversation, userId, work) => {
      const working = work();
      const older = held.get(conversation);
      const own: Held = { userId, older, newer: undefined, waiting: undefined };
      if (older) older.newer = own;
      held.set(conversation, own);
      const over = (): void => leave(conversation, own);
      working.then(over, (error: unknown) => end(error).then(over));
      return working;
    },
    ended: (where, userIds) => {
      const places = typeof where === "string" ? [where] : [...held.keys()].filter(where);
      const asked = userIds === "everyone" ? undefined : new Set(userIds);
      const all: Promise<void>[] = [];
      for (const place of places)
        for (let own = held.get(place); own !== undefined; own = own.older) {
          if (asked?.has(own.userId) === false) continue;
          const waiting = (own.waiting ??= []);
          all.push(new Promise((resolve) => waiting.push(resolve)));
        }
      return Promise.all(all);
    },
  };
}

/** Work under way. A record in a list, and neither a promise nor a set of its own: there is one for each message. */
type Held = { readonly userId: string; older: Held | undefined; newer: Held | undefined; waiting: (() => void)[] | undefined };

export type InForceOptions = { watermark: Watermark; grants: Grants; timeoutMs?: number };

/**
 * Resolves once a loss of rights of these users is in force on this server. `position`: the place of the event that took the
 * rights away.
 */
export type InForce = (position: Position, where: Where, userIds: readonly string[] | "everyone") => Promise<void>;

/**
 * A caller who is told that a right is gone relies on two things: no event that needs this right comes into the log any more, and
 * nothing is shown because of it. First, this waits until the views know of the loss, so that they allow nothing new. Then it
 * waits until the work that was allowed before has ended. Throws UNAVAILABLE if that takes too long. The loss is stored even
 * then, and the same call can wait for it again.
 */
export function inForce({ watermark, grants, timeoutMs = FRESH_TIMEOUT_MS }: InForceOptions): InForce {
  return async (position, where, userIds) => {
    const held = await watermark.reached(position, timeoutMs);
    if (held && (await within(timeoutMs, grants.ended(where, userIds)))) return;
    throw new Refusal(
      "UNAVAILABLE",
      "it is stored, but not in force on this server yet: send the same clientMutationId again to wait for it",
      { retryAfterMs: 1_000 },
    );
  };
}

/** Whether the work ends within so many milliseconds. */
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
