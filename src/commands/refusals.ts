import { Refusal } from "../domain/refusal.ts";
import type { Unavailable } from "../ports/faults.ts";

/**
 * The refusal for a log or a view store that is away. The reason could tell about the machine, so only the `cause` holds it, for
 * operators.
 */
export function unavailable(error: Unavailable): Refusal {
  const advice =
    error.outcome === "nothing"
      ? "nothing was stored: send the same clientMutationId again"
      : "whether it was stored is unknown: send the same clientMutationId again";
  return new Refusal("UNAVAILABLE", `a server behind is away; ${advice}`, { retryAfterMs: 1_000, cause: error });
}
