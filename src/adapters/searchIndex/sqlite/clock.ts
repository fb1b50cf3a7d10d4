import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { TookTooLong } from "../../../ports/faults.ts";

/** One row in so many looks at the clock: about every 50 µs. */
const ROWS = 64;

/**
 * How much work a visited row counts, and how much the rows between two ticks count: in milliseconds of a usual, idle machine.
 */
const ROW_MS = 0.004;
const TICK_MS = 0.3;

/** Ends a database search once its time is over. */
export type Clock = {
  /** Runs `work`, and starts the time. Throws `TookTooLong`. */
  timed<T>(work: () => T): T;
  /** Adds other work, in milliseconds. */
  add(ms: number): void;
  /**
   * The work since the start, by the rows that were visited, in milliseconds. A busy machine takes longer, but the work is the
   * same.
   */
  worked(): number;
  /** Throws `TookTooLong` if the time is over. */
  look(): void;
  /** An SQL condition that is always true and sometimes looks at the clock. `column`: a column of the rows that are visited. */
  inTime(column: string): string;
  /**
   * The same where some rows are ticks, which `isTick` says. Every tick looks at the clock, and is let through no further: what
   * it would be joined with is not looked for.
   */
  inTimeWithTicks(isTick: string): string;
};

/**
 * `ms`: how long one search may take, in milliseconds. Without it, there is no limit. No other thread can interrupt a statement.
 * So the rows themselves look at the clock, through a function of the database. The full-text index gives no rows while it finds
 * nothing: for that, see `TICK` and `cost.ts`.
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
        // An error that a database function throws comes out of the statement as another error.
        throw performance.now() > until ? tooLong() : error;
      } finally {
        until = Number.POSITIVE_INFINITY;
      }
    },
    add: (more) => void (worked += more),
    worked: () => worked,
    look,
    inTime: (column) => `((${column} is not null and random() % ${ROWS} <> 0) or in_time(${column} is null))`,
    inTimeWithTicks: (isTick) => `(case when ${isTick} then in_time(1) is null else random() % ${ROWS} <> 0 or in_time(0) end)`,
  };
}
