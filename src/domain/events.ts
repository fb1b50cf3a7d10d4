import { z } from "zod";
import {
  channelId,
  circleId,
  conversationId,
  deviceId,
  groupId,
  incomingHookId,
  inviteId,
  uploadId,
  userId,
  webhookId,
} from "./ids.ts";
import { isLonger } from "./text.ts";

/** Bounds of what a fact may hold; the same schemas hold commands to them. */
export const MAX_TEXT = 16_384;
export const MAX_NAME = 128;
/** Characters of a message's topic. */
export const MAX_TOPIC = 128;
export const MAX_ATTACHMENTS = 32;
export const MAX_MENTIONS = 128;
export const MAX_TAGS = 64;
/** How long a message may last that expires, in seconds: five seconds to a year. */
export const EXPIRES_MIN_S = 5;
export const EXPIRES_MAX_S = 366 * 86_400;
/** A browser's PushSubscription as JSON is the longest. */
export const MAX_PUSH_TOKEN = 4_096;
/** Units of UTF-16 in one emoji: more than the longest has. */
export const MAX_EMOJI = 64;
/** Different emoji that one message may have as reactions, and one user's among them. */
export const MAX_REACTIONS = 50;
export const MAX_OWN_REACTIONS = 10;
/** Pinned messages that one conversation may have. */
export const MAX_PINS = 50;
/** Messages that one call forwards. */
export const MAX_FORWARDS = 100;

/** Characters of the reason of a report, of what was decided about one, and of a ban. */
export const MAX_REASON = 1_024;

/** Members of one circle. */
export const MAX_CIRCLE = 5_000;

/** At most so many characters, as `isLonger` counts them. */
const upTo = (most: number) => z.string().refine((text) => !isLonger(text, most), `at most ${most} characters`);
const named = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .refine((text) => !isLonger(text, most), `at most ${most} characters`);

const timestamp = z.iso.datetime({ precision: 3 });
const seq = z.int().positive();
export const httpUrl = z.url({ protocol: /^https?$/, error: "an address of http or https" }).max(2_048);
export const tag = z.object({ name: named(64), score: z.number().min(0).max(1_000_000) });
/** Degrees. */
export const point = z.object({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) });
export const gender = z.enum(["FEMALE", "MALE", "OTHER"]);
export const messageKind = z.enum(["TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO"]);
export const deviceKind = z.enum(["IOS", "ANDROID", "WEB", "DESKTOP", "OFFICIAL_ACCOUNT", "MINI_PROGRAM", "OTHER"]);
export const pushService = z.enum(["FCM", "APNS", "WEB_PUSH"]);
export const webhookEvent = z.enum([
  "MESSAGE_SENT",
  "MESSAGE_CHANGED",
  "MEMBERSHIP_CHANGED",
  "CONVERSATION_CHANGED",
  "FRIENDSHIP_CHANGED",
  "USER_CHANGED",
  "REPORTED",
]);
/** How long a webhook that is asked before messages are stored may take to answer, in milliseconds. */
export const ASK_LEAST_MS = 100;
export const ASK_MOST_MS = 5_000;
/**
 * That a webhook is asked before a message is stored. `otherwise`: what becomes of a message where it does not answer in time, or
 * answers nothing that can be used.
 */
export const beforeSend = z.object({
  timeoutMs: z.int().min(ASK_LEAST_MS).max(ASK_MOST_MS),
  otherwise: z.enum(["ALLOW", "REFUSE"]),
});
/** SHA-256 as base64url. */
const tokenHash = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const joinPolicy = z.enum(["OPEN", "APPROVAL", "INVITE"]);

const pixels = z.int().positive();

/** What a file is called and what it is. `size`: bytes. */
export const fileOf = {
  name: z
    .string()
    .min(1)
    .refine((text) => !isLonger(text, 255), "at most 255 characters"),
  mediaType: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/, "a media type, such as image/png")
    .max(127),
  size: z.int().min(0),
};

/** In pixels; null: it has none, or they are not known. */
const shape = { width: pixels.nullable(), height: pixels.nullable() };

/** A small picture of a picture. Null: there is none. */
const thumbnail = z.object({ width: pixels, height: pixels }).nullable();

/** A file that is kept elsewhere. */
export const linked = z.object({ url: httpUrl, ...fileOf, ...shape });

