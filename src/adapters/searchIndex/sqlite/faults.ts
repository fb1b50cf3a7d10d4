import { CheckpointMoved, DamagedIndex, explained, TookTooLong, Unavailable } from "../../../ports/faults.ts";

/** An error of the index, in a form that can pass between threads. `cause` is for operators. */
export type Fault = {
  fault: "CheckpointMoved" | "TookTooLong" | "DamagedIndex" | "Unavailable" | "TypeError";
  message: string;
  cause?: string;
};

/** Turns an error into one of the port: `Unavailable` for errors of SQLite, `TypeError` for mistakes of the caller. */
export function faultOf(error: unknown): Fault {
  if (error instanceof CheckpointMoved) return { fault: "CheckpointMoved", message: error.message };
  if (error instanceof TookTooLong) return { fault: "TookTooLong", message: error.message };
  if (error instanceof TypeError || error instanceof RangeError) return { fault: "TypeError", message: error.message };
  if (isDamage(error)) return { fault: "DamagedIndex", message: "the search index is damaged", cause: causeOf(error) };
  if (!(error instanceof Unavailable))
    return { fault: "Unavailable", message: "the search index cannot be used now", cause: describe(error) };
  return { fault: "Unavailable", message: error.message, ...(error.cause !== undefined && { cause: explained(error.cause) }) };
}

export function errorOf({ fault, message, cause }: Fault): Error {
  if (fault === "CheckpointMoved") return new CheckpointMoved(message);
  if (fault === "TookTooLong") return new TookTooLong(message);
  if (fault === "TypeError") return new TypeError(message);
  const options = cause === undefined ? {} : { cause: new Error(cause) };
  return fault === "DamagedIndex" ? new DamagedIndex(message, "nothing", options) : new Unavailable(message, "nothing", options);
}

const [SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_NOTADB] = [1, 11, 26];

/** Whether the file is damaged: it is no database, one of its pages is wrong, or a table has disappeared. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedIndex) return true;
  const { errcode, message = "" } = error as { errcode?: number; message?: string };
  // The lowest byte is the code. The other bytes give details.
  const code = errcode === undefined ? undefined : errcode & 0xff;
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return true;
  return code === SQLITE_ERROR && /no such (table|column)|malformed|vtable constructor failed/.test(message);
}

const causeOf = (error: unknown): string =>
  error instanceof DamagedIndex && error.cause !== undefined ? explained(error.cause) : describe(error);

/** An error's text with SQLite's code. */
export function describe(error: unknown): string {
  const { message, errcode } = error as { message?: string; errcode?: number };
  return `${message ?? String(error)}${errcode === undefined ? "" : ` (SQLite ${errcode})`}`;
}
