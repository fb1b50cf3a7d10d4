import type { CircleRow } from "../../projections/circles.ts";
import type { GroupRow, UserRow } from "../../projections/directory.ts";
import type { DeviceRow } from "../../projections/devices.ts";
import type { Unread } from "../../projections/readMarks.ts";
import type { ReportRow } from "../../projections/reports.ts";
import type { InviteRow, JoinRequestRow } from "../../projections/joining.ts";
import type { FriendRow, FriendshipRow, RequestRow } from "../../projections/friends.ts";
import type { Entry as TellableEntry } from "../../projections/inboxEntries.ts";
import type { ThreadRow } from "../../projections/threads.ts";
import type { WebhookRow } from "../../projections/webhooks.ts";
import type { MembershipRow } from "../../projections/relationRows.ts";
import type { ScheduledRow } from "../../projections/schedules.ts";
import { emptied, type HeadRow, isExpired, type MessageRow } from "../../projections/timelines.ts";
import { viewsAt } from "../commands/authorise.ts";
import type { JoinRequestKey, UploadDone } from "../commands/commands.ts";
import type { Role } from "../domain/groupState.ts";
import { isDirect, messageIdOf, peerOf } from "../domain/ids.ts";
import type { Reaction } from "../domain/reactions.ts";
import { mayOpen, seesLive, type SeqRange, type Sight } from "../domain/visibility.ts";
import type { TextRun } from "../domain/words.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Incoming } from "../ports/files.ts";
import type { SearchFacets } from "../ports/searchIndex.ts";
import type { Context } from "./context.ts";
import type { PageInfo } from "./connections.ts";
import type { PresenceRows } from "./presenceRows.ts";
import { outgoingBytes, rowBytes } from "./rowBytes.ts";

/**
 * Entities stand for objects of the API until their fields are asked for. The first field that needs a row reads it and keeps
 * it in the entity. An entity lives as long as one answer, for one viewer. `at`: before any row is read, the views must have
 * reached this position, so that clients read their own writes. Fields without rows do not wait.
 */

export type UserEntity = {
  readonly __typename: "User";
  readonly id: string;
  readonly at?: Position;
  profile?: Awaitable<UserRow>;
};

/**
 * `asOf`: those who may not see the group otherwise are told what it said of itself at this place. Without it, nothing. `past`:
 * it is shown as it stood, and all that belongs to it is resolved in this context (past.ts). `isWhole`: an operator is shown all
 * of that.
 */
export type ConversationEntity = {
  readonly __typename: "Conversation";
  readonly id: string;
  readonly at?: Position;
  readonly asOf?: Position;
  readonly past?: Context;
  readonly isWhole?: true;
  group?: Awaitable<GroupRow | undefined>;
  head?: Awaitable<HeadRow | undefined>;
  sight?: Awaitable<Sight>;
  membership?: Awaitable<MembershipRow | undefined>;
  unread?: Awaitable<Unread>;
  /** What the viewer may see of it. */
  ranges?: Awaitable<"all" | readonly SeqRange[]>;
  /** Whether the viewer is told who has read what. */
  isReader?: Awaitable<boolean>;
};

/** A member of now. `follower`: of a channel, and not of its staff. */
export type MemberEntity = {
  readonly __typename: "Member";
  readonly conversation: ConversationEntity;
  readonly user: UserEntity;
  readonly role: Role;
  readonly joinedAt: string;
  readonly joinedSeq: number;
  readonly follower: boolean;
  readonly silencedUntil?: string;
};

/** What nobody has to look up is in the entity itself: a field with a resolver takes ten times as long. */
export type MessageEntity = {
  readonly __typename: "Message";
  readonly conversation: ConversationEntity;
  readonly row: MessageRow;
  readonly at?: Position;
  readonly id: string;
  readonly seq: number;
  readonly cursor: Position;
  readonly sender: UserEntity;
  readonly clientMutationId: string;
  readonly sentAt: string;
  readonly kind: MessageRow["kind"];
  readonly topic: string | null;
  /** As it may be shown when it is asked for. */
  readonly text: string | null;
  readonly editedAt: string | null;
  readonly recalledAt: string | null;
  readonly expiresAt: string | null;
  /** The viewer may not see it any more. Its row has no content. */
  readonly isHidden?: true;
  thread?: Awaitable<ThreadRow | undefined>;
  /** The viewer's. */
  ownReactions?: Awaitable<readonly string[] | undefined>;
};