/** A file that belongs to a message: at an address of its sender's (`url`), or one that was uploaded (`file`). */
export const attachment = z
  .object({ url: httpUrl.optional(), file: z.object({ id: uploadId, thumbnail }).optional(), ...fileOf, ...shape })
  .refine(({ url, file }) => (url === undefined) !== (file === undefined), "either an address or an uploaded file");

/** Null: not given. In `ProfileUpdated` an absent member was left as it was, and null took it away. */
const profile = {
  name: named(MAX_NAME),
  avatarUrl: httpUrl.nullable(),
  gender: gender.nullable(),
  /** YYYY-MM-DD. */
  birthday: z.iso.date().nullable(),
  signature: upTo(1_024).nullable(),
  tags: z.array(tag).max(MAX_TAGS),
};

const handle = z
  .string()
  .min(1)
  .refine((text) => !isLonger(text, 64), "at most 64 characters");

const groupProfile = {
  title: named(MAX_NAME),
  avatarUrl: httpUrl.nullable(),
  description: upTo(4_096).nullable(),
  announcement: upTo(4_096).nullable(),
  category: upTo(64).nullable(),
  tags: z.array(tag).max(MAX_TAGS),
  joinPolicy,
  /** May be found and read by those outside. */
  public: z.boolean(),
  /** Members see what was sent before they joined. */
  historyVisible: z.boolean(),
};

const reaction = z.object({ conversationId, seq, userId, emoji: z.string().min(1).max(MAX_EMOJI) });

/** `number` counts the requests of the user to join the group, from 1. */
const joinRequest = z.object({ groupId, userId, number: z.int().positive() });

/** `number`: of the request. */
const friendRequest = z.object({ number: z.int().positive(), from: userId, to: userId });

const messageTopic = z
  .string()
  .min(1)
  .refine((text) => !isLonger(text, MAX_TOPIC), `at most ${MAX_TOPIC} characters`)
  .nullable();

/** The name of a rule in the file of rules. */
export const ruleName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first");

export const moderationAction = z.enum(["DISMISS", "RECALL", "SILENCE", "REMOVE", "BAN"]);

/** Names a report: of a message, by a user or by a rule. One of `reporterId` and `rule` is null. */
const reported = z.object({ conversationId, seq, reporterId: userId.nullable(), rule: ruleName.nullable() });

const scheduled = z.object({ userId, id: z.uuid() });
const scheduledMessage = z.object({
  conversationId,
  kind: messageKind,
  topic: messageTopic,
  text: upTo(MAX_TEXT).nullable(),
  attachments: z.array(attachment).max(MAX_ATTACHMENTS),
});

/**
 * Every event of version 1, by its type: the shape of its data. What is here has been written to logs and is read for ever. A
 * meaning never changes: add a new type, an optional member, or an upcaster.
 */
