import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";

/** The server can be asked, and will not do for us what it must until somebody changes something. The message says what. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** The five characters by which PostgreSQL says what happened: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const SQL_STATE = /^[0-9A-Z]{5}$/;

/** What the server said. Undefined: the fault is one of the network, or of the driver. */
export function stateOf(error: unknown): string | undefined {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === "string" && severity !== undefined && SQL_STATE.test(code) ? code : undefined;
}

/** Whether a row can never be stored: a bug of the caller. */
const isBug = (state: string | undefined): boolean => state !== undefined && (state.startsWith("22") || state.startsWith("54"));

/** Turns an error of the driver into one of the port. The cause holds addresses and reasons, which are for operators. */
export function asFault(error: unknown, outcome: "nothing" | "unknown" = "nothing"): Error {
  if (error instanceof Unavailable || error instanceof CheckpointMoved || error instanceof TypeError) return error;
  const { message } = error as Error;
  if (isBug(stateOf(error))) return new TypeError(`PostgreSQL takes no such row: ${message}`, { cause: error });
  return new Unavailable("the view store's server cannot be used now", outcome, { cause: error });
}

/** What an operator must change, by what the server said. Classes of states by their first two characters. */
const ADVICE: Readonly<Record<string, string>> = {
  "28": "it refuses this login: give a user and a password in DATABASE_URL that it takes",
  "3D000": "it has no such database: create it, in UTF-8, or name another one",
  "42501": "the user of DATABASE_URL lacks a right there: it must be allowed to connect, and to create a schema or own it",
  "0A000": "it lacks what Tidings needs",
};

/** Faults of TLS, by what Node calls them. */
const TLS = /CERT|^ERR_(TLS|SSL)|UNABLE_TO_/;

/**
 * Tells why a server will not do what it is asked, whoever asks again. Undefined: it may do so later, for it is away, starting,
 * full, or being shut down.
 */
export function refusal(error: unknown): string | undefined {
  if (error instanceof Refused) return error.message;
  const { code, message } = error as { code?: unknown; message: string };
  const state = stateOf(error);
  const advice = state === undefined ? undefined : (ADVICE[state] ?? ADVICE[state.slice(0, 2)]);
  if (advice !== undefined) return `${advice} (${message})`;
  if (state !== undefined) return /^(08|40|53|55|57|58)/.test(state) ? undefined : message;
  if (message.startsWith("SASL:") || /password must be/.test(message))
    return `it asks for a password, and the one in DATABASE_URL is none that it takes (${message})`;
  if (message.includes("does not support SSL")) return `${message}: leave out the sslmode of DATABASE_URL, or let it speak TLS`;
  return typeof code === "string" && TLS.test(code) ? `its certificate cannot be trusted: ${message}` : undefined;
}
