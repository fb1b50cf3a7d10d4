// Made by src/api/codegen.mjs from operations.graphql and the schema: not edited by hand.
import type { TypedDocument } from "./types.ts";

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
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

/** What users say of their gender. */
export type Gender =
  /** Female. */
  | 'FEMALE'
  /** Male. */
  | 'MALE'
  /** Another one. */
  | 'OTHER';

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
  readonly text?: string | null | undefined;
  /** Only in this conversation. */
  readonly conversationId?: string | null | undefined;
  /** Only from this user. */
  readonly senderId?: string | null | undefined;
  /** Only of this kind. */
  readonly kind?: MessageKind | null | undefined;
  /** Only with this topic. */
  readonly topic?: string | null | undefined;
  /** Only later than this. Digits below the millisecond count. */
  readonly sentAfter?: string | null | undefined;
  /** Only earlier than this. Digits below the millisecond count. */
  readonly sentBefore?: string | null | undefined;
  /** Also in public groups that the viewer is not in. */
  readonly includePublic?: boolean | null | undefined;
  /** Which come first. */
  readonly orderBy?: SearchOrder | null | undefined;
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
  readonly name?: string | null | undefined;
  /** Those who have all of these tags: 1 to 16. They are compared as words are. The highest sum of their scores comes first. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /**
   * Those who gave a location in this circle. Their place is the middle of a cell of a grid of at least 100 m. Without `tags` the
   * nearest come first.
   */
  readonly near?: Near | null | undefined;
  /**
   * Those whose place, the same as for `near`, is inside of this polygon: 3 to 500 corners. Corners more than 180° of longitude
   * apart are joined across the antimeridian.
   */
  readonly within?: ReadonlyArray<PointInput> | null | undefined;
  /** Only friends of the viewer. */
  readonly friendsOnly?: boolean | null | undefined;
};

/** Which groups to find. All given conditions must hold: give at least one. */
export type ConversationQuery = {
  /** Words of the title, as in a search of messages. Or the whole of an id or a QR code's text. */
  readonly name?: string | null | undefined;
  /** Those that have all of these tags: 1 to 16. They are compared as words are. The highest sum of their scores comes first. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /** Those of this category. It is compared as words are. */
  readonly category?: string | null | undefined;
};

/** A circle on the Earth. */
export type Near = {
  /** The latitude of its middle, in degrees: -90 to 90. */
  readonly latitude: number;
  /** The longitude of its middle, in degrees: -180 to 180. */
  readonly longitude: number;
  /** In metres: above 0, at most 20,100,000. */
  readonly radius: number;
};

/** A point on the Earth. */
export type PointInput = {
  /** In degrees: -90 to 90. */
  readonly latitude: number;
  /** In degrees: -180 to 180. */
  readonly longitude: number;
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

/** Names one thing. */
export type NodeInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** Its id. */
  readonly id: string;
};

/** Names a message. */
export type MessageInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The conversation that the message is in. */
  readonly conversationId: string;
  /** The message's place in it. */
  readonly seq: number;
};

/** Names a member of a group. */
export type MemberInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The group. */
  readonly conversationId: string;
  /** The member. */
  readonly userId: string;
};

/** Names users and a group. */
export type MembersInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The group. */
  readonly conversationId: string;
  /** The users: 1 to 500. */
  readonly userIds: ReadonlyArray<string>;
};

/** What a new user says of themselves. */
export type RegisterInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /**
   * The name by which others find the user: 1 to 64 letters, digits, dots, underscores and hyphens of any script, a letter or
   * digit first. It is kept in lower case.
   */
  readonly handle: string;
  /** The name to show: 1 to 128 characters. */
  readonly name: string;
  /** A picture. */
  readonly avatarUrl?: string | null | undefined;
  /** The user's gender. */
  readonly gender?: Gender | null | undefined;
  /** As `YYYY-MM-DD`, not in the future. Others see only the age. */
  readonly birthday?: string | null | undefined;
  /** A line of the user's own: at most 1,024 characters. */
  readonly signature?: string | null | undefined;
  /** At most 64, each name once. */
  readonly tags?: ReadonlyArray<TagInput> | null | undefined;
};

/** What a user says of themselves from now on. What is left out stays; null removes it. */
export type UpdateProfileInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** A new handle, as in `RegisterInput`. The old one is free again. Null is BAD_INPUT. */
  readonly handle?: string | null | undefined;
  /** The name to show: 1 to 128 characters. Null is BAD_INPUT. */
  readonly name?: string | null | undefined;
  /** A picture. */
  readonly avatarUrl?: string | null | undefined;
  /** The user's gender. */
  readonly gender?: Gender | null | undefined;
  /** As `YYYY-MM-DD`, not in the future. Others see only the age. */
  readonly birthday?: string | null | undefined;
  /** A line of the user's own: at most 1,024 characters. */
  readonly signature?: string | null | undefined;
  /** All tags from now on: at most 64, each name once. An empty list removes all; null is BAD_INPUT. */
  readonly tags?: ReadonlyArray<TagInput> | null | undefined;
};

/** A tag of a user or a group. */
export type TagInput = {
  /** 1 to 64 characters. */
  readonly name: string;
  /** 0 to 1,000,000. */
  readonly score?: number | null | undefined;
};

/** A device. */
export type AddDeviceInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /**
   * What the `device` of its tokens says: 1 to 128 letters, digits, dots, underscores, colons and hyphens, a letter or digit first.
   * Make a random one for each installation of the app.
   */
  readonly id: string;
  /** What it is. */
  readonly kind: DeviceKind;
  /** What its user calls it: 1 to 128 characters. */
  readonly name: string;
  /** Which service brings pushes to it. */
  readonly pushService?: PushService | null | undefined;
  /**
   * What that service calls it: at most 4,096 characters. FCM: the registration token. APNS: the device token as hex digits.
   * WEB_PUSH: the browser's PushSubscription as JSON, made with `Viewer.webPushKey`. Nobody ever reads it. A token belongs to the
   * device that it was added with last, whoever's that is; every other one gets no pushes any more.
   */
  readonly pushToken?: string | null | undefined;
};

/** What to ask a user with. */
export type RequestFriendshipInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** Who is asked. */
  readonly userId: string;
  /** What to say: at most 1,024 characters. */
  readonly note?: string | null | undefined;
  /** The viewer's own name for the user, once they are friends: 1 to 128 characters. */
  readonly alias?: string | null | undefined;
};

/** The answer to a request. */
export type AnswerInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The id of the request. */
  readonly id: string;
  /** Yes or no. */
  readonly accept: boolean;
};

/** Another user. */
export type UserInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The id of the user. */
  readonly userId: string;
};

/** A name for a friend. */
export type SetAliasInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The friend. */
  readonly userId: string;
  /** 1 to 128 characters. Null takes the alias away. */
  readonly alias?: string | null | undefined;
};

/** A block, or its end. */
export type BlockInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The user. */
  readonly userId: string;
  /** True blocks, false ends the block. */
  readonly on: boolean;
};

