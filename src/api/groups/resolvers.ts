import { Refusal } from "../../domain/refusal.ts";
import type { Area } from "../area.ts";
import { registered } from "../callers.ts";
import { conversationPayload } from "../payloads.ts";
import {
  createConversationInput,
  groupInput,
  memberInput,
  membersInput,
  setRoleInput,
  silenceInput,
  updateConversationInput,
} from "./inputs.ts";

/** Groups and their members. */
export const groups = {
  Mutation: {
    createConversation: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const created = await services.commands.createConversation(caller, createConversationInput(input));
        return conversationPayload(created.conversationId, created);
      }),

    updateConversation: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const parsed = updateConversationInput(input);
        return conversationPayload(parsed.conversationId, await calledId(services.commands.updateConversation(caller, parsed)));
      }),

    addMembers: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const parsed = membersInput(input);
        return conversationPayload(parsed.conversationId, await services.commands.addMembers(caller, parsed));
      }),

    removeMembers: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const parsed = membersInput(input);
        return conversationPayload(parsed.conversationId, await services.commands.removeMembers(caller, parsed));
      }),

    leave: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const parsed = groupInput(input);
        return conversationPayload(parsed.conversationId, await calledId(services.commands.leave(caller, parsed)));
      }),

    setRole: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const parsed = setRoleInput(input);
        return conversationPayload(parsed.conversationId, await services.commands.setRole(caller, parsed));
      }),

    transferOwnership: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const parsed = memberInput(input);
        return conversationPayload(parsed.conversationId, await services.commands.transferOwnership(caller, parsed));
      }),

    silence: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const parsed = silenceInput(input);
        return conversationPayload(parsed.conversationId, await services.commands.silence(caller, parsed));
      }),

    dissolve: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const parsed = groupInput(input);
        return conversationPayload(parsed.conversationId, await calledId(services.commands.dissolve(caller, parsed)));
      }),
  },

  Member: {
    // One that is over is none.
    silencedUntil: ({ silencedUntil }, _, { services }) =>
      silencedUntil !== undefined && silencedUntil > services.now().toISOString() ? silencedUntil : null,
  },
} satisfies Area;

/** Here clients name the conversation by another input, so the refusal names that field too. */
export async function calledId<T>(command: Promise<T>, field = "id"): Promise<T> {
  try {
    return await command;
  } catch (error) {
    if (!(error instanceof Refusal) || error.field !== "conversationId") throw error;
    const { code, message, retryAfterMs, cause } = error;
    throw new Refusal(code, message, { field, cause, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
}
