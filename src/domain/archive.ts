import { z } from "zod";
import { everyText } from "./checked.ts";
import { events, type EventType, fileOf, linked, MAX_ATTACHMENTS, MAX_MENTIONS } from "./events.ts";
import { uploadId, userId } from "./ids.ts";
import { Refusal } from "./refusal.ts";
import { time } from "./time.ts";

/*
 * An archive of Tidings: JSON Lines. The first line says what it is, each line after it tells one fact, and the last one says how
 * many there were. docs/archives.md describes it.
 */

/** The version of the format that is written. */
export const ARCHIVE_VERSION = 2;

/**
 * An event's id. A message is named by it, since its seq in another log may be another one. Logs tell ids in small letters,
 * however they were written.
 */
const id = z.uuid().toLowerCase();

/** The events of a message, and a mark of what was read: they name the message by its id. */
const ofMessage = <Shape extends { seq: z.ZodType }>({ shape }: z.ZodObject<Shape>) => {
  const { seq: _, ...others } = shape;
  return z.object({ ...others, message: id });
};

/** A file whose bytes are beside the archive. What it is, is found in them again. `file`: its id, as of an upload. */
const beside = z.object({ file: uploadId, ...fileOf });

/**
 * The facts that an archive tells: what their data is there. It is that of the event of the same name, but for what names a
 * message (`ofMessage`), and what the log of a server says of itself.
 */
const { shape: sent } = events.MessageSent;
export const facts = {
  UserRegistered: events.UserRegistered,
  ProfileUpdated: events.ProfileUpdated,
  UserDeactivated: events.UserDeactivated,
  UserReactivated: events.UserReactivated,
  FriendshipRequested: events.FriendshipRequested,
  FriendRequestAccepted: events.FriendRequestAccepted,
  FriendRequestDeclined: events.FriendRequestDeclined,
  FriendRequestWithdrawn: events.FriendRequestWithdrawn,
  FriendshipBegan: events.FriendshipBegan,
  FriendshipEnded: events.FriendshipEnded,
  FriendAliasChanged: events.FriendAliasChanged,
  UserBlocked: events.UserBlocked,
  UserUnblocked: events.UserUnblocked,
  GroupCreated: events.GroupCreated.omit({ imported: true, notAdded: true }),
  GroupProfileChanged: events.GroupProfileChanged,
  MemberJoined: events.MemberJoined,
  MemberAdded: events.MemberAdded,
  MembersImported: events.MembersImported,
  MemberLeft: events.MemberLeft,
  MemberRemoved: events.MemberRemoved,
  RoleChanged: events.RoleChanged,
  OwnershipTransferred: events.OwnershipTransferred,
  FollowerAdmitted: events.FollowerAdmitted,
  MemberSilenced: events.MemberSilenced,
  GroupDissolved: events.GroupDissolved,
  ChannelFollowed: events.ChannelFollowed,
  ChannelUnfollowed: events.ChannelUnfollowed,
  /** What is absent is as in most messages. A message whose content is gone has neither text nor attachments. */
  MessageSent: z.object({
    conversationId: sent.conversationId,
    senderId: sent.senderId,
    /** The sender's own name of it. Absent: its id. */
    clientMutationId: z.string().min(1).max(256).optional(),
    kind: sent.kind.default("TEXT"),
    topic: sent.topic.default(null),
    text: sent.text.default(null),
    /** Files at addresses, and those whose bytes have come before (`importFile`). */
    attachments: z
      .array(z.union([beside, linked]))
      .max(MAX_ATTACHMENTS)
      .default([]),
    replyTo: id.nullable().default(null),
    mentions: z.array(userId).max(MAX_MENTIONS).default([]),
    mentionsAll: z.boolean().default(false),
    scheduled: sent.scheduled,
    expiresAfterSeconds: sent.expiresAfterSeconds,
    forwardedFrom: sent.forwardedFrom,
  }),
  MessageEdited: ofMessage(events.MessageEdited),
  MessageRecalled: ofMessage(events.MessageRecalled),
  MessageExpired: ofMessage(events.MessageExpired),
  ReactionAdded: ofMessage(events.ReactionAdded),
  ReactionRemoved: ofMessage(events.ReactionRemoved),
  MessagePinned: ofMessage(events.MessagePinned),
  MessageUnpinned: ofMessage(events.MessageUnpinned),
  ReadUpTo: ofMessage(events.ReadUpTo),
  PreferencesChanged: events.PreferencesChanged,
} as const satisfies { readonly [Type in EventType]?: z.ZodType };