/** A message to send. */
export type SendMessageInput = {
  /** A random id of this call, 1 to 128 characters: the same message again is stored once. */
  readonly clientMutationId: string;
  /** Where it goes. Give this or `userId`. */
  readonly conversationId?: string | null | undefined;
  /** The user to whom it goes, in the one direct conversation with them. Give this or `conversationId`. */
  readonly userId?: string | null | undefined;
  /** What it holds. */
  readonly kind?: MessageKind | null | undefined;
  /** A thread or feed within the conversation: at most 128 characters. A blank one is none. */
  readonly topic?: string | null | undefined;
  /** At most 16,384 characters. TEXT needs one; for the other kinds it is a caption. */
  readonly text?: string | null | undefined;
  /** At most 32. All kinds but TEXT need one at least. */
  readonly attachments?: ReadonlyArray<AttachmentInput> | null | undefined;
  /** The seq of the message that this one answers. */
  readonly replyTo?: number | null | undefined;
  /** Ids of the users whom it names: at most 128. */
  readonly mentions?: ReadonlyArray<string> | null | undefined;
  /** It names everyone in the conversation. */
  readonly mentionsAll?: boolean | null | undefined;
  /** It expires so many seconds after it was sent: 5 to 31,622,400 (366 days). Null: it does not expire. */
  readonly expiresAfterSeconds?: number | null | undefined;
};

/** A message to send later. */
export type ScheduleMessageInput = {
  /** A random id of this call, 1 to 128 characters: the same message again is scheduled once. */
  readonly clientMutationId: string;
  /** Where it goes. Give this or `userId`. */
  readonly conversationId?: string | null | undefined;
  /** The user to whom it goes, in the one direct conversation with them. Give this or `conversationId`. */
  readonly userId?: string | null | undefined;
  /** When: in the future, at most 366 days ahead. */
  readonly sendAt: string;
  /** What it holds. */
  readonly kind?: MessageKind | null | undefined;
  /** A thread or feed within the conversation: at most 128 characters. A blank one is none. */
  readonly topic?: string | null | undefined;
  /** At most 16,384 characters. TEXT needs one; for the other kinds it is a caption. */
  readonly text?: string | null | undefined;
  /** At most 32. All kinds but TEXT need one at least. */
  readonly attachments?: ReadonlyArray<AttachmentInput> | null | undefined;
};

/**
 * A file that belongs to a message: `uploadId` alone, of an upload of the user's whose bytes have come; or the address of one that is
 * kept elsewhere, with `name`, `mediaType` and `size`.
 */
export type AttachmentInput = {
  /** Where it is. */
  readonly url?: string | null | undefined;
  /** The name of the file: 1 to 255 characters. */
  readonly name?: string | null | undefined;
  /** What it is: `image/png`, for example. */
  readonly mediaType?: string | null | undefined;
  /** In bytes: 0 or more. */
  readonly size?: number | null | undefined;
  /** In pixels: 1 or more. */
  readonly width?: number | null | undefined;
  /** In pixels: 1 or more. */
  readonly height?: number | null | undefined;
  /** The id of an upload (`createUpload`): it belongs to one message. */
  readonly uploadId?: string | null | undefined;
};

/** A file to upload. */
export type CreateUploadInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The name of the file: 1 to 255 characters. */
  readonly name: string;
  /** What it is: `image/png`, for example; `application/octet-stream` where nobody knows. */
  readonly mediaType: string;
  /** In bytes: exactly so many are taken. At most FILE_SIZE_MAX. */
  readonly size: number;
};

/** A new text for a message. */
export type EditMessageInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The conversation that the message is in. */
  readonly conversationId: string;
  /** The message's place in it. */
  readonly seq: number;
  /** The new text, or the new caption: at most 16,384 characters, not blank. */
  readonly text: string;
};

/** A reaction to a message. */
export type ReactInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The conversation that the message is in. */
  readonly conversationId: string;
  /** The message's place in it. */
  readonly seq: number;
  /** Exactly one emoji. With and without U+FE0F it is the same. */
  readonly emoji: string;
  /** True reacts with it, false takes that back. */
  readonly on: boolean;
};

/** Messages to forward. */
export type ForwardMessagesInput = {
  /** A random id of this call, 1 to 128 characters: the same messages again are stored once. */
  readonly clientMutationId: string;
  /** The conversation that they are in. */
  readonly fromConversationId: string;
  /** Their places in it: 1 to 100, each once. */
  readonly seqs: ReadonlyArray<number>;
  /** Where they go. */
  readonly toConversationId: string;
};

/** A pin on a message, or its end. */
export type PinMessageInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The conversation that the message is in. */
  readonly conversationId: string;
  /** The message's place in it. */
  readonly seq: number;
  /** True pins it, false ends that. */
  readonly on: boolean;
};

/** How far a user has read. */
export type MarkReadInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The conversation. */
  readonly conversationId: string;
  /** The seq of the last message that was read. */
  readonly seq: number;
};

/** How a user wants a conversation for themselves. What is left out stays. */
export type SetPreferencesInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The conversation. */
  readonly conversationId: string;
  /** Whether it is to be silent: it counts no more in `unreadTotal`. */
  readonly muted?: boolean | null | undefined;
  /** Whether it comes first in the list of conversations. */
  readonly pinned?: boolean | null | undefined;
  /** True hides it until its next message, also where it was hidden before and a message has shown it again. False shows it. */
  readonly hidden?: boolean | null | undefined;
  /** What the group is to call the user: 1 to 128 characters, for all who see its members. Null takes it away. */
  readonly nickname?: string | null | undefined;
};

/** A group or channel to make. */
export type CreateConversationInput = {
  /** A random id of this call, 1 to 128 characters: the same group is made once. */
  readonly clientMutationId: string;
  /** GROUP or CHANNEL. A direct conversation begins with its first message (`sendMessage`). */
  readonly kind: ConversationKind;
  /** Its title: 1 to 128 characters. */
  readonly title: string;
  /** Who is a member from the start, beside the user: at most 500. CHANNEL: its staff. */
  readonly memberIds?: ReadonlyArray<string> | null | undefined;
  /** A picture. */
  readonly avatarUrl?: string | null | undefined;
  /** What it is about: at most 4,096 characters. */
  readonly description?: string | null | undefined;
  /** What it tells its members: at most 4,096 characters. */
  readonly announcement?: string | null | undefined;
  /** Its type or label: at most 64 characters. */
  readonly category?: string | null | undefined;
  /** At most 64, each name once. */
  readonly tags?: ReadonlyArray<TagInput> | null | undefined;
  /** How others become members. Where it is not given: APPROVAL for a group, and OPEN for a channel, which is there to be followed. */
  readonly joinPolicy?: JoinPolicy | null | undefined;
  /** Those outside may find it, and read and search its history. */
  readonly public?: boolean | null | undefined;
  /** Members see what was sent before they joined. CHANNEL: always true. */
  readonly historyVisible?: boolean | null | undefined;
};

