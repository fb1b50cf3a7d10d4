import { messageIdOf } from "../domain/ids.ts";
import { shownAttachments } from "./attachments.ts";
import type { MessageData } from "./outgoing.ts";
import type { Question } from "./sendHooks.ts";

/** What is asked about a message that is new. `id`: of its event. It has no place in the conversation yet. */
export function questionOf(id: string, action: "SEND" | "FORWARD", message: MessageData): Question {
  const { conversationId, senderId, kind, topic, text, attachments, replyTo, mentions, mentionsAll, forwardedFrom } = message;
  return {
    id,
    kind,
    data: {
      action,
      conversationId,
      senderId,
      kind,
      topic,
      text,
      attachments: shownAttachments(attachments),
      replyTo,
      mentions,
      mentionsAll,
      forwarded: forwardedFrom !== undefined,
    },
  };
}

/** The same for an edit, whose text is that of a message or a caption. */
export const questionOfEdit = (
  id: string,
  { conversationId, seq, senderId, text }: { conversationId: string; seq: number; senderId: string; text: string },
): Question => ({
  id,
  kind: "TEXT",
  data: { action: "EDIT", conversationId, messageId: messageIdOf(conversationId, seq), seq, senderId, text },
});
