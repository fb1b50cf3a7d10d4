import type { Position } from "./eventStore.ts";

/** A stream was not at the revision that an append expected: someone was faster. Read on and decide again. */
export class WrongExpectedRevision extends Error {
  override readonly name = "WrongExpectedRevision";
  readonly stream: string;
  readonly expected: number;
  /** The revision of the stream's last event, -1 for none. */
  readonly actual: number;
  constructor(stream: string, expected: number, actual: number) {
    super(`stream ${stream} is at revision ${actual}, not ${expected}`);
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
  }
}

/**
 * A server or a disk behind a port cannot be used now. The message may reach clients; what only operators should read is in the cause. `outcome` says what became of the call: `nothing` was stored, or it is
 * `unknown` and the very same call is to be made again.
 */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  readonly outcome: "nothing" | "unknown";
  constructor(message: string, outcome: "nothing" | "unknown" = "nothing", options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
  }
}

/**
 * What the log gives back at a position is not what was put there. Nothing that is read from there on is to be trusted: who reads stops, and tries again in
 * case somebody mends it. Where it is stands in the cause, for operators.
 */
export class Damaged extends Unavailable {
  readonly position: Position;
  constructor(position: Position, what: string) {
    super("the log holds a damaged event", "nothing", { cause: new Error(what) });
    this.position = position;
  }
}

/** What a search index keeps cannot be read any more: it is to be set aside and built anew from the log. */
export class DamagedIndex extends Unavailable {}

/** A question was given up since it took more time than one may: nothing is wrong with who answers, and asked again it takes as long. */
export class TookTooLong extends Error {
  override readonly name = "TookTooLong";
}

/** An error with the errors behind it, for operators. Addresses and paths are in those behind: clients are told the first alone. */
export function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${explained(error.cause)}` : error.message;
}

/** The checkpoint was not where a commit expected it: another runner is at work. The one that sees this stops. */
export class CheckpointMoved extends Error {
  override readonly name = "CheckpointMoved";
}
