import type { Connection } from "../connections.ts";
import { edged } from "../connections.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, headOf, messageEdge, messageEntity, type MessageEntity, sightOf } from "../entities.ts";
import { type AroundQuery, halvesOf, type MessagePage, type MessageQuery, pageAround, pageOf, visibleRuns } from "./pages.ts";

/** A page of the conversation's messages that the viewer may see. */
export async function timelinePage(
  context: Context,
  conversation: ConversationEntity,
  query: MessageQuery | AroundQuery,
): Promise<Connection<MessageEntity>> {
  const sight = await sightOf(context, conversation);
  const head = (await headOf(context, conversation))?.seq ?? 0;
  const { timelines, relations } = context.services.views;
  const read = async (part: MessageQuery): Promise<MessagePage> =>
    pageOf(visibleRuns(await relations.rangesFor(sight, part), head), part);
  const { runs, hasNext, hasPrevious } = "around" in query ? await around(query, read) : await read(query);
  const found = await Promise.all(
    runs.map(({ from, to }) =>
      timelines.page(conversation.id, { after: from - 1, before: to + 1, limit: to - from + 1, fromEnd: false }),
    ),
  );
  const edges = found.flat().map((row) => messageEdge(messageEntity(context, conversation, row)));
  return edged(edges, hasNext, hasPrevious);
}

async function around(query: AroundQuery, read: (part: MessageQuery) => Promise<MessagePage>): Promise<MessagePage> {
  const { below, above } = halvesOf(query);
  const [down, up] = await Promise.all([read(below), read(above)]);
  return pageAround(down, up, query.count);
}
