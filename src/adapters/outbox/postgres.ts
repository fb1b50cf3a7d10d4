import { Unavailable } from "../../ports/faults.ts";
import { addressOf } from "../viewStore/postgres/address.ts";
import { asFault } from "../viewStore/postgres/faults.ts";
import { openSession, type Session } from "../viewStore/postgres/sessions.ts";
import { type Ask, type Contents, createTurns, type OpenDatabase } from "./database.ts";

/** Two numbers for a lock: who makes the tables does so alone. */
const MAKING = "SELECT pg_advisory_xact_lock(1936026739, 1869375862)";

/**
 * An outbox in a schema of PostgreSQL, over a connection of its own. All processes ask the same one. The schema must be there. It
 * connects when it is asked, and again after the connection was lost.
 */
export function postgresDatabase(url: string, schema: string, { what, tables }: Contents): OpenDatabase {
  const address = addressOf(url);
  const prefix = `"${schema}".`;
  const turns = createTurns();
  let session: Session | undefined;
  let isClosed = false;

  const connected = async (): Promise<Session> => {
    if (session !== undefined && !session.isOver()) return session;
    const made = await openSession(address);
    try {
      await made.run(`BEGIN; ${MAKING}; ${tables(prefix, `COLLATE "C"`)}; COMMIT`);
    } catch (error) {
      await made.close();
      throw error;
    }
    session = made;
    return made;
  };

  const transaction = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    if (isClosed) throw new Unavailable(`${what} is closed`);
    let own: Session | undefined;
    let isWorking = false;
    let isCommitting = false;
    try {
      const asked = (own = await connected());
      await asked.run("BEGIN");
      isWorking = true;
      const result = await work(async (statement, values) => {
        isWorking = false;
        const { rows } = await asked.ask(statement, values);
        isWorking = true;
        return rows;
      });
      isWorking = false;
      isCommitting = true;
      await asked.run("COMMIT");
      return result;
    } catch (error) {
      if (own !== undefined && isWorking && (await hasRolledBack(own))) throw error;
      session = undefined;
      await own?.close();
      if (isWorking) throw error;
      // Whether it was stored while it was being committed is not known: it is read again with the next connection.
      throw asFault(error, isCommitting ? "unknown" : "nothing");
    }
  };

  return {
    prefix,
    now: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
    within: (work) => turns.after(() => transaction(work)),
    close: () =>
      turns.after(async () => {
        const last = session;
        session = undefined;
        isClosed = true;
        await last?.close();
      }),
  };
}

const hasRolledBack = (session: Session): Promise<boolean> =>
  session.run("ROLLBACK").then(
    () => true,
    () => false,
  );
