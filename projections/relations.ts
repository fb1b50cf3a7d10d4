import type { EventData } from "../src/domain/events.ts";
import { directMembers, isDirect, isGroup } from "../src/domain/ids.ts";
import { DIRECT_WINDOWS, isMember, type Sight, type Window } from "../src/domain/visibility.ts";
import { del, type Projection, put, type Reader, type Rows, type TableWrite } from "../src/projecting/projection.ts";

export type Role = "OWNER" | "ADMIN" | "MEMBER";

/** A member, or a former one: then the last window has an end. `joined…` speak of the newest stay. */
export type MemberRow = {
  role: Role;
  joinedAt: string;
  joinedSeq: number;
  joinPosition: string;
  /** Stays, oldest first. */
  windows: Window[];
};

/** What membership rests on. */
export type GroupRelationsRow = { memberCount: number; public: boolean; historyVisible: boolean };

/** A conversation that a user is in now. */
export type MembershipRow = { joinPosition: string; joinedAt: string; joinedSeq: number };

const byJoin = (member: MemberRow, user: string) => `${member.joinPosition}~${user}`;

type MemberEvent = { position: string; at: string };

/** All public groups lie in one partition. */
const EVERYONE = "";

/**
 * Members with their windows by group and by time of joining, conversations by user; what each user may see of every conversation that they ever
 * had a stay in (`sights`), so that a search reads it in one go; the public groups. Whether a group's history is open is in the sights too: it is
 * decided once, when the group is made.
 */
export const relations: Projection = {
  name: "relations",
  version: 2,
  reads: ["groups", "members", "heads"],
  handlers: {
    GroupCreated: async (event, rows) => {
      const { groupId, ownerId, historyVisible } = event.data;
      const group: GroupRelationsRow = { memberCount: 0, public: event.data.public, historyVisible };
      const entering = await enter(rows, event, groupId, [ownerId], group, "OWNER");
      return group.public ? [...entering, put("publicGroups", EVERYONE, groupId, null)] : entering;
    },
    MemberJoined: (event, rows) => enterExisting(rows, event, event.data.groupId, [event.data.userId]),
    MemberAdded: (event, rows) => enterExisting(rows, event, event.data.groupId, [event.data.userId]),
    MembersImported: (event, rows) => enterExisting(rows, event, event.data.groupId, event.data.userIds),
    MemberLeft: (event, rows) => exit(rows, event, event.data),
    MemberRemoved: (event, rows) => exit(rows, event, event.data),
    RoleChanged: async ({ data }, rows) => {
      const member = await memberOf(rows, data.groupId, data.userId);
      return [put("members", data.groupId, data.userId, { ...member, role: data.role } satisfies MemberRow)];
    },
    OwnershipTransferred: async ({ data }, rows) => {
      const former = await memberOf(rows, data.groupId, data.from);
      const next = await memberOf(rows, data.groupId, data.to);
      return [
        put("members", data.groupId, data.from, { ...former, role: "ADMIN" } satisfies MemberRow),
        put("members", data.groupId, data.to, { ...next, role: "OWNER" } satisfies MemberRow),
      ];
    },
    MessageSent: ({ data, revision, position, at }) => {
      const conversation = data.conversationId;
      if (isGroup(conversation)) return [put("heads", conversation, "", revision + 1)];
      if (revision > 0) return [];
      const begun: MembershipRow = { joinPosition: position, joinedAt: at, joinedSeq: 0 };
      return (directMembers(conversation) ?? []).flatMap((user) => [
        put("conversations", user, conversation, begun),
        put("sights", user, conversation, DIRECT_SIGHT),
      ]);
    },
  },
};

async function memberOf(rows: Rows, group: string, user: string): Promise<MemberRow> {
  const member = await rows.get<MemberRow>("members", group, user);
  if (!member) throw new Error(`${user} was never a member of ${group}`);
  return member;
}

async function groupOf(rows: Rows, id: string): Promise<GroupRelationsRow> {
  const group = await rows.get<GroupRelationsRow>("groups", id, "");
  if (!group) throw new Error(`group ${id} was never created`);
  return group;
}

async function enterExisting(rows: Rows, event: MemberEvent, id: string, users: readonly string[]): Promise<TableWrite[]> {
  return enter(rows, event, id, users, await groupOf(rows, id), "MEMBER");
}

async function enter(
  rows: Rows,
  { position, at }: MemberEvent,
  id: string,
  users: readonly string[],
  group: GroupRelationsRow,
  role: Role,
): Promise<TableWrite[]> {
  const head = (await rows.get<number>("heads", id, "")) ?? 0;
  const writes = [put("groups", id, "", { ...group, memberCount: group.memberCount + users.length } satisfies GroupRelationsRow)];
  for (const user of users) {
    const before = await rows.get<MemberRow>("members", id, user);
    const member: MemberRow = {
      role,
      joinedAt: at,
      joinedSeq: head,
      joinPosition: position,
      windows: [...(before?.windows ?? []), { from: position, fromSeq: head + 1 }],
    };
    const membership: MembershipRow = { joinPosition: position, joinedAt: at, joinedSeq: head };
    writes.push(
      put("members", id, user, member),
      put("membersByJoin", id, byJoin(member, user), user),
      put("conversations", user, id, membership),
      put("sights", user, id, groupSight(group, member)),
    );
  }
  return writes;
}

