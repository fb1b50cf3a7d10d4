import type { Done } from "../../commands/commands.ts";
import { edgeKey, membersInOrder, orNull, pageSize } from "../arguments.ts";
import { andThen, type Awaitable } from "../../ports/awaitable.ts";
import type { Area } from "../area.ts";
import { registered } from "../callers.ts";
import type { Context } from "../context.ts";
import {
  conversationEntity,
  messageEdge,
  type MessageEntity,
  messageEntity,
  shownRow,
  type MessagePayloadEntity,
  userEntity,
  visibleMessage,
} from "../entities.ts";
import { conversationPayload, conversationsPayload, viewerAt } from "../payloads.ts";
import { messageDoneTo } from "./doneTo.ts";
import {
  editMessageInput,
  forwardInput,
  markAllReadInput,
  messageInput,
  pinInput,
  reactInput,
  seqArgument,
  sendMessageInput,
} from "./inputs.ts";
import { mentionsOf } from "./mentions.ts";
import { messageQuery, seqCursor } from "./pages.ts";
import { pinsOf } from "./pins.ts";
import { readByOf, readCountOf } from "./receipts.ts";
import { ownReactions, reactionsOf } from "./reactions.ts";
import { lastReplyAtOf, repliesOf, replyCountOf, unreadRepliesOf } from "./threads.ts";
import { timelinePage } from "./timeline.ts";

const USUAL_REPLIES = 50;
const USUAL_READERS = 50;
const USUAL_MENTIONS = 20;

/** Messages: sending, changing and reading them in a conversation. */
export const messages = {
  Mutation: {
    sendMessage: (_, { input }, context) =>
      registered(context, ({ services, caller }) => {
        membersInOrder(caller, "conversationId", input.conversationId);
        const sending = services.commands.sendMessage(caller, sendMessageInput(input));
        return sending.then(({ position, conversationId, message }): MessagePayloadEntity => {
          // What was typed has been sent.
          services.typing.set(conversationId, caller.userId, false);
          return { cursor: position, conversationId, seq: message.seq, row: message };
        });
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

    react: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        membersInOrder(caller, "conversationId", input.conversationId);
        const parsed = reactInput(input);
        return messagePayload(parsed, await services.commands.react(caller, parsed));
      }),

    forwardMessages: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        membersInOrder(caller, "fromConversationId", input.fromConversationId);
        membersInOrder(caller, "toConversationId", input.toConversationId);
        const { position, conversationId, messages } = await services.commands.forwardMessages(caller, forwardInput(input));
        const conversation = conversationEntity(conversationId, position);
        return { cursor: position, messages: messages.map((row) => messageEntity(context, conversation, row)) };
      }),

    pinMessage: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        membersInOrder(caller, "conversationId", input.conversationId);
        const parsed = pinInput(input);
        return messagePayload(parsed, await services.commands.pinMessage(caller, parsed));
      }),

    markRead: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        membersInOrder(caller, "conversationId", input.conversationId);
        const parsed = messageInput(input);
        return conversationPayload(parsed.conversationId, await services.commands.markRead(caller, parsed));
      }),

    markAllRead: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        for (const [index, { conversationId }] of input.reads.entries())
          membersInOrder(caller, `reads.${index}.conversationId`, conversationId);
        const parsed = markAllReadInput(input);
        const done = await services.commands.markAllRead(caller, parsed);
        return conversationsPayload(new Set(parsed.reads.map(({ conversationId }) => conversationId)), done);
      }),
  },

  ConversationsPayload: {
    viewer: ({ cursor }, _, context) => viewerAt(context, cursor),
  },

  MessagePayload: {
    message: (payload, _, context) => messageIn(context, payload),
    edge: (payload, _, context) => andThen(messageIn(context, payload), messageEdge),
    viewer: ({ cursor }, _, context) => viewerAt(context, cursor),
  },

  Viewer: {
    mentions: (_, { first, after }, context) => mentionsOf(context, pageSize(first, USUAL_MENTIONS), edgeKey(after, 1)?.[0]),
  },

  Conversation: {
    messages: (conversation, given, context) => timelinePage(context, conversation, messageQuery(given)),
    message: (conversation, { seq }, context) => {
      const asked = seqArgument(seq);
      const here = () => (conversation.past ? conversation : conversationEntity(conversation.id, conversation.at));
      return orNull(context, () => visibleMessage(context, here(), asked));
    },
    pins: (conversation, _, context) => pinsOf(context, conversation),
    unreadReplies: (conversation, _, context) => unreadRepliesOf(context, conversation),
  },

  Message: {
    attachments: (message, _, context) => shownRow(context, message).attachments,
    replyTo: ({ conversation, row }, _, context) =>
      row.replyTo === null ? null : visibleMessage(context, conversation, row.replyTo),
    replies: (message, { first, after }, context) =>
      repliesOf(context, message, pageSize(first, USUAL_REPLIES), seqCursor("after", after)),
    replyCount: (message, _, context) => replyCountOf(context, message),
    lastReplyAt: (message, _, context) => lastReplyAtOf(context, message),
    // Elsewhere it is shown as it is now, also where this message is shown as it was.
    forwardedFrom: ({ row: { forwardedFrom }, at }, _, context) =>
      forwardedFrom
        ? visibleMessage(context.present ?? context, conversationEntity(forwardedFrom.conversationId, at), forwardedFrom.seq)
        : null,
    mentions: (message, _, context) => shownRow(context, message).mentions.map((id) => userEntity(id, message.at)),
    mentionsAll: (message, _, context) => shownRow(context, message).mentionsAll,
    readCount: (message, _, context) => readCountOf(context, message),
    readBy: (message, { first, after }, context) =>
      readByOf(context, message, pageSize(first, USUAL_READERS), edgeKey(after, 1)?.[0]),
    reactions: (message, _, context) => reactionsOf(context, message),
  },

  Reaction: {
    byViewer: ({ message, emoji }, _, context) => andThen(ownReactions(context, message), (own) => own.includes(emoji)),
  },
} satisfies Area;

const messagePayload = (
  { conversationId, seq }: { conversationId: string; seq: number },
  { position }: Done,
): MessagePayloadEntity => ({
  cursor: position,
  conversationId,
  seq,
});

/** The message that a payload is about. */
function messageIn(context: Context, payload: MessagePayloadEntity): Awaitable<MessageEntity> {
  const { cursor, conversationId, seq, row } = payload;
  const conversation = conversationEntity(conversationId, cursor);
  if (row) return (payload.message ??= messageEntity(context, conversation, row));
  return (payload.message ??= andThen(messageDoneTo(context, conversation, seq), (message) => {
    if (message) return message;
    throw new Error(`the views at ${cursor} do not have ${conversationId}:${seq}`);
  }));
}