/** What a group says of itself from now on. What is left out stays; null removes it. */
export type UpdateConversationInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The group. */
  readonly id: string;
  /** Its title: 1 to 128 characters. Null is BAD_INPUT. */
  readonly title?: string | null | undefined;
  /** A picture. */
  readonly avatarUrl?: string | null | undefined;
  /** What it is about: at most 4,096 characters. */
  readonly description?: string | null | undefined;
  /** What it tells its members: at most 4,096 characters. */
  readonly announcement?: string | null | undefined;
  /** Its type or label: at most 64 characters. */
  readonly category?: string | null | undefined;
  /** All tags from now on: at most 64, each name once. An empty list removes all; null is BAD_INPUT. */
  readonly tags?: ReadonlyArray<TagInput> | null | undefined;
  /** How others become members. Null is BAD_INPUT. */
  readonly joinPolicy?: JoinPolicy | null | undefined;
  /** Those outside may find it, and read and search its history. Null is BAD_INPUT. */
  readonly public?: boolean | null | undefined;
  /** Members see what was sent before they joined. Null is BAD_INPUT. */
  readonly historyVisible?: boolean | null | undefined;
};

/** A group to join: give `id` or `inviteCode`. */
export type JoinInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The group. */
  readonly id?: string | null | undefined;
  /** The text of an invitation to it. */
  readonly inviteCode?: string | null | undefined;
  /** What to say to those who decide, where that is needed: at most 1,024 characters. */
  readonly note?: string | null | undefined;
};

/** A member who may not write for a while. */
export type SilenceInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The group. */
  readonly conversationId: string;
  /** The member. */
  readonly userId: string;
  /** Until when. Null: they may write again. It must be given: leaving it out is BAD_INPUT. */
  readonly until?: string | null | undefined;
};

/** An invitation to make. */
export type CreateInviteInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The group. */
  readonly conversationId: string;
  /** Until when it is good. Null: without end. */
  readonly expiresAt?: string | null | undefined;
  /** How often it can be used: 1 to 1,000,000. Null: as often as anyone likes. */
  readonly uses?: number | null | undefined;
};

/** An invitation to revoke. */
export type RevokeInviteInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The group. */
  readonly conversationId: string;
  /** The text of the invitation. */
  readonly code: string;
};

/** A role for a member. */
export type SetRoleInput = {
  /** A random id of this call, 1 to 128 characters: the same call again is done once. */
  readonly clientMutationId: string;
  /** The group. */
  readonly conversationId: string;
  /** The member. */
  readonly userId: string;
  /** ADMIN or MEMBER. */
  readonly role: Role;
};

export type PersonFragment = { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean };

export type KnownPersonFragment = { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> };

export type QuoteFragment = { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } };

export type MessageFieldsFragment = { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null };

export type ConversationCountsFragment = { readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number };

export type OwnMembershipFragment = { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null };

export type ConversationFieldsFragment = { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null };

export type FriendRequestFieldsFragment = { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly from: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly to: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } };

export type JoinRequestFieldsFragment = { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly conversation: { readonly id: string, readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null }, readonly user: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly invitedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null, readonly decidedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null };

export type InviteFieldsFragment = { readonly id: string, readonly code: string, readonly expiresAt: string | null, readonly usesLeft: number | null, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly memberCount: number, readonly createdBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } };

export type StartQueryVariables = Exact<{
  first: number;
}>;


export type StartQuery = { readonly viewer: { readonly unreadTotal: number, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> }, readonly conversations: { readonly cursor: string, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } }> } } };

export type MyselfQueryVariables = Exact<{ [key: string]: never; }>;


export type MyselfQuery = { readonly viewer: { readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } };

export type ConversationPageQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  atLeast?: string | null | undefined;
}>;


export type ConversationPageQuery = { readonly viewer: { readonly conversations: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } }> } } };

export type ConversationsQueryVariables = Exact<{
  ids: ReadonlyArray<string> | string;
  atLeast?: string | null | undefined;
}>;


export type ConversationsQuery = { readonly nodes: ReadonlyArray<
    | { readonly __typename: 'User' }
    | { readonly __typename: 'Device' }
    | { readonly __typename: 'Friend' }
    | { readonly __typename: 'FriendRequest' }
    | { readonly __typename: 'ScheduledMessage' }
    | { readonly __typename: 'Circle' }
    | { readonly __typename: 'Conversation', readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null }
    | { readonly __typename: 'Member' }
    | { readonly __typename: 'Invite' }
    | { readonly __typename: 'JoinRequest' }
    | { readonly __typename: 'Message' }
    | { readonly __typename: 'Report' }
    | { readonly __typename: 'Webhook' }
   | null> };

export type UnreadTotalQueryVariables = Exact<{
  atLeast?: string | null | undefined;
}>;


export type UnreadTotalQuery = { readonly viewer: { readonly unreadTotal: number } };

export type MessagePageQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  around?: number | null | undefined;
  atLeast?: string | null | undefined;
}>;


export type MessagePageQuery = { readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly messages: { readonly pageInfo: { readonly hasNextPage: boolean, readonly hasPreviousPage: boolean }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } }> }, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } | null };

export type PeopleQueryVariables = Exact<{
  first: number;
  atLeast?: string | null | undefined;
}>;


export type PeopleQuery = { readonly viewer: { readonly friends: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } }> }, readonly incoming: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly from: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly to: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } }> }, readonly outgoing: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly from: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly to: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } }> }, readonly incomingJoins: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly conversation: { readonly id: string, readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null }, readonly user: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly invitedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null, readonly decidedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null } }> }, readonly outgoingJoins: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly conversation: { readonly id: string, readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null }, readonly user: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly invitedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null, readonly decidedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null } }> }, readonly blocked: { readonly edges: ReadonlyArray<{ readonly node: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } }> } } };

export type FriendPageQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  atLeast?: string | null | undefined;
}>;


export type FriendPageQuery = { readonly viewer: { readonly friends: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } }> } } };

export type InboxSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type InboxSubscription = { readonly inbox:
    | { readonly __typename: 'InboxCaughtUp', readonly cursor: string, readonly at: string }
    | { readonly __typename: 'InboxReset', readonly cursor: string, readonly at: string }
    | { readonly __typename: 'MessageReceived', readonly cursor: string, readonly at: string, readonly message: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly answered: { readonly seq: number, readonly replyCount: number, readonly lastReplyAt: string | null } | null, readonly conversation: { readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number }, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } }
    | { readonly __typename: 'MessageChanged', readonly messageChange: MessageChange, readonly cursor: string, readonly at: string, readonly message: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly conversation: { readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number }, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } }
    | { readonly __typename: 'ReadMoved', readonly cursor: string, readonly at: string, readonly conversation: { readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number } }
    | { readonly __typename: 'MembershipChanged', readonly membershipChange: MembershipChange, readonly cursor: string, readonly at: string, readonly user: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly actor: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } }
    | { readonly __typename: 'JoinRequestChanged', readonly cursor: string, readonly at: string, readonly joinRequest: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly conversation: { readonly id: string, readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null }, readonly user: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly invitedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null, readonly decidedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null } }
    | { readonly __typename: 'ConversationChanged', readonly cursor: string, readonly at: string, readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } }
    | { readonly __typename: 'FriendRequestChanged', readonly cursor: string, readonly at: string, readonly request: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly from: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly to: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } }
    | { readonly __typename: 'FriendshipChanged', readonly cursor: string, readonly at: string, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } }
   };

