import { isExpired } from "../../../projections/timelines.ts";
import { andThen, type Awaitable } from "../../ports/awaitable.ts";
import type { Context } from "../context.ts";
import { type MessageEntity, type ReactionEntity, readAt } from "../entities.ts";

/** How members reacted to a message that the viewer may see. */
export function reactionsOf(context: Context, message: MessageEntity): Awaitable<ReactionEntity[]> {
  const { conversation, row, at, isHidden } = message;
  if (isHidden || row.recalledAt !== null || isExpired(row, context.services.now)) return [];
  const read = () => context.loaders.reactions({ conversation: conversation.id, seq: row.seq });
  return andThen(readAt(context, at, read), (reactions) => (reactions ?? []).map((reaction) => ({ message, ...reaction })));
}

/** The emoji with which the viewer reacted to a message. */
export function ownReactions(context: Context, message: MessageEntity): Awaitable<readonly string[]> {
  const { conversation, row, at } = message;
  const key = { conversation: conversation.id, seq: row.seq, user: context.caller.userId };
  return andThen((message.ownReactions ??= readAt(context, at, () => context.loaders.reactionsBy(key))), (own) => own ?? []);
}
