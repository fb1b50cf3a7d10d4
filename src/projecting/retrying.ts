import { setTimeout as delay } from "node:timers/promises";
import { backoffMs } from "../ports/backoff.ts";

/** How much of the time may be spent on waiting, and how much of it may be saved up, in milliseconds. */
const SHARE = 0.05;
const SAVED_MS = 1_000;

/** Waits before a handler is tried once more. `attempt`: how often it failed for this event, from 1. */
export type Pause = (attempt: number, signal: AbortSignal | undefined) => Promise<void>;

export type PauseOptions = {
  /** In milliseconds. Used for waiting times only. */
  clock?: () => number;
  sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
};

const asleep = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  delay(ms, undefined, signal ? { signal } : {}).catch(() => {});

/**
 * Waits with backoff. Everybody else waits meanwhile, so of all the time only a small share is spent here: where very many events
 * fail, most of them are tried again at once.
 */
export function pauses({ clock = () => performance.now(), sleep = asleep }: PauseOptions = {}): Pause {
  let saved = SAVED_MS;
  let at = clock();
  return async (attempt, signal) => {
    const now = clock();
    saved = Math.min(SAVED_MS, saved + (now - at) * SHARE);
    at = now;
    const ms = backoffMs(attempt - 1);
    if (ms > saved) return;
    saved -= ms;
    await sleep(ms, signal);
  };
}
