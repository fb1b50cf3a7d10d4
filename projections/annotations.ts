import { MAX_PINS } from "../src/domain/events.ts";
import { messageIdOf } from "../src/domain/ids.ts";
import { counted, type Reaction } from "../src/domain/reactions.ts";
import { del, type Projection, put, type Reader, type Rows, seqKey, type TableWrite } from "../src/projecting/projection.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import { beforeLast } from "./conversationRows.ts";

const READS = ["reactions", "reactors", "pinned"] as const;
type Read = (typeof READS)[number];
type OwnRows = Rows<Read>;

/**
 * What people do with messages that were sent. Reactions: the counts of a message in one row, since its different emoji are few;
 * who reacted in a row for each, since they may be thousands. Those stay if the message is recalled or expires: nothing leads to
 * them then. Pinned messages by conversation, in the order in which they were pinned.
 */
export const annotations: Projection<Read> = {
  name: "annotations",
  version: 1,
  reads: READS,
  conversationOf: ({ table, partition }) => (table === "reactors" ? beforeLast(partition, ":") : partition),
  handlers: {
    ReactionAdded: (event, rows) => reacted(event, rows, (own, emoji) => [...own, emoji], 1),
    ReactionRemoved: (event, rows) => reacted(event, rows, (own, emoji) => own.filter((other) => other !== emoji), -1),
    MessagePinned: ({ data: { conversationId, seq }, position }) => [
      put("pinned", conversationId, seqKey(seq), position),
      put("pins", conversationId, position, seq),
    ],
    MessageUnpinned: unpinned,
    MessageRecalled: gone,
    MessageExpired: gone,
  },
};

type OfMessage = { data: { conversationId: string; seq: number } };

async function gone(event: OfMessage, rows: OwnRows): Promise<TableWrite[]> {
  const { conversationId, seq } = event.data;
  return [del("reactions", conversationId, seqKey(seq)), ...(await unpinned(event, rows))];
}

async function unpinned({ data: { conversationId, seq } }: OfMessage, rows: OwnRows): Promise<TableWrite[]> {
  const position = await rows.get<string>("pinned", conversationId, seqKey(seq));
  return position === undefined ? [] : [del("pinned", conversationId, seqKey(seq)), del("pins", conversationId, position)];
}

async function reacted(
  { data }: Recorded<"ReactionAdded" | "ReactionRemoved">,
  rows: OwnRows,
  change: (own: readonly string[], emoji: string) => readonly string[],
  by: 1 | -1,
): Promise<TableWrite[]> {
  const { conversationId: conversation, seq, userId, emoji } = data;
  const message = messageIdOf(conversation, seq);
  const own = change((await rows.get<readonly string[]>("reactors", message, userId)) ?? [], emoji);
  const counts = counted((await rows.get<readonly Reaction[]>("reactions", conversation, seqKey(seq))) ?? [], emoji, by);
  return [
    own.length > 0 ? put("reactors", message, userId, own) : del("reactors", message, userId),
    counts.length > 0 ? put("reactions", conversation, seqKey(seq), counts) : del("reactions", conversation, seqKey(seq)),
  ];
}

type Place = { conversation: string; seq: number };

/** The only functions that read the annotations' rows. None of them asks whether the viewer may see the message. */
export const annotationReads = (reader: Reader) => ({
  /** A message's reactions, in the order in which each emoji came first. */
  reactions: ({ conversation, seq }: Place) => reader.get<readonly Reaction[]>("reactions", conversation, seqKey(seq)),
  reactionsOfMany: (places: readonly Place[]) =>
    reader.getMany<readonly Reaction[]>(
      "reactions",
      places.map(({ conversation, seq }) => [conversation, seqKey(seq)] as const),
    ),
  /** The seqs of a conversation's pinned messages, the one that was pinned last first. */
  pins: async (conversation: string): Promise<number[]> =>
    (await reader.range<number>("pins", conversation, { limit: MAX_PINS, reverse: true })).map(({ value }) => value),
  /** How many pinned messages a conversation has; it counts no further than `MAX_PINS`. */
  pinCount: async (conversation: string): Promise<number> =>
    (await reader.range<number>("pins", conversation, { limit: MAX_PINS })).length,
  /** The emoji with which each of these users reacted to a message. */
  reactionsBy: (keys: readonly (Place & { user: string })[]) =>
    reader.getMany<readonly string[]>(
      "reactors",
      keys.map(({ conversation, seq, user }) => [messageIdOf(conversation, seq), user] as const),
    ),
});
