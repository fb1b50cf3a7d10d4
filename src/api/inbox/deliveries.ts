import type { Telling } from "../../delivery/feed.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { EntryDelivery } from "../area.ts";
import type { Context } from "../context.ts";
import type { EntryEntity } from "../entities.ts";
import { entryEntities } from "./entries.ts";

const fields = (type: string, ...names: string[]): string[] => names.map((name) => `${type}.${name}`);

/**
 * Fields whose value never depends on the viewer. A delivery with a `shared` key may be computed once for all subscribers
 * that read nothing else: entries that are the viewer's own (ReadMoved) have no such key. A title is not among them, a direct
 * conversation's is the other one's name; nor is how many members there are, which is not the same for who has left.
 */
export const SHARED_FIELDS: ReadonlySet<string> = new Set([
  ...fields("InboxCaughtUp", "cursor", "at"),
  ...fields("InboxReset", "cursor", "at"),
  ...fields("MessageReceived", "cursor", "at", "message"),
  ...fields("MessageChanged", "cursor", "at", "message", "change"),
  ...fields("ReadMoved", "cursor", "at", "conversation", "readSeq"),
  ...fields("MembershipChanged", "cursor", "at", "conversation", "user", "actor", "change"),
  ...fields("Message", "id", "conversation", "seq", "cursor", "sender", "clientMutationId", "sentAt", "kind", "topic", "text"),
  ...fields("Message", "attachments", "mentions", "mentionsAll", "editedAt", "recalledAt"),
  ...fields("Attachment", "url", "name", "mediaType", "size", "width", "height"),
  ...fields("User", "id", "handle", "name", "avatarUrl", "gender", "age", "signature", "tags"),
  ...fields("Tag", "name", "score"),
  ...fields(
    "Conversation",
    "id",
    "kind",
    "avatarUrl",
    "description",
    "announcement",
    "category",
    "tags",
    "createdAt",
    "joinPolicy",
  ),
  ...fields("Conversation", "public", "historyVisible"),
]);

/** How a subscription of this field tells entries. */
export function tellingOf(context: Context, field: string): Telling<EntryDelivery> {
  const { now } = context.services;
  return {
    entries: async (placed, seen) => {
      const entries = await entryEntities(context, placed, seen);
      return entries.map((entry) => ({
        root: { [field]: entry },
        ...(isShared(entry) ? { shared: `${entry.cursor}@${seen}` } : {}),
      }));
    },
    mark: (kind, at) => ({
      root: { [field]: { __typename: MARKS[kind], cursor: at, at: now().toISOString() } },
    }),
    // Nothing but a message is made of rows before it is rendered.
    growsOld: ({ root: { [field]: entry } }): Position | undefined => (entry && "message" in entry ? entry.cursor : undefined),
  };
}

const MARKS = { caughtUp: "InboxCaughtUp", reset: "InboxReset" } as const;

/** Whether an entry tells everyone the same. */
const isShared = ({ __typename }: EntryEntity): boolean =>
  __typename === "MessageReceived" || __typename === "MessageChanged" || __typename === "MembershipChanged";
