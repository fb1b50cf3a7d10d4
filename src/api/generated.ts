// Made by codegen.mjs from schema.graphql: not edited by hand.
import type { Context } from "./context.ts";
import type { AdminEntity, CaughtUpEntity, ConversationEntity, EntryEntity, MemberEntity, MembershipChangedEntity, MessageChangedEntity, MessageEntity, MessageHitEntity, MessageHitsEntity, MessagePayloadEntity, MessageReceivedEntity, NodeEntity, ReadMovedEntity, ResetEntity, UserEntity, ViewerEntity } from "./entities.ts";
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
  /** A point of time, ISO 8601 in UTC with milliseconds. */
  DateTime: { input: string; output: string; }
  /** A place in the one log, opaque; its text order is log order. Valid across views, rebuilds, restarts and nodes of that log. */
  Cursor: { input: string; output: string; }
  /** An address of http or https. */
  URL: { input: string; output: string; }
};

export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_INPUT'
  | 'CONFLICT'
  /** a cap was reached: members, friends, groups, size */
  | 'LIMIT_EXCEEDED'
  | 'RATE_LIMITED'
  /**
   * A server behind is away or late; nothing was stored, or the outcome is unknown, or it is stored and not in force yet: send the same
   * clientMutationId again.
   */
  | 'UNAVAILABLE'
  | 'INTERNAL';

export type Node = {
  readonly id: Scalars['ID']['output'];
};

export type Query = {
  readonly viewer: Viewer;
  /** Anything by its id; null where the viewer may not see it. */
  readonly node: Maybe<Node>;
  /** By id or by handle: give one. Null where there is none. */
  readonly user: Maybe<User>;
  /** Null where there is none that the viewer may see. Public groups and channels are seen by all. */
  readonly conversation: Maybe<Conversation>;
  /** What a QR code or an invite link holds. Null where it is none, or nothing that the viewer may see. */
  readonly code: Maybe<CodeTarget>;
  readonly searchMessages: MessageHitConnection;
  /** By name, tags and place: give at least one. */
  readonly searchUsers: UserHitConnection;
  /** Groups that are public, or that the viewer is or was a member of, by name, tags and category: give at least one. */
  readonly searchConversations: ConversationHitConnection;
  /** Needs the scope `admin`. */
  readonly admin: Admin;
};


