import type { Socket } from "node:net";

/** How fast a connection reads what is sent to it. Updated at intervals. */
export type ReadPace = {
  /**
   * When the current wait began, in milliseconds of a clock that never goes back. During the wait something is always unsent.
   */
  since: number;
  /** Bytes read since then, or slightly more. */
  taken: number;
  /** From the last check: the bytes of finished writes, and the bytes of the current write that the system had not taken. */
  done: number;
  queued: number;
};

/** The least that a reader must take while something waits, in bytes per second. Even the slowest lines in use reach it. */
export const SLOWEST_BYTES_PER_SECOND = 1_024;

export const newReadPace = (now: number): ReadPace => ({ since: now, taken: 0, done: 0, queued: 0 });

/**
 * Whether the reader was slower than `SLOWEST_BYTES_PER_SECOND` for `withinMs`. Call it at intervals. A large answer is one
 * single write, so the bytes of it that the system has taken count too.
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

/** Bytes of the current write. Node has no public name for this. */
const queuedOf = (raw: Socket): number =>
  (raw as Socket & { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize ?? 0;
