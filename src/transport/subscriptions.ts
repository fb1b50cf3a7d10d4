import { Refusal } from "../domain/refusal.ts";
import type { Durations } from "../ports/durations.ts";
import type { Variables } from "./execution/givenInputs.ts";
import type { Operation } from "./execution/operations.ts";
import type { Quotas, TransportConfig } from "./limits.ts";
import { type DeliveryTimes, deliveryTimes } from "./socket/deliveryTimes.ts";
import { heldOperations } from "./socket/heldOperations.ts";

/** The variables stay in memory while a subscription runs, so their length is limited. */
const VARIABLES_CHARACTERS = 16_384;
/** The total size of the different documents of one user's subscriptions. */
const DOCUMENTS_BYTES = 33_554_432;

/** The subscriptions that run, over sockets and streams of events. */
export type Subscriptions = {
  /** Counts one more. Throws a `Refusal` if the user may not hold it. */
  enter(userId: string, operation: Operation, variables: Variables | null | undefined): void;
  leave(userId: string, operation: Operation): void;
  readonly running: number;
  readonly times: Pick<DeliveryTimes, "gathered">;
  /** How long it took from what happened to the message that tells of it. */
  readonly deliveries: Durations;
};

export function subscriptions(quotas: Quotas, config: Pick<TransportConfig, "subscriptionsPerUser">): Subscriptions {
  const held = heldOperations(DOCUMENTS_BYTES);
  const times = deliveryTimes();
  let running = 0;
  return {
    enter(userId, operation, variables) {
      if (variables && charactersOf(variables) > VARIABLES_CHARACTERS) {
        const message = `the variables of a subscription have at most ${VARIABLES_CHARACTERS} characters`;
        throw new Refusal("BAD_INPUT", message, { field: "variables" });
      }
      if (!held.enter(userId, operation))
        throw new Refusal(
          "LIMIT_EXCEEDED",
          "the documents of your subscriptions take too much memory: end some, or send the same text with other variables",
        );
      if (quotas.subscriptions.enter(userId)) return void (running += 1);
      held.leave(userId, operation);
      throw new Refusal("LIMIT_EXCEEDED", `a user holds at most ${config.subscriptionsPerUser} subscriptions: end some`);
    },
    leave(userId, operation) {
      running -= 1;
      quotas.subscriptions.leave(userId);
      held.leave(userId, operation);
    },
    get running() {
      return running;
    },
    times,
    deliveries: times.durations,
  };
}

function charactersOf(variables: object): number {
  try {
    return JSON.stringify(variables).length;
  } catch {
    // The lists are nested too deeply for `JSON.stringify`.
    return Infinity;
  }
}
