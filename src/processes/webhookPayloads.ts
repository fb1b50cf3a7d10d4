import { shownAttachments } from "../commands/attachments.ts";
import type { EventData, EventType } from "../domain/events.ts";
import { messageIdOf, pairOf } from "../domain/ids.ts";
import type { Recorded } from "../domain/recorded.ts";

export type WebhookEvent = EventData<"WebhookPut">["events"][number];

/**
 * What other programs are told of an event. `conversation`: what it is of, or null. `key`: what has the same one is told in
 * order. `data`: see docs/webhooks.md: it holds what members of the conversation may know, and never where somebody is, when
 * they were born, their devices, or what they call others.
 */
export type Told = { event: WebhookEvent; conversation: string | null; key: string; data: object };

type Teller<T extends EventType> = (event: Recorded<T>) => Told;

const ofMessage =
  <
    T extends
      | "MessageEdited"
      | "MessageRecalled"
      | "MessageExpired"
      | "ReactionAdded"
      | "ReactionRemoved"
      | "MessagePinned"
      | "MessageUnpinned",
  >(
    change: string,
  ): Teller<T> =>
  (event) => {
    const { conversationId, seq, ...more } = event.data as { conversationId: string; seq: number; text?: string; emoji?: string };
    return {
      event: "MESSAGE_CHANGED",
      conversation: conversationId,
      key: conversationId,
      data: {
        change,
        conversationId,
        messageId: messageIdOf(conversationId, seq),
        seq,
        actorId: event.actorId,
        ...("text" in more ? { text: more.text } : {}),
        ...("emoji" in more ? { emoji: more.emoji } : {}),
      },
    };
  };

const membership = (
  change: string,
  conversationId: string,
  userId: string,
  { actorId }: { actorId: string },
  more: object = {},
): Told => ({
  event: "MEMBERSHIP_CHANGED",
  conversation: conversationId,
  key: conversationId,
  data: { change, conversationId, userId, actorId, ...more },
});

const ofGroup =
  <T extends "MemberJoined" | "MemberAdded" | "MemberLeft" | "MemberRemoved" | "FollowerAdmitted">(change: string): Teller<T> =>
  (event) =>
    membership(change, event.data.groupId, event.data.userId, event);

const ofFriends = (change: string, one: string, other: string, { actorId }: { actorId: string }): Told => ({
  event: "FRIENDSHIP_CHANGED",
  conversation: null,
  key: `friends ${pairOf(one, other)}`,
  data: { change, userIds: [one, other].sort(), actorId },
});

const ofUser = (change: string, userId: string, more: object = {}): Told => ({
  event: "USER_CHANGED",
  conversation: null,
  key: `user ${userId}`,
  data: { change, userId, ...more },
});

/** Without their birthday: others know the age alone. */
const shown = ({ birthday: _, userId: __, ...profile }: Partial<EventData<"UserRegistered">>): object => profile;

