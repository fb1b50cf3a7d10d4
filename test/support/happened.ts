import type { EventData, EventType } from "../../src/domain/events.ts";
import { type Reporter, streams } from "../../src/domain/ids.ts";

/** An event of the past, in its stream. `at`: ISO 8601; a usual moment where it does not matter. */
export type Happened<T extends EventType = EventType> = {
  stream: string;
  type: T;
  data: EventData<T>;
  actorId: string;
  at?: string;
};

const event = <T extends EventType>(stream: string, type: T, data: EventData<T>, actorId: string): Happened<T> => ({
  stream,
  type,
  data,
  actorId,
});

/** The group that most of it happens in. */
export const GROUP = "g:readers";

const profile = { avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };

export const registered = (userId: string, more: Partial<EventData<"UserRegistered">> = {}) =>
  event(streams.user(userId), "UserRegistered", { userId, handle: userId, name: userId, ...profile, ...more }, userId);
export const deactivated = (userId: string) => event(streams.user(userId), "UserDeactivated", { userId }, userId);
export const reactivated = (userId: string) => event(streams.user(userId), "UserReactivated", { userId }, userId);
export const botTokenMade = (userId: string, hash: string) =>
  event(streams.user(userId), "BotTokenMade", { userId, hash }, "operator");
export const profileUpdated = (userId: string, change: Omit<EventData<"ProfileUpdated">, "userId">) =>
  event(streams.user(userId), "ProfileUpdated", { userId, ...change }, userId);
export const locationChanged = (userId: string, point: EventData<"LocationChanged">["point"]) =>
  event(streams.user(userId), "LocationChanged", { userId, point }, userId);
export const deviceAdded = (userId: string, more: Partial<EventData<"DeviceAdded">> = {}) =>
  event(
    streams.user(userId),
    "DeviceAdded",
    { userId, deviceId: "phone", kind: "IOS", name: "Phone", pushService: null, pushToken: null, ...more },
    userId,
  );
export const deviceRemoved = (userId: string, deviceId: string) =>
  event(streams.user(userId), "DeviceRemoved", { userId, deviceId }, userId);
export const pushTokenClaimed = (userId: string, token: string, deviceId = "phone") =>
  event(streams.pushtoken(token), "PushTokenClaimed", { token, userId, deviceId }, userId);
export const pushTokenReleased = (userId: string, token: string, deviceId = "phone") =>
  event(streams.pushtoken(token), "PushTokenReleased", { token, userId, deviceId }, userId);
export const handleClaimed = (userId: string, handle: string) =>
  event(streams.handle(handle), "HandleClaimed", { handle, userId }, userId);
export const handleReleased = (userId: string, handle: string) =>
  event(streams.handle(handle), "HandleReleased", { handle, userId }, userId);

const asked = (from: string, to: string, number: number) => ({ number, from, to });
const between = <T extends EventType>(from: string, to: string, type: T, data: EventData<T>, by: string) =>
  event(streams.friendship(from, to), type, data, by);

export const friendshipRequested = (from: string, to: string, more: Partial<EventData<"FriendshipRequested">> = {}) =>
  between(from, to, "FriendshipRequested", { ...asked(from, to, 1), note: null, alias: null, ...more }, from);
export const requestAccepted = (from: string, to: string, number = 1) =>
  between(from, to, "FriendRequestAccepted", asked(from, to, number), to);
export const requestDeclined = (from: string, to: string, number = 1) =>
  between(from, to, "FriendRequestDeclined", asked(from, to, number), to);
export const requestWithdrawn = (from: string, to: string, number = 1) =>
  between(from, to, "FriendRequestWithdrawn", asked(from, to, number), from);
/** `one` comes before `other`. */
export const friendshipBegan = (one: string, other: string) =>
  between(one, other, "FriendshipBegan", { userIds: [one, other] }, other);
