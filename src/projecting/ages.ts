import type { Position, RecordedEvent } from "../ports/eventStore.ts";
import type { ViewStore, Write } from "../ports/viewStore.ts";
import { everyoneRow, newestRow, tickRow } from "./retention.ts";

/**
 * How old what is folded is. Entries that were deleted with age, or would have been by now, are not there again once views are folded anew: the horizon is
 * moved over them by the very commits that fold them. What is younger is noted with its time, as the sweeper does while it is live.
 */
export type Ages = {
  /** The table, its generation included, that gets no rows of what is past. */
  readonly table: string;
  /** Reads how far it was. `isNew`: nothing was ever folded. */
  begin(isNew: boolean): Promise<void>;
  /** Takes the next event in; whether it is past. Once it `isLive`, none is that was not when it was folded first: what lags is told all the same. */
  take(event: Pick<RecordedEvent, "position" | "metadata">, isLive: boolean): boolean;
  /** The rows that go with the commit of what was taken in. */
  writes(): Write[];
  /** As far as it was moved: the store may not hold it yet. */
  horizon(): Position | undefined;
};

export type AgesOptions = {
  store: Pick<ViewStore, "get">;
  table: string;
  /** Milliseconds that an entry is kept. */
  ttlMs: number;
  /** How far apart the noted times are, in milliseconds. */
  gapMs: number;
  now: () => Date;
};

export function createAges({ store, table, ttlMs, gapMs, now }: AgesOptions): Ages {
  /** Up to there everything is past. */
  let horizon: Position | undefined;
  /**
   * The latest time of any event so far. By it, and not by its own time, an event is past: one from a clock that was slow must not take with it what
   * came before.
   */
  let newest = Number.NEGATIVE_INFINITY;
  let last: Position | undefined;
  let stored = { horizon, newest };

  return {
    table,
    horizon: () => horizon,
    begin: async (isNew) => {
      horizon = (await store.get(everyoneRow.table, everyoneRow.partition, everyoneRow.sort)) as Position | undefined;
      const noted = (await store.get(newestRow.table, newestRow.partition, newestRow.sort)) as string | undefined;
      // Where nothing was noted of what was folded, it may be young.
      if (noted !== undefined) newest = Date.parse(noted);
      else newest = isNew ? Number.NEGATIVE_INFINITY : now().getTime();
      stored = { horizon, newest };
    },
    take: ({ position, metadata }, isLive) => {
      const at = Date.parse(metadata.at);
      const present = now().getTime();
      last = position;
      // A clock that is ahead tells nothing.
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
        // What is live the sweeper notes.
        if (last !== undefined && newest >= present - ttlMs && newest < present - gapMs)
          writes.push({ op: "put", ...tickRow(at), value: last });
      }
      stored = { horizon, newest: isNoted ? stored.newest : newest };
      return writes;
    },
  };
}
