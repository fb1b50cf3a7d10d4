import { z } from "zod";
import type {
  ConversationInput,
  CreateConversationInput,
  EditMessageInput,
  ImportedLine,
  ImportFault,
  ImportInput,
  MemberInput,
  MembersInput,
  MessageInput,
  RegisterInput,
  SendMessageInput,
  SetLocationInput,
  SetRoleInput,
  UpdateProfileInput,
} from "../commands/commands.ts";
import { attachment, events, MAX_ATTACHMENTS, MAX_TAGS, messageKind, point, tag } from "../domain/events.ts";
import { normaliseHandle } from "../domain/handle.ts";
import { conversationId, groupId, isDirect, userId } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { isLonger } from "../domain/text.ts";
import { time } from "../domain/time.ts";
import type * as Api from "./generated.ts";

/*
 * The one place where what clients write becomes what commands take. GraphQL has seen to the types; the bounds are those of the events. A fault is
 * a `Refusal` BAD_INPUT whose `field` is the input's name as the client wrote it, a member of a list by its place (`tags.0.name`).
 */

/** Users named in one call, and lines of one import. */
const MAX_USERS = 500;
const MAX_LINES = 1_000;
const MAX_SEQ = 2 ** 31 - 1;

/** Half a surrogate pair, or U+0000. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}|\0/u.test(text);
/** A text that is not all blank, of so many characters at most. */
export const nameOf = (max: number) =>
  z
    .string()
    .refine((text) => text.trim() !== "" && !isLonger(text, max) && isWellFormed(text), `1 to ${max} characters, not all blank`);

/** Null and absent say the same. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);
/** Null and absent are what is usual. */
export const withUsual = <T extends z.ZodType>(schema: T, usual: z.output<T>) =>
  schema.nullish().transform((value) => value ?? usual);

const keyed = { clientMutationId: nameOf(128) };
const seq = z.int().min(1, `1 to ${MAX_SEQ}`).max(MAX_SEQ, `1 to ${MAX_SEQ}`);
const tags = z.array(tag.extend({ score: withUsual(tag.shape.score, 1) })).max(MAX_TAGS);
/** Throws its own refusal. */
const handle = z.string().transform(normaliseHandle);
const users = z.array(userId).min(1).max(MAX_USERS);
const ofGroup = z
  .string()
  .refine((id) => !isDirect(id), {
    error: "the id of a group: a direct conversation always has the same two members",
    abort: true,
  })
  .pipe(groupId);

const { name, avatarUrl, gender, birthday, signature } = events.UserRegistered.shape;
const group = events.GroupCreated.shape;
const sent = events.MessageSent.shape;

const schemas = {
  register: z.object({
    ...keyed,
    handle,
    name,
    avatarUrl: optional(avatarUrl),
    gender: optional(gender),
    birthday: optional(birthday),
    signature: optional(signature),
    tags: withUsual(tags, []),
  }),
  /** What is absent stays, null takes away. */
  updateProfile: z.object({
    ...keyed,
    ...z.object({ handle, name, avatarUrl, gender, birthday, signature, tags }).partial().shape,
  }),
  setLocation: z.object({ ...keyed, point: point.nullable() }),
  createConversation: z.object({
    ...keyed,
    title: group.title,
    memberIds: withUsual(z.array(userId).max(MAX_USERS), []),
    avatarUrl: optional(group.avatarUrl),
    description: optional(group.description),
    announcement: optional(group.announcement),
    category: optional(group.category),
    tags: withUsual(tags, []),
    joinPolicy: withUsual(group.joinPolicy, "APPROVAL"),
    public: withUsual(group.public, false),
    historyVisible: withUsual(group.historyVisible, false),
  }),
  group: z.object({ ...keyed, id: ofGroup }),
  members: z.object({ ...keyed, conversationId: ofGroup, userIds: users }),
  member: z.object({ ...keyed, conversationId: ofGroup, userId }),
  setRole: z.object({ ...keyed, conversationId: ofGroup, userId, role: z.enum(["OWNER", "ADMIN", "MEMBER"]) }),
  sendMessage: z.object({
    ...keyed,
    conversationId: optional(conversationId),
    userId: optional(userId),
    kind: withUsual(messageKind, "TEXT"),
    // Blank ones are none: how long they may be and what the kinds need is for the message itself to say.
    topic: optional(z.string()),
    text: optional(z.string()),
    attachments: withUsual(
      z
        .array(attachment.extend({ width: optional(attachment.shape.width), height: optional(attachment.shape.height) }))
        .max(MAX_ATTACHMENTS),
      [],
    ),
    replyTo: optional(seq),
    mentions: withUsual(
      z
        .array(userId)
        .transform((ids) => [...new Set(ids)])
        .pipe(sent.mentions),
      [],
    ),
    mentionsAll: withUsual(sent.mentionsAll, false),
  }),
  message: z.object({ ...keyed, conversationId, seq }),
  editMessage: z.object({ ...keyed, conversationId, seq, text: z.string() }),
  importLines: z.object({ ...keyed, messages: z.array(z.unknown()).min(1).max(MAX_LINES) }),
  importLine: z.object({
    key: nameOf(256),
    conversation: z.string(),
    sender: z.string(),
    sentAt: optional(time),
    text: z.string(),
    topic: optional(z.string()),
  }),
};