/** The facts about one message that are in its annotation: wherever something is done with all of them alike. */
const ABOUT_MESSAGES = [
  "MessageEdited",
  "MessageRecalled",
  "MessageExpired",
  "ReactionAdded",
  "ReactionRemoved",
  "MessagePinned",
  "MessageUnpinned",
] as const satisfies readonly FactType[];
export type AboutMessage = (typeof ABOUT_MESSAGES)[number];
const aboutMessages: ReadonlySet<string> = new Set(ABOUT_MESSAGES);
export const isAboutMessage = (type: string): type is AboutMessage => aboutMessages.has(type);

export type FactType = keyof typeof facts;
export const isFactType = (type: string): type is FactType => Object.hasOwn(facts, type);

/** What was a fact elsewhere: its data as `facts` has it. `at`: ISO 8601. `by`: who did it; null: nobody who is known. */
export type FactOf<Type extends FactType> = {
  [T in Type]: { fact: T; id: string; at: string; by: string | null; data: z.output<(typeof facts)[T]> };
}[Type];
export type Fact = FactOf<FactType>;

/** A fact as it is written: what is as in most messages may be left out. */
export type WrittenOf<Type extends FactType> = {
  [T in Type]: { fact: T; id: string; at: string; by: string | null; data: z.input<(typeof facts)[T]> };
}[Type];
export type WrittenFact = WrittenOf<FactType>;

/** Which part of a server an archive holds. */
export type Scope = { all: true } | { user: string } | { conversation: string };

const scope = z.union([
  z.object({ all: z.literal(true) }),
  z.object({ user: z.string() }),
  z.object({ conversation: z.string() }),
]);

/** The first line. `cursor`: up to where in the log of the server that wrote it. */
export const header = z.object({
  tidings: z.literal("archive"),
  version: z.literal(ARCHIVE_VERSION),
  scope: scope.optional(),
  cursor: z.string().optional(),
});

/** The last line: how many facts there are. */
export const end = z.object({ end: z.object({ facts: z.int().min(0) }) });

/** A file that messages name by its address. There is nothing to put it into yet: it is counted, and left out. */
export const file = z.object({ file: z.looseObject({ url: z.string() }) });

const envelope = z.object({ fact: z.string(), id, at: time, by: userId.nullable(), data: z.unknown() });

/** The fact that a line tells, or what is wrong with it. */
export function readFact(line: unknown): { fact: Fact } | { fault: string } {
  const read = envelope.safeParse(line);
  if (!read.success) return { fault: faultIn(read.error) };
  const { fact: type } = read.data;
  if (!isFactType(type)) return { fault: `no fact is called ${JSON.stringify(type.slice(0, 64))} in this version` };
  const data = facts[type].safeParse(read.data.data);
  if (!data.success) return { fault: `${type}: ${faultIn(data.error)}` };
  const fact = { ...read.data, fact: type, data: data.data } as Fact;
  const fault = nonsenseIn(fact);
  return fault === undefined ? { fact } : { fault: `${type}: ${fault}` };
}

/** What a shape does not say: no log may hold it. */
function nonsenseIn(fact: Fact): string | undefined {
  try {
    everyText(fact.data, "");
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  const [one, other] = pairIn(fact);
  return one !== undefined && one === other ? `${one} and themselves are no two users` : undefined;
}

/** The two whom a fact of a friendship names. */
function pairIn({ fact, data }: Fact): readonly string[] {
  switch (fact) {
    case "FriendshipRequested":
    case "FriendRequestAccepted":
    case "FriendRequestDeclined":
    case "FriendRequestWithdrawn":
      return [data.from, data.to];
    case "FriendshipBegan":
      return data.userIds;
    case "FriendshipEnded":
    case "FriendAliasChanged":
      return [data.userId, data.friendId];
    case "UserBlocked":
    case "UserUnblocked":
      return [data.userId, data.blockedId];
    default:
      return [];
  }
}

function faultIn({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.join(".") ?? "";
  return path === "" ? (issue?.message ?? "") : `${path}: ${issue?.message}`;
}
