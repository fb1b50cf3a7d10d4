import { isChannel } from "../src/domain/ids.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import { type Handlers, type Projection, put, putEach, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import { beforeLast, textIn } from "./conversationRows.ts";
import {
  change,
  conversationOf,
  type ConversationRow,
  headOf,
  type Read,
  READS,
  tell,
  tellMembers,
  tellOfMember,
} from "./fanOut.ts";
import type { Entry } from "./inboxEntries.ts";
import { dissolve, enter, enterExisting, enterUntold, exit, followerChanges, staffChanges } from "./inboxMembers.ts";
import { decides, decidesNoMore, tellOfAsking, tellOfDecision, tellOfInviting } from "./joinNews.ts";
import { isOfStays } from "./stays.ts";

/**
 * What happened to each user, by position: the order of the log, and the cursor of `sync` and `inbox`. An entry is written to the
 * inbox of each member if they are no more than the fan-out limit at that event, and always to the changes of the conversation;
 * `sync` merges the two. A conversation that ever went over the limit is `wide`: the merge looks only at those.
 */
export const inboxes: Projection<Read> = {
  name: "inboxes",
  version: 4,
  reads: READS,
  // A row in `wide` tells its user that news of a conversation comes by its own topic from now on; a row in `wideLeft` tells that
  // it no longer does.
  topics: { entries: "users", wide: "users", wideLeft: "users", changes: "conversations" },
  shared: ["limits"],
  conversationOf: ({ table, partition, sort, value }) => {
    switch (table) {
      case "limits":
        return undefined;
      case "entries":
        return textIn(value, "conversation") ?? textIn(value, "group");
      case "wideLeft":
        return textIn(value, "conversation");
      case "marks":
      case "wide":
        return sort;
      default:
        return isOfStays(table) ? beforeLast(partition, "~") : partition;
    }
  },
  handlers: untold({
    FanoutLimitSet: ({ data, position }) => [put("limits", "fanout", position, data.limit)],
    GroupCreated: async (event, rows) => {
      const { groupId, ownerId, historyVisible } = event.data;
      const group: ConversationRow = { memberCount: 0, historyVisible, public: event.data.public, wide: isChannel(groupId) };
      const told = decides(groupId, ownerId);
      if (group.wide)
        return [put("conversations", groupId, "", group), told, ...(await staffChanges(rows, event, groupId, ownerId, true))];
      const entering = event.data.imported
        ? await enterUntold(rows, event.position, groupId, [ownerId], group)
        : await enter(rows, event, groupId, ownerId, group);
      return [...entering, told];
    },
    GroupProfileChanged: async ({ data, position, at }, rows) => {
      const { groupId: conversation } = data;
      const before = await conversationOf(rows, conversation);
      const { public: isPublic = before.public, historyVisible = before.historyVisible } = data;
      const group: ConversationRow = { ...before, public: isPublic, historyVisible };
      // The row first: `tell` may write it again, as wide.
      return [
        put("conversations", conversation, "", group),
        ...(await tell(rows, position, { kind: "conversation", conversation, at }, group)),
      ];
    },
    MemberJoined: (event, rows) => enterExisting(rows, event),
    MemberAdded: (event, rows) => enterExisting(rows, event),
    MembersImported: async ({ data: { groupId, userIds }, position }, rows) =>
      enterUntold(rows, position, groupId, userIds, await conversationOf(rows, groupId)),
    ChannelFollowed: (event, rows) => followerChanges(rows, event, event.data.channelId, event.data.userId, true),
    FollowerAdmitted: (event, rows) => followerChanges(rows, event, event.data.groupId, event.data.userId, true),
    ChannelUnfollowed: (event, rows) => followerChanges(rows, event, event.data.channelId, event.data.userId, false),
    MemberLeft: (event, rows) => exit(rows, event, "LEFT"),
    MemberRemoved: (event, rows) => exit(rows, event, "REMOVED"),
    RoleChanged: async (event, rows) => {
      const { groupId, userId, role } = event.data;
      const change = role === "ADMIN" ? decides(groupId, userId) : decidesNoMore(groupId, userId);
      return [change, ...(await tellOfMember(rows, event, userId, "ROLE_CHANGED"))];
    },
    OwnershipTransferred: async (event, rows) => {
      const { groupId, to } = event.data;
      return [decides(groupId, to), ...(await tellOfMember(rows, event, to, "ROLE_CHANGED"))];
    },
    MemberSilenced: (event, rows) => tellOfMember(rows, event, event.data.userId, "SILENCED"),
    GroupDissolved: dissolve,
    JoinRequested: tellOfAsking,
    MemberInvited: tellOfInviting,
    JoinRequestAccepted: tellOfDecision,
    JoinRequestDeclined: tellOfDecision,
    JoinRequestWithdrawn: tellOfDecision,
    FriendshipRequested: tellOfRequest,
    FriendRequestAccepted: tellOfRequest,
    FriendRequestDeclined: tellOfRequest,
    FriendRequestWithdrawn: tellOfRequest,
    FriendshipBegan: ({ data: { userIds }, position, at }) => tellOfFriendship(position, at, userIds, userIds),
    FriendshipEnded: ({ data: { userId, friendId }, position, at }) =>
      tellOfFriendship(position, at, [userId, friendId], [userId, friendId]),
    FriendAliasChanged: ({ data: { userId, friendId }, position, at }) =>
      tellOfFriendship(position, at, [userId, friendId], [userId]),
    // Nobody is told that they are blocked.
    UserBlocked: ({ data: { userId, blockedId }, position, at }) => tellOfFriendship(position, at, [userId, blockedId], [userId]),
    UserUnblocked: ({ data: { userId, blockedId }, position, at }) =>
      tellOfFriendship(position, at, [userId, blockedId], [userId]),
    MessageSent: async ({ data, revision, position, at, imported }, rows) => {
      const seq = revision + 1;
      const conversation = data.conversationId;
      const head = put("heads", conversation, "", seq);
      if (data.imported) return imported && !data.scheduled ? [head, put("marks", data.senderId, conversation, seq)] : [head];
      const writes = await tellMembers(rows, position, { kind: "received", conversation, seq, at });
      return [head, ...(data.scheduled ? [] : [put("marks", data.senderId, conversation, seq)]), ...writes];
    },
    // Nobody else is told of it: not even of a nickname, which is read where it is shown.
    PreferencesChanged: ({ data: { userId, conversationId: conversation }, position, at }) => [
      put("entries", userId, position, { kind: "conversation", conversation, at } satisfies Entry),
    ],
    MessageEdited: (event, rows) => change(rows, event, "EDITED"),
    MessageRecalled: (event, rows) => change(rows, event, "RECALLED"),
    MessageExpired: (event, rows) => change(rows, event, "EXPIRED"),
    ReactionAdded: (event, rows) => change(rows, event, "REACTED"),
    ReactionRemoved: (event, rows) => change(rows, event, "REACTED"),
    MessagePinned: (event, rows) => change(rows, event, "PINNED"),
    MessageUnpinned: (event, rows) => change(rows, event, "UNPINNED"),
    ReadUpTo: async ({ data, position, at }, rows) => {
      const mark = Math.min(data.seq, await headOf(rows, data.conversationId));
      const before = (await rows.get<number>("marks", data.userId, data.conversationId)) ?? 0;
      if (mark <= before) return [];
      const entry: Entry = { kind: "read", conversation: data.conversationId, seq: mark, at };
      return [put("marks", data.userId, data.conversationId, mark), put("entries", data.userId, position, entry)];
    },
  }),
};