export type ReactionEntity = Reaction & { readonly message: MessageEntity };

/** A message that was found. Its highlights are made only when they are asked for. */
export type MessageHitEntity = { readonly message: MessageEntity; readonly highlights: readonly TextRun[] };

/** A page of search results. `facets` asks the index for the counts, once for all fields that need them. */
export type MessageHitsEntity = {
  readonly edges: readonly { cursor: string; node: MessageHitEntity }[];
  readonly pageInfo: PageInfo;
  readonly facets: () => Promise<SearchFacets>;
};

/** How the viewer and a user stand. */
export type FriendshipEntity = { readonly user: string; readonly at?: Position; row?: Awaitable<FriendshipRow | undefined> };

/** A friend of the viewer. */
export type FriendEntity = { readonly __typename: "Friend"; readonly user: UserEntity; readonly row: FriendRow };

/** A request between two users. */
export type FriendRequestEntity = {
  readonly __typename: "FriendRequest";
  readonly users: readonly [string, string];
  readonly number: number;
  readonly at?: Position;
  row?: Awaitable<RequestRow>;
};

/** A message of the viewer's that waits for its time, or could not be sent. */
export type ScheduledMessageEntity = {
  readonly __typename: "ScheduledMessage";
  readonly user: string;
  readonly row: ScheduledRow;
};

/** Where another program is told what happens. */
export type WebhookEntity = { readonly __typename: "Webhook"; readonly id: string; readonly row: WebhookRow };

/** What a business says of its people. */
export type CircleEntity = {
  readonly __typename: "Circle";
  readonly id: string;
  readonly at?: Position;
  row?: Awaitable<CircleRow>;
};

/** A request to join a group. */
export type JoinRequestEntity = JoinRequestKey & {
  readonly __typename: "JoinRequest";
  readonly at?: Position;
  row?: Awaitable<JoinRequestRow>;
};

/** An invitation to a group. */
export type InviteEntity = {
  readonly __typename: "Invite";
  readonly id: string;
  readonly at?: Position;
  row?: Awaitable<InviteRow>;
};

/** A report. `isDecider`: the viewer may decide it, and is not only who made it. */
export type ReportEntity = {
  readonly __typename: "Report";
  readonly row: ReportRow;
  readonly isDecider: boolean;
  readonly at?: Position;
};
/** A message as it was when it was reported. */
export type ReportedMessageEntity = {
  readonly conversationId: string;
  readonly seq: number;
  readonly sender: UserEntity;
  readonly sentAt: string;
  readonly kind: MessageRow["kind"];
  readonly text: string | null;
  readonly files: readonly string[];
};

/** A device of the viewer. `lastSeenAt` reads what is known of all of theirs, once. */
export type DeviceEntity = { readonly __typename: "Device"; readonly lastSeenAt: () => Promise<string | null> } & DeviceRow;
export type DevicePayloadEntity = { readonly cursor: Position };

/** Devices of one kind of a user. */
export type PresenceEntity = PresenceRows[number];
export type UserPresenceEntity = { readonly user: UserEntity; readonly presence: PresenceRows };
export type TypingEntity = { readonly user: UserEntity; readonly conversationId: string; readonly typing: boolean };

export type NodeEntity =
  | CircleEntity
  | WebhookEntity
  | DeviceEntity
  | UserEntity
  | ConversationEntity
  | MessageEntity
  | MemberEntity
  | FriendEntity
  | FriendRequestEntity
  | JoinRequestEntity
  | InviteEntity
  | ReportEntity
  | ScheduledMessageEntity;

/** The two totals are kept, so that the entries of one answer do not count them again and again. */
export type ViewerEntity = {
  readonly userId: string;
  unreadTotal?: Awaitable<number>;
  /** Muted conversations included. */
  unreadWithMuted?: Awaitable<number>;
};

/** What an operator sees. Each field reads its own data. */
export type AdminEntity = Readonly<Record<string, never>>;
/** What it tells is asked of the log's tree. */
export type AuditEntity = AdminEntity;

/** A file of a message, as its row has it. */
export type AttachmentEntity = MessageRow["attachments"][number];

