import type { EventData } from "../src/domain/events.ts";
import type { Role } from "../src/domain/groupState.ts";
import { directMembers, isChannel, isDirect, isGroup } from "../src/domain/ids.ts";
import { DIRECT_STAY, isMember, type Sight, type Stay } from "../src/domain/visibility.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import { del, type Projection, put, type Reader, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import { byJoin, channelMember, listName, listOf, type MemberList, ROLES } from "./channelMembers.ts";
import type { Standing } from "./standing.ts";
import { entered, left, stayReads } from "./stays.ts";

/**
 * A member, or a former member: then the stay has an end. `joined…` are about the stay: `joinedSeq` is the newest message's seq
 * at joining. `leftCount` is how many members the group had when the stay had ended. What became of them later is not for someone
 * who has left. `standing`: in a channel, what they are now.
 */
export type MemberRow = {
  role: Role;
  joinedAt: string;
  joinedSeq: number;
  stay: Stay;
  leftCount?: number;
  standing?: Standing;
  /** May not write until then (ISO 8601). It stays when they leave and come back. */
  silencedUntil?: string;
};

/** What membership is decided on. */
export type GroupRelationsRow = {
  memberCount: number;
  public: boolean;
  historyVisible: boolean;
  /** Where it was dissolved, and after which message. The followers of a channel, who may be very many, have no other end. */
  dissolved?: { position: string; seq: number };
};

/** A conversation that a user is in now. */
export type MembershipRow = { joinPosition: string; joinedAt: string; joinedSeq: number };

type MemberEvent = { position: string; at: string };

/** All public groups are in one partition. */
const EVERYONE = "";

const READS = ["groups", "members", "heads", "membersByJoin"] as const;
type Read = (typeof READS)[number];
type OwnRows = Rows<Read>;

/**
 * Members with their newest stay, by group, and by role and time of joining. Conversations by user. `sights`: the newest stay
 * of each user in every conversation that they ever had one in, so that a search reads them in one go. Earlier stays
 * (stays.ts). Public groups. `decides`: the groups that each user is the owner or an administrator of. What is open to members
 * or to everyone is in the group's row alone, so that a change writes one row.
 */
export const relations: Projection<Read> = {
  name: "relations",
  version: 5,
  reads: READS,
  handlers: {
    GroupCreated: async (event, rows) => {
      const { groupId, ownerId, historyVisible } = event.data;
      const group: GroupRelationsRow = { memberCount: 0, public: event.data.public, historyVisible };
      const entering = await enter(rows, event, groupId, [ownerId], group, "OWNER");
      return group.public ? [...entering, put("publicGroups", EVERYONE, groupId, null)] : entering;
    },
    GroupProfileChanged: async ({ data }, rows) => {
      const { groupId: id } = data;
      const before = await groupOf(rows, id);
      const { public: isPublic = before.public, historyVisible = before.historyVisible } = data;
      const group: GroupRelationsRow = { ...before, public: isPublic, historyVisible };
      const writes = [put("groups", id, "", group)];
      if (isPublic !== before.public)
        writes.push(isPublic ? put("publicGroups", EVERYONE, id, null) : del("publicGroups", EVERYONE, id));
      return writes;
    },
    MemberJoined: (event, rows) => enterExisting(rows, event, event.data.groupId, [event.data.userId]),
    MemberAdded: (event, rows) => enterExisting(rows, event, event.data.groupId, [event.data.userId]),
    MembersImported: (event, rows) => enterExisting(rows, event, event.data.groupId, event.data.userIds),
    ChannelFollowed: (event, rows) => follows(rows, event, event.data.channelId, event.data.userId, true),
    FollowerAdmitted: (event, rows) => follows(rows, event, event.data.groupId, event.data.userId, true),
    ChannelUnfollowed: (event, rows) => follows(rows, event, event.data.channelId, event.data.userId, false),
    MemberLeft: (event, rows) => exit(rows, event, event.data),
    MemberRemoved: (event, rows) => exit(rows, event, event.data),
    RoleChanged: ({ data }, rows) => withNewRole(rows, data.groupId, data.userId, data.role),
    OwnershipTransferred: async ({ data }, rows) => [
      ...(await withNewRole(rows, data.groupId, data.from, "ADMIN")),
      ...(await withNewRole(rows, data.groupId, data.to, "OWNER")),
    ],
    MemberSilenced: async ({ data: { groupId, userId, until } }, rows) => {
      const { silencedUntil: _, ...member } = await memberOf(rows, groupId, userId);
      const silenced: MemberRow = until === null ? member : { ...member, silencedUntil: until };
      return [put("members", groupId, userId, silenced)];
    },
    GroupDissolved: async ({ data: { groupId }, position }, rows) => {
      const { public: isPublic, ...group } = await groupOf(rows, groupId);
      const head = (await rows.get<number>("heads", groupId, "")) ?? 0;
      const dissolved = { position, seq: head };
      const writes = [
        put("groups", groupId, "", { ...group, memberCount: 0, public: false, dissolved } satisfies GroupRelationsRow),
      ];
      if (isPublic) writes.push(del("publicGroups", EVERYONE, groupId));
      for (const role of ROLES)
        for (const user of (await rows.all<string>("membersByJoin", listName(groupId, role))).values())
          writes.push(...gone(groupId, user, await memberOf(rows, groupId, user), position, head, 0));
      return writes;
    },
    MessageSent: ({ data, revision, position, at }) => {
      const conversation = data.conversationId;
      if (isGroup(conversation)) return [put("heads", conversation, "", revision + 1)];
      if (revision > 0) return [];
      const begun: MembershipRow = { joinPosition: position, joinedAt: at, joinedSeq: 0 };
      return (directMembers(conversation) ?? []).flatMap((user) => [
        put("conversations", user, conversation, begun),
        put("sights", user, conversation, DIRECT_STAY),
      ]);
    },
  },
};

