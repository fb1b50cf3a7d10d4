import { noteOf } from "../domain/groupRequests.ts";
import { type Event, requestOf, roleOf, type State } from "../domain/groupState.ts";
import type { Caller, Commands, JoinDone, JoinRequestDone } from "./commands.ts";
import type { CommandContext } from "./context.ts";
import type { Handled } from "./handle.ts";
import { secretsOf } from "./logKey.ts";
import { groupHandling } from "./onGroup.ts";
import { requireInvited, requireJoinable, requireRequest } from "./rights.ts";

type JoiningCommands = Pick<Commands, "join" | "joinByInvite" | "answerJoinRequest" | "createInvite" | "revokeInvite">;

/** How users become members of groups by themselves: at once, by a request that is answered, or with an invitation. */
export function joiningCommands(context: CommandContext): JoiningCommands {
  const { fresh, memberCap, now } = context;
  const { onGroup } = groupHandling(context);
  const secret = secretsOf(context);

  return {
    join: async (caller, { note: given = null, ...input }) => {
      const note = noteOf(given);
      const command = { type: "Join", userId: caller.userId, note, memberCap } as const;
      const handled = await onGroup(caller, input, command, {
        known: requireJoinable,
        isSame: (events) => events.every((event) => event.type !== "JoinRequested" || event.data.note === note),
      });
      return joined(caller, input.conversationId, handled);
    },
    joinByInvite: async (caller, { inviteId, clientMutationId }) => {
      const at = now().toISOString();
      const group = await fresh(async () => {
        await context.registered.require(caller.userId);
        return requireInvited(context, caller, inviteId, at);
      });
      const command = { type: "UseInvite", userId: caller.userId, inviteId, memberCap, at } as const;
      // The invitation is all that they need to know of the group.
      const known = async () => {};
      const handled = await onGroup(caller, { clientMutationId, conversationId: group }, command, { known });
      return joined(caller, group, handled);
    },
    answerJoinRequest: async (caller, input): Promise<JoinRequestDone> => {
      const { group, user, number, accept, clientMutationId } = input;
      const { position } = await onGroup(
        caller,
        { clientMutationId, conversationId: group },
        { type: "Answer", by: caller.userId, userId: user, number, accept, memberCap },
        { known: (_, by) => requireRequest(context, by, input) },
      );
      return { position, group, user, number };
    },
    createInvite: async (caller, { expiresAt, uses, ...input }) => {
      const digest = await secret("createInvite", input.conversationId, caller.userId, input.clientMutationId);
      const inviteId = `i:${digest.toString("base64url").slice(0, INVITE_CHARACTERS)}`;
      const at = now().toISOString();
      const { position } = await onGroup(
        caller,
        input,
        { type: "Invite", by: caller.userId, inviteId, expiresAt, uses, at },
        { isSame: ([made]) => made?.type === "InviteCreated" && made.data.expiresAt === expiresAt && made.data.uses === uses },
      );
      return { position, inviteId };
    },
    revokeInvite: async (caller, { inviteId, ...input }) => {
      const { position } = await onGroup(caller, input, { type: "Revoke", by: caller.userId, inviteId });
      return { position, inviteId };
    },
  };
}

/** 156 bits. */
const INVITE_CHARACTERS = 26;

/** The request that waits, where the user is not a member by that. */
function joined({ userId }: Caller, conversationId: string, { position, events, state }: Handled<State, Event>): JoinDone {
  const made = events.find((event) => event.type === "JoinRequested");
  const newest = requestOf(state, userId);
  const waits = roleOf(state, userId) === undefined && newest?.status === "PENDING" && newest.invitedBy === null;
  const number = made?.data.number ?? (waits ? newest.number : undefined);
  return { position, conversationId, ...(number !== undefined && { request: { group: conversationId, user: userId, number } }) };
}
