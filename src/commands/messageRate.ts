import { Refusal } from "../domain/refusal.ts";
import { byteCache } from "../ports/byteCache.ts";

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
/** A user who is forgotten has sent nothing for long, or there are very many. */
const USERS_BYTES = 16_777_216;
const BUCKET_BYTES = 64;

/** `perSecond`: 0 is no limit. `clock`: milliseconds that never go back. */
export function messageRate(perSecond: number, clock: () => number = () => performance.now()): MessageRate {
  if (perSecond === 0) return { paying: () => () => {} };
  const most = perSecond * BURST_S;
  const buckets = byteCache<{ left: number; at: number }>(USERS_BYTES, () => BUCKET_BYTES);

  const take = (userId: string, messages: number): void => {
    const at = clock();
    const before = buckets.get(userId) ?? { left: most, at };
    const left = Math.min(most, before.left + ((at - before.at) * perSecond) / 1_000);
    const isAllowed = left >= 1;
    buckets.set(userId, { left: isAllowed ? left - messages : left, at });
    if (isAllowed) return;
    const retryAfterMs = Math.ceil(((1 - left) * 1_000) / perSecond);
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
