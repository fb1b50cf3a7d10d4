import type { Decider } from "./decider.ts";
import { unreachable } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";

/**
 * Whether one user follows one channel by themselves. The staff may have let them in as well, which is on the stream of the
 * channel: the commands say so.
 */
export type State = { follows: boolean };

export type Command =
  /** `isIn`: they are a follower already, or of the staff, who have everything that a follower has. */
  | { type: "Follow"; channelId: string; userId: string; isIn: boolean }
  /** `isFollower`: they are one. */
  | { type: "Unfollow"; channelId: string; userId: string; isFollower: boolean };

export type Event = AnyEvent<"ChannelFollowed" | "ChannelUnfollowed">;

/**
 * One follower of a channel. Each has a stream of their own, so that any number may follow at once. Who may follow is decided
 * elsewhere, on the channel.
 */
export const decider: Decider<State, Command, Event> = {
  initial: { follows: false },

  evolve(state, event) {
    switch (event.type) {
      case "ChannelFollowed":
        return { follows: true };
      case "ChannelUnfollowed":
        return { follows: false };
      default:
        unreachable(event);
        return state;
    }
  },

  decide({ follows }, command) {
    const { channelId, userId } = command;
    switch (command.type) {
      case "Follow":
        return follows || command.isIn ? [] : [{ type: "ChannelFollowed", data: { channelId, userId } }];
      case "Unfollow":
        return follows || command.isFollower ? [{ type: "ChannelUnfollowed", data: { channelId, userId } }] : [];
    }
  },
};
