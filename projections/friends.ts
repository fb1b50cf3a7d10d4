import type { RequestStatus } from "../src/domain/friendship.ts";
import { pairOf } from "../src/domain/ids.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import { Withheld } from "../src/ports/faults.ts";
import { del, type Projection, put, type Reader, type Rows, seqKey, type TableWrite } from "../src/projecting/projection.ts";

/** A request for friendship. `position`: of its event. Times are ISO 8601. */
export type RequestRow = {
  number: number;
  from: string;
  to: string;
  note: string | null;
  status: RequestStatus;
  requestedAt: string;
  decidedAt: string | null;
  position: string;
};

/** How two users stand: what is decided on, and shown, in one read. */
export type FriendshipRow = {
  /** Since when they are friends. `position`: of that event. */
  friends?: { since: string; position: string };
  /** What each calls the other, by who calls. */
  aliases: Readonly<Record<string, string>>;
  /** The position of each block, by who has blocked the other. */
  blocks: Readonly<Record<string, string>>;
  /** The newest request. */
  request?: RequestRow;
};

/** A friend of a user, as that user has them. */
export type FriendRow = { since: string; alias: string | null };

export type RequestDirection = "INCOMING" | "OUTGOING";

const READS = ["friendships"] as const;
type OwnRows = Rows<(typeof READS)[number]>;

const NOTHING_YET: FriendshipRow = { aliases: {}, blocks: {} };

/** A user's requests of one direction and status, by the position of the request. */
const listOf = (user: string, direction: RequestDirection, status: RequestStatus) => `${user}~${direction}~${status}`;

/**
 * How every two users stand. `friendships` by pair; `friends` of each user by friend, and `friendsBySince`; `requests` of a pair
 * by number, and `requestLists` of each user; `blocked` of each user by position. All rows that an event reads are of its own
 * pair.
 */
export const friends: Projection<(typeof READS)[number]> = {
  name: "friends",
  version: 1,
  reads: READS,
  holdsRights: true,
  handlers: {
    FriendshipRequested: async (event, rows) => {
      const { number, from, to, note } = event.data;
      const { position, at } = event;
      const request: RequestRow = { number, from, to, note, status: "PENDING", requestedAt: at, decidedAt: null, position };
      const before = await friendshipOf(rows, from, to);
      return [...withRequest(before, request), ...listed(request)];
    },
    FriendRequestAccepted: (event, rows) => decided(event, rows, "ACCEPTED"),
    FriendRequestDeclined: (event, rows) => decided(event, rows, "DECLINED"),
    FriendRequestWithdrawn: (event, rows) => decided(event, rows, "WITHDRAWN"),
    FriendshipBegan: async ({ data: { userIds }, position, at }, rows) => {
      const [one, other] = userIds;
      const before = await friendshipOf(rows, one, other);
      const friend: FriendRow = { since: at, alias: null };
      return [
        put("friendships", pairOf(one, other), "", { ...before, friends: { since: at, position } } satisfies FriendshipRow),
        put("friends", one, other, friend),
        put("friends", other, one, friend),
        put("friendsBySince", one, position, other),
        put("friendsBySince", other, position, one),
      ];
    },
    FriendshipEnded: async ({ data: { userId, friendId } }, rows) => {
      const { friends: ended, ...before } = await friendshipOf(rows, userId, friendId);
      if (!ended) return [];
      return [
        put("friendships", pairOf(userId, friendId), "", { ...before, aliases: {} } satisfies FriendshipRow),
        del("friends", userId, friendId),
        del("friends", friendId, userId),
        del("friendsBySince", userId, ended.position),
        del("friendsBySince", friendId, ended.position),
      ];
    },
    FriendAliasChanged: async ({ data: { userId, friendId, alias } }, rows) => {
      const before = await friendshipOf(rows, userId, friendId);
      if (!before.friends) return [];
      const { [userId]: _, ...others } = before.aliases;
      const aliases = alias === null ? others : { ...others, [userId]: alias };
      return [
        put("friendships", pairOf(userId, friendId), "", { ...before, aliases } satisfies FriendshipRow),
        put("friends", userId, friendId, { since: before.friends.since, alias } satisfies FriendRow),
      ];
    },
    UserBlocked: async ({ data: { userId, blockedId }, position }, rows) => {
      const before = await friendshipOf(rows, userId, blockedId);
      const blocks = { ...before.blocks, [userId]: position };
      return [
        put("friendships", pairOf(userId, blockedId), "", { ...before, blocks } satisfies FriendshipRow),
        put("blocked", userId, position, blockedId),
      ];
    },
    UserUnblocked: async ({ data: { userId, blockedId } }, rows) => {
      const before = await friendshipOf(rows, userId, blockedId);
      const { [userId]: position, ...blocks } = before.blocks;
      if (position === undefined) return [];
      return [
        put("friendships", pairOf(userId, blockedId), "", { ...before, blocks } satisfies FriendshipRow),
        del("blocked", userId, position),
      ];
    },
  },
};

async function friendshipOf(rows: OwnRows, one: string, other: string): Promise<FriendshipRow> {
  return (await rows.get<FriendshipRow>("friendships", pairOf(one, other), "")) ?? NOTHING_YET;
}

