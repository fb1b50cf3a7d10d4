import { isChannel } from "../domain/ids.ts";
import { viewsAt } from "./authorise.ts";
import type { Caller } from "./commands.ts";
import type { CommandContext } from "./context.ts";

/** Where `Grants` hold the work of those who add others to groups. It is no conversation's id. */
export const ADDING = "adding to groups";

/** Of the users whom a caller names: who is asked before they are a member, and who is neither added nor asked. */
export type Sorted = { asked: string[]; notAdded: string[] };

type SortingContext = Pick<CommandContext, "views" | "granted" | "watermark" | "log" | "addToGroups" | "directMessages">;

/**
 * Who is added at once, who is asked first (`ADD_TO_GROUPS`), and who is left alone because one of the two has blocked the other.
 * Where only friends may write to each other, the staff of a channel are asked too: its followers may write to them. Nobody is
 * asked, or left alone, because of old rows.
 */
export async function sorted(
  context: SortingContext,
  caller: Caller,
  group: string,
  userIds: readonly string[],
): Promise<Sorted> {
  const found = await context.granted(() => sortedNow(context, caller, group, userIds));
  if (found.asked.length === 0 && found.notAdded.length === 0) return found;
  await viewsAt(context.watermark, await context.log.end());
  return sortedNow(context, caller, group, userIds);
}

async function sortedNow(
  { views, addToGroups, directMessages }: SortingContext,
  { userId: caller }: Caller,
  group: string,
  userIds: readonly string[],
): Promise<Sorted> {
  const others = [...new Set(userIds)].filter((userId) => userId !== caller);
  const rows = await views.friends.friendships(others.map((other) => ({ one: caller, other })));
  const isBlocked = (index: number) => Object.keys(rows[index]?.blocks ?? {}).length > 0;
  const asksStrangers = addToGroups === "friends" || (isChannel(group) && directMessages === "friends");
  const isStranger = (index: number) => asksStrangers && rows[index]?.friends === undefined;
  return {
    asked: others.filter((_, index) => !isBlocked(index) && isStranger(index)),
    notAdded: others.filter((_, index) => isBlocked(index)),
  };
}
