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
 * A server or a disk behind a port cannot be used now. Clients may see the message; what only operators should read is in the
 * cause. `outcome` says what became of the call: `nothing` was stored, or it is `unknown` and the very same call must be made
 * again.
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
 * What the log returns at a position is not what was stored there. Nothing from there on can be trusted: whoever reads stops, and
 * tries again in case somebody repairs it. The cause says where it is, for operators.
 */
export class Damaged extends Unavailable {
  readonly position: Position;
  constructor(position: Position, what: string) {
    super("the log holds a damaged event", "nothing", { cause: new Error(what) });
    this.position = position;
  }
}

/**
 * What somebody may do or see there cannot be told now: an event that may take a right away is parked. Or it cannot be told
 * whether they have done it already: then the outcome is `unknown`. It concerns one key alone, and nothing is away.
 */
export class Withheld extends Unavailable {
  constructor(
    outcome: Unavailable["outcome"] = "nothing",
    message = "what may be done and seen there cannot be told until a fault is mended",
  ) {
    super(message, outcome);
  }
}

/** What would be read is not complete yet: it is built from the log, by itself. Nothing is away. The message is for operators. */
export class NotBuilt extends Unavailable {}

/** What a search index keeps cannot be read any more: it must be set aside and built anew from the log. */
export class DamagedIndex extends Unavailable {}

/**
 * A question was given up because it took more time than a question may. Nothing is wrong with whoever answers, and it would take
 * as long again.
 */
export class TookTooLong extends Error {
  override readonly name = "TookTooLong";
}

/**
 * An error with the errors behind it, for operators. Addresses and paths are in the errors behind; clients see only the first.
 */
export function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${explained(error.cause)}` : error.message;
}

/** The same for the server's log: what kind of error it is, and where it arose. */
export function inFull(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${own}\ncaused by ${inFull(error.cause)}` : own;
}

/** The checkpoint was not where a commit expected it: another runner is at work. The one that sees this stops. */
export class CheckpointMoved extends Error {
  override readonly name = "CheckpointMoved";
}
