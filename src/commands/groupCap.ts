import { type Command, decider } from "../domain/group.ts";
import type { Event, State } from "../domain/groupState.ts";
import { isChannel } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Cap } from "./caps.ts";
import type { CommandContext } from "./context.ts";

/** How many ids a refusal names at most. */
const NAMED = 10;

/**
 * How many groups a user may be in. Channels are not counted. Circles and imports are a business's own, and are not held to it.
 */
export const groupCap = ({ views }: Pick<CommandContext, "views">, most: number): Cap<State, Command, Event> => ({
  decider,
  most,
  wanted: (events, { type }) => ({ getting: EXEMPT.has(type) ? [] : enteredBy(events) }),
  count: (user) => views.relations.groupCount(user, most),
  refusal: (full, { type }, actorId) => {
    if (full.includes(actorId))
      return new Refusal("LIMIT_EXCEEDED", `you are in as many groups as one may be in (${most}): leave one first`);
    const named = `${full.slice(0, NAMED).join(", ")}${full.length > NAMED ? " …" : ""}`;
    return new Refusal("LIMIT_EXCEEDED", `as many groups as one may be in (${most}) already have ${named}`, {
      field: FIELDS[type] ?? "id",
    });
  },
});

/** Commands of a business's own. */
const EXEMPT: ReadonlySet<Command["type"]> = new Set(["Equal", "Import"]);
/** The input that names those who enter, by the command. */
const FIELDS: { readonly [Type in Command["type"]]?: string } = { Create: "memberIds", Add: "userIds" };

/** Who is a member of a group, and not of a channel's staff, after these events and was not before. */
const enteredBy = (events: readonly Event[]): string[] =>
  events.flatMap((event) => {
    if (event.type !== "GroupCreated" && event.type !== "MemberJoined" && event.type !== "MemberAdded") return [];
    if (isChannel(event.data.groupId) || ("imported" in event.data && event.data.imported)) return [];
    return "ownerId" in event.data ? event.data.ownerId : event.data.userId;
  });
