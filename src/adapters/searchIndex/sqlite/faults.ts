import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";

const faults = { CheckpointMoved, Unavailable, TypeError };

/** An error of the index as it goes from thread to thread. */
export type Fault = { fault: keyof typeof faults; message: string };

/** What the port says of an error: SQLite's are `Unavailable`, the caller's own mistakes a `TypeError`. */
export function faultOf(error: unknown): Fault {
  const isOurs = error instanceof TypeError || error instanceof RangeError;
  const fault = error instanceof CheckpointMoved ? "CheckpointMoved" : isOurs ? "TypeError" : "Unavailable";
  return { fault, message: describe(error) };
}

export const errorOf = ({ fault, message }: Fault): Error => new faults[fault](message);

/** An error's text with SQLite's code. */
export function describe(error: unknown): string {
  const { message, errcode } = error as { message?: string; errcode?: number };
  return `${message ?? String(error)}${errcode === undefined ? "" : ` (SQLite ${errcode})`}`;
}
