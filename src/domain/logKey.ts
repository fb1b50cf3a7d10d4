import { checked } from "./checked.ts";
import type { Decider } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";

/** Undefined: there is none yet. */
export type State = { key: string | undefined };
export type Command = { type: "Make"; key: string };
export type Event = AnyEvent<"LogKeyMade">;

/**
 * The secret of the log, which is made once. What is derived from it is the same on every server of the log, and nobody outside
 * can guess it.
 */
export const decider: Decider<State, Command, Event> = {
  initial: { key: undefined },
  evolve: (state, event) => (event.type === "LogKeyMade" ? { key: event.data.key } : state),
  decide: (state, { key }) => (state.key === undefined ? [checked("LogKeyMade", { key })] : []),
};