/** An upload that was created. `incoming` says where its bytes go, once for all fields that need it. */
export type UploadEntity = UploadDone["upload"] & { incoming?: Awaitable<Incoming> };

/** The answer to a command on the viewer's schedule. */
export type ScheduledPayloadEntity = { cursor: Position };

/** The answer to a command on a message. The message is read if the command did not return it. */
export type MessagePayloadEntity = {
  cursor: Position;
  conversationId: string;
  seq: number;
  row?: MessageRow;
  message?: Awaitable<MessageEntity>;
};
export type ConversationsPayloadEntity = { cursor: Position; conversations: readonly ConversationEntity[] };
export type ConversationPayloadEntity = { cursor: Position; conversation: ConversationEntity };

type Told<Kind extends TellableEntry["kind"]> = Extract<TellableEntry, { kind: Kind }>;
type Entry<Name extends string, T = object> = { readonly __typename: Name; cursor: Position; at: string } & T;
export type CaughtUpEntity = Entry<"InboxCaughtUp">;
export type ResetEntity = Entry<"InboxReset">;
export type MessageReceivedEntity = Entry<"MessageReceived", { message: MessageEntity; viewer: ViewerEntity }>;
export type MessageChangedEntity = Entry<"MessageChanged", { message: MessageEntity; messageChange: Told<"changed">["change"] }>;
export type ReadMovedEntity = Entry<"ReadMoved", { conversation: ConversationEntity; readSeq: number; viewer: ViewerEntity }>;
export type MembershipChangedEntity = Entry<
  "MembershipChanged",
  {
    conversation: ConversationEntity;
    user: UserEntity;
    actor: UserEntity;
    membershipChange: Told<"membership">["change"];
  }
>;
export type FriendRequestChangedEntity = Entry<"FriendRequestChanged", { request: FriendRequestEntity }>;
export type JoinRequestChangedEntity = Entry<"JoinRequestChanged", { request: JoinRequestEntity }>;
/** The conversation as it is now. */
export type ConversationChangedEntity = Entry<"ConversationChanged", { conversation: ConversationEntity }>;
export type FriendshipChangedEntity = Entry<"FriendshipChanged", { user: UserEntity }>;
/** What happened, as `sync` and the subscriptions report it. */
export type EntryEntity =
  | CaughtUpEntity
  | ResetEntity
  | MessageReceivedEntity
  | MessageChangedEntity
  | ReadMovedEntity
  | MembershipChangedEntity
  | ConversationChangedEntity
  | JoinRequestChangedEntity
  | FriendRequestChangedEntity
  | FriendshipChangedEntity;

const NOWHERE = {};
const located = (at: Position | undefined) => (at === undefined ? NOWHERE : { at });

export const userEntity = (id: string, at?: Position): UserEntity =>
  at === undefined ? { __typename: "User", id } : { __typename: "User", id, at };
export const conversationEntity = (id: string, at?: Position): ConversationEntity =>
  at === undefined ? { __typename: "Conversation", id } : { __typename: "Conversation", id, at };
export const circleEntity = (id: string, at?: Position): CircleEntity => ({ __typename: "Circle", id, ...located(at) });
export const friendEntity = (user: string, row: FriendRow): FriendEntity => ({
  __typename: "Friend",
  user: userEntity(user),
  row,
});

export const friendRequestEntity = (
  users: readonly [string, string],
  number: number,
  more: { at?: Position; row?: RequestRow } = {},
): FriendRequestEntity => ({ __typename: "FriendRequest", users, number, ...more });

export const joinRequestEntity = (
  { group, user, number }: JoinRequestKey,
  more: { at?: Position; row?: JoinRequestRow } = {},
): JoinRequestEntity => ({ __typename: "JoinRequest", group, user, number, ...more });

export const inviteEntity = (id: string, more: { at?: Position; row?: InviteRow } = {}): InviteEntity => ({
  __typename: "Invite",
  id,
  ...more,
});