export const friendshipEnded = (userId: string, friendId: string) =>
  between(userId, friendId, "FriendshipEnded", { userId, friendId }, userId);
export const aliasChanged = (userId: string, friendId: string, alias: string | null) =>
  between(userId, friendId, "FriendAliasChanged", { userId, friendId, alias }, userId);
export const blocked = (userId: string, blockedId: string) =>
  between(userId, blockedId, "UserBlocked", { userId, blockedId }, userId);
export const unblocked = (userId: string, blockedId: string) =>
  between(userId, blockedId, "UserUnblocked", { userId, blockedId }, userId);

/** The channel that it happens in. */
export const CHANNEL = "c:news";
export const channelCreated = (ownerId: string, more: Partial<EventData<"GroupCreated">> = {}) =>
  groupCreated(ownerId, { groupId: CHANNEL, title: "News", historyVisible: true, ...more });
export const followed = (userId: string, channelId = CHANNEL) =>
  event(streams.subscription(channelId, userId), "ChannelFollowed", { channelId, userId }, userId);
/** Let in by a member of the staff. */
export const admitted = (userId: string, by: string) =>
  event(streams.group(CHANNEL), "FollowerAdmitted", { groupId: CHANNEL, userId }, by);
export const unfollowed = (userId: string, by = userId, channelId = CHANNEL) =>
  event(streams.subscription(channelId, userId), "ChannelUnfollowed", { channelId, userId }, by);
const schedule = <T extends EventType>(userId: string, type: T, data: EventData<T>) =>
  event(streams.schedule(userId), type, data, userId);

export const scheduled = (userId: string, id: string, sendAt: string, text = "later") =>
  schedule(userId, "MessageScheduled", {
    userId,
    id,
    sendAt,
    message: { conversationId: GROUP, kind: "TEXT", topic: null, text, attachments: [] },
  });
export const scheduleCancelled = (userId: string, id: string) => schedule(userId, "ScheduleCancelled", { userId, id });
export const scheduleBegun = (userId: string, id: string) => schedule(userId, "ScheduleBegun", { userId, id });
export const scheduleSent = (userId: string, id: string) =>
  schedule(userId, "ScheduleSent", { userId, id, conversationId: GROUP, seq: 1 });
export const scheduleFailed = (userId: string, id: string) =>
  schedule(userId, "ScheduleFailed", { userId, id, code: "FORBIDDEN" });

export const groupCreated = (ownerId: string, more: Partial<EventData<"GroupCreated">> = {}) =>
  event(
    streams.group(more.groupId ?? GROUP),
    "GroupCreated",
    {
      groupId: GROUP,
      ownerId,
      title: "Readers",
      avatarUrl: null,
      description: null,
      announcement: null,
      category: null,
      tags: [],
      joinPolicy: "OPEN",
      public: false,
      historyVisible: false,
      ...more,
    },
    ownerId,
  );
export const groupChanged = (change: Omit<EventData<"GroupProfileChanged">, "groupId">, by: string) =>
  event(streams.group(GROUP), "GroupProfileChanged", { groupId: GROUP, ...change }, by);
const ofGroup = <T extends EventType>(type: T, data: Omit<EventData<T>, "groupId">, by: string) =>
  event(streams.group(GROUP), type, { groupId: GROUP, ...data } as EventData<T>, by);
export const joinRequested = (userId: string, number = 1, note: string | null = null) =>
  ofGroup("JoinRequested", { userId, number, note }, userId);
export const invited = (userId: string, invitedBy: string, number = 1, groupId = GROUP) =>
  event(streams.group(groupId), "MemberInvited", { groupId, userId, number, invitedBy }, invitedBy);
