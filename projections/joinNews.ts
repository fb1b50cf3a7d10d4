import type { Recorded } from "../src/domain/recorded.ts";
import { del, put, putEach, type Rows, type TableWrite } from "../src/projecting/projection.ts";

/*
 * Who is told of requests to join a group: the user whom it is about, and those who may answer or made it. These rows are of
 * `inboxes`.
 */

/** What an inbox tells of a request. Whose it is and its number name it. */
export type JoinRequestEntry = { at: string; kind: "joinRequest"; group: string; user: string; number: number };

/** `admins`: the owner and administrators of each group. `pending`: requests that wait, by group and user. */
export const JOIN_READS = ["admins", "pending"] as const;
type OwnRows = Rows<(typeof JOIN_READS)[number]>;

type PendingRow = { number: number; invitedBy: string | null };
type Decided = Recorded<"JoinRequestAccepted" | "JoinRequestDeclined" | "JoinRequestWithdrawn">;

export const decides = (group: string, user: string): TableWrite => put("admins", group, user, null);
export const decidesNoMore = (group: string, user: string): TableWrite => del("admins", group, user);

export async function tellOfAsking(event: Recorded<"JoinRequested">, rows: OwnRows): Promise<TableWrite[]> {
  const { groupId, userId, number } = event.data;
  return [put("pending", groupId, userId, { number, invitedBy: null } satisfies PendingRow), ...(await told(event, rows, null))];
}

export async function tellOfInviting(event: Recorded<"MemberInvited">, rows: OwnRows): Promise<TableWrite[]> {
  const { groupId, userId, number, invitedBy } = event.data;
  return [put("pending", groupId, userId, { number, invitedBy } satisfies PendingRow), ...(await told(event, rows, invitedBy))];
}

export async function tellOfDecision(event: Decided, rows: OwnRows): Promise<TableWrite[]> {
  const { groupId, userId } = event.data;
  const pending = await rows.get<PendingRow>("pending", groupId, userId);
  return [del("pending", groupId, userId), ...(await told(event, rows, pending?.invitedBy ?? null))];
}

/**
 * All that waited is over, as the group is. Whoever waited is told of their request. `isTold`: those who are told of the end
 * itself, as the followers of a channel are who were asked to be of its staff. An event makes one entry for a user.
 */
export async function tellOfEnd(
  { data, at, position }: Recorded<"GroupDissolved">,
  rows: OwnRows,
  isTold: (user: string) => Promise<boolean>,
): Promise<TableWrite[]> {
  const { groupId: group } = data;
  const writes: TableWrite[] = [];
  for (const user of (await rows.all("admins", group)).keys()) writes.push(decidesNoMore(group, user));
  for (const [user, { number }] of await rows.all<PendingRow>("pending", group)) {
    const entry: JoinRequestEntry = { kind: "joinRequest", group, user, number, at };
    writes.push(del("pending", group, user));
    if (!(await isTold(user))) writes.push(put("entries", user, position, entry));
  }
  return writes;
}

async function told(
  { data, at, position }: Decided | Recorded<"JoinRequested" | "MemberInvited">,
  rows: OwnRows,
  invitedBy: string | null,
): Promise<TableWrite[]> {
  const { groupId: group, userId: user, number } = data;
  const entry: JoinRequestEntry = { kind: "joinRequest", group, user, number, at };
  const others = invitedBy === null ? (await rows.all("admins", group)).keys() : [invitedBy];
  return [putEach("entries", [...new Set([user, ...others])], position, entry)];
}