/** Every message in an answer is made here, so that its row is counted. */
export function messageEntity(context: Context, conversation: ConversationEntity, row: MessageRow): MessageEntity {
  context.request.readRows(rowBytes(row));
  const { at } = conversation;
  const message: MessageEntity & { at?: Position } = {
    __typename: "Message",
    conversation,
    row,
    id: messageIdOf(conversation.id, row.seq),
    seq: row.seq,
    cursor: row.position,
    sender: userEntity(row.senderId, at),
    clientMutationId: row.clientMutationId,
    sentAt: row.sentAt,
    kind: row.kind,
    topic: row.topic,
    text: row.text,
    editedAt: row.editedAt,
    recalledAt: row.recalledAt,
    expiresAt: row.expiresAt ?? null,
  };
  if (at !== undefined) message.at = at;
  if (row.expiresAt === undefined || row.expired) return message;
  const { text: _, ...others } = message;
  return Object.assign(Object.create(expiringMembers) as MessageEntity, others, { context });
}

/**
 * Of messages that will expire. All of them share the getter: V8 would make a getter of each one's own among the old objects, and
 * keep alive with it whatever the answer was made of, until all garbage is collected.
 */
const expiringMembers = {
  get text(): string | null {
    const message = this as unknown as MessageEntity & { context: Context };
    return shownRow(message.context, message).text;
  },
};

/** The same message without its content, for those who may not see it any more. */
export const hiddenMessage = (context: Context, { conversation, row }: MessageEntity): MessageEntity => ({
  ...messageEntity(context, conversation, { ...emptied(row), editedAt: null, recalledAt: null }),
  text: null,
  isHidden: true,
});

/** A message as a list of its conversation's messages gives it. */
export const messageEdge = (node: MessageEntity) => ({ cursor: String(node.row.seq), node });
/**
 * A message's row as it may be shown at this moment: nothing is left of a message that has expired, whether the event that says
 * so is there yet or not. Asked when a field is rendered, since an entity may have waited for a slow reader.
 */
export function shownRow({ services }: Context, { row }: MessageEntity): MessageRow {
  if (row.expiresAt === undefined || row.expired || !isExpired(row, services.now)) return row;
  return emptied(row);
}

export function scheduledMessageEntity({ request }: Context, user: string, row: ScheduledRow): ScheduledMessageEntity {
  request.readRows(outgoingBytes(row));
  return { __typename: "ScheduledMessage", user, row };
}

/** Reads rows that are no older than a position. */
export function readAt<T>({ services }: Context, at: Position | undefined, read: () => Awaitable<T>): Awaitable<T> {
  if (at === undefined || services.watermark.current() >= at) return read();
  return viewsAt(services.watermark, at).then(read);
}

/**
 * If a user's row is missing because its event is parked, the id serves as the name. So one such user does not break a list.
 */
const unknownUser = (id: string): UserRow => ({
  handle: id,
  name: id,
  avatarUrl: null,
  gender: null,
  birthday: null,
  signature: null,
  tags: [],
});

export function profileOf(context: Context, user: UserEntity): Awaitable<UserRow> {
  return (user.profile ??= readAt(context, user.at, () =>
    andThen(context.loaders.user(user.id), (row) => row ?? unknownUser(user.id)),
  ));
}

/**
 * A group's description of itself. Those who have left a group that is not public see it as it was then, and those who never were
 * in it as it was at `asOf`. Undefined for a direct conversation.
 */
export function groupOf(context: Context, conversation: ConversationEntity): Awaitable<GroupRow | undefined> {
  const { id, at } = conversation;
  if (isDirect(id)) return undefined;
  const { loaders, services } = context;
  const now = () => readAt(context, at, () => loaders.group(id));
  const then = (place: Position | undefined) =>
    place === undefined ? undefined : readAt(context, at, () => services.views.directory.groupAt(id, place));
  // A list that holds the viewer's memberships has read them already.
  if (conversation.membership && !(conversation.membership instanceof Promise)) {
    context.rights.isIn(id, conversation.membership);
    return (conversation.group ??= now());
  }
  return (conversation.group ??= andThen(sightOf(context, conversation), (sight) =>
    seesLive(sight) ? now() : then(sight.stay?.to ?? conversation.asOf),
  ));
}

export function headOf(context: Context, conversation: ConversationEntity): Awaitable<HeadRow | undefined> {
  return (conversation.head ??= readAt(context, conversation.at, () => context.loaders.head(conversation.id)));
}

const BLIND: Sight = { historyVisible: false, public: false };

/** What the viewer may see of a conversation. */
export function sightOf(context: Context, conversation: ConversationEntity): Awaitable<Sight> {
  const key = { conversation: conversation.id, user: context.caller.userId };
  return (conversation.sight ??= readAt(context, conversation.at, () =>
    andThen(context.loaders.sight(key), (sight = BLIND) => {
      context.rights.sees(conversation.id, sight);
      return sight;
    }),
  ));
}

