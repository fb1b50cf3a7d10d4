import type { Open } from "../../ports/awaitable.ts";
import { Unavailable } from "../../ports/faults.ts";
import type { KeyStore } from "../../ports/keyStore.ts";
import { addressOf } from "../viewStore/postgres/address.ts";
import { asFault } from "../viewStore/postgres/faults.ts";
import { openSession, type Session } from "../viewStore/postgres/sessions.ts";
import {
  countsOf,
  isKept,
  keyOf,
  listOf,
  nameOf,
  namesOf,
  type Sql,
  type SqlValue,
  statementsIn,
  tablesIn,
} from "./statements.ts";

/** Two numbers for a lock: who makes the tables does so alone. */
const MAKING = "SELECT pg_advisory_xact_lock(1936026739, 1801812339)";

type Ask = (sql: Sql, values: readonly SqlValue[]) => Promise<unknown[][]>;

/**
 * Keys in a schema of PostgreSQL, over a connection of its own. All processes ask the same ones. The schema is one of its own,
 * beside that of the views, which may be dropped and set aside. It is made when it is needed. The store connects when it is
 * asked, and again after the connection was lost. What was destroyed is in no table any more; it is in PostgreSQL's own
 * write-ahead log until that is written over: wrapped, as everywhere. `views`: the schema of the views, in small letters,
 * digits and `_`.
 */
export function postgresKeyStore(url: string, views: string): Open<KeyStore> {
  const address = addressOf(url);
  const schema = `${views}_keys`;
  // Who may use the schema need not be allowed to make one.
  const making = `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '${schema}')
    THEN CREATE SCHEMA "${schema}"; END IF; END $$`;
  const prefix = `"${schema}".`;
  const sql = statementsIn(prefix, (parameter) => `SELECT json_array_elements_text(CAST(${parameter} AS json))`);
  let session: Session | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const connected = async (): Promise<Session> => {
    if (session !== undefined && !session.isOver()) return session;
    const opened = await openSession(address);
    try {
      await opened.run(`BEGIN; ${MAKING}; ${making}; ${tablesIn(prefix, `COLLATE "C"`)}; COMMIT`);
    } catch (error) {
      await opened.close();
      throw error;
    }
    session = opened;
    return opened;
  };

  const working = async <T>(work: (own: Session) => Promise<T>): Promise<T> => {
    if (isClosed) throw new Unavailable("the store of keys is closed");
    let own: Session | undefined;
    try {
      own = await connected();
      return await work(own);
    } catch (error) {
      // What became of it is not known: the next one has another connection.
      session = undefined;
      await own?.close();
      throw asFault(error);
    }
  };

  /** One after the other: a connection does one thing at a time. */
  const inTurn = <T>(work: (own: Session) => Promise<T>): Promise<T> => {
    const result = last.then(() => working(work));
    last = result.catch(() => {});
    return result;
  };

  const asking =
    (own: Session): Ask =>
    async (statement, values) =>
      (await own.ask(statement, values)).rows;

  const asked = (statement: Sql, values: readonly SqlValue[]): Promise<unknown[][]> =>
    inTurn((own) => asking(own)(statement, values));

  const within = <T>(work: (ask: Ask) => Promise<T>): Promise<T> =>
    inTurn(async (own) => {
      await own.run("BEGIN");
      const result = await work(asking(own));
      await own.run("COMMIT");
      return result;
    });

  return {
    find: async (ids) => (await asked(sql.find, [listOf(ids)])).map(keyOf),
    current: async (names) => (await asked(sql.current, [listOf(names.map(nameOf))])).map(keyOf).filter(isKept),
    add: (keys) =>
      inTurn(async (own) => {
        const ask = asking(own);
        await own.run("BEGIN");
        // In one order, so that two who add the same do not wait for each other.
        for (const key of [...keys].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)))
          await ask(sql.add, [key.id, nameOf(key), key.master, key.wrapped]);
        await own.run("COMMIT");
        return (await ask(sql.current, [listOf(keys.map(nameOf))])).map(keyOf).filter(isKept);
      }),
    destroy: async ({ owner, month }) => {
      const count = await within(async (ask) => {
        await ask(sql.destroyed, []);
        return (await ask(sql.destroy, namesOf(owner, month))).length;
      });
      // The rows as they were before are on their pages until then.
      await inTurn((own) => own.run(`VACUUM ${prefix}keys`));
      return count;
    },
    destructions: async () => Number((await asked(sql.destructions, []))[0]?.[0]),
    notWrappedBy: async (master, limit) => (await asked(sql.others, [master, limit])).map(keyOf).filter(isKept),
    rewrap: (keys) =>
      within(async (ask) => {
        for (const { id, master, wrapped } of keys) await ask(sql.rewrap, [id, master, wrapped]);
      }),
    counts: async () => countsOf((await asked(sql.counts, []))[0] ?? []),
    close: async () => {
      await last;
      isClosed = true;
      await session?.close();
    },
  };
}
