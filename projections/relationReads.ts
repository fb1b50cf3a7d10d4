import { isChannel, isDirect, directMembers } from "../src/domain/ids.ts";
import { DIRECT_STAY, isMember, type Sight, type Stay } from "../src/domain/visibility.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import type { Reader } from "../src/projecting/projection.ts";
import { listName, listOf, type MemberList, ROLES } from "./channelMembers.ts";
import { EVERYONE, type GroupRelationsRow, type MemberRow, type MembershipRow } from "./relationRows.ts";
import { left, stayReads } from "./stays.ts";
import { allOf } from "./wholePartition.ts";

/** A newest stay as it is: those of a channel's followers have no end of their own where it was dissolved. */
const endedWith = ({ dissolved }: GroupRelationsRow, stay: Stay): Stay =>
  dissolved && isMember(stay) ? left(stay, dissolved.position, dissolved.seq) : stay;

function groupSight(group: GroupRelationsRow, newest: Stay | undefined): Sight {
  const { historyVisible, public: isPublic } = group;
  return { ...(newest && { stay: endedWith(group, newest) }), historyVisible, public: isPublic };
}

const DIRECT_SIGHT: Sight = { stay: DIRECT_STAY, historyVisible: true, public: false };

function directSight(id: string, user: string): Sight | undefined {
  return directMembers(id)?.includes(user) ? DIRECT_SIGHT : undefined;
}

/** Rows of a partition that are read at a time. */
const PAGE = 1_000;
const NONE: ReadonlySet<string> = new Set();

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
    staysOf: async (user: string) => {
      const rows = await allOf<Stay>(reader, "sights", user);
      const channels = rows.map(({ sort }) => sort).filter(isChannel);
      const found = await groups(channels);
      const byId = new Map(channels.map((id, index) => [id, found[index]]));
      return rows.map(({ sort, value }) => {
        const channel = byId.get(sort);
        return { conversation: sort, stay: channel ? endedWith(channel, value) : value };
      });
    },
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
