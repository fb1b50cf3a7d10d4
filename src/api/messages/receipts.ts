import { directMembers, isDirect } from "../../domain/ids.ts";
import { andThen, type Awaitable } from "../../ports/awaitable.ts";
import { edgeCursor } from "../arguments.ts";
import { type Connection, edged } from "../connections.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, membershipOf, type MessageEntity, readAt, type UserEntity, userEntity } from "../entities.ts";

/*
 * Who has read a message is for the present members, and in a channel for its staff: for everyone else nobody has. A member has
 * read what was sent since they joined, the last time, and does not lie above their mark.
 */

function isReader(context: Context, conversation: ConversationEntity): Awaitable<boolean> {
  const { receipts } = context.services.views;
  const read = () => receipts.reader(conversation.id, context.caller.userId);
  // In a group that was dissolved nobody is a member any more.
  return (conversation.isReader ??= andThen(membershipOf(context, conversation), (stay) =>
    stay === undefined ? false : andThen(readAt(context, conversation.at, read), (row) => row !== undefined),
  ));
}

/** The other one of a direct conversation, if they have read the message. */
async function directReaders({ services }: Context, { conversation, row }: MessageEntity): Promise<string[]> {
  const [other] = (directMembers(conversation.id) ?? []).filter((user) => user !== row.senderId);
  return other !== undefined && (await services.views.readMarks.mark(other, conversation.id)) >= row.seq ? [other] : [];
}

export function readCountOf(context: Context, message: MessageEntity): Awaitable<number> {
  const { conversation, row, at } = message;
  if (isDirect(conversation.id))
    return andThen(
      readAt(context, at, () => directReaders(context, message)),
      ({ length }) => length,
    );
  const { receipts } = context.services.views;
  return andThen(isReader(context, conversation), (isIn) =>
    isIn ? receipts.readCount(conversation.id, row.seq, row.senderId) : 0,
  );
}

type Page = { readers: { key: string; user: string }[]; next: string | undefined };

export async function readByOf(
  context: Context,
  message: MessageEntity,
  first: number,
  after: string | undefined,
): Promise<Connection<UserEntity>> {
  const { conversation, row, at } = message;
  const page = async (limit: number, from: string | undefined): Promise<Page> => {
    if (isDirect(conversation.id)) {
      const readers = (await directReaders(context, message)).map((user) => ({ key: user, user }));
      return { readers: readers.filter(({ key }) => from === undefined || key > from), next: undefined };
    }
    if (!(await isReader(context, conversation))) return { readers: [], next: undefined };
    return context.services.views.receipts.readBy(conversation.id, row.seq, row.senderId, { after: from, limit });
  };
  const { readers, next } = await readAt(context, at, () => page(first, after));
  const [earliest] = after === undefined ? [] : (await page(1, undefined)).readers;
  const hasPrevious = after !== undefined && earliest !== undefined && earliest.key <= after;
  const edges = readers.map(({ key, user }) => ({ cursor: edgeCursor(key), node: userEntity(user, at) }));
  const { pageInfo } = edged(edges, next !== undefined, hasPrevious);
  return { edges, pageInfo: next === undefined ? pageInfo : { ...pageInfo, endCursor: edgeCursor(next) } };
}
