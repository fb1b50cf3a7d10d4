import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { backOff } from "../../../ports/backoff.ts";
import { Unavailable } from "../../../ports/faults.ts";
import type { Address } from "./address.ts";
import { asFault, Refused } from "./faults.ts";
import { openSession, type Session } from "./sessions.ts";
import type { Statement } from "./statements.ts";

/** How often the lock of a process that just ended is looked at, in milliseconds. */
const LOOK_MS = 100;
/**
 * How often it is made sure that the lock is still there, and how long that may take, in milliseconds. A server that does not
 * reach us gives the lock to others only later: see `ALIVE`.
 */
const CHECK_MS = 5_000;
const ANSWER_MS = 10_000;

/** Two numbers that stand for what is locked, for PostgreSQL's advisory locks. */
export function lockOf(what: string, schema: string): [number, number] {
  const digest = createHash("sha256").update(`tidings ${what} ${schema}`).digest();
  return [digest.readInt32BE(0), digest.readInt32BE(4)];
}

/** That one process at a time uses the tables of a schema, or that processes which share them do. */
export type Hold = {
  /** Whether this process has it now, as far as it knows. */
  isHeld(): boolean;
  /** Why it is not held. */
  trouble(): string | undefined;
  close(): Promise<void>;
};

/** `shared`: with others that share it. One that does not, and those that do, keep each other out. */
export type Wanted = { shared: boolean };

/**
 * Takes the lock of a schema, and takes it again whenever its connection was lost. `waitMs`: how long the lock of a process that
 * just ended is waited for. `regained`: called when it is held again, before it counts as held. Rejects with `Refused` if another
 * process has it, otherwise as the driver does.
 */
export async function holdSchema(
  address: Address,
  schema: string,
  wanted: Wanted,
  waitMs: number,
  regained: () => void,
): Promise<Hold> {
  const stop = new AbortController();
  const { signal } = stop;
  let trouble: string | undefined;
  let session: Session | undefined = await locked(address, schema, wanted, signal, waitMs);
  const isHeld = (): boolean => session !== undefined && !session.isOver();

  const keep = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted;) {
      try {
        if (session === undefined || session.isOver()) {
          const found = await locked(address, schema, wanted, signal, 0);
          regained();
          session = found;
          [failures, trouble] = [0, undefined];
        } else await answered(session);
        await delay(CHECK_MS, undefined, { signal, ref: false });
      } catch (error) {
        if (signal.aborted) break;
        const lost = session;
        session = undefined;
        await lost?.close();
        // `/ready` shows it to anyone: what the driver says names addresses and users.
        trouble = error instanceof Refused ? error.message : asFault(error).message;
        await backOff(failures++, signal);
      }
    }
    await session?.close();
  };
  const kept = keep();
  return {
    isHeld,
    trouble: () => (isHeld() ? undefined : (trouble ?? "its connection was lost")),
    close: () => {
      stop.abort();
      return kept;
    },
  };
}

async function answered(session: Session): Promise<void> {
  const late = new AbortController();
  const silence = delay(ANSWER_MS, "silence", { signal: late.signal, ref: false }).catch(() => undefined);
  const said = await Promise.race([session.run("SELECT 1"), silence]).finally(() => late.abort());
  if (said === "silence") throw new Unavailable(`the view store's server did not answer within ${ANSWER_MS} ms`);
}

const lockStatement = ({ shared }: Wanted): Statement =>
  shared
    ? { name: "lockShared", text: "SELECT pg_try_advisory_lock_shared($1, $2)" }
    : { name: "lock", text: "SELECT pg_try_advisory_lock($1, $2)" };

const refusedTo = ({ shared }: Wanted, schema: string): string =>
  shared
    ? `a Tidings server that shares nothing uses its schema ${schema}: end that one first, or set DATABASE_SCHEMA to another schema`
    : `another Tidings server uses its schema ${schema}: end that one first, set PROJECTION_SLICES as there if it is one of several, ` +
      "or set DATABASE_SCHEMA to another schema";

/** A session that has the lock, until it is closed. Rejects with `Refused` if others have it for so long. */
export async function locked(
  address: Address,
  schema: string,
  wanted: Wanted,
  signal: AbortSignal,
  waitMs: number,
): Promise<Session> {
  const session = await openSession(address);
  try {
    for (const until = performance.now() + waitMs; ;) {
      const { rows } = await session.ask<[boolean]>(lockStatement(wanted), lockOf("hold", schema));
      if (rows[0]?.[0] === true) return session;
      if (performance.now() >= until) throw new Refused(refusedTo(wanted, schema));
      await delay(LOOK_MS, undefined, { signal });
    }
  } catch (error) {
    await session.close();
    throw error;
  }
}
