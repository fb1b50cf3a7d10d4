import { setImmediate } from "node:timers/promises";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";

/** Events read at a time. One read is enough for most lags. */
const PAGE_EVENTS = 1_000;

/**
 * How many events the log holds after a position. It reads on from there and counts at most `most` of them. Returns "more" if
 * there are more, and "unknown" if the log is away.
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
      // An embedded log answers at once, so other work gets its turn between two pages.
      await setImmediate();
    }
  } catch (error) {
    if (error instanceof Unavailable) return "unknown";
    throw error;
  }
}