export type TypingInSubscriptionVariables = Exact<{
  conversationId: string;
}>;


export type TypingInSubscription = { readonly typing: { readonly typing: boolean, readonly user: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } };

export type PresenceOfSubscriptionVariables = Exact<{
  userIds: ReadonlyArray<string> | string;
}>;


export type PresenceOfSubscription = { readonly presence: { readonly user: { readonly id: string }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } };

export type SendMessageMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type SendMessageMutation = { readonly sendMessage: { readonly cursor: string, readonly message: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly conversation: { readonly id: string }, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } } | null };

export type CreateUploadMutationVariables = Exact<{
  input: CreateUploadInput;
}>;


export type CreateUploadMutation = { readonly createUpload: { readonly cursor: string, readonly upload: { readonly id: string, readonly url: string, readonly method: string, readonly expiresAt: string, readonly headers: ReadonlyArray<{ readonly name: string, readonly value: string }> } } | null };

export type MessageFilesQueryVariables = Exact<{
  conversationId: string;
  seq: number;
}>;


export type MessageFilesQuery = { readonly conversation: { readonly id: string, readonly message: { readonly id: string, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }> } | null } | null };

export type EditMessageMutationVariables = Exact<{
  input: EditMessageInput;
}>;


export type EditMessageMutation = { readonly editMessage: { readonly cursor: string, readonly message: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } } | null };

export type RecallMessageMutationVariables = Exact<{
  input: MessageInput;
}>;


export type RecallMessageMutation = { readonly recallMessage: { readonly cursor: string, readonly message: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } } | null };

export type ReactMutationVariables = Exact<{
  input: ReactInput;
}>;


export type ReactMutation = { readonly react: { readonly cursor: string, readonly message: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } } | null };

export type PinMessageMutationVariables = Exact<{
  input: PinMessageInput;
}>;


export type PinMessageMutation = { readonly pinMessage: { readonly cursor: string, readonly message: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } } | null };

export type ForwardMessagesMutationVariables = Exact<{
  input: ForwardMessagesInput;
}>;


export type ForwardMessagesMutation = { readonly forwardMessages: { readonly cursor: string, readonly messages: ReadonlyArray<{ readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null }> } | null };

export type MarkReadMutationVariables = Exact<{
  input: MarkReadInput;
}>;


export type MarkReadMutation = { readonly markRead: { readonly cursor: string, readonly conversation: { readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number } } | null };

export type SetTypingMutationVariables = Exact<{
  conversationId: string;
  typing: boolean;
}>;


export type SetTypingMutation = { readonly setTyping: boolean | null };

export type ScheduleMessageMutationVariables = Exact<{
  input: ScheduleMessageInput;
}>;


export type ScheduleMessageMutation = { readonly scheduleMessage: { readonly cursor: string, readonly scheduled: ReadonlyArray<{ readonly id: string, readonly sendAt: string, readonly text: string | null }> } | null };

export type ThreadQueryVariables = Exact<{
  id: string;
  first: number;
  after?: string | null | undefined;
}>;


export type ThreadQuery = { readonly node:
    | { readonly __typename: 'User' }
    | { readonly __typename: 'Device' }
    | { readonly __typename: 'Friend' }
    | { readonly __typename: 'FriendRequest' }
    | { readonly __typename: 'ScheduledMessage' }
    | { readonly __typename: 'Circle' }
    | { readonly __typename: 'Conversation' }
    | { readonly __typename: 'Member' }
    | { readonly __typename: 'Invite' }
    | { readonly __typename: 'JoinRequest' }
    | { readonly __typename: 'Message', readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly replies: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } }> }, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null }
    | { readonly __typename: 'Report' }
    | { readonly __typename: 'Webhook' }
   | null };

export type PinsQueryVariables = Exact<{
  conversationId: string;
}>;


export type PinsQuery = { readonly conversation: { readonly id: string, readonly pins: ReadonlyArray<{ readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null }> } | null };

export type ReceiptsQueryVariables = Exact<{
  id: string;
  first: number;
  after?: string | null | undefined;
}>;


export type ReceiptsQuery = { readonly node:
    | { readonly __typename: 'User' }
    | { readonly __typename: 'Device' }
    | { readonly __typename: 'Friend' }
    | { readonly __typename: 'FriendRequest' }
    | { readonly __typename: 'ScheduledMessage' }
    | { readonly __typename: 'Circle' }
    | { readonly __typename: 'Conversation' }
    | { readonly __typename: 'Member' }
    | { readonly __typename: 'Invite' }
    | { readonly __typename: 'JoinRequest' }
    | { readonly __typename: 'Message', readonly id: string, readonly readCount: number, readonly readBy: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } }> } }
    | { readonly __typename: 'Report' }
    | { readonly __typename: 'Webhook' }
   | null };

export type MentionsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type MentionsQuery = { readonly viewer: { readonly mentions: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly conversation: { readonly id: string, readonly title: string }, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } }> } } };

export type RegisterMutationVariables = Exact<{
  input: RegisterInput;
}>;


export type RegisterMutation = { readonly register: { readonly cursor: string, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } | null };

export type UpdateProfileMutationVariables = Exact<{
  input: UpdateProfileInput;
}>;


export type UpdateProfileMutation = { readonly updateProfile: { readonly cursor: string, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } | null };

export type PersonByIdQueryVariables = Exact<{
  id?: string | null | undefined;
  handle?: string | null | undefined;
}>;


export type PersonByIdQuery = { readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } | null };

export type CodeQueryVariables = Exact<{
  text: string;
}>;


export type CodeQuery = { readonly code:
    | { readonly __typename: 'User', readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> }
    | { readonly __typename: 'Conversation', readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null }
    | { readonly __typename: 'Invite', readonly id: string, readonly code: string, readonly expiresAt: string | null, readonly usesLeft: number | null, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly memberCount: number, readonly createdBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } }
   | null };

export type RequestFriendshipMutationVariables = Exact<{
  input: RequestFriendshipInput;
}>;


export type RequestFriendshipMutation = { readonly requestFriendship: { readonly cursor: string, readonly request: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly from: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly to: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } } | null };

export type AnswerFriendRequestMutationVariables = Exact<{
  input: AnswerInput;
}>;


export type AnswerFriendRequestMutation = { readonly answerFriendRequest: { readonly cursor: string, readonly request: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly from: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly to: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } } | null };

export type WithdrawFriendRequestMutationVariables = Exact<{
  input: NodeInput;
}>;


