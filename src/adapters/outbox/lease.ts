import type { Ask, Database } from "./database.ts";

export type LeaseOptions = {
  /** Stands before the names of statements. */
  name: string;
  /** Its table: with the columns of `LEASE`, and others that may be null. It has one row. */
  table: string;
  ms: number;
  /** What is thrown where another process has it. */
  lost: () => Error;
};

/** The columns of a lease's table. */
export const LEASE = "id int PRIMARY KEY, holder text, fence bigint NOT NULL, expires bigint NOT NULL";

export type Lease = {
  /** Takes it, or keeps it. False: another process has it. Else what `found` reads in the same moment. */
  take<T>(holder: string, found: (ask: Ask) => Promise<T>): Promise<T | false>;
  /** Does something as whoever has it, and keeps it. Rejects with `lost`, and does nothing, if it was lost meanwhile. */
  asHolder<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
  /** Lets others have it. */
  release(): Promise<void>;
};

/**
 * The right to use an outbox: one process has it at a time, until it lets go or has done nothing for `ms`, by the clock of the
 * database. Each taking has a number of its own, by which everything that is done proves that nobody took it since.
 */
export function leaseIn({ prefix, now, within }: Database, { name, table, ms, lost }: LeaseOptions): Lease {
  const state = `${prefix}${table}`;
  const until = `${now} + ${ms}`;
  const take = {
    name: `${name}-take`,
    text: `INSERT INTO ${state} AS s (id, holder, fence, expires) VALUES (1, $1, 1, ${until})
      ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, expires = excluded.expires,
        fence = CASE WHEN s.holder = excluded.holder THEN s.fence ELSE s.fence + 1 END
      WHERE s.holder IS NULL OR s.holder = excluded.holder OR s.expires < ${now} RETURNING fence`,
  };
  const mine = {
    name: `${name}-mine`,
    text: `UPDATE ${state} SET expires = ${until} WHERE id = 1 AND holder = $1 AND fence = $2 RETURNING id`,
  };
  const release = { name: `${name}-release`, text: `UPDATE ${state} SET holder = NULL WHERE id = 1` };
  let held: { holder: string; fence: number } | undefined;

  const asHolder = <T>(work: (ask: Ask) => Promise<T>): Promise<T> =>
    within(async (ask) => {
      const [isMine] = held === undefined ? [] : await ask(mine, [held.holder, held.fence]);
      if (isMine) return work(ask);
      held = undefined;
      throw lost();
    });

  return {
    take: (holder, found) =>
      within(async (ask) => {
        const [taken] = await ask(take, [holder]);
        held = taken ? { holder, fence: Number(taken[0]) } : undefined;
        return taken ? found(ask) : false;
      }),
    asHolder,
    release: async () => {
      if (held === undefined) return;
      try {
        await asHolder(async (ask) => void (await ask(release, [])));
      } catch (error) {
        // Another process has it already.
        if (held !== undefined) throw error;
      }
      held = undefined;
    },
  };
}
