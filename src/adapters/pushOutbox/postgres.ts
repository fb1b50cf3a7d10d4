import { addressOf } from "../viewStore/postgres/address.ts";
import { asFault } from "../viewStore/postgres/faults.ts";
import { openSession, type Session } from "../viewStore/postgres/sessions.ts";
import type { Open } from "../../ports/awaitable.ts";
import { OutboxLost, type PushOutbox } from "../../ports/pushOutbox.ts";
import { Unavailable } from "../../ports/faults.ts";
import { type Ask, outboxIn, tablesIn } from "./outbox.ts";

/** Two numbers for a lock: who makes the tables does so alone. */
const MAKING = "SELECT pg_advisory_xact_lock(1936026739, 1869375862)";

/**
 * An outbox in a schema of PostgreSQL, over a connection of its own. All processes ask the same one. The schema must be there. It
 * connects when it is asked, and again after the connection was lost.
 */
export function postgresOutbox(url: string, schema: string): Open<PushOutbox> {
  const address = addressOf(url);
  const prefix = `"${schema}".`;
  let session: Session | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const connected = async (): Promise<Session> => {
    if (session !== undefined && !session.isOver()) return session;
    const opened = await openSession(address);
    try {
      await opened.run(`BEGIN; ${MAKING}; ${tablesIn(prefix)}; COMMIT`);
    } catch (error) {
      await opened.close();
      throw error;
    }
    session = opened;
    return opened;
  };

  const transaction = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    if (isClosed) throw new Unavailable("the outbox of pushes is closed");
    let at: Session | undefined;
    try {
      const own = await connected();
      at = own;
      await own.run("BEGIN");
      const result = await work(async (statement, values) => (await own.ask(statement, values)).rows);
      await own.run("COMMIT");
      return result;
    } catch (error) {
      if (error instanceof OutboxLost) {
        await at?.run("ROLLBACK").catch(() => undefined);
        throw error;
      }
      // Whether it was stored is not known: it is read again with the next connection.
      session = undefined;
      await at?.close();
      throw asFault(error, "unknown");
    }
  };

  return {
    ...outboxIn({
      prefix,
      now: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
      within: (work) => {
        const result = last.then(() => transaction(work));
        last = result.catch(() => {});
        return result;
      },
    }),
    close: async () => {
      await last;
      isClosed = true;
      await session?.close();
    },
  };
}