export type QueryViewerArgs = {
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


export type QueryUserArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  handle?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


export type QueryConversationArgs = {
  id: Scalars['ID']['input'];
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


export type QueryCodeArgs = {
  text: Scalars['String']['input'];
};


export type QuerySearchMessagesArgs = {
  query: MessageQuery;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


export type QuerySearchUsersArgs = {
  query: UserQuery;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};


export type QuerySearchConversationsArgs = {
  query: ConversationQuery;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Cursor']['input']>;
};

/** The one who asks. */
export type Viewer = {
  readonly user: User;
  /** Newest activity first. `kind` and `unreadOnly` narrow it. `includeHidden` changes nothing in this version: no conversation can be hidden yet. */
  readonly conversations: ConversationConnection;
  /** Over all conversations that are not muted; `includeMuted` counts those too. It changes nothing in this version: none can be muted yet. */
  readonly unreadTotal: Scalars['Int']['output'];
  /** What happened to the viewer after `after` (null: from the oldest kept), oldest first. The same entries, cursors and order as the subscription `inbox`. */
  readonly sync: SyncPage;
  /** By the time of joining, newest first. */
  readonly groups: ConversationConnection;
};


/** The one who asks. */
export type ViewerConversationsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  kind?: InputMaybe<ConversationKind>;
  unreadOnly?: InputMaybe<Scalars['Boolean']['input']>;
  includeHidden?: InputMaybe<Scalars['Boolean']['input']>;
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
export type ViewerGroupsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type SyncPage = {
  readonly entries: ReadonlyArray<InboxEntry>;
  /** Where the next call goes on; also where there was nothing new. */
  readonly cursor: Scalars['Cursor']['output'];
  readonly hasMore: Scalars['Boolean']['output'];
  /** `after` is older than the inbox keeps (INBOX_TTL, INBOX_MAX), of another log, or from before a healed fault: read `conversations` afresh and go on from the cursor of their first page. */
  readonly resetRequired: Scalars['Boolean']['output'];
};

export type User = Node & {
  readonly id: Scalars['ID']['output'];
  readonly handle: Scalars['String']['output'];
  readonly name: Scalars['String']['output'];
  readonly avatarUrl: Maybe<Scalars['URL']['output']>;
  readonly gender: Maybe<Gender>;
  /** In years, from the birthday that the user gave, or null. */
  readonly age: Maybe<Scalars['Int']['output']>;
  readonly signature: Maybe<Scalars['String']['output']>;
  readonly tags: ReadonlyArray<Tag>;
  /** The text of this user's QR code. */
  readonly code: Scalars['String']['output'];
  /** The one conversation with this user; it exists from the first message on, its id from the start. */
  readonly directConversationId: Scalars['ID']['output'];
};

export type Gender =
  | 'FEMALE'
  | 'MALE'
  | 'OTHER';

export type Tag = {
  readonly name: Scalars['String']['output'];
  readonly score: Scalars['Float']['output'];
};

export type Conversation = Node & {
  readonly id: Scalars['ID']['output'];
  readonly kind: ConversationKind;
  /** DIRECT: the viewer's alias for the other one, or the name. */
  readonly title: Scalars['String']['output'];
  readonly avatarUrl: Maybe<Scalars['URL']['output']>;
  readonly description: Maybe<Scalars['String']['output']>;
  readonly announcement: Maybe<Scalars['String']['output']>;
  /** A group's type or label. */
  readonly category: Maybe<Scalars['String']['output']>;
  readonly tags: ReadonlyArray<Tag>;
  readonly createdAt: Maybe<Scalars['DateTime']['output']>;
  readonly joinPolicy: JoinPolicy;
  /** May be found, and its history read and searched, by those outside. */
  readonly public: Scalars['Boolean']['output'];
  /** Members see what was sent before they joined. */
  readonly historyVisible: Scalars['Boolean']['output'];
  /** Text of the QR code; null for DIRECT. */
  readonly code: Maybe<Scalars['String']['output']>;
  /** DIRECT: the other one. */
  readonly peer: Maybe<User>;
  /** To who has left a group that is not public: as it was when they had left. */
  readonly memberCount: Scalars['Int']['output'];
  /** By join time. */
  readonly members: MemberConnection;
  /** Of the viewer; null outside. */
  readonly membership: Maybe<Member>;
  /** An edge's cursor is its seq in decimal: `last: 30` is the newest page, `last: 30, before: "41"` the one before seq 41. Ascending within a page. Neither given: `last: 30`. */
  readonly messages: MessageConnection;
  readonly message: Maybe<Message>;
  /** Of the newest message; 0 where there is none. */
  readonly lastSeq: Scalars['Int']['output'];
  readonly lastMessage: Maybe<Message>;
  /** Newest message, else creation. */
  readonly lastActivityAt: Maybe<Scalars['DateTime']['output']>;
  readonly readSeq: Scalars['Int']['output'];
  readonly unreadCount: Scalars['Int']['output'];
  readonly unreadMentions: Scalars['Int']['output'];
};


export type ConversationMembersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  role?: InputMaybe<Role>;
};


export type ConversationMessagesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type ConversationMessageArgs = {
  seq: Scalars['Int']['input'];
};

export type ConversationKind =
  | 'DIRECT'
  | 'GROUP'
  /** Of a later version: there are none yet. */
  | 'CHANNEL';

/** Who becomes a member without being added by an owner or administrator. */
export type JoinPolicy =
  /** Whoever knows the group's id joins, and every member adds others. Ids cannot be guessed; a code, a link or a member gives them away. */
  | 'OPEN'
  /** There are no requests to join in this version: nobody comes but who is added, as with INVITE. */
  | 'APPROVAL'
  /** There are no invitations in this version: nobody comes but who is added. */
  | 'INVITE';

export type Role =
  | 'OWNER'
  | 'ADMIN'
  | 'MEMBER';

export type Member = {
  readonly user: User;
  readonly role: Role;
  readonly joinedAt: Scalars['DateTime']['output'];
  /** Messages above it are this member's; `unread` counts from it. */
  readonly joinedSeq: Scalars['Int']['output'];
};

/** Of a later version: there are none yet. */
export type Invite = {
  readonly code: Scalars['String']['output'];
  readonly createdBy: User;
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
  readonly usesLeft: Maybe<Scalars['Int']['output']>;
};

export type Message = Node & {
  readonly id: Scalars['ID']['output'];
  readonly conversation: Conversation;
  /** Dense from 1 in each conversation, in the order of the log. */
  readonly seq: Scalars['Int']['output'];
  readonly cursor: Scalars['Cursor']['output'];
  readonly sender: User;
  readonly clientMutationId: Scalars['String']['output'];
  readonly sentAt: Scalars['DateTime']['output'];
  readonly kind: MessageKind;
  /** A thread or feed within the conversation, free text. */
  readonly topic: Maybe<Scalars['String']['output']>;
  /** Null once recalled or expired. At most 16,384 characters. */
  readonly text: Maybe<Scalars['String']['output']>;
  readonly attachments: ReadonlyArray<Attachment>;
  readonly replyTo: Maybe<Message>;
  readonly mentions: ReadonlyArray<User>;
  readonly mentionsAll: Scalars['Boolean']['output'];
  readonly editedAt: Maybe<Scalars['DateTime']['output']>;
  readonly recalledAt: Maybe<Scalars['DateTime']['output']>;
};

export type MessageKind =
  | 'TEXT'
  | 'IMAGE'
  | 'FILE'
  | 'AUDIO'
  | 'VIDEO';

export type Attachment = {
  readonly url: Scalars['URL']['output'];
  readonly name: Scalars['String']['output'];
  readonly mediaType: Scalars['String']['output'];
  readonly size: Scalars['Int']['output'];
  readonly width: Maybe<Scalars['Int']['output']>;
  readonly height: Maybe<Scalars['Int']['output']>;
};

/**
 * Words are ANDed; what stands between double quotes is a phrase, and a word that ends in `*` is the beginning of one. Case, width, accents, and traditional or
 * simplified characters do not count. Only what the viewer may see is found. At most 1,000 characters and 32 words and phrases. One search of a user is made at
 * a time (RATE_LIMITED where too many wait); one that takes too long is UNAVAILABLE: name a conversation, a sender or a time, or rarer words.
 */
export type MessageQuery = {
  readonly text?: InputMaybe<Scalars['String']['input']>;
  readonly conversationId?: InputMaybe<Scalars['ID']['input']>;
  readonly senderId?: InputMaybe<Scalars['ID']['input']>;
  readonly kind?: InputMaybe<MessageKind>;
  readonly topic?: InputMaybe<Scalars['String']['input']>;
  /** Later than this; digits below the millisecond count. */
  readonly sentAfter?: InputMaybe<Scalars['DateTime']['input']>;
  /** Earlier than this; digits below the millisecond count. */
  readonly sentBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** Also public groups and channels that the viewer is not in. */
  readonly includePublic?: InputMaybe<Scalars['Boolean']['input']>;
  readonly orderBy?: InputMaybe<SearchOrder>;
};

/** NEWEST: by `sentAt`, then conversation and seq, newest first; the same from every engine. RELEVANCE: the messages first that hold the words more often and are shorter; each engine weighs that in its own way, and no other message counts. Without `text` it is NEWEST; it may rank the newest 10,000 alone. */
export type SearchOrder =
  | 'NEWEST'
  | 'RELEVANCE';

export type UserQuery = {
  /** Words of the name, as in a search of messages; or the whole of an id, a handle (with or without `@`) or a QR code's text. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** Who has all of these: 1 to 16. They are compared as words are. The highest sum of their scores first. */
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Who gave a location there. Places are those of a grid of at least 100 m: one is found in the middle of its cell. Without `tags` the nearest first. */
  readonly near?: InputMaybe<Near>;
  /** Whose place, as `near` has it, is inside of this polygon: 3 to 500 corners. Corners more than 180° of longitude apart are joined across the antimeridian. */
  readonly within?: InputMaybe<ReadonlyArray<PointInput>>;
  /** Nobody has friends in this version: then nobody is found. */
  readonly friendsOnly?: InputMaybe<Scalars['Boolean']['input']>;
};

export type ConversationQuery = {
  /** Words of the title, as in a search of messages; or the whole of an id or a QR code's text. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** Those that have all of these: 1 to 16. They are compared as words are. The highest sum of their scores first. */
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Compared as words are. */
  readonly category?: InputMaybe<Scalars['String']['input']>;
};

/** `radius` in metres: above 0, at most 20,100,000. */
export type Near = {
  readonly latitude: Scalars['Float']['input'];
  readonly longitude: Scalars['Float']['input'];
  readonly radius: Scalars['Float']['input'];
};

/** Degrees: -90 to 90, and -180 to 180. */
export type PointInput = {
  readonly latitude: Scalars['Float']['input'];
  readonly longitude: Scalars['Float']['input'];
};

export type TextRun = {
  readonly text: Scalars['String']['output'];
  readonly hit: Scalars['Boolean']['output'];
};

/** `highlights`: the text in pieces; joined they are the text. None where the message has no text. */
export type MessageHit = {
  readonly message: Message;
  readonly highlights: ReadonlyArray<TextRun>;
};

/** `score`: sum of the scores of the tags asked for. `distance` in metres, rounded to 100, where `near` was given. */
export type UserHit = {
  readonly user: User;
  readonly score: Maybe<Scalars['Float']['output']>;
  readonly distance: Maybe<Scalars['Float']['output']>;
};

export type ConversationHit = {
  readonly conversation: Conversation;
  readonly score: Maybe<Scalars['Float']['output']>;
};

export type CodeTarget = User | Conversation | Invite;

export type Subscription = {
  /**
   * First all that was missed after `after`, then InboxCaughtUp, then live: nothing missing, nothing twice, in log order. Without `after`: live only, from
   * InboxCaughtUp on. A cursor that the server's views have not got to yet (a mutation's) is waited for. InboxCaughtUp is said once they hold all that there was when
   * the server started: while they are built anew it takes until then. An entry that
   * cannot be had ends it with an error: subscribe again after the last one that came.
   */
  readonly inbox: InboxEntry;
  /** Of one conversation that the viewer may see: for a page that shows just it. */
  readonly conversation: InboxEntry;
};


export type SubscriptionInboxArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
};


export type SubscriptionConversationArgs = {
  id: Scalars['ID']['input'];
  after?: InputMaybe<Scalars['Cursor']['input']>;
};

export type InboxEntry = {
  readonly cursor: Scalars['Cursor']['output'];
  readonly at: Scalars['DateTime']['output'];
};

export type InboxCaughtUp = InboxEntry & {
  readonly cursor: Scalars['Cursor']['output'];
  readonly at: Scalars['DateTime']['output'];
};

/** `after` was too old: read afresh, and go on from here. */
export type InboxReset = InboxEntry & {
  readonly cursor: Scalars['Cursor']['output'];
  readonly at: Scalars['DateTime']['output'];
};

export type MessageReceived = InboxEntry & {
  readonly cursor: Scalars['Cursor']['output'];
  readonly at: Scalars['DateTime']['output'];
  readonly message: Message;
};

/** Edited, recalled, reacted to, pinned: the message as it is now. */
export type MessageChanged = InboxEntry & {
  readonly cursor: Scalars['Cursor']['output'];
  readonly at: Scalars['DateTime']['output'];
  readonly message: Message;
  readonly change: MessageChange;
};

/** Those after RECALLED are of a later version. */
export type MessageChange =
  | 'EDITED'
  | 'RECALLED'
  | 'REACTED'
  | 'PINNED'
  | 'UNPINNED'
  | 'EXPIRED';

/** The viewer read on, on any device. */
export type ReadMoved = InboxEntry & {
  readonly cursor: Scalars['Cursor']['output'];
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly readSeq: Scalars['Int']['output'];
};

/** A channel's follows are told to the follower only. */
export type MembershipChanged = InboxEntry & {
  readonly cursor: Scalars['Cursor']['output'];
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly user: User;
  readonly actor: User;
  readonly change: MembershipChange;
};

/** SILENCED and DISSOLVED are of a later version. */
export type MembershipChange =
  | 'JOINED'
  | 'LEFT'
  | 'REMOVED'
  | 'ROLE_CHANGED'
  | 'SILENCED'
  | 'DISSOLVED';

export type Mutation = {
  readonly register: UserPayload;
  readonly updateProfile: UserPayload;
  /** Where others find the viewer (`searchUsers`): not the place itself, but the middle of a cell of a grid of at least 100 m that it is in, whatever they ask. Distances are rounded to 100 m. */
  readonly setLocation: UserPayload;
  /** To a conversation, or to a user: give one of `conversationId`, `userId`. */
  readonly sendMessage: MessagePayload;
  readonly editMessage: MessagePayload;
  readonly recallMessage: MessagePayload;
  /** Everything up to `seq` is read; a lower seq than before changes nothing. */
  readonly markRead: ConversationPayload;
  readonly createConversation: ConversationPayload;
  /** A member at once where the group is OPEN. Others are joined by nobody in this version: FORBIDDEN, or NOT_FOUND where one may not know of it. */
  readonly join: JoinPayload;
  readonly addMembers: ConversationPayload;
  readonly removeMembers: ConversationPayload;
  readonly leave: ConversationPayload;
  readonly setRole: ConversationPayload;
  readonly transferOwnership: ConversationPayload;
  /** History from elsewhere, with its own times; lines of one key are stored once. What `tidings import` calls. */
  readonly importMessages: ImportPayload;
  /** Begins to build it anew from the log beside the one that is read, which it takes the place of; CONFLICT where it is being built. This version: `search`. */
  readonly replayProjection: ProjectionStatus;
  /** Gives up what `replayProjection` began. */
  readonly cancelReplay: ProjectionStatus;
  /** Begins to compare it with what it was made from; then `differences` says how many there are. This version: `search`, with timelines and directory. */
  readonly verifyProjection: ProjectionStatus;
};


export type MutationRegisterArgs = {
  input: RegisterInput;
};


export type MutationUpdateProfileArgs = {
  input: UpdateProfileInput;
};


export type MutationSetLocationArgs = {
  input: SetLocationInput;
};


export type MutationSendMessageArgs = {
  input: SendMessageInput;
};


export type MutationEditMessageArgs = {
  input: EditMessageInput;
};


export type MutationRecallMessageArgs = {
  input: MessageInput;
};


export type MutationMarkReadArgs = {
  input: MarkReadInput;
};


export type MutationCreateConversationArgs = {
  input: CreateConversationInput;
};


export type MutationJoinArgs = {
  input: JoinInput;
};


export type MutationAddMembersArgs = {
  input: MembersInput;
};


export type MutationRemoveMembersArgs = {
  input: MembersInput;
};


export type MutationLeaveArgs = {
  input: NodeInput;
};


export type MutationSetRoleArgs = {
  input: SetRoleInput;
};


export type MutationTransferOwnershipArgs = {
  input: MemberInput;
};


export type MutationImportMessagesArgs = {
  input: ImportInput;
};


export type MutationReplayProjectionArgs = {
  name: Scalars['String']['input'];
};


export type MutationCancelReplayArgs = {
  name: Scalars['String']['input'];
};


export type MutationVerifyProjectionArgs = {
  name: Scalars['String']['input'];
};

export type NodeInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly id: Scalars['ID']['input'];
};

