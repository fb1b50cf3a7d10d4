import { directMembers, isChannel, isDirect } from "../src/domain/ids.ts";
import { DIRECT_STAY, heldBy, seesAll, type Sight, type Stay, wasMemberAt } from "../src/domain/visibility.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import { del, type Projection, put, putEach, type Reader, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import type { News, Tail } from "../src/projecting/tail.ts";
import { channelStay, type Left, leftKey, leftWide, nextStay, type Passing, type StayRow } from "./channelStays.ts";
import {
  decides,
  decidesNoMore,
  JOIN_READS,
  type JoinRequestEntry,
  tellOfAsking,
  tellOfDecision,
  tellOfEnd,
  tellOfInviting,
} from "./joinNews.ts";
import { overflowReads, type StayIn } from "./overflow.ts";
import type { StandingChange } from "./standing.ts";
import { isHeld, left, stayReads } from "./stays.ts";

/** What was done to a message. */
export type MessageChange = "EDITED" | "RECALLED" | "REACTED" | "PINNED" | "UNPINNED" | "EXPIRED";

export type MembershipChange = "JOINED" | "LEFT" | "REMOVED" | "ROLE_CHANGED" | "SILENCED" | "DISSOLVED";

/** What happened in a conversation, as a reference: never a copy of a message. `at`: the event's, ISO 8601. */
export type ConversationEntry = { at: string; conversation: string } & (
  | { kind: "received"; seq: number }
  /** `open`: the history was open then, so it may have been told to someone who has no stay with the message. */
  | { kind: "changed"; seq: number; change: MessageChange; open: boolean }
  | { kind: "membership"; user: string; actor: string; change: MembershipChange }
  | { kind: "conversation" }
  | { kind: "read"; seq: number }
);

/** What happened between two users, as a reference. */
export type PersonalEntry = { at: string } & (
  { kind: "request"; users: readonly [string, string]; number: number } | { kind: "friendship"; user: string }
);

/** What an inbox tells. Only what happens in a conversation has changes, and members to tell them to. */
export type Entry = ConversationEntry | PersonalEntry | JoinRequestEntry;

/** An entry that readers of the conversation may be told, and whether it was written to its members' inboxes. */
export type Change = ConversationEntry & { fanned: boolean };

export type Placed<T> = { position: string; entry: T };

/** `next`: where the next page begins (exclusive); the watermark if there are no more. */
export type EntryPage<T> = { entries: Placed<T>[]; hasMore: boolean; next: string };

type ConversationRow = {
  memberCount: number;
  historyVisible: boolean;
  public: boolean;
  /** True once an entry was not fanned out: then its members have a row in `wide`. */
  wide: boolean;
  /** Then it has no members, also where the stays of a channel's followers go on. */
  dissolved?: true;
};

/** Used if no setting was ever recorded. */
const DEFAULT_FANOUT_LIMIT = 100;

const READS = [...JOIN_READS, "conversations", "stays", "present", "ranges", "heads", "marks", "limits"] as const;
type Read = (typeof READS)[number];
type OwnRows = Rows<Read>;

/**
 * What happened to each user, by position: the order of the log, and the cursor of `sync` and `inbox`. An entry is written to the
 * inbox of each member if they are no more than the fan-out limit at that event, and always to the changes of the conversation;
 * `sync` merges the two. A conversation that ever went over the limit is `wide`: the merge looks only at those.
 */
