import { expiryAt } from "../src/domain/conversation.ts";
import type { EventData } from "../src/domain/events.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import type { Row } from "../src/ports/viewStore.ts";
import { type Projection, put, type Reader, type Rows, seqKey } from "../src/projecting/projection.ts";

/** A message as it is now. Once recalled or expired it has neither text nor attachments nor mentions. */
export type MessageRow = Omit<
  EventData<"MessageSent">,
  "conversationId" | "scheduled" | "imported" | "expiresAfterSeconds" | "textGiven"
> & {
  seq: number;
  /** The event that sent it. */
  position: string;
  /** The newest event that changed it since; absent: none did. */
  version?: string;
  /** ISO 8601; an imported message's own time. */
  sentAt: string;
  editedAt: string | null;
  recalledAt: string | null;
  /** When it expires, or did; absent: never. */
  expiresAt?: string;
  /** Its content is gone from the row. Before that, and after `expiresAt`, it is still there and not to be shown. */
  expired?: true;
};

/**
 * A message as its row holds it: what is as it nearly always is, is left out. So a row takes less time to write and to read, on
 * every send and for every message of a page.
 */
export type StoredMessage = Pick<MessageRow, "senderId" | "clientMutationId" | "seq" | "position" | "sentAt"> &
  Partial<MessageRow>;

type OwnRows = Rows<"messages" | "heads">;
type Place = { conversationId: string; seq: number };

/** The newest message of a conversation. */
export type HeadRow = { seq: number; position: string; sentAt: string };

/** A message, made from the event that sent it: what the row holds at first, and what the sender is answered. */
export function messageOf(event: { data: EventData<"MessageSent">; revision: number; position: string; at: string }): MessageRow {
  // Member by member: this is done twice for each message, and copying the rest of an object takes microseconds.
  const { senderId, clientMutationId, kind, topic, text, attachments, replyTo, mentions, mentionsAll, imported, forwardedFrom } =
    event.data;
  const message: MessageRow = {
    senderId,
    clientMutationId,
    kind,
    topic,
    text,
    attachments,
    replyTo,
    mentions,
    mentionsAll,
    seq: event.revision + 1,
    position: event.position,
    sentAt: imported?.sentAt ?? event.at,
    editedAt: null,
    recalledAt: null,
    ...(event.data.expiresAfterSeconds === undefined ? {} : { expiresAt: expiryAt(event.at, event.data) }),
  };
  if (forwardedFrom) message.forwardedFrom = forwardedFrom;
  return message;
}

/** Member by member, as it is done for each message. */
function stored(message: MessageRow): StoredMessage {
  const { senderId, clientMutationId, kind, topic, text, attachments, replyTo, mentions, mentionsAll, seq, position, sentAt } =
    message;
  const { version, editedAt, recalledAt, expiresAt, expired, forwardedFrom } = message;
  const row: StoredMessage = { senderId, clientMutationId, seq, position, sentAt };
  if (kind !== "TEXT") row.kind = kind;
  if (topic !== null) row.topic = topic;
  if (text !== null) row.text = text;
  if (attachments.length > 0) row.attachments = attachments;
  if (replyTo !== null) row.replyTo = replyTo;
  if (mentions.length > 0) row.mentions = mentions;
  if (mentionsAll) row.mentionsAll = mentionsAll;
  if (version !== undefined) row.version = version;
  if (editedAt !== null) row.editedAt = editedAt;
  if (recalledAt !== null) row.recalledAt = recalledAt;
  if (expiresAt !== undefined) row.expiresAt = expiresAt;
  if (expired !== undefined) row.expired = expired;
  if (forwardedFrom !== undefined) row.forwardedFrom = forwardedFrom;
  return row;
}

/** One for all: most messages have none, and a page has many messages. */
const NO_ATTACHMENTS = Object.freeze<MessageRow["attachments"]>([]) as MessageRow["attachments"];
const NO_MENTIONS = Object.freeze<string[]>([]) as string[];

/** The message that a row holds. */
export function messageFrom(row: StoredMessage): MessageRow {
  const { senderId, clientMutationId, seq, position, sentAt, version, expiresAt, expired, forwardedFrom } = row;
  const message: MessageRow = {
    senderId,
    clientMutationId,
    kind: row.kind ?? "TEXT",
    topic: row.topic ?? null,
    text: row.text ?? null,
    attachments: row.attachments ?? NO_ATTACHMENTS,
    replyTo: row.replyTo ?? null,
    mentions: row.mentions ?? NO_MENTIONS,
    mentionsAll: row.mentionsAll ?? false,
    seq,
    position,
    sentAt,
    editedAt: row.editedAt ?? null,
    recalledAt: row.recalledAt ?? null,
  };
  if (version !== undefined) message.version = version;
  if (expiresAt !== undefined) message.expiresAt = expiresAt;
  if (expired !== undefined) message.expired = expired;
  if (forwardedFrom !== undefined) message.forwardedFrom = forwardedFrom;
  return message;
}

/** The message with this seq, if a row that came with news (`Projection.carried`) is its own. */
export function carriedMessage(row: Row | undefined, seq: number): MessageRow | undefined {
  const message = row as StoredMessage | undefined;
  return message?.seq === seq ? messageFrom(message) : undefined;
}

