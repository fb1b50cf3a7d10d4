import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { AnyOrder, OrderedPart } from "../ports/orders.ts";
import type { Order } from "./building.ts";
import type { Between } from "./signals.ts";

/** How often it is asked how another process is, in milliseconds. */
const ASK_MS = 1_000;

/** A part that another process keeps. `S`: what that says of its state. */
export type Elsewhere<S> = { [Name in Order]: (projection: string, conversation?: string) => Promise<void> } & {
  /** What it said a moment ago. Undefined: nothing. */
  state(): S | undefined;
  retryParked(projection: string, cursor?: Position): Promise<boolean>;
  close(): void;
};

/** Whose orders a part takes, by the setting that makes such a process. */
const ROLE_OF: Record<OrderedPart, string> = { views: "projector", search: "indexer" };

/**
 * Asks the processes that keep a part how it is, and gives one of them what operators order here. `merged`: one state of those of
 * all. `changed`: it is another one.
 */
export function keptElsewhere<S>(
  of: OrderedPart,
  { orders }: Pick<Between, "orders">,
  merged: (said: readonly [S, ...S[]]) => S,
  changed: () => void,
): Elsewhere<S> {
  let said: S | undefined;
  let text = "";
  const takeIn = (now: readonly unknown[]): void => {
    const [first, ...others] = now as S[];
    said = first === undefined ? undefined : merged([first, ...others]);
    const next = JSON.stringify(said ?? null);
    if (next === text) return;
    text = next;
    changed();
  };
  const ask = (): void =>
    void orders
      .states(of)
      .then(takeIn)
      // Redis is away, or one of another version says what cannot be read here: what they said before may not be so any more.
      .catch(() => takeIn([]));
  const asking = setInterval(ask, ASK_MS).unref();

  const give = async (order: AnyOrder): Promise<{ isThere?: boolean }> => {
    const outcome = await orders.give(of, order).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) throw error;
      throw new Refusal("UNAVAILABLE", `what the ${ROLE_OF[of]} does is asked for through Redis, which is away: try again`, {
        retryAfterMs: 1_000,
        cause: error,
      });
    });
    if (outcome === undefined)
      throw new Refusal("UNAVAILABLE", `no process with ROLE=${ROLE_OF[of]} answers: start one, or try again`, {
        retryAfterMs: 1_000,
      });
    if ("fault" in outcome) throw new Refusal("CONFLICT", outcome.fault);
    // What was ordered has begun. Whoever asks how it is must not see how it was before.
    takeIn([outcome.state]);
    return outcome;
  };
  const order =
    (what: Order) =>
    async (projection: string, conversation?: string): Promise<void> =>
      void (await give({ what, projection, ...(conversation === undefined ? {} : { conversation }) }));

  return {
    replay: order("replay"),
    cancelReplay: order("cancelReplay"),
    verify: order("verify"),
    retryParked: async (projection, cursor) =>
      (await give({ what: "retryParked", projection, ...(cursor === undefined ? {} : { cursor }) })).isThere ?? true,
    state: () => said,
    close: () => clearInterval(asking),
  };
}
