import { checked } from "./checked.ts";
import type { Decider } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";

/** Undefined: never set. */
export type State = { fanoutLimit: number | undefined; slices: number | undefined; sealedBy: string | undefined };
export type Command =
  | { type: "SetFanoutLimit"; limit: number }
  | { type: "SetProjectionSlices"; slices: number }
  | { type: "BeginEncryption"; key: string };
export type Event = AnyEvent<"FanoutLimitSet" | "ProjectionSlicesSet" | "EncryptionBegan">;

/** What shapes rows is in the log, so that a replay makes the same rows; and what all servers of the log must agree on. */
export const decider: Decider<State, Command, Event> = {
  initial: { fanoutLimit: undefined, slices: undefined, sealedBy: undefined },
  evolve: (state, event) => {
    switch (event.type) {
      case "FanoutLimitSet":
        return { ...state, fanoutLimit: event.data.limit };
      case "ProjectionSlicesSet":
        return { ...state, slices: event.data.slices };
      case "EncryptionBegan":
        return { ...state, sealedBy: event.data.key };
      default:
        return state;
    }
  },
  decide: (state, command) => {
    switch (command.type) {
      case "SetFanoutLimit":
        return command.limit === state.fanoutLimit ? [] : [checked("FanoutLimitSet", { limit: command.limit })];
      case "SetProjectionSlices":
        return command.slices === state.slices ? [] : [checked("ProjectionSlicesSet", { slices: command.slices })];
      case "BeginEncryption":
        // It does not end, and whoever was first has begun it.
        return state.sealedBy === undefined ? [checked("EncryptionBegan", { key: command.key })] : [];
    }
  },
};