async function memberOf(rows: OwnRows, group: string, user: string): Promise<MemberRow> {
  const member = await rows.get<MemberRow>("members", group, user);
  if (!member) throw new Error(`${user} was never a member of ${group}`);
  return member;
}

async function withNewRole(rows: OwnRows, id: string, user: string, role: Role): Promise<TableWrite[]> {
  const { silencedUntil, ...member } = await memberOf(rows, id, user);
  // An owner is not silenced: nobody could end that.
  const keeps = role !== "OWNER" && silencedUntil !== undefined;
  return [
    put("members", id, user, { ...member, role, ...(keeps && { silencedUntil }) } satisfies MemberRow),
    del("membersByJoin", listName(id, member.role), byJoin(member, user)),
    put("membersByJoin", listName(id, role), byJoin(member, user), user),
    role === "MEMBER" ? del("decides", user, id) : put("decides", user, id, null),
  ];
}

async function groupOf(rows: OwnRows, id: string): Promise<GroupRelationsRow> {
  const group = await rows.get<GroupRelationsRow>("groups", id, "");
  if (!group) throw new Error(`group ${id} was never created`);
  return group;
}

async function follows(
  rows: OwnRows,
  event: MemberEvent,
  id: string,
  userId: string,
  isFollowing: boolean,
): Promise<TableWrite[]> {
  return channelMember(rows, event, { id, row: await groupOf(rows, id) }, userId, { follows: isFollowing });
}

async function enterExisting(rows: OwnRows, event: MemberEvent, id: string, users: readonly string[]): Promise<TableWrite[]> {
  return enter(rows, event, id, users, await groupOf(rows, id), "MEMBER");
}

async function enter(
  rows: OwnRows,
  { position, at }: MemberEvent,
  id: string,
  users: readonly string[],
  group: GroupRelationsRow,
  role: Role,
): Promise<TableWrite[]> {
  const [user, another] = users;
  if (isChannel(id) && user !== undefined && another === undefined)
    return channelMember(rows, { position, at }, { id, row: group }, user, { role });
  const head = (await rows.get<number>("heads", id, "")) ?? 0;
  const writes = [put("groups", id, "", { ...group, memberCount: group.memberCount + users.length } satisfies GroupRelationsRow)];
  for (const user of users) {
    const before = await rows.get<MemberRow>("members", id, user);
    const next = entered(id, user, before?.stay, position, head);
    const silenced = before?.silencedUntil !== undefined && { silencedUntil: before.silencedUntil };
    const member: MemberRow = { role, joinedAt: at, joinedSeq: head, stay: next.stay, ...silenced };
    const membership: MembershipRow = { joinPosition: position, joinedAt: at, joinedSeq: head };
    writes.push(
      ...next.writes,
      put("members", id, user, member),
      put("membersByJoin", listName(id, role), byJoin(member, user), user),
      put("conversations", user, id, membership),
      put("sights", user, id, member.stay),
    );
    if (role === "OWNER") writes.push(put("decides", user, id, null));
  }
  return writes;
}

async function exit(
  rows: OwnRows,
  { position, at }: MemberEvent,
  { groupId, userId }: EventData<"MemberLeft">,
): Promise<TableWrite[]> {
  if (isChannel(groupId))
    return channelMember(rows, { position, at }, { id: groupId, row: await groupOf(rows, groupId) }, userId, { role: null });
  const member = await memberOf(rows, groupId, userId);
  const group = await groupOf(rows, groupId);
  const head = (await rows.get<number>("heads", groupId, "")) ?? 0;
  const memberCount = group.memberCount - 1;
  return [
    put("groups", groupId, "", { ...group, memberCount } satisfies GroupRelationsRow),
    ...gone(groupId, userId, member, position, head, memberCount),
  ];
}