export type WithdrawFriendRequestMutation = { readonly withdrawFriendRequest: { readonly cursor: string, readonly request: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly from: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly to: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } } | null };

export type EndFriendshipMutationVariables = Exact<{
  input: UserInput;
}>;


export type EndFriendshipMutation = { readonly endFriendship: { readonly cursor: string, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } | null };

export type SetAliasMutationVariables = Exact<{
  input: SetAliasInput;
}>;


export type SetAliasMutation = { readonly setAlias: { readonly cursor: string, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } | null };

export type BlockMutationVariables = Exact<{
  input: BlockInput;
}>;


export type BlockMutation = { readonly block: { readonly cursor: string, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } | null };

export type MembersQueryVariables = Exact<{
  conversationId: string;
  first: number;
  after?: string | null | undefined;
  role?: Role | null | undefined;
}>;


export type MembersQuery = { readonly conversation: { readonly id: string, readonly memberCount: number, readonly members: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly joinedAt: string, readonly readSeq: number, readonly silencedUntil: string | null, readonly follower: boolean, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } }> } } | null };

export type MemberReadsQueryVariables = Exact<{
  conversationId: string;
  first: number;
  after?: string | null | undefined;
}>;


export type MemberReadsQuery = { readonly conversation: { readonly id: string, readonly members: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly readSeq: number } }> } } | null };

export type InvitesQueryVariables = Exact<{
  conversationId: string;
}>;


export type InvitesQuery = { readonly conversation: { readonly id: string, readonly invites: ReadonlyArray<{ readonly id: string, readonly code: string, readonly expiresAt: string | null, readonly usesLeft: number | null, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly memberCount: number, readonly createdBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } }> } | null };

export type CreateConversationMutationVariables = Exact<{
  input: CreateConversationInput;
}>;


export type CreateConversationMutation = { readonly createConversation: { readonly cursor: string, readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } } | null };

export type UpdateConversationMutationVariables = Exact<{
  input: UpdateConversationInput;
}>;


export type UpdateConversationMutation = { readonly updateConversation: { readonly cursor: string, readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } } | null };

export type SetPreferencesMutationVariables = Exact<{
  input: SetPreferencesInput;
}>;


export type SetPreferencesMutation = { readonly setPreferences: { readonly cursor: string, readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } } | null };

export type JoinMutationVariables = Exact<{
  input: JoinInput;
}>;


export type JoinMutation = { readonly join: { readonly cursor: string, readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null }, readonly request: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly conversation: { readonly id: string, readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null }, readonly user: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly invitedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null, readonly decidedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null } | null } | null };

export type AnswerJoinRequestMutationVariables = Exact<{
  input: AnswerInput;
}>;


export type AnswerJoinRequestMutation = { readonly answerJoinRequest: { readonly cursor: string, readonly request: { readonly id: string, readonly note: string | null, readonly status: RequestStatus, readonly requestedAt: string, readonly decidedAt: string | null, readonly conversation: { readonly id: string, readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null }, readonly user: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly invitedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null, readonly decidedBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } | null } } | null };

export type AddMembersMutationVariables = Exact<{
  input: MembersInput;
}>;


export type AddMembersMutation = { readonly addMembers: { readonly cursor: string, readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } } | null };

export type RemoveMembersMutationVariables = Exact<{
  input: MembersInput;
}>;


export type RemoveMembersMutation = { readonly removeMembers: { readonly cursor: string, readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } } | null };

export type LeaveMutationVariables = Exact<{
  input: NodeInput;
}>;


export type LeaveMutation = { readonly leave: { readonly cursor: string, readonly conversation: { readonly id: string } } | null };

export type SetRoleMutationVariables = Exact<{
  input: SetRoleInput;
}>;


export type SetRoleMutation = { readonly setRole: { readonly cursor: string, readonly conversation: { readonly id: string } } | null };

export type TransferOwnershipMutationVariables = Exact<{
  input: MemberInput;
}>;


export type TransferOwnershipMutation = { readonly transferOwnership: { readonly cursor: string, readonly conversation: { readonly id: string } } | null };

export type SilenceMutationVariables = Exact<{
  input: SilenceInput;
}>;


export type SilenceMutation = { readonly silence: { readonly cursor: string, readonly conversation: { readonly id: string } } | null };

export type DissolveMutationVariables = Exact<{
  input: NodeInput;
}>;


export type DissolveMutation = { readonly dissolve: { readonly cursor: string, readonly conversation: { readonly id: string } } | null };

export type CreateInviteMutationVariables = Exact<{
  input: CreateInviteInput;
}>;


export type CreateInviteMutation = { readonly createInvite: { readonly cursor: string, readonly invite: { readonly id: string, readonly code: string, readonly expiresAt: string | null, readonly usesLeft: number | null, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly memberCount: number, readonly createdBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } } | null };

export type RevokeInviteMutationVariables = Exact<{
  input: RevokeInviteInput;
}>;


export type RevokeInviteMutation = { readonly revokeInvite: { readonly cursor: string, readonly invite: { readonly id: string, readonly code: string, readonly expiresAt: string | null, readonly usesLeft: number | null, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly memberCount: number, readonly createdBy: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } } | null };

export type SearchMessagesQueryVariables = Exact<{
  query: MessageQuery;
  first: number;
  after?: string | null | undefined;
}>;


export type SearchMessagesQuery = { readonly searchMessages: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly highlights: ReadonlyArray<{ readonly text: string, readonly hit: boolean }>, readonly message: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly conversation: { readonly id: string, readonly title: string }, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } } }> } | null };

export type SearchUsersQueryVariables = Exact<{
  query: UserQuery;
  first: number;
  after?: string | null | undefined;
}>;


export type SearchUsersQuery = { readonly searchUsers: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly distance: number | null, readonly user: { readonly signature: string | null, readonly gender: Gender | null, readonly age: number | null, readonly code: string, readonly directConversationId: string, readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly tags: ReadonlyArray<{ readonly name: string, readonly score: number }>, readonly friendship: { readonly status: FriendshipStatus, readonly since: string | null, readonly alias: string | null, readonly blockedByViewer: boolean }, readonly presence: ReadonlyArray<{ readonly deviceKind: DeviceKind, readonly online: boolean | null, readonly lastSeenAt: string | null }> } } }> } | null };

export type SearchConversationsQueryVariables = Exact<{
  query: ConversationQuery;
  first: number;
  after?: string | null | undefined;
}>;