export type MessageInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly conversationId: Scalars['ID']['input'];
  readonly seq: Scalars['Int']['input'];
};

export type MemberInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly conversationId: Scalars['ID']['input'];
  readonly userId: Scalars['ID']['input'];
};

export type MembersInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly conversationId: Scalars['ID']['input'];
  readonly userIds: ReadonlyArray<Scalars['ID']['input']>;
};

export type RegisterInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly handle: Scalars['String']['input'];
  readonly name: Scalars['String']['input'];
  readonly avatarUrl?: InputMaybe<Scalars['URL']['input']>;
  readonly gender?: InputMaybe<Gender>;
  readonly birthday?: InputMaybe<Scalars['String']['input']>;
  readonly signature?: InputMaybe<Scalars['String']['input']>;
  readonly tags?: InputMaybe<ReadonlyArray<TagInput>>;
};

export type UpdateProfileInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly handle?: InputMaybe<Scalars['String']['input']>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly avatarUrl?: InputMaybe<Scalars['URL']['input']>;
  readonly gender?: InputMaybe<Gender>;
  readonly birthday?: InputMaybe<Scalars['String']['input']>;
  readonly signature?: InputMaybe<Scalars['String']['input']>;
  readonly tags?: InputMaybe<ReadonlyArray<TagInput>>;
};

export type TagInput = {
  readonly name: Scalars['String']['input'];
  readonly score?: InputMaybe<Scalars['Float']['input']>;
};

/** `point` null takes the place off the map again. It must be given: one that was forgotten takes nothing away. */
export type SetLocationInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly point?: InputMaybe<PointInput>;
};

export type SendMessageInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly conversationId?: InputMaybe<Scalars['ID']['input']>;
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
  readonly kind?: InputMaybe<MessageKind>;
  readonly topic?: InputMaybe<Scalars['String']['input']>;
  readonly text?: InputMaybe<Scalars['String']['input']>;
  readonly attachments?: InputMaybe<ReadonlyArray<AttachmentInput>>;
  readonly replyTo?: InputMaybe<Scalars['Int']['input']>;
  readonly mentions?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  readonly mentionsAll?: InputMaybe<Scalars['Boolean']['input']>;
};

export type ImportInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly messages: ReadonlyArray<ImportedMessage>;
};

/** `key` names the line for ever (its own id, or file and line number). */
export type ImportedMessage = {
  readonly key: Scalars['String']['input'];
  readonly conversation: Scalars['String']['input'];
  readonly sender: Scalars['String']['input'];
  readonly sentAt?: InputMaybe<Scalars['DateTime']['input']>;
  readonly text: Scalars['String']['input'];
  readonly topic?: InputMaybe<Scalars['String']['input']>;
};

export type AttachmentInput = {
  readonly url: Scalars['URL']['input'];
  readonly name: Scalars['String']['input'];
  readonly mediaType: Scalars['String']['input'];
  readonly size: Scalars['Int']['input'];
  readonly width?: InputMaybe<Scalars['Int']['input']>;
  readonly height?: InputMaybe<Scalars['Int']['input']>;
};

export type EditMessageInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly conversationId: Scalars['ID']['input'];
  readonly seq: Scalars['Int']['input'];
  readonly text: Scalars['String']['input'];
};

export type MarkReadInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly conversationId: Scalars['ID']['input'];
  readonly seq: Scalars['Int']['input'];
};

export type CreateConversationInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly kind: ConversationKind;
  readonly title: Scalars['String']['input'];
  readonly memberIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  readonly avatarUrl?: InputMaybe<Scalars['URL']['input']>;
  readonly description?: InputMaybe<Scalars['String']['input']>;
  readonly announcement?: InputMaybe<Scalars['String']['input']>;
  readonly category?: InputMaybe<Scalars['String']['input']>;
  readonly tags?: InputMaybe<ReadonlyArray<TagInput>>;
  /** APPROVAL until it is built is as INVITE: nobody comes but who is added. See JoinPolicy. */
  readonly joinPolicy?: InputMaybe<JoinPolicy>;
  readonly public?: InputMaybe<Scalars['Boolean']['input']>;
  readonly historyVisible?: InputMaybe<Scalars['Boolean']['input']>;
};

export type JoinInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly id?: InputMaybe<Scalars['ID']['input']>;
};

export type SetRoleInput = {
  readonly clientMutationId: Scalars['ID']['input'];
  readonly conversationId: Scalars['ID']['input'];
  readonly userId: Scalars['ID']['input'];
  readonly role: Role;
};

export type UserPayload = {
  readonly cursor: Scalars['Cursor']['output'];
  readonly user: User;
};

export type MessagePayload = {
  readonly cursor: Scalars['Cursor']['output'];
  readonly message: Message;
};

export type ImportPayload = {
  readonly cursor: Scalars['Cursor']['output'];
  readonly stored: Scalars['Int']['output'];
  readonly alreadyThere: Scalars['Int']['output'];
  readonly refused: ReadonlyArray<ImportFault>;
};

export type ImportFault = {
  readonly index: Scalars['Int']['output'];
  readonly code: ErrorCode;
  readonly message: Scalars['String']['output'];
};

export type ConversationPayload = {
  readonly cursor: Scalars['Cursor']['output'];
  readonly conversation: Conversation;
};

export type JoinPayload = {
  readonly cursor: Scalars['Cursor']['output'];
  readonly conversation: Conversation;
};

export type Admin = {
  /** The log, the views, the search index, the signals, as they are now. */
  readonly components: ReadonlyArray<Component>;
  readonly projections: ReadonlyArray<ProjectionStatus>;
  /** Events that a projection could not handle. */
  readonly parked: ParkedConnection;
};


