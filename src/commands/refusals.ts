import { Refusal } from "../domain/refusal.ts";
import { type Unavailable, Withheld } from "../ports/faults.ts";

/** When a client tries again what waits for somebody to mend a fault, in milliseconds. */
const WITHHELD_MS = 5_000;

/**
 * The refusal for a log or a view store that is away. The reason could tell about the machine, so only the `cause` holds it, for
 * operators.
 */
export function unavailable(error: Unavailable): Refusal {
  const stored = error.outcome === "nothing" ? "nothing was stored" : "whether it was stored is unknown";
  const advice = `${stored}: send the same clientMutationId again`;
  if (error instanceof Withheld)
    return new Refusal("UNAVAILABLE", `${error.message}; ${advice} then`, { retryAfterMs: WITHHELD_MS, cause: error });
  return new Refusal("UNAVAILABLE", `a server behind is away; ${advice}`, { retryAfterMs: 1_000, cause: error });
}
