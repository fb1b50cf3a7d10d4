// Made by codegen.mjs from schema.graphql: not edited by hand.
import type { Context } from "./context.ts";
import type { AdminEntity, AttachmentEntity, AuditEntity, CaughtUpEntity, CircleEntity, ConversationChangedEntity, ConversationEntity, ConversationPayloadEntity, ConversationsPayloadEntity, DeviceEntity, DevicePayloadEntity, EntryEntity, FriendEntity, FriendRequestChangedEntity, FriendRequestEntity, FriendshipChangedEntity, FriendshipEntity, InviteEntity, JoinRequestChangedEntity, JoinRequestEntity, MemberEntity, MembershipChangedEntity, MessageChangedEntity, MessageEntity, MessageHitEntity, MessageHitsEntity, MessagePayloadEntity, MessageReceivedEntity, NodeEntity, PresenceEntity, ReactionEntity, ReadMovedEntity, ReportEntity, ReportedMessageEntity, ResetEntity, ScheduledMessageEntity, ScheduledPayloadEntity, TypingEntity, UploadEntity, UserEntity, UserPresenceEntity, ViewerEntity, WebhookEntity } from "./entities.ts";
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /**
   * A point of time as text, in the format of RFC 3339. Answers are in UTC with milliseconds: `2024-05-31T12:00:00.000Z`. An input
   * has `Z` or an offset (`2024-05-31T14:00:00+02:00`), and any number of digits below the second.
   */
  DateTime: { input: string; output: string; }
  /**
   * A place in the one log, as text. Do not interpret it: compare it, keep it, and give it back. Its text order is log order. A
   * cursor stays good across views, rebuilds, restarts and all servers of its log. No public specification
   * describes its form, and it may change.
   */
  Cursor: { input: string; output: string; }
  /** An absolute address of http or https, as text: at most 2,048 characters, valid by the URL Standard. */
  URL: { input: string; output: string; }
};

/** What kind of refusal an entry in `errors` is: its `extensions.code`. */
export type ErrorCode =
  /** There is no token, or it is not good here. Sign in again. HTTP 401; a WebSocket is closed with 4401 or 4403. */
  | 'UNAUTHENTICATED'
  /** You may know of this, but you may not do it. */
  | 'FORBIDDEN'
  /** It does not exist, or you may not see it. Also for a token whose user never registered: the message names `register`. */
  | 'NOT_FOUND'
  /** What was sent is wrong, whoever sends it: the document, or the input that `extensions.field` names. */
  | 'BAD_INPUT'
  /**
   * The call does not fit the present state: something is taken, recalled or under way, or this `clientMutationId` was used with
   * other input.
   */
  | 'CONFLICT'
  /** A limit was reached: members of a group, events of one operation, bytes of an answer, subscriptions. */
  | 'LIMIT_EXCEEDED'
  /** Too much at once. Send it again after `extensions.retryAfterMs`. HTTP 429. */
  | 'RATE_LIMITED'
  /**
   * A server that Tidings uses is away or slow. Nothing was stored, or the outcome is unknown, or it is stored and not in force
   * yet. Send the same call with the same `clientMutationId` again after `extensions.retryAfterMs`. HTTP 503.
   */
  | 'UNAVAILABLE'
  /** A fault of the server. `extensions.correlationId` names it in the server's log. HTTP 500. */
  | 'INTERNAL';

/** Everything with an id. An id names one thing, over all types. */
export type Node = {
  /** The id. Caches may use it as a key. */
  readonly id: Scalars['ID']['output'];
};

/** Questions. They change nothing. */
export type Query = {
  /** The one who asks, and what is theirs. */
  readonly viewer: Viewer;
  /** Anything by its id. Null if there is none that the viewer may see. */
  readonly node: Maybe<Node>;
  /** The same for many, in the order of their ids: null in the place of each that the viewer may not see. */
  readonly nodes: ReadonlyArray<Maybe<Node>>;
  /** A user, by id or by handle: give one of the two. Null if there is none. */
  readonly user: Maybe<User>;
  /**
   * A conversation: a public group or channel, one that the viewer is or was in, or the one with another user. That one is empty
   * until its first message is sent. Null if there is none that the viewer may see.
   *
   * With `at`, as it stood at that time: title, members and roles, messages, reactions, pins, and how far everyone had read. It is
   * for those who were in it by then, and for the scope `admin`; null for everyone else, and before it was created. They are shown
   * what they saw then, but for what was recalled or has expired since: that stays gone, except for the scope `admin`. What was open
   * to them only as members is shown as long as it is open to them. People, and what was forwarded from elsewhere, are shown as they
   * are now. Of invites, reports and who is typing nothing is shown. It is folded anew from the conversation's own events:
   * LIMIT_EXCEEDED if these are too many, RATE_LIMITED if others ask too.
   */
  readonly conversation: Maybe<Conversation>;
  /** Whom or what a QR code means. Null if the text is no code of this kind, or means nothing that the viewer may see. */
  readonly code: Maybe<CodeTarget>;
  /** Messages that the viewer may see, by their words and more. See `MessageQuery`. */
  readonly searchMessages: Maybe<MessageHitConnection>;
  /** People, by name, tags and place: give at least one of them. */
  readonly searchUsers: Maybe<UserHitConnection>;
  /**
   * Groups that are public, or that the viewer is or was a member of, by name, tags and category: give at least one of them. A group
   * that they have left is found as long as it has the title, the tags and the category of then.
   */
  readonly searchConversations: Maybe<ConversationHitConnection>;
  /** What operators see. FORBIDDEN without the scope `admin`. */
  readonly admin: Maybe<Admin>;
};


/** Questions. They change nothing. */
export type QueryViewerArgs = {
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


/** Questions. They change nothing. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


/** Questions. They change nothing. */
export type QueryNodesArgs = {
  ids: ReadonlyArray<Scalars['ID']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


/** Questions. They change nothing. */
export type QueryUserArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  handle?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


/** Questions. They change nothing. */
export type QueryConversationArgs = {
  id: Scalars['ID']['input'];
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
  at?: InputMaybe<Scalars['DateTime']['input']>;
};


/** Questions. They change nothing. */
export type QueryCodeArgs = {
  text: Scalars['String']['input'];
};


/** Questions. They change nothing. */
export type QuerySearchMessagesArgs = {
  query: MessageQuery;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


/** Questions. They change nothing. */
export type QuerySearchUsersArgs = {
  query: UserQuery;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


/** Questions. They change nothing. */
export type QuerySearchConversationsArgs = {
  query: ConversationQuery;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};

/** The one who asks. */
export type Viewer = {
  /** Their own user. */
  readonly user: User;
  /**
   * The conversations that they are in now, the one with the newest activity first. Hidden ones (`setPreferences`) are left out until
   * their next message.
   */
  readonly conversations: ConversationConnection;
  /** How many messages are unread, over all conversations that they are in now and have not muted. Hidden ones count. */
  readonly unreadTotal: Scalars['Int']['output'];
  /**
   * What happened to the viewer after a cursor, oldest first, page by page. The entries, cursors and order are those of the
   * subscription `inbox`.
   */
  readonly sync: SyncPage;
  /** Their friends. */
  readonly friends: FriendConnection;
  /** Requests for friendship that they got or made, the newest first. */
  readonly friendRequests: FriendRequestConnection;
  /** Whom they have blocked, the newest block first. */
  readonly blocked: UserConnection;
  /** Messages that wait for their time, the earliest first. */
  readonly scheduled: ReadonlyArray<ScheduledMessage>;
  /**
   * Messages that name the viewer, or everyone in a conversation that the viewer was in when they were sent: those that the viewer may
   * see, the newest first. Recalled ones are not among them. A page may be shorter, and go on nevertheless: see its `pageInfo`.
   */
  readonly mentions: MessageConnection;
  /**
   * What a browser subscribes to pushes with (`applicationServerKey` of `PushManager.subscribe`), base64url: the same for everyone.
   * Null: this server has no Web Push.
   */
  readonly webPushKey: Maybe<Scalars['String']['output']>;
  /** The devices that they have added, the first one first. */
  readonly devices: ReadonlyArray<Device>;
  /** The groups that they are in now, the one that they joined last first. */
  readonly groups: ConversationConnection;
  /** Families, companies and other circles that a business has put them in, by id: at most 100. */
  readonly circles: ReadonlyArray<Circle>;
  /**
   * Requests to join that they answer or made, the newest first. They answer for groups that they own or administer, and for
   * themselves.
   */
  readonly joinRequests: JoinRequestConnection;
};


/** The one who asks. */
export type ViewerConversationsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  kind?: InputMaybe<ConversationKind>;
  unreadOnly?: InputMaybe<Scalars['Boolean']['input']>;
  includeHidden?: InputMaybe<Scalars['Boolean']['input']>;
  pinnedFirst?: InputMaybe<Scalars['Boolean']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


/** The one who asks. */
export type ViewerUnreadTotalArgs = {
  includeMuted?: InputMaybe<Scalars['Boolean']['input']>;
};


/** The one who asks. */
export type ViewerSyncArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  limit?: InputMaybe<Scalars['Int']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


/** The one who asks. */
export type ViewerFriendsArgs = {
  orderBy?: InputMaybe<FriendOrder>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** The one who asks. */
export type ViewerFriendRequestsArgs = {
  direction?: InputMaybe<Direction>;
  status?: InputMaybe<RequestStatus>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** The one who asks. */
export type ViewerBlockedArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** The one who asks. */
export type ViewerScheduledArgs = {
  failed?: InputMaybe<Scalars['Boolean']['input']>;
};


/** The one who asks. */
export type ViewerMentionsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** The one who asks. */
export type ViewerGroupsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** The one who asks. */
export type ViewerJoinRequestsArgs = {
  direction?: InputMaybe<Direction>;
  status?: InputMaybe<RequestStatus>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** A page of what happened to the viewer. */
export type SyncPage = {
  /** What happened, oldest first. Empty if nothing is new. */
  readonly entries: ReadonlyArray<InboxEntry>;
  /** Where the next call goes on, also if nothing was new. */
  readonly cursor: Scalars['Cursor']['output'];
  /** There is more after this page: ask again, from `cursor`. */
  readonly hasMore: Scalars['Boolean']['output'];
  /**
   * What the client knows is too old to go on from. Its cursor is older than anything is kept for (INBOX_TTL), of another log, or
   * from before a fault was healed. Read `conversations` again, and go on from the cursor of its first page.
   */
  readonly resetRequired: Scalars['Boolean']['output'];
  /**
   * This page is of what the inbox itself keeps no more, because more came than it holds (INBOX_MAX): the client was away for long.
   * It is read from the conversations, complete and in the same order. Who does not want all of it goes on from `skipTo`.
   */
  readonly overflow: Scalars['Boolean']['output'];
  /**
   * Where the inbox is whole again: who goes on from here skips what lies between, and reads `conversations` again, since it was not
   * told of it. Null if `overflow` is false.
   */
  readonly skipTo: Maybe<Scalars['Cursor']['output']>;
};

/** Someone who has registered. */
export type User = Node & {
  /**
   * Made of what the token says of the user: its `sub`, unless the server is set otherwise. At most 64 characters, no `:` and no
   * `~` among them.
   */
  readonly id: Scalars['ID']['output'];
  /** The name by which others find the user: at most 64 characters, unique, in lower case. It may change. */
  readonly handle: Scalars['String']['output'];
  /** The name to show: at most 128 characters. It may change, and need not be unique. */
  readonly name: Scalars['String']['output'];
  /** A picture, or null. */
  readonly avatarUrl: Maybe<Scalars['URL']['output']>;
  /** What the user said of it, or null. */
  readonly gender: Maybe<Gender>;
  /** In years, from the birthday that the user gave, or null. */
  readonly age: Maybe<Scalars['Int']['output']>;
  /** A line of the user's own, at most 1,024 characters, or null. */
  readonly signature: Maybe<Scalars['String']['output']>;
  /** What the user goes by: at most 64 tags. */
  readonly tags: ReadonlyArray<Tag>;
  /** A program, and no person. */
  readonly bot: Scalars['Boolean']['output'];
  /** The text of the user's QR code. `code` reads it. */
  readonly code: Scalars['String']['output'];
  /**
   * The id of the one conversation of the viewer with this user. `conversation` gives it from the start, empty; it is listed from
   * its first message on.
   */
  readonly directConversationId: Scalars['ID']['output'];
  /** How the viewer and this user stand. */
  readonly friendship: Friendship;
  /**
   * Whether they are online, by kind of device. Friends see it of each other, and so do two users whose direct conversation has begun
   * if anyone may write to anyone (DIRECT_MESSAGES). For all others, and where one of the two has blocked the other, it is empty.
   */
  readonly presence: ReadonlyArray<Presence>;
};

/** A device of the viewer. Others only learn of its kind (`User.presence`). */
export type Device = Node & {
  /** What the app calls it: what the `device` of its tokens says. */
  readonly id: Scalars['ID']['output'];
  /** What it is. */
  readonly kind: DeviceKind;
  /** What its user calls it: at most 128 characters. */
  readonly name: Scalars['String']['output'];
  /** When it was last connected or asked for something, to the minute. Null if it never was, with a token that names it. */
  readonly lastSeenAt: Maybe<Scalars['DateTime']['output']>;
  /** The token of this request names it. */
  readonly current: Scalars['Boolean']['output'];
};

/** What a device is. */
export type DeviceKind =
  /** A phone or tablet of Apple. */
  | 'IOS'
  /** A phone or tablet with Android. */
  | 'ANDROID'
  /** A browser. */
  | 'WEB'
  /** A program on a computer. */
  | 'DESKTOP'
  /** An account within another messenger. It has no presence. */
  | 'OFFICIAL_ACCOUNT'
  /** A program within another messenger. It has no presence. */
  | 'MINI_PROGRAM'
  /** Anything else, and all devices that were not added. */
  | 'OTHER';

/** A service that brings pushes to devices. */
export type PushService =
  /** Firebase Cloud Messaging. */
  | 'FCM'
  /** Apple Push Notification service. */
  | 'APNS'
  /** The browser's own. The token is its PushSubscription as JSON. */
  | 'WEB_PUSH';

/** Whether a user is online with one kind of device. */
export type Presence = {
  /** Which kind. */
  readonly deviceKind: DeviceKind;
  /**
   * A device of this kind is connected over a WebSocket or a stream of events, or was a moment ago: after a lost connection, and
   * after a restart of the server, nobody is said to be offline before PRESENCE_GRACE is over. Null for kinds that have no presence.
   */
  readonly online: Maybe<Scalars['Boolean']['output']>;
  /** When a device of this kind was last seen. Null if it never was, and for kinds that have no presence. */
  readonly lastSeenAt: Maybe<Scalars['DateTime']['output']>;
};

/** The presence of one user, as it is now. */
export type UserPresence = {
  /** Whose it is. */
  readonly user: User;
  /** By kind of device. */
  readonly presence: ReadonlyArray<Presence>;
};

/** Somebody began to type, or ended. */
export type Typing = {
  /** Who. */
  readonly user: User;
  /** The id of the conversation. */
  readonly conversationId: Scalars['ID']['output'];
  /** False once they ended, or said nothing for some seconds. */
  readonly typing: Scalars['Boolean']['output'];
};

/** How the viewer and another user stand. */
export type Friendship = {
  /** Whether they are friends, or one has asked the other. */
  readonly status: FriendshipStatus;
  /** Since when they are friends, or null. */
  readonly since: Maybe<Scalars['DateTime']['output']>;
  /** The viewer's own name for the friend, or null. */
  readonly alias: Maybe<Scalars['String']['output']>;
  /** The viewer has blocked this user. Nobody is told who has blocked them. */
  readonly blockedByViewer: Scalars['Boolean']['output'];
};

/** Whether two users are friends. */
export type FriendshipStatus =
  /** They are not, and nobody has asked. */
  | 'NONE'
  /** The viewer has asked, and waits for the answer. */
  | 'REQUESTED_BY_VIEWER'
  /** The other one has asked the viewer. */
  | 'REQUESTED_BY_THEM'
  /** They are friends. */
  | 'FRIENDS';

/** A friend of the viewer. */
export type Friend = Node & {
  /** The id of the friendship: `f:alice~bob`, the two users in order. */
  readonly id: Scalars['ID']['output'];
  /** Who it is. */
  readonly user: User;
  /** The viewer's own name for them, or null. */
  readonly alias: Maybe<Scalars['String']['output']>;
  /** Since when they are friends. */
  readonly since: Scalars['DateTime']['output'];
  /** The id of the one conversation of the two. */
  readonly conversationId: Scalars['ID']['output'];
};

/** The order of a list of friends. */
export type FriendOrder =
  /**
   * By the name that the viewer sees: the alias, or else the friend's own. Chinese names come first, by pinyin; then the others, by
   * the alphabet of their script. Case and accents matter only between names that are otherwise the same, and numbers count by their
   * value.
   */
  | 'NAME'
  /** The newest friendship first. */
  | 'SINCE';

/** Whose request it is. */
export type Direction =
  /** Others ask the viewer. */
  | 'INCOMING'
  /** The viewer asks others. */
  | 'OUTGOING';

/** What became of a request. */
export type RequestStatus =
  /** It waits for an answer. */
  | 'PENDING'
  /** The answer was yes. */
  | 'ACCEPTED'
  /** The answer was no. */
  | 'DECLINED'
  /** Who asked took it back. */
  | 'WITHDRAWN';

/** One user asks another one to be friends. */
export type FriendRequest = Node & {
  /** The id of the request: `f:alice~bob:3`, the two users in order. */
  readonly id: Scalars['ID']['output'];
  /** Who asks. */
  readonly from: User;
  /** Who is asked. */
  readonly to: User;
  /** What they say with it, or null. */
  readonly note: Maybe<Scalars['String']['output']>;
  /** What became of it. */
  readonly status: RequestStatus;
  /** When they asked. */
  readonly requestedAt: Scalars['DateTime']['output'];
  /** When it was answered or taken back, or null. */
  readonly decidedAt: Maybe<Scalars['DateTime']['output']>;
};

/**
 * A message of the viewer's that waits for its time. Nobody else sees it. Once it is sent it is a `Message`, whose
 * `clientMutationId` is the last part of this id.
 */
export type ScheduledMessage = Node & {
  /** The id of the message while it waits: `s:<user>:<UUID>`. */
  readonly id: Scalars['ID']['output'];
  /** Where it goes. */
  readonly conversation: Conversation;
  /** What it holds. */
  readonly kind: MessageKind;
  /** A thread or feed within the conversation, or null. */
  readonly topic: Maybe<Scalars['String']['output']>;
  /** Its text. Null for attachments without a caption. */
  readonly text: Maybe<Scalars['String']['output']>;
  /** At most 32. */
  readonly attachments: ReadonlyArray<Attachment>;
  /** When it is sent: then, or up to about a second later. Where no server was running, as soon as one is again. */
  readonly sendAt: Scalars['DateTime']['output'];
  /**
   * Why it could not be sent when its time had come, with the rights that the viewer had then: as `sendMessage` would be refused.
   * Null while it waits.
   */
  readonly failure: Maybe<ErrorCode>;
};

/** People whom a business ties to each other: a family, a company, a department. Only they see it, and the scope `admin`. */
export type Circle = Node & {
  /** `o:<name>`. */
  readonly id: Scalars['ID']['output'];
  /** What it is: free text, at most 64 characters. */
  readonly kind: Scalars['String']['output'];
  /** Its name: at most 128 characters. */
  readonly name: Scalars['String']['output'];
  /** Who is in it, by id. */
  readonly members: UserConnection;
  /**
   * The group whose members are those of the circle. Nobody joins, leaves, adds or removes there. Null if there is none that the
   * viewer is in.
   */
  readonly conversation: Maybe<Conversation>;
};


/** People whom a business ties to each other: a family, a company, a department. Only they see it, and the scope `admin`. */
export type CircleMembersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** What users say of their gender. */
export type Gender =
  /** Female. */
  | 'FEMALE'
  /** Male. */
  | 'MALE'
  /** Another one. */
  | 'OTHER';

/** A word that describes a user or a group, and how much it does. */
export type Tag = {
  /** At most 64 characters. */
  readonly name: Scalars['String']['output'];
  /** 0 to 1,000,000. Searches by tags put the highest sum of scores first. */
  readonly score: Scalars['Float']['output'];
};

/** Messages in one order, and who may read them: between two users, or in a group. */
export type Conversation = Node & {
  /** A group's is `g:…`, a channel's `c:…`, a direct conversation's `d:<user>~<user>`. */
  readonly id: Scalars['ID']['output'];
  /** Whether it is between two users, a group's or a channel's. */
  readonly kind: ConversationKind;
  /**
   * A group's title, at most 128 characters. DIRECT: the name of the other user. Those who have left a group that is not public see
   * this, and all that it says of itself, as it was when they left.
   */
  readonly title: Scalars['String']['output'];
  /** A group's picture, or null. */
  readonly avatarUrl: Maybe<Scalars['URL']['output']>;
  /** What a group is about, at most 4,096 characters, or null. */
  readonly description: Maybe<Scalars['String']['output']>;
  /** What a group tells its members, at most 4,096 characters, or null. */
  readonly announcement: Maybe<Scalars['String']['output']>;
  /** A group's type or label, at most 64 characters, or null. */
  readonly category: Maybe<Scalars['String']['output']>;
  /** A group's tags: at most 64. DIRECT: none. */
  readonly tags: ReadonlyArray<Tag>;
  /** When the group was made. DIRECT: when its first message was sent, null before. */
  readonly createdAt: Maybe<Scalars['DateTime']['output']>;
  /** How others become members. DIRECT: INVITE. */
  readonly joinPolicy: JoinPolicy;
  /** Those outside may find it, and read and search its history. */
  readonly public: Scalars['Boolean']['output'];
  /** Members see what was sent before they joined. */
  readonly historyVisible: Scalars['Boolean']['output'];
  /** The text of a group's QR code. `code` reads it. DIRECT: null. */
  readonly code: Maybe<Scalars['String']['output']>;
  /** DIRECT: the other user. Else null. */
  readonly peer: Maybe<User>;
  /**
   * How many members it has. CHANNEL: its followers and its staff. For those who have left a group that is not public: how many it
   * had then.
   */
  readonly memberCount: Scalars['Int']['output'];
  /** Its members, in the order in which they joined. For those who have left a group that is not public: none. */
  readonly members: MemberConnection;
  /** The viewer as a member. Null if they are not a member, and in a direct conversation before its first message. */
  readonly membership: Maybe<Member>;
  /**
   * Messages in ascending order, a page of them. The cursor of an edge is the message's seq in decimal: `last: 30` is the newest
   * page, `last: 30, before: "41"` is the page before seq 41. With neither `first` nor `last` it is `last: 30`.
   */
  readonly messages: MessageConnection;
  /** One message. Null if there is none that the viewer may see. */
  readonly message: Maybe<Message>;
  /** The seq of the newest message that the viewer may know of. 0 if there is none. */
  readonly lastSeq: Scalars['Int']['output'];
  /** The newest message that the viewer may see, or null. */
  readonly lastMessage: Maybe<Message>;
  /** When the newest message was sent, or else when the conversation was made. */
  readonly lastActivityAt: Maybe<Scalars['DateTime']['output']>;
  /** How far the viewer has read, on any device: a seq. 0: not at all. */
  readonly readSeq: Scalars['Int']['output'];
  /**
   * How many messages the viewer has not read. Those from before they joined, their own, recalled and expired ones do not count. 0
   * if they are not a member.
   */
  readonly unreadCount: Scalars['Int']['output'];
  /** How many unread messages mention the viewer, or everyone. */
  readonly unreadMentions: Scalars['Int']['output'];
  /** The invitations that can be used now, the newest first. None for those who are neither the owner nor an administrator. */
  readonly invites: ReadonlyArray<Invite>;
  /** Others who are typing: at most 20. None if the viewer is not a member, or in a direct conversation one has blocked the other. */
  readonly typing: ReadonlyArray<User>;
  /**
   * How many unread messages answer one that the viewer sent or has answered too. Recalled ones do not count. Of very many threads
   * those count that were answered last: 100.
   */
  readonly unreadReplies: Scalars['Int']['output'];
  /**
   * Reports of its messages, for its owner and administrators: the open ones, the oldest first, or those that were decided, the last one
   * first. None of messages of the viewer's own. None for anybody else, and in a direct conversation: see `Admin.reports`.
   */
  readonly reports: ReportConnection;
  /** The pinned messages that the viewer may see, the one that was pinned last first. There are at most 50. */
  readonly pins: ReadonlyArray<Message>;
};


/** Messages in one order, and who may read them: between two users, or in a group. */
export type ConversationMembersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  role?: InputMaybe<Role>;
  followers?: InputMaybe<Scalars['Boolean']['input']>;
};


/** Messages in one order, and who may read them: between two users, or in a group. */
export type ConversationMessagesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  around?: InputMaybe<Scalars['Int']['input']>;
};


/** Messages in one order, and who may read them: between two users, or in a group. */
export type ConversationMessageArgs = {
  seq: Scalars['Int']['input'];
};


/** Messages in one order, and who may read them: between two users, or in a group. */
export type ConversationReportsArgs = {
  open?: InputMaybe<Scalars['Boolean']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** What a conversation is. */
export type ConversationKind =
  /** Between two users: there is exactly one for each pair. */
  | 'DIRECT'
  /** Of a group. */
  | 'GROUP'
  /**
   * Of a channel: an official account, with any number of followers. Its members are its staff: they have roles, and they alone
   * write, react and pin in it. `join` follows it, and `leave` unfollows it; a follower's role is MEMBER and `Member.follower` is
   * true. Everyone may find, read and follow a channel that is public. One that is not public can be followed by its id if it is
   * OPEN; else its staff lets followers in (`answerJoinRequest`, `createInvite`). All that it posted is open to its followers.
   * `addMembers` makes users members of the staff. Where only friends may write to each other, its followers may write to its staff
   * too, and its staff to a follower of whom one of the newest 50 messages between the two is; so strangers are asked before they
   * are of the staff.
   */
  | 'CHANNEL';

/** Who becomes a member without an owner or administrator who adds them. */
export type JoinPolicy =
  /**
   * Whoever knows the group's id joins, and every member adds others. Ids cannot be guessed: a code, a link or a member gives them
   * away.
   */
  | 'OPEN'
  /**
   * Whoever knows the group's id may ask to join (`join`), and an owner or administrator decides. A public channel is followed at
   * once, whatever its policy is.
   */
  | 'APPROVAL'
  /**
   * Only those whom an owner or administrator adds, asks in, or gives an invitation. To others the id of a group that is not public
   * says nothing.
   */
  | 'INVITE';

/** What a member may do in a group. In a direct conversation both are MEMBER. */
export type Role =
  /** Everything. There is exactly one owner, as long as the group has members. */
  | 'OWNER'
  /**
   * Changes what the group says of itself; adds, removes and silences members; answers requests to join; makes invitations; pins
   * messages, and recalls those of others.
   */
  | 'ADMIN'
  /** Reads and writes. */
  | 'MEMBER';

/** A user as a member of a conversation. */
export type Member = Node & {
  /** `m:<conversation>~<user>`. */
  readonly id: Scalars['ID']['output'];
  /** Who it is. */
  readonly user: User;
  /** What they may do. */
  readonly role: Role;
  /** May not write until then. Null: may write. */
  readonly silencedUntil: Maybe<Scalars['DateTime']['output']>;
  /** When they joined, the last time. */
  readonly joinedAt: Scalars['DateTime']['output'];
  /** The seq of the newest message when they joined. Messages above it are this member's, and unread counts begin there. */
  readonly joinedSeq: Scalars['Int']['output'];
  /**
   * How far they have read: a seq. 0: not at all. Those outside a public group are told 0, and so are followers of a channel, of others
   * than themselves.
   */
  readonly readSeq: Scalars['Int']['output'];
  /** CHANNEL: whether they follow it and are not of its staff. A follower's role is MEMBER. Else false. */
  readonly follower: Scalars['Boolean']['output'];
  /** What they want to be called in the group: at most 128 characters, or null. */
  readonly nickname: Maybe<Scalars['String']['output']>;
  /** They want to hear nothing of it: it does not count in `unreadTotal`. Of other members than the viewer: false. */
  readonly muted: Scalars['Boolean']['output'];
  /** It comes first in the list of conversations. Of other members than the viewer: false. */
  readonly pinned: Scalars['Boolean']['output'];
  /** It is left out of the list of conversations, until its next message. Of other members than the viewer: false. */
  readonly hidden: Scalars['Boolean']['output'];
};

/**
 * An invitation to a group, which a link or a QR code holds. Whoever has its code may use it, whatever the group's `joinPolicy`. It
 * cannot be guessed. Of one that is no longer good, those who may not see the group are told what the group was when they left.
 */
export type Invite = Node & {
  /** The id of the invitation. It holds the code, so it is as secret as that. */
  readonly id: Scalars['ID']['output'];
  /** The text of the invitation: `join` takes it as `inviteCode`, and `code` reads it. */
  readonly code: Scalars['String']['output'];
  /** Who made it. */
  readonly createdBy: User;
  /** Until when it is good, or null. */
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
  /** How often it can be used, or null. */
  readonly usesLeft: Maybe<Scalars['Int']['output']>;
  /** The title of the group. */
  readonly title: Scalars['String']['output'];
  /** The picture of the group, or null. */
  readonly avatarUrl: Maybe<Scalars['URL']['output']>;
  /** What the group is about, or null. */
  readonly description: Maybe<Scalars['String']['output']>;
  /** How many members the group has. */
  readonly memberCount: Scalars['Int']['output'];
};

/**
 * Someone asks to be let into a group, and its owner or an administrator decides. With `invitedBy` it is the other way round: a
 * member asks someone in, and that one decides. They see it, and the one who asked, and the group's owner and administrators.
 */
export type JoinRequest = Node & {
  /** The id of the request: `j:<group>~<user>:<number>`. */
  readonly id: Scalars['ID']['output'];
  /**
   * The group. To those who may not see it otherwise, it is as it was when the request was made or decided; nothing of its history is
   * shown, and `memberCount` is 0.
   */
  readonly conversation: Conversation;
  /** Who is to become a member. */
  readonly user: User;
  /** The member who asked them in. Null where they asked themselves. */
  readonly invitedBy: Maybe<User>;
  /** What they say with it, or null. */
  readonly note: Maybe<Scalars['String']['output']>;
  /** What became of it. */
  readonly status: RequestStatus;
  /** When it was made. */
  readonly requestedAt: Scalars['DateTime']['output'];
  /** When it was answered or taken back, or null. */
  readonly decidedAt: Maybe<Scalars['DateTime']['output']>;
  /** Who answered it or took it back, or null. */
  readonly decidedBy: Maybe<User>;
};

/** A message, as it is now. */
export type Message = Node & {
  /** `<conversation>:<seq>`. */
  readonly id: Scalars['ID']['output'];
  /** Where it was sent. */
  readonly conversation: Conversation;
  /** Its place in its conversation: counted from 1 without gaps, in the order of the log. */
  readonly seq: Scalars['Int']['output'];
  /** Its place in the log. */
  readonly cursor: Scalars['Cursor']['output'];
  /** Who sent it. */
  readonly sender: User;
  /** The id that its sender gave the call. */
  readonly clientMutationId: Scalars['String']['output'];
  /** When it was sent. An imported message has the time of its archive. */
  readonly sentAt: Scalars['DateTime']['output'];
  /** What it holds. */
  readonly kind: MessageKind;
  /** A thread or feed within the conversation: free text, at most 128 characters, or null. */
  readonly topic: Maybe<Scalars['String']['output']>;
  /** At most 16,384 characters. Null once the message was recalled or has expired, and for attachments without a caption. */
  readonly text: Maybe<Scalars['String']['output']>;
  /** At most 32. None once the message was recalled or has expired. */
  readonly attachments: ReadonlyArray<Attachment>;
  /** The message that this one answers. Null if it answers none that the viewer may see. */
  readonly replyTo: Maybe<Message>;
  /**
   * Answers to this message, in the order of the log: its thread. Direct answers alone: an answer to one of them is in the thread of
   * that one. Recalled answers stay. The cursor of an edge is the message's seq in decimal.
   */
  readonly replies: MessageConnection;
  /**
   * How many answers to it the viewer may see, recalled ones among them. `replies`, `replyCount` and `lastReplyAt` look at no more
   * than the newest 20 of somebody's earlier stays.
   */
  readonly replyCount: Scalars['Int']['output'];
  /** When the newest answer that the viewer may see was sent, or null. */
  readonly lastReplyAt: Maybe<Scalars['DateTime']['output']>;
  /** The message that it is a copy of. Null if it is none, or if the viewer may not see that one. */
  readonly forwardedFrom: Maybe<Message>;
  /** The users whom it names: at most 128. None once it was recalled or has expired. */
  readonly mentions: ReadonlyArray<User>;
  /** It names everyone in the conversation. */
  readonly mentionsAll: Scalars['Boolean']['output'];
  /** When it was edited last, or null. */
  readonly editedAt: Maybe<Scalars['DateTime']['output']>;
  /** When it was recalled, or null. Then it has neither text nor attachments nor mentions nor reactions. */
  readonly recalledAt: Maybe<Scalars['DateTime']['output']>;
  /**
   * When it expires, or did. From then on it has neither text nor attachments nor mentions, and is found by no search. Null: it
   * does not expire.
   */
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
  /**
   * How many members have read it: those who are members now, and joined before it was sent. Who sent it does not count. In a channel
   * its staff is meant. 0 for a viewer who is no member, or not of the staff.
   */
  readonly readCount: Scalars['Int']['output'];
  /** Who has read it, of those whom `readCount` counts. A page may be shorter, and go on nevertheless: see its `pageInfo`. */
  readonly readBy: UserConnection;
  /**
   * How members reacted to it: at most 50 different emoji, in the order in which each came first. None once it was recalled or has
   * expired.
   */
  readonly reactions: ReadonlyArray<Reaction>;
};


/** A message, as it is now. */
export type MessageRepliesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** A message, as it is now. */
export type MessageReadByArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** Members reacted to a message with an emoji. */
export type Reaction = {
  /** The emoji, always in the form in which it is shown in colours. */
  readonly emoji: Scalars['String']['output'];
  /** How many members reacted with it. */
  readonly count: Scalars['Int']['output'];
  /** The viewer did. */
  readonly byViewer: Scalars['Boolean']['output'];
};

/**
 * That a message should not be there, as a user or a rule says. Whoever reported it sees what they said; the rest is for those who decide:
 * the owner and administrators of the group, and whoever has the scope `admin`.
 */
export type Report = Node & {
  /** `r:<conversation>:<seq>~<user>`, of a rule `r:<conversation>:<seq>~@<rule>`. */
  readonly id: Scalars['ID']['output'];
  /** The message as it is now. Null for those who may not see it otherwise. */
  readonly message: Maybe<Message>;
  /** The message as it was when it was reported, also if it was edited or recalled since. Null for those who do not decide. */
  readonly reported: Maybe<ReportedMessage>;
  /** Who reported it. Null: a rule did. */
  readonly reporter: Maybe<User>;
  /** The rule that reported it, by its name. Null: a user did. */
  readonly rule: Maybe<Scalars['String']['output']>;
  /** Why: at most 1,024 characters. */
  readonly reason: Scalars['String']['output'];
  /** When. */
  readonly reportedAt: Scalars['DateTime']['output'];
  /** What was decided. Null: nothing yet. */
  readonly action: Maybe<ModerationAction>;
  /** Who decided. Null: nobody yet. */
  readonly decidedBy: Maybe<User>;
  /** When it was decided, or null. */
  readonly decidedAt: Maybe<Scalars['DateTime']['output']>;
  /** Why it was decided so, or null. */
  readonly decisionReason: Maybe<Scalars['String']['output']>;
  /** SILENCE: until when the sender may not write there. Else null. */
  readonly silencedUntil: Maybe<Scalars['DateTime']['output']>;
};

/** A message as it was when it was reported. */
export type ReportedMessage = {
  /** The id of its conversation. */
  readonly conversationId: Scalars['ID']['output'];
  /** Its place in its conversation. */
  readonly seq: Scalars['Int']['output'];
  /** Who sent it. */
  readonly sender: User;
  /** When it was sent. */
  readonly sentAt: Scalars['DateTime']['output'];
  /** What it held. */
  readonly kind: MessageKind;
  /** Its text, or null. */
  readonly text: Maybe<Scalars['String']['output']>;
  /** The names of its files. */
  readonly files: ReadonlyArray<Scalars['String']['output']>;
};

/** What is done about a report. */
export type ModerationAction =
  /** Nothing. */
  | 'DISMISS'
  /** The message is recalled. */
  | 'RECALL'
  /** Its sender may not write in the group for a while. */
  | 'SILENCE'
  /** Its sender is removed from the group. */
  | 'REMOVE'
  /** Its sender is banned from the server. */
  | 'BAN';

/** That a user is banned from the server. */
export type Ban = {
  /** Who. */
  readonly user: User;
  /** Who did it. */
  readonly bannedBy: User;
  /** Why, or null. */
  readonly reason: Maybe<Scalars['String']['output']>;
  /** When. */
  readonly bannedAt: Scalars['DateTime']['output'];
};

/** What a message holds. All but TEXT have at least one attachment, and may have a text as a caption. */
export type MessageKind =
  /** A text. */
  | 'TEXT'
  /** Pictures. */
  | 'IMAGE'
  /** Files. */
  | 'FILE'
  /** Sound. */
  | 'AUDIO'
  /** Films. */
  | 'VIDEO';

/** A file that belongs to a message: at an address of its sender's, or one that was uploaded (`createUpload`). */
export type Attachment = {
  /**
   * Where it is. Of an uploaded file it is made for whoever asks, needs no token, and works until `expiresAt`: ask again for another
   * one. What browsers could run is given to them only to be kept.
   */
  readonly url: Scalars['URL']['output'];
  /** The name of the file: at most 255 characters. */
  readonly name: Scalars['String']['output'];
  /** What it is: `image/png`, for example. Of an uploaded file: by its content. */
  readonly mediaType: Scalars['String']['output'];
  /** In bytes. */
  readonly size: Scalars['Int']['output'];
  /** In pixels, or null. Of an uploaded picture: as it is seen, turned as the camera was held. */
  readonly width: Maybe<Scalars['Int']['output']>;
  /** In pixels, or null. */
  readonly height: Maybe<Scalars['Int']['output']>;
  /** Where a small picture of an uploaded picture is, at most 512 pixels wide and high, as WebP; or null. It works as long as `url`. */
  readonly thumbnailUrl: Maybe<Scalars['URL']['output']>;
  /** How long `url` and `thumbnailUrl` work: half of FILE_ADDRESS_TTL at least. Null: Tidings does not end it. */
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
};

/**
 * Which messages to find. All given conditions must hold. Only messages that the viewer may see are found, as they are now.
 *
 * A user's searches run one after the other: RATE_LIMITED if too many wait. A search that takes too long is UNAVAILABLE: name a
 * conversation, a sender or a time, or give rarer words.
 */
export type MessageQuery = {
  /**
   * Words: a message must have all of them. Words between double quotes are a phrase; `*` at the end of a word stands for any
   * ending. Case, width, accents, and traditional or simplified characters make no difference. At most 1,000 characters, and 32
   * words and phrases.
   */
  readonly text?: InputMaybe<Scalars['String']['input']>;
  /** Only in this conversation. */
  readonly conversationId?: InputMaybe<Scalars['ID']['input']>;
  /** Only from this user. */
  readonly senderId?: InputMaybe<Scalars['ID']['input']>;
  /** Only of this kind. */
  readonly kind?: InputMaybe<MessageKind>;
  /** Only with this topic. */
  readonly topic?: InputMaybe<Scalars['String']['input']>;
  /** Only later than this. Digits below the millisecond count. */
  readonly sentAfter?: InputMaybe<Scalars['DateTime']['input']>;
  /** Only earlier than this. Digits below the millisecond count. */
  readonly sentBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** Also in public groups that the viewer is not in. */
  readonly includePublic?: InputMaybe<Scalars['Boolean']['input']>;
  /** Which come first. */
  readonly orderBy?: InputMaybe<SearchOrder>;
};

/** Which of the messages that were found come first. */
export type SearchOrder =
  /** By `sentAt`, then conversation and seq, the newest first. Every engine gives the same order. */
  | 'NEWEST'
  /**
   * The messages that have the words more often and are shorter. Each engine weighs that in its own way, and no other message
   * counts. It may rank only the newest 10,000. Without `text` it is NEWEST.
   */
  | 'RELEVANCE';

/** Which people to find. All given conditions must hold: give at least one of `name`, `tags`, `near` and `within`. */
export type UserQuery = {
  /** Words of the name, as in a search of messages. Or the whole of an id, a handle (with or without `@`) or a QR code's text. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** Those who have all of these tags: 1 to 16. They are compared as words are. The highest sum of their scores comes first. */
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /**
   * Those who gave a location in this circle. Their place is the middle of a cell of a grid of at least 100 m. Without `tags` the
   * nearest come first.
   */
  readonly near?: InputMaybe<Near>;
  /**
   * Those whose place, the same as for `near`, is inside of this polygon: 3 to 500 corners. Corners more than 180° of longitude
   * apart are joined across the antimeridian.
   */
  readonly within?: InputMaybe<ReadonlyArray<PointInput>>;
  /** Only friends of the viewer. */
  readonly friendsOnly?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Which groups to find. All given conditions must hold: give at least one. */
export type ConversationQuery = {
  /** Words of the title, as in a search of messages. Or the whole of an id or a QR code's text. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** Those that have all of these tags: 1 to 16. They are compared as words are. The highest sum of their scores comes first. */
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Those of this category. It is compared as words are. */
  readonly category?: InputMaybe<Scalars['String']['input']>;
};

/** A circle on the Earth. */
export type Near = {
  /** The latitude of its middle, in degrees: -90 to 90. */
  readonly latitude: Scalars['Float']['input'];
  /** The longitude of its middle, in degrees: -180 to 180. */
  readonly longitude: Scalars['Float']['input'];
  /** In metres: above 0, at most 20,100,000. */
  readonly radius: Scalars['Float']['input'];
};

/** A point on the Earth. */
export type PointInput = {
  /** In degrees: -90 to 90. */
  readonly latitude: Scalars['Float']['input'];
  /** In degrees: -180 to 180. */
  readonly longitude: Scalars['Float']['input'];
};

/** A piece of a text. */
export type TextRun = {
  /** The piece as it stands in the text. */
  readonly text: Scalars['String']['output'];
  /** Whether it matches the search. */
  readonly hit: Scalars['Boolean']['output'];
};

/** A message that was found. */
export type MessageHit = {
  /** The message. */
  readonly message: Message;
  /** Its text in pieces: joined they are the text. None if the message has no text. */
  readonly highlights: ReadonlyArray<TextRun>;
};

/** A user who was found. */
export type UserHit = {
  /** The user. */
  readonly user: User;
  /** The sum of the scores of the tags that were asked for. Null if none were. */
  readonly score: Maybe<Scalars['Float']['output']>;
  /** From the middle of `near`, in metres, rounded to 100. Null without `near`. */
  readonly distance: Maybe<Scalars['Float']['output']>;
};

/** A group that was found. */
export type ConversationHit = {
  /** The group. */
  readonly conversation: Conversation;
  /** The sum of the scores of the tags that were asked for. Null if none were. */
  readonly score: Maybe<Scalars['Float']['output']>;
};

/** What a code may mean. An invitation that is no longer good means nothing. */
export type CodeTarget = User | Conversation | Invite;

/**
 * What happens, as it happens: over a WebSocket, or as server-sent events. A subscription first gives all that was missed after `after`, then InboxCaughtUp,
 * then what happens from now on: nothing missing, nothing twice, in the order of the log. Without `after` it begins with
 * InboxCaughtUp.
 *
 * Keep the cursor of the last entry, and give it as `after` whenever you subscribe, also after a lost connection. If the server's
 * views have not reached the cursor yet (a mutation's may be that new), the subscription waits for them. While the views are being
 * rebuilt, InboxCaughtUp comes when they hold what was in the log when the server started. A subscription ends with an error if an
 * entry cannot be read: subscribe again with the last cursor.
 */
export type Subscription = {
  /**
   * All that happens to the viewer, as in `sync`, also what the inbox itself keeps no more (`SyncPage.overflow`): to skip that, ask
   * `sync` first. NOT_FOUND for those who never registered.
   */
  readonly inbox: InboxEntry;
  /**
   * All that happens in one conversation: for a page that shows only this one. NOT_FOUND if the viewer may not see it. It ends
   * with FORBIDDEN when the viewer is no longer a member and has got everything up to then.
   */
  readonly conversation: InboxEntry;
  /**
   * Who is typing in one conversation: first those who are just now, then each who begins or ends, but the viewer. Nothing of it is
   * kept. It ends with FORBIDDEN when the viewer is no longer a member. FORBIDDEN or NOT_FOUND for others than members.
   */
  readonly typing: Typing;
  /**
   * The presence of users: first of each as it is now, then of each that changes. Of a user whose presence the viewer may not see
   * (`User.presence`), and of none, nothing comes. LIMIT_EXCEEDED if the viewer would watch more than 10,000 over all subscriptions.
   */
  readonly presence: UserPresence;
  /**
   * Progress of one replay or verification: the projection's status as it is, then as it changes, at most four times a second. It ends
   * with the status after what is under way, or, if nothing is, after what begins next. Needs the scope `admin`: FORBIDDEN without it.
   */
  readonly projection: ProjectionStatus;
};


/**
 * What happens, as it happens: over a WebSocket, or as server-sent events. A subscription first gives all that was missed after `after`, then InboxCaughtUp,
 * then what happens from now on: nothing missing, nothing twice, in the order of the log. Without `after` it begins with
 * InboxCaughtUp.
 *
 * Keep the cursor of the last entry, and give it as `after` whenever you subscribe, also after a lost connection. If the server's
 * views have not reached the cursor yet (a mutation's may be that new), the subscription waits for them. While the views are being
 * rebuilt, InboxCaughtUp comes when they hold what was in the log when the server started. A subscription ends with an error if an
 * entry cannot be read: subscribe again with the last cursor.
 */
export type SubscriptionInboxArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
};


/**
 * What happens, as it happens: over a WebSocket, or as server-sent events. A subscription first gives all that was missed after `after`, then InboxCaughtUp,
 * then what happens from now on: nothing missing, nothing twice, in the order of the log. Without `after` it begins with
 * InboxCaughtUp.
 *
 * Keep the cursor of the last entry, and give it as `after` whenever you subscribe, also after a lost connection. If the server's
 * views have not reached the cursor yet (a mutation's may be that new), the subscription waits for them. While the views are being
 * rebuilt, InboxCaughtUp comes when they hold what was in the log when the server started. A subscription ends with an error if an
 * entry cannot be read: subscribe again with the last cursor.
 */
export type SubscriptionConversationArgs = {
  id: Scalars['ID']['input'];
  after?: InputMaybe<Scalars['Cursor']['input']>;
};


/**
 * What happens, as it happens: over a WebSocket, or as server-sent events. A subscription first gives all that was missed after `after`, then InboxCaughtUp,
 * then what happens from now on: nothing missing, nothing twice, in the order of the log. Without `after` it begins with
 * InboxCaughtUp.
 *
 * Keep the cursor of the last entry, and give it as `after` whenever you subscribe, also after a lost connection. If the server's
 * views have not reached the cursor yet (a mutation's may be that new), the subscription waits for them. While the views are being
 * rebuilt, InboxCaughtUp comes when they hold what was in the log when the server started. A subscription ends with an error if an
 * entry cannot be read: subscribe again with the last cursor.
 */
export type SubscriptionTypingArgs = {
  conversationId: Scalars['ID']['input'];
};


/**
 * What happens, as it happens: over a WebSocket, or as server-sent events. A subscription first gives all that was missed after `after`, then InboxCaughtUp,
 * then what happens from now on: nothing missing, nothing twice, in the order of the log. Without `after` it begins with
 * InboxCaughtUp.
 *
 * Keep the cursor of the last entry, and give it as `after` whenever you subscribe, also after a lost connection. If the server's
 * views have not reached the cursor yet (a mutation's may be that new), the subscription waits for them. While the views are being
 * rebuilt, InboxCaughtUp comes when they hold what was in the log when the server started. A subscription ends with an error if an
 * entry cannot be read: subscribe again with the last cursor.
 */
export type SubscriptionPresenceArgs = {
  userIds: ReadonlyArray<Scalars['ID']['input']>;
};


/**
 * What happens, as it happens: over a WebSocket, or as server-sent events. A subscription first gives all that was missed after `after`, then InboxCaughtUp,
 * then what happens from now on: nothing missing, nothing twice, in the order of the log. Without `after` it begins with
 * InboxCaughtUp.
 *
 * Keep the cursor of the last entry, and give it as `after` whenever you subscribe, also after a lost connection. If the server's
 * views have not reached the cursor yet (a mutation's may be that new), the subscription waits for them. While the views are being
 * rebuilt, InboxCaughtUp comes when they hold what was in the log when the server started. A subscription ends with an error if an
 * entry cannot be read: subscribe again with the last cursor.
 */
export type SubscriptionProjectionArgs = {
  name: Scalars['String']['input'];
};

/** Something that happened. */
export type InboxEntry = {
  /** Its place in the log: where to go on from after it. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it happened. */
  readonly at: Scalars['DateTime']['output'];
};

/** The client has got all that was missed. What follows happens now. */
export type InboxCaughtUp = InboxEntry & {
  /** The client has got everything up to here. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it was said. */
  readonly at: Scalars['DateTime']['output'];
};

/** `after` was too old to go on from (see `SyncPage.resetRequired`): read everything again, and go on from here. */
export type InboxReset = InboxEntry & {
  /** Where to go on from, after everything was read again. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it was said. */
  readonly at: Scalars['DateTime']['output'];
};

/** A message was sent, by another or by the viewer on any device. */
export type MessageReceived = InboxEntry & {
  /** Its place in the log: where to go on from after it. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it was sent. */
  readonly at: Scalars['DateTime']['output'];
  /** The message as it is now: it may have been edited or recalled since, or have expired. */
  readonly message: Message;
  /** The same as `Conversation.messages` gives it, for clients that keep lists. */
  readonly edge: MessageEdge;
  /** The viewer, whose `unreadTotal` may have changed. */
  readonly viewer: Viewer;
};

/** A message was edited, recalled, pinned or unpinned, or has expired, or somebody reacted to it. */
export type MessageChanged = InboxEntry & {
  /** Its place in the log: where to go on from after it. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it was changed. */
  readonly at: Scalars['DateTime']['output'];
  /** The message as it is now. */
  readonly message: Message;
  /** What was done to it. */
  readonly messageChange: MessageChange;
};

/** What was done to a message. */
export type MessageChange =
  /** It has a new text. */
  | 'EDITED'
  /** It was taken back. */
  | 'RECALLED'
  /** Somebody reacted to it, or took a reaction back. */
  | 'REACTED'
  /** It was pinned. */
  | 'PINNED'
  /** It is no longer pinned. */
  | 'UNPINNED'
  /** Its time was over (`expiresAt`). */
  | 'EXPIRED';

/** The viewer read on, on any device. */
export type ReadMoved = InboxEntry & {
  /** Its place in the log: where to go on from after it. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When they read. */
  readonly at: Scalars['DateTime']['output'];
  /** Where they read. */
  readonly conversation: Conversation;
  /** How far they have read. */
  readonly readSeq: Scalars['Int']['output'];
  /** The viewer, whose `unreadTotal` may have changed. */
  readonly viewer: Viewer;
};

/** Somebody joined, left, was removed, was silenced, or has another role; or the group was dissolved. */
export type MembershipChanged = InboxEntry & {
  /** Its place in the log: where to go on from after it. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it happened. */
  readonly at: Scalars['DateTime']['output'];
  /** Which group it is. */
  readonly conversation: Conversation;
  /** Whom it is about. */
  readonly user: User;
  /** Who did it: the same user, or another. */
  readonly actor: User;
  /** What happened. */
  readonly membershipChange: MembershipChange;
};

/** Somebody asked to join a group, or was asked in, or such a request was answered or taken back. */
export type JoinRequestChanged = InboxEntry & {
  /** Its place in the log: where to go on from after it. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it happened. */
  readonly at: Scalars['DateTime']['output'];
  /** The request as it is now. */
  readonly request: JoinRequest;
};

/** A group has another title, announcement or the like, or others may see it or join it. */
export type ConversationChanged = InboxEntry & {
  /** Its place in the log: where to go on from after it. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it was changed. */
  readonly at: Scalars['DateTime']['output'];
  /** The conversation as it is now. */
  readonly conversation: Conversation;
};

/** The viewer asked somebody to be friends, was asked, or such a request was answered or taken back. */
export type FriendRequestChanged = InboxEntry & {
  /** Its place in the log: where to go on from after it. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it happened. */
  readonly at: Scalars['DateTime']['output'];
  /** The request as it is now. */
  readonly request: FriendRequest;
};

/** The viewer and a user became friends or ceased to be, or the viewer gave them an alias, or blocked or unblocked them. */
export type FriendshipChanged = InboxEntry & {
  /** Its place in the log: where to go on from after it. */
  readonly cursor: Scalars['Cursor']['output'];
  /** When it happened. */
  readonly at: Scalars['DateTime']['output'];
  /** The other one. `User.friendship` says how the two stand in full. */
  readonly user: User;
  /** How they stand now. */
  readonly status: FriendshipStatus;
};

/** What happened to a membership. */
export type MembershipChange =
  /** They are a member now: they joined, or were added. */
  | 'JOINED'
  /** They went by themselves. */
  | 'LEFT'
  /** Another member removed them. */
  | 'REMOVED'
  /** They have another role. */
  | 'ROLE_CHANGED'
  /** They may not write until a time (`Member.silencedUntil`), or may write again. */
  | 'SILENCED'
  /** The owner has dissolved the group. Nobody is a member any more. */
  | 'DISSOLVED';

/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type Mutation = {
  /**
   * Makes the user of the token known to others. Call it once, before anything else.
   *
   * Errors:
   * - BAD_INPUT: a name, a handle or another input is not allowed, or the handle is reserved.
   * - CONFLICT: the handle is taken, or looks like one that is taken. The user has registered already. The `clientMutationId` was
   *   used with other input.
   */
  readonly register: Maybe<UserPayload>;
  /**
   * Changes what the user says of themselves. What is left out stays; null removes it.
   *
   * Errors:
   * - BAD_INPUT: a name, a handle or another input is not allowed. `handle`, `name` and `tags` cannot be null.
   * - CONFLICT: the handle is taken, or looks like one that is taken.
   * - NOT_FOUND: the user never registered.
   */
  readonly updateProfile: Maybe<UserPayload>;
  /**
   * Says where others find the user with `searchUsers`. Others never get the place itself, only the middle of a cell of a grid of
   * at least 100 m. Distances are rounded to 100 m.
   *
   * Errors:
   * - BAD_INPUT: `point` is missing, or not on the Earth.
   * - NOT_FOUND: the user never registered.
   */
  readonly setLocation: Maybe<UserPayload>;
  /**
   * Adds a device of the user, so that it can be told apart from others and reached by pushes. The same id again replaces what was
   * said of it. Where pushes go to is never shown again.
   *
   * Errors:
   * - BAD_INPUT: the id cannot be a device's, or is the id of a user. The name is too long, or nothing can be seen in it. Only one of
   *   `pushService` and `pushToken` is given. The token is none of its service, or leads to no public push service.
   * - LIMIT_EXCEEDED: the user has as many devices as a user may have (DEVICES_MAX).
   * - NOT_FOUND: the user never registered.
   */
  readonly addDevice: Maybe<DevicePayload>;
  /**
   * Removes a device of the user. Tokens that name it stay good: it counts as OTHER from now on.
   *
   * Errors:
   * - BAD_INPUT: the id cannot be a device's.
   * - NOT_FOUND: the user has no such device. The user never registered.
   */
  readonly removeDevice: Maybe<DevicePayload>;
  /**
   * Asks a user to be friends. If they have asked the viewer already, both are friends at once. A request that waits stays as it is.
   *
   * Errors:
   * - BAD_INPUT: the user is the viewer. The note or the alias is too long, or nothing can be seen in the alias.
   * - CONFLICT: they are friends already.
   * - FORBIDDEN: one of the two has blocked the other.
   * - LIMIT_EXCEEDED: one of the two has as many friends as a user may have (FRIENDS_MAX).
   * - NOT_FOUND: there is no such user. The viewer never registered.
   */
  readonly requestFriendship: Maybe<FriendRequestPayload>;
  /**
   * Answers a request for friendship. Only who was asked may.
   *
   * Errors:
   * - BAD_INPUT: the id is not that of a request.
   * - CONFLICT: it was answered the other way, or taken back, or there is a newer one.
   * - FORBIDDEN: the viewer made the request.
   * - LIMIT_EXCEEDED: one of the two has as many friends as a user may have (FRIENDS_MAX).
   * - NOT_FOUND: there is no such request that the viewer may see. The viewer never registered.
   */
  readonly answerFriendRequest: Maybe<FriendRequestPayload>;
  /**
   * Takes a request for friendship back. Only who made it may.
   *
   * Errors:
   * - BAD_INPUT: the id is not that of a request.
   * - CONFLICT: it was answered already, or there is a newer one.
   * - FORBIDDEN: the viewer was asked by it.
   * - NOT_FOUND: there is no such request that the viewer may see. The viewer never registered.
   */
  readonly withdrawFriendRequest: Maybe<FriendRequestPayload>;
  /**
   * Ends a friendship, for both. Their aliases are gone. It changes nothing where the two are not friends.
   *
   * Errors:
   * - BAD_INPUT: the id is not that of a user.
   * - NOT_FOUND: there is no such user. The viewer never registered.
   */
  readonly endFriendship: Maybe<UserPayload>;
  /**
   * Gives a friend a name of the viewer's own, which only the viewer sees.
   *
   * Errors:
   * - BAD_INPUT: the alias is too long, or nothing can be seen in it.
   * - CONFLICT: they are not friends.
   * - NOT_FOUND: there is no such user. The viewer never registered.
   */
  readonly setAlias: Maybe<UserPayload>;
  /**
   * Blocks a user, or ends the block. While it lasts neither of the two can send the other a message or a request. A request between
   * the two that waits is over. It is answered once the block is in force.
   *
   * Errors:
   * - BAD_INPUT: the user is the viewer.
   * - NOT_FOUND: there is no such user. The viewer never registered.
   */
  readonly block: Maybe<UserPayload>;
  /**
   * Sends a message to a conversation, or to a user: give one of `conversationId` and `userId`. A webhook that is asked before
   * (`PutWebhookInput.beforeSend`) may change its text: the message that is answered has it as it was stored.
   *
   * Errors:
   * - BAD_INPUT: both or none of the two is given. A message to oneself. A text that is blank or too long, or another input that
   *   is not allowed. An upload that is not what it was said to be.
   * - CONFLICT: the `clientMutationId` was used for another message in this conversation. The bytes of an upload have not come, or
   *   another message has it.
   * - FORBIDDEN: the user may see the conversation, but is not a member of it, or is silenced there. In a direct one: one of the two
   *   has blocked the other, or they are not friends and only friends may write to each other (DIRECT_MESSAGES). Or a rule of the
   *   server refuses it, or a webhook that is asked: then `field` is `text`, and the message is for the user.
   * - LIMIT_EXCEEDED: an uploaded picture has too many pixels (PICTURE_PIXELS_MAX).
   * - NOT_FOUND: there is no such conversation or user, no such message to answer, no such user to mention, or no such upload of the
   *   user's that may still be sent. The user never registered.
   */
  readonly sendMessage: Maybe<MessagePayload>;
  /**
   * An address to put a file's bytes to: send them there with the method and the headers that it names, and with no token. Then
   * `sendMessage` or `scheduleMessage` names `upload.id` in an attachment, within a day unless the server is set otherwise
   * (UPLOADS_KEPT). The file is deleted when no message holds it any more.
   *
   * Errors:
   * - BAD_INPUT: a name in which nothing can be seen, no media type, a size below 1, or another input that is not allowed.
   * - CONFLICT: the `clientMutationId` was used for another upload.
   * - LIMIT_EXCEEDED: the file is too large (FILE_SIZE_MAX), too many wait to be sent (UPLOADS_WAITING), or too much was uploaded
   *   today (UPLOADS_PER_DAY, UPLOAD_BYTES_PER_DAY).
   * - NOT_FOUND: the user never registered.
   * - UNAVAILABLE: the server keeps no files (FILES_URL), or what keeps them is away.
   */
  readonly createUpload: Maybe<UploadPayload>;
  /**
   * Has a message sent at a time: once, by the server, and with the rights that the user has then. What `sendMessage` would be
   * refused for then is not sent, and is told by `scheduled(failed: true)`. `sentAt` of the message is when it was really sent.
   *
   * Errors:
   * - BAD_INPUT: both or none of the two is given. A message to oneself. A time that is over, or more than a year ahead. A text
   *   that is blank or too long, or another input that is not allowed.
   * - CONFLICT: the `clientMutationId` was used for another message of this schedule. An upload: as for `sendMessage`.
   * - FORBIDDEN: as for `sendMessage`, if it were sent now.
   * - LIMIT_EXCEEDED: as many messages wait already as may wait (SCHEDULED_MAX). An uploaded picture has too many pixels.
   * - NOT_FOUND: there is no such conversation or user, or no such upload of the user's. The user never registered.
   */
  readonly scheduleMessage: Maybe<ScheduledPayload>;
  /**
   * Takes a message back that waits for its time: once this is answered, it is never sent. One that could not be sent is put away.
   *
   * Errors:
   * - BAD_INPUT: the id is not that of a scheduled message.
   * - CONFLICT: it is being sent at this moment.
   * - NOT_FOUND: no such message of the user waits: it was sent or cancelled already, or there is none. The user never registered.
   */
  readonly cancelScheduled: Maybe<ScheduledPayload>;
  /**
   * Gives a message another text. Only its sender may, and only for some time after it was sent where the server is set so
   * (EDIT_WINDOW).
   *
   * Errors:
   * - BAD_INPUT: the text is blank or too long, or another input is not allowed.
   * - CONFLICT: the message was recalled or has expired.
   * - FORBIDDEN: the message is somebody else's, or it is too late, or the user is no longer a member of its conversation, or may not
   *   write there (see `sendMessage`).
   * - NOT_FOUND: there is no such message that the user may see. The user never registered.
   */
  readonly editMessage: Maybe<MessagePayload>;
  /**
   * Takes a message back: nobody gets its text any more. Its sender may, for some time after it was sent where the server is set so
   * (RECALL_WINDOW), and in a group the owner and administrators at any time. A message that is recalled already stays recalled.
   *
   * Errors:
   * - BAD_INPUT: an id or a seq cannot be one.
   * - FORBIDDEN: the message is somebody else's, or it is too late, and the user is neither owner nor administrator of its group. The
   *   user is no longer a member.
   * - NOT_FOUND: there is no such message that the user may see. The user never registered.
   */
  readonly recallMessage: Maybe<MessagePayload>;
  /**
   * Reacts to a message with an emoji, or takes that reaction back. What is so already stays so. A reaction can be taken back
   * where the user may not write.
   *
   * Errors:
   * - BAD_INPUT: it is not exactly one emoji, or another input is not allowed.
   * - CONFLICT: the message was recalled or has expired.
   * - FORBIDDEN: the user is not, or no longer, a member of its conversation, or may not write there (see `sendMessage`).
   * - LIMIT_EXCEEDED: the message has 50 different reactions, or 10 of the user's.
   * - NOT_FOUND: there is no such message that the user may see. The user never registered.
   */
  readonly react: Maybe<MessagePayload>;
  /**
   * Copies messages to another conversation, as messages of the user: with their kind, text and attachments as they are now, in the
   * order of `seqs`. If one of them cannot be forwarded, none is.
   *
   * Errors:
   * - BAD_INPUT: no `seqs` or more than 100, one of them twice, or another input is not allowed.
   * - CONFLICT: one of the messages was recalled, or expires. The `clientMutationId` was used for other messages.
   * - FORBIDDEN: the user may see the conversation where they go, but may not write there (see `sendMessage`).
   * - NOT_FOUND: there is no such conversation, or no such message, that the user may see. The user never registered.
   */
  readonly forwardMessages: Maybe<MessagesPayload>;
  /**
   * Pins a message, or ends that. In a group the owner and administrators may, in a channel its staff, in a direct
   * conversation both. What is so already stays so. A recalled message is no longer pinned.
   *
   * Errors:
   * - BAD_INPUT: an id or a seq cannot be one.
   * - CONFLICT: the message was recalled or has expired.
   * - FORBIDDEN: the user is neither owner nor administrator of the group, or no longer a member, or may not write there (see
   *   `sendMessage`).
   * - LIMIT_EXCEEDED: the conversation has 50 pinned messages.
   * - NOT_FOUND: there is no such message that the user may see. The user never registered.
   */
  readonly pinMessage: Maybe<MessagePayload>;
  /**
   * Says that the user has read everything up to `seq`. A lower seq than before changes nothing; one above the newest message
   * counts as the newest.
   *
   * Errors:
   * - BAD_INPUT: an id or a seq cannot be one.
   * - FORBIDDEN: the user may see the conversation, but is not a member of it.
   * - NOT_FOUND: there is no such conversation that the user may see. The user never registered.
   */
  readonly markRead: Maybe<ConversationPayload>;
  /**
   * The same for many conversations at once. If one of them is refused, nothing is marked as read, and `extensions.field` says which
   * one (`reads.3.conversationId`).
   *
   * Errors:
   * - BAD_INPUT: no conversation or more than 100, or an id or a seq cannot be one.
   * - FORBIDDEN: the user may see one of the conversations, but is not a member of it.
   * - NOT_FOUND: there is no such conversation that the user may see. The user never registered.
   */
  readonly markAllRead: Maybe<ConversationsPayload>;
  /**
   * Says that the user is typing, or no longer. It is true for 8 seconds, unless it is said again. Nothing of it is kept. True.
   *
   * Errors:
   * - BAD_INPUT: the id cannot be a conversation's.
   * - FORBIDDEN: the user may see the conversation, but may not write to it (see `sendMessage`).
   * - NOT_FOUND: there is no such conversation or user. The user never registered.
   */
  readonly setTyping: Maybe<Scalars['Boolean']['output']>;
  /**
   * Says how the user wants a conversation for themselves. What is left out stays. All devices of the user are told
   * (ConversationChanged). What was set stays for the day when they come back to a group.
   *
   * Errors:
   * - BAD_INPUT: an id cannot be one. The nickname is too long, nothing can be seen in it, or the conversation is not a group.
   * - FORBIDDEN: the user may see the conversation, but is not a member of it.
   * - NOT_FOUND: there is no such conversation that the user may see. The user never registered.
   */
  readonly setPreferences: Maybe<ConversationPayload>;
  /**
   * Makes a group or a channel. The user is its owner. Where only friends are added at once (ADD_TO_GROUPS), the others of
   * `memberIds` are asked, as `addMembers` does. Those who have blocked the viewer, or whom the viewer has blocked, are left out.
   *
   * Errors:
   * - BAD_INPUT: `kind` is DIRECT, or another input is not allowed.
   * - CONFLICT: the `clientMutationId` was used with other input.
   * - LIMIT_EXCEEDED: more members than a group may have (GROUP_MEMBERS_MAX). One of them is in as many groups as a user may be in
   *   (GROUPS_MAX); channels do not count.
   * - NOT_FOUND: one of `memberIds` is no user. The user never registered.
   */
  readonly createConversation: Maybe<ConversationPayload>;
  /**
   * Changes what a group says of itself, and who may join, find and read it. What is left out stays; null removes it. The owner and
   * administrators may. Everyone sees at once what they may see from now on, also of what was sent before.
   *
   * Errors:
   * - BAD_INPUT: the conversation is not a group, or another input is not allowed. `title`, `tags`, `joinPolicy`, `public` and
   *   `historyVisible` cannot be null.
   * - FORBIDDEN: the user may see the group, but is neither its owner nor an administrator.
   * - NOT_FOUND: there is no such group that the user may see. The user never registered.
   */
  readonly updateConversation: Maybe<ConversationPayload>;
  /**
   * Makes the user a member of a group: at once where it is OPEN, where somebody asked them in, or with an invitation; else by a
   * request that its owner or administrators answer. A request that waits stays as it is, and a member stays one. A channel is
   * followed: at once where it is public, too.
   *
   * Errors:
   * - BAD_INPUT: neither or both of `id` and `inviteCode` are given, or the id is not a group's. The note is too long.
   * - CONFLICT: everyone has left the group, or it was dissolved. The `clientMutationId` was used for a request with another note.
   * - FORBIDDEN: the user may see the group, but it takes in only those who are invited.
   * - LIMIT_EXCEEDED: the group has as many members as it may have (GROUP_MEMBERS_MAX), the user is in as many groups as one may be
   *   in (GROUPS_MAX), or 5,000 requests to join it wait.
   * - NOT_FOUND: there is no such group that the user may know of, or no such invitation that can be used now. The user never
   *   registered.
   */
  readonly join: Maybe<JoinPayload>;
  /**
   * Answers a request to join: the owner or an administrator where somebody asked, and who was asked in for themselves. Who made
   * it takes it back with the answer no; for an invitation, the owner and administrators may too.
   *
   * Errors:
   * - BAD_INPUT: the id is not that of a request.
   * - CONFLICT: it was answered the other way, or taken back, or there is a newer one. The group was dissolved, or everyone has
   *   left it.
   * - FORBIDDEN: the user made the request, and cannot accept it.
   * - LIMIT_EXCEEDED: the group has as many members as it may have (GROUP_MEMBERS_MAX), or who would enter it is in as many groups as
   *   a user may be in (GROUPS_MAX).
   * - NOT_FOUND: there is no such request that the user may see. The user never registered.
   */
  readonly answerJoinRequest: Maybe<JoinRequestPayload>;
  /**
   * Adds members to a group. The owner and administrators may, and in an OPEN group every member. Those who are members already
   * stay members. Where only friends are added at once (ADD_TO_GROUPS), the others are asked (JoinRequest, with `invitedBy`) and
   * answer for themselves. Users who have blocked the viewer, or whom the viewer has blocked, are left out.
   *
   * Errors:
   * - BAD_INPUT: the conversation is not a group, or another input is not allowed.
   * - FORBIDDEN: the user may see the group, but may not add members to it.
   * - LIMIT_EXCEEDED: more members than a group may have (GROUP_MEMBERS_MAX), or one of them is in as many groups as a user may be in
   *   (GROUPS_MAX), or more than 5,000 requests to join it would wait: then nobody is added or asked.
   * - NOT_FOUND: there is no such group that the user may see, or one of `userIds` is no user. The user never registered.
   */
  readonly addMembers: Maybe<ConversationPayload>;
  /**
   * Removes members from a group, or from the staff and the followers of a channel. The owner may remove anyone, an administrator
   * those who are neither owner nor administrator.
   * Users who are not members are skipped.
   *
   * Errors:
   * - BAD_INPUT: one of `userIds` is the user themselves (use `leave`). The conversation is not a group, or another input is not
   *   allowed.
   * - FORBIDDEN: the user may see the group, but may not remove these members.
   * - NOT_FOUND: there is no such group that the user may see. The user never registered.
   */
  readonly removeMembers: Maybe<ConversationPayload>;
  /**
   * Ends the user's own membership of a group. For one who has left already, nothing changes. The last member may leave, also as
   * the owner.
   *
   * Errors:
   * - BAD_INPUT: the conversation is not a group.
   * - CONFLICT: the user is the owner and others are members: use `transferOwnership` first.
   * - FORBIDDEN: the group is public, and the user never was a member.
   * - NOT_FOUND: there is no such group that the user may see. The user never registered.
   */
  readonly leave: Maybe<ConversationPayload>;
  /**
   * Gives a member another role: ADMIN or MEMBER. Only the owner may.
   *
   * Errors:
   * - BAD_INPUT: the role is OWNER, or the member is the owner: use `transferOwnership`. The conversation is not a group.
   * - FORBIDDEN: the user may see the group, but is not its owner.
   * - NOT_FOUND: there is no such group that the user may see, or no such member. The user never registered.
   */
  readonly setRole: Maybe<ConversationPayload>;
  /**
   * Makes another member the owner. The former owner stays, as an administrator. Only the owner may.
   *
   * Errors:
   * - BAD_INPUT: the conversation is not a group, or another input is not allowed.
   * - FORBIDDEN: the user may see the group, but is not its owner.
   * - NOT_FOUND: there is no such group that the user may see, or no such member. The user never registered.
   */
  readonly transferOwnership: Maybe<ConversationPayload>;
  /**
   * Keeps a member from writing, editing and reacting until a time, or ends that. The owner may, and administrators for those who
   * are neither. It stays when the member leaves and comes back.
   *
   * Errors:
   * - BAD_INPUT: `until` is missing or not in the future, or the member is the user themselves. The conversation is not a group.
   * - FORBIDDEN: the user may see the group, but may not silence this member.
   * - NOT_FOUND: there is no such group that the user may see, or no such member. The user never registered.
   */
  readonly silence: Maybe<ConversationPayload>;
  /**
   * Says that a message that the user sees should not be there. The owner and administrators of its group see the report, and whoever has
   * the scope `admin`; of a direct conversation the latter alone. Who wrote the message learns nothing of it. A message that a user has
   * reported already stays so, for the first reason. About 20 at once, and then one in ten seconds.
   *
   * Errors:
   * - BAD_INPUT: the message is the user's own, or an input is not allowed.
   * - NOT_FOUND: there is no such message that the user may see. The user never registered.
   */
  readonly report: Maybe<ReportPayload>;
  /**
   * Decides about a report, once. Owner and administrators of the group may, but for reports of their own messages, and whoever has the
   * scope `admin`. What is decided is done, and in force on this server, when the answer comes. Each of these is an event, with who decided.
   * The same decision again, for the same reason, changes nothing.
   *
   * Errors:
   * - BAD_INPUT: an input is not allowed. A direct conversation has no members to silence or remove.
   * - CONFLICT: it was decided otherwise. The sender is no member any more, or owns the group.
   * - FORBIDDEN: the sender's role is not lower (SILENCE, REMOVE). BAN without the scope `admin`.
   * - NOT_FOUND: there is no such report that the user may decide. The user never registered.
   */
  readonly decideReport: Maybe<ReportPayload>;
  /**
   * Bans a user from the server: no token of theirs is taken any more, and what they have open ends. What they wrote stays, and nobody is
   * told. Needs the scope `admin`. Who is banned already stays so.
   *
   * Errors:
   * - BAD_INPUT: the user is oneself, or an input is not allowed.
   * - FORBIDDEN: the token lacks the scope `admin`.
   * - NOT_FOUND: there is no such user.
   */
  readonly banUser: Maybe<UserPayload>;
  /**
   * Ends a ban. Needs the scope `admin`.
   *
   * Errors:
   * - BAD_INPUT: an input is not allowed.
   * - FORBIDDEN: the token lacks the scope `admin`.
   * - NOT_FOUND: there is no such user.
   */
  readonly unbanUser: Maybe<UserPayload>;
  /**
   * Ends a group for everyone. Nobody writes there any more. Former members keep what they saw. Requests to join and invitations
   * are over, and it is public no longer. Only the owner may.
   *
   * Errors:
   * - BAD_INPUT: the conversation is not a group.
   * - FORBIDDEN: the user may see the group, but is not its owner.
   * - NOT_FOUND: there is no such group that the user may see. The user never registered.
   */
  readonly dissolve: Maybe<ConversationPayload>;
  /**
   * Makes an invitation with which others join a group, so often and until then. The owner and administrators may.
   *
   * Errors:
   * - BAD_INPUT: `expiresAt` is not in the future, or `uses` is not allowed. The conversation is not a group.
   * - CONFLICT: the `clientMutationId` was used with other input.
   * - FORBIDDEN: the user may see the group, but is neither its owner nor an administrator.
   * - LIMIT_EXCEEDED: the group has 100 invitations that can be used.
   * - NOT_FOUND: there is no such group that the user may see. The user never registered.
   */
  readonly createInvite: Maybe<InvitePayload>;
  /**
   * Ends an invitation: nobody joins with it any more. The owner and administrators may.
   *
   * Errors:
   * - BAD_INPUT: the code is not that of an invitation. The conversation is not a group.
   * - FORBIDDEN: the user may see the group, but is neither its owner nor an administrator.
   * - NOT_FOUND: there is no such group that the user may see, or it has no such invitation. The user never registered.
   */
  readonly revokeInvite: Maybe<InvitePayload>;
  /**
   * Registers a user, or replaces the whole profile of one who has registered: for a product's own backend, which knows its people.
   *
   * Errors:
   * - BAD_INPUT: an id, a name, a handle or another input is not allowed, or the handle is reserved.
   * - CONFLICT: the handle is taken, or looks like one that is taken.
   * - FORBIDDEN: the token does not have the scope `admin`.
   */
  readonly putUser: Maybe<UserPayload>;
  /**
   * Registers a bot: a user that a program is, with a token of its own. The token is told once: a repeated call, with the same
   * `clientMutationId`, answers `token: null`. Another call with the same id gives the bot the name, and a new token in the place of
   * its former one. What a bot may do is less than what people may: see docs/webhooks.md.
   *
   * Errors:
   * - BAD_INPUT: the id or the name is not allowed.
   * - CONFLICT: it is the id of a user who is no bot, or of a bot that is deactivated. The `clientMutationId` was used with another
   *   name.
   * - FORBIDDEN: the token does not have the scope `admin`.
   */
  readonly createBot: Maybe<BotPayload>;
  /**
   * Has another program told what happens from now on, or asked before messages are stored, by HTTP, signed as Standard Webhooks
   * says. The same id again replaces what was said, and switches it on again. docs/webhooks.md says how to take what it sends.
   *
   * Errors:
   * - BAD_INPUT: an id, the address or the events are not allowed. The address is not of https, or leads to a private network.
   * - FORBIDDEN: the token does not have the scope `admin`.
   * - LIMIT_EXCEEDED: there are 100 already, or 3 are asked about the messages of a conversation.
   * - NOT_FOUND: there is no such group or channel.
   */
  readonly putWebhook: Maybe<WebhookPayload>;
  /**
   * Tells another program nothing any more.
   *
   * Errors:
   * - BAD_INPUT: the id is not that of a webhook.
   * - FORBIDDEN: the token does not have the scope `admin`.
   * - NOT_FOUND: there is no such webhook.
   */
  readonly deleteWebhook: Maybe<WebhookPayload>;
  /**
   * Tells a webhook of an event once more: one that it was told of already, or that was given up.
   *
   * Errors:
   * - BAD_INPUT: the id is not that of a delivery.
   * - FORBIDDEN: the token does not have the scope `admin`.
   * - NOT_FOUND: there is no such delivery, or not any more.
   */
  readonly redeliverWebhook: Maybe<WebhookPayload>;
  /**
   * Makes an address through which another program posts as a bot into one conversation. The same id again, by another call,
   * replaces it, and the former address is good no more.
   *
   * Errors:
   * - BAD_INPUT: an id is not allowed.
   * - FORBIDDEN: the token does not have the scope `admin`.
   * - LIMIT_EXCEEDED: there are 1,000 already.
   * - NOT_FOUND: there is no such bot, group or channel.
   */
  readonly putIncomingWebhook: Maybe<IncomingWebhookPayload>;
  /**
   * Lets nobody post through its address any more.
   *
   * Errors:
   * - BAD_INPUT: the id is not that of an incoming webhook.
   * - FORBIDDEN: the token does not have the scope `admin`.
   * - NOT_FOUND: there is no such webhook.
   */
  readonly deleteIncomingWebhook: Maybe<IncomingWebhookPayload>;
  /**
   * Says who is in a circle: a family, a company, a department. The same id again replaces it. With a conversation, a group is kept
   * equal to the circle: members join and go with it, and are told. The first member owns it; if the owner goes, the first member of
   * then does. A circle that has a conversation keeps it. It is answered once those who went have no rights there any more.
   *
   * Errors:
   * - BAD_INPUT: an id, a name or another input is not allowed. More than 5,000 members, or none with a conversation.
   * - FORBIDDEN: the token does not have the scope `admin`.
   * - NOT_FOUND: one of `memberIds` is no user.
   */
  readonly putCircle: Maybe<CirclePayload>;
  /**
   * Stores history from elsewhere, with its own times: what `tidings import` calls. Lines with the same key are stored once.
   * Nobody gets them as news. A line that cannot be stored does not stop the others: it is in `refused`, with BAD_INPUT or
   * CONFLICT.
   *
   * Errors:
   * - BAD_INPUT: no lines or more than 1,000, or a `clientMutationId` that is not allowed.
   * - FORBIDDEN: the token does not have the scope `admin`.
   */
  readonly importMessages: Maybe<ImportPayload>;
  /**
   * Stores facts of an archive, with their ids and their own times: what `tidings import` calls. A fact with the same id is stored
   * once. Nobody is told of them. A fact that cannot be stored does not stop the others: it is in `refused`, with BAD_INPUT or
   * CONFLICT.
   *
   * Errors:
   * - BAD_INPUT: no lines or more than 1,000, or a `clientMutationId` that is not allowed.
   * - FORBIDDEN: the token does not have the scope `admin`.
   */
  readonly importFacts: Maybe<ImportFactsPayload>;
  /**
   * Begins to take a file of an archive, of a message that `importFacts` stores next: what `tidings import` calls. Its fact names
   * the file by `uploadId` then. What no message holds within an hour is deleted.
   *
   * Errors:
   * - BAD_INPUT: `uploadId`, the name, the type or the size is not allowed, or is empty.
   * - CONFLICT: there is another file with this id: of another size, or of another user.
   * - FORBIDDEN: the token does not have the scope `admin`.
   * - LIMIT_EXCEEDED: the file is too large (FILE_SIZE_MAX).
   * - NOT_FOUND: this server keeps no files (it needs FILES_URL).
   * - UNAVAILABLE: what came of this file before is just being removed.
   */
  readonly importFile: Maybe<ImportFilePayload>;
  /**
   * Begins to rebuild a projection from the log, beside the one in use. When it is complete, it replaces that one. The
   * subscription `projection` and `admin { projections }` show how far it is. With `conversationId`, only the rows of that
   * conversation are folded anew, and put into the projection in use in one step.
   *
   * Errors:
   * - BAD_INPUT: there is no projection of this name. `conversationId` is no conversation's id, or the projection holds nothing
   *   of one conversation.
   * - CONFLICT: it is being rebuilt already.
   * - FORBIDDEN: the token does not have the scope `admin`.
   * - NOT_FOUND: there is no such conversation.
   */
  readonly replayProjection: Maybe<ProjectionStatus>;
  /**
   * Gives up what `replayProjection` began. `lastError` says so afterwards. If nothing was begun, it changes nothing.
   *
   * Errors:
   * - BAD_INPUT: there is no projection of this name.
   * - FORBIDDEN: the token does not have the scope `admin`.
   */
  readonly cancelReplay: Maybe<ProjectionStatus>;
  /**
   * Begins to compare a projection with what it was made from. When it is done, `differences` says how many there are.
   *
   * Errors:
   * - BAD_INPUT: there is no projection of this name.
   * - CONFLICT: it is being compared already, or there is nothing to compare yet.
   * - FORBIDDEN: the token does not have the scope `admin`.
   */
  readonly verifyProjection: Maybe<ProjectionStatus>;
  /**
   * Tries parked events of a projection again, those of the same conversation or user in their order. Where one fails again, it stays
   * parked with its new error, and so do those behind it. It waits for the outcome for 5 seconds at most, and goes on without the
   * caller after that. What is handled now was not told at its place: cursors from in between are answered with a reset.
   *
   * Errors:
   * - BAD_INPUT: there is no projection of this name, or `cursor` is not a place in the log.
   * - CONFLICT: nothing of the projection is built yet.
   * - FORBIDDEN: the token does not have the scope `admin`.
   * - NOT_FOUND: no event of the projection is parked at `cursor`.
   */
  readonly retryParked: Maybe<ProjectionStatus>;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationRegisterArgs = {
  input: RegisterInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationUpdateProfileArgs = {
  input: UpdateProfileInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationSetLocationArgs = {
  input: SetLocationInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationAddDeviceArgs = {
  input: AddDeviceInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationRemoveDeviceArgs = {
  input: NodeInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationRequestFriendshipArgs = {
  input: RequestFriendshipInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationAnswerFriendRequestArgs = {
  input: AnswerInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationWithdrawFriendRequestArgs = {
  input: NodeInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationEndFriendshipArgs = {
  input: UserInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationSetAliasArgs = {
  input: SetAliasInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationBlockArgs = {
  input: BlockInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationSendMessageArgs = {
  input: SendMessageInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationCreateUploadArgs = {
  input: CreateUploadInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationScheduleMessageArgs = {
  input: ScheduleMessageInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationCancelScheduledArgs = {
  input: NodeInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationEditMessageArgs = {
  input: EditMessageInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationRecallMessageArgs = {
  input: MessageInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationReactArgs = {
  input: ReactInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationForwardMessagesArgs = {
  input: ForwardMessagesInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationPinMessageArgs = {
  input: PinMessageInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationMarkReadArgs = {
  input: MarkReadInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationMarkAllReadArgs = {
  input: MarkAllReadInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationSetTypingArgs = {
  conversationId: Scalars['ID']['input'];
  typing: Scalars['Boolean']['input'];
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationSetPreferencesArgs = {
  input: SetPreferencesInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationCreateConversationArgs = {
  input: CreateConversationInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationUpdateConversationArgs = {
  input: UpdateConversationInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationJoinArgs = {
  input: JoinInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationAnswerJoinRequestArgs = {
  input: AnswerInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationAddMembersArgs = {
  input: MembersInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationRemoveMembersArgs = {
  input: MembersInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationLeaveArgs = {
  input: NodeInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationSetRoleArgs = {
  input: SetRoleInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationTransferOwnershipArgs = {
  input: MemberInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationSilenceArgs = {
  input: SilenceInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationReportArgs = {
  input: ReportInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationDecideReportArgs = {
  input: DecideReportInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationBanUserArgs = {
  input: BanInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationUnbanUserArgs = {
  input: BanInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationDissolveArgs = {
  input: NodeInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationCreateInviteArgs = {
  input: CreateInviteInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationRevokeInviteArgs = {
  input: RevokeInviteInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationPutUserArgs = {
  input: PutUserInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationCreateBotArgs = {
  input: CreateBotInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationPutWebhookArgs = {
  input: PutWebhookInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationDeleteWebhookArgs = {
  input: NodeInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationRedeliverWebhookArgs = {
  input: NodeInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationPutIncomingWebhookArgs = {
  input: PutIncomingWebhookInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationDeleteIncomingWebhookArgs = {
  input: NodeInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationPutCircleArgs = {
  input: PutCircleInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationImportMessagesArgs = {
  input: ImportInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationImportFactsArgs = {
  input: ImportFactsInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationImportFileArgs = {
  input: ImportFileInput;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationReplayProjectionArgs = {
  name: Scalars['String']['input'];
  conversationId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationCancelReplayArgs = {
  name: Scalars['String']['input'];
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationVerifyProjectionArgs = {
  name: Scalars['String']['input'];
};


/**
 * Changes. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after
 * which you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000
 * events, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that
 * need the scope `admin` answer NOT_FOUND to a user who never registered.
 */
export type MutationRetryParkedArgs = {
  name: Scalars['String']['input'];
  cursor?: InputMaybe<Scalars['Cursor']['input']>;
};

/** Names one thing. */
export type NodeInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** Its id. */
  readonly id: Scalars['ID']['input'];
};

/** Names a message. */
export type MessageInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The conversation that the message is in. */
  readonly conversationId: Scalars['ID']['input'];
  /** The message's place in it. */
  readonly seq: Scalars['Int']['input'];
};

/** Names a member of a group. */
export type MemberInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The group. */
  readonly conversationId: Scalars['ID']['input'];
  /** The member. */
  readonly userId: Scalars['ID']['input'];
};

/** Names users and a group. */
export type MembersInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The group. */
  readonly conversationId: Scalars['ID']['input'];
  /** The users: 1 to 500. */
  readonly userIds: ReadonlyArray<Scalars['ID']['input']>;
};

/** What a new user says of themselves. */
export type RegisterInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /**
   * The name by which others find the user: 1 to 64 letters, digits, dots, underscores and hyphens of any script, a letter or
   * digit first. It is kept in lower case.
   */
  readonly handle: Scalars['String']['input'];
  /** The name to show: 1 to 128 characters. */
  readonly name: Scalars['String']['input'];
  /** A picture. */
  readonly avatarUrl?: InputMaybe<Scalars['URL']['input']>;
  /** The user's gender. */
  readonly gender?: InputMaybe<Gender>;
  /** As `YYYY-MM-DD`, not in the future. Others see only the age. */
  readonly birthday?: InputMaybe<Scalars['String']['input']>;
  /** A line of the user's own: at most 1,024 characters. */
  readonly signature?: InputMaybe<Scalars['String']['input']>;
  /** At most 64, each name once. */
  readonly tags?: InputMaybe<ReadonlyArray<TagInput>>;
};

/** A circle, whole. */
export type PutCircleInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** 1 to 56 letters, digits, dots, underscores and hyphens, with or without `o:` before them. */
  readonly id: Scalars['ID']['input'];
  /** What it is: 1 to 64 characters. */
  readonly kind: Scalars['String']['input'];
  /** Its name, and its conversation's title: 1 to 128 characters. */
  readonly name: Scalars['String']['input'];
  /** Who is in it: at most 5,000, as far as the request's size allows (BODY_LIMIT_BYTES). */
  readonly memberIds: ReadonlyArray<Scalars['ID']['input']>;
  /** It has a conversation of its own from now on. */
  readonly withConversation?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Who a bot is. */
export type CreateBotInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The bot's id, as a user's. */
  readonly id: Scalars['ID']['input'];
  /** The name to show: 1 to 128 characters. */
  readonly name: Scalars['String']['input'];
};

/** Where another program is told what happens. */
export type PutWebhookInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** A name of its own, with or without `w:`: 1 to 64 letters, digits, dots, _ and -. */
  readonly id: Scalars['ID']['input'];
  /** An address of https that leads to the internet; WEBHOOK_PRIVATE allows others. */
  readonly url: Scalars['URL']['input'];
  /** What it is told of: at least one, unless there is `beforeSend`. */
  readonly events: ReadonlyArray<WebhookEvent>;
  /** Only what happens in this group or channel. Without it, in all conversations. */
  readonly conversationId?: InputMaybe<Scalars['ID']['input']>;
  /** It is asked before a message is stored, or an edit. Without it, it is not asked. */
  readonly beforeSend?: InputMaybe<BeforeSendInput>;
};

/** How another program is asked before messages are stored. */
export type BeforeSendInput = {
  /** How long it may take to answer, in milliseconds: 100 to 5,000. Senders wait for it. */
  readonly timeoutMs?: InputMaybe<Scalars['Int']['input']>;
  /** What becomes of a message where it does not answer in time, or answers nothing that can be used. */
  readonly otherwise: BeforeSendDefault;
};

/** What becomes of a message that nothing is said of. */
export type BeforeSendDefault =
  /** It is stored as it is. */
  | 'ALLOW'
  /** It is not stored. Its sender is answered UNAVAILABLE, and may try again. */
  | 'REFUSE';

/** Through which another program posts. */
export type PutIncomingWebhookInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** A name of its own, with or without `h:`: 1 to 64 letters, digits, dots, _ and -. */
  readonly id: Scalars['ID']['input'];
  /** The bot that posts. It must be a member when it posts. */
  readonly botId: Scalars['ID']['input'];
  /** The group or channel that it posts to. */
  readonly conversationId: Scalars['ID']['input'];
};

/** What webhooks are told of. docs/webhooks.md says what each says. */
export type WebhookEvent =
  /** A message was sent. */
  | 'MESSAGE_SENT'
  /** A message was edited, recalled, reacted to, pinned, or has expired. */
  | 'MESSAGE_CHANGED'
  /** Somebody joined or left, was removed or silenced, or has another role. */
  | 'MEMBERSHIP_CHANGED'
  /** A group or channel was made, describes itself otherwise, or was dissolved. */
  | 'CONVERSATION_CHANGED'
  /** A request for friendship, a friendship that began, or one that ended. */
  | 'FRIENDSHIP_CHANGED'
  /** Somebody registered, describes themselves otherwise, or was deactivated. */
  | 'USER_CHANGED'
  /** A message was reported. */
  | 'REPORTED';

/** All that is said of a user. */
export type PutUserInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The user's id: what the `sub` of their token makes. */
  readonly id: Scalars['ID']['input'];
  /** The name by which others find the user, as in `RegisterInput`. An earlier one is free again. */
  readonly handle: Scalars['String']['input'];
  /** The name to show: 1 to 128 characters. */
  readonly name: Scalars['String']['input'];
  /** A picture. Without one there is none. */
  readonly avatarUrl?: InputMaybe<Scalars['URL']['input']>;
  /** The user's gender. */
  readonly gender?: InputMaybe<Gender>;
  /** As `YYYY-MM-DD`, not in the future. Others see only the age. */
  readonly birthday?: InputMaybe<Scalars['String']['input']>;
  /** A line of the user's own: at most 1,024 characters. */
  readonly signature?: InputMaybe<Scalars['String']['input']>;
  /** At most 64, each name once. */
  readonly tags?: InputMaybe<ReadonlyArray<TagInput>>;
};

/** What a user says of themselves from now on. What is left out stays; null removes it. */
export type UpdateProfileInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** A new handle, as in `RegisterInput`. The old one is free again. Null is BAD_INPUT. */
  readonly handle?: InputMaybe<Scalars['String']['input']>;
  /** The name to show: 1 to 128 characters. Null is BAD_INPUT. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** A picture. */
  readonly avatarUrl?: InputMaybe<Scalars['URL']['input']>;
  /** The user's gender. */
  readonly gender?: InputMaybe<Gender>;
  /** As `YYYY-MM-DD`, not in the future. Others see only the age. */
  readonly birthday?: InputMaybe<Scalars['String']['input']>;
  /** A line of the user's own: at most 1,024 characters. */
  readonly signature?: InputMaybe<Scalars['String']['input']>;
  /** All tags from now on: at most 64, each name once. An empty list removes all; null is BAD_INPUT. */
  readonly tags?: InputMaybe<ReadonlyArray<TagInput>>;
};

/** A tag of a user or a group. */
export type TagInput = {
  /** 1 to 64 characters. */
  readonly name: Scalars['String']['input'];
  /** 0 to 1,000,000. */
  readonly score?: InputMaybe<Scalars['Float']['input']>;
};

/** Where a user is. */
export type SetLocationInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The place. Null takes the user off the map. It must be given: leaving it out is BAD_INPUT. */
  readonly point?: InputMaybe<PointInput>;
};

/** A device. */
export type AddDeviceInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /**
   * What the `device` of its tokens says: 1 to 128 letters, digits, dots, underscores, colons and hyphens, a letter or digit first.
   * Make a random one for each installation of the app.
   */
  readonly id: Scalars['ID']['input'];
  /** What it is. */
  readonly kind: DeviceKind;
  /** What its user calls it: 1 to 128 characters. */
  readonly name: Scalars['String']['input'];
  /** Which service brings pushes to it. */
  readonly pushService?: InputMaybe<PushService>;
  /**
   * What that service calls it: at most 4,096 characters. FCM: the registration token. APNS: the device token as hex digits.
   * WEB_PUSH: the browser's PushSubscription as JSON, made with `Viewer.webPushKey`. Nobody ever reads it. A token belongs to the
   * device that it was added with last, whoever's that is; every other one gets no pushes any more.
   */
  readonly pushToken?: InputMaybe<Scalars['String']['input']>;
};

/** What to ask a user with. */
export type RequestFriendshipInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** Who is asked. */
  readonly userId: Scalars['ID']['input'];
  /** What to say: at most 1,024 characters. */
  readonly note?: InputMaybe<Scalars['String']['input']>;
  /** The viewer's own name for the user, once they are friends: 1 to 128 characters. */
  readonly alias?: InputMaybe<Scalars['String']['input']>;
};

/** The answer to a request. */
export type AnswerInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The id of the request. */
  readonly id: Scalars['ID']['input'];
  /** Yes or no. */
  readonly accept: Scalars['Boolean']['input'];
};

/** Another user. */
export type UserInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The id of the user. */
  readonly userId: Scalars['ID']['input'];
};

/** A name for a friend. */
export type SetAliasInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The friend. */
  readonly userId: Scalars['ID']['input'];
  /** 1 to 128 characters. Null takes the alias away. */
  readonly alias?: InputMaybe<Scalars['String']['input']>;
};

/** A block, or its end. */
export type BlockInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The user. */
  readonly userId: Scalars['ID']['input'];
  /** True blocks, false ends the block. */
  readonly on: Scalars['Boolean']['input'];
};

/** A message to send. */
export type SendMessageInput = {
  /** A random id of this call, 1 to 128 characters: the same message again is stored once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** Where it goes. Give this or `userId`. */
  readonly conversationId?: InputMaybe<Scalars['ID']['input']>;
  /** The user to whom it goes, in the one direct conversation with them. Give this or `conversationId`. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
  /** What it holds. */
  readonly kind?: InputMaybe<MessageKind>;
  /** A thread or feed within the conversation: at most 128 characters. A blank one is none. */
  readonly topic?: InputMaybe<Scalars['String']['input']>;
  /** At most 16,384 characters. TEXT needs one; for the other kinds it is a caption. */
  readonly text?: InputMaybe<Scalars['String']['input']>;
  /** At most 32. All kinds but TEXT need one at least. */
  readonly attachments?: InputMaybe<ReadonlyArray<AttachmentInput>>;
  /** The seq of the message that this one answers. */
  readonly replyTo?: InputMaybe<Scalars['Int']['input']>;
  /** Ids of the users whom it names: at most 128. */
  readonly mentions?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  /** It names everyone in the conversation. */
  readonly mentionsAll?: InputMaybe<Scalars['Boolean']['input']>;
  /** It expires so many seconds after it was sent: 5 to 31,622,400 (366 days). Null: it does not expire. */
  readonly expiresAfterSeconds?: InputMaybe<Scalars['Int']['input']>;
};

/** A message to send later. */
export type ScheduleMessageInput = {
  /** A random id of this call, 1 to 128 characters: the same message again is scheduled once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** Where it goes. Give this or `userId`. */
  readonly conversationId?: InputMaybe<Scalars['ID']['input']>;
  /** The user to whom it goes, in the one direct conversation with them. Give this or `conversationId`. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
  /** When: in the future, at most 366 days ahead. */
  readonly sendAt: Scalars['DateTime']['input'];
  /** What it holds. */
  readonly kind?: InputMaybe<MessageKind>;
  /** A thread or feed within the conversation: at most 128 characters. A blank one is none. */
  readonly topic?: InputMaybe<Scalars['String']['input']>;
  /** At most 16,384 characters. TEXT needs one; for the other kinds it is a caption. */
  readonly text?: InputMaybe<Scalars['String']['input']>;
  /** At most 32. All kinds but TEXT need one at least. */
  readonly attachments?: InputMaybe<ReadonlyArray<AttachmentInput>>;
};

/** Lines of an archive. */
export type ImportInput = {
  /** A random id of this call, 1 to 128 characters. Lines are known by their own keys. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** 1 to 1,000. */
  readonly messages: ReadonlyArray<ImportedMessage>;
};

/** Facts of an archive. */
export type ImportFactsInput = {
  /** A random id of this call, 1 to 128 characters. Facts are known by their own ids. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** 1 to 1,000. Each is a line of the archive: one fact, as JSON. Facts of one conversation are stored in this order. */
  readonly lines: ReadonlyArray<Scalars['String']['input']>;
};

/** A file of an archive. */
export type ImportFileInput = {
  /** A random id of this call, 1 to 128 characters. The file is known by its own id. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** Its id here: `u:<user>:<UUID>`. */
  readonly uploadId: Scalars['ID']['input'];
  /** Where the message that holds it belongs. */
  readonly conversationId: Scalars['ID']['input'];
  /** The id of the fact that this message is: where it is stored already, no bytes are needed. */
  readonly messageId: Scalars['ID']['input'];
  /** What it is called, at most 255 characters. */
  readonly name: Scalars['String']['input'];
  /** What it is said to be: `image/png`, for example. What it is, is found in its content. */
  readonly mediaType: Scalars['String']['input'];
  /** Its size in bytes, from 1. */
  readonly size: Scalars['Int']['input'];
};

/** A line of an archive: one message. */
export type ImportedMessage = {
  /** Names the line for ever, 1 to 256 characters: its own id, or its file and line number. */
  readonly key: Scalars['String']['input'];
  /** The name of the room. It becomes a public group. */
  readonly conversation: Scalars['String']['input'];
  /** The name of the sender. It becomes a user. */
  readonly sender: Scalars['String']['input'];
  /** When it was sent. Null: the time of the import. */
  readonly sentAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** At most 16,384 characters. */
  readonly text: Scalars['String']['input'];
  /** A thread or feed within the room: at most 128 characters. */
  readonly topic?: InputMaybe<Scalars['String']['input']>;
};

/**
 * A file that belongs to a message: `uploadId` alone, of an upload of the user's whose bytes have come; or the address of one that is
 * kept elsewhere, with `name`, `mediaType` and `size`.
 */
export type AttachmentInput = {
  /** Where it is. */
  readonly url?: InputMaybe<Scalars['URL']['input']>;
  /** The name of the file: 1 to 255 characters. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** What it is: `image/png`, for example. */
  readonly mediaType?: InputMaybe<Scalars['String']['input']>;
  /** In bytes: 0 or more. */
  readonly size?: InputMaybe<Scalars['Int']['input']>;
  /** In pixels: 1 or more. */
  readonly width?: InputMaybe<Scalars['Int']['input']>;
  /** In pixels: 1 or more. */
  readonly height?: InputMaybe<Scalars['Int']['input']>;
  /** The id of an upload (`createUpload`): it belongs to one message. */
  readonly uploadId?: InputMaybe<Scalars['ID']['input']>;
};

/** A file to upload. */
export type CreateUploadInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The name of the file: 1 to 255 characters. */
  readonly name: Scalars['String']['input'];
  /** What it is: `image/png`, for example; `application/octet-stream` where nobody knows. */
  readonly mediaType: Scalars['String']['input'];
  /** In bytes: exactly so many are taken. At most FILE_SIZE_MAX. */
  readonly size: Scalars['Int']['input'];
};

/** A new text for a message. */
export type EditMessageInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The conversation that the message is in. */
  readonly conversationId: Scalars['ID']['input'];
  /** The message's place in it. */
  readonly seq: Scalars['Int']['input'];
  /** The new text, or the new caption: at most 16,384 characters, not blank. */
  readonly text: Scalars['String']['input'];
};

/** A reaction to a message. */
export type ReactInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The conversation that the message is in. */
  readonly conversationId: Scalars['ID']['input'];
  /** The message's place in it. */
  readonly seq: Scalars['Int']['input'];
  /** Exactly one emoji. With and without U+FE0F it is the same. */
  readonly emoji: Scalars['String']['input'];
  /** True reacts with it, false takes that back. */
  readonly on: Scalars['Boolean']['input'];
};

/** Messages to forward. */
export type ForwardMessagesInput = {
  /** A random id of this call, 1 to 128 characters: the same messages again are stored once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The conversation that they are in. */
  readonly fromConversationId: Scalars['ID']['input'];
  /** Their places in it: 1 to 100, each once. */
  readonly seqs: ReadonlyArray<Scalars['Int']['input']>;
  /** Where they go. */
  readonly toConversationId: Scalars['ID']['input'];
};

/** A pin on a message, or its end. */
export type PinMessageInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The conversation that the message is in. */
  readonly conversationId: Scalars['ID']['input'];
  /** The message's place in it. */
  readonly seq: Scalars['Int']['input'];
  /** True pins it, false ends that. */
  readonly on: Scalars['Boolean']['input'];
};

/** How far a user has read. */
export type MarkReadInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The conversation. */
  readonly conversationId: Scalars['ID']['input'];
  /** The seq of the last message that was read. */
  readonly seq: Scalars['Int']['input'];
};

/** How a user wants a conversation for themselves. What is left out stays. */
export type SetPreferencesInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The conversation. */
  readonly conversationId: Scalars['ID']['input'];
  /** Whether it is to be silent: it counts no more in `unreadTotal`. */
  readonly muted?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether it comes first in the list of conversations. */
  readonly pinned?: InputMaybe<Scalars['Boolean']['input']>;
  /** True hides it until its next message, also where it was hidden before and a message has shown it again. False shows it. */
  readonly hidden?: InputMaybe<Scalars['Boolean']['input']>;
  /** What the group is to call the user: 1 to 128 characters, for all who see its members. Null takes it away. */
  readonly nickname?: InputMaybe<Scalars['String']['input']>;
};

/** How far a user has read many conversations. */
export type MarkAllReadInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once in each conversation. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** 1 to 100. A conversation that is named twice is read up to the higher seq. */
  readonly reads: ReadonlyArray<ReadInput>;
};

/** How far a user has read a conversation. */
export type ReadInput = {
  /** The conversation. */
  readonly conversationId: Scalars['ID']['input'];
  /** The seq of the last message that was read. */
  readonly seq: Scalars['Int']['input'];
};

/** A group or channel to make. */
export type CreateConversationInput = {
  /** A random id of this call, 1 to 128 characters: the same group is made once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** GROUP or CHANNEL. A direct conversation begins with its first message (`sendMessage`). */
  readonly kind: ConversationKind;
  /** Its title: 1 to 128 characters. */
  readonly title: Scalars['String']['input'];
  /** Who is a member from the start, beside the user: at most 500. CHANNEL: its staff. */
  readonly memberIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  /** A picture. */
  readonly avatarUrl?: InputMaybe<Scalars['URL']['input']>;
  /** What it is about: at most 4,096 characters. */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /** What it tells its members: at most 4,096 characters. */
  readonly announcement?: InputMaybe<Scalars['String']['input']>;
  /** Its type or label: at most 64 characters. */
  readonly category?: InputMaybe<Scalars['String']['input']>;
  /** At most 64, each name once. */
  readonly tags?: InputMaybe<ReadonlyArray<TagInput>>;
  /** How others become members. Where it is not given: APPROVAL for a group, and OPEN for a channel, which is there to be followed. */
  readonly joinPolicy?: InputMaybe<JoinPolicy>;
  /** Those outside may find it, and read and search its history. */
  readonly public?: InputMaybe<Scalars['Boolean']['input']>;
  /** Members see what was sent before they joined. CHANNEL: always true. */
  readonly historyVisible?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What a group says of itself from now on. What is left out stays; null removes it. */
export type UpdateConversationInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The group. */
  readonly id: Scalars['ID']['input'];
  /** Its title: 1 to 128 characters. Null is BAD_INPUT. */
  readonly title?: InputMaybe<Scalars['String']['input']>;
  /** A picture. */
  readonly avatarUrl?: InputMaybe<Scalars['URL']['input']>;
  /** What it is about: at most 4,096 characters. */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /** What it tells its members: at most 4,096 characters. */
  readonly announcement?: InputMaybe<Scalars['String']['input']>;
  /** Its type or label: at most 64 characters. */
  readonly category?: InputMaybe<Scalars['String']['input']>;
  /** All tags from now on: at most 64, each name once. An empty list removes all; null is BAD_INPUT. */
  readonly tags?: InputMaybe<ReadonlyArray<TagInput>>;
  /** How others become members. Null is BAD_INPUT. */
  readonly joinPolicy?: InputMaybe<JoinPolicy>;
  /** Those outside may find it, and read and search its history. Null is BAD_INPUT. */
  readonly public?: InputMaybe<Scalars['Boolean']['input']>;
  /** Members see what was sent before they joined. Null is BAD_INPUT. */
  readonly historyVisible?: InputMaybe<Scalars['Boolean']['input']>;
};

/** A group to join: give `id` or `inviteCode`. */
export type JoinInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The group. */
  readonly id?: InputMaybe<Scalars['ID']['input']>;
  /** The text of an invitation to it. */
  readonly inviteCode?: InputMaybe<Scalars['String']['input']>;
  /** What to say to those who decide, where that is needed: at most 1,024 characters. */
  readonly note?: InputMaybe<Scalars['String']['input']>;
};

/** A member who may not write for a while. */
export type SilenceInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The group. */
  readonly conversationId: Scalars['ID']['input'];
  /** The member. */
  readonly userId: Scalars['ID']['input'];
  /** Until when. Null: they may write again. It must be given: leaving it out is BAD_INPUT. */
  readonly until?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A message that should not be there. */
export type ReportInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** Where it is. */
  readonly conversationId: Scalars['ID']['input'];
  /** Its place in the conversation. */
  readonly seq: Scalars['Int']['input'];
  /** Why, for those who decide: 1 to 1,024 characters. */
  readonly reason: Scalars['String']['input'];
};

/** What is to be done about a report. */
export type DecideReportInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The report. */
  readonly id: Scalars['ID']['input'];
  /** What is done. */
  readonly action: ModerationAction;
  /** Why: at most 1,024 characters, or null. */
  readonly reason?: InputMaybe<Scalars['String']['input']>;
  /** SILENCE: for how long, from a minute to a year. Null: a day. */
  readonly silenceSeconds?: InputMaybe<Scalars['Int']['input']>;
};

/** A user who is to be banned from the server, or to be no longer. */
export type BanInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The user. */
  readonly userId: Scalars['ID']['input'];
  /** Why: at most 1,024 characters, or null. */
  readonly reason?: InputMaybe<Scalars['String']['input']>;
};

/** An invitation to make. */
export type CreateInviteInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The group. */
  readonly conversationId: Scalars['ID']['input'];
  /** Until when it is good. Null: without end. */
  readonly expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** How often it can be used: 1 to 1,000,000. Null: as often as anyone likes. */
  readonly uses?: InputMaybe<Scalars['Int']['input']>;
};

/** An invitation to revoke. */
export type RevokeInviteInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The group. */
  readonly conversationId: Scalars['ID']['input'];
  /** The text of the invitation. */
  readonly code: Scalars['String']['input'];
};

/** A role for a member. */
export type SetRoleInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: Scalars['ID']['input'];
  /** The group. */
  readonly conversationId: Scalars['ID']['input'];
  /** The member. */
  readonly userId: Scalars['ID']['input'];
  /** ADMIN or MEMBER. */
  readonly role: Role;
};

/** Where another program is told what happens. Only the scope `admin` sees it. */
export type Webhook = Node & {
  /** `w:<name>`. */
  readonly id: Scalars['ID']['output'];
  /** Where it is told. */
  readonly url: Scalars['URL']['output'];
  /** What it is told of. */
  readonly events: ReadonlyArray<WebhookEvent>;
  /** The conversation that it is told of; null: all. */
  readonly conversation: Maybe<Conversation>;
  /** False: it is told nothing, because it failed for too long or answered 410. `putWebhook` switches it on again. */
  readonly active: Scalars['Boolean']['output'];
  /** When it failed first since it answered last. Null: it does not fail. */
  readonly failingSince: Maybe<Scalars['DateTime']['output']>;
  /** That it is asked before messages are stored, also while it is told nothing. Null: it is not. */
  readonly beforeSend: Maybe<BeforeSend>;
  /** What it was told lately, and is to be told, the newest first. */
  readonly deliveries: WebhookDeliveryConnection;
};


/** Where another program is told what happens. Only the scope `admin` sees it. */
export type WebhookDeliveriesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** That a webhook is asked before messages are stored, and how it answers the server that is asked for this. */
export type BeforeSend = {
  /** How long it may take to answer, in milliseconds. */
  readonly timeoutMs: Scalars['Int']['output'];
  /** What becomes of a message where it does not answer in time, or answers nothing that can be used. */
  readonly otherwise: BeforeSendDefault;
  /** When it failed first since it answered last. Null: it does not fail. */
  readonly failingSince: Maybe<Scalars['DateTime']['output']>;
  /** What went wrong last. Null: nothing did since it answered last. */
  readonly error: Maybe<Scalars['String']['output']>;
};

/** An event that a webhook is told of. */
export type WebhookDelivery = {
  /** Names it for `redeliverWebhook`. */
  readonly id: Scalars['ID']['output'];
  /** What it is told of. */
  readonly event: WebhookEvent;
  /** The event's place in the log. */
  readonly cursor: Scalars['Cursor']['output'];
  /** How often it was tried. */
  readonly attempts: Scalars['Int']['output'];
  /** The HTTP status of the last answer. Null: there was none. */
  readonly status: Maybe<Scalars['Int']['output']>;
  /** When it was told. Null: not yet. */
  readonly deliveredAt: Maybe<Scalars['DateTime']['output']>;
  /** When it is tried again. Null: it is not. */
  readonly nextAttemptAt: Maybe<Scalars['DateTime']['output']>;
  /** What went wrong last. */
  readonly error: Maybe<Scalars['String']['output']>;
};

/** A delivery in a list. */
export type WebhookDeliveryEdge = {
  /** Its place in the list. */
  readonly cursor: Scalars['String']['output'];
  /** The delivery. */
  readonly node: WebhookDelivery;
};

/** A page of deliveries. */
export type WebhookDeliveryConnection = {
  /** The deliveries of this page. */
  readonly edges: ReadonlyArray<WebhookDeliveryEdge>;
  /** Whether there are others. */
  readonly pageInfo: PageInfo;
};

/** What a mutation about a webhook answers. */
export type WebhookPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The webhook as it is now. Null: it is deleted. */
  readonly webhook: Maybe<Webhook>;
  /** What its calls are signed with. Told once, when the hook is made. */
  readonly secret: Maybe<Scalars['String']['output']>;
};

/** Through which another program posts. Only the scope `admin` sees it. */
export type IncomingWebhook = {
  /** `h:<name>`. */
  readonly id: Scalars['ID']['output'];
  /** Who posts. */
  readonly bot: User;
  /** Where to. */
  readonly conversation: Conversation;
};

/** What a mutation about an incoming webhook answers. */
export type IncomingWebhookPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The webhook as it is now. Null: it is deleted. */
  readonly webhook: Maybe<IncomingWebhook>;
  /** Where to post, below the address of the server: `/hooks/<token>`. Told once; null for a repeated call. */
  readonly path: Maybe<Scalars['String']['output']>;
};

/** What making a bot answers. */
export type BotPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The bot. */
  readonly user: User;
  /** What it sends as `Authorization: Bearer <token>`. Told once; null for a repeated call. */
  readonly token: Maybe<Scalars['String']['output']>;
};

/** What a mutation about the user answers. */
export type UserPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The user, as they are now. */
  readonly user: User;
};

/** What a mutation about a device answers. */
export type DevicePayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The user's devices, as they are now. */
  readonly devices: ReadonlyArray<Device>;
};

/** What a mutation about a request for friendship answers. */
export type FriendRequestPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The request, as it is now. */
  readonly request: FriendRequest;
};

/** What a mutation about the user's schedule answers. */
export type ScheduledPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** All messages of the user that wait for their time now, the earliest first. */
  readonly scheduled: ReadonlyArray<ScheduledMessage>;
};

/** A header of HTTP. */
export type Header = {
  /** Its name. */
  readonly name: Scalars['String']['output'];
  /** Its value. */
  readonly value: Scalars['String']['output'];
};

/** Where a file's bytes go. */
export type Upload = {
  /** Its id, for `AttachmentInput.uploadId`: `u:<user>:<UUID>`. Nobody else can use it. */
  readonly id: Scalars['ID']['output'];
  /** Where the bytes go. It needs no token: whoever has it may put them there. */
  readonly url: Scalars['URL']['output'];
  /** The method of HTTP: `PUT`. */
  readonly method: Scalars['String']['output'];
  /** Headers that must be sent along, beside Content-Length. */
  readonly headers: ReadonlyArray<Header>;
  /** The bytes must begin to come before this. */
  readonly expiresAt: Scalars['DateTime']['output'];
};

/** What `createUpload` answers. */
export type UploadPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** Where the bytes go. */
  readonly upload: Upload;
};

/** What a mutation about a message answers. */
export type MessagePayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The message, as it is now. Without its content for those who make the same call again when they may not see it any more. */
  readonly message: Message;
  /** The same as `Conversation.messages` gives it, for clients that keep lists. */
  readonly edge: MessageEdge;
  /** What else may have changed, for clients that keep a cache: `unreadTotal`. */
  readonly viewer: Viewer;
};

/** What a mutation about several messages answers. */
export type MessagesPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The new messages, in order. */
  readonly messages: ReadonlyArray<Message>;
};

/** What `putCircle` answers. */
export type CirclePayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The circle, as it is now. */
  readonly circle: Circle;
};

/** What became of an import. */
export type ImportPayload = {
  /** Everything that was stored is in the log up to here. */
  readonly cursor: Scalars['Cursor']['output'];
  /** Lines that were stored now. */
  readonly stored: Scalars['Int']['output'];
  /** Lines that were stored before, by the same keys. */
  readonly alreadyThere: Scalars['Int']['output'];
  /** Lines that could not be stored, in their order. */
  readonly refused: ReadonlyArray<ImportFault>;
};

/** What became of an import of facts. */
export type ImportFactsPayload = {
  /** Everything that was stored is in the log up to here. */
  readonly cursor: Scalars['Cursor']['output'];
  /** Facts that were stored now. */
  readonly stored: Scalars['Int']['output'];
  /** Facts that were there already: by their ids, or because all is as they say. */
  readonly alreadyThere: Scalars['Int']['output'];
  /** Messages among those that were stored: what they answer is not there, so they answer nothing. */
  readonly loose: Scalars['Int']['output'];
  /** Facts that could not be stored, in their order. */
  readonly refused: ReadonlyArray<ImportFault>;
};

/** What `importFile` answers. */
export type ImportFilePayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** Where its bytes go. Null: they are there, or the message is. */
  readonly upload: Maybe<Upload>;
};

/** Why a line of an import could not be stored. */
export type ImportFault = {
  /** Its place in the call, from 0. */
  readonly index: Scalars['Int']['output'];
  /** BAD_INPUT, or CONFLICT: its key was used for another message, or everyone has left the room. */
  readonly code: ErrorCode;
  /** What is wrong with it. */
  readonly message: Scalars['String']['output'];
};

/** What a mutation about a conversation answers. */
export type ConversationPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The conversation, as it is now. */
  readonly conversation: Conversation;
  /** What else may have changed, for clients that keep a cache: `unreadTotal`. */
  readonly viewer: Viewer;
};

/** What a mutation about many conversations answers. */
export type ConversationsPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The conversations, as they are now, each once, in the order of the input. */
  readonly conversations: ReadonlyArray<Conversation>;
  /** What else may have changed, for clients that keep a cache: `unreadTotal`. */
  readonly viewer: Viewer;
};

/** What `join` answers: the user is a member now, or their request waits. */
export type JoinPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The group, as it is now. To those who may not see it yet it is what `JoinRequest.conversation` says. */
  readonly conversation: Conversation;
  /** The request of the user, where they are not a member at once. */
  readonly request: Maybe<JoinRequest>;
};

/** What a mutation about a request to join answers. */
export type JoinRequestPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The request, as it is now. */
  readonly request: JoinRequest;
};

/** What a mutation about a report answers. */
export type ReportPayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The report, as it is now. */
  readonly report: Report;
};

/** What a mutation about an invitation answers. */
export type InvitePayload = {
  /** The change is in the log up to here: give it as `atLeast` to a read that must contain the change. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The invitation, as it is now. */
  readonly invite: Invite;
};

/** What operators see. */
export type Admin = {
  /** The version of the program. */
  readonly version: Scalars['String']['output'];
  /** The log, the views, the search index, the signals and what the server does by itself, as they are now. */
  readonly components: ReadonlyArray<Component>;
  /** The state of each projection. */
  readonly projections: ReadonlyArray<ProjectionStatus>;
  /** Events that a projection could not handle, and those that wait behind them, by projection and then in the order of the log. */
  readonly parked: ParkedConnection;
  /** The rows of each projection, as its versions and runs made them: those in use, those being built, and those that are left. */
  readonly generations: ReadonlyArray<Generation>;
  /** The disk that DATA_DIR is on. Null if the system does not say. */
  readonly disk: Maybe<Disk>;
  /** Reports of all conversations: the open ones, the oldest first, or those that were decided, the last one first. */
  readonly reports: ReportConnection;
  /** Who is banned from the server, the last one first. */
  readonly bans: BanConnection;
  /** Settings of this server that are allowed, and still look wrong. */
  readonly doubts: ReadonlyArray<Doubt>;
  /** Where other programs are told what happens, by id. */
  readonly webhooks: ReadonlyArray<Webhook>;
  /** Through which other programs post, by id. */
  readonly incomingWebhooks: ReadonlyArray<IncomingWebhook>;
  /** What proves that no event of the log was changed, taken out, put in or moved (docs/audit.md). */
  readonly audit: Audit;
};


/** What operators see. */
export type AdminParkedArgs = {
  name?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** What operators see. */
export type AdminReportsArgs = {
  open?: InputMaybe<Scalars['Boolean']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** What operators see. */
export type AdminBansArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/**
 * A Merkle tree over the log (RFC 9162): its leaves are the events, in the order of the log. Hashes and signatures are in base64. What is
 * asked of it is answered from all events that were stored before.
 *
 * Errors of all fields:
 * - UNAVAILABLE: the tree is being made for the first time, or the server keeps none. The message says which.
 */
export type Audit = {
  /** The signed root over all events. It is kept, and compared with the log by `tidings audit verify`: keep it elsewhere, too. */
  readonly treeHead: TreeHead;
  /**
   * Proves that an event is in the tree.
   *
   * Errors:
   * - BAD_INPUT: there is no event at `cursor`, or it is behind the first `treeSize` events, or the log has fewer.
   */
  readonly inclusion: InclusionProof;
  /**
   * Proves that the tree of the first `from` events is the beginning of that of the first `to`: that nothing before `from` was changed.
   *
   * Errors:
   * - BAD_INPUT: `from` or `to` is not a whole number from 0 on, `to` is less than `from`, or the log has fewer events.
   */
  readonly consistency: ReadonlyArray<Scalars['String']['output']>;
};


/**
 * A Merkle tree over the log (RFC 9162): its leaves are the events, in the order of the log. Hashes and signatures are in base64. What is
 * asked of it is answered from all events that were stored before.
 *
 * Errors of all fields:
 * - UNAVAILABLE: the tree is being made for the first time, or the server keeps none. The message says which.
 */
export type AuditInclusionArgs = {
  cursor: Scalars['Cursor']['input'];
  treeSize?: InputMaybe<Scalars['Float']['input']>;
};


/**
 * A Merkle tree over the log (RFC 9162): its leaves are the events, in the order of the log. Hashes and signatures are in base64. What is
 * asked of it is answered from all events that were stored before.
 *
 * Errors of all fields:
 * - UNAVAILABLE: the tree is being made for the first time, or the server keeps none. The message says which.
 */
export type AuditConsistencyArgs = {
  from: Scalars['Float']['input'];
  to: Scalars['Float']['input'];
};

/** The signed root of the tree over the first events of the log. */
export type TreeHead = {
  /** How many events. */
  readonly size: Scalars['Float']['output'];
  /** The root of the tree over them. */
  readonly root: Scalars['String']['output'];
  /** When it was signed. */
  readonly signedAt: Scalars['DateTime']['output'];
  /** An Ed25519 signature of the lines `tidings tree head 1`, `size`, `root` and `signedAt`, each with a line feed behind it. */
  readonly signature: Scalars['String']['output'];
  /** The public key of it: a SubjectPublicKeyInfo (DER). */
  readonly key: Scalars['String']['output'];
};

/** That an event is in a tree. */
export type InclusionProof = {
  /** Which leaf is the event's, counted from 0. */
  readonly index: Scalars['Float']['output'];
  /** How many leaves the tree has. */
  readonly treeSize: Scalars['Float']['output'];
  /** The hash of the leaf. */
  readonly leaf: Scalars['String']['output'];
  /** The hashes that lead from the leaf to the root, from below. */
  readonly path: ReadonlyArray<Scalars['String']['output']>;
};

/** The rows of a projection, as one version and one run made them. */
export type Generation = {
  /** Its name, such as `timelines@1#2`. */
  readonly name: Scalars['String']['output'];
  /** The projection. */
  readonly projection: Scalars['String']['output'];
  /** The version of the projection that made it. */
  readonly version: Scalars['Int']['output'];
  /** What it is for. */
  readonly state: GenerationState;
  /** How far it is: its place in the log. Null if nothing is folded yet. */
  readonly cursor: Maybe<Scalars['Cursor']['output']>;
  /** About what it takes on the disk; what was written last may not be counted. Null if it is not known, as while `search` has another one. */
  readonly bytes: Maybe<Scalars['Float']['output']>;
};

/** What a generation is for. */
export type GenerationState =
  /** It is in use. */
  | 'READ'
  /** It is being built, and will be in use. */
  | 'BUILDING'
  /** Nobody uses it. It is kept for a while, for queries that have begun or for an earlier version, and then removed. */
  | 'LEFT';

/** A disk. */
export type Disk = {
  /** What the server may still write. */
  readonly freeBytes: Scalars['Float']['output'];
  /** What it holds in all. */
  readonly totalBytes: Scalars['Float']['output'];
};

/** A setting that looks wrong. */
export type Doubt = {
  /** Its name. */
  readonly setting: Scalars['String']['output'];
  /** How bad that is. */
  readonly severity: Severity;
  /** Why it looks wrong, and what to do. */
  readonly reason: Scalars['String']['output'];
};

/** How bad something is. */
export type Severity =
  /** Somebody should look. */
  | 'WARNING'
  /** Something does not work, or is open to everyone. */
  | 'FAULT';

/** The state of a projection, which makes rows from the log's events. */
export type ProjectionStatus = {
  /** Its name. */
  readonly name: Scalars['String']['output'];
  /** It is raised when its rows change. */
  readonly version: Scalars['Int']['output'];
  /** What it does now. */
  readonly state: ProjectionState;
  /** How far the one in use is: its place in the log. */
  readonly cursor: Scalars['Cursor']['output'];
  /** Events between it and the log's end. Null above 5,000, and if the log cannot say. */
  readonly lag: Maybe<Scalars['Int']['output']>;
  /** How much of the building or comparing is done, 0 to 1. Null if neither is going on. */
  readonly progress: Maybe<Scalars['Float']['output']>;
  /** How fast it is built, or null. */
  readonly eventsPerSecond: Maybe<Scalars['Float']['output']>;
  /** Rows that the last comparison found unequal. Null before one, and once a replay has replaced them. */
  readonly differences: Maybe<Scalars['Int']['output']>;
  /** Events that it could not handle, and those that wait behind them. */
  readonly parked: Scalars['Int']['output'];
  /** What is wrong, or was last. Null if nothing is. */
  readonly lastError: Maybe<Scalars['String']['output']>;
};

/** A part of the server. */
export type Component = {
  /** What it is for: `log`, `views`, `search`, `signals`, `files`, `rules`, `asked` (webhooks, before messages are stored), or `processes`: what the server does by itself when it is due. */
  readonly role: Scalars['String']['output'];
  /** What it is: `sqlite`, `eventstoredb`, `level`, `elasticsearch`, `local`, `folder`, `s3`, `file`, `webhooks` or `embedded`. */
  readonly kind: Scalars['String']['output'];
  /** It answers. */
  readonly reachable: Scalars['Boolean']['output'];
  /** The version of the server that it uses, or null. */
  readonly version: Maybe<Scalars['String']['output']>;
  /** A sentence: what is wrong with it, or the state of its nodes. Or null. */
  readonly detail: Maybe<Scalars['String']['output']>;
  /** What it takes on the disk, or null if it cannot say. */
  readonly bytes: Maybe<Scalars['Float']['output']>;
};

/** What a projection does now. */
export type ProjectionState =
  /** It is at the log's end, or close behind. */
  | 'LIVE'
  /**
   * It reads what the log holds, from the beginning or from where it stopped, and has not been at the log's end since the start.
   * This is no fault: see `progress`.
   */
  | 'REBUILDING'
  /** It is in use, and another one is being built beside it. */
  | 'REPLAYING'
  /** It is in use, and is being compared with what it was made from. */
  | 'VERIFYING'
  /** Something is wrong (`lastError`). It tries again by itself. */
  | 'RETRYING'
  /** Something is wrong (`lastError`) that does not go away by itself. */
  | 'STOPPED';

/** An event that a projection could not handle, or that waits behind one. */
export type Parked = {
  /** The projection. */
  readonly projection: Scalars['String']['output'];
  /** The event's place in the log. */
  readonly cursor: Scalars['Cursor']['output'];
  /** The event's type. */
  readonly eventType: Scalars['String']['output'];
  /** Why it could not be handled. */
  readonly error: Scalars['String']['output'];
  /** How often it was tried. */
  readonly attempts: Scalars['Int']['output'];
  /** Since when. */
  readonly parkedAt: Scalars['DateTime']['output'];
};

/** Where a page is in its list. */
export type PageInfo = {
  /** There is more after this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** There is more before this page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first edge, or null. */
  readonly startCursor: Maybe<Scalars['String']['output']>;
  /** Where the next page goes on: mostly the cursor of the last edge. Null if there is nothing. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

/** A member in a list. */
export type MemberEdge = {
  /** The place in the list: give it as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The member. */
  readonly node: Member;
};

/** A page of members. */
export type MemberConnection = {
  /** The members of the page. */
  readonly edges: ReadonlyArray<MemberEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};

/** A friend in a list. */
export type FriendEdge = {
  /** The place in the list: give it as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The friend. */
  readonly node: Friend;
};

/** A page of friends. */
export type FriendConnection = {
  /** The friends of the page. */
  readonly edges: ReadonlyArray<FriendEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
  /** How many friends there are, on all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A request for friendship in a list. */
export type FriendRequestEdge = {
  /** The place in the list: give it as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The request. */
  readonly node: FriendRequest;
};

/** A page of requests for friendship. */
export type FriendRequestConnection = {
  /** The requests of the page. */
  readonly edges: ReadonlyArray<FriendRequestEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};

/** A report in a list. */
export type ReportEdge = {
  /** The place in the list: give it as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The report. */
  readonly node: Report;
};

/** A page of reports. */
export type ReportConnection = {
  /** The reports of the page. */
  readonly edges: ReadonlyArray<ReportEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};

/** Somebody who is banned, in a list. */
export type BanEdge = {
  /** The place in the list: give it as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** Who is banned. */
  readonly node: Ban;
};

/** A page of those who are banned. */
export type BanConnection = {
  /** Those of the page. */
  readonly edges: ReadonlyArray<BanEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};

/** A request to join in a list. */
export type JoinRequestEdge = {
  /** The place in the list: give it as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The request. */
  readonly node: JoinRequest;
};

/** A page of requests to join. */
export type JoinRequestConnection = {
  /** The requests of the page. */
  readonly edges: ReadonlyArray<JoinRequestEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};

/** A user in a list. */
export type UserEdge = {
  /** The place in the list: give it as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The user. */
  readonly node: User;
};

/** A page of users. */
export type UserConnection = {
  /** The users of the page. */
  readonly edges: ReadonlyArray<UserEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};

/** A page of conversations. */
export type ConversationConnection = {
  /** The conversations of the page. */
  readonly edges: ReadonlyArray<ConversationEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
  /** The list is true as of this place of the log. Go on from it with `sync` or `inbox`. */
  readonly cursor: Scalars['Cursor']['output'];
};

/** A conversation in a list. */
export type ConversationEdge = {
  /** The place in the list: give it as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The conversation. */
  readonly node: Conversation;
};

/** A message in a list. */
export type MessageEdge = {
  /** The message's seq in decimal: give it as `after` or `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The message. */
  readonly node: Message;
};

/** A page of messages, in ascending order. */
export type MessageConnection = {
  /** The messages of the page. */
  readonly edges: ReadonlyArray<MessageEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};

/** A message that was found, in a list. */
export type MessageHitEdge = {
  /** The place in the list: give it as `after` to the same search. */
  readonly cursor: Scalars['String']['output'];
  /** The message, and where the words are in it. */
  readonly node: MessageHit;
};

/**
 * A page of messages that were found. The counts are of all pages, and of the index as it is at this moment. They stop counting at
 * 10,000 messages.
 */
export type MessageHitConnection = {
  /** The messages of the page. */
  readonly edges: ReadonlyArray<MessageHitEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
  /** How many messages there are: at most 10,000. */
  readonly totalCount: Scalars['Int']['output'];
  /** How many by sender, the most first: at most 1,000 keys, which are ids of users. */
  readonly bySender: ReadonlyArray<Facet>;
  /** How many by conversation, the most first: at most 1,000 keys, which are ids of conversations. */
  readonly byConversation: ReadonlyArray<Facet>;
  /** How many by month, the newest first: at most 1,000 keys, as `2022-11` (UTC). */
  readonly byMonth: ReadonlyArray<Facet>;
};

/** How many messages have something in common. */
export type Facet = {
  /** What they have in common: the id of a sender or a conversation, or a month. */
  readonly key: Scalars['String']['output'];
  /** How many there are. */
  readonly count: Scalars['Int']['output'];
};

/** A user who was found, in a list. */
export type UserHitEdge = {
  /** The place in the list: give it as `after` to the same search. */
  readonly cursor: Scalars['String']['output'];
  /** The user, and why they stand here. */
  readonly node: UserHit;
};

/** A page of users who were found. */
export type UserHitConnection = {
  /** The users of the page. */
  readonly edges: ReadonlyArray<UserHitEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};

/** A group that was found, in a list. */
export type ConversationHitEdge = {
  /** The place in the list: give it as `after` to the same search. */
  readonly cursor: Scalars['String']['output'];
  /** The group, and why it stands here. */
  readonly node: ConversationHit;
};

/** A page of groups that were found. */
export type ConversationHitConnection = {
  /** The groups of the page. */
  readonly edges: ReadonlyArray<ConversationHitEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};

/** An event that a projection could not handle, in a list. */
export type ParkedEdge = {
  /** The place in the list: give it as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The event. */
  readonly node: Parked;
};

/** A page of events that a projection could not handle. */
export type ParkedConnection = {
  /** The events of the page. */
  readonly edges: ReadonlyArray<ParkedEdge>;
  /** Where the page is in its list. */
  readonly pageInfo: PageInfo;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;



/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  CodeTarget:
    | ( UserEntity )
    | ( ConversationEntity )
    | ( InviteEntity )
  ;
};


/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Cursor: ResolverTypeWrapper<Scalars['Cursor']['output']>;
  URL: ResolverTypeWrapper<Scalars['URL']['output']>;
  ErrorCode: ErrorCode;
  Node: ResolverTypeWrapper<NodeEntity>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Viewer: ResolverTypeWrapper<ViewerEntity>;
  SyncPage: ResolverTypeWrapper<Omit<SyncPage, 'entries'> & { entries: ReadonlyArray<ResolversTypes['InboxEntry']> }>;
  User: ResolverTypeWrapper<UserEntity>;
  Device: ResolverTypeWrapper<DeviceEntity>;
  DeviceKind: DeviceKind;
  PushService: PushService;
  Presence: ResolverTypeWrapper<PresenceEntity>;
  UserPresence: ResolverTypeWrapper<UserPresenceEntity>;
  Typing: ResolverTypeWrapper<TypingEntity>;
  Friendship: ResolverTypeWrapper<FriendshipEntity>;
  FriendshipStatus: FriendshipStatus;
  Friend: ResolverTypeWrapper<FriendEntity>;
  FriendOrder: FriendOrder;
  Direction: Direction;
  RequestStatus: RequestStatus;
  FriendRequest: ResolverTypeWrapper<FriendRequestEntity>;
  ScheduledMessage: ResolverTypeWrapper<ScheduledMessageEntity>;
  Circle: ResolverTypeWrapper<CircleEntity>;
  Gender: Gender;
  Tag: ResolverTypeWrapper<Tag>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Conversation: ResolverTypeWrapper<ConversationEntity>;
  ConversationKind: ConversationKind;
  JoinPolicy: JoinPolicy;
  Role: Role;
  Member: ResolverTypeWrapper<MemberEntity>;
  Invite: ResolverTypeWrapper<InviteEntity>;
  JoinRequest: ResolverTypeWrapper<JoinRequestEntity>;
  Message: ResolverTypeWrapper<MessageEntity>;
  Reaction: ResolverTypeWrapper<ReactionEntity>;
  Report: ResolverTypeWrapper<ReportEntity>;
  ReportedMessage: ResolverTypeWrapper<ReportedMessageEntity>;
  ModerationAction: ModerationAction;
  Ban: ResolverTypeWrapper<Omit<Ban, 'user' | 'bannedBy'> & { user: ResolversTypes['User'], bannedBy: ResolversTypes['User'] }>;
  MessageKind: MessageKind;
  Attachment: ResolverTypeWrapper<AttachmentEntity>;
  MessageQuery: MessageQuery;
  SearchOrder: SearchOrder;
  UserQuery: UserQuery;
  ConversationQuery: ConversationQuery;
  Near: Near;
  PointInput: PointInput;
  TextRun: ResolverTypeWrapper<TextRun>;
  MessageHit: ResolverTypeWrapper<MessageHitEntity>;
  UserHit: ResolverTypeWrapper<Omit<UserHit, 'user'> & { user: ResolversTypes['User'] }>;
  ConversationHit: ResolverTypeWrapper<Omit<ConversationHit, 'conversation'> & { conversation: ResolversTypes['Conversation'] }>;
  CodeTarget: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['CodeTarget']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  InboxEntry: ResolverTypeWrapper<EntryEntity>;
  InboxCaughtUp: ResolverTypeWrapper<CaughtUpEntity>;
  InboxReset: ResolverTypeWrapper<ResetEntity>;
  MessageReceived: ResolverTypeWrapper<MessageReceivedEntity>;
  MessageChanged: ResolverTypeWrapper<MessageChangedEntity>;
  MessageChange: MessageChange;
  ReadMoved: ResolverTypeWrapper<ReadMovedEntity>;
  MembershipChanged: ResolverTypeWrapper<MembershipChangedEntity>;
  JoinRequestChanged: ResolverTypeWrapper<JoinRequestChangedEntity>;
  ConversationChanged: ResolverTypeWrapper<ConversationChangedEntity>;
  FriendRequestChanged: ResolverTypeWrapper<FriendRequestChangedEntity>;
  FriendshipChanged: ResolverTypeWrapper<FriendshipChangedEntity>;
  MembershipChange: MembershipChange;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  NodeInput: NodeInput;
  MessageInput: MessageInput;
  MemberInput: MemberInput;
  MembersInput: MembersInput;
  RegisterInput: RegisterInput;
  PutCircleInput: PutCircleInput;
  CreateBotInput: CreateBotInput;
  PutWebhookInput: PutWebhookInput;
  BeforeSendInput: BeforeSendInput;
  BeforeSendDefault: BeforeSendDefault;
  PutIncomingWebhookInput: PutIncomingWebhookInput;
  WebhookEvent: WebhookEvent;
  PutUserInput: PutUserInput;
  UpdateProfileInput: UpdateProfileInput;
  TagInput: TagInput;
  SetLocationInput: SetLocationInput;
  AddDeviceInput: AddDeviceInput;
  RequestFriendshipInput: RequestFriendshipInput;
  AnswerInput: AnswerInput;
  UserInput: UserInput;
  SetAliasInput: SetAliasInput;
  BlockInput: BlockInput;
  SendMessageInput: SendMessageInput;
  ScheduleMessageInput: ScheduleMessageInput;
  ImportInput: ImportInput;
  ImportFactsInput: ImportFactsInput;
  ImportFileInput: ImportFileInput;
  ImportedMessage: ImportedMessage;
  AttachmentInput: AttachmentInput;
  CreateUploadInput: CreateUploadInput;
  EditMessageInput: EditMessageInput;
  ReactInput: ReactInput;
  ForwardMessagesInput: ForwardMessagesInput;
  PinMessageInput: PinMessageInput;
  MarkReadInput: MarkReadInput;
  SetPreferencesInput: SetPreferencesInput;
  MarkAllReadInput: MarkAllReadInput;
  ReadInput: ReadInput;
  CreateConversationInput: CreateConversationInput;
  UpdateConversationInput: UpdateConversationInput;
  JoinInput: JoinInput;
  SilenceInput: SilenceInput;
  ReportInput: ReportInput;
  DecideReportInput: DecideReportInput;
  BanInput: BanInput;
  CreateInviteInput: CreateInviteInput;
  RevokeInviteInput: RevokeInviteInput;
  SetRoleInput: SetRoleInput;
  Webhook: ResolverTypeWrapper<WebhookEntity>;
  BeforeSend: ResolverTypeWrapper<BeforeSend>;
  WebhookDelivery: ResolverTypeWrapper<WebhookDelivery>;
  WebhookDeliveryEdge: ResolverTypeWrapper<WebhookDeliveryEdge>;
  WebhookDeliveryConnection: ResolverTypeWrapper<WebhookDeliveryConnection>;
  WebhookPayload: ResolverTypeWrapper<Omit<WebhookPayload, 'webhook'> & { webhook?: Maybe<ResolversTypes['Webhook']> }>;
  IncomingWebhook: ResolverTypeWrapper<Omit<IncomingWebhook, 'bot' | 'conversation'> & { bot: ResolversTypes['User'], conversation: ResolversTypes['Conversation'] }>;
  IncomingWebhookPayload: ResolverTypeWrapper<Omit<IncomingWebhookPayload, 'webhook'> & { webhook?: Maybe<ResolversTypes['IncomingWebhook']> }>;
  BotPayload: ResolverTypeWrapper<Omit<BotPayload, 'user'> & { user: ResolversTypes['User'] }>;
  UserPayload: ResolverTypeWrapper<Omit<UserPayload, 'user'> & { user: ResolversTypes['User'] }>;
  DevicePayload: ResolverTypeWrapper<DevicePayloadEntity>;
  FriendRequestPayload: ResolverTypeWrapper<Omit<FriendRequestPayload, 'request'> & { request: ResolversTypes['FriendRequest'] }>;
  ScheduledPayload: ResolverTypeWrapper<ScheduledPayloadEntity>;
  Header: ResolverTypeWrapper<Header>;
  Upload: ResolverTypeWrapper<UploadEntity>;
  UploadPayload: ResolverTypeWrapper<Omit<UploadPayload, 'upload'> & { upload: ResolversTypes['Upload'] }>;
  MessagePayload: ResolverTypeWrapper<MessagePayloadEntity>;
  MessagesPayload: ResolverTypeWrapper<Omit<MessagesPayload, 'messages'> & { messages: ReadonlyArray<ResolversTypes['Message']> }>;
  CirclePayload: ResolverTypeWrapper<Omit<CirclePayload, 'circle'> & { circle: ResolversTypes['Circle'] }>;
  ImportPayload: ResolverTypeWrapper<ImportPayload>;
  ImportFactsPayload: ResolverTypeWrapper<ImportFactsPayload>;
  ImportFilePayload: ResolverTypeWrapper<Omit<ImportFilePayload, 'upload'> & { upload?: Maybe<ResolversTypes['Upload']> }>;
  ImportFault: ResolverTypeWrapper<ImportFault>;
  ConversationPayload: ResolverTypeWrapper<ConversationPayloadEntity>;
  ConversationsPayload: ResolverTypeWrapper<ConversationsPayloadEntity>;
  JoinPayload: ResolverTypeWrapper<Omit<JoinPayload, 'conversation' | 'request'> & { conversation: ResolversTypes['Conversation'], request?: Maybe<ResolversTypes['JoinRequest']> }>;
  JoinRequestPayload: ResolverTypeWrapper<Omit<JoinRequestPayload, 'request'> & { request: ResolversTypes['JoinRequest'] }>;
  ReportPayload: ResolverTypeWrapper<Omit<ReportPayload, 'report'> & { report: ResolversTypes['Report'] }>;
  InvitePayload: ResolverTypeWrapper<Omit<InvitePayload, 'invite'> & { invite: ResolversTypes['Invite'] }>;
  Admin: ResolverTypeWrapper<AdminEntity>;
  Audit: ResolverTypeWrapper<AuditEntity>;
  TreeHead: ResolverTypeWrapper<TreeHead>;
  InclusionProof: ResolverTypeWrapper<InclusionProof>;
  Generation: ResolverTypeWrapper<Generation>;
  GenerationState: GenerationState;
  Disk: ResolverTypeWrapper<Disk>;
  Doubt: ResolverTypeWrapper<Doubt>;
  Severity: Severity;
  ProjectionStatus: ResolverTypeWrapper<ProjectionStatus>;
  Component: ResolverTypeWrapper<Component>;
  ProjectionState: ProjectionState;
  Parked: ResolverTypeWrapper<Parked>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  MemberEdge: ResolverTypeWrapper<Omit<MemberEdge, 'node'> & { node: ResolversTypes['Member'] }>;
  MemberConnection: ResolverTypeWrapper<Omit<MemberConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['MemberEdge']> }>;
  FriendEdge: ResolverTypeWrapper<Omit<FriendEdge, 'node'> & { node: ResolversTypes['Friend'] }>;
  FriendConnection: ResolverTypeWrapper<Omit<FriendConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['FriendEdge']> }>;
  FriendRequestEdge: ResolverTypeWrapper<Omit<FriendRequestEdge, 'node'> & { node: ResolversTypes['FriendRequest'] }>;
  FriendRequestConnection: ResolverTypeWrapper<Omit<FriendRequestConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['FriendRequestEdge']> }>;
  ReportEdge: ResolverTypeWrapper<Omit<ReportEdge, 'node'> & { node: ResolversTypes['Report'] }>;
  ReportConnection: ResolverTypeWrapper<Omit<ReportConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['ReportEdge']> }>;
  BanEdge: ResolverTypeWrapper<Omit<BanEdge, 'node'> & { node: ResolversTypes['Ban'] }>;
  BanConnection: ResolverTypeWrapper<Omit<BanConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['BanEdge']> }>;
  JoinRequestEdge: ResolverTypeWrapper<Omit<JoinRequestEdge, 'node'> & { node: ResolversTypes['JoinRequest'] }>;
  JoinRequestConnection: ResolverTypeWrapper<Omit<JoinRequestConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['JoinRequestEdge']> }>;
  UserEdge: ResolverTypeWrapper<Omit<UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['UserEdge']> }>;
  ConversationConnection: ResolverTypeWrapper<Omit<ConversationConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['ConversationEdge']> }>;
  ConversationEdge: ResolverTypeWrapper<Omit<ConversationEdge, 'node'> & { node: ResolversTypes['Conversation'] }>;
  MessageEdge: ResolverTypeWrapper<Omit<MessageEdge, 'node'> & { node: ResolversTypes['Message'] }>;
  MessageConnection: ResolverTypeWrapper<Omit<MessageConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['MessageEdge']> }>;
  MessageHitEdge: ResolverTypeWrapper<Omit<MessageHitEdge, 'node'> & { node: ResolversTypes['MessageHit'] }>;
  MessageHitConnection: ResolverTypeWrapper<MessageHitsEntity>;
  Facet: ResolverTypeWrapper<Facet>;
  UserHitEdge: ResolverTypeWrapper<Omit<UserHitEdge, 'node'> & { node: ResolversTypes['UserHit'] }>;
  UserHitConnection: ResolverTypeWrapper<Omit<UserHitConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['UserHitEdge']> }>;
  ConversationHitEdge: ResolverTypeWrapper<Omit<ConversationHitEdge, 'node'> & { node: ResolversTypes['ConversationHit'] }>;
  ConversationHitConnection: ResolverTypeWrapper<Omit<ConversationHitConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['ConversationHitEdge']> }>;
  ParkedEdge: ResolverTypeWrapper<ParkedEdge>;
  ParkedConnection: ResolverTypeWrapper<ParkedConnection>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  Cursor: Scalars['Cursor']['output'];
  URL: Scalars['URL']['output'];
  Node: NodeEntity;
  ID: Scalars['ID']['output'];
  Query: Record<PropertyKey, never>;
  Viewer: ViewerEntity;
  SyncPage: Omit<SyncPage, 'entries'> & { entries: ReadonlyArray<ResolversParentTypes['InboxEntry']> };
  User: UserEntity;
  Device: DeviceEntity;
  Presence: PresenceEntity;
  UserPresence: UserPresenceEntity;
  Typing: TypingEntity;
  Friendship: FriendshipEntity;
  Friend: FriendEntity;
  FriendRequest: FriendRequestEntity;
  ScheduledMessage: ScheduledMessageEntity;
  Circle: CircleEntity;
  Tag: Tag;
  Float: Scalars['Float']['output'];
  Conversation: ConversationEntity;
  Member: MemberEntity;
  Invite: InviteEntity;
  JoinRequest: JoinRequestEntity;
  Message: MessageEntity;
  Reaction: ReactionEntity;
  Report: ReportEntity;
  ReportedMessage: ReportedMessageEntity;
  Ban: Omit<Ban, 'user' | 'bannedBy'> & { user: ResolversParentTypes['User'], bannedBy: ResolversParentTypes['User'] };
  Attachment: AttachmentEntity;
  MessageQuery: MessageQuery;
  UserQuery: UserQuery;
  ConversationQuery: ConversationQuery;
  Near: Near;
  PointInput: PointInput;
  TextRun: TextRun;
  MessageHit: MessageHitEntity;
  UserHit: Omit<UserHit, 'user'> & { user: ResolversParentTypes['User'] };
  ConversationHit: Omit<ConversationHit, 'conversation'> & { conversation: ResolversParentTypes['Conversation'] };
  CodeTarget: ResolversUnionTypes<ResolversParentTypes>['CodeTarget'];
  Subscription: Record<PropertyKey, never>;
  InboxEntry: EntryEntity;
  InboxCaughtUp: CaughtUpEntity;
  InboxReset: ResetEntity;
  MessageReceived: MessageReceivedEntity;
  MessageChanged: MessageChangedEntity;
  ReadMoved: ReadMovedEntity;
  MembershipChanged: MembershipChangedEntity;
  JoinRequestChanged: JoinRequestChangedEntity;
  ConversationChanged: ConversationChangedEntity;
  FriendRequestChanged: FriendRequestChangedEntity;
  FriendshipChanged: FriendshipChangedEntity;
  Mutation: Record<PropertyKey, never>;
  NodeInput: NodeInput;
  MessageInput: MessageInput;
  MemberInput: MemberInput;
  MembersInput: MembersInput;
  RegisterInput: RegisterInput;
  PutCircleInput: PutCircleInput;
  CreateBotInput: CreateBotInput;
  PutWebhookInput: PutWebhookInput;
  BeforeSendInput: BeforeSendInput;
  PutIncomingWebhookInput: PutIncomingWebhookInput;
  PutUserInput: PutUserInput;
  UpdateProfileInput: UpdateProfileInput;
  TagInput: TagInput;
  SetLocationInput: SetLocationInput;
  AddDeviceInput: AddDeviceInput;
  RequestFriendshipInput: RequestFriendshipInput;
  AnswerInput: AnswerInput;
  UserInput: UserInput;
  SetAliasInput: SetAliasInput;
  BlockInput: BlockInput;
  SendMessageInput: SendMessageInput;
  ScheduleMessageInput: ScheduleMessageInput;
  ImportInput: ImportInput;
  ImportFactsInput: ImportFactsInput;
  ImportFileInput: ImportFileInput;
  ImportedMessage: ImportedMessage;
  AttachmentInput: AttachmentInput;
  CreateUploadInput: CreateUploadInput;
  EditMessageInput: EditMessageInput;
  ReactInput: ReactInput;
  ForwardMessagesInput: ForwardMessagesInput;
  PinMessageInput: PinMessageInput;
  MarkReadInput: MarkReadInput;
  SetPreferencesInput: SetPreferencesInput;
  MarkAllReadInput: MarkAllReadInput;
  ReadInput: ReadInput;
  CreateConversationInput: CreateConversationInput;
  UpdateConversationInput: UpdateConversationInput;
  JoinInput: JoinInput;
  SilenceInput: SilenceInput;
  ReportInput: ReportInput;
  DecideReportInput: DecideReportInput;
  BanInput: BanInput;
  CreateInviteInput: CreateInviteInput;
  RevokeInviteInput: RevokeInviteInput;
  SetRoleInput: SetRoleInput;
  Webhook: WebhookEntity;
  BeforeSend: BeforeSend;
  WebhookDelivery: WebhookDelivery;
  WebhookDeliveryEdge: WebhookDeliveryEdge;
  WebhookDeliveryConnection: WebhookDeliveryConnection;
  WebhookPayload: Omit<WebhookPayload, 'webhook'> & { webhook?: Maybe<ResolversParentTypes['Webhook']> };
  IncomingWebhook: Omit<IncomingWebhook, 'bot' | 'conversation'> & { bot: ResolversParentTypes['User'], conversation: ResolversParentTypes['Conversation'] };
  IncomingWebhookPayload: Omit<IncomingWebhookPayload, 'webhook'> & { webhook?: Maybe<ResolversParentTypes['IncomingWebhook']> };
  BotPayload: Omit<BotPayload, 'user'> & { user: ResolversParentTypes['User'] };
  UserPayload: Omit<UserPayload, 'user'> & { user: ResolversParentTypes['User'] };
  DevicePayload: DevicePayloadEntity;
  FriendRequestPayload: Omit<FriendRequestPayload, 'request'> & { request: ResolversParentTypes['FriendRequest'] };
  ScheduledPayload: ScheduledPayloadEntity;
  Header: Header;
  Upload: UploadEntity;
  UploadPayload: Omit<UploadPayload, 'upload'> & { upload: ResolversParentTypes['Upload'] };
  MessagePayload: MessagePayloadEntity;
  MessagesPayload: Omit<MessagesPayload, 'messages'> & { messages: ReadonlyArray<ResolversParentTypes['Message']> };
  CirclePayload: Omit<CirclePayload, 'circle'> & { circle: ResolversParentTypes['Circle'] };
  ImportPayload: ImportPayload;
  ImportFactsPayload: ImportFactsPayload;
  ImportFilePayload: Omit<ImportFilePayload, 'upload'> & { upload?: Maybe<ResolversParentTypes['Upload']> };
  ImportFault: ImportFault;
  ConversationPayload: ConversationPayloadEntity;
  ConversationsPayload: ConversationsPayloadEntity;
  JoinPayload: Omit<JoinPayload, 'conversation' | 'request'> & { conversation: ResolversParentTypes['Conversation'], request?: Maybe<ResolversParentTypes['JoinRequest']> };
  JoinRequestPayload: Omit<JoinRequestPayload, 'request'> & { request: ResolversParentTypes['JoinRequest'] };
  ReportPayload: Omit<ReportPayload, 'report'> & { report: ResolversParentTypes['Report'] };
  InvitePayload: Omit<InvitePayload, 'invite'> & { invite: ResolversParentTypes['Invite'] };
  Admin: AdminEntity;
  Audit: AuditEntity;
  TreeHead: TreeHead;
  InclusionProof: InclusionProof;
  Generation: Generation;
  Disk: Disk;
  Doubt: Doubt;
  ProjectionStatus: ProjectionStatus;
  Component: Component;
  Parked: Parked;
  PageInfo: PageInfo;
  MemberEdge: Omit<MemberEdge, 'node'> & { node: ResolversParentTypes['Member'] };
  MemberConnection: Omit<MemberConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['MemberEdge']> };
  FriendEdge: Omit<FriendEdge, 'node'> & { node: ResolversParentTypes['Friend'] };
  FriendConnection: Omit<FriendConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['FriendEdge']> };
  FriendRequestEdge: Omit<FriendRequestEdge, 'node'> & { node: ResolversParentTypes['FriendRequest'] };
  FriendRequestConnection: Omit<FriendRequestConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['FriendRequestEdge']> };
  ReportEdge: Omit<ReportEdge, 'node'> & { node: ResolversParentTypes['Report'] };
  ReportConnection: Omit<ReportConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['ReportEdge']> };
  BanEdge: Omit<BanEdge, 'node'> & { node: ResolversParentTypes['Ban'] };
  BanConnection: Omit<BanConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['BanEdge']> };
  JoinRequestEdge: Omit<JoinRequestEdge, 'node'> & { node: ResolversParentTypes['JoinRequest'] };
  JoinRequestConnection: Omit<JoinRequestConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['JoinRequestEdge']> };
  UserEdge: Omit<UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
  UserConnection: Omit<UserConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['UserEdge']> };
  ConversationConnection: Omit<ConversationConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['ConversationEdge']> };
  ConversationEdge: Omit<ConversationEdge, 'node'> & { node: ResolversParentTypes['Conversation'] };
  MessageEdge: Omit<MessageEdge, 'node'> & { node: ResolversParentTypes['Message'] };
  MessageConnection: Omit<MessageConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['MessageEdge']> };
  MessageHitEdge: Omit<MessageHitEdge, 'node'> & { node: ResolversParentTypes['MessageHit'] };
  MessageHitConnection: MessageHitsEntity;
  Facet: Facet;
  UserHitEdge: Omit<UserHitEdge, 'node'> & { node: ResolversParentTypes['UserHit'] };
  UserHitConnection: Omit<UserHitConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['UserHitEdge']> };
  ConversationHitEdge: Omit<ConversationHitEdge, 'node'> & { node: ResolversParentTypes['ConversationHit'] };
  ConversationHitConnection: Omit<ConversationHitConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['ConversationHitEdge']> };
  ParkedEdge: ParkedEdge;
  ParkedConnection: ParkedConnection;
  Int: Scalars['Int']['output'];
  String: Scalars['String']['output'];
  Boolean: Scalars['Boolean']['output'];
};

export type ListSizeDirectiveArgs = {
  assumedSize?: Maybe<Scalars['Int']['input']>;
  slicingArguments?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  sizedFields?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  alsoReads?: Maybe<Scalars['Int']['input']>;
  alsoReadsIf?: Maybe<Scalars['String']['input']>;
};

export type ListSizeDirectiveResolver<Result, Parent, ContextType = Context, Args = ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AppendsDirectiveArgs = {
  events?: Scalars['Int']['input'];
  each?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  perItem?: Scalars['Int']['input'];
  apart?: Scalars['Boolean']['input'];
};

export type AppendsDirectiveResolver<Result, Parent, ContextType = Context, Args = AppendsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface CursorScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Cursor'], any> {
  name: 'Cursor';
}

export interface UrlScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['URL'], any> {
  name: 'URL';
}

export type NodeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'User' | 'Device' | 'Friend' | 'FriendRequest' | 'ScheduledMessage' | 'Circle' | 'Conversation' | 'Member' | 'Invite' | 'JoinRequest' | 'Message' | 'Report' | 'Webhook', ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType, Partial<QueryViewerArgs>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  nodes?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Node']>>, ParentType, ContextType, RequireFields<QueryNodesArgs, 'ids'>>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, Partial<QueryUserArgs>>;
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType, RequireFields<QueryConversationArgs, 'id'>>;
  code?: Resolver<Maybe<ResolversTypes['CodeTarget']>, ParentType, ContextType, RequireFields<QueryCodeArgs, 'text'>>;
  searchMessages?: Resolver<Maybe<ResolversTypes['MessageHitConnection']>, ParentType, ContextType, RequireFields<QuerySearchMessagesArgs, 'query' | 'first'>>;
  searchUsers?: Resolver<Maybe<ResolversTypes['UserHitConnection']>, ParentType, ContextType, RequireFields<QuerySearchUsersArgs, 'query' | 'first'>>;
  searchConversations?: Resolver<Maybe<ResolversTypes['ConversationHitConnection']>, ParentType, ContextType, RequireFields<QuerySearchConversationsArgs, 'query' | 'first'>>;
  admin?: Resolver<Maybe<ResolversTypes['Admin']>, ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  conversations?: Resolver<ResolversTypes['ConversationConnection'], ParentType, ContextType, RequireFields<ViewerConversationsArgs, 'first' | 'unreadOnly' | 'includeHidden' | 'pinnedFirst'>>;
  unreadTotal?: Resolver<ResolversTypes['Int'], ParentType, ContextType, RequireFields<ViewerUnreadTotalArgs, 'includeMuted'>>;
  sync?: Resolver<ResolversTypes['SyncPage'], ParentType, ContextType, RequireFields<ViewerSyncArgs, 'limit'>>;
  friends?: Resolver<ResolversTypes['FriendConnection'], ParentType, ContextType, RequireFields<ViewerFriendsArgs, 'orderBy' | 'first'>>;
  friendRequests?: Resolver<ResolversTypes['FriendRequestConnection'], ParentType, ContextType, RequireFields<ViewerFriendRequestsArgs, 'direction' | 'status' | 'first'>>;
  blocked?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, RequireFields<ViewerBlockedArgs, 'first'>>;
  scheduled?: Resolver<ReadonlyArray<ResolversTypes['ScheduledMessage']>, ParentType, ContextType, RequireFields<ViewerScheduledArgs, 'failed'>>;
  mentions?: Resolver<ResolversTypes['MessageConnection'], ParentType, ContextType, RequireFields<ViewerMentionsArgs, 'first'>>;
  webPushKey?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  devices?: Resolver<ReadonlyArray<ResolversTypes['Device']>, ParentType, ContextType>;
  groups?: Resolver<ResolversTypes['ConversationConnection'], ParentType, ContextType, RequireFields<ViewerGroupsArgs, 'first'>>;
  circles?: Resolver<ReadonlyArray<ResolversTypes['Circle']>, ParentType, ContextType>;
  joinRequests?: Resolver<ResolversTypes['JoinRequestConnection'], ParentType, ContextType, RequireFields<ViewerJoinRequestsArgs, 'direction' | 'status' | 'first'>>;
};

export type SyncPageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SyncPage'] = ResolversParentTypes['SyncPage']> = {
  entries?: Resolver<ReadonlyArray<ResolversTypes['InboxEntry']>, ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  hasMore?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  resetRequired?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  overflow?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  skipTo?: Resolver<Maybe<ResolversTypes['Cursor']>, ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  handle?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  avatarUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  gender?: Resolver<Maybe<ResolversTypes['Gender']>, ParentType, ContextType>;
  age?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  signature?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['Tag']>, ParentType, ContextType>;
  bot?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  directConversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  friendship?: Resolver<ResolversTypes['Friendship'], ParentType, ContextType>;
  presence?: Resolver<ReadonlyArray<ResolversTypes['Presence']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type DeviceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Device'] = ResolversParentTypes['Device']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['DeviceKind'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  lastSeenAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  current?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PresenceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Presence'] = ResolversParentTypes['Presence']> = {
  deviceKind?: Resolver<ResolversTypes['DeviceKind'], ParentType, ContextType>;
  online?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  lastSeenAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type UserPresenceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserPresence'] = ResolversParentTypes['UserPresence']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  presence?: Resolver<ReadonlyArray<ResolversTypes['Presence']>, ParentType, ContextType>;
};

export type TypingResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Typing'] = ResolversParentTypes['Typing']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  typing?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type FriendshipResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Friendship'] = ResolversParentTypes['Friendship']> = {
  status?: Resolver<ResolversTypes['FriendshipStatus'], ParentType, ContextType>;
  since?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  alias?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  blockedByViewer?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type FriendResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Friend'] = ResolversParentTypes['Friend']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  alias?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  since?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type FriendRequestResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FriendRequest'] = ResolversParentTypes['FriendRequest']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  note?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['RequestStatus'], ParentType, ContextType>;
  requestedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  decidedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ScheduledMessageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ScheduledMessage'] = ResolversParentTypes['ScheduledMessage']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['MessageKind'], ParentType, ContextType>;
  topic?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  text?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  attachments?: Resolver<ReadonlyArray<ResolversTypes['Attachment']>, ParentType, ContextType>;
  sendAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  failure?: Resolver<Maybe<ResolversTypes['ErrorCode']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CircleResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Circle'] = ResolversParentTypes['Circle']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  members?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, RequireFields<CircleMembersArgs, 'first'>>;
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TagResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Tag'] = ResolversParentTypes['Tag']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type ConversationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Conversation'] = ResolversParentTypes['Conversation']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ConversationKind'], ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  avatarUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  announcement?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  category?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['Tag']>, ParentType, ContextType>;
  createdAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  joinPolicy?: Resolver<ResolversTypes['JoinPolicy'], ParentType, ContextType>;
  public?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  historyVisible?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  code?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  peer?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  memberCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  members?: Resolver<ResolversTypes['MemberConnection'], ParentType, ContextType, RequireFields<ConversationMembersArgs, 'first'>>;
  membership?: Resolver<Maybe<ResolversTypes['Member']>, ParentType, ContextType>;
  messages?: Resolver<ResolversTypes['MessageConnection'], ParentType, ContextType, Partial<ConversationMessagesArgs>>;
  message?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType, RequireFields<ConversationMessageArgs, 'seq'>>;
  lastSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastMessage?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  lastActivityAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  readSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unreadCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unreadMentions?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  invites?: Resolver<ReadonlyArray<ResolversTypes['Invite']>, ParentType, ContextType>;
  typing?: Resolver<ReadonlyArray<ResolversTypes['User']>, ParentType, ContextType>;
  unreadReplies?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  reports?: Resolver<ResolversTypes['ReportConnection'], ParentType, ContextType, RequireFields<ConversationReportsArgs, 'open' | 'first'>>;
  pins?: Resolver<ReadonlyArray<ResolversTypes['Message']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MemberResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Member'] = ResolversParentTypes['Member']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  silencedUntil?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  joinedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  joinedSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  readSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  follower?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  nickname?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  muted?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  pinned?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hidden?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type InviteResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Invite'] = ResolversParentTypes['Invite']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  usesLeft?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  avatarUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  memberCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type JoinRequestResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinRequest'] = ResolversParentTypes['JoinRequest']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  invitedBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  note?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['RequestStatus'], ParentType, ContextType>;
  requestedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  decidedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  decidedBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Message'] = ResolversParentTypes['Message']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  sender?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  clientMutationId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sentAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['MessageKind'], ParentType, ContextType>;
  topic?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  text?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  attachments?: Resolver<ReadonlyArray<ResolversTypes['Attachment']>, ParentType, ContextType>;
  replyTo?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  replies?: Resolver<ResolversTypes['MessageConnection'], ParentType, ContextType, RequireFields<MessageRepliesArgs, 'first'>>;
  replyCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastReplyAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  forwardedFrom?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  mentions?: Resolver<ReadonlyArray<ResolversTypes['User']>, ParentType, ContextType>;
  mentionsAll?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  editedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  recalledAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  readCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  readBy?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, RequireFields<MessageReadByArgs, 'first'>>;
  reactions?: Resolver<ReadonlyArray<ResolversTypes['Reaction']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ReactionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Reaction'] = ResolversParentTypes['Reaction']> = {
  emoji?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  byViewer?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type ReportResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Report'] = ResolversParentTypes['Report']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  message?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  reported?: Resolver<Maybe<ResolversTypes['ReportedMessage']>, ParentType, ContextType>;
  reporter?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  rule?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reportedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  action?: Resolver<Maybe<ResolversTypes['ModerationAction']>, ParentType, ContextType>;
  decidedBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  decidedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  decisionReason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  silencedUntil?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ReportedMessageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReportedMessage'] = ResolversParentTypes['ReportedMessage']> = {
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sender?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  sentAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['MessageKind'], ParentType, ContextType>;
  text?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  files?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type BanResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Ban'] = ResolversParentTypes['Ban']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  bannedBy?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  bannedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type AttachmentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Attachment'] = ResolversParentTypes['Attachment']> = {
  url?: Resolver<ResolversTypes['URL'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  mediaType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  size?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  width?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  height?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  thumbnailUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type TextRunResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TextRun'] = ResolversParentTypes['TextRun']> = {
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  hit?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type MessageHitResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageHit'] = ResolversParentTypes['MessageHit']> = {
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  highlights?: Resolver<ReadonlyArray<ResolversTypes['TextRun']>, ParentType, ContextType>;
};

export type UserHitResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserHit'] = ResolversParentTypes['UserHit']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  score?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  distance?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type ConversationHitResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationHit'] = ResolversParentTypes['ConversationHit']> = {
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  score?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type CodeTargetResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CodeTarget'] = ResolversParentTypes['CodeTarget']> = {
  __resolveType: TypeResolveFn<'User' | 'Conversation' | 'Invite', ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  inbox?: SubscriptionResolver<ResolversTypes['InboxEntry'], "inbox", ParentType, ContextType, Partial<SubscriptionInboxArgs>>;
  conversation?: SubscriptionResolver<ResolversTypes['InboxEntry'], "conversation", ParentType, ContextType, RequireFields<SubscriptionConversationArgs, 'id'>>;
  typing?: SubscriptionResolver<ResolversTypes['Typing'], "typing", ParentType, ContextType, RequireFields<SubscriptionTypingArgs, 'conversationId'>>;
  presence?: SubscriptionResolver<ResolversTypes['UserPresence'], "presence", ParentType, ContextType, RequireFields<SubscriptionPresenceArgs, 'userIds'>>;
  projection?: SubscriptionResolver<ResolversTypes['ProjectionStatus'], "projection", ParentType, ContextType, RequireFields<SubscriptionProjectionArgs, 'name'>>;
};

export type InboxEntryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InboxEntry'] = ResolversParentTypes['InboxEntry']> = {
  __resolveType: TypeResolveFn<'InboxCaughtUp' | 'InboxReset' | 'MessageReceived' | 'MessageChanged' | 'ReadMoved' | 'MembershipChanged' | 'JoinRequestChanged' | 'ConversationChanged' | 'FriendRequestChanged' | 'FriendshipChanged', ParentType, ContextType>;
};

export type InboxCaughtUpResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InboxCaughtUp'] = ResolversParentTypes['InboxCaughtUp']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type InboxResetResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InboxReset'] = ResolversParentTypes['InboxReset']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageReceivedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageReceived'] = ResolversParentTypes['MessageReceived']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  edge?: Resolver<ResolversTypes['MessageEdge'], ParentType, ContextType>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageChanged'] = ResolversParentTypes['MessageChanged']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  messageChange?: Resolver<ResolversTypes['MessageChange'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ReadMovedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReadMoved'] = ResolversParentTypes['ReadMoved']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  readSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MembershipChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MembershipChanged'] = ResolversParentTypes['MembershipChanged']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  membershipChange?: Resolver<ResolversTypes['MembershipChange'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type JoinRequestChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinRequestChanged'] = ResolversParentTypes['JoinRequestChanged']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  request?: Resolver<ResolversTypes['JoinRequest'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ConversationChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationChanged'] = ResolversParentTypes['ConversationChanged']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type FriendRequestChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FriendRequestChanged'] = ResolversParentTypes['FriendRequestChanged']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  request?: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type FriendshipChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FriendshipChanged'] = ResolversParentTypes['FriendshipChanged']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['FriendshipStatus'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  register?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationRegisterArgs, 'input'>>;
  updateProfile?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationUpdateProfileArgs, 'input'>>;
  setLocation?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationSetLocationArgs, 'input'>>;
  addDevice?: Resolver<Maybe<ResolversTypes['DevicePayload']>, ParentType, ContextType, RequireFields<MutationAddDeviceArgs, 'input'>>;
  removeDevice?: Resolver<Maybe<ResolversTypes['DevicePayload']>, ParentType, ContextType, RequireFields<MutationRemoveDeviceArgs, 'input'>>;
  requestFriendship?: Resolver<Maybe<ResolversTypes['FriendRequestPayload']>, ParentType, ContextType, RequireFields<MutationRequestFriendshipArgs, 'input'>>;
  answerFriendRequest?: Resolver<Maybe<ResolversTypes['FriendRequestPayload']>, ParentType, ContextType, RequireFields<MutationAnswerFriendRequestArgs, 'input'>>;
  withdrawFriendRequest?: Resolver<Maybe<ResolversTypes['FriendRequestPayload']>, ParentType, ContextType, RequireFields<MutationWithdrawFriendRequestArgs, 'input'>>;
  endFriendship?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationEndFriendshipArgs, 'input'>>;
  setAlias?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationSetAliasArgs, 'input'>>;
  block?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationBlockArgs, 'input'>>;
  sendMessage?: Resolver<Maybe<ResolversTypes['MessagePayload']>, ParentType, ContextType, RequireFields<MutationSendMessageArgs, 'input'>>;
  createUpload?: Resolver<Maybe<ResolversTypes['UploadPayload']>, ParentType, ContextType, RequireFields<MutationCreateUploadArgs, 'input'>>;
  scheduleMessage?: Resolver<Maybe<ResolversTypes['ScheduledPayload']>, ParentType, ContextType, RequireFields<MutationScheduleMessageArgs, 'input'>>;
  cancelScheduled?: Resolver<Maybe<ResolversTypes['ScheduledPayload']>, ParentType, ContextType, RequireFields<MutationCancelScheduledArgs, 'input'>>;
  editMessage?: Resolver<Maybe<ResolversTypes['MessagePayload']>, ParentType, ContextType, RequireFields<MutationEditMessageArgs, 'input'>>;
  recallMessage?: Resolver<Maybe<ResolversTypes['MessagePayload']>, ParentType, ContextType, RequireFields<MutationRecallMessageArgs, 'input'>>;
  react?: Resolver<Maybe<ResolversTypes['MessagePayload']>, ParentType, ContextType, RequireFields<MutationReactArgs, 'input'>>;
  forwardMessages?: Resolver<Maybe<ResolversTypes['MessagesPayload']>, ParentType, ContextType, RequireFields<MutationForwardMessagesArgs, 'input'>>;
  pinMessage?: Resolver<Maybe<ResolversTypes['MessagePayload']>, ParentType, ContextType, RequireFields<MutationPinMessageArgs, 'input'>>;
  markRead?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationMarkReadArgs, 'input'>>;
  markAllRead?: Resolver<Maybe<ResolversTypes['ConversationsPayload']>, ParentType, ContextType, RequireFields<MutationMarkAllReadArgs, 'input'>>;
  setTyping?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationSetTypingArgs, 'conversationId' | 'typing'>>;
  setPreferences?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationSetPreferencesArgs, 'input'>>;
  createConversation?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationCreateConversationArgs, 'input'>>;
  updateConversation?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationUpdateConversationArgs, 'input'>>;
  join?: Resolver<Maybe<ResolversTypes['JoinPayload']>, ParentType, ContextType, RequireFields<MutationJoinArgs, 'input'>>;
  answerJoinRequest?: Resolver<Maybe<ResolversTypes['JoinRequestPayload']>, ParentType, ContextType, RequireFields<MutationAnswerJoinRequestArgs, 'input'>>;
  addMembers?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationAddMembersArgs, 'input'>>;
  removeMembers?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationRemoveMembersArgs, 'input'>>;
  leave?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationLeaveArgs, 'input'>>;
  setRole?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationSetRoleArgs, 'input'>>;
  transferOwnership?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationTransferOwnershipArgs, 'input'>>;
  silence?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationSilenceArgs, 'input'>>;
  report?: Resolver<Maybe<ResolversTypes['ReportPayload']>, ParentType, ContextType, RequireFields<MutationReportArgs, 'input'>>;
  decideReport?: Resolver<Maybe<ResolversTypes['ReportPayload']>, ParentType, ContextType, RequireFields<MutationDecideReportArgs, 'input'>>;
  banUser?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationBanUserArgs, 'input'>>;
  unbanUser?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationUnbanUserArgs, 'input'>>;
  dissolve?: Resolver<Maybe<ResolversTypes['ConversationPayload']>, ParentType, ContextType, RequireFields<MutationDissolveArgs, 'input'>>;
  createInvite?: Resolver<Maybe<ResolversTypes['InvitePayload']>, ParentType, ContextType, RequireFields<MutationCreateInviteArgs, 'input'>>;
  revokeInvite?: Resolver<Maybe<ResolversTypes['InvitePayload']>, ParentType, ContextType, RequireFields<MutationRevokeInviteArgs, 'input'>>;
  putUser?: Resolver<Maybe<ResolversTypes['UserPayload']>, ParentType, ContextType, RequireFields<MutationPutUserArgs, 'input'>>;
  createBot?: Resolver<Maybe<ResolversTypes['BotPayload']>, ParentType, ContextType, RequireFields<MutationCreateBotArgs, 'input'>>;
  putWebhook?: Resolver<Maybe<ResolversTypes['WebhookPayload']>, ParentType, ContextType, RequireFields<MutationPutWebhookArgs, 'input'>>;
  deleteWebhook?: Resolver<Maybe<ResolversTypes['WebhookPayload']>, ParentType, ContextType, RequireFields<MutationDeleteWebhookArgs, 'input'>>;
  redeliverWebhook?: Resolver<Maybe<ResolversTypes['WebhookPayload']>, ParentType, ContextType, RequireFields<MutationRedeliverWebhookArgs, 'input'>>;
  putIncomingWebhook?: Resolver<Maybe<ResolversTypes['IncomingWebhookPayload']>, ParentType, ContextType, RequireFields<MutationPutIncomingWebhookArgs, 'input'>>;
  deleteIncomingWebhook?: Resolver<Maybe<ResolversTypes['IncomingWebhookPayload']>, ParentType, ContextType, RequireFields<MutationDeleteIncomingWebhookArgs, 'input'>>;
  putCircle?: Resolver<Maybe<ResolversTypes['CirclePayload']>, ParentType, ContextType, RequireFields<MutationPutCircleArgs, 'input'>>;
  importMessages?: Resolver<Maybe<ResolversTypes['ImportPayload']>, ParentType, ContextType, RequireFields<MutationImportMessagesArgs, 'input'>>;
  importFacts?: Resolver<Maybe<ResolversTypes['ImportFactsPayload']>, ParentType, ContextType, RequireFields<MutationImportFactsArgs, 'input'>>;
  importFile?: Resolver<Maybe<ResolversTypes['ImportFilePayload']>, ParentType, ContextType, RequireFields<MutationImportFileArgs, 'input'>>;
  replayProjection?: Resolver<Maybe<ResolversTypes['ProjectionStatus']>, ParentType, ContextType, RequireFields<MutationReplayProjectionArgs, 'name'>>;
  cancelReplay?: Resolver<Maybe<ResolversTypes['ProjectionStatus']>, ParentType, ContextType, RequireFields<MutationCancelReplayArgs, 'name'>>;
  verifyProjection?: Resolver<Maybe<ResolversTypes['ProjectionStatus']>, ParentType, ContextType, RequireFields<MutationVerifyProjectionArgs, 'name'>>;
  retryParked?: Resolver<Maybe<ResolversTypes['ProjectionStatus']>, ParentType, ContextType, RequireFields<MutationRetryParkedArgs, 'name'>>;
};

export type WebhookResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Webhook'] = ResolversParentTypes['Webhook']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['URL'], ParentType, ContextType>;
  events?: Resolver<ReadonlyArray<ResolversTypes['WebhookEvent']>, ParentType, ContextType>;
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  active?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  failingSince?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  beforeSend?: Resolver<Maybe<ResolversTypes['BeforeSend']>, ParentType, ContextType>;
  deliveries?: Resolver<ResolversTypes['WebhookDeliveryConnection'], ParentType, ContextType, RequireFields<WebhookDeliveriesArgs, 'first'>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type BeforeSendResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BeforeSend'] = ResolversParentTypes['BeforeSend']> = {
  timeoutMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  otherwise?: Resolver<ResolversTypes['BeforeSendDefault'], ParentType, ContextType>;
  failingSince?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type WebhookDeliveryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookDelivery'] = ResolversParentTypes['WebhookDelivery']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  event?: Resolver<ResolversTypes['WebhookEvent'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  status?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  deliveredAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  nextAttemptAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type WebhookDeliveryEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookDeliveryEdge'] = ResolversParentTypes['WebhookDeliveryEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['WebhookDelivery'], ParentType, ContextType>;
};

export type WebhookDeliveryConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookDeliveryConnection'] = ResolversParentTypes['WebhookDeliveryConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['WebhookDeliveryEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type WebhookPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookPayload'] = ResolversParentTypes['WebhookPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  webhook?: Resolver<Maybe<ResolversTypes['Webhook']>, ParentType, ContextType>;
  secret?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type IncomingWebhookResolvers<ContextType = Context, ParentType extends ResolversParentTypes['IncomingWebhook'] = ResolversParentTypes['IncomingWebhook']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  bot?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
};

export type IncomingWebhookPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['IncomingWebhookPayload'] = ResolversParentTypes['IncomingWebhookPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  webhook?: Resolver<Maybe<ResolversTypes['IncomingWebhook']>, ParentType, ContextType>;
  path?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type BotPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BotPayload'] = ResolversParentTypes['BotPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  token?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type UserPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserPayload'] = ResolversParentTypes['UserPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type DevicePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DevicePayload'] = ResolversParentTypes['DevicePayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  devices?: Resolver<ReadonlyArray<ResolversTypes['Device']>, ParentType, ContextType>;
};

export type FriendRequestPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FriendRequestPayload'] = ResolversParentTypes['FriendRequestPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  request?: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType>;
};

export type ScheduledPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ScheduledPayload'] = ResolversParentTypes['ScheduledPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  scheduled?: Resolver<ReadonlyArray<ResolversTypes['ScheduledMessage']>, ParentType, ContextType>;
};

export type HeaderResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Header'] = ResolversParentTypes['Header']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type UploadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Upload'] = ResolversParentTypes['Upload']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['URL'], ParentType, ContextType>;
  method?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  headers?: Resolver<ReadonlyArray<ResolversTypes['Header']>, ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type UploadPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UploadPayload'] = ResolversParentTypes['UploadPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  upload?: Resolver<ResolversTypes['Upload'], ParentType, ContextType>;
};

export type MessagePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessagePayload'] = ResolversParentTypes['MessagePayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  edge?: Resolver<ResolversTypes['MessageEdge'], ParentType, ContextType>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
};

export type MessagesPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessagesPayload'] = ResolversParentTypes['MessagesPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  messages?: Resolver<ReadonlyArray<ResolversTypes['Message']>, ParentType, ContextType>;
};

export type CirclePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CirclePayload'] = ResolversParentTypes['CirclePayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  circle?: Resolver<ResolversTypes['Circle'], ParentType, ContextType>;
};

export type ImportPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ImportPayload'] = ResolversParentTypes['ImportPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  stored?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  alreadyThere?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  refused?: Resolver<ReadonlyArray<ResolversTypes['ImportFault']>, ParentType, ContextType>;
};

export type ImportFactsPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ImportFactsPayload'] = ResolversParentTypes['ImportFactsPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  stored?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  alreadyThere?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  loose?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  refused?: Resolver<ReadonlyArray<ResolversTypes['ImportFault']>, ParentType, ContextType>;
};

export type ImportFilePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ImportFilePayload'] = ResolversParentTypes['ImportFilePayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  upload?: Resolver<Maybe<ResolversTypes['Upload']>, ParentType, ContextType>;
};

export type ImportFaultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ImportFault'] = ResolversParentTypes['ImportFault']> = {
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['ErrorCode'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ConversationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationPayload'] = ResolversParentTypes['ConversationPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
};

export type ConversationsPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationsPayload'] = ResolversParentTypes['ConversationsPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  conversations?: Resolver<ReadonlyArray<ResolversTypes['Conversation']>, ParentType, ContextType>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
};

export type JoinPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinPayload'] = ResolversParentTypes['JoinPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  request?: Resolver<Maybe<ResolversTypes['JoinRequest']>, ParentType, ContextType>;
};

export type JoinRequestPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinRequestPayload'] = ResolversParentTypes['JoinRequestPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  request?: Resolver<ResolversTypes['JoinRequest'], ParentType, ContextType>;
};

export type ReportPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReportPayload'] = ResolversParentTypes['ReportPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  report?: Resolver<ResolversTypes['Report'], ParentType, ContextType>;
};

export type InvitePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InvitePayload'] = ResolversParentTypes['InvitePayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  invite?: Resolver<ResolversTypes['Invite'], ParentType, ContextType>;
};

export type AdminResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Admin'] = ResolversParentTypes['Admin']> = {
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  components?: Resolver<ReadonlyArray<ResolversTypes['Component']>, ParentType, ContextType>;
  projections?: Resolver<ReadonlyArray<ResolversTypes['ProjectionStatus']>, ParentType, ContextType>;
  parked?: Resolver<ResolversTypes['ParkedConnection'], ParentType, ContextType, RequireFields<AdminParkedArgs, 'first'>>;
  generations?: Resolver<ReadonlyArray<ResolversTypes['Generation']>, ParentType, ContextType>;
  disk?: Resolver<Maybe<ResolversTypes['Disk']>, ParentType, ContextType>;
  reports?: Resolver<ResolversTypes['ReportConnection'], ParentType, ContextType, RequireFields<AdminReportsArgs, 'open' | 'first'>>;
  bans?: Resolver<ResolversTypes['BanConnection'], ParentType, ContextType, RequireFields<AdminBansArgs, 'first'>>;
  doubts?: Resolver<ReadonlyArray<ResolversTypes['Doubt']>, ParentType, ContextType>;
  webhooks?: Resolver<ReadonlyArray<ResolversTypes['Webhook']>, ParentType, ContextType>;
  incomingWebhooks?: Resolver<ReadonlyArray<ResolversTypes['IncomingWebhook']>, ParentType, ContextType>;
  audit?: Resolver<ResolversTypes['Audit'], ParentType, ContextType>;
};

export type AuditResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Audit'] = ResolversParentTypes['Audit']> = {
  treeHead?: Resolver<ResolversTypes['TreeHead'], ParentType, ContextType>;
  inclusion?: Resolver<ResolversTypes['InclusionProof'], ParentType, ContextType, RequireFields<AuditInclusionArgs, 'cursor'>>;
  consistency?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType, RequireFields<AuditConsistencyArgs, 'from' | 'to'>>;
};

export type TreeHeadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TreeHead'] = ResolversParentTypes['TreeHead']> = {
  size?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  root?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  signedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  signature?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type InclusionProofResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InclusionProof'] = ResolversParentTypes['InclusionProof']> = {
  index?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  treeSize?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  leaf?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  path?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type GenerationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Generation'] = ResolversParentTypes['Generation']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  projection?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['GenerationState'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['Cursor']>, ParentType, ContextType>;
  bytes?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type DiskResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Disk'] = ResolversParentTypes['Disk']> = {
  freeBytes?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  totalBytes?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type DoubtResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Doubt'] = ResolversParentTypes['Doubt']> = {
  setting?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  severity?: Resolver<ResolversTypes['Severity'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ProjectionStatusResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ProjectionStatus'] = ResolversParentTypes['ProjectionStatus']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['ProjectionState'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  lag?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  progress?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  eventsPerSecond?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  differences?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  parked?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastError?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ComponentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Component'] = ResolversParentTypes['Component']> = {
  role?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reachable?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  detail?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  bytes?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type ParkedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Parked'] = ResolversParentTypes['Parked']> = {
  projection?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  eventType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  error?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  parkedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type MemberEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberEdge'] = ResolversParentTypes['MemberEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Member'], ParentType, ContextType>;
};

export type MemberConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberConnection'] = ResolversParentTypes['MemberConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['MemberEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type FriendEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FriendEdge'] = ResolversParentTypes['FriendEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Friend'], ParentType, ContextType>;
};

export type FriendConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FriendConnection'] = ResolversParentTypes['FriendConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['FriendEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type FriendRequestEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FriendRequestEdge'] = ResolversParentTypes['FriendRequestEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['FriendRequest'], ParentType, ContextType>;
};

export type FriendRequestConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FriendRequestConnection'] = ResolversParentTypes['FriendRequestConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['FriendRequestEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ReportEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReportEdge'] = ResolversParentTypes['ReportEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Report'], ParentType, ContextType>;
};

export type ReportConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReportConnection'] = ResolversParentTypes['ReportConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ReportEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type BanEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BanEdge'] = ResolversParentTypes['BanEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Ban'], ParentType, ContextType>;
};

export type BanConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BanConnection'] = ResolversParentTypes['BanConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['BanEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type JoinRequestEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinRequestEdge'] = ResolversParentTypes['JoinRequestEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['JoinRequest'], ParentType, ContextType>;
};

export type JoinRequestConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinRequestConnection'] = ResolversParentTypes['JoinRequestConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['JoinRequestEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type UserConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ConversationConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationConnection'] = ResolversParentTypes['ConversationConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ConversationEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
};

export type ConversationEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationEdge'] = ResolversParentTypes['ConversationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
};

export type MessageEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageEdge'] = ResolversParentTypes['MessageEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
};

export type MessageConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageConnection'] = ResolversParentTypes['MessageConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['MessageEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type MessageHitEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageHitEdge'] = ResolversParentTypes['MessageHitEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['MessageHit'], ParentType, ContextType>;
};

export type MessageHitConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageHitConnection'] = ResolversParentTypes['MessageHitConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['MessageHitEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  bySender?: Resolver<ReadonlyArray<ResolversTypes['Facet']>, ParentType, ContextType>;
  byConversation?: Resolver<ReadonlyArray<ResolversTypes['Facet']>, ParentType, ContextType>;
  byMonth?: Resolver<ReadonlyArray<ResolversTypes['Facet']>, ParentType, ContextType>;
};

export type FacetResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Facet'] = ResolversParentTypes['Facet']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserHitEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserHitEdge'] = ResolversParentTypes['UserHitEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['UserHit'], ParentType, ContextType>;
};

export type UserHitConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserHitConnection'] = ResolversParentTypes['UserHitConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['UserHitEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ConversationHitEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationHitEdge'] = ResolversParentTypes['ConversationHitEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['ConversationHit'], ParentType, ContextType>;
};

export type ConversationHitConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationHitConnection'] = ResolversParentTypes['ConversationHitConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ConversationHitEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ParkedEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ParkedEdge'] = ResolversParentTypes['ParkedEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Parked'], ParentType, ContextType>;
};

export type ParkedConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ParkedConnection'] = ResolversParentTypes['ParkedConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ParkedEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  Cursor?: GraphQLScalarType;
  URL?: GraphQLScalarType;
  Node?: NodeResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
  SyncPage?: SyncPageResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  Device?: DeviceResolvers<ContextType>;
  Presence?: PresenceResolvers<ContextType>;
  UserPresence?: UserPresenceResolvers<ContextType>;
  Typing?: TypingResolvers<ContextType>;
  Friendship?: FriendshipResolvers<ContextType>;
  Friend?: FriendResolvers<ContextType>;
  FriendRequest?: FriendRequestResolvers<ContextType>;
  ScheduledMessage?: ScheduledMessageResolvers<ContextType>;
  Circle?: CircleResolvers<ContextType>;
  Tag?: TagResolvers<ContextType>;
  Conversation?: ConversationResolvers<ContextType>;
  Member?: MemberResolvers<ContextType>;
  Invite?: InviteResolvers<ContextType>;
  JoinRequest?: JoinRequestResolvers<ContextType>;
  Message?: MessageResolvers<ContextType>;
  Reaction?: ReactionResolvers<ContextType>;
  Report?: ReportResolvers<ContextType>;
  ReportedMessage?: ReportedMessageResolvers<ContextType>;
  Ban?: BanResolvers<ContextType>;
  Attachment?: AttachmentResolvers<ContextType>;
  TextRun?: TextRunResolvers<ContextType>;
  MessageHit?: MessageHitResolvers<ContextType>;
  UserHit?: UserHitResolvers<ContextType>;
  ConversationHit?: ConversationHitResolvers<ContextType>;
  CodeTarget?: CodeTargetResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  InboxEntry?: InboxEntryResolvers<ContextType>;
  InboxCaughtUp?: InboxCaughtUpResolvers<ContextType>;
  InboxReset?: InboxResetResolvers<ContextType>;
  MessageReceived?: MessageReceivedResolvers<ContextType>;
  MessageChanged?: MessageChangedResolvers<ContextType>;
  ReadMoved?: ReadMovedResolvers<ContextType>;
  MembershipChanged?: MembershipChangedResolvers<ContextType>;
  JoinRequestChanged?: JoinRequestChangedResolvers<ContextType>;
  ConversationChanged?: ConversationChangedResolvers<ContextType>;
  FriendRequestChanged?: FriendRequestChangedResolvers<ContextType>;
  FriendshipChanged?: FriendshipChangedResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Webhook?: WebhookResolvers<ContextType>;
  BeforeSend?: BeforeSendResolvers<ContextType>;
  WebhookDelivery?: WebhookDeliveryResolvers<ContextType>;
  WebhookDeliveryEdge?: WebhookDeliveryEdgeResolvers<ContextType>;
  WebhookDeliveryConnection?: WebhookDeliveryConnectionResolvers<ContextType>;
  WebhookPayload?: WebhookPayloadResolvers<ContextType>;
  IncomingWebhook?: IncomingWebhookResolvers<ContextType>;
  IncomingWebhookPayload?: IncomingWebhookPayloadResolvers<ContextType>;
  BotPayload?: BotPayloadResolvers<ContextType>;
  UserPayload?: UserPayloadResolvers<ContextType>;
  DevicePayload?: DevicePayloadResolvers<ContextType>;
  FriendRequestPayload?: FriendRequestPayloadResolvers<ContextType>;
  ScheduledPayload?: ScheduledPayloadResolvers<ContextType>;
  Header?: HeaderResolvers<ContextType>;
  Upload?: UploadResolvers<ContextType>;
  UploadPayload?: UploadPayloadResolvers<ContextType>;
  MessagePayload?: MessagePayloadResolvers<ContextType>;
  MessagesPayload?: MessagesPayloadResolvers<ContextType>;
  CirclePayload?: CirclePayloadResolvers<ContextType>;
  ImportPayload?: ImportPayloadResolvers<ContextType>;
  ImportFactsPayload?: ImportFactsPayloadResolvers<ContextType>;
  ImportFilePayload?: ImportFilePayloadResolvers<ContextType>;
  ImportFault?: ImportFaultResolvers<ContextType>;
  ConversationPayload?: ConversationPayloadResolvers<ContextType>;
  ConversationsPayload?: ConversationsPayloadResolvers<ContextType>;
  JoinPayload?: JoinPayloadResolvers<ContextType>;
  JoinRequestPayload?: JoinRequestPayloadResolvers<ContextType>;
  ReportPayload?: ReportPayloadResolvers<ContextType>;
  InvitePayload?: InvitePayloadResolvers<ContextType>;
  Admin?: AdminResolvers<ContextType>;
  Audit?: AuditResolvers<ContextType>;
  TreeHead?: TreeHeadResolvers<ContextType>;
  InclusionProof?: InclusionProofResolvers<ContextType>;
  Generation?: GenerationResolvers<ContextType>;
  Disk?: DiskResolvers<ContextType>;
  Doubt?: DoubtResolvers<ContextType>;
  ProjectionStatus?: ProjectionStatusResolvers<ContextType>;
  Component?: ComponentResolvers<ContextType>;
  Parked?: ParkedResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  MemberEdge?: MemberEdgeResolvers<ContextType>;
  MemberConnection?: MemberConnectionResolvers<ContextType>;
  FriendEdge?: FriendEdgeResolvers<ContextType>;
  FriendConnection?: FriendConnectionResolvers<ContextType>;
  FriendRequestEdge?: FriendRequestEdgeResolvers<ContextType>;
  FriendRequestConnection?: FriendRequestConnectionResolvers<ContextType>;
  ReportEdge?: ReportEdgeResolvers<ContextType>;
  ReportConnection?: ReportConnectionResolvers<ContextType>;
  BanEdge?: BanEdgeResolvers<ContextType>;
  BanConnection?: BanConnectionResolvers<ContextType>;
  JoinRequestEdge?: JoinRequestEdgeResolvers<ContextType>;
  JoinRequestConnection?: JoinRequestConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  ConversationConnection?: ConversationConnectionResolvers<ContextType>;
  ConversationEdge?: ConversationEdgeResolvers<ContextType>;
  MessageEdge?: MessageEdgeResolvers<ContextType>;
  MessageConnection?: MessageConnectionResolvers<ContextType>;
  MessageHitEdge?: MessageHitEdgeResolvers<ContextType>;
  MessageHitConnection?: MessageHitConnectionResolvers<ContextType>;
  Facet?: FacetResolvers<ContextType>;
  UserHitEdge?: UserHitEdgeResolvers<ContextType>;
  UserHitConnection?: UserHitConnectionResolvers<ContextType>;
  ConversationHitEdge?: ConversationHitEdgeResolvers<ContextType>;
  ConversationHitConnection?: ConversationHitConnectionResolvers<ContextType>;
  ParkedEdge?: ParkedEdgeResolvers<ContextType>;
  ParkedConnection?: ParkedConnectionResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  listSize?: ListSizeDirectiveResolver<any, any, ContextType>;
  appends?: AppendsDirectiveResolver<any, any, ContextType>;
};

/** The text of schema.graphql. */
export const typeDefs = "\"\"\"\nThe API of Tidings. The rules that hold everywhere:\n\nTransport. There is one endpoint, `/graphql`: GraphQL over HTTP, WebSocket with the subprotocol `graphql-transport-ws`, and\nserver-sent events for whoever accepts `text/event-stream` (graphql-sse, distinct connections mode).\nEvery request carries a bearer token, whose `sub` is the user: as the header `Authorization`, and over a WebSocket as\n`authorization` in the payload of `connection_init`. A user whose token never registered gets NOT_FOUND, with a message that\nnames `register`.\n\nErrors. A refusal is an entry in `errors` whose `extensions.code` is an `ErrorCode`. `extensions.field` names the wrong input,\nand `extensions.retryAfterMs` says when to try again where that helps. A mutation or a search that was refused is null in `data`:\nwhat else the operation asks for is answered. What the viewer may not see is answered like what does not exist: NOT_FOUND or\nnull. FORBIDDEN is only for what they may know of.\n\nDone once. Every mutation that changes something for a user takes a `clientMutationId`, a random id. The same call again, from\nthe same user on the same target, is done once and returns the first result, for ever. This also holds if the first answer was\nlost, if the user has lost the right since, and if the call changed nothing the first time. A call that makes something new (a\nmessage, a conversation) is CONFLICT if its `clientMutationId` was used with other input. The target of a message is its\nconversation.\n\nIn force. `removeMembers`, `leave`, `setRole`, `transferOwnership`, `silence`, `dissolve`, `block` and `endFriendship` take rights\naway. The answer comes when this is in force on the server that answers: from then on nothing that needs those rights gets into\nthe log, and whoever is no member any more is shown nothing that came later, not even by a query that had begun. The answer to\n`recallMessage` comes when nobody gets the text from that server any more.\n\nReading your own writes. The payload of a mutation has a `cursor`. A read that gets it as `atLeast` waits until the views have\nreached it: at most 5 s, then UNAVAILABLE. A cursor of another log is BAD_INPUT. So is a cursor from before this log was\nreplaced by a copy.\n\nIds never collide across types, and `node` finds all of them. A user's id is made of its token's `sub` (no `:` and no `~` in\nit), a group's is `g:…`, a channel's is `c:…`, a direct conversation's is `d:alice~bob` (the two users in order), a message's is\n`<conversation>:<seq>`, a member's is `m:<conversation>~<user>`, a circle's is `o:…`, a friendship's is `f:alice~bob`, a\nrequest's for one `f:alice~bob:3`, a request's to join a group `j:<group>~alice:1`, an invitation's `i:…`, and a scheduled\nmessage's `s:alice:<UUID>`. A device's is what its app calls it: it is no user's.\n\nVisibility. A message that the viewer may not see (from before they joined, from after they left) is null wherever something\nrefers to it. A message that they may see is shown as it is now, edited, recalled or expired, also to those who have left\nsince. Those who were away may not get what was edited or recalled meanwhile: they load it again when they are back.\n\nTexts. A character is a code point of Unicode: an emoji or a rare ideograph is one. A text, name, title or tag without any\nvisible character (spaces, joiners, fillers, lone marks) is BAD_INPUT. Names, titles, tags and the names of files lose control\ncharacters, and characters that reverse the text (U+202E and others).\n\nLimits of one operation, BAD_INPUT beyond them unless said otherwise:\n- 15 levels of fields, 50 aliases, 50 directives and 1,000 tokens in its document, and 1,000 fields with its fragments written\n  out on every type that an object may have;\n- a price of 100,000: one for each value and object that the answer may hold, a page times its size, other lists as `@listSize`\n  says;\n- pages of 1 to 100 (`first`, `last`), 1 to 500 for `limit` of `sync`;\n- 1,000 events that it may write, as `@appends` says: LIMIT_EXCEEDED;\n- 128 KiB for the body of a request over HTTP (then 413) and for a message over a WebSocket (then an `error` of its operation;\n  the socket is closed with 1009 only if the message is no operation's, or longer by more than 1 MiB). The setting is\n  BODY_LIMIT_BYTES;\n- 128 characters for the id of an operation over a WebSocket, and 16,384 for the variables of a subscription;\n- 8 MiB for an answer (ANSWER_LIMIT_BYTES): LIMIT_EXCEEDED. 20 s to make it (EXECUTION_LIMIT_MS): UNAVAILABLE.\nA user who asks for too much in too little time is RATE_LIMITED (RATE_LIMIT).\n\"\"\"\nschema {\n  query: Query\n  mutation: Mutation\n  subscription: Subscription\n}\n\n\"\"\"\nAbout how many items a list holds at most. The price of an operation is computed from this before it runs. Every list of this\nschema has one.\n\"\"\"\ndirective @listSize(\n  \"The number of items, if no argument says it.\"\n  assumedSize: Int\n  \"The arguments of the field that say how many items there are: a number, or a list with an item for each. The largest counts.\"\n  slicingArguments: [String!]\n  \"The fields below this field that hold the list. Without it the field itself is the list.\"\n  sizedFields: [String!]\n  \"Rows that are read beside those of the page, whatever its size.\"\n  alsoReads: Int\n  \"They are read only if this member of an argument is true: `query.friendsOnly`; or if this argument is given: `at`.\"\n  alsoReadsIf: String\n) on FIELD_DEFINITION\n\n\"What one call of a mutation may append to the log. The budget of a user pays for it. Every mutation has one.\"\ndirective @appends(\n  \"Events that do not depend on the input.\"\n  events: Int! = 1\n  \"Lists in the input: more events for each of their items.\"\n  each: [String!]\n  \"How many for each item.\"\n  perItem: Int! = 1\n  \"The events are not paid for: an import, or what a business says of many people.\"\n  apart: Boolean! = false\n) on FIELD_DEFINITION\n\n\"\"\"\nA point of time as text, in the format of RFC 3339. Answers are in UTC with milliseconds: `2024-05-31T12:00:00.000Z`. An input\nhas `Z` or an offset (`2024-05-31T14:00:00+02:00`), and any number of digits below the second.\n\"\"\"\nscalar DateTime @specifiedBy(url: \"https://www.rfc-editor.org/rfc/rfc3339\")\n\n\"\"\"\nA place in the one log, as text. Do not interpret it: compare it, keep it, and give it back. Its text order is log order. A\ncursor stays good across views, rebuilds, restarts and all servers of its log. No public specification\ndescribes its form, and it may change.\n\"\"\"\nscalar Cursor\n\n\"An absolute address of http or https, as text: at most 2,048 characters, valid by the URL Standard.\"\nscalar URL @specifiedBy(url: \"https://url.spec.whatwg.org/\")\n\n\"What kind of refusal an entry in `errors` is: its `extensions.code`.\"\nenum ErrorCode {\n  \"There is no token, or it is not good here. Sign in again. HTTP 401; a WebSocket is closed with 4401 or 4403.\"\n  UNAUTHENTICATED\n  \"You may know of this, but you may not do it.\"\n  FORBIDDEN\n  \"It does not exist, or you may not see it. Also for a token whose user never registered: the message names `register`.\"\n  NOT_FOUND\n  \"What was sent is wrong, whoever sends it: the document, or the input that `extensions.field` names.\"\n  BAD_INPUT\n  \"\"\"\n  The call does not fit the present state: something is taken, recalled or under way, or this `clientMutationId` was used with\n  other input.\n  \"\"\"\n  CONFLICT\n  \"A limit was reached: members of a group, events of one operation, bytes of an answer, subscriptions.\"\n  LIMIT_EXCEEDED\n  \"Too much at once. Send it again after `extensions.retryAfterMs`. HTTP 429.\"\n  RATE_LIMITED\n  \"\"\"\n  A server that Tidings uses is away or slow. Nothing was stored, or the outcome is unknown, or it is stored and not in force\n  yet. Send the same call with the same `clientMutationId` again after `extensions.retryAfterMs`. HTTP 503.\n  \"\"\"\n  UNAVAILABLE\n  \"A fault of the server. `extensions.correlationId` names it in the server's log. HTTP 500.\"\n  INTERNAL\n}\n\n\"Everything with an id. An id names one thing, over all types.\"\ninterface Node {\n  \"The id. Caches may use it as a key.\"\n  id: ID!\n}\n\n# ---------------------------------------------------------------------------------------------------------------- reading\n\n\"Questions. They change nothing.\"\ntype Query {\n  \"The one who asks, and what is theirs.\"\n  viewer(\"The `cursor` of a mutation's payload: the answer holds what that mutation did.\" atLeast: Cursor): Viewer!\n  \"Anything by its id. Null if there is none that the viewer may see.\"\n  node(\n    \"The `id` of any object that has one.\"\n    id: ID!\n    \"The `cursor` of a mutation's payload: the answer holds what that mutation did.\"\n    atLeast: Cursor\n  ): Node\n  \"The same for many, in the order of their ids: null in the place of each that the viewer may not see.\"\n  nodes(\n    \"At most 100.\"\n    ids: [ID!]!\n    \"The `cursor` of a mutation's payload: the answer holds what that mutation did.\"\n    atLeast: Cursor\n  ): [Node]! @listSize(slicingArguments: [\"ids\"])\n  \"A user, by id or by handle: give one of the two. Null if there is none.\"\n  user(\n    \"The user's id.\"\n    id: ID\n    \"The user's handle, with or without `@`, in any case.\"\n    handle: String\n    \"The `cursor` of a mutation's payload: the answer holds what that mutation did.\"\n    atLeast: Cursor\n  ): User\n  \"\"\"\n  A conversation: a public group or channel, one that the viewer is or was in, or the one with another user. That one is empty\n  until its first message is sent. Null if there is none that the viewer may see.\n\n  With `at`, as it stood at that time: title, members and roles, messages, reactions, pins, and how far everyone had read. It is\n  for those who were in it by then, and for the scope `admin`; null for everyone else, and before it was created. They are shown\n  what they saw then, but for what was recalled or has expired since: that stays gone, except for the scope `admin`. What was open\n  to them only as members is shown as long as it is open to them. People, and what was forwarded from elsewhere, are shown as they\n  are now. Of invites, reports and who is typing nothing is shown. It is folded anew from the conversation's own events:\n  LIMIT_EXCEEDED if these are too many, RATE_LIMITED if others ask too.\n  \"\"\"\n  conversation(\n    \"The conversation's id.\"\n    id: ID!\n    \"The `cursor` of a mutation's payload: the answer holds what that mutation did.\"\n    atLeast: Cursor\n    \"A time that has come. Null: now.\"\n    at: DateTime\n  ): Conversation @listSize(alsoReads: 20000, alsoReadsIf: \"at\")\n  \"Whom or what a QR code means. Null if the text is no code of this kind, or means nothing that the viewer may see.\"\n  code(\"The text of the code: what `User.code` and `Conversation.code` give.\" text: String!): CodeTarget\n  \"Messages that the viewer may see, by their words and more. See `MessageQuery`.\"\n  searchMessages(\n    \"What to find. An empty one finds all that the viewer may see.\"\n    query: MessageQuery!\n    \"How many: 1 to 100.\"\n    first: Int = 20\n    \"The cursor of an edge of the same search: the page goes on after it.\"\n    after: String\n    \"The `cursor` of a mutation's payload: what that mutation did can be found.\"\n    atLeast: Cursor\n  ): MessageHitConnection @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"People, by name, tags and place: give at least one of them.\"\n  searchUsers(\n    \"Whom to find.\"\n    query: UserQuery!\n    \"How many: 1 to 100.\"\n    first: Int = 20\n    \"The cursor of an edge of the same search: the page goes on after it.\"\n    after: String\n    \"The `cursor` of a mutation's payload: what that mutation did can be found.\"\n    atLeast: Cursor\n  ): UserHitConnection\n    @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"], alsoReads: 5000, alsoReadsIf: \"query.friendsOnly\")\n  \"\"\"\n  Groups that are public, or that the viewer is or was a member of, by name, tags and category: give at least one of them. A group\n  that they have left is found as long as it has the title, the tags and the category of then.\n  \"\"\"\n  searchConversations(\n    \"What to find.\"\n    query: ConversationQuery!\n    \"How many: 1 to 100.\"\n    first: Int = 20\n    \"The cursor of an edge of the same search: the page goes on after it.\"\n    after: String\n    \"The `cursor` of a mutation's payload: what that mutation did can be found.\"\n    atLeast: Cursor\n  ): ConversationHitConnection @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"What operators see. FORBIDDEN without the scope `admin`.\"\n  admin: Admin\n}\n\n\"The one who asks.\"\ntype Viewer {\n  \"Their own user.\"\n  user: User!\n  \"\"\"\n  The conversations that they are in now, the one with the newest activity first. Hidden ones (`setPreferences`) are left out until\n  their next message.\n  \"\"\"\n  conversations(\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n    \"Only conversations of this kind.\"\n    kind: ConversationKind\n    \"Only conversations in which something is unread.\"\n    unreadOnly: Boolean = false\n    \"Also those that they have hidden.\"\n    includeHidden: Boolean = false\n    \"\"\"\n    Those that they have pinned come first, and then the others; each half has the newest activity first. Page through a list\n    with the same value.\n    \"\"\"\n    pinnedFirst: Boolean = false\n    \"The `cursor` of a mutation's payload: the answer holds what that mutation did.\"\n    atLeast: Cursor\n  ): ConversationConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"], alsoReads: 100)\n  \"How many messages are unread, over all conversations that they are in now and have not muted. Hidden ones count.\"\n  unreadTotal(\"Muted conversations count too.\" includeMuted: Boolean = false): Int!\n  \"\"\"\n  What happened to the viewer after a cursor, oldest first, page by page. The entries, cursors and order are those of the\n  subscription `inbox`.\n  \"\"\"\n  sync(\n    \"The cursor up to which the client knows all. Null: from the oldest entry that is kept.\"\n    after: Cursor\n    \"How many entries: 1 to 500.\"\n    limit: Int = 100\n    \"The `cursor` of a mutation's payload: the answer holds what that mutation did.\"\n    atLeast: Cursor\n  ): SyncPage! @listSize(slicingArguments: [\"limit\"], sizedFields: [\"entries\"])\n  \"Their friends.\"\n  friends(\n    \"In which order: by name, or the newest friendship first.\"\n    orderBy: FriendOrder = NAME\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): FriendConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"], alsoReads: 5000)\n  \"Requests for friendship that they got or made, the newest first.\"\n  friendRequests(\n    \"Those that they got, or those that they made.\"\n    direction: Direction = INCOMING\n    \"What became of them.\"\n    status: RequestStatus = PENDING\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): FriendRequestConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"Whom they have blocked, the newest block first.\"\n  blocked(\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): UserConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"Messages that wait for their time, the earliest first.\"\n  scheduled(\n    \"\"\"\n    Those that could not be sent when their time had come, the newest failure first, in place of those that wait. The newest 100\n    are kept until they are put away (`cancelScheduled`).\n    \"\"\"\n    failed: Boolean = false\n  ): [ScheduledMessage!]! @listSize(assumedSize: 100)\n  \"\"\"\n  Messages that name the viewer, or everyone in a conversation that the viewer was in when they were sent: those that the viewer may\n  see, the newest first. Recalled ones are not among them. A page may be shorter, and go on nevertheless: see its `pageInfo`.\n  \"\"\"\n  mentions(\n    \"How many: 1 to 100.\"\n    first: Int = 20\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): MessageConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"], alsoReads: 500)\n  \"\"\"\n  What a browser subscribes to pushes with (`applicationServerKey` of `PushManager.subscribe`), base64url: the same for everyone.\n  Null: this server has no Web Push.\n  \"\"\"\n  webPushKey: String\n  \"The devices that they have added, the first one first.\"\n  devices: [Device!]! @listSize(assumedSize: 8)\n  \"The groups that they are in now, the one that they joined last first.\"\n  groups(\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): ConversationConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"], alsoReads: 100)\n  \"Families, companies and other circles that a business has put them in, by id: at most 100.\"\n  circles: [Circle!]! @listSize(assumedSize: 8)\n  \"\"\"\n  Requests to join that they answer or made, the newest first. They answer for groups that they own or administer, and for\n  themselves.\n  \"\"\"\n  joinRequests(\n    \"Those that they answer, or those that they made: also when they asked others in.\"\n    direction: Direction = INCOMING\n    \"What became of them.\"\n    status: RequestStatus = PENDING\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): JoinRequestConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"], alsoReads: 1000)\n}\n\n\"A page of what happened to the viewer.\"\ntype SyncPage {\n  \"What happened, oldest first. Empty if nothing is new.\"\n  entries: [InboxEntry!]!\n  \"Where the next call goes on, also if nothing was new.\"\n  cursor: Cursor!\n  \"There is more after this page: ask again, from `cursor`.\"\n  hasMore: Boolean!\n  \"\"\"\n  What the client knows is too old to go on from. Its cursor is older than anything is kept for (INBOX_TTL), of another log, or\n  from before a fault was healed. Read `conversations` again, and go on from the cursor of its first page.\n  \"\"\"\n  resetRequired: Boolean!\n  \"\"\"\n  This page is of what the inbox itself keeps no more, because more came than it holds (INBOX_MAX): the client was away for long.\n  It is read from the conversations, complete and in the same order. Who does not want all of it goes on from `skipTo`.\n  \"\"\"\n  overflow: Boolean!\n  \"\"\"\n  Where the inbox is whole again: who goes on from here skips what lies between, and reads `conversations` again, since it was not\n  told of it. Null if `overflow` is false.\n  \"\"\"\n  skipTo: Cursor\n}\n\n\"Someone who has registered.\"\ntype User implements Node {\n  \"\"\"\n  Made of what the token says of the user: its `sub`, unless the server is set otherwise. At most 64 characters, no `:` and no\n  `~` among them.\n  \"\"\"\n  id: ID!\n  \"The name by which others find the user: at most 64 characters, unique, in lower case. It may change.\"\n  handle: String!\n  \"The name to show: at most 128 characters. It may change, and need not be unique.\"\n  name: String!\n  \"A picture, or null.\"\n  avatarUrl: URL\n  \"What the user said of it, or null.\"\n  gender: Gender\n  \"In years, from the birthday that the user gave, or null.\"\n  age: Int\n  \"A line of the user's own, at most 1,024 characters, or null.\"\n  signature: String\n  \"What the user goes by: at most 64 tags.\"\n  tags: [Tag!]! @listSize(assumedSize: 8)\n  \"A program, and no person.\"\n  bot: Boolean!\n  \"The text of the user's QR code. `code` reads it.\"\n  code: String!\n  \"\"\"\n  The id of the one conversation of the viewer with this user. `conversation` gives it from the start, empty; it is listed from\n  its first message on.\n  \"\"\"\n  directConversationId: ID!\n  \"How the viewer and this user stand.\"\n  friendship: Friendship!\n  \"\"\"\n  Whether they are online, by kind of device. Friends see it of each other, and so do two users whose direct conversation has begun\n  if anyone may write to anyone (DIRECT_MESSAGES). For all others, and where one of the two has blocked the other, it is empty.\n  \"\"\"\n  presence: [Presence!]! @listSize(assumedSize: 4)\n}\n\n\"A device of the viewer. Others only learn of its kind (`User.presence`).\"\ntype Device implements Node {\n  \"What the app calls it: what the `device` of its tokens says.\"\n  id: ID!\n  \"What it is.\"\n  kind: DeviceKind!\n  \"What its user calls it: at most 128 characters.\"\n  name: String!\n  \"When it was last connected or asked for something, to the minute. Null if it never was, with a token that names it.\"\n  lastSeenAt: DateTime\n  \"The token of this request names it.\"\n  current: Boolean!\n}\n\n\"What a device is.\"\nenum DeviceKind {\n  \"A phone or tablet of Apple.\"\n  IOS\n  \"A phone or tablet with Android.\"\n  ANDROID\n  \"A browser.\"\n  WEB\n  \"A program on a computer.\"\n  DESKTOP\n  \"An account within another messenger. It has no presence.\"\n  OFFICIAL_ACCOUNT\n  \"A program within another messenger. It has no presence.\"\n  MINI_PROGRAM\n  \"Anything else, and all devices that were not added.\"\n  OTHER\n}\n\n\"A service that brings pushes to devices.\"\nenum PushService {\n  \"Firebase Cloud Messaging.\"\n  FCM\n  \"Apple Push Notification service.\"\n  APNS\n  \"The browser's own. The token is its PushSubscription as JSON.\"\n  WEB_PUSH\n}\n\n\"Whether a user is online with one kind of device.\"\ntype Presence {\n  \"Which kind.\"\n  deviceKind: DeviceKind!\n  \"\"\"\n  A device of this kind is connected over a WebSocket or a stream of events, or was a moment ago: after a lost connection, and\n  after a restart of the server, nobody is said to be offline before PRESENCE_GRACE is over. Null for kinds that have no presence.\n  \"\"\"\n  online: Boolean\n  \"When a device of this kind was last seen. Null if it never was, and for kinds that have no presence.\"\n  lastSeenAt: DateTime\n}\n\n\"The presence of one user, as it is now.\"\ntype UserPresence {\n  \"Whose it is.\"\n  user: User!\n  \"By kind of device.\"\n  presence: [Presence!]! @listSize(assumedSize: 4)\n}\n\n\"Somebody began to type, or ended.\"\ntype Typing {\n  \"Who.\"\n  user: User!\n  \"The id of the conversation.\"\n  conversationId: ID!\n  \"False once they ended, or said nothing for some seconds.\"\n  typing: Boolean!\n}\n\n\"How the viewer and another user stand.\"\ntype Friendship {\n  \"Whether they are friends, or one has asked the other.\"\n  status: FriendshipStatus!\n  \"Since when they are friends, or null.\"\n  since: DateTime\n  \"The viewer's own name for the friend, or null.\"\n  alias: String\n  \"The viewer has blocked this user. Nobody is told who has blocked them.\"\n  blockedByViewer: Boolean!\n}\n\n\"Whether two users are friends.\"\nenum FriendshipStatus {\n  \"They are not, and nobody has asked.\"\n  NONE\n  \"The viewer has asked, and waits for the answer.\"\n  REQUESTED_BY_VIEWER\n  \"The other one has asked the viewer.\"\n  REQUESTED_BY_THEM\n  \"They are friends.\"\n  FRIENDS\n}\n\n\"A friend of the viewer.\"\ntype Friend implements Node {\n  \"The id of the friendship: `f:alice~bob`, the two users in order.\"\n  id: ID!\n  \"Who it is.\"\n  user: User!\n  \"The viewer's own name for them, or null.\"\n  alias: String\n  \"Since when they are friends.\"\n  since: DateTime!\n  \"The id of the one conversation of the two.\"\n  conversationId: ID!\n}\n\n\"The order of a list of friends.\"\nenum FriendOrder {\n  \"\"\"\n  By the name that the viewer sees: the alias, or else the friend's own. Chinese names come first, by pinyin; then the others, by\n  the alphabet of their script. Case and accents matter only between names that are otherwise the same, and numbers count by their\n  value.\n  \"\"\"\n  NAME\n  \"The newest friendship first.\"\n  SINCE\n}\n\n\"Whose request it is.\"\nenum Direction {\n  \"Others ask the viewer.\"\n  INCOMING\n  \"The viewer asks others.\"\n  OUTGOING\n}\n\n\"What became of a request.\"\nenum RequestStatus {\n  \"It waits for an answer.\"\n  PENDING\n  \"The answer was yes.\"\n  ACCEPTED\n  \"The answer was no.\"\n  DECLINED\n  \"Who asked took it back.\"\n  WITHDRAWN\n}\n\n\"One user asks another one to be friends.\"\ntype FriendRequest implements Node {\n  \"The id of the request: `f:alice~bob:3`, the two users in order.\"\n  id: ID!\n  \"Who asks.\"\n  from: User!\n  \"Who is asked.\"\n  to: User!\n  \"What they say with it, or null.\"\n  note: String\n  \"What became of it.\"\n  status: RequestStatus!\n  \"When they asked.\"\n  requestedAt: DateTime!\n  \"When it was answered or taken back, or null.\"\n  decidedAt: DateTime\n}\n\n\"\"\"\nA message of the viewer's that waits for its time. Nobody else sees it. Once it is sent it is a `Message`, whose\n`clientMutationId` is the last part of this id.\n\"\"\"\ntype ScheduledMessage implements Node {\n  \"The id of the message while it waits: `s:<user>:<UUID>`.\"\n  id: ID!\n  \"Where it goes.\"\n  conversation: Conversation!\n  \"What it holds.\"\n  kind: MessageKind!\n  \"A thread or feed within the conversation, or null.\"\n  topic: String\n  \"Its text. Null for attachments without a caption.\"\n  text: String\n  \"At most 32.\"\n  attachments: [Attachment!]! @listSize(assumedSize: 4)\n  \"When it is sent: then, or up to about a second later. Where no server was running, as soon as one is again.\"\n  sendAt: DateTime!\n  \"\"\"\n  Why it could not be sent when its time had come, with the rights that the viewer had then: as `sendMessage` would be refused.\n  Null while it waits.\n  \"\"\"\n  failure: ErrorCode\n}\n\n\"People whom a business ties to each other: a family, a company, a department. Only they see it, and the scope `admin`.\"\ntype Circle implements Node {\n  \"`o:<name>`.\"\n  id: ID!\n  \"What it is: free text, at most 64 characters.\"\n  kind: String!\n  \"Its name: at most 128 characters.\"\n  name: String!\n  \"Who is in it, by id.\"\n  members(\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): UserConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"\"\"\n  The group whose members are those of the circle. Nobody joins, leaves, adds or removes there. Null if there is none that the\n  viewer is in.\n  \"\"\"\n  conversation: Conversation\n}\n\n\"What users say of their gender.\"\nenum Gender {\n  \"Female.\"\n  FEMALE\n  \"Male.\"\n  MALE\n  \"Another one.\"\n  OTHER\n}\n\n\"A word that describes a user or a group, and how much it does.\"\ntype Tag {\n  \"At most 64 characters.\"\n  name: String!\n  \"0 to 1,000,000. Searches by tags put the highest sum of scores first.\"\n  score: Float!\n}\n\n\"Messages in one order, and who may read them: between two users, or in a group.\"\ntype Conversation implements Node {\n  \"A group's is `g:…`, a channel's `c:…`, a direct conversation's `d:<user>~<user>`.\"\n  id: ID!\n  \"Whether it is between two users, a group's or a channel's.\"\n  kind: ConversationKind!\n  \"\"\"\n  A group's title, at most 128 characters. DIRECT: the name of the other user. Those who have left a group that is not public see\n  this, and all that it says of itself, as it was when they left.\n  \"\"\"\n  title: String!\n  \"A group's picture, or null.\"\n  avatarUrl: URL\n  \"What a group is about, at most 4,096 characters, or null.\"\n  description: String\n  \"What a group tells its members, at most 4,096 characters, or null.\"\n  announcement: String\n  \"A group's type or label, at most 64 characters, or null.\"\n  category: String\n  \"A group's tags: at most 64. DIRECT: none.\"\n  tags: [Tag!]! @listSize(assumedSize: 8)\n  \"When the group was made. DIRECT: when its first message was sent, null before.\"\n  createdAt: DateTime\n  \"How others become members. DIRECT: INVITE.\"\n  joinPolicy: JoinPolicy!\n  \"Those outside may find it, and read and search its history.\"\n  public: Boolean!\n  \"Members see what was sent before they joined.\"\n  historyVisible: Boolean!\n  \"The text of a group's QR code. `code` reads it. DIRECT: null.\"\n  code: String\n  \"DIRECT: the other user. Else null.\"\n  peer: User\n  \"\"\"\n  How many members it has. CHANNEL: its followers and its staff. For those who have left a group that is not public: how many it\n  had then.\n  \"\"\"\n  memberCount: Int!\n  \"Its members, in the order in which they joined. For those who have left a group that is not public: none.\"\n  members(\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n    \"Only members with this role.\"\n    role: Role\n    \"\"\"\n    CHANNEL: only its followers (true), or only its staff (false). Its followers are listed for its staff alone; others get the\n    staff.\n    \"\"\"\n    followers: Boolean\n  ): MemberConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"The viewer as a member. Null if they are not a member, and in a direct conversation before its first message.\"\n  membership: Member\n  \"\"\"\n  Messages in ascending order, a page of them. The cursor of an edge is the message's seq in decimal: `last: 30` is the newest\n  page, `last: 30, before: \"41\"` is the page before seq 41. With neither `first` nor `last` it is `last: 30`.\n  \"\"\"\n  messages(\n    \"How many from the beginning, or from `after` on: 1 to 100. Give one of `first` and `last`.\"\n    first: Int\n    \"A seq in decimal: only messages after it.\"\n    after: String\n    \"How many from the end, or up to `before`: 1 to 100.\"\n    last: Int\n    \"A seq in decimal: only messages before it.\"\n    before: String\n    \"The page with this seq in its middle, as long as `first` says (30). Give only `first` beside it.\"\n    around: Int\n  ): MessageConnection! @listSize(slicingArguments: [\"first\", \"last\"], assumedSize: 30, sizedFields: [\"edges\"])\n  \"One message. Null if there is none that the viewer may see.\"\n  message(\"Its place in the conversation: 1 or more.\" seq: Int!): Message\n  \"The seq of the newest message that the viewer may know of. 0 if there is none.\"\n  lastSeq: Int!\n  \"The newest message that the viewer may see, or null.\"\n  lastMessage: Message\n  \"When the newest message was sent, or else when the conversation was made.\"\n  lastActivityAt: DateTime\n  \"How far the viewer has read, on any device: a seq. 0: not at all.\"\n  readSeq: Int!\n  \"\"\"\n  How many messages the viewer has not read. Those from before they joined, their own, recalled and expired ones do not count. 0\n  if they are not a member.\n  \"\"\"\n  unreadCount: Int!\n  \"How many unread messages mention the viewer, or everyone.\"\n  unreadMentions: Int!\n  \"The invitations that can be used now, the newest first. None for those who are neither the owner nor an administrator.\"\n  invites: [Invite!]! @listSize(assumedSize: 20)\n  \"Others who are typing: at most 20. None if the viewer is not a member, or in a direct conversation one has blocked the other.\"\n  typing: [User!]! @listSize(assumedSize: 4)\n  \"\"\"\n  How many unread messages answer one that the viewer sent or has answered too. Recalled ones do not count. Of very many threads\n  those count that were answered last: 100.\n  \"\"\"\n  unreadReplies: Int!\n  \"\"\"\n  Reports of its messages, for its owner and administrators: the open ones, the oldest first, or those that were decided, the last one\n  first. None of messages of the viewer's own. None for anybody else, and in a direct conversation: see `Admin.reports`.\n  \"\"\"\n  reports(\n    \"Those that are open (true), or those that were decided.\"\n    open: Boolean = true\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): ReportConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"The pinned messages that the viewer may see, the one that was pinned last first. There are at most 50.\"\n  pins: [Message!]! @listSize(assumedSize: 16)\n}\n\n\"What a conversation is.\"\nenum ConversationKind {\n  \"Between two users: there is exactly one for each pair.\"\n  DIRECT\n  \"Of a group.\"\n  GROUP\n  \"\"\"\n  Of a channel: an official account, with any number of followers. Its members are its staff: they have roles, and they alone\n  write, react and pin in it. `join` follows it, and `leave` unfollows it; a follower's role is MEMBER and `Member.follower` is\n  true. Everyone may find, read and follow a channel that is public. One that is not public can be followed by its id if it is\n  OPEN; else its staff lets followers in (`answerJoinRequest`, `createInvite`). All that it posted is open to its followers.\n  `addMembers` makes users members of the staff. Where only friends may write to each other, its followers may write to its staff\n  too, and its staff to a follower of whom one of the newest 50 messages between the two is; so strangers are asked before they\n  are of the staff.\n  \"\"\"\n  CHANNEL\n}\n\n\"Who becomes a member without an owner or administrator who adds them.\"\nenum JoinPolicy {\n  \"\"\"\n  Whoever knows the group's id joins, and every member adds others. Ids cannot be guessed: a code, a link or a member gives them\n  away.\n  \"\"\"\n  OPEN\n  \"\"\"\n  Whoever knows the group's id may ask to join (`join`), and an owner or administrator decides. A public channel is followed at\n  once, whatever its policy is.\n  \"\"\"\n  APPROVAL\n  \"\"\"\n  Only those whom an owner or administrator adds, asks in, or gives an invitation. To others the id of a group that is not public\n  says nothing.\n  \"\"\"\n  INVITE\n}\n\n\"What a member may do in a group. In a direct conversation both are MEMBER.\"\nenum Role {\n  \"Everything. There is exactly one owner, as long as the group has members.\"\n  OWNER\n  \"\"\"\n  Changes what the group says of itself; adds, removes and silences members; answers requests to join; makes invitations; pins\n  messages, and recalls those of others.\n  \"\"\"\n  ADMIN\n  \"Reads and writes.\"\n  MEMBER\n}\n\n\"A user as a member of a conversation.\"\ntype Member implements Node {\n  \"`m:<conversation>~<user>`.\"\n  id: ID!\n  \"Who it is.\"\n  user: User!\n  \"What they may do.\"\n  role: Role!\n  \"May not write until then. Null: may write.\"\n  silencedUntil: DateTime\n  \"When they joined, the last time.\"\n  joinedAt: DateTime!\n  \"The seq of the newest message when they joined. Messages above it are this member's, and unread counts begin there.\"\n  joinedSeq: Int!\n  \"\"\"\n  How far they have read: a seq. 0: not at all. Those outside a public group are told 0, and so are followers of a channel, of others\n  than themselves.\n  \"\"\"\n  readSeq: Int!\n  \"CHANNEL: whether they follow it and are not of its staff. A follower's role is MEMBER. Else false.\"\n  follower: Boolean!\n  \"What they want to be called in the group: at most 128 characters, or null.\"\n  nickname: String\n  \"They want to hear nothing of it: it does not count in `unreadTotal`. Of other members than the viewer: false.\"\n  muted: Boolean!\n  \"It comes first in the list of conversations. Of other members than the viewer: false.\"\n  pinned: Boolean!\n  \"It is left out of the list of conversations, until its next message. Of other members than the viewer: false.\"\n  hidden: Boolean!\n}\n\n\"\"\"\nAn invitation to a group, which a link or a QR code holds. Whoever has its code may use it, whatever the group's `joinPolicy`. It\ncannot be guessed. Of one that is no longer good, those who may not see the group are told what the group was when they left.\n\"\"\"\ntype Invite implements Node {\n  \"The id of the invitation. It holds the code, so it is as secret as that.\"\n  id: ID!\n  \"The text of the invitation: `join` takes it as `inviteCode`, and `code` reads it.\"\n  code: String!\n  \"Who made it.\"\n  createdBy: User!\n  \"Until when it is good, or null.\"\n  expiresAt: DateTime\n  \"How often it can be used, or null.\"\n  usesLeft: Int\n  \"The title of the group.\"\n  title: String!\n  \"The picture of the group, or null.\"\n  avatarUrl: URL\n  \"What the group is about, or null.\"\n  description: String\n  \"How many members the group has.\"\n  memberCount: Int!\n}\n\n\"\"\"\nSomeone asks to be let into a group, and its owner or an administrator decides. With `invitedBy` it is the other way round: a\nmember asks someone in, and that one decides. They see it, and the one who asked, and the group's owner and administrators.\n\"\"\"\ntype JoinRequest implements Node {\n  \"The id of the request: `j:<group>~<user>:<number>`.\"\n  id: ID!\n  \"\"\"\n  The group. To those who may not see it otherwise, it is as it was when the request was made or decided; nothing of its history is\n  shown, and `memberCount` is 0.\n  \"\"\"\n  conversation: Conversation!\n  \"Who is to become a member.\"\n  user: User!\n  \"The member who asked them in. Null where they asked themselves.\"\n  invitedBy: User\n  \"What they say with it, or null.\"\n  note: String\n  \"What became of it.\"\n  status: RequestStatus!\n  \"When it was made.\"\n  requestedAt: DateTime!\n  \"When it was answered or taken back, or null.\"\n  decidedAt: DateTime\n  \"Who answered it or took it back, or null.\"\n  decidedBy: User\n}\n\n\"A message, as it is now.\"\ntype Message implements Node {\n  \"`<conversation>:<seq>`.\"\n  id: ID!\n  \"Where it was sent.\"\n  conversation: Conversation!\n  \"Its place in its conversation: counted from 1 without gaps, in the order of the log.\"\n  seq: Int!\n  \"Its place in the log.\"\n  cursor: Cursor!\n  \"Who sent it.\"\n  sender: User!\n  \"The id that its sender gave the call.\"\n  clientMutationId: String!\n  \"When it was sent. An imported message has the time of its archive.\"\n  sentAt: DateTime!\n  \"What it holds.\"\n  kind: MessageKind!\n  \"A thread or feed within the conversation: free text, at most 128 characters, or null.\"\n  topic: String\n  \"At most 16,384 characters. Null once the message was recalled or has expired, and for attachments without a caption.\"\n  text: String\n  \"At most 32. None once the message was recalled or has expired.\"\n  attachments: [Attachment!]! @listSize(assumedSize: 4)\n  \"The message that this one answers. Null if it answers none that the viewer may see.\"\n  replyTo: Message\n  \"\"\"\n  Answers to this message, in the order of the log: its thread. Direct answers alone: an answer to one of them is in the thread of\n  that one. Recalled answers stay. The cursor of an edge is the message's seq in decimal.\n  \"\"\"\n  replies(\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): MessageConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"\"\"\n  How many answers to it the viewer may see, recalled ones among them. `replies`, `replyCount` and `lastReplyAt` look at no more\n  than the newest 20 of somebody's earlier stays.\n  \"\"\"\n  replyCount: Int!\n  \"When the newest answer that the viewer may see was sent, or null.\"\n  lastReplyAt: DateTime\n  \"The message that it is a copy of. Null if it is none, or if the viewer may not see that one.\"\n  forwardedFrom: Message\n  \"The users whom it names: at most 128. None once it was recalled or has expired.\"\n  mentions: [User!]! @listSize(assumedSize: 8)\n  \"It names everyone in the conversation.\"\n  mentionsAll: Boolean!\n  \"When it was edited last, or null.\"\n  editedAt: DateTime\n  \"When it was recalled, or null. Then it has neither text nor attachments nor mentions nor reactions.\"\n  recalledAt: DateTime\n  \"\"\"\n  When it expires, or did. From then on it has neither text nor attachments nor mentions, and is found by no search. Null: it\n  does not expire.\n  \"\"\"\n  expiresAt: DateTime\n  \"\"\"\n  How many members have read it: those who are members now, and joined before it was sent. Who sent it does not count. In a channel\n  its staff is meant. 0 for a viewer who is no member, or not of the staff.\n  \"\"\"\n  readCount: Int!\n  \"Who has read it, of those whom `readCount` counts. A page may be shorter, and go on nevertheless: see its `pageInfo`.\"\n  readBy(\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): UserConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"], alsoReads: 500)\n  \"\"\"\n  How members reacted to it: at most 50 different emoji, in the order in which each came first. None once it was recalled or has\n  expired.\n  \"\"\"\n  reactions: [Reaction!]! @listSize(assumedSize: 8)\n}\n\n\"Members reacted to a message with an emoji.\"\ntype Reaction {\n  \"The emoji, always in the form in which it is shown in colours.\"\n  emoji: String!\n  \"How many members reacted with it.\"\n  count: Int!\n  \"The viewer did.\"\n  byViewer: Boolean!\n}\n\n\"\"\"\nThat a message should not be there, as a user or a rule says. Whoever reported it sees what they said; the rest is for those who decide:\nthe owner and administrators of the group, and whoever has the scope `admin`.\n\"\"\"\ntype Report implements Node {\n  \"`r:<conversation>:<seq>~<user>`, of a rule `r:<conversation>:<seq>~@<rule>`.\"\n  id: ID!\n  \"The message as it is now. Null for those who may not see it otherwise.\"\n  message: Message\n  \"The message as it was when it was reported, also if it was edited or recalled since. Null for those who do not decide.\"\n  reported: ReportedMessage\n  \"Who reported it. Null: a rule did.\"\n  reporter: User\n  \"The rule that reported it, by its name. Null: a user did.\"\n  rule: String\n  \"Why: at most 1,024 characters.\"\n  reason: String!\n  \"When.\"\n  reportedAt: DateTime!\n  \"What was decided. Null: nothing yet.\"\n  action: ModerationAction\n  \"Who decided. Null: nobody yet.\"\n  decidedBy: User\n  \"When it was decided, or null.\"\n  decidedAt: DateTime\n  \"Why it was decided so, or null.\"\n  decisionReason: String\n  \"SILENCE: until when the sender may not write there. Else null.\"\n  silencedUntil: DateTime\n}\n\n\"A message as it was when it was reported.\"\ntype ReportedMessage {\n  \"The id of its conversation.\"\n  conversationId: ID!\n  \"Its place in its conversation.\"\n  seq: Int!\n  \"Who sent it.\"\n  sender: User!\n  \"When it was sent.\"\n  sentAt: DateTime!\n  \"What it held.\"\n  kind: MessageKind!\n  \"Its text, or null.\"\n  text: String\n  \"The names of its files.\"\n  files: [String!]! @listSize(assumedSize: 4)\n}\n\n\"What is done about a report.\"\nenum ModerationAction {\n  \"Nothing.\"\n  DISMISS\n  \"The message is recalled.\"\n  RECALL\n  \"Its sender may not write in the group for a while.\"\n  SILENCE\n  \"Its sender is removed from the group.\"\n  REMOVE\n  \"Its sender is banned from the server.\"\n  BAN\n}\n\n\"That a user is banned from the server.\"\ntype Ban {\n  \"Who.\"\n  user: User!\n  \"Who did it.\"\n  bannedBy: User!\n  \"Why, or null.\"\n  reason: String\n  \"When.\"\n  bannedAt: DateTime!\n}\n\n\"What a message holds. All but TEXT have at least one attachment, and may have a text as a caption.\"\nenum MessageKind {\n  \"A text.\"\n  TEXT\n  \"Pictures.\"\n  IMAGE\n  \"Files.\"\n  FILE\n  \"Sound.\"\n  AUDIO\n  \"Films.\"\n  VIDEO\n}\n\n\"A file that belongs to a message: at an address of its sender's, or one that was uploaded (`createUpload`).\"\ntype Attachment {\n  \"\"\"\n  Where it is. Of an uploaded file it is made for whoever asks, needs no token, and works until `expiresAt`: ask again for another\n  one. What browsers could run is given to them only to be kept.\n  \"\"\"\n  url: URL!\n  \"The name of the file: at most 255 characters.\"\n  name: String!\n  \"What it is: `image/png`, for example. Of an uploaded file: by its content.\"\n  mediaType: String!\n  \"In bytes.\"\n  size: Int!\n  \"In pixels, or null. Of an uploaded picture: as it is seen, turned as the camera was held.\"\n  width: Int\n  \"In pixels, or null.\"\n  height: Int\n  \"Where a small picture of an uploaded picture is, at most 512 pixels wide and high, as WebP; or null. It works as long as `url`.\"\n  thumbnailUrl: URL\n  \"How long `url` and `thumbnailUrl` work: half of FILE_ADDRESS_TTL at least. Null: Tidings does not end it.\"\n  expiresAt: DateTime\n}\n\n# ----------------------------------------------------------------------------------------------------------------- search\n\n\"\"\"\nWhich messages to find. All given conditions must hold. Only messages that the viewer may see are found, as they are now.\n\nA user's searches run one after the other: RATE_LIMITED if too many wait. A search that takes too long is UNAVAILABLE: name a\nconversation, a sender or a time, or give rarer words.\n\"\"\"\ninput MessageQuery {\n  \"\"\"\n  Words: a message must have all of them. Words between double quotes are a phrase; `*` at the end of a word stands for any\n  ending. Case, width, accents, and traditional or simplified characters make no difference. At most 1,000 characters, and 32\n  words and phrases.\n  \"\"\"\n  text: String\n  \"Only in this conversation.\"\n  conversationId: ID\n  \"Only from this user.\"\n  senderId: ID\n  \"Only of this kind.\"\n  kind: MessageKind\n  \"Only with this topic.\"\n  topic: String\n  \"Only later than this. Digits below the millisecond count.\"\n  sentAfter: DateTime\n  \"Only earlier than this. Digits below the millisecond count.\"\n  sentBefore: DateTime\n  \"Also in public groups that the viewer is not in.\"\n  includePublic: Boolean = false\n  \"Which come first.\"\n  orderBy: SearchOrder = NEWEST\n}\n\n\"Which of the messages that were found come first.\"\nenum SearchOrder {\n  \"By `sentAt`, then conversation and seq, the newest first. Every engine gives the same order.\"\n  NEWEST\n  \"\"\"\n  The messages that have the words more often and are shorter. Each engine weighs that in its own way, and no other message\n  counts. It may rank only the newest 10,000. Without `text` it is NEWEST.\n  \"\"\"\n  RELEVANCE\n}\n\n\"Which people to find. All given conditions must hold: give at least one of `name`, `tags`, `near` and `within`.\"\ninput UserQuery {\n  \"Words of the name, as in a search of messages. Or the whole of an id, a handle (with or without `@`) or a QR code's text.\"\n  name: String\n  \"Those who have all of these tags: 1 to 16. They are compared as words are. The highest sum of their scores comes first.\"\n  tags: [String!]\n  \"\"\"\n  Those who gave a location in this circle. Their place is the middle of a cell of a grid of at least 100 m. Without `tags` the\n  nearest come first.\n  \"\"\"\n  near: Near\n  \"\"\"\n  Those whose place, the same as for `near`, is inside of this polygon: 3 to 500 corners. Corners more than 180° of longitude\n  apart are joined across the antimeridian.\n  \"\"\"\n  within: [PointInput!]\n  \"Only friends of the viewer.\"\n  friendsOnly: Boolean = false\n}\n\n\"Which groups to find. All given conditions must hold: give at least one.\"\ninput ConversationQuery {\n  \"Words of the title, as in a search of messages. Or the whole of an id or a QR code's text.\"\n  name: String\n  \"Those that have all of these tags: 1 to 16. They are compared as words are. The highest sum of their scores comes first.\"\n  tags: [String!]\n  \"Those of this category. It is compared as words are.\"\n  category: String\n}\n\n\"A circle on the Earth.\"\ninput Near {\n  \"The latitude of its middle, in degrees: -90 to 90.\"\n  latitude: Float!\n  \"The longitude of its middle, in degrees: -180 to 180.\"\n  longitude: Float!\n  \"In metres: above 0, at most 20,100,000.\"\n  radius: Float!\n}\n\n\"A point on the Earth.\"\ninput PointInput {\n  \"In degrees: -90 to 90.\"\n  latitude: Float!\n  \"In degrees: -180 to 180.\"\n  longitude: Float!\n}\n\n\"A piece of a text.\"\ntype TextRun {\n  \"The piece as it stands in the text.\"\n  text: String!\n  \"Whether it matches the search.\"\n  hit: Boolean!\n}\n\n\"A message that was found.\"\ntype MessageHit {\n  \"The message.\"\n  message: Message!\n  \"Its text in pieces: joined they are the text. None if the message has no text.\"\n  highlights: [TextRun!]! @listSize(assumedSize: 16)\n}\n\n\"A user who was found.\"\ntype UserHit {\n  \"The user.\"\n  user: User!\n  \"The sum of the scores of the tags that were asked for. Null if none were.\"\n  score: Float\n  \"From the middle of `near`, in metres, rounded to 100. Null without `near`.\"\n  distance: Float\n}\n\n\"A group that was found.\"\ntype ConversationHit {\n  \"The group.\"\n  conversation: Conversation!\n  \"The sum of the scores of the tags that were asked for. Null if none were.\"\n  score: Float\n}\n\n\"What a code may mean. An invitation that is no longer good means nothing.\"\nunion CodeTarget = User | Conversation | Invite\n\n# ------------------------------------------------------------------------------------------------------------ subscriptions\n\n\"\"\"\nWhat happens, as it happens: over a WebSocket, or as server-sent events. A subscription first gives all that was missed after `after`, then InboxCaughtUp,\nthen what happens from now on: nothing missing, nothing twice, in the order of the log. Without `after` it begins with\nInboxCaughtUp.\n\nKeep the cursor of the last entry, and give it as `after` whenever you subscribe, also after a lost connection. If the server's\nviews have not reached the cursor yet (a mutation's may be that new), the subscription waits for them. While the views are being\nrebuilt, InboxCaughtUp comes when they hold what was in the log when the server started. A subscription ends with an error if an\nentry cannot be read: subscribe again with the last cursor.\n\"\"\"\ntype Subscription {\n  \"\"\"\n  All that happens to the viewer, as in `sync`, also what the inbox itself keeps no more (`SyncPage.overflow`): to skip that, ask\n  `sync` first. NOT_FOUND for those who never registered.\n  \"\"\"\n  inbox(\"The cursor of the last entry that the client has. Null: only what happens from now on.\" after: Cursor): InboxEntry!\n  \"\"\"\n  All that happens in one conversation: for a page that shows only this one. NOT_FOUND if the viewer may not see it. It ends\n  with FORBIDDEN when the viewer is no longer a member and has got everything up to then.\n  \"\"\"\n  conversation(\n    \"The conversation's id. A direct conversation may have no message yet.\"\n    id: ID!\n    \"The cursor of the last entry that the client has. Null: only what happens from now on.\"\n    after: Cursor\n  ): InboxEntry!\n  \"\"\"\n  Who is typing in one conversation: first those who are just now, then each who begins or ends, but the viewer. Nothing of it is\n  kept. It ends with FORBIDDEN when the viewer is no longer a member. FORBIDDEN or NOT_FOUND for others than members.\n  \"\"\"\n  typing(\"The conversation's id.\" conversationId: ID!): Typing!\n  \"\"\"\n  The presence of users: first of each as it is now, then of each that changes. Of a user whose presence the viewer may not see\n  (`User.presence`), and of none, nothing comes. LIMIT_EXCEEDED if the viewer would watch more than 10,000 over all subscriptions.\n  \"\"\"\n  presence(\"The users' ids: 1 to 500.\" userIds: [ID!]!): UserPresence!\n  \"\"\"\n  Progress of one replay or verification: the projection's status as it is, then as it changes, at most four times a second. It ends\n  with the status after what is under way, or, if nothing is, after what begins next. Needs the scope `admin`: FORBIDDEN without it.\n  \"\"\"\n  projection(\"The projection's name, such as `timelines` or `search`.\" name: String!): ProjectionStatus!\n}\n\n\"Something that happened.\"\ninterface InboxEntry {\n  \"Its place in the log: where to go on from after it.\"\n  cursor: Cursor!\n  \"When it happened.\"\n  at: DateTime!\n}\n\n\"The client has got all that was missed. What follows happens now.\"\ntype InboxCaughtUp implements InboxEntry {\n  \"The client has got everything up to here.\"\n  cursor: Cursor!\n  \"When it was said.\"\n  at: DateTime!\n}\n\n\"`after` was too old to go on from (see `SyncPage.resetRequired`): read everything again, and go on from here.\"\ntype InboxReset implements InboxEntry {\n  \"Where to go on from, after everything was read again.\"\n  cursor: Cursor!\n  \"When it was said.\"\n  at: DateTime!\n}\n\n\"A message was sent, by another or by the viewer on any device.\"\ntype MessageReceived implements InboxEntry {\n  \"Its place in the log: where to go on from after it.\"\n  cursor: Cursor!\n  \"When it was sent.\"\n  at: DateTime!\n  \"The message as it is now: it may have been edited or recalled since, or have expired.\"\n  message: Message!\n  \"The same as `Conversation.messages` gives it, for clients that keep lists.\"\n  edge: MessageEdge!\n  \"The viewer, whose `unreadTotal` may have changed.\"\n  viewer: Viewer!\n}\n\n\"A message was edited, recalled, pinned or unpinned, or has expired, or somebody reacted to it.\"\ntype MessageChanged implements InboxEntry {\n  \"Its place in the log: where to go on from after it.\"\n  cursor: Cursor!\n  \"When it was changed.\"\n  at: DateTime!\n  \"The message as it is now.\"\n  message: Message!\n  \"What was done to it.\"\n  messageChange: MessageChange!\n}\n\n\"What was done to a message.\"\nenum MessageChange {\n  \"It has a new text.\"\n  EDITED\n  \"It was taken back.\"\n  RECALLED\n  \"Somebody reacted to it, or took a reaction back.\"\n  REACTED\n  \"It was pinned.\"\n  PINNED\n  \"It is no longer pinned.\"\n  UNPINNED\n  \"Its time was over (`expiresAt`).\"\n  EXPIRED\n}\n\n\"The viewer read on, on any device.\"\ntype ReadMoved implements InboxEntry {\n  \"Its place in the log: where to go on from after it.\"\n  cursor: Cursor!\n  \"When they read.\"\n  at: DateTime!\n  \"Where they read.\"\n  conversation: Conversation!\n  \"How far they have read.\"\n  readSeq: Int!\n  \"The viewer, whose `unreadTotal` may have changed.\"\n  viewer: Viewer!\n}\n\n\"Somebody joined, left, was removed, was silenced, or has another role; or the group was dissolved.\"\ntype MembershipChanged implements InboxEntry {\n  \"Its place in the log: where to go on from after it.\"\n  cursor: Cursor!\n  \"When it happened.\"\n  at: DateTime!\n  \"Which group it is.\"\n  conversation: Conversation!\n  \"Whom it is about.\"\n  user: User!\n  \"Who did it: the same user, or another.\"\n  actor: User!\n  \"What happened.\"\n  membershipChange: MembershipChange!\n}\n\n\"Somebody asked to join a group, or was asked in, or such a request was answered or taken back.\"\ntype JoinRequestChanged implements InboxEntry {\n  \"Its place in the log: where to go on from after it.\"\n  cursor: Cursor!\n  \"When it happened.\"\n  at: DateTime!\n  \"The request as it is now.\"\n  request: JoinRequest!\n}\n\n\"A group has another title, announcement or the like, or others may see it or join it.\"\ntype ConversationChanged implements InboxEntry {\n  \"Its place in the log: where to go on from after it.\"\n  cursor: Cursor!\n  \"When it was changed.\"\n  at: DateTime!\n  \"The conversation as it is now.\"\n  conversation: Conversation!\n}\n\n\"The viewer asked somebody to be friends, was asked, or such a request was answered or taken back.\"\ntype FriendRequestChanged implements InboxEntry {\n  \"Its place in the log: where to go on from after it.\"\n  cursor: Cursor!\n  \"When it happened.\"\n  at: DateTime!\n  \"The request as it is now.\"\n  request: FriendRequest!\n}\n\n\"The viewer and a user became friends or ceased to be, or the viewer gave them an alias, or blocked or unblocked them.\"\ntype FriendshipChanged implements InboxEntry {\n  \"Its place in the log: where to go on from after it.\"\n  cursor: Cursor!\n  \"When it happened.\"\n  at: DateTime!\n  \"The other one. `User.friendship` says how the two stand in full.\"\n  user: User!\n  \"How they stand now.\"\n  status: FriendshipStatus!\n}\n\n\"What happened to a membership.\"\nenum MembershipChange {\n  \"They are a member now: they joined, or were added.\"\n  JOINED\n  \"They went by themselves.\"\n  LEFT\n  \"Another member removed them.\"\n  REMOVED\n  \"They have another role.\"\n  ROLE_CHANGED\n  \"They may not write until a time (`Member.silencedUntil`), or may write again.\"\n  SILENCED\n  \"The owner has dissolved the group. Nobody is a member any more.\"\n  DISSOLVED\n}\n\n# -------------------------------------------------------------------------------------------------------------- mutations\n\n\"\"\"\nChanges. Each field lists its own error codes. Any of these may come too: UNAUTHENTICATED; RATE_LIMITED and UNAVAILABLE, after\nwhich you send the same call with the same `clientMutationId` again; LIMIT_EXCEEDED, if the operation may write more than 1,000\nevents, or if its answer is too large (then the change is made nevertheless); and INTERNAL. All but `register` and those that\nneed the scope `admin` answer NOT_FOUND to a user who never registered.\n\"\"\"\ntype Mutation {\n  \"\"\"\n  Makes the user of the token known to others. Call it once, before anything else.\n\n  Errors:\n  - BAD_INPUT: a name, a handle or another input is not allowed, or the handle is reserved.\n  - CONFLICT: the handle is taken, or looks like one that is taken. The user has registered already. The `clientMutationId` was\n    used with other input.\n  \"\"\"\n  register(\"What the user says of themselves.\" input: RegisterInput!): UserPayload @appends(events: 3)\n  \"\"\"\n  Changes what the user says of themselves. What is left out stays; null removes it.\n\n  Errors:\n  - BAD_INPUT: a name, a handle or another input is not allowed. `handle`, `name` and `tags` cannot be null.\n  - CONFLICT: the handle is taken, or looks like one that is taken.\n  - NOT_FOUND: the user never registered.\n  \"\"\"\n  updateProfile(\"What changes.\" input: UpdateProfileInput!): UserPayload @appends(events: 5)\n  \"\"\"\n  Says where others find the user with `searchUsers`. Others never get the place itself, only the middle of a cell of a grid of\n  at least 100 m. Distances are rounded to 100 m.\n\n  Errors:\n  - BAD_INPUT: `point` is missing, or not on the Earth.\n  - NOT_FOUND: the user never registered.\n  \"\"\"\n  setLocation(\"The place, or null.\" input: SetLocationInput!): UserPayload @appends\n  \"\"\"\n  Adds a device of the user, so that it can be told apart from others and reached by pushes. The same id again replaces what was\n  said of it. Where pushes go to is never shown again.\n\n  Errors:\n  - BAD_INPUT: the id cannot be a device's, or is the id of a user. The name is too long, or nothing can be seen in it. Only one of\n    `pushService` and `pushToken` is given. The token is none of its service, or leads to no public push service.\n  - LIMIT_EXCEEDED: the user has as many devices as a user may have (DEVICES_MAX).\n  - NOT_FOUND: the user never registered.\n  \"\"\"\n  addDevice(\"The device.\" input: AddDeviceInput!): DevicePayload @appends\n  \"\"\"\n  Removes a device of the user. Tokens that name it stay good: it counts as OTHER from now on.\n\n  Errors:\n  - BAD_INPUT: the id cannot be a device's.\n  - NOT_FOUND: the user has no such device. The user never registered.\n  \"\"\"\n  removeDevice(\"Which device.\" input: NodeInput!): DevicePayload @appends\n  \"\"\"\n  Asks a user to be friends. If they have asked the viewer already, both are friends at once. A request that waits stays as it is.\n\n  Errors:\n  - BAD_INPUT: the user is the viewer. The note or the alias is too long, or nothing can be seen in the alias.\n  - CONFLICT: they are friends already.\n  - FORBIDDEN: one of the two has blocked the other.\n  - LIMIT_EXCEEDED: one of the two has as many friends as a user may have (FRIENDS_MAX).\n  - NOT_FOUND: there is no such user. The viewer never registered.\n  \"\"\"\n  requestFriendship(\"Whom, and what to say.\" input: RequestFriendshipInput!): FriendRequestPayload @appends(events: 4)\n  \"\"\"\n  Answers a request for friendship. Only who was asked may.\n\n  Errors:\n  - BAD_INPUT: the id is not that of a request.\n  - CONFLICT: it was answered the other way, or taken back, or there is a newer one.\n  - FORBIDDEN: the viewer made the request.\n  - LIMIT_EXCEEDED: one of the two has as many friends as a user may have (FRIENDS_MAX).\n  - NOT_FOUND: there is no such request that the viewer may see. The viewer never registered.\n  \"\"\"\n  answerFriendRequest(\"Which request, and the answer.\" input: AnswerInput!): FriendRequestPayload @appends(events: 3)\n  \"\"\"\n  Takes a request for friendship back. Only who made it may.\n\n  Errors:\n  - BAD_INPUT: the id is not that of a request.\n  - CONFLICT: it was answered already, or there is a newer one.\n  - FORBIDDEN: the viewer was asked by it.\n  - NOT_FOUND: there is no such request that the viewer may see. The viewer never registered.\n  \"\"\"\n  withdrawFriendRequest(\"Which request.\" input: NodeInput!): FriendRequestPayload @appends\n  \"\"\"\n  Ends a friendship, for both. Their aliases are gone. It changes nothing where the two are not friends.\n\n  Errors:\n  - BAD_INPUT: the id is not that of a user.\n  - NOT_FOUND: there is no such user. The viewer never registered.\n  \"\"\"\n  endFriendship(\"With whom.\" input: UserInput!): UserPayload @appends\n  \"\"\"\n  Gives a friend a name of the viewer's own, which only the viewer sees.\n\n  Errors:\n  - BAD_INPUT: the alias is too long, or nothing can be seen in it.\n  - CONFLICT: they are not friends.\n  - NOT_FOUND: there is no such user. The viewer never registered.\n  \"\"\"\n  setAlias(\"Whom, and the name.\" input: SetAliasInput!): UserPayload @appends\n  \"\"\"\n  Blocks a user, or ends the block. While it lasts neither of the two can send the other a message or a request. A request between\n  the two that waits is over. It is answered once the block is in force.\n\n  Errors:\n  - BAD_INPUT: the user is the viewer.\n  - NOT_FOUND: there is no such user. The viewer never registered.\n  \"\"\"\n  block(\"Whom, and whether.\" input: BlockInput!): UserPayload @appends(events: 2)\n  \"\"\"\n  Sends a message to a conversation, or to a user: give one of `conversationId` and `userId`. A webhook that is asked before\n  (`PutWebhookInput.beforeSend`) may change its text: the message that is answered has it as it was stored.\n\n  Errors:\n  - BAD_INPUT: both or none of the two is given. A message to oneself. A text that is blank or too long, or another input that\n    is not allowed. An upload that is not what it was said to be.\n  - CONFLICT: the `clientMutationId` was used for another message in this conversation. The bytes of an upload have not come, or\n    another message has it.\n  - FORBIDDEN: the user may see the conversation, but is not a member of it, or is silenced there. In a direct one: one of the two\n    has blocked the other, or they are not friends and only friends may write to each other (DIRECT_MESSAGES). Or a rule of the\n    server refuses it, or a webhook that is asked: then `field` is `text`, and the message is for the user.\n  - LIMIT_EXCEEDED: an uploaded picture has too many pixels (PICTURE_PIXELS_MAX).\n  - NOT_FOUND: there is no such conversation or user, no such message to answer, no such user to mention, or no such upload of the\n    user's that may still be sent. The user never registered.\n  \"\"\"\n  sendMessage(\"The message, and where it goes.\" input: SendMessageInput!): MessagePayload @appends\n  \"\"\"\n  An address to put a file's bytes to: send them there with the method and the headers that it names, and with no token. Then\n  `sendMessage` or `scheduleMessage` names `upload.id` in an attachment, within a day unless the server is set otherwise\n  (UPLOADS_KEPT). The file is deleted when no message holds it any more.\n\n  Errors:\n  - BAD_INPUT: a name in which nothing can be seen, no media type, a size below 1, or another input that is not allowed.\n  - CONFLICT: the `clientMutationId` was used for another upload.\n  - LIMIT_EXCEEDED: the file is too large (FILE_SIZE_MAX), too many wait to be sent (UPLOADS_WAITING), or too much was uploaded\n    today (UPLOADS_PER_DAY, UPLOAD_BYTES_PER_DAY).\n  - NOT_FOUND: the user never registered.\n  - UNAVAILABLE: the server keeps no files (FILES_URL), or what keeps them is away.\n  \"\"\"\n  createUpload(\"Which file.\" input: CreateUploadInput!): UploadPayload @appends(events: 3)\n  \"\"\"\n  Has a message sent at a time: once, by the server, and with the rights that the user has then. What `sendMessage` would be\n  refused for then is not sent, and is told by `scheduled(failed: true)`. `sentAt` of the message is when it was really sent.\n\n  Errors:\n  - BAD_INPUT: both or none of the two is given. A message to oneself. A time that is over, or more than a year ahead. A text\n    that is blank or too long, or another input that is not allowed.\n  - CONFLICT: the `clientMutationId` was used for another message of this schedule. An upload: as for `sendMessage`.\n  - FORBIDDEN: as for `sendMessage`, if it were sent now.\n  - LIMIT_EXCEEDED: as many messages wait already as may wait (SCHEDULED_MAX). An uploaded picture has too many pixels.\n  - NOT_FOUND: there is no such conversation or user, or no such upload of the user's. The user never registered.\n  \"\"\"\n  scheduleMessage(\"The message, where it goes, and when.\" input: ScheduleMessageInput!): ScheduledPayload @appends(events: 4)\n  \"\"\"\n  Takes a message back that waits for its time: once this is answered, it is never sent. One that could not be sent is put away.\n\n  Errors:\n  - BAD_INPUT: the id is not that of a scheduled message.\n  - CONFLICT: it is being sent at this moment.\n  - NOT_FOUND: no such message of the user waits: it was sent or cancelled already, or there is none. The user never registered.\n  \"\"\"\n  cancelScheduled(\"Which message.\" input: NodeInput!): ScheduledPayload @appends\n  \"\"\"\n  Gives a message another text. Only its sender may, and only for some time after it was sent where the server is set so\n  (EDIT_WINDOW).\n\n  Errors:\n  - BAD_INPUT: the text is blank or too long, or another input is not allowed.\n  - CONFLICT: the message was recalled or has expired.\n  - FORBIDDEN: the message is somebody else's, or it is too late, or the user is no longer a member of its conversation, or may not\n    write there (see `sendMessage`).\n  - NOT_FOUND: there is no such message that the user may see. The user never registered.\n  \"\"\"\n  editMessage(\"Which message, and its new text.\" input: EditMessageInput!): MessagePayload @appends\n  \"\"\"\n  Takes a message back: nobody gets its text any more. Its sender may, for some time after it was sent where the server is set so\n  (RECALL_WINDOW), and in a group the owner and administrators at any time. A message that is recalled already stays recalled.\n\n  Errors:\n  - BAD_INPUT: an id or a seq cannot be one.\n  - FORBIDDEN: the message is somebody else's, or it is too late, and the user is neither owner nor administrator of its group. The\n    user is no longer a member.\n  - NOT_FOUND: there is no such message that the user may see. The user never registered.\n  \"\"\"\n  recallMessage(\"Which message.\" input: MessageInput!): MessagePayload @appends\n  \"\"\"\n  Reacts to a message with an emoji, or takes that reaction back. What is so already stays so. A reaction can be taken back\n  where the user may not write.\n\n  Errors:\n  - BAD_INPUT: it is not exactly one emoji, or another input is not allowed.\n  - CONFLICT: the message was recalled or has expired.\n  - FORBIDDEN: the user is not, or no longer, a member of its conversation, or may not write there (see `sendMessage`).\n  - LIMIT_EXCEEDED: the message has 50 different reactions, or 10 of the user's.\n  - NOT_FOUND: there is no such message that the user may see. The user never registered.\n  \"\"\"\n  react(\"Which message, and which emoji.\" input: ReactInput!): MessagePayload @appends\n  \"\"\"\n  Copies messages to another conversation, as messages of the user: with their kind, text and attachments as they are now, in the\n  order of `seqs`. If one of them cannot be forwarded, none is.\n\n  Errors:\n  - BAD_INPUT: no `seqs` or more than 100, one of them twice, or another input is not allowed.\n  - CONFLICT: one of the messages was recalled, or expires. The `clientMutationId` was used for other messages.\n  - FORBIDDEN: the user may see the conversation where they go, but may not write there (see `sendMessage`).\n  - NOT_FOUND: there is no such conversation, or no such message, that the user may see. The user never registered.\n  \"\"\"\n  forwardMessages(\"Which messages, and where they go.\" input: ForwardMessagesInput!): MessagesPayload\n    @appends(events: 0, each: [\"seqs\"])\n  \"\"\"\n  Pins a message, or ends that. In a group the owner and administrators may, in a channel its staff, in a direct\n  conversation both. What is so already stays so. A recalled message is no longer pinned.\n\n  Errors:\n  - BAD_INPUT: an id or a seq cannot be one.\n  - CONFLICT: the message was recalled or has expired.\n  - FORBIDDEN: the user is neither owner nor administrator of the group, or no longer a member, or may not write there (see\n    `sendMessage`).\n  - LIMIT_EXCEEDED: the conversation has 50 pinned messages.\n  - NOT_FOUND: there is no such message that the user may see. The user never registered.\n  \"\"\"\n  pinMessage(\"Which message, and whether.\" input: PinMessageInput!): MessagePayload @appends\n  \"\"\"\n  Says that the user has read everything up to `seq`. A lower seq than before changes nothing; one above the newest message\n  counts as the newest.\n\n  Errors:\n  - BAD_INPUT: an id or a seq cannot be one.\n  - FORBIDDEN: the user may see the conversation, but is not a member of it.\n  - NOT_FOUND: there is no such conversation that the user may see. The user never registered.\n  \"\"\"\n  markRead(\"Which conversation, and how far.\" input: MarkReadInput!): ConversationPayload @appends\n  \"\"\"\n  The same for many conversations at once. If one of them is refused, nothing is marked as read, and `extensions.field` says which\n  one (`reads.3.conversationId`).\n\n  Errors:\n  - BAD_INPUT: no conversation or more than 100, or an id or a seq cannot be one.\n  - FORBIDDEN: the user may see one of the conversations, but is not a member of it.\n  - NOT_FOUND: there is no such conversation that the user may see. The user never registered.\n  \"\"\"\n  markAllRead(\"Which conversations, and how far.\" input: MarkAllReadInput!): ConversationsPayload\n    @appends(events: 0, each: [\"reads\"])\n\n  \"\"\"\n  Says that the user is typing, or no longer. It is true for 8 seconds, unless it is said again. Nothing of it is kept. True.\n\n  Errors:\n  - BAD_INPUT: the id cannot be a conversation's.\n  - FORBIDDEN: the user may see the conversation, but may not write to it (see `sendMessage`).\n  - NOT_FOUND: there is no such conversation or user. The user never registered.\n  \"\"\"\n  setTyping(\"The conversation.\" conversationId: ID!, \"Whether the user is typing.\" typing: Boolean!): Boolean @appends(events: 0)\n  \"\"\"\n  Says how the user wants a conversation for themselves. What is left out stays. All devices of the user are told\n  (ConversationChanged). What was set stays for the day when they come back to a group.\n\n  Errors:\n  - BAD_INPUT: an id cannot be one. The nickname is too long, nothing can be seen in it, or the conversation is not a group.\n  - FORBIDDEN: the user may see the conversation, but is not a member of it.\n  - NOT_FOUND: there is no such conversation that the user may see. The user never registered.\n  \"\"\"\n  setPreferences(\"Which conversation, and how.\" input: SetPreferencesInput!): ConversationPayload @appends\n\n  \"\"\"\n  Makes a group or a channel. The user is its owner. Where only friends are added at once (ADD_TO_GROUPS), the others of\n  `memberIds` are asked, as `addMembers` does. Those who have blocked the viewer, or whom the viewer has blocked, are left out.\n\n  Errors:\n  - BAD_INPUT: `kind` is DIRECT, or another input is not allowed.\n  - CONFLICT: the `clientMutationId` was used with other input.\n  - LIMIT_EXCEEDED: more members than a group may have (GROUP_MEMBERS_MAX). One of them is in as many groups as a user may be in\n    (GROUPS_MAX); channels do not count.\n  - NOT_FOUND: one of `memberIds` is no user. The user never registered.\n  \"\"\"\n  createConversation(\"What it is like, and who is in it.\" input: CreateConversationInput!): ConversationPayload\n    @appends(each: [\"memberIds\"])\n  \"\"\"\n  Changes what a group says of itself, and who may join, find and read it. What is left out stays; null removes it. The owner and\n  administrators may. Everyone sees at once what they may see from now on, also of what was sent before.\n\n  Errors:\n  - BAD_INPUT: the conversation is not a group, or another input is not allowed. `title`, `tags`, `joinPolicy`, `public` and\n    `historyVisible` cannot be null.\n  - FORBIDDEN: the user may see the group, but is neither its owner nor an administrator.\n  - NOT_FOUND: there is no such group that the user may see. The user never registered.\n  \"\"\"\n  updateConversation(\"Which group, and what changes.\" input: UpdateConversationInput!): ConversationPayload @appends\n  \"\"\"\n  Makes the user a member of a group: at once where it is OPEN, where somebody asked them in, or with an invitation; else by a\n  request that its owner or administrators answer. A request that waits stays as it is, and a member stays one. A channel is\n  followed: at once where it is public, too.\n\n  Errors:\n  - BAD_INPUT: neither or both of `id` and `inviteCode` are given, or the id is not a group's. The note is too long.\n  - CONFLICT: everyone has left the group, or it was dissolved. The `clientMutationId` was used for a request with another note.\n  - FORBIDDEN: the user may see the group, but it takes in only those who are invited.\n  - LIMIT_EXCEEDED: the group has as many members as it may have (GROUP_MEMBERS_MAX), the user is in as many groups as one may be\n    in (GROUPS_MAX), or 5,000 requests to join it wait.\n  - NOT_FOUND: there is no such group that the user may know of, or no such invitation that can be used now. The user never\n    registered.\n  \"\"\"\n  join(\"Which group.\" input: JoinInput!): JoinPayload @appends(events: 3)\n  \"\"\"\n  Answers a request to join: the owner or an administrator where somebody asked, and who was asked in for themselves. Who made\n  it takes it back with the answer no; for an invitation, the owner and administrators may too.\n\n  Errors:\n  - BAD_INPUT: the id is not that of a request.\n  - CONFLICT: it was answered the other way, or taken back, or there is a newer one. The group was dissolved, or everyone has\n    left it.\n  - FORBIDDEN: the user made the request, and cannot accept it.\n  - LIMIT_EXCEEDED: the group has as many members as it may have (GROUP_MEMBERS_MAX), or who would enter it is in as many groups as\n    a user may be in (GROUPS_MAX).\n  - NOT_FOUND: there is no such request that the user may see. The user never registered.\n  \"\"\"\n  answerJoinRequest(\"Which request, and the answer.\" input: AnswerInput!): JoinRequestPayload @appends(events: 2)\n  \"\"\"\n  Adds members to a group. The owner and administrators may, and in an OPEN group every member. Those who are members already\n  stay members. Where only friends are added at once (ADD_TO_GROUPS), the others are asked (JoinRequest, with `invitedBy`) and\n  answer for themselves. Users who have blocked the viewer, or whom the viewer has blocked, are left out.\n\n  Errors:\n  - BAD_INPUT: the conversation is not a group, or another input is not allowed.\n  - FORBIDDEN: the user may see the group, but may not add members to it.\n  - LIMIT_EXCEEDED: more members than a group may have (GROUP_MEMBERS_MAX), or one of them is in as many groups as a user may be in\n    (GROUPS_MAX), or more than 5,000 requests to join it would wait: then nobody is added or asked.\n  - NOT_FOUND: there is no such group that the user may see, or one of `userIds` is no user. The user never registered.\n  \"\"\"\n  addMembers(\"Which group, and whom.\" input: MembersInput!): ConversationPayload\n    @appends(events: 0, each: [\"userIds\"], perItem: 2)\n  \"\"\"\n  Removes members from a group, or from the staff and the followers of a channel. The owner may remove anyone, an administrator\n  those who are neither owner nor administrator.\n  Users who are not members are skipped.\n\n  Errors:\n  - BAD_INPUT: one of `userIds` is the user themselves (use `leave`). The conversation is not a group, or another input is not\n    allowed.\n  - FORBIDDEN: the user may see the group, but may not remove these members.\n  - NOT_FOUND: there is no such group that the user may see. The user never registered.\n  \"\"\"\n  removeMembers(\"Which group, and whom.\" input: MembersInput!): ConversationPayload\n    @appends(events: 0, each: [\"userIds\"], perItem: 2)\n  \"\"\"\n  Ends the user's own membership of a group. For one who has left already, nothing changes. The last member may leave, also as\n  the owner.\n\n  Errors:\n  - BAD_INPUT: the conversation is not a group.\n  - CONFLICT: the user is the owner and others are members: use `transferOwnership` first.\n  - FORBIDDEN: the group is public, and the user never was a member.\n  - NOT_FOUND: there is no such group that the user may see. The user never registered.\n  \"\"\"\n  leave(\"Which group.\" input: NodeInput!): ConversationPayload @appends(events: 2)\n  \"\"\"\n  Gives a member another role: ADMIN or MEMBER. Only the owner may.\n\n  Errors:\n  - BAD_INPUT: the role is OWNER, or the member is the owner: use `transferOwnership`. The conversation is not a group.\n  - FORBIDDEN: the user may see the group, but is not its owner.\n  - NOT_FOUND: there is no such group that the user may see, or no such member. The user never registered.\n  \"\"\"\n  setRole(\"Which member, and the new role.\" input: SetRoleInput!): ConversationPayload @appends\n  \"\"\"\n  Makes another member the owner. The former owner stays, as an administrator. Only the owner may.\n\n  Errors:\n  - BAD_INPUT: the conversation is not a group, or another input is not allowed.\n  - FORBIDDEN: the user may see the group, but is not its owner.\n  - NOT_FOUND: there is no such group that the user may see, or no such member. The user never registered.\n  \"\"\"\n  transferOwnership(\"Which group, and who is to be the owner.\" input: MemberInput!): ConversationPayload @appends\n  \"\"\"\n  Keeps a member from writing, editing and reacting until a time, or ends that. The owner may, and administrators for those who\n  are neither. It stays when the member leaves and comes back.\n\n  Errors:\n  - BAD_INPUT: `until` is missing or not in the future, or the member is the user themselves. The conversation is not a group.\n  - FORBIDDEN: the user may see the group, but may not silence this member.\n  - NOT_FOUND: there is no such group that the user may see, or no such member. The user never registered.\n  \"\"\"\n  silence(\"Which member, and until when.\" input: SilenceInput!): ConversationPayload @appends\n  \"\"\"\n  Says that a message that the user sees should not be there. The owner and administrators of its group see the report, and whoever has\n  the scope `admin`; of a direct conversation the latter alone. Who wrote the message learns nothing of it. A message that a user has\n  reported already stays so, for the first reason. About 20 at once, and then one in ten seconds.\n\n  Errors:\n  - BAD_INPUT: the message is the user's own, or an input is not allowed.\n  - NOT_FOUND: there is no such message that the user may see. The user never registered.\n  \"\"\"\n  report(\"Which message, and why.\" input: ReportInput!): ReportPayload @appends\n  \"\"\"\n  Decides about a report, once. Owner and administrators of the group may, but for reports of their own messages, and whoever has the\n  scope `admin`. What is decided is done, and in force on this server, when the answer comes. Each of these is an event, with who decided.\n  The same decision again, for the same reason, changes nothing.\n\n  Errors:\n  - BAD_INPUT: an input is not allowed. A direct conversation has no members to silence or remove.\n  - CONFLICT: it was decided otherwise. The sender is no member any more, or owns the group.\n  - FORBIDDEN: the sender's role is not lower (SILENCE, REMOVE). BAN without the scope `admin`.\n  - NOT_FOUND: there is no such report that the user may decide. The user never registered.\n  \"\"\"\n  decideReport(\"Which report, and what is done.\" input: DecideReportInput!): ReportPayload @appends(events: 2)\n  \"\"\"\n  Bans a user from the server: no token of theirs is taken any more, and what they have open ends. What they wrote stays, and nobody is\n  told. Needs the scope `admin`. Who is banned already stays so.\n\n  Errors:\n  - BAD_INPUT: the user is oneself, or an input is not allowed.\n  - FORBIDDEN: the token lacks the scope `admin`.\n  - NOT_FOUND: there is no such user.\n  \"\"\"\n  banUser(\"Whom, and why.\" input: BanInput!): UserPayload @appends\n  \"\"\"\n  Ends a ban. Needs the scope `admin`.\n\n  Errors:\n  - BAD_INPUT: an input is not allowed.\n  - FORBIDDEN: the token lacks the scope `admin`.\n  - NOT_FOUND: there is no such user.\n  \"\"\"\n  unbanUser(\"Whom, and why.\" input: BanInput!): UserPayload @appends\n  \"\"\"\n  Ends a group for everyone. Nobody writes there any more. Former members keep what they saw. Requests to join and invitations\n  are over, and it is public no longer. Only the owner may.\n\n  Errors:\n  - BAD_INPUT: the conversation is not a group.\n  - FORBIDDEN: the user may see the group, but is not its owner.\n  - NOT_FOUND: there is no such group that the user may see. The user never registered.\n  \"\"\"\n  dissolve(\"Which group.\" input: NodeInput!): ConversationPayload @appends\n  \"\"\"\n  Makes an invitation with which others join a group, so often and until then. The owner and administrators may.\n\n  Errors:\n  - BAD_INPUT: `expiresAt` is not in the future, or `uses` is not allowed. The conversation is not a group.\n  - CONFLICT: the `clientMutationId` was used with other input.\n  - FORBIDDEN: the user may see the group, but is neither its owner nor an administrator.\n  - LIMIT_EXCEEDED: the group has 100 invitations that can be used.\n  - NOT_FOUND: there is no such group that the user may see. The user never registered.\n  \"\"\"\n  createInvite(\"To which group, and for how long.\" input: CreateInviteInput!): InvitePayload @appends\n  \"\"\"\n  Ends an invitation: nobody joins with it any more. The owner and administrators may.\n\n  Errors:\n  - BAD_INPUT: the code is not that of an invitation. The conversation is not a group.\n  - FORBIDDEN: the user may see the group, but is neither its owner nor an administrator.\n  - NOT_FOUND: there is no such group that the user may see, or it has no such invitation. The user never registered.\n  \"\"\"\n  revokeInvite(\"Which invitation.\" input: RevokeInviteInput!): InvitePayload @appends\n\n  \"\"\"\n  Registers a user, or replaces the whole profile of one who has registered: for a product's own backend, which knows its people.\n\n  Errors:\n  - BAD_INPUT: an id, a name, a handle or another input is not allowed, or the handle is reserved.\n  - CONFLICT: the handle is taken, or looks like one that is taken.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  \"\"\"\n  putUser(\"Who it is, and all that is said of them.\" input: PutUserInput!): UserPayload @appends(events: 5)\n  \"\"\"\n  Registers a bot: a user that a program is, with a token of its own. The token is told once: a repeated call, with the same\n  `clientMutationId`, answers `token: null`. Another call with the same id gives the bot the name, and a new token in the place of\n  its former one. What a bot may do is less than what people may: see docs/webhooks.md.\n\n  Errors:\n  - BAD_INPUT: the id or the name is not allowed.\n  - CONFLICT: it is the id of a user who is no bot, or of a bot that is deactivated. The `clientMutationId` was used with another\n    name.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  \"\"\"\n  createBot(\"Who it is.\" input: CreateBotInput!): BotPayload @appends(events: 4)\n  \"\"\"\n  Has another program told what happens from now on, or asked before messages are stored, by HTTP, signed as Standard Webhooks\n  says. The same id again replaces what was said, and switches it on again. docs/webhooks.md says how to take what it sends.\n\n  Errors:\n  - BAD_INPUT: an id, the address or the events are not allowed. The address is not of https, or leads to a private network.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  - LIMIT_EXCEEDED: there are 100 already, or 3 are asked about the messages of a conversation.\n  - NOT_FOUND: there is no such group or channel.\n  \"\"\"\n  putWebhook(\"Where, and of what.\" input: PutWebhookInput!): WebhookPayload @appends\n  \"\"\"\n  Tells another program nothing any more.\n\n  Errors:\n  - BAD_INPUT: the id is not that of a webhook.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  - NOT_FOUND: there is no such webhook.\n  \"\"\"\n  deleteWebhook(\"Which.\" input: NodeInput!): WebhookPayload @appends\n  \"\"\"\n  Tells a webhook of an event once more: one that it was told of already, or that was given up.\n\n  Errors:\n  - BAD_INPUT: the id is not that of a delivery.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  - NOT_FOUND: there is no such delivery, or not any more.\n  \"\"\"\n  redeliverWebhook(\"The id of a delivery.\" input: NodeInput!): WebhookPayload @appends(events: 0)\n  \"\"\"\n  Makes an address through which another program posts as a bot into one conversation. The same id again, by another call,\n  replaces it, and the former address is good no more.\n\n  Errors:\n  - BAD_INPUT: an id is not allowed.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  - LIMIT_EXCEEDED: there are 1,000 already.\n  - NOT_FOUND: there is no such bot, group or channel.\n  \"\"\"\n  putIncomingWebhook(\"Who posts where.\" input: PutIncomingWebhookInput!): IncomingWebhookPayload @appends\n  \"\"\"\n  Lets nobody post through its address any more.\n\n  Errors:\n  - BAD_INPUT: the id is not that of an incoming webhook.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  - NOT_FOUND: there is no such webhook.\n  \"\"\"\n  deleteIncomingWebhook(\"Which.\" input: NodeInput!): IncomingWebhookPayload @appends\n  \"\"\"\n  Says who is in a circle: a family, a company, a department. The same id again replaces it. With a conversation, a group is kept\n  equal to the circle: members join and go with it, and are told. The first member owns it; if the owner goes, the first member of\n  then does. A circle that has a conversation keeps it. It is answered once those who went have no rights there any more.\n\n  Errors:\n  - BAD_INPUT: an id, a name or another input is not allowed. More than 5,000 members, or none with a conversation.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  - NOT_FOUND: one of `memberIds` is no user.\n  \"\"\"\n  putCircle(\"What it is, and who is in it.\" input: PutCircleInput!): CirclePayload\n    @appends(events: 0, each: [\"memberIds\"], apart: true)\n  \"\"\"\n  Stores history from elsewhere, with its own times: what `tidings import` calls. Lines with the same key are stored once.\n  Nobody gets them as news. A line that cannot be stored does not stop the others: it is in `refused`, with BAD_INPUT or\n  CONFLICT.\n\n  Errors:\n  - BAD_INPUT: no lines or more than 1,000, or a `clientMutationId` that is not allowed.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  \"\"\"\n  importMessages(\"The lines.\" input: ImportInput!): ImportPayload @appends(events: 0, each: [\"messages\"], apart: true)\n  \"\"\"\n  Stores facts of an archive, with their ids and their own times: what `tidings import` calls. A fact with the same id is stored\n  once. Nobody is told of them. A fact that cannot be stored does not stop the others: it is in `refused`, with BAD_INPUT or\n  CONFLICT.\n\n  Errors:\n  - BAD_INPUT: no lines or more than 1,000, or a `clientMutationId` that is not allowed.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  \"\"\"\n  importFacts(\"The facts.\" input: ImportFactsInput!): ImportFactsPayload @appends(events: 0, each: [\"lines\"], apart: true)\n  \"\"\"\n  Begins to take a file of an archive, of a message that `importFacts` stores next: what `tidings import` calls. Its fact names\n  the file by `uploadId` then. What no message holds within an hour is deleted.\n\n  Errors:\n  - BAD_INPUT: `uploadId`, the name, the type or the size is not allowed, or is empty.\n  - CONFLICT: there is another file with this id: of another size, or of another user.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  - LIMIT_EXCEEDED: the file is too large (FILE_SIZE_MAX).\n  - NOT_FOUND: this server keeps no files (it needs FILES_URL).\n  - UNAVAILABLE: what came of this file before is just being removed.\n  \"\"\"\n  importFile(\"Which file.\" input: ImportFileInput!): ImportFilePayload @appends(apart: true)\n  \"\"\"\n  Begins to rebuild a projection from the log, beside the one in use. When it is complete, it replaces that one. The\n  subscription `projection` and `admin { projections }` show how far it is. With `conversationId`, only the rows of that\n  conversation are folded anew, and put into the projection in use in one step.\n\n  Errors:\n  - BAD_INPUT: there is no projection of this name. `conversationId` is no conversation's id, or the projection holds nothing\n    of one conversation.\n  - CONFLICT: it is being rebuilt already.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  - NOT_FOUND: there is no such conversation.\n  \"\"\"\n  replayProjection(\n    \"The projection's name, as `admin { projections }` has it.\"\n    name: String!\n    \"The conversation that alone is rebuilt. Default: all of the projection.\"\n    conversationId: ID\n  ): ProjectionStatus @appends(events: 0)\n  \"\"\"\n  Gives up what `replayProjection` began. `lastError` says so afterwards. If nothing was begun, it changes nothing.\n\n  Errors:\n  - BAD_INPUT: there is no projection of this name.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  \"\"\"\n  cancelReplay(\"The projection's name, as `admin { projections }` has it.\" name: String!): ProjectionStatus @appends(events: 0)\n  \"\"\"\n  Begins to compare a projection with what it was made from. When it is done, `differences` says how many there are.\n\n  Errors:\n  - BAD_INPUT: there is no projection of this name.\n  - CONFLICT: it is being compared already, or there is nothing to compare yet.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  \"\"\"\n  verifyProjection(\"The projection's name, as `admin { projections }` has it.\" name: String!): ProjectionStatus\n    @appends(events: 0)\n  \"\"\"\n  Tries parked events of a projection again, those of the same conversation or user in their order. Where one fails again, it stays\n  parked with its new error, and so do those behind it. It waits for the outcome for 5 seconds at most, and goes on without the\n  caller after that. What is handled now was not told at its place: cursors from in between are answered with a reset.\n\n  Errors:\n  - BAD_INPUT: there is no projection of this name, or `cursor` is not a place in the log.\n  - CONFLICT: nothing of the projection is built yet.\n  - FORBIDDEN: the token does not have the scope `admin`.\n  - NOT_FOUND: no event of the projection is parked at `cursor`.\n  \"\"\"\n  retryParked(\n    \"The projection's name, as `admin { projections }` has it.\"\n    name: String!\n    \"The place of a parked event: only those of its conversation or user are tried. Null: all of them.\"\n    cursor: Cursor\n  ): ProjectionStatus @appends(events: 0)\n}\n\n\"Names one thing.\"\ninput NodeInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"Its id.\"\n  id: ID!\n}\n\n\"Names a message.\"\ninput MessageInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The conversation that the message is in.\"\n  conversationId: ID!\n  \"The message's place in it.\"\n  seq: Int!\n}\n\n\"Names a member of a group.\"\ninput MemberInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The group.\"\n  conversationId: ID!\n  \"The member.\"\n  userId: ID!\n}\n\n\"Names users and a group.\"\ninput MembersInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The group.\"\n  conversationId: ID!\n  \"The users: 1 to 500.\"\n  userIds: [ID!]!\n}\n\n\"What a new user says of themselves.\"\ninput RegisterInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"\"\"\n  The name by which others find the user: 1 to 64 letters, digits, dots, underscores and hyphens of any script, a letter or\n  digit first. It is kept in lower case.\n  \"\"\"\n  handle: String!\n  \"The name to show: 1 to 128 characters.\"\n  name: String!\n  \"A picture.\"\n  avatarUrl: URL\n  \"The user's gender.\"\n  gender: Gender\n  \"As `YYYY-MM-DD`, not in the future. Others see only the age.\"\n  birthday: String\n  \"A line of the user's own: at most 1,024 characters.\"\n  signature: String\n  \"At most 64, each name once.\"\n  tags: [TagInput!]\n}\n\n\"A circle, whole.\"\ninput PutCircleInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"1 to 56 letters, digits, dots, underscores and hyphens, with or without `o:` before them.\"\n  id: ID!\n  \"What it is: 1 to 64 characters.\"\n  kind: String!\n  \"Its name, and its conversation's title: 1 to 128 characters.\"\n  name: String!\n  \"Who is in it: at most 5,000, as far as the request's size allows (BODY_LIMIT_BYTES).\"\n  memberIds: [ID!]!\n  \"It has a conversation of its own from now on.\"\n  withConversation: Boolean = false\n}\n\n\"Who a bot is.\"\ninput CreateBotInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The bot's id, as a user's.\"\n  id: ID!\n  \"The name to show: 1 to 128 characters.\"\n  name: String!\n}\n\n\"Where another program is told what happens.\"\ninput PutWebhookInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"A name of its own, with or without `w:`: 1 to 64 letters, digits, dots, _ and -.\"\n  id: ID!\n  \"An address of https that leads to the internet; WEBHOOK_PRIVATE allows others.\"\n  url: URL!\n  \"What it is told of: at least one, unless there is `beforeSend`.\"\n  events: [WebhookEvent!]!\n  \"Only what happens in this group or channel. Without it, in all conversations.\"\n  conversationId: ID\n  \"It is asked before a message is stored, or an edit. Without it, it is not asked.\"\n  beforeSend: BeforeSendInput\n}\n\n\"How another program is asked before messages are stored.\"\ninput BeforeSendInput {\n  \"How long it may take to answer, in milliseconds: 100 to 5,000. Senders wait for it.\"\n  timeoutMs: Int = 3000\n  \"What becomes of a message where it does not answer in time, or answers nothing that can be used.\"\n  otherwise: BeforeSendDefault!\n}\n\n\"What becomes of a message that nothing is said of.\"\nenum BeforeSendDefault {\n  \"It is stored as it is.\"\n  ALLOW\n  \"It is not stored. Its sender is answered UNAVAILABLE, and may try again.\"\n  REFUSE\n}\n\n\"Through which another program posts.\"\ninput PutIncomingWebhookInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"A name of its own, with or without `h:`: 1 to 64 letters, digits, dots, _ and -.\"\n  id: ID!\n  \"The bot that posts. It must be a member when it posts.\"\n  botId: ID!\n  \"The group or channel that it posts to.\"\n  conversationId: ID!\n}\n\n\"What webhooks are told of. docs/webhooks.md says what each says.\"\nenum WebhookEvent {\n  \"A message was sent.\"\n  MESSAGE_SENT\n  \"A message was edited, recalled, reacted to, pinned, or has expired.\"\n  MESSAGE_CHANGED\n  \"Somebody joined or left, was removed or silenced, or has another role.\"\n  MEMBERSHIP_CHANGED\n  \"A group or channel was made, describes itself otherwise, or was dissolved.\"\n  CONVERSATION_CHANGED\n  \"A request for friendship, a friendship that began, or one that ended.\"\n  FRIENDSHIP_CHANGED\n  \"Somebody registered, describes themselves otherwise, or was deactivated.\"\n  USER_CHANGED\n  \"A message was reported.\"\n  REPORTED\n}\n\n\"All that is said of a user.\"\ninput PutUserInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The user's id: what the `sub` of their token makes.\"\n  id: ID!\n  \"The name by which others find the user, as in `RegisterInput`. An earlier one is free again.\"\n  handle: String!\n  \"The name to show: 1 to 128 characters.\"\n  name: String!\n  \"A picture. Without one there is none.\"\n  avatarUrl: URL\n  \"The user's gender.\"\n  gender: Gender\n  \"As `YYYY-MM-DD`, not in the future. Others see only the age.\"\n  birthday: String\n  \"A line of the user's own: at most 1,024 characters.\"\n  signature: String\n  \"At most 64, each name once.\"\n  tags: [TagInput!]\n}\n\n\"What a user says of themselves from now on. What is left out stays; null removes it.\"\ninput UpdateProfileInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"A new handle, as in `RegisterInput`. The old one is free again. Null is BAD_INPUT.\"\n  handle: String\n  \"The name to show: 1 to 128 characters. Null is BAD_INPUT.\"\n  name: String\n  \"A picture.\"\n  avatarUrl: URL\n  \"The user's gender.\"\n  gender: Gender\n  \"As `YYYY-MM-DD`, not in the future. Others see only the age.\"\n  birthday: String\n  \"A line of the user's own: at most 1,024 characters.\"\n  signature: String\n  \"All tags from now on: at most 64, each name once. An empty list removes all; null is BAD_INPUT.\"\n  tags: [TagInput!]\n}\n\n\"A tag of a user or a group.\"\ninput TagInput {\n  \"1 to 64 characters.\"\n  name: String!\n  \"0 to 1,000,000.\"\n  score: Float = 1\n}\n\n\"Where a user is.\"\ninput SetLocationInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The place. Null takes the user off the map. It must be given: leaving it out is BAD_INPUT.\"\n  point: PointInput\n}\n\n\"A device.\"\ninput AddDeviceInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"\"\"\n  What the `device` of its tokens says: 1 to 128 letters, digits, dots, underscores, colons and hyphens, a letter or digit first.\n  Make a random one for each installation of the app.\n  \"\"\"\n  id: ID!\n  \"What it is.\"\n  kind: DeviceKind!\n  \"What its user calls it: 1 to 128 characters.\"\n  name: String!\n  \"Which service brings pushes to it.\"\n  pushService: PushService\n  \"\"\"\n  What that service calls it: at most 4,096 characters. FCM: the registration token. APNS: the device token as hex digits.\n  WEB_PUSH: the browser's PushSubscription as JSON, made with `Viewer.webPushKey`. Nobody ever reads it. A token belongs to the\n  device that it was added with last, whoever's that is; every other one gets no pushes any more.\n  \"\"\"\n  pushToken: String\n}\n\n\"What to ask a user with.\"\ninput RequestFriendshipInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"Who is asked.\"\n  userId: ID!\n  \"What to say: at most 1,024 characters.\"\n  note: String\n  \"The viewer's own name for the user, once they are friends: 1 to 128 characters.\"\n  alias: String\n}\n\n\"The answer to a request.\"\ninput AnswerInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The id of the request.\"\n  id: ID!\n  \"Yes or no.\"\n  accept: Boolean!\n}\n\n\"Another user.\"\ninput UserInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The id of the user.\"\n  userId: ID!\n}\n\n\"A name for a friend.\"\ninput SetAliasInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The friend.\"\n  userId: ID!\n  \"1 to 128 characters. Null takes the alias away.\"\n  alias: String\n}\n\n\"A block, or its end.\"\ninput BlockInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The user.\"\n  userId: ID!\n  \"True blocks, false ends the block.\"\n  on: Boolean!\n}\n\n\"A message to send.\"\ninput SendMessageInput {\n  \"A random id of this call, 1 to 128 characters: the same message again is stored once.\"\n  clientMutationId: ID!\n  \"Where it goes. Give this or `userId`.\"\n  conversationId: ID\n  \"The user to whom it goes, in the one direct conversation with them. Give this or `conversationId`.\"\n  userId: ID\n  \"What it holds.\"\n  kind: MessageKind = TEXT\n  \"A thread or feed within the conversation: at most 128 characters. A blank one is none.\"\n  topic: String\n  \"At most 16,384 characters. TEXT needs one; for the other kinds it is a caption.\"\n  text: String\n  \"At most 32. All kinds but TEXT need one at least.\"\n  attachments: [AttachmentInput!]\n  \"The seq of the message that this one answers.\"\n  replyTo: Int\n  \"Ids of the users whom it names: at most 128.\"\n  mentions: [ID!]\n  \"It names everyone in the conversation.\"\n  mentionsAll: Boolean = false\n  \"It expires so many seconds after it was sent: 5 to 31,622,400 (366 days). Null: it does not expire.\"\n  expiresAfterSeconds: Int\n}\n\n\"A message to send later.\"\ninput ScheduleMessageInput {\n  \"A random id of this call, 1 to 128 characters: the same message again is scheduled once.\"\n  clientMutationId: ID!\n  \"Where it goes. Give this or `userId`.\"\n  conversationId: ID\n  \"The user to whom it goes, in the one direct conversation with them. Give this or `conversationId`.\"\n  userId: ID\n  \"When: in the future, at most 366 days ahead.\"\n  sendAt: DateTime!\n  \"What it holds.\"\n  kind: MessageKind = TEXT\n  \"A thread or feed within the conversation: at most 128 characters. A blank one is none.\"\n  topic: String\n  \"At most 16,384 characters. TEXT needs one; for the other kinds it is a caption.\"\n  text: String\n  \"At most 32. All kinds but TEXT need one at least.\"\n  attachments: [AttachmentInput!]\n}\n\n\"Lines of an archive.\"\ninput ImportInput {\n  \"A random id of this call, 1 to 128 characters. Lines are known by their own keys.\"\n  clientMutationId: ID!\n  \"1 to 1,000.\"\n  messages: [ImportedMessage!]!\n}\n\n\"Facts of an archive.\"\ninput ImportFactsInput {\n  \"A random id of this call, 1 to 128 characters. Facts are known by their own ids.\"\n  clientMutationId: ID!\n  \"1 to 1,000. Each is a line of the archive: one fact, as JSON. Facts of one conversation are stored in this order.\"\n  lines: [String!]!\n}\n\n\"A file of an archive.\"\ninput ImportFileInput {\n  \"A random id of this call, 1 to 128 characters. The file is known by its own id.\"\n  clientMutationId: ID!\n  \"Its id here: `u:<user>:<UUID>`.\"\n  uploadId: ID!\n  \"Where the message that holds it belongs.\"\n  conversationId: ID!\n  \"The id of the fact that this message is: where it is stored already, no bytes are needed.\"\n  messageId: ID!\n  \"What it is called, at most 255 characters.\"\n  name: String!\n  \"What it is said to be: `image/png`, for example. What it is, is found in its content.\"\n  mediaType: String!\n  \"Its size in bytes, from 1.\"\n  size: Int!\n}\n\n\"A line of an archive: one message.\"\ninput ImportedMessage {\n  \"Names the line for ever, 1 to 256 characters: its own id, or its file and line number.\"\n  key: String!\n  \"The name of the room. It becomes a public group.\"\n  conversation: String!\n  \"The name of the sender. It becomes a user.\"\n  sender: String!\n  \"When it was sent. Null: the time of the import.\"\n  sentAt: DateTime\n  \"At most 16,384 characters.\"\n  text: String!\n  \"A thread or feed within the room: at most 128 characters.\"\n  topic: String\n}\n\n\"\"\"\nA file that belongs to a message: `uploadId` alone, of an upload of the user's whose bytes have come; or the address of one that is\nkept elsewhere, with `name`, `mediaType` and `size`.\n\"\"\"\ninput AttachmentInput {\n  \"Where it is.\"\n  url: URL\n  \"The name of the file: 1 to 255 characters.\"\n  name: String\n  \"What it is: `image/png`, for example.\"\n  mediaType: String\n  \"In bytes: 0 or more.\"\n  size: Int\n  \"In pixels: 1 or more.\"\n  width: Int\n  \"In pixels: 1 or more.\"\n  height: Int\n  \"The id of an upload (`createUpload`): it belongs to one message.\"\n  uploadId: ID\n}\n\n\"A file to upload.\"\ninput CreateUploadInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The name of the file: 1 to 255 characters.\"\n  name: String!\n  \"What it is: `image/png`, for example; `application/octet-stream` where nobody knows.\"\n  mediaType: String!\n  \"In bytes: exactly so many are taken. At most FILE_SIZE_MAX.\"\n  size: Int!\n}\n\n\"A new text for a message.\"\ninput EditMessageInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The conversation that the message is in.\"\n  conversationId: ID!\n  \"The message's place in it.\"\n  seq: Int!\n  \"The new text, or the new caption: at most 16,384 characters, not blank.\"\n  text: String!\n}\n\n\"A reaction to a message.\"\ninput ReactInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The conversation that the message is in.\"\n  conversationId: ID!\n  \"The message's place in it.\"\n  seq: Int!\n  \"Exactly one emoji. With and without U+FE0F it is the same.\"\n  emoji: String!\n  \"True reacts with it, false takes that back.\"\n  on: Boolean!\n}\n\n\"Messages to forward.\"\ninput ForwardMessagesInput {\n  \"A random id of this call, 1 to 128 characters: the same messages again are stored once.\"\n  clientMutationId: ID!\n  \"The conversation that they are in.\"\n  fromConversationId: ID!\n  \"Their places in it: 1 to 100, each once.\"\n  seqs: [Int!]!\n  \"Where they go.\"\n  toConversationId: ID!\n}\n\n\"A pin on a message, or its end.\"\ninput PinMessageInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The conversation that the message is in.\"\n  conversationId: ID!\n  \"The message's place in it.\"\n  seq: Int!\n  \"True pins it, false ends that.\"\n  on: Boolean!\n}\n\n\"How far a user has read.\"\ninput MarkReadInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The conversation.\"\n  conversationId: ID!\n  \"The seq of the last message that was read.\"\n  seq: Int!\n}\n\n\"How a user wants a conversation for themselves. What is left out stays.\"\ninput SetPreferencesInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The conversation.\"\n  conversationId: ID!\n  \"Whether it is to be silent: it counts no more in `unreadTotal`.\"\n  muted: Boolean\n  \"Whether it comes first in the list of conversations.\"\n  pinned: Boolean\n  \"True hides it until its next message, also where it was hidden before and a message has shown it again. False shows it.\"\n  hidden: Boolean\n  \"What the group is to call the user: 1 to 128 characters, for all who see its members. Null takes it away.\"\n  nickname: String\n}\n\n\"How far a user has read many conversations.\"\ninput MarkAllReadInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once in each conversation.\"\n  clientMutationId: ID!\n  \"1 to 100. A conversation that is named twice is read up to the higher seq.\"\n  reads: [ReadInput!]!\n}\n\n\"How far a user has read a conversation.\"\ninput ReadInput {\n  \"The conversation.\"\n  conversationId: ID!\n  \"The seq of the last message that was read.\"\n  seq: Int!\n}\n\n\"A group or channel to make.\"\ninput CreateConversationInput {\n  \"A random id of this call, 1 to 128 characters: the same group is made once.\"\n  clientMutationId: ID!\n  \"GROUP or CHANNEL. A direct conversation begins with its first message (`sendMessage`).\"\n  kind: ConversationKind!\n  \"Its title: 1 to 128 characters.\"\n  title: String!\n  \"Who is a member from the start, beside the user: at most 500. CHANNEL: its staff.\"\n  memberIds: [ID!]\n  \"A picture.\"\n  avatarUrl: URL\n  \"What it is about: at most 4,096 characters.\"\n  description: String\n  \"What it tells its members: at most 4,096 characters.\"\n  announcement: String\n  \"Its type or label: at most 64 characters.\"\n  category: String\n  \"At most 64, each name once.\"\n  tags: [TagInput!]\n  \"How others become members. Where it is not given: APPROVAL for a group, and OPEN for a channel, which is there to be followed.\"\n  joinPolicy: JoinPolicy\n  \"Those outside may find it, and read and search its history.\"\n  public: Boolean = false\n  \"Members see what was sent before they joined. CHANNEL: always true.\"\n  historyVisible: Boolean = false\n}\n\n\"What a group says of itself from now on. What is left out stays; null removes it.\"\ninput UpdateConversationInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The group.\"\n  id: ID!\n  \"Its title: 1 to 128 characters. Null is BAD_INPUT.\"\n  title: String\n  \"A picture.\"\n  avatarUrl: URL\n  \"What it is about: at most 4,096 characters.\"\n  description: String\n  \"What it tells its members: at most 4,096 characters.\"\n  announcement: String\n  \"Its type or label: at most 64 characters.\"\n  category: String\n  \"All tags from now on: at most 64, each name once. An empty list removes all; null is BAD_INPUT.\"\n  tags: [TagInput!]\n  \"How others become members. Null is BAD_INPUT.\"\n  joinPolicy: JoinPolicy\n  \"Those outside may find it, and read and search its history. Null is BAD_INPUT.\"\n  public: Boolean\n  \"Members see what was sent before they joined. Null is BAD_INPUT.\"\n  historyVisible: Boolean\n}\n\n\"A group to join: give `id` or `inviteCode`.\"\ninput JoinInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The group.\"\n  id: ID\n  \"The text of an invitation to it.\"\n  inviteCode: String\n  \"What to say to those who decide, where that is needed: at most 1,024 characters.\"\n  note: String\n}\n\n\"A member who may not write for a while.\"\ninput SilenceInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The group.\"\n  conversationId: ID!\n  \"The member.\"\n  userId: ID!\n  \"Until when. Null: they may write again. It must be given: leaving it out is BAD_INPUT.\"\n  until: DateTime\n}\n\n\"A message that should not be there.\"\ninput ReportInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"Where it is.\"\n  conversationId: ID!\n  \"Its place in the conversation.\"\n  seq: Int!\n  \"Why, for those who decide: 1 to 1,024 characters.\"\n  reason: String!\n}\n\n\"What is to be done about a report.\"\ninput DecideReportInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The report.\"\n  id: ID!\n  \"What is done.\"\n  action: ModerationAction!\n  \"Why: at most 1,024 characters, or null.\"\n  reason: String\n  \"SILENCE: for how long, from a minute to a year. Null: a day.\"\n  silenceSeconds: Int\n}\n\n\"A user who is to be banned from the server, or to be no longer.\"\ninput BanInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The user.\"\n  userId: ID!\n  \"Why: at most 1,024 characters, or null.\"\n  reason: String\n}\n\n\"An invitation to make.\"\ninput CreateInviteInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The group.\"\n  conversationId: ID!\n  \"Until when it is good. Null: without end.\"\n  expiresAt: DateTime\n  \"How often it can be used: 1 to 1,000,000. Null: as often as anyone likes.\"\n  uses: Int\n}\n\n\"An invitation to revoke.\"\ninput RevokeInviteInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The group.\"\n  conversationId: ID!\n  \"The text of the invitation.\"\n  code: String!\n}\n\n\"A role for a member.\"\ninput SetRoleInput {\n  \"A random id of this call, 1 to 128 characters: the same call again is done once.\"\n  clientMutationId: ID!\n  \"The group.\"\n  conversationId: ID!\n  \"The member.\"\n  userId: ID!\n  \"ADMIN or MEMBER.\"\n  role: Role!\n}\n\n\"Where another program is told what happens. Only the scope `admin` sees it.\"\ntype Webhook implements Node {\n  \"`w:<name>`.\"\n  id: ID!\n  \"Where it is told.\"\n  url: URL!\n  \"What it is told of.\"\n  events: [WebhookEvent!]! @listSize(assumedSize: 8)\n  \"The conversation that it is told of; null: all.\"\n  conversation: Conversation\n  \"False: it is told nothing, because it failed for too long or answered 410. `putWebhook` switches it on again.\"\n  active: Boolean!\n  \"When it failed first since it answered last. Null: it does not fail.\"\n  failingSince: DateTime\n  \"That it is asked before messages are stored, also while it is told nothing. Null: it is not.\"\n  beforeSend: BeforeSend\n  \"What it was told lately, and is to be told, the newest first.\"\n  deliveries(\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): WebhookDeliveryConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n}\n\n\"That a webhook is asked before messages are stored, and how it answers the server that is asked for this.\"\ntype BeforeSend {\n  \"How long it may take to answer, in milliseconds.\"\n  timeoutMs: Int!\n  \"What becomes of a message where it does not answer in time, or answers nothing that can be used.\"\n  otherwise: BeforeSendDefault!\n  \"When it failed first since it answered last. Null: it does not fail.\"\n  failingSince: DateTime\n  \"What went wrong last. Null: nothing did since it answered last.\"\n  error: String\n}\n\n\"An event that a webhook is told of.\"\ntype WebhookDelivery {\n  \"Names it for `redeliverWebhook`.\"\n  id: ID!\n  \"What it is told of.\"\n  event: WebhookEvent!\n  \"The event's place in the log.\"\n  cursor: Cursor!\n  \"How often it was tried.\"\n  attempts: Int!\n  \"The HTTP status of the last answer. Null: there was none.\"\n  status: Int\n  \"When it was told. Null: not yet.\"\n  deliveredAt: DateTime\n  \"When it is tried again. Null: it is not.\"\n  nextAttemptAt: DateTime\n  \"What went wrong last.\"\n  error: String\n}\n\n\"A delivery in a list.\"\ntype WebhookDeliveryEdge {\n  \"Its place in the list.\"\n  cursor: String!\n  \"The delivery.\"\n  node: WebhookDelivery!\n}\n\n\"A page of deliveries.\"\ntype WebhookDeliveryConnection {\n  \"The deliveries of this page.\"\n  edges: [WebhookDeliveryEdge!]!\n  \"Whether there are others.\"\n  pageInfo: PageInfo!\n}\n\n\"What a mutation about a webhook answers.\"\ntype WebhookPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The webhook as it is now. Null: it is deleted.\"\n  webhook: Webhook\n  \"What its calls are signed with. Told once, when the hook is made.\"\n  secret: String\n}\n\n\"Through which another program posts. Only the scope `admin` sees it.\"\ntype IncomingWebhook {\n  \"`h:<name>`.\"\n  id: ID!\n  \"Who posts.\"\n  bot: User!\n  \"Where to.\"\n  conversation: Conversation!\n}\n\n\"What a mutation about an incoming webhook answers.\"\ntype IncomingWebhookPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The webhook as it is now. Null: it is deleted.\"\n  webhook: IncomingWebhook\n  \"Where to post, below the address of the server: `/hooks/<token>`. Told once; null for a repeated call.\"\n  path: String\n}\n\n\"What making a bot answers.\"\ntype BotPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The bot.\"\n  user: User!\n  \"What it sends as `Authorization: Bearer <token>`. Told once; null for a repeated call.\"\n  token: String\n}\n\n\"What a mutation about the user answers.\"\ntype UserPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The user, as they are now.\"\n  user: User!\n}\n\n\"What a mutation about a device answers.\"\ntype DevicePayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The user's devices, as they are now.\"\n  devices: [Device!]! @listSize(assumedSize: 8)\n}\n\n\"What a mutation about a request for friendship answers.\"\ntype FriendRequestPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The request, as it is now.\"\n  request: FriendRequest!\n}\n\n\"What a mutation about the user's schedule answers.\"\ntype ScheduledPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"All messages of the user that wait for their time now, the earliest first.\"\n  scheduled: [ScheduledMessage!]! @listSize(assumedSize: 100)\n}\n\n\"A header of HTTP.\"\ntype Header {\n  \"Its name.\"\n  name: String!\n  \"Its value.\"\n  value: String!\n}\n\n\"Where a file's bytes go.\"\ntype Upload {\n  \"Its id, for `AttachmentInput.uploadId`: `u:<user>:<UUID>`. Nobody else can use it.\"\n  id: ID!\n  \"Where the bytes go. It needs no token: whoever has it may put them there.\"\n  url: URL!\n  \"The method of HTTP: `PUT`.\"\n  method: String!\n  \"Headers that must be sent along, beside Content-Length.\"\n  headers: [Header!]! @listSize(assumedSize: 4)\n  \"The bytes must begin to come before this.\"\n  expiresAt: DateTime!\n}\n\n\"What `createUpload` answers.\"\ntype UploadPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"Where the bytes go.\"\n  upload: Upload!\n}\n\n\"What a mutation about a message answers.\"\ntype MessagePayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The message, as it is now. Without its content for those who make the same call again when they may not see it any more.\"\n  message: Message!\n  \"The same as `Conversation.messages` gives it, for clients that keep lists.\"\n  edge: MessageEdge!\n  \"What else may have changed, for clients that keep a cache: `unreadTotal`.\"\n  viewer: Viewer!\n}\n\n\"What a mutation about several messages answers.\"\ntype MessagesPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The new messages, in order.\"\n  messages: [Message!]! @listSize(assumedSize: 100)\n}\n\n\"What `putCircle` answers.\"\ntype CirclePayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The circle, as it is now.\"\n  circle: Circle!\n}\n\n\"What became of an import.\"\ntype ImportPayload {\n  \"Everything that was stored is in the log up to here.\"\n  cursor: Cursor!\n  \"Lines that were stored now.\"\n  stored: Int!\n  \"Lines that were stored before, by the same keys.\"\n  alreadyThere: Int!\n  \"Lines that could not be stored, in their order.\"\n  refused: [ImportFault!]! @listSize(assumedSize: 1000)\n}\n\n\"What became of an import of facts.\"\ntype ImportFactsPayload {\n  \"Everything that was stored is in the log up to here.\"\n  cursor: Cursor!\n  \"Facts that were stored now.\"\n  stored: Int!\n  \"Facts that were there already: by their ids, or because all is as they say.\"\n  alreadyThere: Int!\n  \"Messages among those that were stored: what they answer is not there, so they answer nothing.\"\n  loose: Int!\n  \"Facts that could not be stored, in their order.\"\n  refused: [ImportFault!]! @listSize(assumedSize: 1000)\n}\n\n\"What `importFile` answers.\"\ntype ImportFilePayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"Where its bytes go. Null: they are there, or the message is.\"\n  upload: Upload\n}\n\n\"Why a line of an import could not be stored.\"\ntype ImportFault {\n  \"Its place in the call, from 0.\"\n  index: Int!\n  \"BAD_INPUT, or CONFLICT: its key was used for another message, or everyone has left the room.\"\n  code: ErrorCode!\n  \"What is wrong with it.\"\n  message: String!\n}\n\n\"What a mutation about a conversation answers.\"\ntype ConversationPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The conversation, as it is now.\"\n  conversation: Conversation!\n  \"What else may have changed, for clients that keep a cache: `unreadTotal`.\"\n  viewer: Viewer!\n}\n\n\"What a mutation about many conversations answers.\"\ntype ConversationsPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The conversations, as they are now, each once, in the order of the input.\"\n  conversations: [Conversation!]! @listSize(assumedSize: 100)\n  \"What else may have changed, for clients that keep a cache: `unreadTotal`.\"\n  viewer: Viewer!\n}\n\n\"What `join` answers: the user is a member now, or their request waits.\"\ntype JoinPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The group, as it is now. To those who may not see it yet it is what `JoinRequest.conversation` says.\"\n  conversation: Conversation!\n  \"The request of the user, where they are not a member at once.\"\n  request: JoinRequest\n}\n\n\"What a mutation about a request to join answers.\"\ntype JoinRequestPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The request, as it is now.\"\n  request: JoinRequest!\n}\n\n\"What a mutation about a report answers.\"\ntype ReportPayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The report, as it is now.\"\n  report: Report!\n}\n\n\"What a mutation about an invitation answers.\"\ntype InvitePayload {\n  \"The change is in the log up to here: give it as `atLeast` to a read that must contain the change.\"\n  cursor: Cursor!\n  \"The invitation, as it is now.\"\n  invite: Invite!\n}\n\n# -------------------------------------------------------------------------------------------------------------- operating\n\n\"What operators see.\"\ntype Admin {\n  \"The version of the program.\"\n  version: String!\n  \"The log, the views, the search index, the signals and what the server does by itself, as they are now.\"\n  components: [Component!]! @listSize(assumedSize: 8)\n  \"The state of each projection.\"\n  projections: [ProjectionStatus!]! @listSize(assumedSize: 32)\n  \"Events that a projection could not handle, and those that wait behind them, by projection and then in the order of the log.\"\n  parked(\n    \"Only those of this projection.\"\n    name: String\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): ParkedConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"The rows of each projection, as its versions and runs made them: those in use, those being built, and those that are left.\"\n  generations: [Generation!]! @listSize(assumedSize: 64)\n  \"The disk that DATA_DIR is on. Null if the system does not say.\"\n  disk: Disk\n  \"Reports of all conversations: the open ones, the oldest first, or those that were decided, the last one first.\"\n  reports(\n    \"Those that are open (true), or those that were decided.\"\n    open: Boolean = true\n    \"How many: 1 to 100.\"\n    first: Int = 50\n    \"The cursor of an edge: the page goes on after it.\"\n    after: String\n  ): ReportConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"Who is banned from the server, the last one first.\"\n  bans(\"How many: 1 to 100.\" first: Int = 50, \"The cursor of an edge: the page goes on after it.\" after: String): BanConnection!\n    @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"Settings of this server that are allowed, and still look wrong.\"\n  doubts: [Doubt!]! @listSize(assumedSize: 32)\n  \"Where other programs are told what happens, by id.\"\n  webhooks: [Webhook!]! @listSize(assumedSize: 100)\n  \"Through which other programs post, by id.\"\n  incomingWebhooks: [IncomingWebhook!]! @listSize(assumedSize: 100)\n  \"What proves that no event of the log was changed, taken out, put in or moved (docs/audit.md).\"\n  audit: Audit!\n}\n\n\"\"\"\nA Merkle tree over the log (RFC 9162): its leaves are the events, in the order of the log. Hashes and signatures are in base64. What is\nasked of it is answered from all events that were stored before.\n\nErrors of all fields:\n- UNAVAILABLE: the tree is being made for the first time, or the server keeps none. The message says which.\n\"\"\"\ntype Audit {\n  \"The signed root over all events. It is kept, and compared with the log by `tidings audit verify`: keep it elsewhere, too.\"\n  treeHead: TreeHead!\n  \"\"\"\n  Proves that an event is in the tree.\n\n  Errors:\n  - BAD_INPUT: there is no event at `cursor`, or it is behind the first `treeSize` events, or the log has fewer.\n  \"\"\"\n  inclusion(\n    \"Where the event is: the cursor that its command returned.\"\n    cursor: Cursor!\n    \"The size of a tree: of a head that is kept, for example. All events if it is left out.\"\n    treeSize: Float\n  ): InclusionProof!\n  \"\"\"\n  Proves that the tree of the first `from` events is the beginning of that of the first `to`: that nothing before `from` was changed.\n\n  Errors:\n  - BAD_INPUT: `from` or `to` is not a whole number from 0 on, `to` is less than `from`, or the log has fewer events.\n  \"\"\"\n  consistency(\"The size of the smaller tree.\" from: Float!, \"The size of the larger tree.\" to: Float!): [String!]!\n    @listSize(assumedSize: 64)\n}\n\n\"The signed root of the tree over the first events of the log.\"\ntype TreeHead {\n  \"How many events.\"\n  size: Float!\n  \"The root of the tree over them.\"\n  root: String!\n  \"When it was signed.\"\n  signedAt: DateTime!\n  \"An Ed25519 signature of the lines `tidings tree head 1`, `size`, `root` and `signedAt`, each with a line feed behind it.\"\n  signature: String!\n  \"The public key of it: a SubjectPublicKeyInfo (DER).\"\n  key: String!\n}\n\n\"That an event is in a tree.\"\ntype InclusionProof {\n  \"Which leaf is the event's, counted from 0.\"\n  index: Float!\n  \"How many leaves the tree has.\"\n  treeSize: Float!\n  \"The hash of the leaf.\"\n  leaf: String!\n  \"The hashes that lead from the leaf to the root, from below.\"\n  path: [String!]! @listSize(assumedSize: 64)\n}\n\n\"The rows of a projection, as one version and one run made them.\"\ntype Generation {\n  \"Its name, such as `timelines@1#2`.\"\n  name: String!\n  \"The projection.\"\n  projection: String!\n  \"The version of the projection that made it.\"\n  version: Int!\n  \"What it is for.\"\n  state: GenerationState!\n  \"How far it is: its place in the log. Null if nothing is folded yet.\"\n  cursor: Cursor\n  \"About what it takes on the disk; what was written last may not be counted. Null if it is not known, as while `search` has another one.\"\n  bytes: Float\n}\n\n\"What a generation is for.\"\nenum GenerationState {\n  \"It is in use.\"\n  READ\n  \"It is being built, and will be in use.\"\n  BUILDING\n  \"Nobody uses it. It is kept for a while, for queries that have begun or for an earlier version, and then removed.\"\n  LEFT\n}\n\n\"A disk.\"\ntype Disk {\n  \"What the server may still write.\"\n  freeBytes: Float!\n  \"What it holds in all.\"\n  totalBytes: Float!\n}\n\n\"A setting that looks wrong.\"\ntype Doubt {\n  \"Its name.\"\n  setting: String!\n  \"How bad that is.\"\n  severity: Severity!\n  \"Why it looks wrong, and what to do.\"\n  reason: String!\n}\n\n\"How bad something is.\"\nenum Severity {\n  \"Somebody should look.\"\n  WARNING\n  \"Something does not work, or is open to everyone.\"\n  FAULT\n}\n\n\"The state of a projection, which makes rows from the log's events.\"\ntype ProjectionStatus {\n  \"Its name.\"\n  name: String!\n  \"It is raised when its rows change.\"\n  version: Int!\n  \"What it does now.\"\n  state: ProjectionState!\n  \"How far the one in use is: its place in the log.\"\n  cursor: Cursor!\n  \"Events between it and the log's end. Null above 5,000, and if the log cannot say.\"\n  lag: Int\n  \"How much of the building or comparing is done, 0 to 1. Null if neither is going on.\"\n  progress: Float\n  \"How fast it is built, or null.\"\n  eventsPerSecond: Float\n  \"Rows that the last comparison found unequal. Null before one, and once a replay has replaced them.\"\n  differences: Int\n  \"Events that it could not handle, and those that wait behind them.\"\n  parked: Int!\n  \"What is wrong, or was last. Null if nothing is.\"\n  lastError: String\n}\n\n\"A part of the server.\"\ntype Component {\n  \"What it is for: `log`, `views`, `search`, `signals`, `files`, `rules`, `asked` (webhooks, before messages are stored), or `processes`: what the server does by itself when it is due.\"\n  role: String!\n  \"What it is: `sqlite`, `eventstoredb`, `level`, `elasticsearch`, `local`, `folder`, `s3`, `file`, `webhooks` or `embedded`.\"\n  kind: String!\n  \"It answers.\"\n  reachable: Boolean!\n  \"The version of the server that it uses, or null.\"\n  version: String\n  \"A sentence: what is wrong with it, or the state of its nodes. Or null.\"\n  detail: String\n  \"What it takes on the disk, or null if it cannot say.\"\n  bytes: Float\n}\n\n\"What a projection does now.\"\nenum ProjectionState {\n  \"It is at the log's end, or close behind.\"\n  LIVE\n  \"\"\"\n  It reads what the log holds, from the beginning or from where it stopped, and has not been at the log's end since the start.\n  This is no fault: see `progress`.\n  \"\"\"\n  REBUILDING\n  \"It is in use, and another one is being built beside it.\"\n  REPLAYING\n  \"It is in use, and is being compared with what it was made from.\"\n  VERIFYING\n  \"Something is wrong (`lastError`). It tries again by itself.\"\n  RETRYING\n  \"Something is wrong (`lastError`) that does not go away by itself.\"\n  STOPPED\n}\n\n\"An event that a projection could not handle, or that waits behind one.\"\ntype Parked {\n  \"The projection.\"\n  projection: String!\n  \"The event's place in the log.\"\n  cursor: Cursor!\n  \"The event's type.\"\n  eventType: String!\n  \"Why it could not be handled.\"\n  error: String!\n  \"How often it was tried.\"\n  attempts: Int!\n  \"Since when.\"\n  parkedAt: DateTime!\n}\n\n# ------------------------------------------------------------------------------------------- connections (Relay's rules)\n\n\"Where a page is in its list.\"\ntype PageInfo {\n  \"There is more after this page.\"\n  hasNextPage: Boolean!\n  \"There is more before this page.\"\n  hasPreviousPage: Boolean!\n  \"The cursor of the first edge, or null.\"\n  startCursor: String\n  \"Where the next page goes on: mostly the cursor of the last edge. Null if there is nothing.\"\n  endCursor: String\n}\n\n\"A member in a list.\"\ntype MemberEdge {\n  \"The place in the list: give it as `after`.\"\n  cursor: String!\n  \"The member.\"\n  node: Member!\n}\n\n\"A page of members.\"\ntype MemberConnection {\n  \"The members of the page.\"\n  edges: [MemberEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n\n\"A friend in a list.\"\ntype FriendEdge {\n  \"The place in the list: give it as `after`.\"\n  cursor: String!\n  \"The friend.\"\n  node: Friend!\n}\n\n\"A page of friends.\"\ntype FriendConnection {\n  \"The friends of the page.\"\n  edges: [FriendEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n  \"How many friends there are, on all pages.\"\n  totalCount: Int!\n}\n\n\"A request for friendship in a list.\"\ntype FriendRequestEdge {\n  \"The place in the list: give it as `after`.\"\n  cursor: String!\n  \"The request.\"\n  node: FriendRequest!\n}\n\n\"A page of requests for friendship.\"\ntype FriendRequestConnection {\n  \"The requests of the page.\"\n  edges: [FriendRequestEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n\n\"A report in a list.\"\ntype ReportEdge {\n  \"The place in the list: give it as `after`.\"\n  cursor: String!\n  \"The report.\"\n  node: Report!\n}\n\n\"A page of reports.\"\ntype ReportConnection {\n  \"The reports of the page.\"\n  edges: [ReportEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n\n\"Somebody who is banned, in a list.\"\ntype BanEdge {\n  \"The place in the list: give it as `after`.\"\n  cursor: String!\n  \"Who is banned.\"\n  node: Ban!\n}\n\n\"A page of those who are banned.\"\ntype BanConnection {\n  \"Those of the page.\"\n  edges: [BanEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n\n\"A request to join in a list.\"\ntype JoinRequestEdge {\n  \"The place in the list: give it as `after`.\"\n  cursor: String!\n  \"The request.\"\n  node: JoinRequest!\n}\n\n\"A page of requests to join.\"\ntype JoinRequestConnection {\n  \"The requests of the page.\"\n  edges: [JoinRequestEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n\n\"A user in a list.\"\ntype UserEdge {\n  \"The place in the list: give it as `after`.\"\n  cursor: String!\n  \"The user.\"\n  node: User!\n}\n\n\"A page of users.\"\ntype UserConnection {\n  \"The users of the page.\"\n  edges: [UserEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n\n\"A page of conversations.\"\ntype ConversationConnection {\n  \"The conversations of the page.\"\n  edges: [ConversationEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n  \"The list is true as of this place of the log. Go on from it with `sync` or `inbox`.\"\n  cursor: Cursor!\n}\n\n\"A conversation in a list.\"\ntype ConversationEdge {\n  \"The place in the list: give it as `after`.\"\n  cursor: String!\n  \"The conversation.\"\n  node: Conversation!\n}\n\n\"A message in a list.\"\ntype MessageEdge {\n  \"The message's seq in decimal: give it as `after` or `before`.\"\n  cursor: String!\n  \"The message.\"\n  node: Message!\n}\n\n\"A page of messages, in ascending order.\"\ntype MessageConnection {\n  \"The messages of the page.\"\n  edges: [MessageEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n\n\"A message that was found, in a list.\"\ntype MessageHitEdge {\n  \"The place in the list: give it as `after` to the same search.\"\n  cursor: String!\n  \"The message, and where the words are in it.\"\n  node: MessageHit!\n}\n\n\"\"\"\nA page of messages that were found. The counts are of all pages, and of the index as it is at this moment. They stop counting at\n10,000 messages.\n\"\"\"\ntype MessageHitConnection {\n  \"The messages of the page.\"\n  edges: [MessageHitEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n  \"How many messages there are: at most 10,000.\"\n  totalCount: Int!\n  \"How many by sender, the most first: at most 1,000 keys, which are ids of users.\"\n  bySender: [Facet!]! @listSize(assumedSize: 1000)\n  \"How many by conversation, the most first: at most 1,000 keys, which are ids of conversations.\"\n  byConversation: [Facet!]! @listSize(assumedSize: 1000)\n  \"How many by month, the newest first: at most 1,000 keys, as `2022-11` (UTC).\"\n  byMonth: [Facet!]! @listSize(assumedSize: 1000)\n}\n\n\"How many messages have something in common.\"\ntype Facet {\n  \"What they have in common: the id of a sender or a conversation, or a month.\"\n  key: String!\n  \"How many there are.\"\n  count: Int!\n}\n\n\"A user who was found, in a list.\"\ntype UserHitEdge {\n  \"The place in the list: give it as `after` to the same search.\"\n  cursor: String!\n  \"The user, and why they stand here.\"\n  node: UserHit!\n}\n\n\"A page of users who were found.\"\ntype UserHitConnection {\n  \"The users of the page.\"\n  edges: [UserHitEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n\n\"A group that was found, in a list.\"\ntype ConversationHitEdge {\n  \"The place in the list: give it as `after` to the same search.\"\n  cursor: String!\n  \"The group, and why it stands here.\"\n  node: ConversationHit!\n}\n\n\"A page of groups that were found.\"\ntype ConversationHitConnection {\n  \"The groups of the page.\"\n  edges: [ConversationHitEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n\n\"An event that a projection could not handle, in a list.\"\ntype ParkedEdge {\n  \"The place in the list: give it as `after`.\"\n  cursor: String!\n  \"The event.\"\n  node: Parked!\n}\n\n\"A page of events that a projection could not handle.\"\ntype ParkedConnection {\n  \"The events of the page.\"\n  edges: [ParkedEdge!]!\n  \"Where the page is in its list.\"\n  pageInfo: PageInfo!\n}\n";
