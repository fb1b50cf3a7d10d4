import { isChannel, isDirect, directMembers } from "../src/domain/ids.ts";
import { DIRECT_STAY, isMember, mayOpen, type Sight, type Stay } from "../src/domain/visibility.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import { Withheld } from "../src/ports/faults.ts";
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

type Party = { conversation: string; user: string };
type OwnSight = { id: string; sight: Sight };

/** Rows of a partition that are read at a time. */
const PAGE = 1_000;
const NONE: ReadonlySet<string> = new Set();

/** A value, or why it cannot be told. */
type Told<T> = T | Withheld;

/** The values. Throws if one cannot be told. */
function all<T>(told: readonly Told<T>[]): T[] {
  for (const each of told) if (each instanceof Withheld) throw each;
  return told as T[];
}

/**
 * The only functions that read the relations' rows. `isBlocked`: whether what the rows say of a conversation may be a right that
 * was taken away. Then what would grant something throws `Withheld`, and lists leave it out. What grants nothing is told as it
 * is: whoever is outside learns nothing.
 */
export const relationReads = (reader: Reader, isBlocked: (conversation: string) => boolean = () => false) => {
  const group = (id: string) => reader.get<GroupRelationsRow>("groups", id, "");
  const formerOrMember = (id: string, user: string) => reader.get<MemberRow>("members", id, user);
  const current = (row: MemberRow | undefined) => (isMember(row?.stay) ? row : undefined);
  /** The same, unless it cannot be told whether they are a member still, or again. */
  const told = <T>(id: string, row: MemberRow | undefined, value: T): Told<T> =>
    row !== undefined && isBlocked(id) ? new Withheld() : value;
  /** Those of a direct conversation are always the same. */
  const isWithheld = (id: string): boolean => !isDirect(id) && isBlocked(id);
  const idsOf = (rows: readonly { sort: string }[]): string[] => rows.map(({ sort }) => sort).filter((id) => !isBlocked(id));
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

  const toldMembers = async (keys: readonly Party[]): Promise<Told<MemberRow | undefined>[]> => {
    const rows = await reader.getMany<MemberRow>(
      "members",
      keys.map(({ conversation, user }) => [conversation, user] as const),
    );
    const dissolved = await dissolvedAmong(keys.map(({ conversation }) => conversation));
    return keys.map(({ conversation }, index) =>
      told(conversation, rows[index], dissolved.has(conversation) ? undefined : current(rows[index])),
    );
  };

  const toldMemberships = async (keys: readonly Party[]): Promise<Told<MembershipRow | undefined>[]> => {
    const rows = await reader.getMany<MembershipRow>(
      "conversations",
      keys.map(({ conversation, user }) => [user, conversation] as const),
    );
    const dissolved = await dissolvedAmong(keys.map(({ conversation }) => conversation));
    return keys.map(({ conversation }, index) => {
      const row = dissolved.has(conversation) ? undefined : rows[index];
      return row !== undefined && isWithheld(conversation) ? new Withheld() : row;
    });
  };

  const toldSights = async (keys: readonly Party[]): Promise<Told<Sight | undefined>[]> => {
    const [rows, members] = await Promise.all([
      groups(keys.map(({ conversation }) => conversation)),
      reader.getMany<MemberRow>(
        "members",
        keys.map(({ conversation, user }) => [conversation, user] as const),
      ),
    ]);
    return keys.map(({ conversation, user }, index) => {
      if (isDirect(conversation)) return directSight(conversation, user);
      const row = rows[index];
      const sight = row && groupSight(row, members[index]?.stay);
      return sight && mayOpen(sight) && isBlocked(conversation) ? new Withheld() : sight;
    });
  };

  const sightsOfStays = async (stays: readonly { sort: string; value: Stay }[]): Promise<OwnSight[]> => {
    const rows = await groups(stays.map(({ sort }) => sort));
    return stays.flatMap(({ sort: id, value: stay }, index) => {
      if (isDirect(id)) return [{ id, sight: DIRECT_SIGHT }];
      const row = isBlocked(id) ? undefined : rows[index];
      return row ? [{ id, sight: groupSight(row, stay) }] : [];
    });
  };

  return {
    ...stayReads(reader),
    group,
    groups,
    /** A member of now. */
    member: async (id: string, user: string) => {
      const found = await formerOrMember(id, user);
      const [row] = all([told(id, found, current(found))]);
      return row && (await dissolvedAmong([id])).size === 0 ? row : undefined;
    },
    members: async (keys: readonly Party[]) => all(await toldMembers(keys)),
    /** The same, one by one. */
    toldMembers,
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
    /** Those who are or were in a group or a channel, by id: at most `limit` after one. */
    everIn: async (id: string, after: string | undefined, limit: number): Promise<string[]> =>
      (await reader.range<MemberRow>("members", id, { ...(after === undefined ? {} : { after }), limit })).map(
        ({ sort }) => sort,
      ),
    /** Whether somebody follows a channel of whose staff another one is. */
    followsStaff: async (follower: string, staff: string): Promise<boolean> => {
      let isOpen = false;
      for (let after: string | undefined; ;) {
        const page = await reader.range<null>("staffOf", staff, { ...(after === undefined ? {} : { after }), limit: PAGE });
        const rows = await reader.getMany<MemberRow>(
          "members",
          page.map(({ sort }) => [sort, follower] as const),
        );
        const channels = page.filter((_, index) => isMember(rows[index]?.stay)).map(({ sort }) => sort);
        if (channels.some((channel) => !isBlocked(channel))) return true;
        isOpen ||= channels.length > 0;
        after = page[page.length - 1]?.sort;
        if (page.length < PAGE) break;
      }
      if (isOpen) throw new Withheld();
      return false;
    },
    /** For a group that a user is in now, or a direct conversation of theirs that has begun. */
    membership: (user: string, conversation: string): Awaitable<MembershipRow | undefined> => {
      if (isWithheld(conversation)) return toldMemberships([{ conversation, user }]).then((told) => all(told)[0]);
      const row = () => reader.get<MembershipRow>("conversations", user, conversation);
      if (!isChannel(conversation)) return row();
      return dissolvedAmong([conversation]).then(({ size }) => (size === 0 ? row() : undefined));
    },
    memberships: async (keys: readonly Party[]) => all(await toldMemberships(keys)),
    /** The same, one by one. */
    toldMemberships,
    /** How many groups a user is in now, channels' staff left out; `most` where they are in more. */
    groupCount: async (user: string, most: number): Promise<number> =>
      (await reader.range("conversations", user, { after: "g:", before: "g;", limit: most })).length,
    /** All conversations that a user is in now, by id. */
    conversationsOf: async (user: string) => {
      const rows = await allOf<MembershipRow>(reader, "conversations", user);
      const dissolved = await dissolvedAmong(rows.map(({ sort }) => sort));
      return rows
        .filter(({ sort }) => !dissolved.has(sort) && !isWithheld(sort))
        .map(({ sort, value }) => ({ id: sort, membership: value }));
    },
    /** Every conversation that a user has or had a stay in, and their direct ones that have begun, with the newest stay. */
    staysOf: async (user: string) => {
      const rows = await allOf<Stay>(reader, "sights", user);
      // Who goes through them with a cursor must not pass one of them by.
      if (rows.some(({ sort }) => isWithheld(sort))) throw new Withheld();
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
    sightsOf: async (user: string): Promise<OwnSight[]> => sightsOfStays(await allOf<Stay>(reader, "sights", user)),
    /** The same of some of these conversations. The others of them are left out. */
    sightsIn: async (user: string, ids: readonly string[]): Promise<OwnSight[]> => {
      const stays = await reader.getMany<Stay>(
        "sights",
        ids.map((id) => [user, id] as const),
      );
      return sightsOfStays(ids.flatMap((sort, index) => (stays[index] ? [{ sort, value: stays[index] }] : [])));
    },
    /** The ids of the groups that a user is the owner or an administrator of. */
    decidesFor: async (user: string) => idsOf(await allOf<null>(reader, "decides", user)),
    /** The ids of all groups that are open to everyone. */
    publicGroups: async () => idsOf(await allOf<null>(reader, "publicGroups", EVERYONE)),
    /**
     * What decides who sees what (domain/visibility.ts). Undefined if there is no such group, or if the direct conversation
     * belongs to others.
     */
    sight: (conversation: string, user: string): Awaitable<Sight | undefined> => {
      if (isDirect(conversation)) return directSight(conversation, user);
      const sighted = (row: GroupRelationsRow | undefined, member: MemberRow | undefined): Awaitable<Sight | undefined> => {
        const sight = row && groupSight(row, member?.stay);
        return sight && mayOpen(sight) && isBlocked(conversation) ? Promise.reject(new Withheld()) : sight;
      };
      // Whether there is such a group must not show in how much is read.
      const as = (row: GroupRelationsRow | undefined): Awaitable<Sight | undefined> => {
        const member = formerOrMember(conversation, user);
        return member instanceof Promise ? member.then((found) => sighted(row, found)) : sighted(row, member);
      };
      const row = group(conversation);
      return row instanceof Promise ? row.then(as) : as(row);
    },
    /** The same for many. */
    sights: async (keys: readonly Party[]): Promise<(Sight | undefined)[]> => all(await toldSights(keys)),
    /** The same, one by one. */
    toldSights,
  };
};