export const joinAccepted = (userId: string, by: string, number = 1) => ofGroup("JoinRequestAccepted", { userId, number }, by);
export const joinDeclined = (userId: string, by: string, number = 1) => ofGroup("JoinRequestDeclined", { userId, number }, by);
export const joinWithdrawn = (userId: string, by: string, number = 1) => ofGroup("JoinRequestWithdrawn", { userId, number }, by);
export const inviteCreated = (inviteId: string, createdBy: string, more: { expiresAt?: string; uses?: number } = {}) =>
  ofGroup("InviteCreated", { inviteId, createdBy, expiresAt: null, uses: null, ...more }, createdBy);
export const inviteUsed = (inviteId: string, userId: string) => ofGroup("InviteUsed", { inviteId, userId }, userId);
export const inviteRevoked = (inviteId: string, by: string) => ofGroup("InviteRevoked", { inviteId }, by);
export const silenced = (userId: string, until: string | null, by: string) => ofGroup("MemberSilenced", { userId, until }, by);
export const dissolved = (userId: string, groupId = GROUP) =>
  event(streams.group(groupId), "GroupDissolved", { groupId, userId }, userId);
export const joined = (userId: string, groupId = GROUP) =>
  event(streams.group(groupId), "MemberJoined", { groupId, userId }, userId);
export const added = (userId: string, by: string, groupId = GROUP) =>
  event(streams.group(groupId), "MemberAdded", { groupId, userId }, by);
export const membersImported = (...userIds: string[]) =>
  event(streams.group(GROUP), "MembersImported", { groupId: GROUP, userIds }, "~import");
export const left = (userId: string, groupId = GROUP) => event(streams.group(groupId), "MemberLeft", { groupId, userId }, userId);
export const removed = (userId: string, by: string, groupId = GROUP) =>
  event(streams.group(groupId), "MemberRemoved", { groupId, userId }, by);
export const roleChanged = (userId: string, role: "ADMIN" | "MEMBER", by: string, groupId = GROUP) =>
  event(streams.group(groupId), "RoleChanged", { groupId, userId, role }, by);
export const transferred = (from: string, to: string) =>
  event(streams.group(GROUP), "OwnershipTransferred", { groupId: GROUP, from, to }, from);

export const sent = (senderId: string, more: Partial<EventData<"MessageSent">> = {}) =>
  event(
    streams.conversation(more.conversationId ?? GROUP),
    "MessageSent",
    {
      conversationId: GROUP,
      senderId,
      clientMutationId: "call",
      kind: "TEXT",
      topic: null,
      text: "hello",
      attachments: [],
      replyTo: null,
      mentions: [],
      mentionsAll: false,
      ...more,
    },
    senderId,
  );
/** Out of an archive. */
export const imported = (senderId: string, sentAt = "2019-01-02T03:04:05.000Z") => sent(senderId, { imported: { sentAt } });
export const edited = (senderId: string, seq: number, text: string, conversationId = GROUP) =>
  event(streams.annotation(conversationId, seq), "MessageEdited", { conversationId, seq, senderId, text }, senderId);
export const recalled = (senderId: string, seq: number, conversationId = GROUP) =>
  event(streams.annotation(conversationId, seq), "MessageRecalled", { conversationId, seq, senderId }, senderId);
export const expired = (seq: number, conversationId = GROUP) =>
  event(streams.annotation(conversationId, seq), "MessageExpired", { conversationId, seq }, "~time");
export const reacted = (userId: string, seq: number, emoji: string, conversationId = GROUP) =>
  event(streams.annotation(conversationId, seq), "ReactionAdded", { conversationId, seq, userId, emoji }, userId);
export const unreacted = (userId: string, seq: number, emoji: string, conversationId = GROUP) =>
  event(streams.annotation(conversationId, seq), "ReactionRemoved", { conversationId, seq, userId, emoji }, userId);
export const pinned = (userId: string, seq: number, conversationId = GROUP) =>
  event(streams.annotation(conversationId, seq), "MessagePinned", { conversationId, seq, userId }, userId);
export const unpinned = (userId: string, seq: number, conversationId = GROUP) =>
  event(streams.annotation(conversationId, seq), "MessageUnpinned", { conversationId, seq, userId }, userId);
