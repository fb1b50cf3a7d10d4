import { backoffMs } from "../ports/backoff.ts";
import { Unavailable } from "../ports/faults.ts";

/** How long it is tried to learn what became of an append: a log that is away for longer has lost what was on its way to it. Milliseconds. */
const DECIDE_MS = 600_000;

const deciding = new WeakMap<Error, Promise<void>>();

/**
 * The error of an append whose outcome is unknown to its caller. It may come into the log yet, so it is made again and again, the same events at the same
 * revision: once the log has an answer, they are there, or something else stands in their place and they can come no more.
 */
export function undecided(error: Unavailable, append: () => Promise<unknown>, clock: () => number): Unavailable {
  deciding.set(error, decided(append, clock));
  return error;
}

/** Settled once what failed with this error is in the log, or can never be. */
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
      // Any other fault is an answer: mostly that the stream is at another revision.
      if (!(error instanceof Unavailable)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt)).unref());
  }
}
