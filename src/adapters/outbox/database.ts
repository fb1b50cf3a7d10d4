import type { Open } from "../../ports/awaitable.ts";

/** A statement in the SQL that SQLite and PostgreSQL share. Values stand as $1, $2. */
export type Sql = { name: string; text: string };
export type SqlValue = string | number | null;
/** Rows as arrays. */
export type Ask = (sql: Sql, values: readonly SqlValue[]) => Promise<unknown[][]> | unknown[][];

/** What an outbox is kept in: one transaction after the other. */
export type Database = {
  /** Stands before the names of tables. */
  prefix: string;
  /** What it calls the time, in milliseconds since 1970. */
  now: string;
  /**
   * Stores what `work` writes, or nothing. What `work` itself throws is passed on; where the database is at fault, it rejects
   * with `Unavailable`.
   */
  within<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
};

export type OpenDatabase = Open<Database>;

/** Of what a database is told apart from others. */
export type Contents = {
  /** As messages call it. */
  what: string;
  /** What comes of it if somebody takes its file away while no server runs. */
  without: string;
  /** Makes the tables that are not there. `bytes` stands behind the type of texts that are compared as bytes. */
  tables(prefix: string, bytes: string): string;
};

export type Turns = {
  /** Does it once all that was given before has ended, well or not. */
  after<T>(work: () => Promise<T>): Promise<T>;
};

/** One thing after the other. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    after: (work) => {
      const result = last.then(work);
      last = result.catch(() => {});
      return result;
    },
  };
}
