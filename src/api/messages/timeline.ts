import type { Connection } from "../connections.ts";
import { edged } from "../connections.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, headOf, messageEntity, type MessageEntity, sightOf } from "../entities.ts";
import { type MessageQuery, pageOf, visibleRuns } from "./pages.ts";

/** A page of the conversation's messages that the viewer may see. */
export async function timelinePage(
  context: Context,
  conversation: ConversationEntity,
  query: MessageQuery,
): Promise<Connection<MessageEntity>> {
  const sight = await sightOf(context, conversation);
  const head = (await headOf(context, conversation))?.seq ?? 0;
  const { timelines, relations } = context.services.views;
  const { runs, hasNext, hasPrevious } = pageOf(visibleRuns(await relations.rangesFor(sight, query), head), query);
  const found = await Promise.all(
    runs.map(({ from, to }) =>
      timelines.page(conversation.id, { after: from - 1, before: to + 1, limit: to - from + 1, fromEnd: false }),
    ),
  );
  const edges = found.flat().map((row) => ({ cursor: String(row.seq), node: messageEntity(context, conversation, row) }));
  return edged(edges, hasNext, hasPrevious);
}
