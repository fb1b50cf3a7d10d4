import { checked } from "./checked.ts";
import { type Decider, unreachable } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";
import { Refusal } from "./refusal.ts";

export type State = { banned: boolean };

/** `by`: who has the scope admin. */
export type Command = { type: "Ban" | "Unban"; userId: string; by: string; reason: string | null };

export type Event = AnyEvent<"UserBanned" | "UserUnbanned">;

/** Whether a user is banned from the server. */
export const decider: Decider<State, Command, Event> = {
  initial: { banned: false },

  evolve(state, event) {
    switch (event.type) {
      case "UserBanned":
        return { banned: true };
      case "UserUnbanned":
        return { banned: false };
      default:
        unreachable(event);
        return state;
    }
  },

  decide({ banned }, { type, userId, by, reason }) {
    if (type === "Unban") return banned ? [checked("UserUnbanned", { userId, unbannedBy: by, reason })] : [];
    if (userId === by) throw new Refusal("BAD_INPUT", "you cannot ban yourself", { field: "userId" });
    return banned ? [] : [checked("UserBanned", { userId, bannedBy: by, reason })];
  },
};
