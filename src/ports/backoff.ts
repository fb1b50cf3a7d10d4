import { setTimeout as delay } from "node:timers/promises";

/** Waits in milliseconds before the nth try again: doubling from 50 ms to 5 s, a random half of it off, so that many don't return at once. */
export const backoffMs = (attempt: number): number =>
  Math.min(5_000, 50 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);

/** Waits before the nth try again; ends early, without an error, when the signal is aborted. */
export async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  await delay(backoffMs(attempt), undefined, { signal }).catch(() => {});
}
