import type { Position, RecordedEvent } from "../ports/eventStore.ts";
import type { ViewStore, Write } from "../ports/viewStore.ts";
import { everyoneRow, newestRow, tickRow } from "./retention.ts";

/**
 * Knows which events are too old to be told, while views are rebuilt. Entries that were deleted because of their age must not
 * come back then, nor entries that would have been deleted by now. So the commits that fold such events also move the horizon
 * past them. Younger events are noted with their time, as the sweeper does for live ones.
 */
export type Ages = {
  /** The table that gets no rows of events that are past. */
  readonly of: AgedTable;
  /** Reads where the horizon was. `isNew`: nothing was folded yet. */
  begin(isNew: boolean): Promise<void>;
  /**
   * Takes in the next event, and returns whether it is past. While `isLive`, only events at or below the horizon are past: an
   * event that is late because of a lag is still told.
   */
  take(event: Pick<RecordedEvent, "position" | "metadata">, isLive: boolean): boolean;
  /** The rows for the commit of the events taken in. */
  writes(): Write[];
  /** The present horizon. The store may not hold it yet. */
  horizon(): Position | undefined;
};

/** A table of a projection, in whatever generation. */
export type AgedTable = { projection: string; table: string };

export type AgesOptions = {
  store: Pick<ViewStore, "get">;
  of: AgedTable;
  /** How long an entry is kept, in milliseconds. */
  ttlMs: number;
  /** The least time between two noted times, in milliseconds. */
  gapMs: number;
  now: () => Date;
};

export function createAges({ store, of, ttlMs, gapMs, now }: AgesOptions): Ages {
  /** Everything up to here is past. */
  let horizon: Position | undefined;
  /**
   * The latest time of all events so far. This time decides whether an event is past, not the event's own time. Otherwise, an
   * event from a slow clock would also remove the entries before it.
   */
  let newest = Number.NEGATIVE_INFINITY;
  let last: Position | undefined;
  let stored = { horizon, newest };

  return {
    of,
    horizon: () => horizon,
    begin: async (isNew) => {
      const rows = await Promise.all([everyoneRow, newestRow].map(async (row) => store.get(row.table, row.partition, row.sort)));
      horizon = rows[0] as Position | undefined;
      const noted = rows[1] as string | undefined;
      // If no time was noted for what was folded, it may be young.
      if (noted !== undefined) newest = Date.parse(noted);
      else newest = isNew ? Number.NEGATIVE_INFINITY : now().getTime();
      stored = { horizon, newest };
    },
    take: ({ position, metadata }, isLive) => {
      const at = Date.parse(metadata.at);
      const present = now().getTime();
      last = position;
      // The time of a fast clock tells nothing.
      if (at > newest && at <= present) newest = at;
      if (horizon !== undefined && position <= horizon) return true;
      if (isLive || newest >= present - ttlMs || at > present) return false;
      horizon = position;
      return true;
    },
    writes: () => {
      const writes: Write[] = [];
      if (horizon !== undefined && horizon !== stored.horizon) writes.push({ op: "put", ...everyoneRow, value: horizon });
      const isNoted = newest - stored.newest < gapMs;
      if (Number.isFinite(newest) && !isNoted) {
        const at = new Date(newest).toISOString();
        const present = now().getTime();
        writes.push({ op: "put", ...newestRow, value: at });
        // The sweeper notes live events.
        if (last !== undefined && newest >= present - ttlMs && newest < present - gapMs)
          writes.push({ op: "put", ...tickRow(at), value: last });
      }
      stored = { horizon, newest: isNoted ? stored.newest : newest };
      return writes;
    },
  };
}

/**
 * The same for a generation that is built beside the one that is read: nothing below the present horizon comes back, and the
 * horizon is not moved.
 */
export function heldAges({ store, of }: Pick<AgesOptions, "store" | "of">): Ages {
  let horizon: Position | undefined;
  return {
    of,
    horizon: () => horizon,
    begin: async () => {
      horizon = (await store.get(everyoneRow.table, everyoneRow.partition, everyoneRow.sort)) as Position | undefined;
    },
    take: ({ position }) => horizon !== undefined && position <= horizon,
    writes: () => [],
  };
}