/** A member's stay ends. */
function gone(id: string, user: string, member: MemberRow, position: string, head: number, leftCount: number): TableWrite[] {
  const { standing, ...kept } = member;
  const former: MemberRow = { ...kept, role: "MEMBER", stay: left(member.stay, position, head), leftCount };
  const writes = [
    put("members", id, user, former),
    del("membersByJoin", listName(id, member.role), byJoin(member, user)),
    del("conversations", user, id),
    put("sights", user, id, former.stay),
  ];
  if (member.role !== "MEMBER") writes.push(del("decides", user, id));
  if (standing !== undefined) writes.push(del("staffOf", user, id));
  return writes;
}

function groupSight(group: GroupRelationsRow, newest: Stay | undefined): Sight {
  const { historyVisible, public: isPublic, dissolved } = group;
  const stay = newest && dissolved && isMember(newest) ? left(newest, dissolved.position, dissolved.seq) : newest;
  return { ...(stay && { stay }), historyVisible, public: isPublic };
}

const DIRECT_SIGHT: Sight = { stay: DIRECT_STAY, historyVisible: true, public: false };

function directSight(id: string, user: string): Sight | undefined {
  return directMembers(id)?.includes(user) ? DIRECT_SIGHT : undefined;
}

/** Rows of a partition that are read at a time. */
const PAGE = 1_000;
const NONE: ReadonlySet<string> = new Set();

/** A whole partition, by its sort keys. */
async function allOf<T>(reader: Reader, table: string, partition: string): Promise<{ sort: string; value: T }[]> {
  const all: { sort: string; value: T }[] = [];
  for (let after: string | undefined; ;) {
    const page = await reader.range<T>(table, partition, { ...(after === undefined ? {} : { after }), limit: PAGE });
    for (const row of page) all.push(row);
    after = page[page.length - 1]?.sort;
    if (page.length < PAGE) return all;
  }
}

