import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { TookTooLong } from "../../../ports/faults.ts";

/** One row in so many has the clock looked at: about every 50 µs. */
const ROWS = 64;

/** Ends what is asked of a database once its time is over. */
export type Clock = {
  /** `work`, begun now. Throws `TookTooLong`. */
  timed<T>(work: () => T): T;
  /** Throws `TookTooLong` where the time is over. */
  look(): void;
  /** A condition, always true, that looks at the clock now and then, and wherever `always` is: `column` is one of the rows that are gone through. */
  inTime(column: string, always?: string): string;
};

/**
 * Milliseconds that one search may take; without them it takes what it takes. There is no way into a statement from another thread: so rows ask by
 * themselves, through a function of the database's. Inside of the full-text index none would come while it finds nothing: see `TICK`, and `cost.ts`.
 */
export function clockOf(db: DatabaseSyncInstance, ms = Number.POSITIVE_INFINITY): Clock {
  let until = Number.POSITIVE_INFINITY;
  const look = (): void => {
    if (performance.now() > until) throw tooLong();
  };
  const tooLong = () => new TookTooLong(`a search took longer than ${ms} ms`);
  db.function("in_time", (_row: unknown) => {
    look();
    return 1;
  });
  return {
    timed: (work) => {
      until = performance.now() + ms;
      try {
        return work();
      } catch (error) {
        // What a function of the database throws comes out of the statement as another error.
        throw performance.now() > until ? tooLong() : error;
      } finally {
        until = Number.POSITIVE_INFINITY;
      }
    },
    look,
    inTime: (column, always = "false") => `((not ${always} and random() % ${ROWS} <> 0) or in_time(${column} is null))`,
  };
}
