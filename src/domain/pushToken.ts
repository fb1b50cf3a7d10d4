import type { Decider } from "./decider.ts";
import { unreachable } from "./decider.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";

/** The device that a token belongs to. `null`: to none, since its service calls it dead. Undefined: nobody claimed it. */
export type State = { userId: string; deviceId: string } | null | undefined;

export type Command =
  | ({ type: "Claim" } & EventData<"PushTokenClaimed">)
  /** Its service calls it dead. What another device has meanwhile stays. */
  | ({ type: "Release" } & EventData<"PushTokenReleased">);

export type Event = AnyEvent<"PushTokenClaimed" | "PushTokenReleased">;

/** A token belongs to one device at a time: to the one that was added with it last. */
export const decider: Decider<State, Command, Event> = {
  initial: undefined,

  evolve(state, event) {
    switch (event.type) {
      case "PushTokenClaimed":
        return { userId: event.data.userId, deviceId: event.data.deviceId };
      case "PushTokenReleased":
        return null;
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, { type, ...data }) {
    const isTheirs = state?.userId === data.userId && state.deviceId === data.deviceId;
    if (type === "Claim") return isTheirs ? [] : [{ type: "PushTokenClaimed", data }];
    // Tokens from before there were claims belong to whoever was added with them.
    return isTheirs || state === undefined ? [{ type: "PushTokenReleased", data }] : [];
  },
};
