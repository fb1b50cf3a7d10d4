import { isDeepStrictEqual } from "node:util";
import { type Command, decider } from "../domain/group.ts";
import type { Event } from "../domain/groupState.ts";
import { isChannel, streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { ADDING, type Sorted, sorted } from "./adding.ts";
import type { Commands } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { groupIds } from "./groupIds.ts";
import { groupHandling } from "./onGroup.ts";
import { requireStay } from "./rights.ts";

type GroupCommands = Pick<
  Commands,
  | "createConversation"
  | "updateConversation"
  | "addMembers"
  | "removeMembers"
  | "leave"
  | "setRole"
  | "transferOwnership"
  | "silence"
  | "dissolve"
>;

/**
 * The commands of groups and their members. Roles, limits and membership are exact: they are decided on the group's own stream.
 */
export function groupCommands(context: CommandContext): GroupCommands {
  const { handle, fresh, grants, inForce, memberCap } = context;
  const { onGroup, takingRights } = groupHandling(context);
  const idOf = groupIds(context);

  return {
    createConversation: async (caller, { clientMutationId, kind, memberIds, ...profile }) => {
      const groupId = await idOf(kind, caller.userId, clientMutationId);
      // What a channel has posted is open to all who follow it.
      const historyVisible = kind === "CHANNEL" || profile.historyVisible;
      const commandOf = (named: Sorted, cap = memberCap): Command => ({
        type: "Create",
        groupId,
        by: caller.userId,
        memberIds,
        memberCap: cap,
        ...named,
        ...profile,
        historyVisible,
      });
      const { position } = await grants.holding(ADDING, caller.userId, () =>
        handle({
          ...stamp(context, caller, { clientMutationId }),
          stream: streams.group(groupId),
          decider,
          commandOf: async () => {
            await fresh(() => context.registered.require(caller.userId));
            await fresh(() => context.registered.requireAll(memberIds, "memberIds", "active"));
            return commandOf(await sorted(context, caller, groupId, memberIds));
          },
          // Who was a friend then, or blocked, may be so no longer: that makes the input no other.
          isSame: (events) => isDeepStrictEqual(events, decidedFirst(commandOf(sortedIn(events), Number.POSITIVE_INFINITY))),
        }),
      );
      return { position, conversationId: groupId };
    },
    updateConversation: async (caller, { change, ...input }) => {
      const { conversationId } = input;
      const { position } = await onGroup(caller, input, { type: "Update", by: caller.userId, change });
      const { joinPolicy = "OPEN", public: isPublic, historyVisible } = change;
      // From here on, this server shows those who may see less no more than that, and nobody follows a channel by what is over.
      if (isChannel(conversationId) && (isPublic === false || joinPolicy !== "OPEN"))
        await inForce(position, conversationId, "everyone");
      else if (isPublic === false || historyVisible === false) await inForce(position, conversationId, []);
      return { position };
    },
    addMembers: (caller, input) =>
      grants.holding(ADDING, caller.userId, async () => {
        const { position } = await onGroup(caller, input, async () => {
          await fresh(() => context.registered.requireAll(input.userIds, "userIds", "active"));
          const named = await sorted(context, caller, input.conversationId, input.userIds);
          return { type: "Add", by: caller.userId, userIds: input.userIds, memberCap, ...named };
        });
        return { position };
      }),
    removeMembers: (caller, input) =>
      takingRights(caller, input, { type: "Remove", by: caller.userId, userIds: input.userIds }, input.userIds),
    leave: (caller, input) =>
      takingRights(caller, input, { type: "Leave", userId: caller.userId }, [caller.userId], { known: requireStay }),
    setRole: (caller, input) => {
      const { userId, role } = input;
      return takingRights(caller, input, { type: "SetRole", by: caller.userId, userId, role }, [userId]);
    },
    transferOwnership: (caller, input) =>
      takingRights(caller, input, { type: "TransferOwnership", by: caller.userId, to: input.userId }, [caller.userId]),
    silence: (caller, { until, ...input }) => {
      const { userId } = input;
      const at = context.now().toISOString();
      return takingRights(caller, input, { type: "Silence", by: caller.userId, userId, until, at }, [userId]);
    },
    dissolve: (caller, input) => takingRights(caller, input, { type: "Dissolve", by: caller.userId }, "everyone"),
  };
}

/** Who was asked, and who was left alone, when a call made a group. */
function sortedIn(events: readonly Event[]): Sorted {
  return {
    asked: events.flatMap((event) => (event.type === "MemberInvited" ? [event.data.userId] : [])),
    notAdded: events.flatMap((event) => (event.type === "GroupCreated" ? (event.data.notAdded ?? []) : [])),
  };
}

/** What the command makes happen where there is nothing yet, as it is read again. Undefined if it is refused even there. */
function decidedFirst(command: Command): Event[] | undefined {
  try {
    return JSON.parse(JSON.stringify(decider.decide(decider.initial, command))) as Event[];
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
