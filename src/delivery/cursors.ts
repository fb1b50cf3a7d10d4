import type { Awaitable } from "../ports/awaitable.ts";
import { type EventStore, isOfLog, type Position } from "../ports/eventStore.ts";
import type { Healed } from "../projecting/healed.ts";
import type { Watermark } from "../projecting/watermark.ts";

/** What is needed to check whether a cursor is still valid. */
export type Cursors = {
  watermark: Watermark;
  log: Pick<EventStore, "id" | "end">;
  /**
   * Everything after this position can still be read for a user, in the inbox or elsewhere. If nothing was ever deleted, this is
   * the log's origin.
   */
  horizonOf(user: string): Awaitable<Position>;
  /** The user's inbox itself has everything after this position, which is not before the horizon. */
  wholeFrom(user: string): Awaitable<Position>;
  /** What was told later than its place in the log. */
  healed: Healed;
};

/**
 * Whether a cursor is useless here: it is of another log, or beyond the end of this one (the log was replaced by an older
 * copy).
 */
export async function isForeign({ log, watermark }: Cursors, cursor: Position): Promise<boolean> {
  if (!isOfLog(cursor, log.id)) return true;
  return cursor > watermark.current() && cursor > (await log.end());
}

/**
 * Whether entries after a user's cursor may have been deleted. Ask this after the entries were read: a horizon moves before
 * anything is deleted.
 */
export async function isTrimmed({ horizonOf }: Cursors, user: string, cursor: Position): Promise<boolean> {
  return cursor < (await horizonOf(user));
}
