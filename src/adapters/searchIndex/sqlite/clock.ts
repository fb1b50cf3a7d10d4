import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { TookTooLong } from "../../../ports/faults.ts";

/** One row in so many has the clock looked at: about every 50 µs. */
const ROWS = 64;

/** What a row that is gone through is worth, and the rows between one tick and the next: milliseconds of a usual machine that does nothing else. */
const ROW_MS = 0.004;
const TICK_MS = 0.3;

/** Ends what is asked of a database once its time is over. */
export type Clock = {
  /** `work`, begun now. Throws `TookTooLong`. */
  timed<T>(work: () => T): T;
  /** Counts what was done besides: milliseconds. */
  add(ms: number): void;
  /** What was done since it was begun, by what was gone through: milliseconds. However long a machine that is busy took for it, it is the same. */
  worked(): number;
  /** Throws `TookTooLong` where the time is over. */
  look(): void;
  /**
   * A condition, always true, that looks at the clock now and then: `column` is one of the rows that are gone through. Of rows that may be ticks it is an
   * expression that says so, and the clock is looked at with each.
   */
  inTime(column: string, isTick?: string): string;
};

/**
 * Milliseconds that one search may take; without them it takes what it takes. There is no way into a statement from another thread: so rows ask by
 * themselves, through a function of the database's. Inside of the full-text index none would come while it finds nothing: see `TICK`, and `cost.ts`.
 */
export function clockOf(db: DatabaseSyncInstance, ms = Number.POSITIVE_INFINITY): Clock {
  let until = Number.POSITIVE_INFINITY;
  let worked = 0;
  const look = (): void => {
    if (performance.now() > until) throw tooLong();
  };
  const tooLong = () => new TookTooLong(`a search took longer than ${ms} ms`);
  db.function("in_time", (isTick: unknown) => {
    worked += isTick ? TICK_MS : ROWS * ROW_MS;
    look();
    return 1;
  });
  return {
    timed: (work) => {
      until = performance.now() + ms;
      worked = 0;
      try {
        return work();
      } catch (error) {
        // What a function of the database throws comes out of the statement as another error.
        throw performance.now() > until ? tooLong() : error;
      } finally {
        until = Number.POSITIVE_INFINITY;
      }
    },
    add: (more) => void (worked += more),
    worked: () => worked,
    look,
    inTime: (column, isTick = `(${column} is null)`) => `((not ${isTick} and random() % ${ROWS} <> 0) or in_time(${isTick}))`,
  };
}
