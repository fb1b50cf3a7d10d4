import { CheckpointMoved, explained, TookTooLong, Unavailable } from "../../../ports/faults.ts";

/** An error of the index as it goes from thread to thread. `cause` is for operators. */
export type Fault = { fault: "CheckpointMoved" | "TookTooLong" | "Unavailable" | "TypeError"; message: string; cause?: string };

/** What the port says of an error: SQLite's are `Unavailable`, the caller's own mistakes a `TypeError`. */
export function faultOf(error: unknown): Fault {
  if (error instanceof CheckpointMoved) return { fault: "CheckpointMoved", message: error.message };
  if (error instanceof TookTooLong) return { fault: "TookTooLong", message: error.message };
  if (error instanceof TypeError || error instanceof RangeError) return { fault: "TypeError", message: error.message };
  if (!(error instanceof Unavailable))
    return { fault: "Unavailable", message: "the search index cannot be used now", cause: describe(error) };
  return { fault: "Unavailable", message: error.message, ...(error.cause !== undefined && { cause: explained(error.cause) }) };
}

export function errorOf({ fault, message, cause }: Fault): Error {
  if (fault === "CheckpointMoved") return new CheckpointMoved(message);
  if (fault === "TookTooLong") return new TookTooLong(message);
  if (fault === "TypeError") return new TypeError(message);
  return new Unavailable(message, "nothing", cause === undefined ? {} : { cause: new Error(cause) });
}

/** An error's text with SQLite's code. */
export function describe(error: unknown): string {
  const { message, errcode } = error as { message?: string; errcode?: number };
  return `${message ?? String(error)}${errcode === undefined ? "" : ` (SQLite ${errcode})`}`;
}
