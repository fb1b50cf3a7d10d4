import type { Entry, Placed } from "../../../projections/inboxEntries.ts";
import { carriedMessage, type MessageRow } from "../../../projections/timelines.ts";
import type { Telling } from "../../delivery/feed.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { EntryDelivery } from "../area.ts";
import type { Context, NewMessage } from "../context.ts";
import type { EntryEntity } from "../entities.ts";
import { entryEntities, messageEntry } from "./entries.ts";

const fields = (type: string, ...names: string[]): string[] => names.map((name) => `${type}.${name}`);

/**
 * Fields whose value never depends on the viewer. A delivery with a `shared` key may be computed once for all subscribers that
 * read no other fields. Entries of a single viewer (ReadMoved and others) have no such key. Not in the list are `viewer`; what a
 * group says of itself and how many members it has, which former members see as they were; and `title`, which is the other
 * member's name in a direct conversation.
 */
export const SHARED_FIELDS: ReadonlySet<string> = new Set([
  ...fields("InboxCaughtUp", "cursor", "at"),
  ...fields("InboxReset", "cursor", "at"),
  ...fields("MessageReceived", "cursor", "at", "message", "edge"),
  ...fields("MessageChanged", "cursor", "at", "message", "messageChange"),
  // An entry of one viewer. An operation that reads the cursor of every entry could otherwise not be shared at all.
  ...fields("FriendRequestChanged", "cursor", "at"),
  ...fields("FriendshipChanged", "cursor", "at"),
  ...fields("ReadMoved", "cursor", "at", "conversation", "readSeq"),
  ...fields("MembershipChanged", "cursor", "at", "conversation", "user", "actor", "membershipChange"),
  ...fields("Message", "id", "conversation", "seq", "cursor", "sender", "clientMutationId", "sentAt", "kind", "topic", "text"),
  ...fields("Message", "attachments", "mentions", "mentionsAll", "editedAt", "recalledAt", "expiresAt", "reactions"),
  ...fields("Reaction", "emoji", "count"),
  ...fields("MessageEdge", "cursor", "node"),
  ...fields("Attachment", "url", "name", "mediaType", "size", "width", "height", "thumbnailUrl", "expiresAt"),
  ...fields("User", "id", "handle", "name", "avatarUrl", "gender", "age", "signature", "tags", "bot"),
  ...fields("Tag", "name", "score"),
  ...fields("JoinRequestChanged", "cursor", "at"),
  ...fields("ConversationChanged", "cursor", "at", "conversation"),
  ...fields("Conversation", "id", "kind", "createdAt"),
]);

/** How a subscription of this field delivers entries. */
export function tellingOf(context: Context, field: string): Telling<EntryDelivery> {
  const { now } = context.services;
  const delivery = (entry: EntryEntity, seen: Position): EntryDelivery => ({
    root: { [field]: entry },
    shared: isShared(context, entry) ? `${entry.cursor}@${seen}` : undefined,
    at: entry.__typename === "MessageReceived" ? Date.parse(entry.at) : undefined,
    message: "message" in entry ? entry.cursor : undefined,
  });
  return {
    entries: (placed, seen, isRecent) => {
      const told = isRecent ? newsOf(context, field, placed, seen) : undefined;
      if (told) return told;
      const entries = entryEntities(context, placed, seen);
      return entries.then((all) => all.map((entry) => delivery(entry, seen)));
    },
    mark: (kind, at) => ({
      root: { [field]: { __typename: MARKS[kind], cursor: at, at: now().toISOString() } },
    }),
    // Only messages are made of rows before they are rendered.
    growsOld: ({ message }) => message,
  };
}

/**
 * Deliveries of entries that the tail holds, if they tell only of messages, and their rows can be had at once. One message goes
 * to thousands of subscribers, one after the other, and most of them need nothing but the key of a result that is there already:
 * so they get the very same deliveries.
 */
function newsOf(
  context: Context,
  field: string,
  placed: readonly Placed<Entry>[],
  seen: Position,
): readonly EntryDelivery[] | undefined {
  const { news } = context;
  const { last } = news;
  if (last?.placed === placed && last.seen === seen && last.field === field) return last.told;
  const told: EntryDelivery[] = [];
  let isAll = true;
  for (const one of placed) {
    const message = newMessage(context, field, one, seen);
    if (message === undefined) return undefined;
    if (message.delivery === undefined) isAll = false;
    else told.push(message.delivery);
  }
  // One that is missing may be there for the next reader.
  if (isAll) news.last = { placed, seen, field, told };
  return told;
}

/** So many messages are held at a time for those who are told the same. */
const MADE = 1_024;

function newMessage(
  { services, newMessages }: Context,
  field: string,
  placed: Placed<Entry>,
  seen: Position,
): NewMessage | undefined {
  const { position, entry } = placed;
  if (entry.kind !== "received" && entry.kind !== "changed") return undefined;
  if (newMessages.seen !== seen || newMessages.made.size >= MADE)
    [newMessages.seen, newMessages.made] = [seen, new Map<Entry, NewMessage>()];
  const known = newMessages.made.get(entry);
  if (known?.field === field) return known;
  const row =
    carriedMessage(services.tail?.carried(position, seen), entry.seq) ??
    services.views.timelines.message(entry.conversation, entry.seq);
  if (row instanceof Promise) {
    // It is asked for once more, by whoever can wait.
    row.catch(() => undefined);
    return undefined;
  }
  const message: NewMessage = {
    field,
    row,
    delivery: row && {
      rootOf: (context) => ({ [field]: messageEntry(context, placed, row) }),
      shared: mayDiffer(services, row) ? undefined : `${position}@${seen}`,
      at: entry.kind === "received" ? Date.parse(entry.at) : undefined,
      message: position,
    },
  };
  // One that is missing may be there for the next reader.
  if (row !== undefined) newMessages.made.set(entry, message);
  return message;
}

const MARKS = { caughtUp: "InboxCaughtUp", reset: "InboxReset" } as const;

const SHARED: ReadonlySet<EntryEntity["__typename"]> = new Set([
  "MessageReceived",
  "MessageChanged",
  "MembershipChanged",
  "ConversationChanged",
] as const);

/**
 * Whether an entry is the same for everyone, now and for as long as its delivery is kept. A message that expires is not: it may
 * expire in between.
 */
const isShared = ({ services }: Context, entry: EntryEntity): boolean =>
  SHARED.has(entry.__typename) && !("message" in entry && mayDiffer(services, entry.message.row));

/** A message that may still expire; or one with files, if their addresses depend on where a client is. */
const mayDiffer = ({ files }: Context["services"], { expiresAt, expired, attachments }: MessageRow): boolean =>
  (expiresAt !== undefined && !expired) ||
  (attachments.length > 0 && files?.store.sameForAll === false && attachments.some(({ file }) => file !== undefined));
