import { Refusal } from "../domain/refusal.ts";
import { buckets } from "../ports/buckets.ts";

/** How many messages each user may send. Repeats of a call cost nothing. */
export type MessageRate = {
  /**
   * What one call pays for its messages: once, however often it is called. Whoever has one left may send them all, and waits
   * longer afterwards. Throws RATE_LIMITED with `retryAfterMs` if none is left.
   */
  paying(userId: string, messages: number): () => void;
};

/** Messages of so many seconds may be sent at once. */
const BURST_S = 12;

/** `perSecond`: 0 is no limit. `clock`: milliseconds that never go back. */
export function messageRate(perSecond: number, clock?: () => number): MessageRate {
  const users = buckets(perSecond, perSecond * BURST_S, clock);

  const take = (userId: string, messages: number): void => {
    const retryAfterMs = users?.take(userId, messages) ?? 0;
    if (retryAfterMs === 0) return;
    throw new Refusal(
      "RATE_LIMITED",
      `too many messages: about ${perSecond} a second are allowed, try again in ${retryAfterMs} ms`,
      { retryAfterMs },
    );
  };

  return {
    paying: (userId, messages) => {
      let isPaid = false;
      return () => {
        if (!isPaid) take(userId, messages);
        isPaid = true;
      };
    },
  };
}
