import { messageIdOf } from "../domain/ids.ts";
import { userEntity, visibleMessage } from "./entities.ts";
import type { MessageResolvers } from "./generated.ts";

export const Message: MessageResolvers = {
  id: ({ conversation, row }) => messageIdOf(conversation.id, row.seq),
  conversation: ({ conversation }) => conversation,
  seq: ({ row }) => row.seq,
  cursor: ({ row }) => row.position,
  sender: ({ row, at }) => userEntity(row.senderId, at),
  clientMutationId: ({ row }) => row.clientMutationId,
  sentAt: ({ row }) => row.sentAt,
  kind: ({ row }) => row.kind,
  topic: ({ row }) => row.topic,
  text: ({ row }) => row.text,
  attachments: ({ row }) => row.attachments,
  replyTo: ({ conversation, row }, _, context) =>
    row.replyTo === null ? null : visibleMessage(context, conversation, row.replyTo),
  mentions: ({ row, at }) => row.mentions.map((id) => userEntity(id, at)),
  mentionsAll: ({ row }) => row.mentionsAll,
  editedAt: ({ row }) => row.editedAt,
  recalledAt: ({ row }) => row.recalledAt,
};
