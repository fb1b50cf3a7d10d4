import { Refusal } from "../domain/refusal.ts";
import { type Unavailable, Withheld } from "../ports/faults.ts";

/** When a client tries again what waits for somebody to mend a fault, in milliseconds. */
const WITHHELD_MS = 5_000;

/**
 * The refusal for a log or a view store that is away. The reason could tell about the machine, so only the `cause` holds it, for
 * operators.
 */
export function unavailable(error: Unavailable): Refusal {
  if (error instanceof Withheld)
    return new Refusal("UNAVAILABLE", `${error.message}: nothing was stored, send the same clientMutationId again then`, {
      retryAfterMs: WITHHELD_MS,
      cause: error,
    });
  const advice =
    error.outcome === "nothing"
      ? "nothing was stored: send the same clientMutationId again"
      : "whether it was stored is unknown: send the same clientMutationId again";
  return new Refusal("UNAVAILABLE", `a server behind is away; ${advice}`, { retryAfterMs: 1_000, cause: error });
}
