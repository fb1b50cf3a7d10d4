import { setTimeout as delay } from "node:timers/promises";

/**
 * How long to wait before the nth retry, in milliseconds: doubling from 50 ms to 5 s, less a random part of up to a half, so that
 * many clients do not return at once.
 */
export const backoffMs = (attempt: number): number =>
  Math.min(5_000, 50 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);

/** Waits before the nth retry. Ends early, without an error, when the signal is aborted. */
export async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  await delay(backoffMs(attempt), undefined, { signal }).catch(() => {});
}
