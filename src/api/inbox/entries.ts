import type { Entry, Placed } from "../../../projections/inboxEntries.ts";
import type { JoinRequestEntry } from "../../../projections/joinNews.ts";
import type { MessageRow } from "../../../projections/timelines.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { Context } from "../context.ts";
import {
  type ConversationEntity,
  conversationEntity,
  type EntryEntity,
  type JoinRequestEntity,
  friendRequestEntity,
  messageEntity,
  userEntity,
  type ViewerEntity,
} from "../entities.ts";
import { joinRequestsSeen } from "../joining.ts";

/**
 * Entries as clients get them, in order, with messages as they are now. An entry is left out if the views do not have its
 * message because its event is parked; otherwise the client could not get past it. `seen`: the watermark before the entries
 * were read. With it, rows that were just read for others are used again.
 */
export async function entryEntities(context: Context, placed: readonly Placed<Entry>[], seen?: Position): Promise<EntryEntity[]> {
  const [rows, requests] = await Promise.all([messagesOf(context, placed, seen), requestsOf(context, placed)]);
  const known = new Map<string, ConversationEntity>();
  const conversationOf = (id: string): ConversationEntity => {
    // Entries of a subscription are separate answers, delivered one by one. Rows kept from one would be old for the next.
    if (seen !== undefined) return conversationEntity(id);
    const conversation = known.get(id) ?? conversationEntity(id);
    known.set(id, conversation);
    return conversation;
  };
  const viewer: ViewerEntity = { userId: context.caller.userId };
  const viewerOf = (): ViewerEntity => (seen === undefined ? viewer : { userId: viewer.userId });
  return placed.flatMap(({ position, entry }) => {
    if (entry.kind !== "joinRequest")
      return entryEntity(context, position, entry, { conversationOf, viewerOf }, rows.get(position)) ?? [];
    const request = requests.get(position);
    return request ? { __typename: "JoinRequestChanged", cursor: position, at: entry.at, request } : [];
  });
}

/** The requests to join that the entries tell of, by the entries' positions. Those who decided then may not see them any more. */
async function requestsOf(context: Context, placed: readonly Placed<Entry>[]): Promise<Map<Position, JoinRequestEntity>> {
  const told = placed.flatMap(({ position, entry }) => (entry.kind === "joinRequest" ? [{ position, entry }] : []));
  if (told.length === 0) return new Map();
  const seen = await joinRequestsSeen(
    context,
    told.map(({ entry }) => entry),
  );
  return new Map(
    told.flatMap(({ position }, index) => {
      const request = seen[index];
      return request ? [[position, request] as const] : [];
    }),
  );
}

/** So many messages are read in one call, and all of them are decoded at once. */
const READ_AT_ONCE = 64;

/**
 * The messages of the entries, by the entries' positions. A row that is being read for one reader is not read again for the
 * next.
 */
async function messagesOf(
  { services, recentMessages }: Context,
  placed: readonly Placed<Entry>[],
  seen: Position | undefined,
): Promise<Map<Position, MessageRow>> {
  const rows = new Map<Position, MessageRow>();
  const awaited: Promise<{ position: Position; row: MessageRow | undefined }>[] = [];
  const missing: { position: Position; conversation: string; seq: number }[] = [];
  for (const { position, entry } of placed) {
    if (entry.kind !== "received" && entry.kind !== "changed") continue;
    const known = seen === undefined ? undefined : recentMessages.get(`${position}@${seen}`);
    if (known === undefined) missing.push({ position, conversation: entry.conversation, seq: entry.seq });
    else if (known instanceof Promise) awaited.push(known.then((row) => ({ position, row })));
    else rows.set(position, known);
  }
  const read = async (): Promise<void> => {
    for (let from = 0; from < missing.length; from += READ_AT_ONCE) {
      const some = missing.slice(from, from + READ_AT_ONCE);
      const reading = Promise.resolve(services.views.timelines.messages(some));
      if (seen !== undefined) {
        for (const [index, { position }] of some.entries()) {
          const row = reading.then((found) => found[index]);
          share(recentMessages, `${position}@${seen}`, row);
        }
      }
      for (const [index, row] of (await reading).entries()) {
        const position = some[index]?.position;
        if (row && position !== undefined) rows.set(position, row);
      }
    }
  };
  // All of them together. If they were awaited one by one, nobody would handle a later one's rejection.
  const [others] = await Promise.all([Promise.all(awaited), read()]);
  for (const { position, row } of others) if (row) rows.set(position, row);
  return rows;
}

/**
 * Lets others use the row, even while it is being read. A row that is missing or cannot be read is forgotten, so it is read
 * again.
 */
function share(recent: Context["recentMessages"], key: string, row: Promise<MessageRow | undefined>): void {
  recent.set(key, row);
  row.then(
    (found) => (found ? recent.set(key, found) : recent.delete(key)),
    () => recent.delete(key),
  );
}

/** An entry of a subscription that tells of a message. */
export function messageEntry(context: Context, { position, entry }: Placed<Entry>, row: MessageRow): EntryEntity {
  const viewerOf = (): ViewerEntity => ({ userId: context.caller.userId });
  const made =
    entry.kind === "joinRequest"
      ? undefined
      : entryEntity(context, position, entry, { conversationOf: conversationEntity, viewerOf }, row);
  if (made === undefined) throw new Error(`an entry of kind ${entry.kind} tells of no message`);
  return made;
}

function entryEntity(
  context: Context,
  cursor: Position,
  entry: Exclude<Entry, JoinRequestEntry>,
  { conversationOf, viewerOf }: { conversationOf: (id: string) => ConversationEntity; viewerOf: () => ViewerEntity },
  row: MessageRow | undefined,
): EntryEntity | undefined {
  const { at } = entry;
  switch (entry.kind) {
    case "received":
      return (
        row && {
          __typename: "MessageReceived",
          cursor,
          at,
          message: messageEntity(context, conversationOf(entry.conversation), row),
          viewer: viewerOf(),
        }
      );
    case "changed":
      return (
        row && {
          __typename: "MessageChanged",
          cursor,
          at,
          message: messageEntity(context, conversationOf(entry.conversation), row),
          messageChange: entry.change,
        }
      );
    case "read":
      return {
        __typename: "ReadMoved",
        cursor,
        at,
        conversation: conversationOf(entry.conversation),
        readSeq: entry.seq,
        viewer: viewerOf(),
      };
    case "request":
      return { __typename: "FriendRequestChanged", cursor, at, request: friendRequestEntity(entry.users, entry.number) };
    case "friendship":
      return { __typename: "FriendshipChanged", cursor, at, user: userEntity(entry.user) };
    case "conversation":
      return { __typename: "ConversationChanged", cursor, at, conversation: conversationOf(entry.conversation) };
    case "membership": {
      const { user, actor, change } = entry;
      return {
        __typename: "MembershipChanged",
        cursor,
        at,
        conversation: conversationOf(entry.conversation),
        user: userEntity(user),
        actor: userEntity(actor),
        membershipChange: change,
      };
    }
    default:
      return untold(entry);
  }
}

/**
 * Makes the compiler check that each kind of entry is handled. A kind that is left out would reach nobody, since cursors
 * would pass it.
 */
function untold(entry: never): never {
  throw new Error(`nothing tells of an entry such as ${JSON.stringify(entry)}`);
}
