import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Client, Pool, type ClientConfig, type QueryArrayResult } from "pg";
import { Unavailable } from "../../../ports/faults.ts";
import type { Address } from "./address.ts";
import type { Statement } from "./statements.ts";

/** All in milliseconds. The server gives a statement up after the first of them; who waits for it, after the second. */
const STATEMENT_MS = 30_000;
const ANSWER_MS = 35_000;
const CONNECT_MS = 5_000;
/** A transaction that nobody goes on with for so long is ended by the server. */
const LEFT_MS = 60_000;
const IDLE_MS = 30_000;
/** How long a server is waited for that is told that a connection ends: it may be gone itself. */
const GOODBYE_MS = 1_000;
const KEEP_ALIVE_MS = 10_000;

/**
 * A plan is made once for each statement and connection, before anybody knows how many rows there will be. So it must be one that
 * is right for any number: by the index.
 */
const PLANS = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  jit: "off",
};
/** The server notices by itself that nobody is there any more. */
const ALIVE = { tcp_keepalives_idle: "10", tcp_keepalives_interval: "5", tcp_keepalives_count: "3" };

const optionsOf = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");

const configOf = ({ config }: Address, name: string): ClientConfig => ({
  ...config,
  application_name: name,
  options: optionsOf({ ...PLANS, ...ALIVE }),
  connectionTimeoutMillis: CONNECT_MS,
  statement_timeout: STATEMENT_MS,
  query_timeout: ANSWER_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
});

/** A name by which one connection is known to the server. */
export const newName = (): string => `tidings ${randomBytes(8).toString("hex")}`;

/** Values of a statement: texts, numbers, and buffers, which are sent as binary. */
export type Values = readonly (string | number | Buffer | null)[];

export type Asks = {
  /** Runs a statement, prepared by its name. Rejects as the driver does. */
  ask<R extends unknown[]>(statement: Statement, values: Values): Promise<QueryArrayResult<R>>;
};

/** A connection of its own, for one user at a time. */
export type Session = Asks & {
  /** By this the server knows it. */
  name: string;
  /** Runs a text without values. */
  run(text: string): Promise<void>;
  /** Whether it was lost, or closed. */
  isOver(): boolean;
  /** Resolves once the server was told, or is not there. */
  close(): Promise<void>;
};

/**
 * `patient`: it may rest within a transaction, and wait long for a statement. `leftMs`: the server ends a transaction that nobody
 * goes on with for so long. `pipelined`: what is asked leaves at once, and not only when what was asked before is answered.
 */
export type SessionOptions = { patient?: boolean; leftMs?: number; pipelined?: boolean };

export async function openSession(
  address: Address,
  { patient = false, leftMs = LEFT_MS, pipelined = false }: SessionOptions = {},
): Promise<Session> {
  const name = newName();
  const config = { ...configOf(address, name), pipeline: pipelined };
  const client = new Client(
    patient ? config : { ...config, idle_in_transaction_session_timeout: leftMs, lock_timeout: STATEMENT_MS },
  );
  let over = false;
  // Whoever uses it is told by the statement that fails.
  client.on("error", () => (over = true));
  client.on("end", () => (over = true));
  await client.connect();
  return {
    name,
    ask: ({ name: statement, text }, values) =>
      client.query({ name: statement, text, values: values as unknown[], rowMode: "array" }),
    run: async (text) => {
      await client.query(text);
    },
    isOver: () => over,
    close: () => {
      over = true;
      return saidGoodbye(client);
    },
  };
}

/** Connections for whoever reads, at most so many. Who comes when all are busy waits for a while, then is `Unavailable`. */
export type Readers = Asks & { close(): Promise<void> };

export function openReaders(address: Address, most: number): Readers {
  const pool = new Pool({ ...configOf(address, "tidings"), max: most, idleTimeoutMillis: IDLE_MS, allowExitOnIdle: true });
  // One that was idle and is lost: the next reader gets another one.
  pool.on("error", () => undefined);
  let closing: Promise<void> | undefined;
  return {
    ask: ({ name, text }, values) =>
      closing
        ? Promise.reject(new Unavailable("the view store is closed"))
        : pool.query({ name, text, values: values as unknown[], rowMode: "array" }),
    close: () => (closing ??= saidGoodbye(pool)),
  };
}

async function saidGoodbye(to: { end(): Promise<void> }): Promise<void> {
  const late = new AbortController();
  const enough = delay(GOODBYE_MS, undefined, { signal: late.signal, ref: false }).catch(() => undefined);
  await Promise.race([to.end().catch(() => undefined), enough]);
  late.abort();
}
