import { backoffMs } from "../ports/backoff.ts";
import { Unavailable } from "../ports/faults.ts";

/**
 * How long attempts go on to learn the outcome of an append, in milliseconds. If a log is away for longer, what was on its way to
 * it is lost.
 */
const DECIDE_MS = 600_000;

const deciding = new WeakMap<Error, Promise<void>>();

/**
 * Marks the error of an append whose outcome its caller does not know. The events may still come into the log. So the append is
 * made again and again in the background: the same events at the same revision. Once the log answers, either they are in it, or
 * other events stand in their place and they can never come.
 */
export function undecided(error: Unavailable, append: () => Promise<unknown>, clock: () => number): Unavailable {
  deciding.set(error, decided(append, clock));
  return error;
}

/** Resolves once the events of the append that failed with this error are in the log, or can never come into it. */
export async function end(error: unknown): Promise<void> {
  for (let at = error; at instanceof Error; at = at.cause) await deciding.get(at);
}

async function decided(append: () => Promise<unknown>, clock: () => number): Promise<void> {
  const began = clock();
  for (let attempt = 0; clock() - began < DECIDE_MS; attempt++) {
    try {
      await append();
      return;
    } catch (error) {
      // Any other fault is an answer. Mostly the stream is at another revision.
      if (!(error instanceof Unavailable)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt)).unref());
  }
}
