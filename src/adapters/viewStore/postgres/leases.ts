import { setTimeout as delay } from "node:timers/promises";
import type { Open } from "../../../ports/awaitable.ts";
import { Unavailable } from "../../../ports/faults.ts";
import { type Beat, type Lease, LEASE_MS, type Leases } from "../../../ports/leases.ts";
import { oneByOne } from "../rows.ts";
import type { Address } from "./address.ts";
import { asFault } from "./faults.ts";
import { lockOf } from "./hold.ts";
import { openSession, type Session } from "./sessions.ts";
import { numberArray, textArray } from "./textArray.ts";

/*
 * All times are of the server's clock, read anew in each statement. No statement touches more than a few rows, and none waits for
 * another one, but for a commit of the very lease that it changes.
 */

/** How long the server may take to answer, in milliseconds. After that nobody knows whether a lease is still good. */
const ANSWER_MS = LEASE_MS;

/**
 * Who competes for slices holds an advisory lock in the name of its holder, over the connection by which it shows that it is
 * there. The server ends it with the connection, so the end of a process is seen long before its leases are over. Who has neither
 * the lock nor shown for so long that it is there, in milliseconds, is gone. Who lost nothing but its connection has another one
 * by then. Just after the server's start nobody has one.
 */
const GONE_MS = 1_000;

function statementsIn(schema: string) {
  const [leases, holders] = [`"${schema}".leases`, `"${schema}".holders`];
  const until = `clock_timestamp() + ${LEASE_MS} * interval '1 millisecond'`;
  const lock = `'${lockOf("holders", schema)[0]}'::int`;
  const mine = "holder = $1 AND (slice, fence) IN (SELECT * FROM unnest($2::int[], $3::bigint[]))";
  // In their order, as a commit finds those of several slices: else the two could wait for each other.
  const locked = (which: string): string =>
    `FROM (SELECT slice FROM ${leases} WHERE ${which} ORDER BY slice FOR UPDATE) AS own WHERE l.slice = own.slice`;
  return {
    join: {
      name: "join",
      text: `INSERT INTO ${holders} (holder, joined, expires) VALUES ($1, clock_timestamp(), ${until})
        ON CONFLICT (holder) DO UPDATE SET expires = ${until}`,
    },
    appear: { name: "appear", text: `SELECT pg_advisory_lock_shared(${lock}, hashtext($1))` },
    /** Who is there no longer. */
    bury: {
      name: "bury",
      text: `DELETE FROM ${holders} WHERE expires < clock_timestamp() OR (
          expires < clock_timestamp() + ${LEASE_MS - GONE_MS} * interval '1 millisecond'
          AND pg_postmaster_start_time() < clock_timestamp() - ${LEASE_MS} * interval '1 millisecond'
          AND NOT EXISTS (
            SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = ${lock}::oid AND objid = hashtext(holder)::oid
          )
        ) RETURNING holder`,
    },
    /** Those of holders who are gone. */
    inherit: {
      name: "inherit",
      text: `UPDATE ${leases} l SET holder = NULL ${locked("slice >= 0 AND holder = ANY ($1::text[])")}`,
    },
    renew: { name: "renew", text: `UPDATE ${leases} l SET expires = ${until} ${locked(mine)} RETURNING l.slice, l.fence` },
    /** Those who are there: who came first is the first. */
    holders: {
      name: "holders",
      text: `SELECT holder FROM ${holders} WHERE expires >= clock_timestamp() ORDER BY joined, holder`,
    },
    /** What was not let go of, and whether that is over. */
    held: { name: "held", text: `SELECT slice, expires < clock_timestamp() FROM ${leases} WHERE holder IS NOT NULL` },
    take: {
      name: "take",
      text: `INSERT INTO ${leases} AS l (slice, holder, fence, expires) VALUES ($2, $1, 1, ${until})
        ON CONFLICT (slice) DO UPDATE SET holder = excluded.holder, fence = l.fence + 1, expires = ${until}
        WHERE l.holder IS NULL OR l.expires < clock_timestamp() RETURNING fence`,
    },
    release: { name: "release", text: `UPDATE ${leases} l SET holder = NULL ${locked(mine)}` },
    releaseAll: { name: "releaseAll", text: `UPDATE ${leases} l SET holder = NULL ${locked("holder = $1")}` },
    leave: { name: "leave", text: `DELETE FROM ${holders} WHERE holder = $1` },
  };
}