export const events = {
  // user-<id>
  /** `bot`: they are a program. */
  UserRegistered: z.object({ userId, handle, ...profile, bot: z.literal(true).optional() }),
  ProfileUpdated: z.object({ userId, handle: handle.optional(), ...z.object(profile).partial().shape }),
  /** Where the user may be found; null: nowhere any more. */
  LocationChanged: z.object({ userId, point: point.nullable() }),
  /** The same device again replaces what was said of it. The token is for the push service alone: no answer and no log has it. */
  DeviceAdded: z.object({
    userId,
    deviceId,
    kind: deviceKind,
    name: named(MAX_NAME),
    pushService: pushService.nullable(),
    pushToken: z.string().min(1).max(MAX_PUSH_TOKEN).nullable(),
  }),
  DeviceRemoved: z.object({ userId, deviceId }),
  /** They keep their name and what they wrote. Nobody acts as them, nobody finds them, and nobody begins to write to them. */
  UserDeactivated: z.object({ userId }),
  UserReactivated: z.object({ userId }),
  /** The bot has this token from now on, and no other. `hash`: its SHA-256 in base64url. The token itself is kept nowhere. */
  BotTokenMade: z.object({ userId, hash: tokenHash }),

  // pushtoken-<hash of it>
  /** From here on it belongs to this device alone. `token`: the hash. */
  PushTokenClaimed: z.object({ token: tokenHash, userId, deviceId }),
  /** The push service says that it is dead. `userId`, `deviceId`: whose it was. */
  PushTokenReleased: z.object({ token: tokenHash, userId, deviceId }),

  // handle-<hash>
  HandleClaimed: z.object({ handle, userId }),
  HandleReleased: z.object({ handle, userId }),

  // friendship-<a>~<b>, the two user ids in text order
  /** `number` counts the requests of the two, from 1. `alias`: what the one who asks will call the other. */
  FriendshipRequested: z.object({
    number: z.int().positive(),
    from: userId,
    to: userId,
    note: upTo(1_024).nullable(),
    alias: named(MAX_NAME).nullable(),
  }),
  FriendRequestAccepted: friendRequest,
  FriendRequestDeclined: friendRequest,
  FriendRequestWithdrawn: friendRequest,
  FriendshipBegan: z.object({ userIds: z.tuple([userId, userId]) }),
  /** By the user. */
  FriendshipEnded: z.object({ userId, friendId: userId }),
  /** What the user calls the friend; null: by the friend's own name. */
  FriendAliasChanged: z.object({ userId, friendId: userId, alias: named(MAX_NAME).nullable() }),
  UserBlocked: z.object({ userId, blockedId: userId }),
  UserUnblocked: z.object({ userId, blockedId: userId }),

  // group-<id>
  /**
   * Its owner is its first member. `imported`: it comes from an archive, and nobody is told. `notAdded`: those whom the call
   * named and who were neither added nor asked, because they or the owner had blocked the other.
   */
  GroupCreated: z.object({
    groupId,
    ownerId: userId,
    ...groupProfile,
    imported: z.literal(true).optional(),
    notAdded: z.array(userId).min(1).max(1_000).optional(),
  }),
  /** An absent member was left as it was, and null took it away. */
  GroupProfileChanged: z.object({ groupId, ...z.object(groupProfile).partial().shape }),
  /** By themselves. */
  MemberJoined: z.object({ groupId, userId }),
  /** By another member: the event's actor. */
  MemberAdded: z.object({ groupId, userId }),
  /** Those who wrote in an imported archive. Nobody is told. */
  MembersImported: z.object({ groupId, userIds: z.array(userId).min(1).max(1_000) }),
  MemberLeft: z.object({ groupId, userId }),
  MemberRemoved: z.object({ groupId, userId }),
  RoleChanged: z.object({ groupId, userId, role: z.enum(["ADMIN", "MEMBER"]) }),
  /** The former owner stays, as an administrator. Whoever becomes the owner is silenced no longer. */
  OwnershipTransferred: z.object({ groupId, from: userId, to: userId }),

  /** The user asks to be let in; owner or administrators decide. */
  JoinRequested: z.object({ ...joinRequest.shape, note: upTo(1_024).nullable() }),
  /** A member asks the user in, who decides. */
  MemberInvited: z.object({ ...joinRequest.shape, invitedBy: userId }),
  /** By the event's actor, as are the next two. The user becomes a member, or a follower of a channel, by the next event. */
  JoinRequestAccepted: joinRequest,
  JoinRequestDeclined: joinRequest,
  JoinRequestWithdrawn: joinRequest,
  /** Whoever has the id may join: so often, until then; null: without end. */
  InviteCreated: z.object({
    groupId,
    inviteId,
    createdBy: userId,
    expiresAt: timestamp.nullable(),
    uses: z.int().min(1).max(1_000_000).nullable(),
  }),
  /** The user becomes a member, or a follower of a channel, by a next event. */
  InviteUsed: z.object({ groupId, inviteId, userId }),
  InviteRevoked: z.object({ groupId, inviteId }),
  /** Of a channel: the user follows it from now on, because the staff let them in or an invitation did. */
  FollowerAdmitted: z.object({ groupId: channelId, userId }),
  /** The user may not write until then; null: they may again. */
  MemberSilenced: z.object({ groupId, userId, until: timestamp.nullable() }),
  /** By the user, its owner. Everyone's membership ends, and with it all requests and invitations. It is public no longer. */
  GroupDissolved: z.object({ groupId, userId }),

  // subscription-<channel>~<user>
  /** By themselves: whoever may, and no one else is asked. */
  ChannelFollowed: z.object({ channelId, userId }),
  /** By the follower, or by a member of the staff: the event's actor. */
  ChannelUnfollowed: z.object({ channelId, userId }),

  // circle-<id>
  /** The whole circle. `conversationId`: of the group that is kept equal to it, or null. */
  CirclePut: z.object({
    circleId,
    kind: named(64),
    name: named(MAX_NAME),
    memberIds: z.array(userId).max(MAX_CIRCLE),
    conversationId: groupId.nullable(),
  }),
  /** The members and the name of the group are those of the circle as it was put last. */
  CircleEqualised: z.object({ circleId }),

  // conversation-<id>: nothing else, so that a message's seq is its revision + 1
  MessageSent: z.object({
    conversationId,
    senderId: userId,
    clientMutationId: z.string(),
    kind: messageKind,
    topic: messageTopic,
    text: upTo(MAX_TEXT).nullable(),
    attachments: z.array(attachment).max(MAX_ATTACHMENTS),
    /** The seq of the message that this one answers. */
    replyTo: seq.nullable(),
    mentions: z.array(userId).max(MAX_MENTIONS),
    mentionsAll: z.boolean(),
    /** Its content is gone so many seconds after the event's own time. */
    expiresAfterSeconds: z.int().min(EXPIRES_MIN_S).max(EXPIRES_MAX_S).optional(),
    /** It was written before and waited for its time: that its sender has read what came meanwhile is not said by it. */
    scheduled: z.literal(true).optional(),
    /** History from elsewhere: it has its own time, everyone has read it, and nobody is told. */
    imported: z.object({ sentAt: timestamp }).optional(),
    /** It is a copy of this message, as it was then. `count`: how many the same call forwards. */
    forwardedFrom: z.object({ conversationId, seq, count: z.int().min(1).max(MAX_FORWARDS) }).optional(),
    /**
     * A webhook changed the text before it was stored. This is what is left of the one that was given, to know the call when it
     * comes again: a digest, `digestOfText` of src/commands/outgoing.ts.
     */
    textGiven: tokenHash.optional(),
  }),

  // annotation-<conversation>:<seq>
  MessageEdited: z.object({ conversationId, seq, senderId: userId, text: upTo(MAX_TEXT).min(1) }),
  MessageRecalled: z.object({ conversationId, seq, senderId: userId }),
  /** Its time was over (`expiresAfterSeconds`). */
  MessageExpired: z.object({ conversationId, seq }),
  ReactionAdded: reaction,
  ReactionRemoved: reaction,
  MessagePinned: z.object({ conversationId, seq, userId }),
  MessageUnpinned: z.object({ conversationId, seq, userId }),
  /** Its content is gone, and so is what of its uploaded files no other message held. */
  FilesReleased: z.object({ conversationId, seq }),

  // report-<conversation>:<seq>~<reporter>, or ~@<rule>
  /**
   * Somebody who sees a message, or a rule, says that it breaks the rules of the place. `senderId`: who wrote it. `edit`: the
   * revision, in the message's annotation stream, of the edit whose text was reported; null: the text as it was sent.
   */
  MessageReported: reported.extend({ senderId: userId, reason: named(MAX_REASON), edit: z.int().min(0).nullable() }),
  /**
   * By `decidedBy`. What was decided is done already, by an event of its own: `MessageRecalled`, `MemberSilenced`,
   * `MemberRemoved`, `UserBanned`. DISMISS does nothing. `silencedUntil`: of SILENCE; else null.
   */
  ReportDecided: reported.extend({
    senderId: userId,
    action: moderationAction,
    reason: upTo(MAX_REASON).nullable(),
    decidedBy: userId,
    silencedUntil: timestamp.nullable(),
  }),

  // ban-<user>
  /** By `bannedBy`: no token of the user's is taken any more, on any server. What they wrote stays. */
  UserBanned: z.object({ userId, bannedBy: userId, reason: upTo(MAX_REASON).nullable() }),
  UserUnbanned: z.object({ userId, unbannedBy: userId, reason: upTo(MAX_REASON).nullable() }),

  // reader-<user>~<conversation>
  /** Counts as the lesser of `seq` and the conversation's head at this place of the log; the highest wins. */
  ReadUpTo: z.object({ userId, conversationId, seq }),

  // schedule-<user>
  /** A message that waits for its time. `id`: a UUID; the message gets it as its `clientMutationId`. */
  MessageScheduled: scheduled.extend({ sendAt: timestamp, message: scheduledMessage }),
  /** Or one that could not be sent was put away. */
  ScheduleCancelled: scheduled,
  /** Its time has come: from here on it is sent, whatever happens, and cannot be cancelled. */
  ScheduleBegun: scheduled,
  ScheduleSent: scheduled.extend({ conversationId, seq }),
  /** Its sender may not send it any more. */
  ScheduleFailed: scheduled.extend({ code: z.enum(["FORBIDDEN", "NOT_FOUND", "BAD_INPUT", "CONFLICT", "LIMIT_EXCEEDED"]) }),
  /** It waits no more, and what of its uploaded files no message holds is gone. */
  ScheduleFilesReleased: scheduled,

  // uploads-<user>
  /** Its bytes may come until `expiresAt`, and the user may send it until `keptUntil`. `id`: a UUID, which names what is kept. */
  UploadCreated: z.object({
    userId,
    id: z.uuid(),
    ...fileOf,
    createdAt: timestamp,
    expiresAt: timestamp,
    keptUntil: timestamp,
    /** Its bytes come from an archive: they count as no upload of the user's. Once it was closed, it may be created again. */
    imported: z.literal(true).optional(),
  }),
  /**
   * Its bytes came, and were looked at. It belongs to one message from now on. `messageId`: the id of that message's event, or
   * the id of the one that waits for its time. What it is, is what was found.
   */
  UploadSent: z.object({
    userId,
    id: z.uuid(),
    messageId: z.uuid(),
    mediaType: fileOf.mediaType,
    size: fileOf.size,
    ...shape,
    thumbnail,
  }),
  /** No message can be sent with it any more. Where none was, its bytes are gone. */
  UploadClosed: z.object({ userId, id: z.uuid() }),

  // preferences-<user>~<conversation>: apart from the marks, which are many, and are appended without loading
  /**
   * How a user wants a conversation for themselves. What is absent stays as it was. `hidden`: true hides it until its next
   * message. `nickname`: what the group calls them; null: by their own name.
   */
  PreferencesChanged: z.object({
    userId,
    conversationId,
    muted: z.boolean().optional(),
    pinned: z.boolean().optional(),
    hidden: z.boolean().optional(),
    nickname: named(MAX_NAME).nullable().optional(),
  }),

  // user-, group-, annotation- and other streams
  /**
   * A command found everything as it wants it. This event makes the command known when it comes again, after others changed that.
   * It says nothing else.
   */
  NothingChanged: z.object({}),

  // webhooks
  /** The same id again replaces it, and it is told again if it was switched off. `conversationId`: null: of all conversations. */
  WebhookPut: z.object({
    webhookId,
    url: httpUrl,
    events: z.array(webhookEvent).max(webhookEvent.options.length),
    conversationId: groupId.nullable(),
    /** What it is signed with, as Standard Webhooks writes it. It stays as it was when the hook was made. */
    secret: z.string().regex(/^whsec_[A-Za-z0-9+/=]{32,88}$/),
    /** It is asked before messages are stored, whether it is switched off or not. */
    beforeSend: beforeSend.optional(),
  }),
  WebhookDeleted: z.object({ webhookId }),
  /** It is told no more, until it is put again: it failed for too long, or said that it is gone. */
  WebhookSwitchedOff: z.object({ webhookId, reason: upTo(1_024) }),
  /**
   * Whoever has the token posts as the bot into the conversation. `hash`: its SHA-256 in base64url. The same id again replaces
   * it.
   */
  IncomingHookPut: z.object({ hookId: incomingHookId, botId: userId, conversationId: groupId, hash: tokenHash }),
  IncomingHookDeleted: z.object({ hookId: incomingHookId }),

  // key
  /** 32 random bytes, base64url. The ids of groups are made with them. No answer contains them. */
  LogKeyMade: z.object({ key: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),

  // settings
  /** From here on, an entry is written to the inbox of each member if they are no more than this. */
  FanoutLimitSet: z.object({ limit: z.int().min(0) }),
  /** Into how many slices the work of folding the views is divided, among all who do it. It shapes no row. */
  ProjectionSlicesSet: z.object({ slices: z.int().min(1).max(64) }),
  /** From here on, what people write is sealed by every server of the log. `key`: the id of a key that each must have. */
  EncryptionBegan: z.object({ key: z.string().regex(/^[A-Za-z0-9_-]{16}$/) }),
  /**
   * Events up to `to` (a position) that some view had not handled are handled now. This one has a place after all of them, from
   * which clients can go on.
   */
  ViewsHealed: z.object({ to: z.string() }),
} as const;

export type EventType = keyof typeof events;
export type EventData<T extends EventType> = z.infer<(typeof events)[T]>;
/** An event as a decider gives it: `{ type, data }`. */
export type Event<T extends EventType = EventType> = { [K in T]: { type: K; data: EventData<K> } }[T];
