import { andThen, type Awaitable } from "../../ports/awaitable.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, hiddenMessage, messageAt, type MessageEntity, visibleMessage } from "../entities.ts";

/**
 * A message that the viewer has done something to. Whoever may not see it any more, and asks the same again, gets it without its
 * content, and learns nothing of what became of it since. Null if the views do not have it.
 */
export function messageDoneTo(context: Context, conversation: ConversationEntity, seq: number): Awaitable<MessageEntity | null> {
  return andThen(
    visibleMessage(context, conversation, seq),
    (visible) =>
      visible ?? andThen(messageAt(context, conversation, seq), (message) => message && hiddenMessage(context, message)),
  );
}
