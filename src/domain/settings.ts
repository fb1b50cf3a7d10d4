import { checked } from "./checked.ts";
import type { Decider } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";

/** Undefined: never set. */
export type State = { fanoutLimit: number | undefined };
export type Command = { type: "SetFanoutLimit"; limit: number };
export type Event = AnyEvent<"FanoutLimitSet">;

/** What shapes rows is in the log, so that a replay makes the same rows. */
export const decider: Decider<State, Command, Event> = {
  initial: { fanoutLimit: undefined },
  evolve: (state, event) => (event.type === "FanoutLimitSet" ? { fanoutLimit: event.data.limit } : state),
  decide: (state, { limit }) => (limit === state.fanoutLimit ? [] : [checked("FanoutLimitSet", { limit })]),
};
