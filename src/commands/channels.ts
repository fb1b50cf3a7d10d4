import { directory } from "../../projections/directory.ts";
import { isStaff, type Standing } from "../../projections/standing.ts";
import { directMembers, isChannel, streams } from "../domain/ids.ts";
import { ownerStays } from "../domain/groupMembers.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { laterOf, type Position } from "../ports/eventStore.ts";
import { Withheld } from "../ports/faults.ts";
import { type Command, decider } from "../domain/subscription.ts";
import { viewsAt } from "./authorise.ts";
import type { Caller, Commands, ConversationInput, Done, JoinDone, JoinInput } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { unavailable } from "./refusals.ts";
import { requireJoinable, requireStay } from "./rights.ts";

type ChannelCommands = Pick<Commands, "join" | "joinByInvite" | "leave" | "removeMembers" | "dissolve">;

/** Followers who are sent away at once. */
const AT_ONCE = 32;

/**
 * What is done otherwise in channels than in groups. The staff are members as those of a group are. A follower has a stream of
 * their own, so that any number may follow at once; whether they may is decided on the rows of the channel.
 */
export function channelCommands(context: CommandContext, groups: ChannelCommands): ChannelCommands {
  const { handle, fresh, granted, grants, inForce, views, watermark, blocked, directMessages } = context;

  const standingOf = async (channel: string, userId: string) => (await views.relations.member(channel, userId))?.standing;

  /** What the rows say, where "nothing" rests on no old rows. */
  const known = async <T>(look: () => Awaitable<T | undefined>): Promise<T | undefined> => {
    try {
      return await fresh(async (): Promise<T | undefined> => {
        const found = await look();
        if (found === undefined) throw NOTHING;
        return found;
      });
    } catch (error) {
      if (error === NOTHING) return undefined;
      throw error;
    }
  };

  /** So whoever was let in a moment ago is let go, and does not come in a second time. */
  const standingNow = (channel: string, userId: string): Promise<Standing | undefined> =>
    known(() => standingOf(channel, userId));

  /** One command on a follower's stream. `allowed`: refuses whoever may not give a new one. */
  const onSubscription = async (
    caller: Caller,
    { conversationId: channelId, clientMutationId }: ConversationInput,
    userId: string,
    type: Command["type"],
    allowed: () => Promise<void>,
  ): Promise<Done> => {
    const { position } = await handle({
      ...stamp(context, caller, { clientMutationId }),
      stream: streams.subscription(channelId, userId),
      decider,
      reversible: true,
      commandOf: async (): Promise<Command> => {
        await granted(allowed);
        const who = { channelId, userId };
        const standing = await standingNow(channelId, userId);
        if (type === "Follow") return { type, ...who, isIn: standing !== undefined };
        return { type, ...who, isFollower: standing === "FOLLOWER" || standing === "BOTH" };
      },
    });
    return { position };
  };

  /** Whoever is in already may follow: nothing changes by it. Throws UNAVAILABLE if the channel may have been closed since. */
  const mayFollow = async (channel: string, userId: string): Promise<boolean> => {
    if ((await standingOf(channel, userId)) !== undefined) return true;
    // Asked before the rows are read: it may be healed in between.
    const isKnown = !blocked.isBlocked(directory.name, channel);
    const profile = await views.directory.group(channel);
    const isOpen = profile?.public === true || profile?.joinPolicy === "OPEN";
    if (isOpen && !isKnown) throw unavailable(new Withheld());
    return isOpen;
  };

  /** Whether the same call has gone to the stream of the channel. */
  const wasAsked = async (channel: string, { userId }: Caller, clientMutationId: string): Promise<boolean> => {
    const stream = streams.group(channel);
    return (await views.folds.revisionOf(stream, eventId(stream, userId, clientMutationId, 0))) !== undefined;
  };

  /** Whoever may not follow at once asks to be let in, which is on the stream of the channel. */
  const follow = async (caller: Caller, input: JoinInput): Promise<JoinDone> => {
    const { conversationId } = input;
    const { userId } = caller;
    await fresh(async () => {
      await context.registered.require(userId);
      await requireJoinable(context, caller, conversationId, "conversationId");
    });
    try {
      const done = await grants.holding(conversationId, userId, () =>
        onSubscription(caller, input, userId, "Follow", async () => {
          const isOpen = await mayFollow(conversationId, userId);
          if (!isOpen || (await wasAsked(conversationId, caller, input.clientMutationId))) throw NOT_AT_ONCE;
        }),
      );
      return { ...done, conversationId };
    } catch (error) {
      if (error !== NOT_AT_ONCE) throw error;
      return groups.join(caller, input);
    }
  };

  /**
   * Waits until those who follow the channel, or are of its staff, no longer do what they did as such. Where only friends may
   * write to each other, that is what followers and the staff write to each other, too.
   */
  const parted = async (position: Position, channel: string, userIds: readonly string[] | "everyone"): Promise<void> => {
    await inForce(position, channel, userIds);
    if (directMessages !== "friends") return;
    const gone = userIds === "everyone" ? undefined : new Set(userIds);
    const isTheirs = (conversation: string) =>
      directMembers(conversation)?.some((member) => gone === undefined || gone.has(member)) ?? false;
    await inForce(position, isTheirs, "everyone");
  };

  const registeredAmong = async (userIds: readonly string[]): Promise<string[]> => {
    const known = await Promise.all([...new Set(userIds)].map(async (id) => ((await context.registered.has(id)) ? [id] : [])));
    return known.flat();
  };

  return {
    join: (caller, input) => (isChannel(input.conversationId) ? follow(caller, input) : groups.join(caller, input)),

    joinByInvite: async (caller, input) => {
      const invite = await known(() => views.joining.invite(input.inviteId));
      if (!invite || !isChannel(invite.group)) return groups.joinByInvite(caller, input);
      const conversationId = invite.group;
      const { clientMutationId } = input;
      const isIn = (await standingNow(conversationId, caller.userId)) !== undefined;
      if (!isIn || (await wasAsked(conversationId, caller, clientMutationId))) return groups.joinByInvite(caller, input);
      // The invitation is not used up by those who are in already.
      const done = await onSubscription(caller, { conversationId, clientMutationId }, caller.userId, "Follow", async () => {});
      return { ...done, conversationId };
    },

    leave: async (caller, input) => {
      const { conversationId } = input;
      const { userId } = caller;
      if (!isChannel(conversationId)) return groups.leave(caller, input);
      await fresh(async () => {
        await context.registered.require(userId);
        await requireStay(context, caller, conversationId, "conversationId");
      });
      // First, so that somebody of the staff who also follows the channel goes once, or stays as both.
      const done = await onSubscription(caller, input, userId, "Unfollow", () =>
        requireNoOthers(context, caller, conversationId),
      );
      // So whoever became one of the staff a moment ago leaves as that, too.
      await viewsAt(watermark, done.position);
      // Asked only of the staff: the stream of the channel does not grow with those who come and go.
      const isOfStaff = isStaff(await standingOf(conversationId, userId));
      const { position } = isOfStaff ? await groups.leave(caller, input) : done;
      await parted(position, conversationId, [userId]);
      return { position };
    },

    removeMembers: async (caller, input) => {
      const { conversationId, userIds } = input;
      const removed = await groups.removeMembers(caller, input);
      if (!isChannel(conversationId)) return removed;
      // A repeat with other ids is a new command to those, so the right is asked for again.
      const allowed = () => requireAdmin(context, caller, conversationId);
      let { position } = removed;
      const users = await registeredAmong(userIds);
      for (let from = 0; from < users.length; from += AT_ONCE) {
        const some = users.slice(from, from + AT_ONCE);
        const all = await Promise.all(some.map((userId) => onSubscription(caller, input, userId, "Unfollow", allowed)));
        for (const done of all) position = laterOf(position, done.position);
      }
      await parted(position, conversationId, userIds);
      return { position };
    },

    dissolve: async (caller, input) => {
      const done = await groups.dissolve(caller, input);
      if (isChannel(input.conversationId)) await parted(done.position, input.conversationId, "everyone");
      return done;
    },
  };
}

/** Never told to anyone. */
const NOT_AT_ONCE = new Refusal("FORBIDDEN", "this channel is not followed at once");
const NOTHING = new Refusal("NOT_FOUND", "nothing is known");

/** Throws CONFLICT if the caller is the owner, and others are of the staff. The stream of the channel decides it once more. */
async function requireNoOthers({ views }: Pick<CommandContext, "views">, { userId }: Caller, channel: string): Promise<void> {
  const member = await views.relations.member(channel, userId);
  if (member?.role !== "OWNER") return;
  if ((await views.relations.membersByJoin(channel, undefined, 2)).length > 1) throw ownerStays();
}

async function requireAdmin({ views }: Pick<CommandContext, "views">, { userId }: Caller, channel: string): Promise<void> {
  const member = await views.relations.member(channel, userId);
  if (member?.role === "OWNER" || member?.role === "ADMIN") return;
  throw new Refusal("FORBIDDEN", "only an owner or administrator can remove followers", { field: "conversationId" });
}
