import type { Role } from "../src/domain/groupState.ts";
import { isMember } from "../src/domain/visibility.ts";
import { del, put, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import type { GroupRelationsRow, MemberRow, MembershipRow } from "./relationRows.ts";
import { isStaff, standingAfter } from "./standing.ts";
import { entered, left } from "./stays.ts";

/*
 * Who is in a channel, as rows of `relations`: its staff and its followers. What happens to one of them reads and writes their
 * own rows and the channel's, however many others there are.
 */

/** What happens to somebody in a channel: they have this role in its staff from now on, or none; they follow it, or do not. */
type MemberChange = { role: Role | null } | { follows: boolean };

/** The followers have a list of their own, beside those of the roles. */
export const FOLLOWERS = "FOLLOWER";
export type MemberList = Role | typeof FOLLOWERS;
export const ROLES: readonly Role[] = ["OWNER", "ADMIN", "MEMBER"];

/** The list that a member is in. */
export const listOf = ({ role, standing }: Pick<MemberRow, "role" | "standing">): MemberList =>
  standing === "FOLLOWER" ? FOLLOWERS : role;

/** Lists are by the time of joining. */
export const byJoin = ({ stay }: MemberRow, user: string): string => `${stay.from}~${user}`;
export const listName = (id: string, list: MemberList): string => `${id}~${list}`;

/** The rows of somebody to whom something happens in a channel. */
export async function channelMember(
  rows: Rows<"members" | "heads">,
  { position, at }: { position: string; at: string },
  { id, row }: { id: string; row: GroupRelationsRow },
  user: string,
  change: MemberChange,
): Promise<TableWrite[]> {
  // Nobody is in it any more, whatever their rows say.
  if (row.dissolved) return [];
  const known = await rows.get<MemberRow>("members", id, user);
  const before = isMember(known?.stay) ? known : undefined;
  const standing = standingAfter(before?.standing, "role" in change ? { staff: change.role !== null } : change);
  if (before && standing === undefined) return goes(rows, position, { id, row }, user, before);
  if (standing === undefined || standing === before?.standing) return [];

  const head = (await rows.get<number>("heads", id, "")) ?? 0;
  const { stay, writes } = entered(id, user, known?.stay, position, head);
  const { joinedAt, joinedSeq } = before ?? { joinedAt: at, joinedSeq: head };
  // Only the staff have other roles than MEMBER.
  const kept = isStaff(standing) ? before?.role : undefined;
  const role = ("role" in change ? change.role : undefined) ?? kept ?? "MEMBER";
  const member: MemberRow = { role, joinedAt, joinedSeq, stay, standing, ...silenceOf(known) };
  writes.push(put("members", id, user, member));
  if (before) writes.push(del("membersByJoin", listName(id, listOf(before)), byJoin(before, user)));
  writes.push(put("membersByJoin", listName(id, listOf(member)), byJoin(member, user), user));
  if (!before) {
    writes.push(
      put("groups", id, "", { ...row, memberCount: row.memberCount + 1 } satisfies GroupRelationsRow),
      put("conversations", user, id, { joinPosition: position, joinedAt, joinedSeq } satisfies MembershipRow),
      put("sights", user, id, stay),
    );
  }
  if (role === "OWNER") writes.push(put("decides", user, id, null));
  return [...writes, ...asStaff(id, user, isStaff(before?.standing), isStaff(standing))];
}

/** It stays when they go and come back. */
const silenceOf = ({ silencedUntil }: Partial<MemberRow> = {}) => silencedUntil !== undefined && { silencedUntil };

async function goes(
  rows: Rows<"heads">,
  position: string,
  { id, row }: { id: string; row: GroupRelationsRow },
  user: string,
  before: MemberRow,
): Promise<TableWrite[]> {
  const head = (await rows.get<number>("heads", id, "")) ?? 0;
  const memberCount = row.memberCount - 1;
  const { joinedAt, joinedSeq } = before;
  const stay = left(before.stay, position, head);
  return [
    put("groups", id, "", { ...row, memberCount } satisfies GroupRelationsRow),
    put("members", id, user, {
      role: "MEMBER",
      joinedAt,
      joinedSeq,
      stay,
      leftCount: memberCount,
      ...silenceOf(before),
    } satisfies MemberRow),
    del("membersByJoin", listName(id, listOf(before)), byJoin(before, user)),
    del("conversations", user, id),
    put("sights", user, id, stay),
    ...asStaff(id, user, isStaff(before.standing), false),
  ];
}

/** The channels of whose staff somebody is. */
function asStaff(id: string, user: string, was: boolean, is: boolean): TableWrite[] {
  if (was === is) return [];
  return is ? [put("staffOf", user, id, null)] : [del("staffOf", user, id), del("decides", user, id)];
}
