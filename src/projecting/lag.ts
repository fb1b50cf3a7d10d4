import { setImmediate } from "node:timers/promises";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";

/** Events read at a time: most lags are counted in one read. */
const PAGE_EVENTS = 1_000;

/**
 * How many events the log holds after a position: counted by reading on from there, at most `most` of them. "more" beyond that; "unknown" where the
 * log is away.
 */
export async function lagOf(
  log: Pick<EventStore, "readAll">,
  after: Position,
  most: number,
): Promise<number | "more" | "unknown"> {
  let count = 0;
  try {
    for (let at = after; ;) {
      const page = await log.readAll(at, Math.min(PAGE_EVENTS, most + 1 - count));
      count += page.events.length;
      if (count > most) return "more";
      if (page.isTail) return count;
      at = page.next;
      // An embedded log answers at once: others have their turn between two pages.
      await setImmediate();
    }
  } catch (error) {
    if (error instanceof Unavailable) return "unknown";
    throw error;
  }
}
