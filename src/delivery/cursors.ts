import type { Awaitable } from "../ports/awaitable.ts";
import { type EventStore, isOfLog, type Position } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";

/** What says whether a cursor still holds. */
export type Cursors = {
  watermark: Watermark;
  log: Pick<EventStore, "id" | "end">;
  /** Everything after this position is kept in a user's inbox; the log's origin where nothing was ever deleted. */
  horizonOf(user: string): Awaitable<Position>;
};

/** Whether a cursor is one that nothing can be told after: of another log, or beyond the end of this one (which was put back to a copy). */
export async function isForeign({ log, watermark }: Cursors, cursor: Position): Promise<boolean> {
  if (!isOfLog(cursor, log.id)) return true;
  return cursor > watermark.current() && cursor > (await log.end());
}

/** Whether a user's entries after a cursor may have been deleted. To be asked after they were read: horizons move before anything is deleted. */
export async function isTrimmed({ horizonOf }: Cursors, user: string, cursor: Position): Promise<boolean> {
  return cursor < (await horizonOf(user));
}
