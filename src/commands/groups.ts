import { decider } from "../domain/group.ts";
import type { Command } from "../domain/group.ts";
import { isGroup, streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Caller, Commands, ConversationInput, Done } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { groupIds } from "./groupIds.ts";
import { requireJoinable, requireKnown, requireStay } from "./rights.ts";

type GroupCommands = Pick<
  Commands,
  | "createConversation"
  | "updateConversation"
  | "join"
  | "addMembers"
  | "removeMembers"
  | "leave"
  | "setRole"
  | "transferOwnership"
>;

/** The commands of groups. Roles, limits and membership are exact, because they are decided on the group's own stream. */
export function groupCommands(context: CommandContext): GroupCommands {
  const { handle, fresh, inForce, memberCap } = context;
  const idOf = groupIds(context);

  /**
   * One command on a group's stream. `known` runs before the stream is read, and refuses callers who may know nothing of the
   * group. `before` runs only for a new command, not for a repeat.
   */
  const onGroup = async (
    caller: Caller,
    input: ConversationInput,
    command: Command,
    { known = requireKnown, before }: { known?: typeof requireKnown; before?: () => Promise<unknown> } = {},
  ): Promise<Done> => {
    const { conversationId } = input;
    if (!isGroup(conversationId)) {
      throw new Refusal("BAD_INPUT", "a direct conversation always has the same two members: this works for groups only", {
        field: "conversationId",
      });
    }
    await fresh(async () => {
      await context.registered.require(caller.userId);
      await known(context, caller, conversationId, "conversationId");
    });
    const { position } = await handle({
      ...stamp(context, caller, input),
      stream: streams.group(conversationId),
      decider,
      command,
      reversible: true,
      before: async () => {
        await before?.();
      },
    });
    return { position };
  };

  /** The same for a command that takes rights of these members away. It answers once that is in force. */
  const takingRights = async (
    caller: Caller,
    input: ConversationInput,
    command: Command,
    userIds: readonly string[],
    known = requireKnown,
  ): Promise<Done> => {
    const done = await onGroup(caller, input, command, { known });
    await inForce(done.position, input.conversationId, userIds);
    return done;
  };

  return {
    createConversation: async (caller, { clientMutationId, kind, memberIds, ...profile }) => {
      const groupId = await idOf(kind, caller.userId, clientMutationId);
      // What a channel has posted is open to all who follow it.
      const historyVisible = kind === "CHANNEL" || profile.historyVisible;
      const { position } = await handle({
        ...stamp(context, caller, { clientMutationId }),
        stream: streams.group(groupId),
        decider,
        command: { type: "Create", groupId, by: caller.userId, memberIds, memberCap, ...profile, historyVisible },
        creates: true,
        before: async () => {
          await fresh(() => context.registered.require(caller.userId));
          await fresh(() => context.registered.requireAll(memberIds, "memberIds"));
        },
      });
      return { position, conversationId: groupId };
    },
    updateConversation: (caller, { change, ...input }) => onGroup(caller, input, { type: "Update", by: caller.userId, change }),
    join: (caller, input) =>
      onGroup(caller, input, { type: "Join", userId: caller.userId, memberCap }, { known: requireJoinable }),
    addMembers: (caller, input) => {
      const command: Command = { type: "Add", by: caller.userId, userIds: input.userIds, memberCap };
      return onGroup(caller, input, command, {
        before: () => fresh(() => context.registered.requireAll(input.userIds, "userIds")),
      });
    },
    removeMembers: (caller, input) =>
      takingRights(caller, input, { type: "Remove", by: caller.userId, userIds: input.userIds }, input.userIds),
    leave: (caller, input) => takingRights(caller, input, { type: "Leave", userId: caller.userId }, [caller.userId], requireStay),
    setRole: (caller, input) => {
      const { userId, role } = input;
      return takingRights(caller, input, { type: "SetRole", by: caller.userId, userId, role }, [userId]);
    },
    transferOwnership: (caller, input) =>
      takingRights(caller, input, { type: "TransferOwnership", by: caller.userId, to: input.userId }, [caller.userId]),
  };
}
