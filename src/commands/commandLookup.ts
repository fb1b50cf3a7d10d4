import { setImmediate as others } from "node:timers/promises";
import type { FoldReads } from "../../projections/folds.ts";
import { Refusal } from "../domain/refusal.ts";
import type { EventStore, NewEvent, RecordedEvent } from "../ports/eventStore.ts";
import type { Place } from "./streamFold.ts";

const READ_PAGE = 500;
/** Few commands have more events. */
const COMMAND_PAGE = 32;
/** How many events at most are searched for a command if the rows do not hold them yet. */
const LOOKED_THROUGH = 10_000;

export const isOfOneCommand = ({ metadata: one }: NewEvent, { metadata: other }: NewEvent): boolean =>
  one.actorId === other.actorId && one.$causationId === other.$causationId;

/**
 * Finds a command of a stream that is too old to be remembered in memory. The rows are asked first; what they do not hold yet is
 * read from the stream. `before`: all commands from this revision on are remembered. Throws UNAVAILABLE if the rows are too far
 * behind to tell.
 */
export function commandLookup(log: Pick<EventStore, "read">, rows: Pick<FoldReads, "knownTo" | "revisionOf"> | undefined) {
  return async function earlierCommand(stream: string, before: number, id: string): Promise<Place | undefined> {
    if (before === 0) return undefined;
    // Ask this first. The look-up that follows then finds everything up to here.
    const known = (await rows?.knownTo(stream)) ?? -1;
    const revision = await rows?.revisionOf(stream, id);
    if (revision !== undefined) return placeAt(stream, revision);
    if (before - 1 - known > LOOKED_THROUGH)
      throw new Refusal("UNAVAILABLE", "the views have not caught up with the log yet: try again", { retryAfterMs: 1_000 });
    for (let from = known + 1; from < before;) {
      const page = await log.read(stream, from, "forwards", Math.min(READ_PAGE, before - from));
      const found = page.find((event) => event.id === id);
      if (found) return placeAt(stream, found.revision);
      if (page.length === 0) throw new Error(`${stream} ends before revision ${before - 1}`);
      from += page.length;
      await others();
    }
    return undefined;
  };

  /** The place of the command whose first event has this revision. */
  async function placeAt(stream: string, first: number): Promise<Place> {
    let place: Place | undefined;
    let start: RecordedEvent | undefined;
    for (let from = first; ;) {
      const page = await log.read(stream, from, "forwards", COMMAND_PAGE);
      start ??= page[0];
      for (const event of page) {
        if (!start || !isOfOneCommand(event, start)) break;
        place = { first, last: event.revision, position: event.position };
      }
      if (!place) throw new Error(`${stream} ends before revision ${first}`);
      from += page.length;
      if (page.length < COMMAND_PAGE || place.last < from - 1) return place;
    }
  }
}