/** The rows by which people are told of something. */
const TELLING: ReadonlySet<string> = new Set(["entries", "changes", "newest"]);

/** What comes from an archive changes who is where and what is read, and nobody is told of it. */
function untold(handlers: Handlers<Read>): Handlers<Read> {
  type Handler = (event: Recorded, rows: Rows<Read>) => Awaitable<TableWrite[]>;
  const silent = (writes: TableWrite[]) => writes.filter(({ table }) => !TELLING.has(table));
  const quiet =
    (handler: Handler): Handler =>
    (event, rows) => {
      const writes = handler(event, rows);
      if (!event.imported) return writes;
      return writes instanceof Promise ? writes.then(silent) : silent(writes);
    };
  return Object.fromEntries(Object.entries(handlers).map(([type, handler]) => [type, quiet(handler as Handler)]));
}

type RequestEvent = { data: { from: string; to: string; number: number }; position: string; at: string };

/** Both are told. */
function tellOfRequest({ data: { from, to, number }, position, at }: RequestEvent): TableWrite[] {
  const entry: Entry = { kind: "request", users: [from, to], number, at };
  return [putEach("entries", [from, to], position, entry)];
}

/** Each of `told` is told of the other one of `users`. */
function tellOfFriendship(position: string, at: string, users: readonly string[], told: readonly string[]): TableWrite[] {
  return told.map((user) => {
    const entry: Entry = { kind: "friendship", user: users.find((other) => other !== user) ?? user, at };
    return put("entries", user, position, entry);
  });
}