/**
 * Finds leases within a commit, in the order of their slices: whoever wants to take one of them waits until that has ended.
 * Slices, fences.
 */
export const fenceIn = (schema: string) => ({
  name: "fence",
  text: `SELECT slice FROM "${schema}".leases WHERE (slice, fence) IN (SELECT * FROM unnest($1::int[], $2::bigint[]))
    ORDER BY slice FOR SHARE`,
});

/** How many slices are the part of the one in this place, so that all together have all of them. */
export const shareOf = (slices: number, holders: number, place: number): number =>
  place < 0 ? 0 : Math.ceil((slices - place) / holders);

const isBeside = (slice: number): boolean => slice < 0;

/** The leases of a schema, over a connection of its own. */
export function postgresLeases(address: Address, schema: string): Open<Leases> {
  const statements = statementsIn(schema);
  const inTurn = oneByOne();
  let session: Session | undefined;
  /** The connection that has the lock of its holder. */
  let appeared: Session | undefined;
  let isClosed = false;

  const asked = <T>(work: (at: Session) => Promise<T>): Promise<T> =>
    inTurn(async () => {
      if (isClosed) throw new Unavailable("the view store is closed");
      const late = new AbortController();
      const silence = delay(ANSWER_MS, undefined, { signal: late.signal, ref: false }).then(
        (): never => {
          throw new Unavailable(`the view store's server did not answer within ${ANSWER_MS} ms`, "unknown");
        },
        () => new Promise<never>(() => {}),
      );
      const working = (async () => {
        if (session === undefined || session.isOver()) session = await openSession(address);
        return work(session);
      })();
      try {
        return await Promise.race([working, silence]);
      } catch (error) {
        // Whatever is still under way there ends with it.
        working.catch(() => undefined);
        const lost = session;
        session = undefined;
        void lost?.close();
        throw asFault(error, "unknown");
      } finally {
        late.abort();
      }
    });

  const renewed = async (at: Session, holder: string, held: readonly Lease[]): Promise<readonly Lease[]> => {
    if (held.length === 0) return [];
    const { rows } = await at.ask<[number, string]>(statements.renew, [
      holder,
      numberArray(held.map(({ slice }) => slice)),
      numberArray(held.map(({ fence }) => fence)),
    ]);
    return rows.map(([slice, fence]) => ({ slice, fence: Number(fence) }));
  };

  return {
    beat: (holder, mine, slices) =>
      asked(async (at): Promise<Beat> => {
        if (at !== appeared) await at.ask(statements.appear, [holder]);
        appeared = at;
        await at.ask(statements.join, [holder]);
        const kept = await renewed(at, holder, mine);
        const gone = (await at.ask<[string]>(statements.bury, [])).rows.map(([name]) => name);
        if (gone.length > 0) await at.ask(statements.inherit, [textArray(gone)]);
        const there = (await at.ask<[string]>(statements.holders, [])).rows.map(([name]) => name);
        const { rows: held } = await at.ask<[number, boolean]>(statements.held, []);
        const of = (over: boolean): number[] => held.filter(([, isOver]) => isOver === over).map(([slice]) => slice);
        const taken = new Set(of(false));
        return {
          kept,
          share: shareOf(slices, there.length, there.indexOf(holder)),
          free: Array.from({ length: slices }, (_, slice) => slice).filter((slice) => !taken.has(slice)),
          beside: [...taken].filter(isBeside),
          abandoned: of(true).filter(isBeside),
        };
      }),
    renew: (holder, held) => asked((at) => renewed(at, holder, held)),
    take: (holder, slice) =>
      asked(async (at) => {
        const { rows } = await at.ask<[string]>(statements.take, [holder, slice]);
        return rows[0] && { slice, fence: Number(rows[0][0]) };
      }),
    release: (holder, held) =>
      asked(async (at) => {
        if (held.length === 0) return;
        const [slices, fences] = [held.map(({ slice }) => slice), held.map(({ fence }) => fence)];
        await at.ask(statements.release, [holder, numberArray(slices), numberArray(fences)]);
      }),
    leave: (holder) =>
      asked(async (at) => {
        await at.ask(statements.releaseAll, [holder]);
        await at.ask(statements.leave, [holder]);
      }),
    close: () =>
      inTurn(async () => {
        isClosed = true;
        await session?.close();
      }),
  };
}