/** Throws the `Refusal` of the first thing that is wrong. */
export function parsed<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input, { error: inOurWords });
  if (result.success) return result.data;
  throw refused(result.error.issues[0]);
}

/** Where the schemas of the events say nothing themselves. */
const inOurWords = (issue: z.core.$ZodRawIssue): string | undefined =>
  issue.code === "invalid_format" && issue.format === "date" ? "a day as YYYY-MM-DD" : undefined;

function refused(issue: z.core.$ZodIssue | undefined): Refusal {
  const field = issue?.path.map(String).join(".") ?? "";
  return badInput(field, issue?.message ?? "not allowed");
}

export const badInput = (field: string, message: string): Refusal => new Refusal("BAD_INPUT", `${field}: ${message}`, { field });

export const registerInput = (input: Api.RegisterInput): RegisterInput => parsed(schemas.register, input);

export function updateProfileInput(input: Api.UpdateProfileInput): UpdateProfileInput {
  for (const member of ["handle", "name", "tags"] as const) {
    if (input[member] === null) throw badInput(member, "it cannot be removed: leave it out, or give another value");
  }
  return parsed(schemas.updateProfile, input);
}

/** A place that was forgotten is not one that was taken away. */
export function setLocationInput(input: Api.SetLocationInput): SetLocationInput {
  if (input.point === undefined) throw badInput("point", "a place, or null to take yours off the map");
  return parsed(schemas.setLocation, input);
}

export function createConversationInput(input: Api.CreateConversationInput): CreateConversationInput {
  if (input.kind === "DIRECT")
    throw badInput("kind", "a direct conversation begins with its first message: use sendMessage with `userId`");
  if (input.kind === "CHANNEL") throw badInput("kind", "there are no channels yet: use GROUP");
  return parsed(schemas.createConversation, input);
}

export function joinInput(input: Api.JoinInput): ConversationInput {
  if (input.id == null) throw badInput("id", "the group to join");
  return groupInput({ ...input, id: input.id });
}

export function groupInput(input: Api.NodeInput): ConversationInput {
  const { clientMutationId, id } = parsed(schemas.group, input);
  return { clientMutationId, conversationId: id };
}

export const membersInput = (input: Api.MembersInput): MembersInput => parsed(schemas.members, input);
export const memberInput = (input: Api.MemberInput): MemberInput => parsed(schemas.member, input);
export const setRoleInput = (input: Api.SetRoleInput): SetRoleInput => parsed(schemas.setRole, input);

export function sendMessageInput(input: Api.SendMessageInput): SendMessageInput {
  const message = parsed(schemas.sendMessage, input);
  if ((message.conversationId === null) === (message.userId === null)) {
    throw badInput(message.userId === null ? "conversationId" : "userId", "give one of conversationId and userId");
  }
  return message;
}

export const messageInput = (input: Api.MessageInput): MessageInput => parsed(schemas.message, input);
export const editMessageInput = (input: Api.EditMessageInput): EditMessageInput => parsed(schemas.editMessage, input);

/** The lines that can be stored, each with its place in the call; of the others, what is wrong with each. */
export type ParsedImport = { input: ImportInput; places: number[]; faults: ImportFault[] };

export function importInput(input: Api.ImportInput): ParsedImport {
  const { clientMutationId, messages } = parsed(schemas.importLines, input);
  const lines: ImportedLine[] = [];
  const places: number[] = [];
  const faults: ImportFault[] = [];
  for (const [index, message] of messages.entries()) {
    const line = schemas.importLine.safeParse(message);
    if (line.success) {
      lines.push(line.data);
      places.push(index);
    } else {
      faults.push({ index, code: "BAD_INPUT", message: refused(line.error.issues[0]).message });
    }
  }
  return { input: { clientMutationId, messages: lines }, places, faults };
}
