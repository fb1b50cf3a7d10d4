import type { Socket } from "node:net";

/** How fast a connection takes what it is sent, looked at from time to time. */
export type ReadPace = {
  /** Since when something has been waiting without a break, in milliseconds of a clock that only goes forward. */
  since: number;
  /** Bytes taken since then, or a little more. */
  taken: number;
  /**
   * As they were when this was looked at last: bytes of the writes that were done, and bytes that the system had not taken of
   * the one under way.
   */
  done: number;
  queued: number;
};

/** What a reader takes at least, while something waits: bytes a second. A message is read over the slowest line in use so. */
export const SLOWEST_BYTES_PER_SECOND = 1_024;

export const newReadPace = (now: number): ReadPace => ({ since: now, taken: 0, done: 0, queued: 0 });

/**
 * Whether the reader has been slower than `SLOWEST_BYTES_PER_SECOND` for so long. To be asked every now and then. A large
 * answer is one write, so what the system still holds of it counts too.
 */
export function isTooSlow(pace: ReadPace, raw: Socket, isWaiting: boolean, now: number, withinMs: number): boolean {
  const done = raw.bytesWritten - raw.writableLength;
  const queued = queuedOf(raw);
  pace.taken += Math.max(0, done - pace.done) + Math.max(0, pace.queued - queued);
  pace.done = done;
  pace.queued = queued;
  const waited = now - pace.since;
  if (isWaiting && waited < withinMs) return false;
  const slow = isWaiting && pace.taken < (waited * SLOWEST_BYTES_PER_SECOND) / 1_000;
  pace.since = now;
  pace.taken = 0;
  return slow;
}

/** Of the write under way; Node has no other name for it. */
const queuedOf = (raw: Socket): number =>
  (raw as Socket & { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize ?? 0;
