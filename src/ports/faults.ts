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
 * A server or a disk behind a port cannot be used now. `outcome` says what became of the call: `nothing` was stored, or it is
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

/** The checkpoint was not where a commit expected it: another runner is at work. The one that sees this stops. */
export class CheckpointMoved extends Error {
  override readonly name = "CheckpointMoved";
}