const found = (row: StoredMessage | undefined): MessageRow | undefined => row && messageFrom(row);

/** Whether nothing of a message may be shown any more at a time, because it has expired. */
export const isExpired = ({ expiresAt, expired }: Pick<MessageRow, "expiresAt" | "expired">, now: () => Date): boolean =>
  expired === true || (expiresAt !== undefined && expiresAt <= now().toISOString());

/**
 * What is left of a message without its content. Member by member: what a later version adds is gone, unless it is named here.
 */
export const emptied = (message: MessageRow): MessageRow => {
  const { senderId, clientMutationId, kind, topic, replyTo, seq, position, version, sentAt, editedAt, recalledAt } = message;
  const { expiresAt, expired } = message;
  return {
    senderId,
    clientMutationId,
    kind,
    topic,
    text: null,
    attachments: [],
    replyTo,
    mentions: [],
    mentionsAll: false,
    seq,
    position,
    sentAt,
    editedAt,
    recalledAt,
    ...(version === undefined ? {} : { version }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(expired === undefined ? {} : { expired }),
  };
};

async function messageIn(rows: OwnRows, { conversationId, seq }: Place, what: string): Promise<MessageRow> {
  const row = await rows.get<StoredMessage>("messages", conversationId, seqKey(seq));
  if (!row) throw new Error(`message ${conversationId}:${seq} was ${what} before it was sent`);
  return messageFrom(row);
}

/** Messages by conversation and seq, kept for ever; their event ids, for what is done once; each conversation's head. */
export const timelines: Projection<"messages" | "heads"> = {
  name: "timelines",
  version: 3,
  // The heads are not read back, but written again with every message: so a commit has only the last one.
  reads: ["messages", "heads"],
  reliedOn: true,
  // Whoever is told of a message is shown it.
  carried: ["messages"],
  conversationOf: ({ partition }) => partition,
  handlers: {
    MessageSent: (event) => {
      const message = messageOf(event);
      const conversation = event.data.conversationId;
      return [
        put("messages", conversation, seqKey(message.seq), stored(message)),
        put("ids", conversation, event.id, message.seq),
        put("heads", conversation, "", { seq: message.seq, position: event.position, sentAt: message.sentAt } satisfies HeadRow),
      ];
    },
    MessageEdited: async ({ data, at, position }, rows) => {
      const message = await messageIn(rows, data, "edited");
      if (message.recalledAt !== null || message.expired) return [];
      const edited: MessageRow = { ...message, text: data.text, editedAt: at, version: position };
      return [put("messages", data.conversationId, seqKey(data.seq), stored(edited))];
    },
    MessageRecalled: async ({ data, at, position }, rows) => {
      const recalled: MessageRow = { ...emptied(await messageIn(rows, data, "recalled")), recalledAt: at, version: position };
      return [put("messages", data.conversationId, seqKey(data.seq), stored(recalled))];
    },
    MessageExpired: async ({ data, position }, rows) => {
      const expired: MessageRow = { ...emptied(await messageIn(rows, data, "expired")), expired: true, version: position };
      return [put("messages", data.conversationId, seqKey(data.seq), stored(expired))];
    },
  },
};

/** The only functions that read the timelines' rows. None of them asks whether the viewer may see what it returns. */
export const timelineReads = (reader: Reader) => ({
  message: (conversation: string, seq: number): Awaitable<MessageRow | undefined> => {
    const row = reader.get<StoredMessage>("messages", conversation, seqKey(seq));
    return row instanceof Promise ? row.then(found) : found(row);
  },
  /** `isOnce`: see `ViewStore`. */
  messages: async (
    ids: readonly { conversation: string; seq: number }[],
    isOnce?: boolean,
  ): Promise<(MessageRow | undefined)[]> => {
    const keys = ids.map(({ conversation, seq }) => [conversation, seqKey(seq)] as const);
    return (await reader.getMany<StoredMessage>("messages", keys, isOnce)).map(found);
  },
  /** At most `limit` messages above `after` and below `before`, taken from either end, always ascending. */
  page: async (
    conversation: string,
    query: { after?: number; before?: number; limit: number; fromEnd: boolean },
  ): Promise<MessageRow[]> => {
    const page = await reader.range<StoredMessage>("messages", conversation, {
      ...(query.after === undefined ? {} : { after: seqKey(query.after) }),
      ...(query.before === undefined ? {} : { before: seqKey(query.before) }),
      limit: query.limit,
      reverse: query.fromEnd,
    });
    const messages = page.map(({ value }) => messageFrom(value));
    return query.fromEnd ? messages.reverse() : messages;
  },
  /** The seq of the message that an event of this id sent. */
  seqOfEvent: (conversation: string, eventId: string) => reader.get<number>("ids", conversation, eventId),
  seqsOfEvents: (conversation: string, eventIds: readonly string[]) =>
    reader.getMany<number>(
      "ids",
      eventIds.map((id) => [conversation, id] as const),
    ),
  head: (conversation: string) => reader.get<HeadRow>("heads", conversation, ""),
  heads: (conversations: readonly string[]) =>
    reader.getMany<HeadRow>(
      "heads",
      conversations.map((id) => [id, ""] as const),
    ),
});
