import { isExpired } from "../../../projections/timelines.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, messageEntity, type MessageEntity, readAt, sightOf } from "../entities.ts";

/** The pinned messages that the viewer may see, the one that was pinned last first. */
export async function pinsOf(context: Context, conversation: ConversationEntity): Promise<MessageEntity[]> {
  const { annotations, relations, timelines } = context.services.views;
  const sight = await sightOf(context, conversation);
  const pinned = await readAt(context, conversation.at, () => annotations.pins(conversation.id));
  const seen = await Promise.all(pinned.map(async (seq) => relations.sees(sight, seq)));
  const places = pinned.filter((_, index) => seen[index]).map((seq) => ({ conversation: conversation.id, seq }));
  const rows = places.length === 0 ? [] : await timelines.messages(places);
  return rows.flatMap((row) => (row && !isExpired(row, context.services.now) ? [messageEntity(context, conversation, row)] : []));
}
