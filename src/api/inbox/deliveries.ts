import type { MessageRow } from "../../../projections/timelines.ts";
import type { Telling } from "../../delivery/feed.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { EntryDelivery } from "../area.ts";
import type { Context } from "../context.ts";
import type { EntryEntity } from "../entities.ts";
import { entryEntities } from "./entries.ts";

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
  ...fields("Attachment", "url", "name", "mediaType", "size", "width", "height"),
  ...fields("User", "id", "handle", "name", "avatarUrl", "gender", "age", "signature", "tags", "bot"),
  ...fields("Tag", "name", "score"),
  ...fields("JoinRequestChanged", "cursor", "at"),
  ...fields("ConversationChanged", "cursor", "at", "conversation"),
  ...fields("Conversation", "id", "kind", "createdAt"),
]);

/** How a subscription of this field delivers entries. */
export function tellingOf(context: Context, field: string): Telling<EntryDelivery> {
  const { now } = context.services;
  const sentAt = sentAfter(Date.now());
  const delivery = (entry: EntryEntity, seen: Position): EntryDelivery => {
    const made: EntryDelivery = { root: { [field]: entry } };
    const at = sentAt(entry);
    if (isShared(entry)) made.shared = `${entry.cursor}@${seen}`;
    if (at !== undefined) made.at = at;
    return made;
  };
  return {
    entries: (placed, seen, isRecent) => {
      const entries = entryEntities(context, placed, seen, isRecent);
      if (entries instanceof Promise) return entries.then((all) => all.map((entry) => delivery(entry, seen)));
      return entries.map((entry) => delivery(entry, seen));
    },
    mark: (kind, at) => ({
      root: { [field]: { __typename: MARKS[kind], cursor: at, at: now().toISOString() } },
    }),
    // Only messages are made of rows before they are rendered.
    growsOld: ({ root: { [field]: entry } }): Position | undefined => (entry && "message" in entry ? entry.cursor : undefined),
  };
}

/**
 * When a message was sent that is news, in milliseconds since 1970: one that was sent after the subscription began. Undefined for
 * everything else: what was missed says nothing about how long a delivery takes.
 */
function sentAfter(began: number): (entry: EntryEntity) => number | undefined {
  return (entry) => {
    if (entry.__typename !== "MessageReceived") return undefined;
    const at = millisecondsOf(entry.at);
    return at >= began ? at : undefined;
  };
}

/** The last text that was read. One message goes to thousands of subscribers, one after the other. */
let lastRead = { text: "", ms: 0 };

function millisecondsOf(text: string): number {
  if (text !== lastRead.text) lastRead = { text, ms: Date.parse(text) };
  return lastRead.ms;
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
const isShared = (entry: EntryEntity): boolean =>
  SHARED.has(entry.__typename) && !("message" in entry && mayStillExpire(entry.message.row));

const mayStillExpire = ({ expiresAt, expired }: MessageRow): boolean => expiresAt !== undefined && !expired;