export const inboxes: Projection<Read> = {
  name: "inboxes",
  version: 3,
  reads: READS,
  // A row in `wide` tells its user that news of a conversation comes by its own topic from now on; a row in `wideLeft` tells that
  // it no longer does.
  topics: { entries: "users", wide: "users", wideLeft: "users", changes: "conversations" },
  handlers: {
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
    MessageSent: async ({ data, revision, position, at }, rows) => {
      const seq = revision + 1;
      const conversation = data.conversationId;
      const head = put("heads", conversation, "", seq);
      if (data.imported) return [head];
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
  },
};

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

type GroupEvent = { data: { groupId: string; userId: string }; actorId: string; at: string; position: string };

const DIRECT: ConversationRow = { memberCount: 2, historyVisible: true, public: false, wide: false };

async function conversationOf(rows: OwnRows, id: string): Promise<ConversationRow> {
  const row = await rows.get<ConversationRow>("conversations", id, "");
  if (row) return row;
  if (isDirect(id)) return DIRECT;
  throw new Error(`group ${id} was never created`);
}

const headOf = async (rows: OwnRows, conversation: string): Promise<number> =>
  (await rows.get<number>("heads", conversation, "")) ?? 0;

/** The members of now, by id. */
async function presentOf(rows: OwnRows, id: string): Promise<ReadonlyMap<string, StayRow>> {
  if (!isDirect(id)) return rows.all<StayRow>("present", id);
  return new Map((directMembers(id) ?? []).map((user) => [user, DIRECT_STAY]));
}

/** The newest limit set before an event. By position, so that it is right in whatever order the slices run. */
async function fanoutLimitAt(rows: OwnRows, position: string): Promise<number> {
  let limit = DEFAULT_FANOUT_LIMIT;
  let newest = "";
  for (const [at, value] of await rows.all<number>("limits", "fanout")) {
    if (at <= position && at > newest) [newest, limit] = [at, value];
  }
  return limit;
}

type Entering = { user: string; stay: StayRow; writes: TableWrite[] };

/** A user's next stay in a conversation, and its rows. */
async function entering(rows: OwnRows, id: string, user: string, position: string, wide: boolean): Promise<Entering> {
  const before = await rows.get<StayRow>("stays", id, user);
  const { stay, writes } = nextStay(before, { id, user, position, head: await headOf(rows, id) });
  writes.push(put("stays", id, user, stay), put("present", id, user, stay));
  if (wide) writes.push(put("wide", user, id, stay));
  return { user, stay, writes };
}

async function enterExisting(rows: OwnRows, event: GroupEvent): Promise<TableWrite[]> {
  if (isChannel(event.data.groupId)) return staffChanges(rows, event, event.data.groupId, event.data.userId, true);
  return enter(rows, event, event.data.groupId, event.data.userId, await conversationOf(rows, event.data.groupId));
}

async function enter(
  rows: OwnRows,
  { position, actorId: actor, at }: Omit<GroupEvent, "data">,
  id: string,
  user: string,
  before: ConversationRow,
): Promise<TableWrite[]> {
  const group: ConversationRow = { ...before, memberCount: before.memberCount + 1 };
  const next = await entering(rows, id, user, position, group.wide);
  const entry: Entry = { kind: "membership", conversation: id, user, actor, change: "JOINED", at };
  return [put("conversations", id, "", group), ...next.writes, ...(await tell(rows, position, entry, group, next))];
}

/** Those who come out of an archive. */
async function enterUntold(
  rows: OwnRows,
  position: string,
  id: string,
  users: readonly string[],
  before: ConversationRow,
): Promise<TableWrite[]> {
  const group: ConversationRow = { ...before, memberCount: before.memberCount + users.length };
  const writes = [put("conversations", id, "", group)];
  for (const user of users) writes.push(...(await entering(rows, id, user, position, group.wide)).writes);
  return writes;
}

async function exit(
  rows: OwnRows,
  { data, position, actorId: actor, at }: GroupEvent,
  change: "LEFT" | "REMOVED",
): Promise<TableWrite[]> {
  const { groupId: id, userId: user } = data;
  if (isChannel(id)) return staffChanges(rows, { position, actorId: actor, at }, id, user, false, change);
  const group = await conversationOf(rows, id);
  const entry: Entry = { kind: "membership", conversation: id, user, actor, change, at };
  // Told to those who were members before it, so that the one who goes is told too.
  const entries = await tell(rows, position, entry, group);
  const wide = group.wide || entries.some(({ table }) => table === "wide");
  const stay = await rows.get<StayRow>("stays", id, user);
  if (stay === undefined) throw new Error(`${user} was never a member of ${id}`);
  const head = await headOf(rows, id);
  const former: StayRow = left(stay, position, head);
  const writes = [
    ...entries,
    // Later than what `tell` may have written: the last write of a row counts.
    put("conversations", id, "", { ...group, wide, memberCount: group.memberCount - 1 } satisfies ConversationRow),
    decidesNoMore(id, user),
  ];
  return [...writes, ...gone({ id, user, position, head }, stay, former, wide)];
}

/** Everyone is told before their stays end. Followers of a channel, who may be very many, keep theirs: nothing comes any more. */
async function dissolve(event: Recorded<"GroupDissolved">, rows: OwnRows): Promise<TableWrite[]> {
  const { position, data } = event;
  const { groupId: id, userId } = data;
  const group = await conversationOf(rows, id);
  const entries = await tellOfMember(rows, event, userId, "DISSOLVED");
  const wide = group.wide || entries.some(({ table }) => table === "wide");
  const head = await headOf(rows, id);
  const writes = [
    ...entries,
    put("conversations", id, "", {
      ...group,
      wide,
      public: false,
      historyVisible: false,
      memberCount: 0,
      dissolved: true,
    } satisfies ConversationRow),
    ...(await tellOfEnd(event, rows)),
  ];
  for (const [user, stay] of await presentOf(rows, id))
    writes.push(...gone({ id, user, position, head }, stay, left(stay, position, head), wide));
  return writes;
}

/** The rows of a member whose stay ends. */
function gone(passing: Passing, stay: StayRow, former: StayRow, wide: boolean): TableWrite[] {
  const { id, user } = passing;
  const writes = [put("stays", id, user, former), del("present", id, user)];
  return wide ? [...writes, ...leftWide(passing, stay, former)] : writes;
}

type Happening = { position: string; actorId: string; at: string };

/** Somebody becomes a member of a channel's staff, or is one no longer. All who are in the channel are told. */
async function staffChanges(
  rows: OwnRows,
  event: Happening,
  id: string,
  user: string,
  staff: boolean,
  change: "JOINED" | "LEFT" | "REMOVED" = "JOINED",
): Promise<TableWrite[]> {
  const { writes } = await passing(rows, event.position, id, user, { staff });
  return [
    ...writes,
    ...(staff ? [] : [decidesNoMore(id, user)]),
    ...unfanned(event.position, { kind: "membership", conversation: id, user, actor: event.actorId, change, at: event.at }),
  ];
}

/** Somebody follows a channel, or follows it no longer. Nobody else is told, however many others there are. */
async function followerChanges(
  rows: OwnRows,
  { position, actorId: actor, at }: Happening,
  id: string,
  user: string,
  follows: boolean,
): Promise<TableWrite[]> {
  if ((await conversationOf(rows, id)).dissolved) return [];
  const { writes, passed } = await passing(rows, position, id, user, { follows });
  if (passed === undefined) return writes;
  const away = actor === user ? "LEFT" : "REMOVED";
  const entry: Entry = { kind: "membership", conversation: id, user, actor, change: passed === "in" ? "JOINED" : away, at };
  return [...writes, put("entries", user, position, entry)];
}

async function passing(rows: OwnRows, position: string, id: string, user: string, change: StandingChange) {
  return channelStay(rows, { id, user, position, head: await headOf(rows, id) }, change);
}

/** An entry that only the changes of its conversation have: where the newest one is, is kept at hand. */
const unfanned = (position: string, entry: ConversationEntry): TableWrite[] => [
  put("changes", entry.conversation, position, { ...entry, fanned: false } satisfies Change),
  put("newest", entry.conversation, "", position),
];

async function change(
  rows: OwnRows,
  { data, position, at }: { data: { conversationId: string; seq: number }; position: string; at: string },
  what: MessageChange,
): Promise<TableWrite[]> {
  const { conversationId: conversation, seq } = data;
  const group = await conversationOf(rows, conversation);
  const open = !isDirect(conversation) && (group.historyVisible || group.public);
  return tell(rows, position, { kind: "changed", conversation, seq, change: what, open, at }, group);
}

async function tellOfMember(
  rows: OwnRows,
  { data, actorId: actor, at, position }: Omit<GroupEvent, "data"> & { data: { groupId: string } },
  user: string,
  change: MembershipChange,
): Promise<TableWrite[]> {
  return tellMembers(rows, position, { kind: "membership", conversation: data.groupId, user, actor, change, at });
}

async function tellMembers(rows: OwnRows, position: string, entry: ConversationEntry): Promise<TableWrite[]> {
  return tell(rows, position, entry, await conversationOf(rows, entry.conversation));
}

/**
 * Writes the entry to the changes of the conversation, and to the inbox of each present member who may see what it tells, if they
 * are few enough. `entering`: who becomes a member by the event.
 */
async function tell(
  rows: OwnRows,
  position: string,
  entry: ConversationEntry,
  group: ConversationRow,
  entering?: Entering,
): Promise<TableWrite[]> {
  const id = entry.conversation;
  // Never, whatever the limit is: it may have millions of followers.
  if (isChannel(id)) return unfanned(position, entry);
  const fanned = group.memberCount <= (await fanoutLimitAt(rows, position));
  const writes = fanned ? [put("changes", id, position, { ...entry, fanned } satisfies Change)] : unfanned(position, entry);
  if (!fanned && group.wide) return writes;
  const members = await presentOf(rows, id);
  if (fanned) {
    const recipients: string[] = [];
    for (const [user, stay] of members) {
      const isConcerned = concerns(entry, stay, rows.floor);
      if (isConcerned instanceof Promise ? await isConcerned : isConcerned) recipients.push(user);
    }
    if (entering && !members.has(entering.user)) recipients.push(entering.user);
    return [...writes, putEach("entries", recipients, position, entry)];
  }
  writes.push(put("conversations", id, "", { ...group, wide: true } satisfies ConversationRow));
  // Those who left before were told of everything that happened in their stays.
  for (const [user, stay] of members) writes.push(put("wide", user, id, stay));
  if (entering) writes.push(put("wide", entering.user, id, entering.stay));
  return writes;
}

/** Whether an entry is for a member with this stay: an entry about a message is for those who may see the message. */
function concerns(entry: ConversationEntry, stay: Stay, floor: OwnRows["floor"]): Awaitable<boolean> {
  return entry.kind !== "changed" || entry.open || isHeld(floor, stay, entry.seq);
}

const isOver = (stay: Stay, after: string): boolean => (stay.to ?? "~") <= after;

const isAlwaysSeen = (entry: Entry): boolean => entry.kind !== "changed" || !entry.open;

/** At most one more than `limit`. Undefined if a row alone does not say whether it is wanted. */
function recent<T>(
  news: readonly News[],
  end: string,
  limit: number,
  wanted: (position: string, row: T) => boolean | undefined,
): Placed<T>[] | undefined {
  const found: Placed<T>[] = [];
  for (const { position, row } of news) {
    if (position > end || found.length > limit) break;
    const isWanted = wanted(position, row as T);
    if (isWanted === undefined) return undefined;
    if (isWanted) found.push({ position, entry: row as T });
  }
  return found;
}

/** Whether the inbox of someone with this stay shows a change of a wide conversation. Undefined: an earlier stay decides. */
function isMerged(position: string, change: Change, stay: Stay): boolean | undefined {
  if (change.fanned) return false;
  const wasMember = wasMemberAt(stay, position);
  if (wasMember !== true || change.kind !== "changed" || change.open) return wasMember;
  return heldBy(stay, change.seq);
}

/** A wide conversation, with a user's newest stay in it. */
export type WideConversation = { conversation: string; stay: Stay };

/** A user's wide conversations in the rows when the watermark was at `at`. The list may know nothing of what came later. */
export type WideList = { at: string; conversations: readonly WideConversation[] };

/** What comes after the watermark may not be told yet. A cursor never goes back. */
const nothingAfter = (after: string) => ({ entries: [], hasMore: false, next: after });

/** Exclusive bound just above a position. */
const upTo = (position: string) => `${position}~`;

/** Rows of which only some are wanted. */
type Pick<T> = (rows: readonly { sort: string; value: T }[]) => Awaitable<readonly { sort: string; value: T }[]>;

/** The only functions that read the inboxes' rows. */
export const inboxReads = (reader: Reader) => {
  const stays = stayReads(reader);
  const overflow = overflowReads(reader, stays);

  /** At most `limit` wanted rows of a partition, after `after` and up to `end`. */
  const pick = async <T>(
    table: string,
    partition: string,
    after: string,
    end: string,
    limit: number,
    wanted?: Pick<T>,
  ): Promise<Placed<T>[]> => {
    const found: Placed<T>[] = [];
    for (let from = after; ;) {
      const page = await reader.range<T>(table, partition, { after: from, before: upTo(end), limit });
      for (const { sort, value } of page.length === 0 || !wanted ? page : await wanted(page))
        if (found.length < limit) found.push({ position: sort, entry: value });
      const last = page[page.length - 1];
      if (found.length >= limit || page.length < limit || last === undefined) return found;
      from = last.sort;
    }
  };

  const all = async <T>(table: string, partition: string, from?: string): Promise<{ sort: string; value: T }[]> => {
    const PAGE = 1_000;
    const found: { sort: string; value: T }[] = [];
    for (let after = from; ;) {
      const page = await reader.range<T>(table, partition, { ...(after === undefined ? {} : { after }), limit: PAGE });
      found.push(...page);
      after = page[page.length - 1]?.sort;
      if (page.length < PAGE) return found;
    }
  };

  /** In this order: see `exit`. */
  const wideOf = async (user: string, after: string): Promise<WideConversation[]> => {
    const wide = (await all<StayRow>("wide", user)).map(({ sort, value }) => ({ conversation: sort, stay: value }));
    const known = new Set(wide.map(({ conversation }) => conversation));
    // Conversations that they left at this position or before have nothing to tell.
    const former = await all<Left>("wideLeft", user, leftKey(after, "~"));
    return [...wide, ...former.map(({ value }) => value).filter(({ conversation }) => !known.has(conversation))];
  };

  /** Those of some wide conversations in which something happened after a position. */
  const withNews = async (wide: readonly WideConversation[], after: string): Promise<WideConversation[]> => {
    const newest = await reader.getMany<string>(
      "newest",
      wide.map(({ conversation }) => [conversation, ""] as const),
    );
    return wide.filter((_, index) => (newest[index] ?? "") > after);
  };

  /** The changes of a conversation for which `isMerged` is true. */
  const mergedOf =
    (stay: Stay): Pick<Change> =>
    async (rows) => {
      const [first, last] = [rows[0], rows[rows.length - 1]];
      const wasMember = await stays.memberBetween(stay, first?.sort ?? "", last?.sort ?? "");
      const wanted = await Promise.all(
        rows.map(async ({ sort, value }) => {
          if (value.fanned || !wasMember(sort)) return false;
          return value.kind !== "changed" || value.open || stays.isHeld(stay, value.seq);
        }),
      );
      return rows.filter((_, index) => wanted[index]);
    };

  /**
   * The changes of a conversation for a reader who does not see all of it: changes of messages that they may see, and those in
   * their stays.
   */
  const seenOf =
    (sight: Sight): Pick<Change> =>
    async (rows) => {
      const { stay } = sight;
      if (stay === undefined) return [];
      const [first, last] = [rows[0], rows[rows.length - 1]];
      const wasMember = await stays.memberBetween(stay, first?.sort ?? "", last?.sort ?? "");
      // A message was sent in a stay if its event is in it.
      const seen = await Promise.all(
        rows.map(async ({ sort, value }) => (value.kind === "changed" ? stays.sees(sight, value.seq) : wasMember(sort))),
      );
      return rows.filter((_, index) => seen[index]);
    };

  /** Told because the history was open: only while it is open, or if a stay holds it by now. */
  const stillSeen = async (user: string, entry: Entry): Promise<boolean> => {
    if (entry.kind !== "changed" || !entry.open) return true;
    const group = await reader.get<ConversationRow>("conversations", entry.conversation, "");
    const stay = await reader.get<StayRow>("stays", entry.conversation, user);
    const open = { historyVisible: group?.historyVisible ?? false, public: group?.public ?? false };
    return stays.sees({ ...(stay && { stay }), ...open }, entry.seq);
  };

  /** One page made of several sources, each of which gave up to `limit + 1` entries, not beyond `end`. */
  const merged = async (
    user: string,
    sources: readonly Placed<Entry>[][],
    end: string,
    limit: number,
  ): Promise<EntryPage<Entry>> => {
    const [first = [], ...others] = sources;
    const all = others.length === 0 ? first : sources.flat().sort((one, other) => (one.position < other.position ? -1 : 1));
    const hasMore = all.length > limit;
    const page = hasMore ? all.slice(0, limit) : all;
    const entries: Placed<Entry>[] = [];
    for (const placed of page) if (isAlwaysSeen(placed.entry) || (await stillSeen(user, placed.entry))) entries.push(placed);
    return { entries, hasMore, next: (hasMore ? page[page.length - 1]?.position : undefined) ?? end };
  };

  return {
    /**
     * What happened to a user after a position and up to the watermark `end`, oldest first: at most `limit` entries, whether
     * there are more, and where to go on. Not later than `end`, because later rows may belong to a commit that began after this
     * read. `wide`: the user's wide conversations, read after `end` was taken.
     */
    entries: async (
      user: string,
      after: string,
      end: string,
      limit: number,
      wide?: readonly WideConversation[],
    ): Promise<EntryPage<Entry>> => {
      if (after >= end) return nothingAfter(after);
      const merging = async (): Promise<Placed<Entry>[][]> => {
        const asked = await withNews(
          (wide ?? (await wideOf(user, after))).filter(({ stay }) => !isOver(stay, after)),
          after,
        );
        return Promise.all(
          asked.map(({ conversation, stay }) => pick<Change>("changes", conversation, after, end, limit + 1, mergedOf(stay))),
        );
      };
      const [own, others] = await Promise.all([pick<Entry>("entries", user, after, end, limit + 1), merging()]);
      return merged(user, [own, ...others], end, limit);
    },

    /**
     * The same for what the inbox keeps no more, up to `end`, which is the place from where on it is whole: made again of the
     * changes of the user's conversations, and of what is not in any of those. `all`: every conversation that they had a stay in.
     */
    overflow: async (
      user: string,
      after: string,
      end: string,
      limit: number,
      all: readonly StayIn[],
    ): Promise<EntryPage<Entry>> => {
      if (after >= end) return nothingAfter(after);
      const [own, told] = await Promise.all([
        pick<Entry>("entries", user, after, end, limit + 1),
        overflow.told(all, after, end, limit + 1),
      ]);
      // Those that are not deleted yet are in both.
      const known = new Set(told.map(({ position }) => position));
      return merged(user, [own.filter(({ position }) => !known.has(position)), told], end, limit);
    },

    /**
     * The same from the tail. Undefined if the rows must be asked: the tail does not reach back to `after`, or the user's wide
     * conversations changed since that list was read.
     */
    recentEntries: (
      tail: Tail,
      user: string,
      after: string,
      end: string,
      limit: number,
      wide: WideList,
    ): Promise<EntryPage<Entry>> | undefined => {
      // From where the list was read, which may be before the cursor: a conversation may have become wide between the two.
      const own = tail.after(`users/${user}`, after < wide.at ? after : wide.at, end);
      if (own === undefined || own.some(({ table, position }) => table !== "entries" && position > wide.at)) return undefined;
      if (after >= end) return Promise.resolve(nothingAfter(after));
      const entries = own.filter(({ table, position }) => table === "entries" && position > after);
      const sources = [recent<Entry>(entries, end, limit, () => true) ?? []];
      for (const { conversation, stay } of wide.conversations) {
        if (isOver(stay, after)) continue;
        const changes = tail.after(`conversations/${conversation}`, after, end);
        const merging = changes && recent<Change>(changes, end, limit, (at, change) => isMerged(at, change, stay));
        if (merging === undefined) return undefined;
        sources.push(merging);
      }
      return merged(user, sources, end, limit);
    },

    /**
     * The wide conversations of a user, and those that they left after a position. News of them comes by the topics of the
     * conversations.
     */
    wideConversations: wideOf,

    /** What a reader with this sight may be told of one conversation, without imported messages and others' read marks. */
    changes: async (
      conversation: string,
      sight: Sight,
      after: string,
      end: string,
      limit: number,
    ): Promise<EntryPage<Change>> => {
      if (after >= end) return nothingAfter(after);
      const wanted = seesAll(sight) ? undefined : seenOf(sight);
      const found = await pick<Change>("changes", conversation, after, end, limit + 1, wanted);
      const hasMore = found.length > limit;
      const entries = hasMore ? found.slice(0, limit) : found;
      return { entries, hasMore, next: (hasMore ? entries[entries.length - 1]?.position : undefined) ?? end };
    },
  };
};