/** The viewer's current stay. Undefined if they are not a member, and in a direct conversation before its first message. */
export function membershipOf(context: Context, conversation: ConversationEntity): Awaitable<MembershipRow | undefined> {
  const key = { conversation: conversation.id, user: context.caller.userId };
  const stay = (conversation.membership ??= readAt(context, conversation.at, () => context.loaders.membership(key)));
  return andThen(stay, (row) => {
    context.rights.isIn(conversation.id, row);
    return row;
  });
}

/** What the viewer has not read in it. Nothing if they are not a member. */
export function unreadOf(context: Context, conversation: ConversationEntity): Awaitable<Unread> {
  const key = { conversation: conversation.id, user: context.caller.userId };
  return (conversation.unread ??= andThen(membershipOf(context, conversation), (stay) =>
    context.loaders.unread({ ...key, joinedSeq: stay?.joinedSeq ?? Number.MAX_SAFE_INTEGER }),
  ));
}

/** The seq of the newest message that the viewer may know of, or 0 if there is none. */
export function lastSeqOf(context: Context, conversation: ConversationEntity): Awaitable<number> {
  return andThen(sightOf(context, conversation), (sight) => {
    if (!seesLive(sight)) return sight.stay?.toSeq ?? 0;
    return andThen(headOf(context, conversation), (head) => head?.seq ?? 0);
  });
}

/** A registered user, or null. */
export async function knownUser({ loaders }: Context, id: string): Promise<UserEntity | null> {
  const profile = await loaders.user(id);
  return profile ? { ...userEntity(id), profile } : null;
}

/**
 * A conversation that the viewer may open: a public group, a group that they are or were a member of, or the one with another
 * user, also before its first message.
 */
export async function openConversation(context: Context, id: string): Promise<ConversationEntity | null> {
  const conversation = conversationEntity(id);
  if (isDirect(id)) {
    const peer = peerOf(id, context.caller.userId);
    return peer !== undefined && (await knownUser(context, peer)) ? conversation : null;
  }
  const sight = await sightOf(context, conversation);
  return mayOpen(sight) ? conversation : null;
}

/** A message of a conversation if the viewer may see it. */
export function visibleMessage(context: Context, conversation: ConversationEntity, seq: number): Awaitable<MessageEntity | null> {
  return andThen(sightOf(context, conversation), (sight) =>
    andThen(context.services.views.relations.sees(sight, seq), (isSeen) =>
      isSeen ? messageAt(context, conversation, seq) : null,
    ),
  );
}

/** A message of a conversation, whoever asks. Null if the views do not have it. */
export function messageAt(context: Context, conversation: ConversationEntity, seq: number): Awaitable<MessageEntity | null> {
  return readAt(context, conversation.at, () =>
    andThen(context.loaders.message({ conversation: conversation.id, seq }), (row) =>
      row ? messageEntity(context, conversation, row) : null,
    ),
  );
}

/** The friend whom a friendship's id names; null where the viewer is not one of the two, or they are not friends. */
export async function ownFriend({ caller, services }: Context, users: readonly [string, string]): Promise<FriendEntity | null> {
  const other = users.find((user) => user !== caller.userId);
  if (other === undefined || !users.includes(caller.userId)) return null;
  const [row] = await services.views.friends.friendRows(caller.userId, [other]);
  return row ? friendEntity(other, row) : null;
}

/** A request; null where the viewer is not one of the two, or there is none of this number. */
export async function ownRequest(
  { caller, services }: Context,
  users: readonly [string, string],
  number: number,
): Promise<FriendRequestEntity | null> {
  if (!users.includes(caller.userId)) return null;
  const row = await services.views.friends.request(...users, number);
  return row ? friendRequestEntity(users, number, { row }) : null;
}

/** A message that waits for its time; null where it is not the viewer's own, or does not wait any more. */
export async function ownScheduled(context: Context, user: string, id: string): Promise<ScheduledMessageEntity | null> {
  if (user !== context.caller.userId) return null;
  const row = await context.services.views.schedules.scheduled(user, id);
  return row ? scheduledMessageEntity(context, user, row) : null;
}