export type SearchConversationsQuery = { readonly searchConversations: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly conversation: { readonly kind: ConversationKind, readonly title: string, readonly avatarUrl: string | null, readonly description: string | null, readonly announcement: string | null, readonly category: string | null, readonly createdAt: string | null, readonly joinPolicy: JoinPolicy, readonly public: boolean, readonly historyVisible: boolean, readonly memberCount: number, readonly id: string, readonly lastSeq: number, readonly lastActivityAt: string | null, readonly readSeq: number, readonly unreadCount: number, readonly unreadMentions: number, readonly unreadReplies: number, readonly joinCode: string | null, readonly peer: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean, readonly friendship: { readonly alias: string | null } } | null, readonly membership: { readonly id: string, readonly role: Role, readonly nickname: string | null, readonly muted: boolean, readonly pinned: boolean, readonly hidden: boolean, readonly follower: boolean, readonly joinedAt: string, readonly joinedSeq: number, readonly silencedUntil: string | null } | null, readonly lastMessage: { readonly id: string, readonly seq: number, readonly cursor: string, readonly clientMutationId: string, readonly sentAt: string, readonly kind: MessageKind, readonly topic: string | null, readonly text: string | null, readonly mentionsAll: boolean, readonly editedAt: string | null, readonly recalledAt: string | null, readonly expiresAt: string | null, readonly replyCount: number, readonly lastReplyAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }, readonly attachments: ReadonlyArray<{ readonly url: string, readonly name: string, readonly mediaType: string, readonly size: number, readonly width: number | null, readonly height: number | null, readonly thumbnailUrl: string | null, readonly expiresAt: string | null }>, readonly mentions: ReadonlyArray<{ readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean }>, readonly reactions: ReadonlyArray<{ readonly emoji: string, readonly count: number, readonly byViewer: boolean }>, readonly replyTo: { readonly id: string, readonly seq: number, readonly kind: MessageKind, readonly text: string | null, readonly recalledAt: string | null, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null, readonly forwardedFrom: { readonly id: string, readonly sentAt: string, readonly sender: { readonly id: string, readonly handle: string, readonly name: string, readonly avatarUrl: string | null, readonly bot: boolean } } | null } | null } } }> } | null };

export type WebPushKeyQueryVariables = Exact<{ [key: string]: never; }>;


export type WebPushKeyQuery = { readonly viewer: { readonly webPushKey: string | null } };

export type AddDeviceMutationVariables = Exact<{
  input: AddDeviceInput;
}>;


export type AddDeviceMutation = { readonly addDevice: { readonly cursor: string } | null };

export type RemoveDeviceMutationVariables = Exact<{
  input: NodeInput;
}>;


export type RemoveDeviceMutation = { readonly removeDevice: { readonly cursor: string } | null };

