import { type Command, decider, type Event, type State } from "../domain/friendship.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Cap } from "./caps.ts";
import type { CommandContext } from "./context.ts";

/** How many friends a user may have. Whoever asks for one must have room; whoever is asked may have room later. */
export const friendCap = ({ views }: Pick<CommandContext, "views">, most: number): Cap<State, Command, Event> => ({
  decider,
  most,
  wanted: (events) => ({
    getting: events.flatMap((event) => (event.type === "FriendshipBegan" ? event.data.userIds : [])),
    asking: events.flatMap((event) => (event.type === "FriendshipRequested" ? [event.data.from] : [])),
  }),
  count: (user) => views.friends.count(user, most),
  refusal: (full, { type }, actorId) =>
    full.includes(actorId)
      ? new Refusal("LIMIT_EXCEEDED", `you have as many friends as one may have (${most}): end a friendship first`)
      : new Refusal("LIMIT_EXCEEDED", `this user has as many friends as one may have (${most})`, {
          field: type === "Request" ? "userId" : "id",
        }),
});