const withRequest = (before: FriendshipRow, request: RequestRow): TableWrite[] => {
  const pair = pairOf(request.from, request.to);
  return [
    put("friendships", pair, "", { ...before, request } satisfies FriendshipRow),
    put("requests", pair, seqKey(request.number), request),
  ];
};

const listed = ({ from, to, status, position, number }: RequestRow): TableWrite[] => [
  put("requestLists", listOf(from, "OUTGOING", status), position, { user: to, number } satisfies ListedRequest),
  put("requestLists", listOf(to, "INCOMING", status), position, { user: from, number } satisfies ListedRequest),
];

const unlisted = ({ from, to, status, position }: RequestRow): TableWrite[] => [
  del("requestLists", listOf(from, "OUTGOING", status), position),
  del("requestLists", listOf(to, "INCOMING", status), position),
];

type Decided = Recorded<"FriendRequestAccepted" | "FriendRequestDeclined" | "FriendRequestWithdrawn">;

async function decided({ data, at }: Decided, rows: OwnRows, status: RequestStatus): Promise<TableWrite[]> {
  const before = await friendshipOf(rows, data.from, data.to);
  const { request } = before;
  if (request?.number !== data.number) throw new Error(`request ${data.number} of ${data.from} is not the newest one`);
  const now: RequestRow = { ...request, status, decidedAt: at };
  return [...withRequest(before, now), ...unlisted(request), ...listed(now)];
}

/** `user`: the other one. */
type ListedRequest = { user: string; number: number };

/** A page of a list: what is after the key of the last one of the page before. */
type PageQuery = { after: string | undefined; limit: number; reverse?: boolean };

const rangeOf = ({ after, limit, reverse = false }: PageQuery) => ({
  limit,
  reverse,
  ...(after === undefined ? {} : reverse ? { before: after } : { after }),
});

type Pair = { one: string; other: string };

/**
 * The only functions that read the rows of `friends`. `isBlocked`: whether what the rows say of a pair may lack that one of them
 * has blocked the other, or that they are friends no more.
 */
export const friendReads = (reader: Reader, isBlocked: (pair: string) => boolean = () => false) => {
  const lastKnown = (one: string, other: string) => reader.get<FriendshipRow>("friendships", pairOf(one, other), "");
  const lastKnownOf = (pairs: readonly Pair[]) =>
    reader.getMany<FriendshipRow>(
      "friendships",
      pairs.map(({ one, other }) => [pairOf(one, other), ""] as const),
    );
  const isTold = ({ one, other }: Pair): boolean => !isBlocked(pairOf(one, other));
  return {
    /**
     * How two users stand; undefined where nothing ever was between them. Rejects with `Withheld` if it cannot be told: rights
     * may rest on it.
     */
    friendship: (one: string, other: string) => (isTold({ one, other }) ? lastKnown(one, other) : Promise.reject(new Withheld())),
    friendships: (pairs: readonly Pair[]) => (pairs.every(isTold) ? lastKnownOf(pairs) : Promise.reject(new Withheld())),
    /** Whether that can be told. */
    isTold,
    /** How they stood when it could last be told. To be shown, and for nothing that is granted. */
    lastKnown,
    lastKnownOf,
    request: (one: string, other: string, number: number) =>
      reader.get<RequestRow>("requests", pairOf(one, other), seqKey(number)),
    /** How many friends a user has; `most` where they have more. */
    count: async (user: string, most: number): Promise<number> => (await reader.range("friends", user, { limit: most })).length,
    /** At most `limit` friends of a user, by id. */
    friendsOf: async (user: string, limit: number) =>
      (await reader.range<FriendRow>("friends", user, { limit })).map(({ sort, value }) => ({ user: sort, friend: value })),
    /** Ids of friends, the newest friendship first, with the key of each. */
    friendsBySince: async (user: string, query: PageQuery) =>
      (await reader.range<string>("friendsBySince", user, rangeOf({ ...query, reverse: true }))).map(({ sort, value }) => ({
        key: sort,
        user: value,
      })),
    friendRows: (user: string, of: readonly string[]) =>
      reader.getMany<FriendRow>(
        "friends",
        of.map((friend) => [user, friend] as const),
      ),
    /** Requests of a direction and status, the newest first, with the key of each. */
    requestsOf: async (user: string, direction: RequestDirection, status: RequestStatus, query: PageQuery) => {
      const { limit } = query;
      const places = await reader.range<ListedRequest>(
        "requestLists",
        listOf(user, direction, status),
        rangeOf({ ...query, limit: limit + 1, reverse: true }),
      );
      const rows = await reader.getMany<RequestRow>(
        "requests",
        places.map(({ value }) => [pairOf(user, value.user), seqKey(value.number)] as const),
      );
      // One that was decided between the two reads belongs to another list.
      const requests = places.flatMap(({ sort }, index) => {
        const request = rows[index];
        return request?.status === status ? [{ key: sort, request }] : [];
      });
      return { requests: requests.slice(0, limit), next: places.length > limit ? places[limit - 1]?.sort : undefined };
    },
    /** Whom a user has blocked, the newest first, with the key of each. */
    blockedBy: async (user: string, query: PageQuery) =>
      (await reader.range<string>("blocked", user, rangeOf({ ...query, reverse: true }))).map(({ sort, value }) => ({
        key: sort,
        user: value,
      })),
  };
};

export type FriendReads = ReturnType<typeof friendReads>;