async function exit(rows: Rows, { position }: MemberEvent, { groupId, userId }: EventData<"MemberLeft">): Promise<TableWrite[]> {
  const member = await memberOf(rows, groupId, userId);
  const group = await groupOf(rows, groupId);
  const head = (await rows.get<number>("heads", groupId, "")) ?? 0;
  const former: MemberRow = { ...member, role: "MEMBER", windows: closed(member.windows, position, head) };
  return [
    put("groups", groupId, "", { ...group, memberCount: group.memberCount - 1 } satisfies GroupRelationsRow),
    put("members", groupId, userId, former),
    del("membersByJoin", groupId, byJoin(member, userId)),
    del("conversations", userId, groupId),
    put("sights", userId, groupId, groupSight(group, former)),
  ];
}

/** The same stays with the last one ended. */
export function closed(windows: readonly Window[], to: string, toSeq: number): Window[] {
  const last = windows[windows.length - 1];
  return last === undefined ? [] : [...windows.slice(0, -1), { ...last, to, toSeq }];
}

const STRANGER: readonly Window[] = [];

function groupSight({ historyVisible, public: isPublic }: GroupRelationsRow, member: MemberRow | undefined): Sight {
  return { windows: member?.windows ?? STRANGER, historyVisible, public: isPublic };
}

const DIRECT_SIGHT: Sight = { windows: DIRECT_WINDOWS, historyVisible: true, public: false };

function directSight(id: string, user: string): Sight | undefined {
  return directMembers(id)?.includes(user) ? DIRECT_SIGHT : undefined;
}

/** Rows of a partition that are read at a time. */
const PAGE = 1_000;

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
  const current = (row: MemberRow | undefined) => (row && isMember(row.windows) ? row : undefined);
  return {
    group,
    groups: (ids: readonly string[]) =>
      reader.getMany<GroupRelationsRow>(
        "groups",
        ids.map((id) => [id, ""] as const),
      ),
    /** A member of now. */
    member: async (id: string, user: string) => current(await formerOrMember(id, user)),
    members: async (keys: readonly { conversation: string; user: string }[]) => {
      const rows = await reader.getMany<MemberRow>(
        "members",
        keys.map(({ conversation, user }) => [conversation, user] as const),
      );
      return rows.map(current);
    },
    /** Members by the time of joining; `after` is the `key` of the last one of the page before. */
    membersByJoin: async (id: string, after: string | undefined, limit: number) => {
      const found = await reader.range<string>("membersByJoin", id, { ...(after === undefined ? {} : { after }), limit });
      const rows = await reader.getMany<MemberRow>(
        "members",
        found.map(({ value }) => [id, value] as const),
      );
      return found.flatMap(({ sort, value }, index) => {
        const row = rows[index];
        return row && isMember(row.windows) ? [{ key: sort, user: value, member: row }] : [];
      });
    },
    /** Of a group a user is in now, or of a direct conversation of theirs that has begun. */
    membership: (user: string, conversation: string) => reader.get<MembershipRow>("conversations", user, conversation),
    memberships: (keys: readonly { conversation: string; user: string }[]) =>
      reader.getMany<MembershipRow>(
        "conversations",
        keys.map(({ conversation, user }) => [user, conversation] as const),
      ),
    /** All conversations that a user is in now, by id. */
    conversationsOf: async (user: string) =>
      (await allOf<MembershipRow>(reader, "conversations", user)).map(({ sort, value }) => ({ id: sort, membership: value })),
    /**
     * What `sight` says, of every conversation that a user is or was a member of, and of their direct ones that have begun, by id.
     */
    sightsOf: async (user: string) =>
      (await allOf<Sight>(reader, "sights", user)).map(({ sort, value }) => ({ id: sort, sight: value })),
    /** The ids of all groups that are open to everyone. */
    publicGroups: async () => (await allOf<null>(reader, "publicGroups", EVERYONE)).map(({ sort }) => sort),
    /** What decides on who sees what (domain/visibility.ts); undefined where there is no such group, or the direct conversation is others'. */
    sight: async (conversation: string, user: string): Promise<Sight | undefined> => {
      if (isDirect(conversation)) return directSight(conversation, user);
      const row = await group(conversation);
      if (!row) return undefined;
      return groupSight(row, await formerOrMember(conversation, user));
    },
    /** The same of many. */
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
        return row && groupSight(row, members[index]);
      });
    },
  };
};
