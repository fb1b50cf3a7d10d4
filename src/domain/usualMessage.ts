import { z } from "zod";
import { type EventData, MAX_MENTIONS, MAX_TEXT, MAX_TOPIC } from "./events.ts";
import { isConversationId, isUserId } from "./ids.ts";

const TIMESTAMP = z.regexes.datetime({ precision: 3 });

const isTextOrNull = (value: unknown, least: number, most: number): value is string | null =>
  // In units of UTF-16: a text has no more characters than these.
  value === null || (typeof value === "string" && value.length >= least && value.length <= most);

const isSeqOrNull = (value: unknown): value is number | null =>
  value === null || (Number.isSafeInteger(value) && (value as number) > 0);

function usersOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_MENTIONS) return undefined;
  const users: string[] = [];
  for (const user of value as unknown[]) {
    if (typeof user !== "string" || !isUserId(user)) return undefined;
    users.push(user);
  }
  return users;
}

/** An imported message's own time. */
function sentAtOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { sentAt } = value as { sentAt?: unknown };
  return typeof sentAt === "string" && TIMESTAMP.test(sentAt) ? sentAt : undefined;
}

/**
 * The data of a `MessageSent` as its schema would give it, if it is as nearly all messages are: a text or nothing, with no
 * attachments, that neither expires nor was scheduled, forwarded or changed. Undefined if it is not, or if anything at all is
 * unusual: then the schema says what it is. Most of what a log holds are such messages, and the schema takes more than a
 * microsecond for each.
 */
export function usualMessage(stored: unknown): EventData<"MessageSent"> | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { conversationId, senderId, clientMutationId, kind, topic, text, attachments, replyTo, mentions, mentionsAll } =
    stored as Record<string, unknown>;
  const { expiresAfterSeconds, scheduled, imported, forwardedFrom, textGiven } = stored as Record<string, unknown>;
  if (expiresAfterSeconds !== undefined || scheduled !== undefined || forwardedFrom !== undefined) return undefined;
  if (textGiven !== undefined || kind !== "TEXT") return undefined;
  if (typeof conversationId !== "string" || !isConversationId(conversationId)) return undefined;
  if (typeof senderId !== "string" || !isUserId(senderId) || typeof clientMutationId !== "string") return undefined;
  if (!isTextOrNull(topic, 1, MAX_TOPIC) || !isTextOrNull(text, 0, MAX_TEXT)) return undefined;
  if (!Array.isArray(attachments) || attachments.length > 0 || !isSeqOrNull(replyTo) || typeof mentionsAll !== "boolean")
    return undefined;
  const users = usersOf(mentions);
  if (!users) return undefined;
  // A new object with the members of the schema, in its order: others are left out, as the schema does it.
  const data: EventData<"MessageSent"> = {
    conversationId,
    senderId,
    clientMutationId,
    kind,
    topic,
    text,
    attachments: [],
    replyTo,
    mentions: users,
    mentionsAll,
  };
  if (imported === undefined) return data;
  const sentAt = sentAtOf(imported);
  if (sentAt === undefined) return undefined;
  data.imported = { sentAt };
  return data;
}