/** The only functions that read the relations' rows. */
export const relationReads = (reader: Reader) => {
  const group = (id: string) => reader.get<GroupRelationsRow>("groups", id, "");
  const formerOrMember = (id: string, user: string) => reader.get<MemberRow>("members", id, user);
  const current = (row: MemberRow | undefined) => (isMember(row?.stay) ? row : undefined);
  const groups = (ids: readonly string[]) =>
    reader.getMany<GroupRelationsRow>(
      "groups",
      ids.map((id) => [id, ""] as const),
    );

  /** Those of some conversations that are channels which were dissolved: the rows of their followers do not say so. */
  const dissolvedAmong = async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const channels = [...new Set(ids.filter(isChannel))];
    if (channels.length === 0) return NONE;
    const rows = await groups(channels);
    return new Set(channels.filter((_, index) => rows[index]?.dissolved !== undefined));
  };
  return {
    ...stayReads(reader),
    group,
    groups,
    /** A member of now. */
    member: async (id: string, user: string) => {
      const row = current(await formerOrMember(id, user));
      return row && (await dissolvedAmong([id])).size === 0 ? row : undefined;
    },
    members: async (keys: readonly { conversation: string; user: string }[]) => {
      const rows = await reader.getMany<MemberRow>(
        "members",
        keys.map(({ conversation, user }) => [conversation, user] as const),
      );
      const dissolved = await dissolvedAmong(keys.map(({ conversation }) => conversation));
      return rows.map((row, index) => (dissolved.has(keys[index]?.conversation ?? "") ? undefined : current(row)));
    },
    /** How many members a group had when a user had left it. 0 if they were never in it, undefined if they are in it. */
    countAtLeaving: async (id: string, user: string): Promise<number | undefined> => {
      const row = await formerOrMember(id, user);
      return row ? row.leftCount : 0;
    },
    /**
     * Members by the time of joining, of these lists. `after` is the `key` of the last one of the page before. Followers are in a
     * list of their own.
     */
    membersByJoin: async (id: string, after: string | undefined, limit: number, lists: readonly MemberList[] = ROLES) => {
      const query = { ...(after === undefined ? {} : { after }), limit };
      const pages = await Promise.all(
        lists.map(async (list) => reader.range<string>("membersByJoin", listName(id, list), query)),
      );
      // A member whose role changes while the lists are read may be in two of them.
      const users = new Map(pages.flat().map(({ sort, value }) => [sort, value]));
      const found = [...users].sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, limit);
      const rows = await reader.getMany<MemberRow>(
        "members",
        found.map(([, user]) => [id, user] as const),
      );
      return found.flatMap(([key, user], index) => {
        const row = current(rows[index]);
        return row && lists.includes(listOf(row)) ? [{ key, user, member: row }] : [];
      });
    },
    /** Whether somebody follows a channel of whose staff another one is. */
    followsStaff: async (follower: string, staff: string): Promise<boolean> => {
      for (let after: string | undefined; ;) {
        const page = await reader.range<null>("staffOf", staff, { ...(after === undefined ? {} : { after }), limit: PAGE });
        const rows = await reader.getMany<MemberRow>(
          "members",
          page.map(({ sort }) => [sort, follower] as const),
        );
        if (rows.some((row) => isMember(row?.stay))) return true;
        after = page[page.length - 1]?.sort;
        if (page.length < PAGE) return false;
      }
    },
    /** For a group that a user is in now, or a direct conversation of theirs that has begun. */
    membership: (user: string, conversation: string): Awaitable<MembershipRow | undefined> => {
      const row = () => reader.get<MembershipRow>("conversations", user, conversation);
      if (!isChannel(conversation)) return row();
      return dissolvedAmong([conversation]).then(({ size }) => (size === 0 ? row() : undefined));
    },
    memberships: async (keys: readonly { conversation: string; user: string }[]) => {
      const rows = await reader.getMany<MembershipRow>(
        "conversations",
        keys.map(({ conversation, user }) => [user, conversation] as const),
      );
      const dissolved = await dissolvedAmong(keys.map(({ conversation }) => conversation));
      return rows.map((row, index) => (dissolved.has(keys[index]?.conversation ?? "") ? undefined : row));
    },
    /** How many groups a user is in now, channels' staff left out; `most` where they are in more. */
    groupCount: async (user: string, most: number): Promise<number> =>
      (await reader.range("conversations", user, { after: "g:", before: "g;", limit: most })).length,
    /** All conversations that a user is in now, by id. */
    conversationsOf: async (user: string) => {
      const rows = await allOf<MembershipRow>(reader, "conversations", user);
      const dissolved = await dissolvedAmong(rows.map(({ sort }) => sort));
      return rows.filter(({ sort }) => !dissolved.has(sort)).map(({ sort, value }) => ({ id: sort, membership: value }));
    },
    /** Every conversation that a user has or had a stay in, and their direct ones that have begun, with the newest stay. */
    staysOf: async (user: string) =>
      (await allOf<Stay>(reader, "sights", user)).map(({ sort, value }) => ({ conversation: sort, stay: value })),
    /**
     * What `sight` says of every conversation that a user is or was a member of, and of their direct ones that have begun, by id.
     */
    sightsOf: async (user: string): Promise<{ id: string; sight: Sight }[]> => {
      const stays = await allOf<Stay>(reader, "sights", user);
      const groups = await reader.getMany<GroupRelationsRow>(
        "groups",
        stays.map(({ sort }) => [sort, ""] as const),
      );
      return stays.flatMap(({ sort: id, value: stay }, index) => {
        if (isDirect(id)) return [{ id, sight: DIRECT_SIGHT }];
        const row = groups[index];
        return row ? [{ id, sight: groupSight(row, stay) }] : [];
      });
    },
    /** The ids of the groups that a user is the owner or an administrator of. */
    decidesFor: async (user: string) => (await allOf<null>(reader, "decides", user)).map(({ sort }) => sort),
    /** The ids of all groups that are open to everyone. */
    publicGroups: async () => (await allOf<null>(reader, "publicGroups", EVERYONE)).map(({ sort }) => sort),
    /**
     * What decides who sees what (domain/visibility.ts). Undefined if there is no such group, or if the direct conversation
     * belongs to others.
     */
    sight: async (conversation: string, user: string): Promise<Sight | undefined> => {
      if (isDirect(conversation)) return directSight(conversation, user);
      const row = await group(conversation);
      if (!row) return undefined;
      return groupSight(row, (await formerOrMember(conversation, user))?.stay);
    },
    /** The same for many. */
    sights: async (keys: readonly { conversation: string; user: string }[]): Promise<(Sight | undefined)[]> => {
      const rows = await reader.getMany<GroupRelationsRow>(
        "groups",
        keys.map(({ conversation }) => [conversation, ""] as const),
      );
      const members = await reader.getMany<MemberRow>(
        "members",
        keys.map(({ conversation, user }) => [conversation, user] as const),
      );
      return keys.map(({ conversation, user }, index) => {
        if (isDirect(conversation)) return directSight(conversation, user);
        const row = rows[index];
        return row && groupSight(row, members[index]?.stay);
      });
    },
  };
};