export const Start: TypedDocument<StartQuery, StartQueryVariables> = "query Start($first:Int!){viewer{user{...KnownPerson}unreadTotal conversations(first:$first pinnedFirst:true includeHidden:true){cursor pageInfo{hasNextPage endCursor}edges{node{...ConversationFields}}}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const Myself: TypedDocument<MyselfQuery, MyselfQueryVariables> = "query Myself{viewer{user{...KnownPerson}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const ConversationPage: TypedDocument<ConversationPageQuery, ConversationPageQueryVariables> = "query ConversationPage($first:Int!$after:String$atLeast:Cursor){viewer{conversations(first:$first after:$after pinnedFirst:true includeHidden:true atLeast:$atLeast){pageInfo{hasNextPage endCursor}edges{node{...ConversationFields}}}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const Conversations: TypedDocument<ConversationsQuery, ConversationsQueryVariables> = "query Conversations($ids:[ID!]!$atLeast:Cursor){nodes(ids:$ids atLeast:$atLeast){__typename ...on Conversation{...ConversationFields}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const UnreadTotal: TypedDocument<UnreadTotalQuery, UnreadTotalQueryVariables> = "query UnreadTotal($atLeast:Cursor){viewer(atLeast:$atLeast){unreadTotal}}";
export const MessagePage: TypedDocument<MessagePageQuery, MessagePageQueryVariables> = "query MessagePage($id:ID!$first:Int$after:String$last:Int$before:String$around:Int$atLeast:Cursor){conversation(id:$id atLeast:$atLeast){...ConversationFields messages(first:$first after:$after last:$last before:$before around:$around){pageInfo{hasNextPage hasPreviousPage}edges{node{...MessageFields}}}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const People: TypedDocument<PeopleQuery, PeopleQueryVariables> = "query People($first:Int!$atLeast:Cursor){viewer(atLeast:$atLeast){friends(orderBy:SINCE first:$first){totalCount pageInfo{hasNextPage endCursor}edges{node{id user{...KnownPerson}}}}incoming:friendRequests(direction:INCOMING first:$first){edges{node{...FriendRequestFields}}}outgoing:friendRequests(direction:OUTGOING first:$first){edges{node{...FriendRequestFields}}}incomingJoins:joinRequests(direction:INCOMING first:$first){edges{node{...JoinRequestFields}}}outgoingJoins:joinRequests(direction:OUTGOING first:$first){edges{node{...JoinRequestFields}}}blocked(first:$first){edges{node{...KnownPerson}}}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}fragment FriendRequestFields on FriendRequest{id note status requestedAt decidedAt from{...Person}to{...Person}}fragment JoinRequestFields on JoinRequest{id note status requestedAt decidedAt conversation{id kind title avatarUrl}user{...Person}invitedBy{...Person}decidedBy{...Person}}";
export const FriendPage: TypedDocument<FriendPageQuery, FriendPageQueryVariables> = "query FriendPage($first:Int!$after:String$atLeast:Cursor){viewer(atLeast:$atLeast){friends(orderBy:SINCE first:$first after:$after){pageInfo{hasNextPage endCursor}edges{node{id user{...KnownPerson}}}}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const Inbox: TypedDocument<InboxSubscription, InboxSubscriptionVariables> = "subscription Inbox($after:Cursor){inbox(after:$after){__typename cursor at ...on MessageReceived{message{...MessageFields answered:replyTo{seq replyCount lastReplyAt}conversation{...ConversationCounts}}}...on MessageChanged{messageChange message{...MessageFields conversation{...ConversationCounts}}}...on ReadMoved{conversation{...ConversationCounts}}...on MembershipChanged{membershipChange user{...Person}actor{...Person}conversation{...ConversationFields}}...on ConversationChanged{conversation{...ConversationFields}}...on FriendRequestChanged{request{...FriendRequestFields}}...on FriendshipChanged{user{...KnownPerson}}...on JoinRequestChanged{joinRequest:request{...JoinRequestFields}}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment FriendRequestFields on FriendRequest{id note status requestedAt decidedAt from{...Person}to{...Person}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment JoinRequestFields on JoinRequest{id note status requestedAt decidedAt conversation{id kind title avatarUrl}user{...Person}invitedBy{...Person}decidedBy{...Person}}";
export const TypingIn: TypedDocument<TypingInSubscription, TypingInSubscriptionVariables> = "subscription TypingIn($conversationId:ID!){typing(conversationId:$conversationId){typing user{...Person}}}fragment Person on User{id handle name avatarUrl bot}";
export const PresenceOf: TypedDocument<PresenceOfSubscription, PresenceOfSubscriptionVariables> = "subscription PresenceOf($userIds:[ID!]!){presence(userIds:$userIds){user{id}presence{deviceKind online lastSeenAt}}}";
export const SendMessage: TypedDocument<SendMessageMutation, SendMessageMutationVariables> = "mutation SendMessage($input:SendMessageInput!){sendMessage(input:$input){cursor message{...MessageFields conversation{id}}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const CreateUpload: TypedDocument<CreateUploadMutation, CreateUploadMutationVariables> = "mutation CreateUpload($input:CreateUploadInput!){createUpload(input:$input){cursor upload{id url method headers{name value}expiresAt}}}";
export const MessageFiles: TypedDocument<MessageFilesQuery, MessageFilesQueryVariables> = "query MessageFiles($conversationId:ID!$seq:Int!){conversation(id:$conversationId){id message(seq:$seq){id attachments{url name mediaType size width height thumbnailUrl expiresAt}}}}";
export const EditMessage: TypedDocument<EditMessageMutation, EditMessageMutationVariables> = "mutation EditMessage($input:EditMessageInput!){editMessage(input:$input){cursor message{...MessageFields}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const RecallMessage: TypedDocument<RecallMessageMutation, RecallMessageMutationVariables> = "mutation RecallMessage($input:MessageInput!){recallMessage(input:$input){cursor message{...MessageFields}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const React: TypedDocument<ReactMutation, ReactMutationVariables> = "mutation React($input:ReactInput!){react(input:$input){cursor message{...MessageFields}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const PinMessage: TypedDocument<PinMessageMutation, PinMessageMutationVariables> = "mutation PinMessage($input:PinMessageInput!){pinMessage(input:$input){cursor message{...MessageFields}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const ForwardMessages: TypedDocument<ForwardMessagesMutation, ForwardMessagesMutationVariables> = "mutation ForwardMessages($input:ForwardMessagesInput!){forwardMessages(input:$input){cursor messages{...MessageFields}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const MarkRead: TypedDocument<MarkReadMutation, MarkReadMutationVariables> = "mutation MarkRead($input:MarkReadInput!){markRead(input:$input){cursor conversation{...ConversationCounts}}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}";
export const SetTyping: TypedDocument<SetTypingMutation, SetTypingMutationVariables> = "mutation SetTyping($conversationId:ID!$typing:Boolean!){setTyping(conversationId:$conversationId typing:$typing)}";
export const ScheduleMessage: TypedDocument<ScheduleMessageMutation, ScheduleMessageMutationVariables> = "mutation ScheduleMessage($input:ScheduleMessageInput!){scheduleMessage(input:$input){cursor scheduled{id sendAt text}}}";
export const Thread: TypedDocument<ThreadQuery, ThreadQueryVariables> = "query Thread($id:ID!$first:Int!$after:String){node(id:$id){__typename ...on Message{...MessageFields replies(first:$first after:$after){pageInfo{hasNextPage endCursor}edges{node{...MessageFields}}}}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const Pins: TypedDocument<PinsQuery, PinsQueryVariables> = "query Pins($conversationId:ID!){conversation(id:$conversationId){id pins{...MessageFields}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const Receipts: TypedDocument<ReceiptsQuery, ReceiptsQueryVariables> = "query Receipts($id:ID!$first:Int!$after:String){node(id:$id){__typename ...on Message{id readCount readBy(first:$first after:$after){pageInfo{hasNextPage endCursor}edges{node{...Person}}}}}}fragment Person on User{id handle name avatarUrl bot}";
export const Mentions: TypedDocument<MentionsQuery, MentionsQueryVariables> = "query Mentions($first:Int!$after:String){viewer{mentions(first:$first after:$after){pageInfo{hasNextPage endCursor}edges{node{...MessageFields conversation{id title}}}}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const Register: TypedDocument<RegisterMutation, RegisterMutationVariables> = "mutation Register($input:RegisterInput!){register(input:$input){cursor user{...KnownPerson}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const UpdateProfile: TypedDocument<UpdateProfileMutation, UpdateProfileMutationVariables> = "mutation UpdateProfile($input:UpdateProfileInput!){updateProfile(input:$input){cursor user{...KnownPerson}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const PersonById: TypedDocument<PersonByIdQuery, PersonByIdQueryVariables> = "query PersonById($id:ID$handle:String){user(id:$id handle:$handle){...KnownPerson}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const Code: TypedDocument<CodeQuery, CodeQueryVariables> = "query Code($text:String!){code(text:$text){__typename ...on User{...KnownPerson}...on Conversation{...ConversationFields}...on Invite{...InviteFields}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}fragment InviteFields on Invite{id code expiresAt usesLeft title avatarUrl description memberCount createdBy{...Person}}";
export const RequestFriendship: TypedDocument<RequestFriendshipMutation, RequestFriendshipMutationVariables> = "mutation RequestFriendship($input:RequestFriendshipInput!){requestFriendship(input:$input){cursor request{...FriendRequestFields}}}fragment FriendRequestFields on FriendRequest{id note status requestedAt decidedAt from{...Person}to{...Person}}fragment Person on User{id handle name avatarUrl bot}";
export const AnswerFriendRequest: TypedDocument<AnswerFriendRequestMutation, AnswerFriendRequestMutationVariables> = "mutation AnswerFriendRequest($input:AnswerInput!){answerFriendRequest(input:$input){cursor request{...FriendRequestFields}}}fragment FriendRequestFields on FriendRequest{id note status requestedAt decidedAt from{...Person}to{...Person}}fragment Person on User{id handle name avatarUrl bot}";
export const WithdrawFriendRequest: TypedDocument<WithdrawFriendRequestMutation, WithdrawFriendRequestMutationVariables> = "mutation WithdrawFriendRequest($input:NodeInput!){withdrawFriendRequest(input:$input){cursor request{...FriendRequestFields}}}fragment FriendRequestFields on FriendRequest{id note status requestedAt decidedAt from{...Person}to{...Person}}fragment Person on User{id handle name avatarUrl bot}";
export const EndFriendship: TypedDocument<EndFriendshipMutation, EndFriendshipMutationVariables> = "mutation EndFriendship($input:UserInput!){endFriendship(input:$input){cursor user{...KnownPerson}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const SetAlias: TypedDocument<SetAliasMutation, SetAliasMutationVariables> = "mutation SetAlias($input:SetAliasInput!){setAlias(input:$input){cursor user{...KnownPerson}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const Block: TypedDocument<BlockMutation, BlockMutationVariables> = "mutation Block($input:BlockInput!){block(input:$input){cursor user{...KnownPerson}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const Members: TypedDocument<MembersQuery, MembersQueryVariables> = "query Members($conversationId:ID!$first:Int!$after:String$role:Role){conversation(id:$conversationId){id memberCount members(first:$first after:$after role:$role){pageInfo{hasNextPage endCursor}edges{node{id role nickname joinedAt readSeq silencedUntil follower user{...KnownPerson}}}}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const MemberReads: TypedDocument<MemberReadsQuery, MemberReadsQueryVariables> = "query MemberReads($conversationId:ID!$first:Int!$after:String){conversation(id:$conversationId){id members(first:$first after:$after){edges{node{id readSeq}}}}}";
export const Invites: TypedDocument<InvitesQuery, InvitesQueryVariables> = "query Invites($conversationId:ID!){conversation(id:$conversationId){id invites{...InviteFields}}}fragment InviteFields on Invite{id code expiresAt usesLeft title avatarUrl description memberCount createdBy{...Person}}fragment Person on User{id handle name avatarUrl bot}";
export const CreateConversation: TypedDocument<CreateConversationMutation, CreateConversationMutationVariables> = "mutation CreateConversation($input:CreateConversationInput!){createConversation(input:$input){cursor conversation{...ConversationFields}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const UpdateConversation: TypedDocument<UpdateConversationMutation, UpdateConversationMutationVariables> = "mutation UpdateConversation($input:UpdateConversationInput!){updateConversation(input:$input){cursor conversation{...ConversationFields}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const SetPreferences: TypedDocument<SetPreferencesMutation, SetPreferencesMutationVariables> = "mutation SetPreferences($input:SetPreferencesInput!){setPreferences(input:$input){cursor conversation{...ConversationFields}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const Join: TypedDocument<JoinMutation, JoinMutationVariables> = "mutation Join($input:JoinInput!){join(input:$input){cursor conversation{...ConversationFields}request{...JoinRequestFields}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}fragment JoinRequestFields on JoinRequest{id note status requestedAt decidedAt conversation{id kind title avatarUrl}user{...Person}invitedBy{...Person}decidedBy{...Person}}";
export const AnswerJoinRequest: TypedDocument<AnswerJoinRequestMutation, AnswerJoinRequestMutationVariables> = "mutation AnswerJoinRequest($input:AnswerInput!){answerJoinRequest(input:$input){cursor request{...JoinRequestFields}}}fragment JoinRequestFields on JoinRequest{id note status requestedAt decidedAt conversation{id kind title avatarUrl}user{...Person}invitedBy{...Person}decidedBy{...Person}}fragment Person on User{id handle name avatarUrl bot}";
export const AddMembers: TypedDocument<AddMembersMutation, AddMembersMutationVariables> = "mutation AddMembers($input:MembersInput!){addMembers(input:$input){cursor conversation{...ConversationFields}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const RemoveMembers: TypedDocument<RemoveMembersMutation, RemoveMembersMutationVariables> = "mutation RemoveMembers($input:MembersInput!){removeMembers(input:$input){cursor conversation{...ConversationFields}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const Leave: TypedDocument<LeaveMutation, LeaveMutationVariables> = "mutation Leave($input:NodeInput!){leave(input:$input){cursor conversation{id}}}";
export const SetRole: TypedDocument<SetRoleMutation, SetRoleMutationVariables> = "mutation SetRole($input:SetRoleInput!){setRole(input:$input){cursor conversation{id}}}";
export const TransferOwnership: TypedDocument<TransferOwnershipMutation, TransferOwnershipMutationVariables> = "mutation TransferOwnership($input:MemberInput!){transferOwnership(input:$input){cursor conversation{id}}}";
export const Silence: TypedDocument<SilenceMutation, SilenceMutationVariables> = "mutation Silence($input:SilenceInput!){silence(input:$input){cursor conversation{id}}}";
export const Dissolve: TypedDocument<DissolveMutation, DissolveMutationVariables> = "mutation Dissolve($input:NodeInput!){dissolve(input:$input){cursor conversation{id}}}";
export const CreateInvite: TypedDocument<CreateInviteMutation, CreateInviteMutationVariables> = "mutation CreateInvite($input:CreateInviteInput!){createInvite(input:$input){cursor invite{...InviteFields}}}fragment InviteFields on Invite{id code expiresAt usesLeft title avatarUrl description memberCount createdBy{...Person}}fragment Person on User{id handle name avatarUrl bot}";
export const RevokeInvite: TypedDocument<RevokeInviteMutation, RevokeInviteMutationVariables> = "mutation RevokeInvite($input:RevokeInviteInput!){revokeInvite(input:$input){cursor invite{...InviteFields}}}fragment InviteFields on Invite{id code expiresAt usesLeft title avatarUrl description memberCount createdBy{...Person}}fragment Person on User{id handle name avatarUrl bot}";
export const SearchMessages: TypedDocument<SearchMessagesQuery, SearchMessagesQueryVariables> = "query SearchMessages($query:MessageQuery!$first:Int!$after:String){searchMessages(query:$query first:$first after:$after){totalCount pageInfo{hasNextPage endCursor}edges{node{highlights{text hit}message{...MessageFields conversation{id title}}}}}}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Person on User{id handle name avatarUrl bot}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const SearchUsers: TypedDocument<SearchUsersQuery, SearchUsersQueryVariables> = "query SearchUsers($query:UserQuery!$first:Int!$after:String){searchUsers(query:$query first:$first after:$after){pageInfo{hasNextPage endCursor}edges{node{distance user{...KnownPerson}}}}}fragment KnownPerson on User{...Person signature gender age tags{name score}code directConversationId friendship{status since alias blockedByViewer}presence{deviceKind online lastSeenAt}}fragment Person on User{id handle name avatarUrl bot}";
export const SearchConversations: TypedDocument<SearchConversationsQuery, SearchConversationsQueryVariables> = "query SearchConversations($query:ConversationQuery!$first:Int!$after:String){searchConversations(query:$query first:$first after:$after){pageInfo{hasNextPage endCursor}edges{node{conversation{...ConversationFields}}}}}fragment ConversationFields on Conversation{...ConversationCounts kind title avatarUrl description announcement category createdAt joinPolicy public historyVisible joinCode:code memberCount peer{...Person friendship{alias}}membership{...OwnMembership}lastMessage{...MessageFields}}fragment ConversationCounts on Conversation{id lastSeq lastActivityAt readSeq unreadCount unreadMentions unreadReplies}fragment Person on User{id handle name avatarUrl bot}fragment OwnMembership on Member{id role nickname muted pinned hidden follower joinedAt joinedSeq silencedUntil}fragment MessageFields on Message{id seq cursor clientMutationId sentAt kind topic text mentionsAll editedAt recalledAt expiresAt replyCount lastReplyAt sender{...Person}attachments{url name mediaType size width height thumbnailUrl expiresAt}mentions{...Person}reactions{emoji count byViewer}replyTo{...Quote}forwardedFrom{id sentAt sender{...Person}}}fragment Quote on Message{id seq kind text recalledAt sender{...Person}}";
export const WebPushKey: TypedDocument<WebPushKeyQuery, WebPushKeyQueryVariables> = "query WebPushKey{viewer{webPushKey}}";
export const AddDevice: TypedDocument<AddDeviceMutation, AddDeviceMutationVariables> = "mutation AddDevice($input:AddDeviceInput!){addDevice(input:$input){cursor}}";
export const RemoveDevice: TypedDocument<RemoveDeviceMutation, RemoveDeviceMutationVariables> = "mutation RemoveDevice($input:NodeInput!){removeDevice(input:$input){cursor}}";
