import { decider } from "../domain/group.ts";
import type { Command } from "../domain/group.ts";
import { isGroup, streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Caller, Commands, Done } from "./commands.ts";
import { type CommandContext, requireRegistered, requireUsers, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";

type GroupCommands = Pick<
  Commands,
  "createConversation" | "join" | "addMembers" | "removeMembers" | "leave" | "setRole" | "transferOwnership"
>;

/** Roles, caps and membership are exact: they are decided on the group's own stream. */
export function groupCommands(context: CommandContext): GroupCommands {
  const { handle, fresh, memberCap } = context;

  const onGroup = async (
    caller: Caller,
    input: { clientMutationId: string; conversationId: string },
    command: Command,
    before: () => Promise<unknown> = async () => {},
  ): Promise<Done> => {
    if (!isGroup(input.conversationId)) {
      throw new Refusal("BAD_INPUT", "a direct conversation has its two members for ever: this is for groups", {
        field: "conversationId",
      });
    }
    const { position } = await handle({
      ...stamp(context, caller, input),
      stream: streams.group(input.conversationId),
      decider,
      command,
      before: async () => {
        await fresh(() => requireRegistered(context, caller));
        await before();
      },
    });
    return { position };
  };

  return {
    createConversation: async (caller, { clientMutationId, memberIds, ...profile }) => {
      // Made from who asks and their id for the call, so that the same call finds the same group.
      const groupId = `g:${eventId("createConversation", caller.userId, clientMutationId, 0)}`;
      const { position } = await handle({
        ...stamp(context, caller, { clientMutationId }),
        stream: streams.group(groupId),
        decider,
        command: { type: "Create", groupId, by: caller.userId, memberIds, memberCap, ...profile },
        creates: true,
        before: async () => {
          await fresh(() => requireRegistered(context, caller));
          await fresh(() => requireUsers(context, memberIds, "memberIds"));
        },
      });
      return { position, conversationId: groupId };
    },
    join: (caller, input) => onGroup(caller, input, { type: "Join", userId: caller.userId, memberCap }),
    addMembers: (caller, input) =>
      onGroup(caller, input, { type: "Add", by: caller.userId, userIds: input.userIds, memberCap }, () =>
        fresh(() => requireUsers(context, input.userIds, "userIds")),
      ),
    removeMembers: (caller, input) => onGroup(caller, input, { type: "Remove", by: caller.userId, userIds: input.userIds }),
    leave: (caller, input) => onGroup(caller, input, { type: "Leave", userId: caller.userId }),
    setRole: (caller, input) =>
      onGroup(caller, input, { type: "SetRole", by: caller.userId, userId: input.userId, role: input.role }),
    transferOwnership: (caller, input) =>
      onGroup(caller, input, { type: "TransferOwnership", by: caller.userId, to: input.userId }),
  };
}
