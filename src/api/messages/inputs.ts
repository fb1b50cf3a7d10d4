import { z } from "zod";
import type {
  EditMessageInput,
  MarkAllReadInput,
  ForwardInput,
  MessageInput,
  PinInput,
  ReactInput,
  SendMessageInput,
} from "../../commands/commands.ts";
import { events, MAX_FORWARDS } from "../../domain/events.ts";
import { conversationId, isConversationId, userId } from "../../domain/ids.ts";
import { badInput } from "../badInput.ts";
import type * as Api from "../generated.ts";
import { isName, KEY_CHARACTERS, keyed, optional, parsed, withUsual } from "../inputs.ts";
import { outgoing, requireOneTarget } from "../outgoing.ts";

/** The most conversations in one call of `markAllRead`. */
const MAX_READS = 100;
const MAX_SEQ = 2 ** 31 - 1;

const seq = z.int().min(1, `1 to ${MAX_SEQ}`).max(MAX_SEQ, `1 to ${MAX_SEQ}`);
const sent = events.MessageSent.shape;

const sending = z.object({
  ...outgoing,
  replyTo: optional(seq),
  mentions: withUsual(
    z
      .array(userId)
      .transform((ids) => [...new Set(ids)])
      .pipe(sent.mentions),
    [],
  ),
  mentionsAll: withUsual(sent.mentionsAll, false),
  // The message itself checks how long it may last.
  expiresAfterSeconds: z
    .int()
    .nullish()
    .transform((seconds) => seconds ?? undefined),
});
const message = z.object({ ...keyed, conversationId, seq });
const forward = z.object({
  ...keyed,
  fromConversationId: conversationId,
  seqs: z
    .array(seq)
    .min(1, `1 to ${MAX_FORWARDS} messages`)
    .max(MAX_FORWARDS, `1 to ${MAX_FORWARDS} messages`)
    .refine((seqs) => new Set(seqs).size === seqs.length, "each message once"),
  toConversationId: conversationId,
});
const pin = z.object({ ...keyed, conversationId, seq, on: z.boolean() });
const reaction = z.object({ ...keyed, conversationId, seq, emoji: z.string(), on: z.boolean() });
const reads = z.object({
  ...keyed,
  reads: z.array(z.object({ conversationId, seq })).min(1, `1 to ${MAX_READS}`).max(MAX_READS, `1 to ${MAX_READS}`),
});
const edit = z.object({ ...keyed, conversationId, seq, text: z.string() });

/**
 * What `sending` makes of what nearly all send: a text, and nothing but where it goes. Undefined: the schema must say. It takes a
 * tenth of the time and of the memory.
 */
function plainText(input: Api.SendMessageInput): SendMessageInput | undefined {
  const { clientMutationId, conversationId, text } = input;
  if (!isName(clientMutationId, KEY_CHARACTERS) || typeof conversationId !== "string" || typeof text !== "string")
    return undefined;
  const { userId: user, kind, topic, attachments, replyTo, mentions, mentionsAll, expiresAfterSeconds } = input;
  if (user != null || topic != null || attachments != null || replyTo != null || mentions != null) return undefined;
  if ((mentionsAll ?? false) !== false || expiresAfterSeconds != null || (kind != null && kind !== "TEXT")) return undefined;
  if (!isConversationId(conversationId)) return undefined;
  return {
    clientMutationId,
    conversationId,
    userId: null,
    kind: "TEXT",
    topic: null,
    text,
    attachments: [],
    replyTo: null,
    mentions: [],
    mentionsAll: false,
    expiresAfterSeconds: undefined,
  };
}

export function sendMessageInput(input: Api.SendMessageInput): SendMessageInput {
  const plain = plainText(input);
  if (plain) return plain;
  const given = parsed(sending, input);
  requireOneTarget(given);
  return given;
}

export const markAllReadInput = (input: Api.MarkAllReadInput): MarkAllReadInput => parsed(reads, input);
export const messageInput = (input: Api.MessageInput): MessageInput => parsed(message, input);
export const forwardInput = (input: Api.ForwardMessagesInput): ForwardInput => parsed(forward, input);
export const pinInput = (input: Api.PinMessageInput): PinInput => parsed(pin, input);
export const reactInput = (input: Api.ReactInput): ReactInput => parsed(reaction, input);
export const editMessageInput = (input: Api.EditMessageInput): EditMessageInput => parsed(edit, input);

/** A message's place in its conversation. GraphQL has already checked that it is at most MAX_SEQ. */
export function seqArgument(given: number, field = "seq"): number {
  if (given >= 1) return given;
  throw badInput(field, `1 to ${MAX_SEQ}`);
}
