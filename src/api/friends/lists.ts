import type { RequestDirection } from "../../../projections/friends.ts";
import type { RequestStatus } from "../../domain/friendship.ts";
import { edgeCursor } from "../arguments.ts";
import { type Connection, connection, edged, type Listed, slice } from "../connections.ts";
import type { Context } from "../context.ts";
import {
  type FriendEntity,
  friendEntity,
  type FriendRequestEntity,
  friendRequestEntity,
  type UserEntity,
  userEntity,
} from "../entities.ts";

/** As readers of each script expect it; of Chinese characters by pinyin. */
const byName = new Intl.Collator("zh-Hans-u-co-pinyin", { numeric: true, sensitivity: "accent" });

/** A friend's row with their profile's, about. */
const ROW_BYTES = 600;

type Query = { first: number; after: string[] | undefined };

/** Friends by the name that the viewer sees: all are read, and sorted, since names are everyone's own to change. */
export async function friendsByName(
  { services: { views }, caller: { userId }, request }: Context,
  cap: number,
  { first, after }: Query,
): Promise<Connection<FriendEntity> & { totalCount: number }> {
  const friends = await views.friends.friendsOf(userId, cap);
  request.readRows(friends.length * ROW_BYTES);
  const profiles = await views.directory.users(friends.map(({ user }) => user));
  const listed = friends.map(({ user, friend }, index): Listed<FriendEntity> => ({
    key: [friend.alias ?? profiles[index]?.name ?? user, user],
    make: () => friendEntity(user, friend),
  }));
  const compare = ([one = "", oneId = ""]: readonly string[], [other = "", otherId = ""]: readonly string[]): number =>
    byName.compare(one, other) || (oneId < otherId ? -1 : oneId > otherId ? 1 : 0);
  const sorted = listed.sort((one, other) => compare(one.key, other.key));
  return { ...connection(slice(sorted, first, after, (key, other) => compare(key, other) > 0)), totalCount: listed.length };
}

export async function friendsBySince(
  { services: { views }, caller: { userId } }: Context,
  cap: number,
  { first, after }: Query,
): Promise<Connection<FriendEntity> & { totalCount: number }> {
  const found = await views.friends.friendsBySince(userId, { after: after?.[0], limit: first + 1 });
  const page = found.slice(0, first);
  const rows = await views.friends.friendRows(
    userId,
    page.map(({ user }) => user),
  );
  const edges = page.flatMap(({ key, user }, index) => {
    const row = rows[index];
    return row ? [{ cursor: edgeCursor(key), node: friendEntity(user, row) }] : [];
  });
  const hasPrevious = await hasNewer(after, () => views.friends.friendsBySince(userId, NEWEST));
  return { ...edged(edges, found.length > first, hasPrevious), totalCount: await views.friends.count(userId, cap) };
}

export async function requestsOf(
  { services: { views }, caller: { userId } }: Context,
  direction: RequestDirection,
  status: RequestStatus,
  { first, after }: Query,
): Promise<Connection<FriendRequestEntity>> {
  const { requests, next } = await views.friends.requestsOf(userId, direction, status, { after: after?.[0], limit: first });
  const edges = requests.map(({ key, request }) => ({
    cursor: edgeCursor(key),
    node: friendRequestEntity([request.from, request.to], request.number, { row: request }),
  }));
  const newest = async () => (await views.friends.requestsOf(userId, direction, status, NEWEST)).requests;
  return edged(edges, next !== undefined, await hasNewer(after, newest));
}

export async function blockedBy(
  { services: { views }, caller: { userId } }: Context,
  { first, after }: Query,
): Promise<Connection<UserEntity>> {
  const found = await views.friends.blockedBy(userId, { after: after?.[0], limit: first + 1 });
  const edges = found.slice(0, first).map(({ key, user }) => ({ cursor: edgeCursor(key), node: userEntity(user) }));
  return edged(edges, found.length > first, await hasNewer(after, () => views.friends.blockedBy(userId, NEWEST)));
}

const NEWEST = { after: undefined, limit: 1 };

/** Whether a list that has the newest first has anything before what comes after a key. What the key named may be gone. */
async function hasNewer(
  after: readonly string[] | undefined,
  newest: () => Promise<readonly { key: string }[]>,
): Promise<boolean> {
  const [key] = after ?? [];
  if (key === undefined) return false;
  const [first] = await newest();
  return first !== undefined && first.key >= key;
}
