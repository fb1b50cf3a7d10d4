import type { Done, Imported } from "../commands/commands.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { membersInOrder } from "./arguments.ts";
import { andThen } from "./awaiting.ts";
import type { Context } from "./context.ts";
import { conversationEntity, messageAt, messageEntity, type MessagePayloadEntity, userEntity } from "./entities.ts";
import type { MessagePayloadResolvers, MutationResolvers } from "./generated.ts";
import {
  createConversationInput,
  editMessageInput,
  groupInput,
  importInput,
  joinInput,
  memberInput,
  membersInput,
  messageInput,
  type ParsedImport,
  registerInput,
  sendMessageInput,
  setLocationInput,
  setRoleInput,
  updateProfileInput,
} from "./inputs.ts";
import { operating, requireAdmin } from "./admin.ts";

export const Mutation: MutationResolvers = {
  register: async (_, { input }, { services, caller }) =>
    userPayload(caller.userId, await services.commands.register(caller, registerInput(input))),

  updateProfile: (_, { input }, context) =>
    registered(context, async ({ services, caller }) =>
      userPayload(caller.userId, await services.commands.updateProfile(caller, updateProfileInput(input))),
    ),

  setLocation: (_, { input }, context) =>
    registered(context, async ({ services, caller }) =>
      userPayload(caller.userId, await services.commands.setLocation(caller, setLocationInput(input))),
    ),

  sendMessage: (_, { input }, context) =>
    registered(context, async ({ services, caller }): Promise<MessagePayloadEntity> => {
      membersInOrder(caller, "conversationId", input.conversationId);
      const { position, conversationId, message } = await services.commands.sendMessage(caller, sendMessageInput(input));
      return { cursor: position, conversationId, seq: message.seq, row: message };
    }),

  editMessage: (_, { input }, context) =>
    registered(context, async ({ services, caller }) => {
      membersInOrder(caller, "conversationId", input.conversationId);
      const parsed = editMessageInput(input);
      return messagePayload(parsed, await services.commands.editMessage(caller, parsed));
    }),

  recallMessage: (_, { input }, context) =>
    registered(context, async ({ services, caller }) => {
      membersInOrder(caller, "conversationId", input.conversationId);
      const parsed = messageInput(input);
      return messagePayload(parsed, await services.commands.recallMessage(caller, parsed));
    }),

  markRead: (_, { input }, context) =>
    registered(context, async ({ services, caller }) => {
      membersInOrder(caller, "conversationId", input.conversationId);
      const parsed = messageInput(input);
      return conversationPayload(parsed.conversationId, await services.commands.markRead(caller, parsed));
    }),

  createConversation: (_, { input }, context) =>
    registered(context, async ({ services, caller }) => {
      const created = await services.commands.createConversation(caller, createConversationInput(input));
      return conversationPayload(created.conversationId, created);
    }),

  join: (_, { input }, context) =>
    registered(context, async ({ services, caller }) => {
      const parsed = joinInput(input);
      return conversationPayload(parsed.conversationId, await calledId(services.commands.join(caller, parsed)));
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

  importMessages: async (_, { input }, { services, caller }) => {
    requireAdmin(caller);
    const parsed = importInput(input);
    return importPayload(parsed, await services.commands.importMessages(caller, parsed.input));
  },

  ...operating,
};

export const MessagePayload: MessagePayloadResolvers = {
  message: ({ cursor, conversationId, seq, row }, _, context) => {
    const conversation = conversationEntity(conversationId, cursor);
    if (row) return messageEntity(context, conversation, row);
    return andThen(messageAt(context, conversation, seq), (message) => {
      if (message) return message;
      throw new Error(`the views at ${cursor} do not have ${conversationId}:${seq}`);
    });
  },
};

function registered<T>(context: Context, command: (context: Context) => Awaitable<T>): Awaitable<T> {
  return andThen(context.requireRegistered(), () => command(context));
}

const userPayload = (id: string, { position }: Done) => ({ cursor: position, user: userEntity(id, position) });

const conversationPayload = (id: string, { position }: Done) => ({
  cursor: position,
  conversation: conversationEntity(id, position),
});

const messagePayload = (
  { conversationId, seq }: { conversationId: string; seq: number },
  { position }: Done,
): MessagePayloadEntity => ({
  cursor: position,
  conversationId,
  seq,
});

/** Where the client names the conversation by `id`, so does the refusal. */
async function calledId<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    if (!(error instanceof Refusal) || error.field !== "conversationId") throw error;
    const { code, message, retryAfterMs, cause } = error;
    throw new Refusal(code, message, { field: "id", cause, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
}

/** Every line at the place that it had in the call. */
function importPayload({ places, faults }: ParsedImport, { position, stored, alreadyThere, refused }: Imported) {
  const later = refused.map((fault) => ({ ...fault, index: places[fault.index] ?? fault.index }));
  const all = [...faults, ...later].sort((one, other) => one.index - other.index);
  return { cursor: position satisfies Position, stored, alreadyThere, refused: all };
}
