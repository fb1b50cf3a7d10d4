import { type EventData, EXPIRES_MAX_S, EXPIRES_MIN_S, MAX_ATTACHMENTS, MAX_MENTIONS, MAX_TEXT, MAX_TOPIC } from "./events.ts";
import { Refusal } from "./refusal.ts";
import { isBlank, isLonger, nameText, wellFormed } from "./text.ts";

type Message = EventData<"MessageSent">;

/** A message as a caller asks for it; absent and null mean not given. Its parts have been parsed by the schemas of events.ts. */
export type MessageInput = Pick<
  Message,
  "conversationId" | "senderId" | "clientMutationId" | "kind" | "scheduled" | "imported"
> & {
  topic?: string | null;
  text?: string | null;
  attachments?: Message["attachments"] | null;
  replyTo?: number | null;
  mentions?: readonly string[] | null;
  mentionsAll?: boolean | null;
  expiresAfterSeconds?: number | undefined;
};

/**
 * What `MessageSent` will hold, or a `Refusal` (BAD_INPUT, with its field): everything about a message that needs no state. A
 * blank topic or caption counts as none, and each user is mentioned once.
 */
export function message(input: MessageInput): Message {
  const { conversationId, senderId, clientMutationId, kind, scheduled, imported } = input;
  if (conversationId === `d:${senderId}~${senderId}`)
    throw new Refusal("BAD_INPUT", "you cannot send a message to yourself", { field: "userId" });
  wellFormed(clientMutationId, "clientMutationId");
  const given = input.attachments ?? [];
  if (given.length > MAX_ATTACHMENTS) throw tooMany("attachments", MAX_ATTACHMENTS);
  const attachments = given.map((attachment, place) => ({
    ...attachment,
    ...(attachment.url === undefined ? {} : { url: wellFormed(attachment.url, `attachments.${place}.url`) }),
    // A file must not seem to have another ending than it has.
    name: nameText(attachment.name, `attachments.${place}.name`),
  }));
  const text = textOf(kind, input.text);
  if (kind !== "TEXT" && attachments.length === 0)
    throw new Refusal("BAD_INPUT", `a message of the kind ${kind} needs at least one attachment`, { field: "attachments" });
  const mentions = input.mentions?.length ? [...new Set(input.mentions)] : [];
  if (mentions.length > MAX_MENTIONS) throw tooMany("mentions", MAX_MENTIONS);
  const made: Message = {
    conversationId,
    senderId,
    clientMutationId,
    kind,
    topic: topicOf(input.topic),
    text,
    attachments,
    replyTo: input.replyTo ?? null,
    mentions,
    mentionsAll: input.mentionsAll ?? false,
  };
  if (input.expiresAfterSeconds !== undefined) made.expiresAfterSeconds = expiryOf(input.expiresAfterSeconds);
  if (scheduled) made.scheduled = scheduled;
  if (imported) made.imported = imported;
  return made;
}

/** The text of a message of a kind: only a file may be without one. */
export const textOf = (kind: Message["kind"], text: string | null | undefined): string | null =>
  kind === "TEXT" ? messageText(text ?? "") : captionOf(text);

/** A text in which something can be seen, with at most `MAX_TEXT` characters, kept as it was typed. */
export function messageText(text: string): string {
  if (isBlank(text)) throw new Refusal("BAD_INPUT", "the text must not be blank", { field: "text" });
  if (isLonger(text, MAX_TEXT)) throw new Refusal("BAD_INPUT", `a text has at most ${MAX_TEXT} characters`, { field: "text" });
  return wellFormed(text, "text");
}

const captionOf = (text: string | null | undefined): string | null => (text == null || isBlank(text) ? null : messageText(text));

function topicOf(topic: string | null | undefined): string | null {
  if (topic == null || isBlank(topic)) return null;
  if (isLonger(topic, MAX_TOPIC))
    throw new Refusal("BAD_INPUT", `a topic has at most ${MAX_TOPIC} characters`, { field: "topic" });
  return wellFormed(topic, "topic");
}

function expiryOf(seconds: number): number {
  if (seconds >= EXPIRES_MIN_S && seconds <= EXPIRES_MAX_S) return seconds;
  throw new Refusal("BAD_INPUT", "a message expires after 5 seconds at the earliest, and after 366 days at the latest", {
    field: "expiresAfterSeconds",
  });
}

/** When a message expires that was sent at a time. ISO 8601 with milliseconds; undefined: never. */
export const expiryAt = (sentAt: string, { expiresAfterSeconds }: Pick<Message, "expiresAfterSeconds">): string | undefined =>
  expiresAfterSeconds === undefined
    ? undefined
    : new Date(Math.min(Date.parse(sentAt) + expiresAfterSeconds * 1_000, LAST_MS)).toISOString();

/** The last millisecond of the year 9999, in UTC: later ones are written in another way, and do not sort behind it. */
const LAST_MS = 253_402_300_799_999;

const tooMany = (field: string, most: number) => new Refusal("BAD_INPUT", `a message has at most ${most} ${field}`, { field });