export type AdminParkedArgs = {
  name?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type ProjectionStatus = {
  readonly name: Scalars['String']['output'];
  readonly version: Scalars['Int']['output'];
  readonly state: ProjectionState;
  /** Of the generation that is read. */
  readonly cursor: Scalars['Cursor']['output'];
  /** Events between it and the log's end; null above 5,000, and where the log cannot say. */
  readonly lag: Maybe<Scalars['Int']['output']>;
  /** Of what is built or compared: 0 to 1. */
  readonly progress: Maybe<Scalars['Float']['output']>;
  readonly eventsPerSecond: Maybe<Scalars['Float']['output']>;
  /** Rows that a verification found unequal; null before one. */
  readonly differences: Maybe<Scalars['Int']['output']>;
  readonly parked: Scalars['Int']['output'];
  readonly lastError: Maybe<Scalars['String']['output']>;
};

export type Component = {
  readonly role: Scalars['String']['output'];
  readonly kind: Scalars['String']['output'];
  readonly reachable: Scalars['Boolean']['output'];
  readonly version: Maybe<Scalars['String']['output']>;
  readonly detail: Maybe<Scalars['String']['output']>;
  readonly bytes: Maybe<Scalars['Float']['output']>;
};

export type ProjectionState =
  | 'LIVE'
  /** It folds what the log holds, from the beginning or from where it stopped, and was not at the log's end yet since the start. No fault: see `progress`. */
  | 'REBUILDING'
  /** Another generation is built beside the one that is read. */
  | 'REPLAYING'
  | 'VERIFYING'
  | 'RETRYING'
  | 'STOPPED';

export type Parked = {
  readonly projection: Scalars['String']['output'];
  readonly cursor: Scalars['Cursor']['output'];
  readonly eventType: Scalars['String']['output'];
  readonly error: Scalars['String']['output'];
  readonly attempts: Scalars['Int']['output'];
  readonly parkedAt: Scalars['DateTime']['output'];
};

export type PageInfo = {
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor: Maybe<Scalars['String']['output']>;
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

export type MemberEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Member;
};

export type MemberConnection = {
  readonly edges: ReadonlyArray<MemberEdge>;
  readonly pageInfo: PageInfo;
};

/** `cursor`: the list is true as of here; go on with `sync` or `inbox` from it. */
export type ConversationConnection = {
  readonly edges: ReadonlyArray<ConversationEdge>;
  readonly pageInfo: PageInfo;
  readonly cursor: Scalars['Cursor']['output'];
};

export type ConversationEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Conversation;
};

export type MessageEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Message;
};

export type MessageConnection = {
  readonly edges: ReadonlyArray<MessageEdge>;
  readonly pageInfo: PageInfo;
};

export type MessageHitEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: MessageHit;
};

/**
 * `totalCount` and the facets stop counting at 10,000 messages. They are of all pages, of the index as it is at this moment: at most 1,000 keys each. Senders and
 * conversations by id, the most first; months as `2022-11` (UTC), the newest first.
 */
export type MessageHitConnection = {
  readonly edges: ReadonlyArray<MessageHitEdge>;
  readonly pageInfo: PageInfo;
  readonly totalCount: Scalars['Int']['output'];
  readonly bySender: ReadonlyArray<Facet>;
  readonly byConversation: ReadonlyArray<Facet>;
  readonly byMonth: ReadonlyArray<Facet>;
};

export type Facet = {
  readonly key: Scalars['String']['output'];
  readonly count: Scalars['Int']['output'];
};

export type UserHitEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: UserHit;
};

export type UserHitConnection = {
  readonly edges: ReadonlyArray<UserHitEdge>;
  readonly pageInfo: PageInfo;
};

export type ConversationHitEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: ConversationHit;
};

export type ConversationHitConnection = {
  readonly edges: ReadonlyArray<ConversationHitEdge>;
  readonly pageInfo: PageInfo;
};

export type ParkedEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Parked;
};

export type ParkedConnection = {
  readonly edges: ReadonlyArray<ParkedEdge>;
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
    | ( Omit<Invite, 'createdBy'> & { createdBy: _RefType['User'] } )
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
  Gender: Gender;
  Tag: ResolverTypeWrapper<Tag>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Conversation: ResolverTypeWrapper<ConversationEntity>;
  ConversationKind: ConversationKind;
  JoinPolicy: JoinPolicy;
  Role: Role;
  Member: ResolverTypeWrapper<MemberEntity>;
  Invite: ResolverTypeWrapper<Omit<Invite, 'createdBy'> & { createdBy: ResolversTypes['User'] }>;
  Message: ResolverTypeWrapper<MessageEntity>;
  MessageKind: MessageKind;
  Attachment: ResolverTypeWrapper<Attachment>;
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
  MembershipChange: MembershipChange;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  NodeInput: NodeInput;
  MessageInput: MessageInput;
  MemberInput: MemberInput;
  MembersInput: MembersInput;
  RegisterInput: RegisterInput;
  UpdateProfileInput: UpdateProfileInput;
  TagInput: TagInput;
  SetLocationInput: SetLocationInput;
  SendMessageInput: SendMessageInput;
  ImportInput: ImportInput;
  ImportedMessage: ImportedMessage;
  AttachmentInput: AttachmentInput;
  EditMessageInput: EditMessageInput;
  MarkReadInput: MarkReadInput;
  CreateConversationInput: CreateConversationInput;
  JoinInput: JoinInput;
  SetRoleInput: SetRoleInput;
  UserPayload: ResolverTypeWrapper<Omit<UserPayload, 'user'> & { user: ResolversTypes['User'] }>;
  MessagePayload: ResolverTypeWrapper<MessagePayloadEntity>;
  ImportPayload: ResolverTypeWrapper<ImportPayload>;
  ImportFault: ResolverTypeWrapper<ImportFault>;
  ConversationPayload: ResolverTypeWrapper<Omit<ConversationPayload, 'conversation'> & { conversation: ResolversTypes['Conversation'] }>;
  JoinPayload: ResolverTypeWrapper<Omit<JoinPayload, 'conversation'> & { conversation: ResolversTypes['Conversation'] }>;
  Admin: ResolverTypeWrapper<AdminEntity>;
  ProjectionStatus: ResolverTypeWrapper<ProjectionStatus>;
  Component: ResolverTypeWrapper<Component>;
  ProjectionState: ProjectionState;
  Parked: ResolverTypeWrapper<Parked>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  MemberEdge: ResolverTypeWrapper<Omit<MemberEdge, 'node'> & { node: ResolversTypes['Member'] }>;
  MemberConnection: ResolverTypeWrapper<Omit<MemberConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['MemberEdge']> }>;
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
  Tag: Tag;
  Float: Scalars['Float']['output'];
  Conversation: ConversationEntity;
  Member: MemberEntity;
  Invite: Omit<Invite, 'createdBy'> & { createdBy: ResolversParentTypes['User'] };
  Message: MessageEntity;
  Attachment: Attachment;
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
  Mutation: Record<PropertyKey, never>;
  NodeInput: NodeInput;
  MessageInput: MessageInput;
  MemberInput: MemberInput;
  MembersInput: MembersInput;
  RegisterInput: RegisterInput;
  UpdateProfileInput: UpdateProfileInput;
  TagInput: TagInput;
  SetLocationInput: SetLocationInput;
  SendMessageInput: SendMessageInput;
  ImportInput: ImportInput;
  ImportedMessage: ImportedMessage;
  AttachmentInput: AttachmentInput;
  EditMessageInput: EditMessageInput;
  MarkReadInput: MarkReadInput;
  CreateConversationInput: CreateConversationInput;
  JoinInput: JoinInput;
  SetRoleInput: SetRoleInput;
  UserPayload: Omit<UserPayload, 'user'> & { user: ResolversParentTypes['User'] };
  MessagePayload: MessagePayloadEntity;
  ImportPayload: ImportPayload;
  ImportFault: ImportFault;
  ConversationPayload: Omit<ConversationPayload, 'conversation'> & { conversation: ResolversParentTypes['Conversation'] };
  JoinPayload: Omit<JoinPayload, 'conversation'> & { conversation: ResolversParentTypes['Conversation'] };
  Admin: AdminEntity;
  ProjectionStatus: ProjectionStatus;
  Component: Component;
  Parked: Parked;
  PageInfo: PageInfo;
  MemberEdge: Omit<MemberEdge, 'node'> & { node: ResolversParentTypes['Member'] };
  MemberConnection: Omit<MemberConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['MemberEdge']> };
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
};

export type ListSizeDirectiveResolver<Result, Parent, ContextType = Context, Args = ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AppendsDirectiveArgs = {
  events?: Scalars['Int']['input'];
  each?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
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
  __resolveType: TypeResolveFn<'User' | 'Conversation' | 'Message', ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType, Partial<QueryViewerArgs>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, Partial<QueryUserArgs>>;
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType, RequireFields<QueryConversationArgs, 'id'>>;
  code?: Resolver<Maybe<ResolversTypes['CodeTarget']>, ParentType, ContextType, RequireFields<QueryCodeArgs, 'text'>>;
  searchMessages?: Resolver<ResolversTypes['MessageHitConnection'], ParentType, ContextType, RequireFields<QuerySearchMessagesArgs, 'query' | 'first'>>;
  searchUsers?: Resolver<ResolversTypes['UserHitConnection'], ParentType, ContextType, RequireFields<QuerySearchUsersArgs, 'query' | 'first'>>;
  searchConversations?: Resolver<ResolversTypes['ConversationHitConnection'], ParentType, ContextType, RequireFields<QuerySearchConversationsArgs, 'query' | 'first'>>;
  admin?: Resolver<ResolversTypes['Admin'], ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  conversations?: Resolver<ResolversTypes['ConversationConnection'], ParentType, ContextType, RequireFields<ViewerConversationsArgs, 'first' | 'unreadOnly' | 'includeHidden'>>;
  unreadTotal?: Resolver<ResolversTypes['Int'], ParentType, ContextType, RequireFields<ViewerUnreadTotalArgs, 'includeMuted'>>;
  sync?: Resolver<ResolversTypes['SyncPage'], ParentType, ContextType, RequireFields<ViewerSyncArgs, 'limit'>>;
  groups?: Resolver<ResolversTypes['ConversationConnection'], ParentType, ContextType, RequireFields<ViewerGroupsArgs, 'first'>>;
};