type Reported = EventData<"MessageReported">;
type DecidedAs = Partial<
  Pick<EventData<"ReportDecided">, "action" | "reason" | "silencedUntil"> & Pick<Reported, "conversationId">
>;
const by = ({ reporterId, rule }: Pick<Reported, "reporterId" | "rule">) => ({ reporterId, rule }) as Reporter;
/** By a user, or with `rule` by that. */
export const reported = (reporterId: string, seq: number, more: Partial<Reported> = {}) => {
  const usual = { conversationId: GROUP, seq, reporterId, rule: null, senderId: "bob", reason: "rude", edit: null };
  const data: Reported = { ...usual, ...more };
  return event(streams.report(data.conversationId, seq, by(data)), "MessageReported", data, data.reporterId ?? "~rule");
};
export const reportDecided = (reporterId: string, seq: number, decidedBy: string, more: DecidedAs = {}) => {
  const usual = { conversationId: GROUP, action: "DISMISS" as const, reason: null, silencedUntil: null };
  const data = { ...usual, seq, reporterId, rule: null, senderId: "bob", decidedBy, ...more };
  return event(streams.report(data.conversationId, seq, { reporterId, rule: null }), "ReportDecided", data, decidedBy);
};
export const banned = (userId: string, bannedBy: string, reason: string | null = null) =>
  event(streams.ban(userId), "UserBanned", { userId, bannedBy, reason }, bannedBy);
export const unbanned = (userId: string, unbannedBy: string) =>
  event(streams.ban(userId), "UserUnbanned", { userId, unbannedBy, reason: null }, unbannedBy);
export const readUpTo = (userId: string, seq: number, conversationId = GROUP) =>
  event(streams.reader(userId, conversationId), "ReadUpTo", { userId, conversationId, seq }, userId);

export const preferencesChanged = (
  userId: string,
  change: Omit<EventData<"PreferencesChanged">, "userId" | "conversationId">,
  conversationId = GROUP,
) => event(streams.preferences(userId, conversationId), "PreferencesChanged", { userId, conversationId, ...change }, userId);

export const fanoutLimitSet = (limit: number) => event(streams.settings, "FanoutLimitSet", { limit }, "configuration");
/** In the stream of whatever the command was about. */
export const nothingChanged = (stream: string, by: string) => event(stream, "NothingChanged", {}, by);
const WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
export const webhookPut = (webhookId: string, more: Partial<EventData<"WebhookPut">> = {}) =>
  event(
    streams.webhooks,
    "WebhookPut",
    {
      webhookId,
      url: "https://example.org/told",
      events: ["MESSAGE_SENT"],
      conversationId: null,
      secret: WEBHOOK_SECRET,
      ...more,
    },
    "operator",
  );
export const webhookDeleted = (webhookId: string) => event(streams.webhooks, "WebhookDeleted", { webhookId }, "operator");
export const webhookSwitchedOff = (webhookId: string, reason: string) =>
  event(streams.webhooks, "WebhookSwitchedOff", { webhookId, reason }, "~webhooks");
export const incomingHookPut = (hookId: string, more: Partial<EventData<"IncomingHookPut">> = {}) =>
  event(
    streams.webhooks,
    "IncomingHookPut",
    { hookId, botId: "robot", conversationId: GROUP, hash: "a".repeat(43), ...more },
    "operator",
  );
export const incomingHookDeleted = (hookId: string) => event(streams.webhooks, "IncomingHookDeleted", { hookId }, "operator");
export const circlePut = (circleId: string, memberIds: string[], more: Partial<EventData<"CirclePut">> = {}) =>
  event(
    streams.circle(circleId),
    "CirclePut",
    { circleId, kind: "company", name: "Acme", memberIds, conversationId: null, ...more },
    "operator",
  );
export const circleEqualised = (circleId: string) => event(streams.circle(circleId), "CircleEqualised", { circleId }, "operator");
