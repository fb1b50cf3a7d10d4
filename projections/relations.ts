import type { EventData } from "../src/domain/events.ts";
import type { Role } from "../src/domain/groupState.ts";
import { directMembers, isChannel, isGroup } from "../src/domain/ids.ts";
import { DIRECT_STAY } from "../src/domain/visibility.ts";
import { del, type Projection, put, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import { byJoin, channelMember, listName, ROLES } from "./channelMembers.ts";
import { beforeLast } from "./conversationRows.ts";
import { TOLD_OF_SIGHTS } from "./sightNews.ts";
import { EVERYONE, type GroupRelationsRow, type MemberRow, type MembershipRow } from "./relationRows.ts";
import { entered, isOfStays, left } from "./stays.ts";

type MemberEvent = { position: string; at: string };

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
  holdsRights: true,
  told: TOLD_OF_SIGHTS,
  conversationOf: ({ table, partition, sort }) => {
    if (table === "groups" || table === "members" || table === "heads") return partition;
    return table === "membersByJoin" || isOfStays(table) ? beforeLast(partition, "~") : sort;
  },
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