export type SyncPageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SyncPage'] = ResolversParentTypes['SyncPage']> = {
  entries?: Resolver<ReadonlyArray<ResolversTypes['InboxEntry']>, ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  hasMore?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  resetRequired?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
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
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  directConversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
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
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MemberResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Member'] = ResolversParentTypes['Member']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  joinedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  joinedSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type InviteResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Invite'] = ResolversParentTypes['Invite']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  usesLeft?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
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
  mentions?: Resolver<ReadonlyArray<ResolversTypes['User']>, ParentType, ContextType>;
  mentionsAll?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  editedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  recalledAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type AttachmentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Attachment'] = ResolversParentTypes['Attachment']> = {
  url?: Resolver<ResolversTypes['URL'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  mediaType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  size?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  width?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  height?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
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
};

export type InboxEntryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InboxEntry'] = ResolversParentTypes['InboxEntry']> = {
  __resolveType: TypeResolveFn<'InboxCaughtUp' | 'InboxReset' | 'MessageReceived' | 'MessageChanged' | 'ReadMoved' | 'MembershipChanged', ParentType, ContextType>;
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
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageChanged'] = ResolversParentTypes['MessageChanged']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  change?: Resolver<ResolversTypes['MessageChange'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ReadMovedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReadMoved'] = ResolversParentTypes['ReadMoved']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  readSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MembershipChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MembershipChanged'] = ResolversParentTypes['MembershipChanged']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  change?: Resolver<ResolversTypes['MembershipChange'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  register?: Resolver<ResolversTypes['UserPayload'], ParentType, ContextType, RequireFields<MutationRegisterArgs, 'input'>>;
  updateProfile?: Resolver<ResolversTypes['UserPayload'], ParentType, ContextType, RequireFields<MutationUpdateProfileArgs, 'input'>>;
  setLocation?: Resolver<ResolversTypes['UserPayload'], ParentType, ContextType, RequireFields<MutationSetLocationArgs, 'input'>>;
  sendMessage?: Resolver<ResolversTypes['MessagePayload'], ParentType, ContextType, RequireFields<MutationSendMessageArgs, 'input'>>;
  editMessage?: Resolver<ResolversTypes['MessagePayload'], ParentType, ContextType, RequireFields<MutationEditMessageArgs, 'input'>>;
  recallMessage?: Resolver<ResolversTypes['MessagePayload'], ParentType, ContextType, RequireFields<MutationRecallMessageArgs, 'input'>>;
  markRead?: Resolver<ResolversTypes['ConversationPayload'], ParentType, ContextType, RequireFields<MutationMarkReadArgs, 'input'>>;
  createConversation?: Resolver<ResolversTypes['ConversationPayload'], ParentType, ContextType, RequireFields<MutationCreateConversationArgs, 'input'>>;
  join?: Resolver<ResolversTypes['JoinPayload'], ParentType, ContextType, RequireFields<MutationJoinArgs, 'input'>>;
  addMembers?: Resolver<ResolversTypes['ConversationPayload'], ParentType, ContextType, RequireFields<MutationAddMembersArgs, 'input'>>;
  removeMembers?: Resolver<ResolversTypes['ConversationPayload'], ParentType, ContextType, RequireFields<MutationRemoveMembersArgs, 'input'>>;
  leave?: Resolver<ResolversTypes['ConversationPayload'], ParentType, ContextType, RequireFields<MutationLeaveArgs, 'input'>>;
  setRole?: Resolver<ResolversTypes['ConversationPayload'], ParentType, ContextType, RequireFields<MutationSetRoleArgs, 'input'>>;
  transferOwnership?: Resolver<ResolversTypes['ConversationPayload'], ParentType, ContextType, RequireFields<MutationTransferOwnershipArgs, 'input'>>;
  importMessages?: Resolver<ResolversTypes['ImportPayload'], ParentType, ContextType, RequireFields<MutationImportMessagesArgs, 'input'>>;
  replayProjection?: Resolver<ResolversTypes['ProjectionStatus'], ParentType, ContextType, RequireFields<MutationReplayProjectionArgs, 'name'>>;
  cancelReplay?: Resolver<ResolversTypes['ProjectionStatus'], ParentType, ContextType, RequireFields<MutationCancelReplayArgs, 'name'>>;
  verifyProjection?: Resolver<ResolversTypes['ProjectionStatus'], ParentType, ContextType, RequireFields<MutationVerifyProjectionArgs, 'name'>>;
};

export type UserPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserPayload'] = ResolversParentTypes['UserPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type MessagePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessagePayload'] = ResolversParentTypes['MessagePayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
};

export type ImportPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ImportPayload'] = ResolversParentTypes['ImportPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  stored?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  alreadyThere?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  refused?: Resolver<ReadonlyArray<ResolversTypes['ImportFault']>, ParentType, ContextType>;
};

export type ImportFaultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ImportFault'] = ResolversParentTypes['ImportFault']> = {
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['ErrorCode'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ConversationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationPayload'] = ResolversParentTypes['ConversationPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
};

export type JoinPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinPayload'] = ResolversParentTypes['JoinPayload']> = {
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
};