const TELLERS: { readonly [T in EventType]?: Teller<T> } = {
  MessageSent: ({ data, revision, at }) => {
    const { conversationId, senderId, kind, topic, text, attachments, replyTo, mentions, mentionsAll, forwardedFrom } = data;
    const seq = revision + 1;
    return {
      event: "MESSAGE_SENT",
      conversation: conversationId,
      key: conversationId,
      data: {
        conversationId,
        messageId: messageIdOf(conversationId, seq),
        seq,
        senderId,
        sentAt: at,
        kind,
        topic,
        text,
        attachments: shownAttachments(attachments),
        replyTo,
        mentions,
        mentionsAll,
        forwarded: forwardedFrom !== undefined,
      },
    };
  },
  MessageEdited: ofMessage("EDITED"),
  MessageRecalled: ofMessage("RECALLED"),
  MessageExpired: ofMessage("EXPIRED"),
  ReactionAdded: ofMessage("REACTED"),
  ReactionRemoved: ofMessage("UNREACTED"),
  MessagePinned: ofMessage("PINNED"),
  MessageUnpinned: ofMessage("UNPINNED"),
  /** Of no conversation: what programs of one may see, its members may, and the one who is reported among them. */
  MessageReported: ({ data: { conversationId, seq, senderId, reporterId, rule, reason } }) => ({
    event: "REPORTED",
    conversation: null,
    key: conversationId,
    data: { conversationId, messageId: messageIdOf(conversationId, seq), seq, senderId, reporterId, rule, reason },
  }),

  GroupCreated: ({ data: { groupId, title, ownerId } }) => ({
    event: "CONVERSATION_CHANGED",
    conversation: groupId,
    key: groupId,
    data: { change: "CREATED", conversationId: groupId, title, ownerId },
  }),
  GroupProfileChanged: ({ data: { groupId, ...changed }, actorId }) => ({
    event: "CONVERSATION_CHANGED",
    conversation: groupId,
    key: groupId,
    data: { change: "CHANGED", conversationId: groupId, changed, actorId },
  }),
  GroupDissolved: ({ data: { groupId }, actorId }) => ({
    event: "CONVERSATION_CHANGED",
    conversation: groupId,
    key: groupId,
    data: { change: "DISSOLVED", conversationId: groupId, actorId },
  }),

  MemberJoined: ofGroup("JOINED"),
  MemberAdded: ofGroup("JOINED"),
  FollowerAdmitted: ofGroup("JOINED"),
  MemberLeft: ofGroup("LEFT"),
  MemberRemoved: ofGroup("REMOVED"),
  RoleChanged: (event) => membership("ROLE_CHANGED", event.data.groupId, event.data.userId, event, { role: event.data.role }),
  OwnershipTransferred: (event) => membership("ROLE_CHANGED", event.data.groupId, event.data.to, event, { role: "OWNER" }),
  MemberSilenced: (event) => membership("SILENCED", event.data.groupId, event.data.userId, event, { until: event.data.until }),
  ChannelFollowed: (event) => membership("JOINED", event.data.channelId, event.data.userId, event),
  ChannelUnfollowed: (event) => membership("LEFT", event.data.channelId, event.data.userId, event),

  FriendshipRequested: (event) => ofFriends("REQUESTED", event.data.from, event.data.to, event),
  FriendRequestDeclined: (event) => ofFriends("DECLINED", event.data.from, event.data.to, event),
  FriendRequestWithdrawn: (event) => ofFriends("WITHDRAWN", event.data.from, event.data.to, event),
  FriendshipBegan: (event) => ofFriends("BEGAN", ...event.data.userIds, event),
  FriendshipEnded: (event) => ofFriends("ENDED", event.data.userId, event.data.friendId, event),

  UserRegistered: ({ data }) => ofUser("REGISTERED", data.userId, { profile: shown(data) }),
  ProfileUpdated: ({ data }) => ofUser("CHANGED", data.userId, { profile: shown(data) }),
  UserDeactivated: ({ data }) => ofUser("DEACTIVATED", data.userId),
  UserReactivated: ({ data }) => ofUser("REACTIVATED", data.userId),
};

/** The types of events that anybody may be told of. */
export const TOLD_TYPES: ReadonlySet<string> = new Set(Object.keys(TELLERS));

/** What is told of an event. Undefined: nothing. What comes from an archive is told to nobody. */
export function toldOf(event: Recorded): Told | undefined {
  if (event.imported || ("imported" in event.data && event.data.imported !== undefined)) return undefined;
  const teller = TELLERS[event.type] as Teller<EventType> | undefined;
  return teller?.(event);
}

/** The text that is sent: stable, so that the same event has the same one as long as it holds the same. */
export const bodyOf = ({ event, data }: Pick<Told, "event" | "data">, { at }: Pick<Recorded, "at">): string =>
  JSON.stringify({ type: event, timestamp: at, data });
