import { isStaff } from "../../projections/standing.ts";
import { isChannel, streams } from "../domain/ids.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { Refusal } from "../domain/refusal.ts";
import { type Command, decider } from "../domain/subscription.ts";
import type { Caller, Commands, ConversationInput, Done } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { requireJoinable, requireStay } from "./rights.ts";

type ChannelCommands = Pick<Commands, "join" | "joinByInvite" | "leave" | "removeMembers">;

/** Followers who are sent away at once. */
const AT_ONCE = 32;

/**
 * What is done otherwise in channels than in groups. The staff are members as those of a group are. A follower has a stream of
 * their own, so that any number may follow at once; whether they may is decided on the rows of the channel.
 */
export function channelCommands(context: CommandContext, groups: ChannelCommands): ChannelCommands {
  const { handle, fresh, granted, grants, inForce, views } = context;

  const onSubscription = async (
    caller: Caller,
    { conversationId, ...input }: ConversationInput,
    userId: string,
    commandOf: () => Promise<Command> | Command,
  ): Promise<Done> => {
    const { position } = await handle({
      ...stamp(context, caller, input),
      stream: streams.subscription(conversationId, userId),
      decider,
      reversible: true,
      commandOf,
    });
    return { position };
  };

  const unfollow = (caller: Caller, input: ConversationInput, userId: string): Promise<Done> =>
    onSubscription(caller, input, userId, () => ({ type: "Unfollow", channelId: input.conversationId, userId }));

  /** A repeat with other ids is a new command to those, so the right is asked for again. */
  const sendAway = (caller: Caller, input: ConversationInput, userId: string): Promise<Done> =>
    onSubscription(caller, input, userId, async () => {
      await granted(() => requireAdmin(context, caller, input.conversationId));
      return { type: "Unfollow", channelId: input.conversationId, userId };
    });

  const registeredAmong = async (userIds: readonly string[]): Promise<string[]> => {
    const known = await Promise.all([...new Set(userIds)].map(async (id) => ((await context.registered.has(id)) ? [id] : [])));
    return known.flat();
  };

  const requireFollowable = async (channel: string): Promise<void> => {
    const profile = await views.directory.group(channel);
    if (profile?.public || profile?.joinPolicy === "OPEN") return;
    throw new Refusal("FORBIDDEN", "this channel is not open to everyone: ask its staff for an invitation", {
      field: "conversationId",
    });
  };

  /** `allowed`: refuses a caller who may not follow the channel. */
  const follow = (caller: Caller, input: ConversationInput, allowed: () => Awaitable<void>): Promise<Done> => {
    const { conversationId: channelId } = input;
    const { userId } = caller;
    return grants.holding(channelId, userId, () =>
      onSubscription(caller, input, userId, async () => {
        await granted(allowed);
        return { type: "Follow", channelId, userId, isStaff: isStaff(await standingOf(channelId, userId)) };
      }),
    );
  };

  const standingOf = async (channel: string, userId: string) => (await views.relations.member(channel, userId))?.standing;

  return {
    join: async (caller, input) => {
      const { conversationId } = input;
      if (!isChannel(conversationId)) return groups.join(caller, input);
      await fresh(async () => {
        await context.registered.require(caller.userId);
        await requireJoinable(context, caller, conversationId, "conversationId");
      });
      return { ...(await follow(caller, input, () => requireFollowable(conversationId))), conversationId };
    },

    joinByInvite: async (caller, input) => {
      const used = await groups.joinByInvite(caller, input);
      const { conversationId } = used;
      if (!isChannel(conversationId)) return used;
      const { clientMutationId } = input;
      return { ...(await follow(caller, { clientMutationId, conversationId }, () => {})), conversationId };
    },

    leave: async (caller, input) => {
      const { conversationId } = input;
      if (!isChannel(conversationId)) return groups.leave(caller, input);
      await fresh(async () => {
        await context.registered.require(caller.userId);
        await requireStay(context, caller, conversationId, "conversationId");
      });
      // First, so that somebody of the staff who also follows the channel goes once.
      const done = await unfollow(caller, input, caller.userId);
      // Asked only of the staff: the stream of the channel does not grow with those who come and go.
      if (isStaff(await standingOf(conversationId, caller.userId))) return groups.leave(caller, input);
      await inForce(done.position, conversationId, [caller.userId]);
      return done;
    },

    removeMembers: async (caller, input) => {
      const { conversationId, userIds } = input;
      const removed = await groups.removeMembers(caller, input);
      if (!isChannel(conversationId)) return removed;
      let { position } = removed;
      const users = await registeredAmong(userIds);
      for (let from = 0; from < users.length; from += AT_ONCE) {
        const some = users.slice(from, from + AT_ONCE).map((userId) => sendAway(caller, input, userId));
        for (const done of await Promise.all(some)) if (done.position > position) position = done.position;
      }
      await inForce(position, conversationId, userIds);
      return { position };
    },
  };
}

async function requireAdmin({ views }: Pick<CommandContext, "views">, { userId }: Caller, channel: string): Promise<void> {
  const member = await views.relations.member(channel, userId);
  if (member?.role === "OWNER" || member?.role === "ADMIN") return;
  throw new Refusal("FORBIDDEN", "only an owner or administrator can remove followers", { field: "conversationId" });
}