export type AdminResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Admin'] = ResolversParentTypes['Admin']> = {
  components?: Resolver<ReadonlyArray<ResolversTypes['Component']>, ParentType, ContextType>;
  projections?: Resolver<ReadonlyArray<ResolversTypes['ProjectionStatus']>, ParentType, ContextType>;
  parked?: Resolver<ResolversTypes['ParkedConnection'], ParentType, ContextType, RequireFields<AdminParkedArgs, 'first'>>;
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
  Tag?: TagResolvers<ContextType>;
  Conversation?: ConversationResolvers<ContextType>;
  Member?: MemberResolvers<ContextType>;
  Invite?: InviteResolvers<ContextType>;
  Message?: MessageResolvers<ContextType>;
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
  Mutation?: MutationResolvers<ContextType>;
  UserPayload?: UserPayloadResolvers<ContextType>;
  MessagePayload?: MessagePayloadResolvers<ContextType>;
  ImportPayload?: ImportPayloadResolvers<ContextType>;
  ImportFault?: ImportFaultResolvers<ContextType>;
  ConversationPayload?: ConversationPayloadResolvers<ContextType>;
  JoinPayload?: JoinPayloadResolvers<ContextType>;
  Admin?: AdminResolvers<ContextType>;
  ProjectionStatus?: ProjectionStatusResolvers<ContextType>;
  Component?: ComponentResolvers<ContextType>;
  Parked?: ParkedResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  MemberEdge?: MemberEdgeResolvers<ContextType>;
  MemberConnection?: MemberConnectionResolvers<ContextType>;
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
export const typeDefs = "# What clients may ask for.\n#\n# - One endpoint, /graphql: HTTP (GraphQL over HTTP) and WebSocket (graphql-transport-ws). A bearer token's `sub` is the user.\n# - A refusal is an entry in `errors` whose `extensions.code` is an ErrorCode: no client can overlook it. `extensions.field`\n#   names the input at fault, `extensions.retryAfterMs` says when a passing fault may be tried again.\n# - Every mutation takes `clientMutationId`, a random id: the same call again from the same user on the same target is done once and\n#   returns the first result, for ever, also when its answer was lost and the user has lost the right since, and where it found all as it\n#   wants it and changed nothing. Where a call makes something new (a message, a conversation) the same id with other input is CONFLICT.\n#   A message's target is its conversation.\n# - What takes rights away (`removeMembers`, `leave`, `setRole`, `transferOwnership`) is answered once it is in force on the server that\n#   answers: nothing that rests on them comes into the log after it. So is `recallMessage`: the text is shown to nobody there any more.\n# - What the viewer may not see is answered like what does not exist: NOT_FOUND or null. FORBIDDEN is for what they may know of.\n# - Ids never collide across types: a user's is its token's `sub` (no `:` or `~` in it), a group's `g:…`, a direct\n#   conversation's `d:alice~bob` (sorted), a message's `<conversation>:<seq>`: `node` finds any of them.\n# - A mutation's payload carries `cursor`: a read given `atLeast: cursor` waits until its view has got that far (at most 5 s, then\n#   UNAVAILABLE), so a client reads its own writes. One of another log, or of this one before it was put back to a copy, is BAD_INPUT.\n# - Where a number of characters is given, a character is a code point of Unicode: an emoji or a rare ideograph is one. Texts, names, titles and tags of which\n#   nothing can be seen (spaces, joiners, fillers, lone marks) are BAD_INPUT; names, titles, tags and the names of files drop what turns text about (U+202E and\n#   its like) and other controls.\n# - A request over HTTP and a message over a WebSocket have the same limit in bytes (BODY_LIMIT_BYTES). Beyond it HTTP answers 413, and over a WebSocket the\n#   operation gets an `error` (BAD_INPUT); the socket is closed with 1009 only where the message is no operation's, or longer by more than 1 MiB.\n# - `first` and `last` are 1 to 100 (BAD_INPUT beyond). A caller whose token's `sub` never registered gets NOT_FOUND, naming `register`.\n# - A message that the viewer may not see (before joining, after leaving) is null wherever it is referred to. One that they may see is shown as it is now,\n#   edited or recalled: also to who has left since. Who was away may not have been told of what was edited or recalled meanwhile: once back, they load it again.\n\n\"\"\"\nHow many items a list holds at most, or about, so that an operation is priced before it is run: `slicingArguments` say it, else `assumedSize`. With `sizedFields`\nit is about the lists in these fields below. Every list of this schema has one.\n\"\"\"\ndirective @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION\n\n\"\"\"\nWhat one call of a mutation may append to the log: `events`, and one for each item of these lists of its input. Rate limits count them; `apart`: they do not. Every\nmutation has one.\n\"\"\"\ndirective @appends(events: Int! = 1, each: [String!], apart: Boolean! = false) on FIELD_DEFINITION\n\n\"A point of time, ISO 8601 in UTC with milliseconds.\"\nscalar DateTime\n\"A place in the one log, opaque; its text order is log order. Valid across views, rebuilds, restarts and nodes of that log.\"\nscalar Cursor\n\"An address of http or https.\"\nscalar URL\n\nenum ErrorCode {\n  UNAUTHENTICATED\n  FORBIDDEN\n  NOT_FOUND\n  BAD_INPUT\n  CONFLICT\n  \"a cap was reached: members, friends, groups, size\"\n  LIMIT_EXCEEDED\n  RATE_LIMITED\n  \"\"\"\n  A server behind is away or late; nothing was stored, or the outcome is unknown, or it is stored and not in force yet: send the same\n  clientMutationId again.\n  \"\"\"\n  UNAVAILABLE\n  INTERNAL\n}\n\ninterface Node {\n  id: ID!\n}\n\n# ---------------------------------------------------------------------------------------------------------------- reading\n\ntype Query {\n  viewer(atLeast: Cursor): Viewer!\n  \"Anything by its id; null where the viewer may not see it.\"\n  node(id: ID!, atLeast: Cursor): Node\n  \"By id or by handle: give one. Null where there is none.\"\n  user(id: ID, handle: String, atLeast: Cursor): User\n  \"Null where there is none that the viewer may see. Public groups and channels are seen by all.\"\n  conversation(id: ID!, atLeast: Cursor): Conversation\n  \"What a QR code or an invite link holds. Null where it is none, or nothing that the viewer may see.\"\n  code(text: String!): CodeTarget\n  searchMessages(query: MessageQuery!, first: Int = 20, after: String, atLeast: Cursor): MessageHitConnection!\n    @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"By name, tags and place: give at least one.\"\n  searchUsers(query: UserQuery!, first: Int = 20, after: String, atLeast: Cursor): UserHitConnection!\n    @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"Groups that are public, or that the viewer is or was a member of, by name, tags and category: give at least one.\"\n  searchConversations(query: ConversationQuery!, first: Int = 20, after: String, atLeast: Cursor): ConversationHitConnection!\n    @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"Needs the scope `admin`.\"\n  admin: Admin!\n}\n\n\"The one who asks.\"\ntype Viewer {\n  user: User!\n  \"Newest activity first. `kind` and `unreadOnly` narrow it. `includeHidden` changes nothing in this version: no conversation can be hidden yet.\"\n  conversations(\n    first: Int = 50\n    after: String\n    kind: ConversationKind\n    unreadOnly: Boolean = false\n    includeHidden: Boolean = false\n    atLeast: Cursor\n  ): ConversationConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"Over all conversations that are not muted; `includeMuted` counts those too. It changes nothing in this version: none can be muted yet.\"\n  unreadTotal(includeMuted: Boolean = false): Int!\n  \"What happened to the viewer after `after` (null: from the oldest kept), oldest first. The same entries, cursors and order as the subscription `inbox`.\"\n  sync(after: Cursor, limit: Int = 100, atLeast: Cursor): SyncPage!\n    @listSize(slicingArguments: [\"limit\"], sizedFields: [\"entries\"])\n  \"By the time of joining, newest first.\"\n  groups(first: Int = 50, after: String): ConversationConnection! @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n}\n\ntype SyncPage {\n  entries: [InboxEntry!]!\n  \"Where the next call goes on; also where there was nothing new.\"\n  cursor: Cursor!\n  hasMore: Boolean!\n  \"`after` is older than the inbox keeps (INBOX_TTL, INBOX_MAX), of another log, or from before a healed fault: read `conversations` afresh and go on from the cursor of their first page.\"\n  resetRequired: Boolean!\n}\n\ntype User implements Node {\n  id: ID!\n  handle: String!\n  name: String!\n  avatarUrl: URL\n  gender: Gender\n  \"In years, from the birthday that the user gave, or null.\"\n  age: Int\n  signature: String\n  tags: [Tag!]! @listSize(assumedSize: 8)\n  \"The text of this user's QR code.\"\n  code: String!\n  \"The one conversation with this user; it exists from the first message on, its id from the start.\"\n  directConversationId: ID!\n}\n\nenum Gender {\n  FEMALE\n  MALE\n  OTHER\n}\n\ntype Tag {\n  name: String!\n  score: Float!\n}\n\ntype Conversation implements Node {\n  id: ID!\n  kind: ConversationKind!\n  \"DIRECT: the viewer's alias for the other one, or the name.\"\n  title: String!\n  avatarUrl: URL\n  description: String\n  announcement: String\n  \"A group's type or label.\"\n  category: String\n  tags: [Tag!]! @listSize(assumedSize: 8)\n  createdAt: DateTime\n  joinPolicy: JoinPolicy!\n  \"May be found, and its history read and searched, by those outside.\"\n  public: Boolean!\n  \"Members see what was sent before they joined.\"\n  historyVisible: Boolean!\n  \"Text of the QR code; null for DIRECT.\"\n  code: String\n  \"DIRECT: the other one.\"\n  peer: User\n  \"To who has left a group that is not public: as it was when they had left.\"\n  memberCount: Int!\n  \"By join time.\"\n  members(first: Int = 50, after: String, role: Role): MemberConnection!\n    @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n  \"Of the viewer; null outside.\"\n  membership: Member\n  \"An edge's cursor is its seq in decimal: `last: 30` is the newest page, `last: 30, before: \\\"41\\\"` the one before seq 41. Ascending within a page. Neither given: `last: 30`.\"\n  messages(first: Int, after: String, last: Int, before: String): MessageConnection!\n    @listSize(slicingArguments: [\"first\", \"last\"], assumedSize: 30, sizedFields: [\"edges\"])\n  message(seq: Int!): Message\n  \"Of the newest message; 0 where there is none.\"\n  lastSeq: Int!\n  lastMessage: Message\n  \"Newest message, else creation.\"\n  lastActivityAt: DateTime\n  readSeq: Int!\n  unreadCount: Int!\n  unreadMentions: Int!\n}\n\nenum ConversationKind {\n  DIRECT\n  GROUP\n  \"Of a later version: there are none yet.\"\n  CHANNEL\n}\n\n\"Who becomes a member without being added by an owner or administrator.\"\nenum JoinPolicy {\n  \"Whoever knows the group's id joins, and every member adds others. Ids cannot be guessed; a code, a link or a member gives them away.\"\n  OPEN\n  \"There are no requests to join in this version: nobody comes but who is added, as with INVITE.\"\n  APPROVAL\n  \"There are no invitations in this version: nobody comes but who is added.\"\n  INVITE\n}\n\nenum Role {\n  OWNER\n  ADMIN\n  MEMBER\n}\n\ntype Member {\n  user: User!\n  role: Role!\n  joinedAt: DateTime!\n  \"Messages above it are this member's; `unread` counts from it.\"\n  joinedSeq: Int!\n}\n\n\"Of a later version: there are none yet.\"\ntype Invite {\n  code: String!\n  createdBy: User!\n  expiresAt: DateTime\n  usesLeft: Int\n}\n\ntype Message implements Node {\n  id: ID!\n  conversation: Conversation!\n  \"Dense from 1 in each conversation, in the order of the log.\"\n  seq: Int!\n  cursor: Cursor!\n  sender: User!\n  clientMutationId: String!\n  sentAt: DateTime!\n  kind: MessageKind!\n  \"A thread or feed within the conversation, free text.\"\n  topic: String\n  \"Null once recalled or expired. At most 16,384 characters.\"\n  text: String\n  attachments: [Attachment!]! @listSize(assumedSize: 4)\n  replyTo: Message\n  mentions: [User!]! @listSize(assumedSize: 8)\n  mentionsAll: Boolean!\n  editedAt: DateTime\n  recalledAt: DateTime\n}\n\nenum MessageKind {\n  TEXT\n  IMAGE\n  FILE\n  AUDIO\n  VIDEO\n}\n\ntype Attachment {\n  url: URL!\n  name: String!\n  mediaType: String!\n  size: Int!\n  width: Int\n  height: Int\n}\n\n# ----------------------------------------------------------------------------------------------------------------- search\n\n\"\"\"\nWords are ANDed; what stands between double quotes is a phrase, and a word that ends in `*` is the beginning of one. Case, width, accents, and traditional or\nsimplified characters do not count. Only what the viewer may see is found. At most 1,000 characters and 32 words and phrases. One search of a user is made at\na time (RATE_LIMITED where too many wait); one that takes too long is UNAVAILABLE: name a conversation, a sender or a time, or rarer words.\n\"\"\"\ninput MessageQuery {\n  text: String\n  conversationId: ID\n  senderId: ID\n  kind: MessageKind\n  topic: String\n  \"Later than this; digits below the millisecond count.\"\n  sentAfter: DateTime\n  \"Earlier than this; digits below the millisecond count.\"\n  sentBefore: DateTime\n  \"Also public groups and channels that the viewer is not in.\"\n  includePublic: Boolean = false\n  orderBy: SearchOrder = NEWEST\n}\n\n\"NEWEST: by `sentAt`, then conversation and seq, newest first; the same from every engine. RELEVANCE: the messages first that hold the words more often and are shorter; each engine weighs that in its own way, and no other message counts. Without `text` it is NEWEST; it may rank the newest 10,000 alone.\"\nenum SearchOrder {\n  NEWEST\n  RELEVANCE\n}\n\ninput UserQuery {\n  \"Words of the name, as in a search of messages; or the whole of an id, a handle (with or without `@`) or a QR code's text.\"\n  name: String\n  \"Who has all of these: 1 to 16. They are compared as words are. The highest sum of their scores first.\"\n  tags: [String!]\n  \"Who gave a location there. Places are those of a grid of at least 100 m: one is found in the middle of its cell. Without `tags` the nearest first.\"\n  near: Near\n  \"Whose place, as `near` has it, is inside of this polygon: 3 to 500 corners. Corners more than 180° of longitude apart are joined across the antimeridian.\"\n  within: [PointInput!]\n  \"Nobody has friends in this version: then nobody is found.\"\n  friendsOnly: Boolean = false\n}\n\ninput ConversationQuery {\n  \"Words of the title, as in a search of messages; or the whole of an id or a QR code's text.\"\n  name: String\n  \"Those that have all of these: 1 to 16. They are compared as words are. The highest sum of their scores first.\"\n  tags: [String!]\n  \"Compared as words are.\"\n  category: String\n}\n\n\"`radius` in metres: above 0, at most 20,100,000.\"\ninput Near {\n  latitude: Float!\n  longitude: Float!\n  radius: Float!\n}\n\n\"Degrees: -90 to 90, and -180 to 180.\"\ninput PointInput {\n  latitude: Float!\n  longitude: Float!\n}\n\ntype TextRun {\n  text: String!\n  hit: Boolean!\n}\n\n\"`highlights`: the text in pieces; joined they are the text. None where the message has no text.\"\ntype MessageHit {\n  message: Message!\n  highlights: [TextRun!]! @listSize(assumedSize: 16)\n}\n\n\"`score`: sum of the scores of the tags asked for. `distance` in metres, rounded to 100, where `near` was given.\"\ntype UserHit {\n  user: User!\n  score: Float\n  distance: Float\n}\n\ntype ConversationHit {\n  conversation: Conversation!\n  score: Float\n}\n\nunion CodeTarget = User | Conversation | Invite\n\n# ------------------------------------------------------------------------------------------------------------ subscriptions\n\ntype Subscription {\n  \"\"\"\n  First all that was missed after `after`, then InboxCaughtUp, then live: nothing missing, nothing twice, in log order. Without `after`: live only, from\n  InboxCaughtUp on. A cursor that the server's views have not got to yet (a mutation's) is waited for. InboxCaughtUp is said once they hold all that there was when\n  the server started: while they are built anew it takes until then. An entry that\n  cannot be had ends it with an error: subscribe again after the last one that came.\n  \"\"\"\n  inbox(after: Cursor): InboxEntry!\n  \"Of one conversation that the viewer may see: for a page that shows just it.\"\n  conversation(id: ID!, after: Cursor): InboxEntry!\n}\n\ninterface InboxEntry {\n  cursor: Cursor!\n  at: DateTime!\n}\n\ntype InboxCaughtUp implements InboxEntry {\n  cursor: Cursor!\n  at: DateTime!\n}\n\n\"`after` was too old: read afresh, and go on from here.\"\ntype InboxReset implements InboxEntry {\n  cursor: Cursor!\n  at: DateTime!\n}\n\ntype MessageReceived implements InboxEntry {\n  cursor: Cursor!\n  at: DateTime!\n  message: Message!\n}\n\n\"Edited, recalled, reacted to, pinned: the message as it is now.\"\ntype MessageChanged implements InboxEntry {\n  cursor: Cursor!\n  at: DateTime!\n  message: Message!\n  change: MessageChange!\n}\n\n\"Those after RECALLED are of a later version.\"\nenum MessageChange {\n  EDITED\n  RECALLED\n  REACTED\n  PINNED\n  UNPINNED\n  EXPIRED\n}\n\n\"The viewer read on, on any device.\"\ntype ReadMoved implements InboxEntry {\n  cursor: Cursor!\n  at: DateTime!\n  conversation: Conversation!\n  readSeq: Int!\n}\n\n\"A channel's follows are told to the follower only.\"\ntype MembershipChanged implements InboxEntry {\n  cursor: Cursor!\n  at: DateTime!\n  conversation: Conversation!\n  user: User!\n  actor: User!\n  change: MembershipChange!\n}\n\n\"SILENCED and DISSOLVED are of a later version.\"\nenum MembershipChange {\n  JOINED\n  LEFT\n  REMOVED\n  ROLE_CHANGED\n  SILENCED\n  DISSOLVED\n}\n\n# -------------------------------------------------------------------------------------------------------------- mutations\n\ntype Mutation {\n  # oneself\n  register(input: RegisterInput!): UserPayload! @appends(events: 2)\n  updateProfile(input: UpdateProfileInput!): UserPayload! @appends(events: 3)\n  \"Where others find the viewer (`searchUsers`): not the place itself, but the middle of a cell of a grid of at least 100 m that it is in, whatever they ask. Distances are rounded to 100 m.\"\n  setLocation(input: SetLocationInput!): UserPayload! @appends\n\n  # messages\n  \"To a conversation, or to a user: give one of `conversationId`, `userId`.\"\n  sendMessage(input: SendMessageInput!): MessagePayload! @appends\n  editMessage(input: EditMessageInput!): MessagePayload! @appends\n  recallMessage(input: MessageInput!): MessagePayload! @appends\n  \"Everything up to `seq` is read; a lower seq than before changes nothing.\"\n  markRead(input: MarkReadInput!): ConversationPayload! @appends\n\n  # groups\n  createConversation(input: CreateConversationInput!): ConversationPayload! @appends(each: [\"memberIds\"])\n  \"A member at once where the group is OPEN. Others are joined by nobody in this version: FORBIDDEN, or NOT_FOUND where one may not know of it.\"\n  join(input: JoinInput!): JoinPayload! @appends\n  addMembers(input: MembersInput!): ConversationPayload! @appends(each: [\"userIds\"])\n  removeMembers(input: MembersInput!): ConversationPayload! @appends(each: [\"userIds\"])\n  leave(input: NodeInput!): ConversationPayload! @appends\n  setRole(input: SetRoleInput!): ConversationPayload! @appends\n  transferOwnership(input: MemberInput!): ConversationPayload! @appends(events: 2)\n\n  # operating; needs the scope `admin`\n  \"History from elsewhere, with its own times; lines of one key are stored once. What `tidings import` calls.\"\n  importMessages(input: ImportInput!): ImportPayload! @appends(events: 0, each: [\"messages\"], apart: true)\n  \"Begins to build it anew from the log beside the one that is read, which it takes the place of; CONFLICT where it is being built. This version: `search`.\"\n  replayProjection(name: String!): ProjectionStatus! @appends(events: 0)\n  \"Gives up what `replayProjection` began.\"\n  cancelReplay(name: String!): ProjectionStatus! @appends(events: 0)\n  \"Begins to compare it with what it was made from; then `differences` says how many there are. This version: `search`, with timelines and directory.\"\n  verifyProjection(name: String!): ProjectionStatus! @appends(events: 0)\n}\n\ninput NodeInput {\n  clientMutationId: ID!\n  id: ID!\n}\n\ninput MessageInput {\n  clientMutationId: ID!\n  conversationId: ID!\n  seq: Int!\n}\n\ninput MemberInput {\n  clientMutationId: ID!\n  conversationId: ID!\n  userId: ID!\n}\n\ninput MembersInput {\n  clientMutationId: ID!\n  conversationId: ID!\n  userIds: [ID!]!\n}\n\ninput RegisterInput {\n  clientMutationId: ID!\n  handle: String!\n  name: String!\n  avatarUrl: URL\n  gender: Gender\n  birthday: String\n  signature: String\n  tags: [TagInput!]\n}\n\ninput UpdateProfileInput {\n  clientMutationId: ID!\n  handle: String\n  name: String\n  avatarUrl: URL\n  gender: Gender\n  birthday: String\n  signature: String\n  tags: [TagInput!]\n}\n\ninput TagInput {\n  name: String!\n  score: Float = 1\n}\n\n\"`point` null takes the place off the map again. It must be given: one that was forgotten takes nothing away.\"\ninput SetLocationInput {\n  clientMutationId: ID!\n  point: PointInput\n}\n\ninput SendMessageInput {\n  clientMutationId: ID!\n  conversationId: ID\n  userId: ID\n  kind: MessageKind = TEXT\n  topic: String\n  text: String\n  attachments: [AttachmentInput!]\n  replyTo: Int\n  mentions: [ID!]\n  mentionsAll: Boolean = false\n}\n\ninput ImportInput {\n  clientMutationId: ID!\n  messages: [ImportedMessage!]!\n}\n\n\"`key` names the line for ever (its own id, or file and line number).\"\ninput ImportedMessage {\n  key: String!\n  conversation: String!\n  sender: String!\n  sentAt: DateTime\n  text: String!\n  topic: String\n}\n\ninput AttachmentInput {\n  url: URL!\n  name: String!\n  mediaType: String!\n  size: Int!\n  width: Int\n  height: Int\n}\n\ninput EditMessageInput {\n  clientMutationId: ID!\n  conversationId: ID!\n  seq: Int!\n  text: String!\n}\n\ninput MarkReadInput {\n  clientMutationId: ID!\n  conversationId: ID!\n  seq: Int!\n}\n\ninput CreateConversationInput {\n  clientMutationId: ID!\n  kind: ConversationKind!\n  title: String!\n  memberIds: [ID!]\n  avatarUrl: URL\n  description: String\n  announcement: String\n  category: String\n  tags: [TagInput!]\n  \"APPROVAL until it is built is as INVITE: nobody comes but who is added. See JoinPolicy.\"\n  joinPolicy: JoinPolicy = APPROVAL\n  public: Boolean = false\n  historyVisible: Boolean = false\n}\n\ninput JoinInput {\n  clientMutationId: ID!\n  id: ID\n}\n\ninput SetRoleInput {\n  clientMutationId: ID!\n  conversationId: ID!\n  userId: ID!\n  role: Role!\n}\n\ntype UserPayload {\n  cursor: Cursor!\n  user: User!\n}\n\ntype MessagePayload {\n  cursor: Cursor!\n  message: Message!\n}\n\ntype ImportPayload {\n  cursor: Cursor!\n  stored: Int!\n  alreadyThere: Int!\n  refused: [ImportFault!]! @listSize(assumedSize: 1000)\n}\n\ntype ImportFault {\n  index: Int!\n  code: ErrorCode!\n  message: String!\n}\n\ntype ConversationPayload {\n  cursor: Cursor!\n  conversation: Conversation!\n}\n\ntype JoinPayload {\n  cursor: Cursor!\n  conversation: Conversation!\n}\n\n# -------------------------------------------------------------------------------------------------------------- operating\n\ntype Admin {\n  \"The log, the views, the search index, the signals, as they are now.\"\n  components: [Component!]! @listSize(assumedSize: 8)\n  projections: [ProjectionStatus!]! @listSize(assumedSize: 16)\n  \"Events that a projection could not handle.\"\n  parked(name: String, first: Int = 50, after: String): ParkedConnection!\n    @listSize(slicingArguments: [\"first\"], sizedFields: [\"edges\"])\n}\n\ntype ProjectionStatus {\n  name: String!\n  version: Int!\n  state: ProjectionState!\n  \"Of the generation that is read.\"\n  cursor: Cursor!\n  \"Events between it and the log's end; null above 5,000, and where the log cannot say.\"\n  lag: Int\n  \"Of what is built or compared: 0 to 1.\"\n  progress: Float\n  eventsPerSecond: Float\n  \"Rows that a verification found unequal; null before one.\"\n  differences: Int\n  parked: Int!\n  lastError: String\n}\n\ntype Component {\n  role: String!\n  kind: String!\n  reachable: Boolean!\n  version: String\n  detail: String\n  bytes: Float\n}\n\nenum ProjectionState {\n  LIVE\n  \"It folds what the log holds, from the beginning or from where it stopped, and was not at the log's end yet since the start. No fault: see `progress`.\"\n  REBUILDING\n  \"Another generation is built beside the one that is read.\"\n  REPLAYING\n  VERIFYING\n  RETRYING\n  STOPPED\n}\n\ntype Parked {\n  projection: String!\n  cursor: Cursor!\n  eventType: String!\n  error: String!\n  attempts: Int!\n  parkedAt: DateTime!\n}\n\n# ------------------------------------------------------------------------------------------- connections (Relay's rules)\n\ntype PageInfo {\n  hasNextPage: Boolean!\n  hasPreviousPage: Boolean!\n  startCursor: String\n  endCursor: String\n}\n\ntype MemberEdge {\n  cursor: String!\n  node: Member!\n}\n\ntype MemberConnection {\n  edges: [MemberEdge!]!\n  pageInfo: PageInfo!\n}\n\n\"`cursor`: the list is true as of here; go on with `sync` or `inbox` from it.\"\ntype ConversationConnection {\n  edges: [ConversationEdge!]!\n  pageInfo: PageInfo!\n  cursor: Cursor!\n}\n\ntype ConversationEdge {\n  cursor: String!\n  node: Conversation!\n}\n\ntype MessageEdge {\n  cursor: String!\n  node: Message!\n}\n\ntype MessageConnection {\n  edges: [MessageEdge!]!\n  pageInfo: PageInfo!\n}\n\ntype MessageHitEdge {\n  cursor: String!\n  node: MessageHit!\n}\n\n\"\"\"\n`totalCount` and the facets stop counting at 10,000 messages. They are of all pages, of the index as it is at this moment: at most 1,000 keys each. Senders and\nconversations by id, the most first; months as `2022-11` (UTC), the newest first.\n\"\"\"\ntype MessageHitConnection {\n  edges: [MessageHitEdge!]!\n  pageInfo: PageInfo!\n  totalCount: Int!\n  bySender: [Facet!]! @listSize(assumedSize: 1000)\n  byConversation: [Facet!]! @listSize(assumedSize: 1000)\n  byMonth: [Facet!]! @listSize(assumedSize: 1000)\n}\n\ntype Facet {\n  key: String!\n  count: Int!\n}\n\ntype UserHitEdge {\n  cursor: String!\n  node: UserHit!\n}\n\ntype UserHitConnection {\n  edges: [UserHitEdge!]!\n  pageInfo: PageInfo!\n}\n\ntype ConversationHitEdge {\n  cursor: String!\n  node: ConversationHit!\n}\n\ntype ConversationHitConnection {\n  edges: [ConversationHitEdge!]!\n  pageInfo: PageInfo!\n}\n\ntype ParkedEdge {\n  cursor: String!\n  node: Parked!\n}\n\ntype ParkedConnection {\n  edges: [ParkedEdge!]!\n  pageInfo: PageInfo!\n}\n";
