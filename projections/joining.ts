import { isGood as isGoodInvite } from "../src/domain/groupInvites.ts";
import type { RequestStatus } from "../src/domain/groupState.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import { del, type Projection, put, type Reader, type Rows, seqKey, type TableWrite } from "../src/projecting/projection.ts";
import { beforeLast, textIn } from "./conversationRows.ts";

/**
 * A request to join a group; with `invitedBy`, that member asks the user in. `position`: of its newest event. Times are ISO 8601.
 */
export type JoinRequestRow = {
  group: string;
  user: string;
  number: number;
  invitedBy: string | null;
  note: string | null;
  status: RequestStatus;
  requestedAt: string;
  decidedAt: string | null;
  decidedBy: string | null;
  /** Where it was made. */
  madeAt: string;
  position: string;
};

/** An invitation with which others join a group. `usesLeft`, `expiresAt`: null is without end. */
export type InviteRow = {
  group: string;
  createdBy: string;
  /** Where it was made. */
  madeAt: string;
  expiresAt: string | null;
  usesLeft: number | null;
  revoked: boolean;
};

export type JoinDirection = "INCOMING" | "OUTGOING";

/** How many requests of each status a group has. `newest`: none of them was made later, by status. */
type Counts = { readonly [Status in RequestStatus]?: number } & {
  readonly newest?: { readonly [Status in RequestStatus]?: string };
};

/** `user`: whom the request is about. */
type ListedRequest = { group: string; user: string; number: number };

const READS = ["requests", "counts", "pending", "invites", "groupInvites"] as const;
type OwnRows = Rows<(typeof READS)[number]>;

const nameOf = (group: string, user: string) => `${group}~${user}`;
/** Requests of a status that a user made or answers, or that those answer who decide for a group, by where they were made. */
const listOf = (whose: string, direction: JoinDirection, status: RequestStatus) => `${whose}~${direction}~${status}`;

/**
 * Requests to join groups, and invitations. `requests` by group and user, and number; `requestLists` of each user, and of each
 * group for those who decide for it; `counts` and `pending` by group. `invites` by their ids; `groupInvites`: those of a group
 * that are neither revoked nor used up.
 */
export const joining: Projection<(typeof READS)[number]> = {
  name: "joining",
  version: 2,
  reads: READS,
  conversationOf: ({ table, partition, value }) => {
    if (table === "requestLists" || table === "invites") return textIn(value, "group");
    return table === "requests" ? beforeLast(partition, "~") : partition;
  },
  handlers: {
    JoinRequested: (event, rows) => made(event, rows, event.data.note, null),
    MemberInvited: (event, rows) => made(event, rows, null, event.data.invitedBy),
    JoinRequestAccepted: (event, rows) => decided(event, rows, "ACCEPTED"),
    JoinRequestDeclined: (event, rows) => decided(event, rows, "DECLINED"),
    JoinRequestWithdrawn: (event, rows) => decided(event, rows, "WITHDRAWN"),
    InviteCreated: async ({ data, position, at }, rows) => {
      const { groupId: group, inviteId, createdBy, expiresAt, uses } = data;
      const invite: InviteRow = { group, createdBy, madeAt: position, expiresAt, usesLeft: uses, revoked: false };
      return [
        ...(await expired(rows, group, at)),
        put("invites", inviteId, "", invite),
        put("groupInvites", group, position, inviteId),
      ];
    },
    InviteUsed: (event, rows) =>
      changedInvite(event, rows, (invite) => ({ ...invite, usesLeft: invite.usesLeft && invite.usesLeft - 1 })),
    InviteRevoked: (event, rows) => changedInvite(event, rows, (invite) => ({ ...invite, revoked: true })),
    GroupDissolved: async (event, rows) => {
      const { groupId: group, userId } = event.data;
      const requests: JoinRequestRow[] = [];
      // Their order is seen in the row of their counts.
      for (const [user, number] of [...(await rows.all<number>("pending", group))].sort(byUser))
        requests.push(await requestOf(rows, group, user, number));
      const writes = requests.flatMap((request) => {
        const status = request.invitedBy === null ? "DECLINED" : "WITHDRAWN";
        return moved(request, { ...request, status, decidedAt: event.at, decidedBy: userId, position: event.position });
      });
      let counts = await countsOf(rows, group);
      for (const { invitedBy, madeAt } of requests)
        counts = counted(counts, "PENDING", invitedBy === null ? "DECLINED" : "WITHDRAWN", madeAt);
      if (requests.length > 0) writes.push(put("counts", group, "", counts));
      for (const [madeAt, inviteId] of await rows.all<string>("groupInvites", group)) {
        const invite = await inviteOf(rows, inviteId);
        writes.push(
          put("invites", inviteId, "", { ...invite, revoked: true } satisfies InviteRow),
          del("groupInvites", group, madeAt),
        );
      }
      return writes;
    },
  },
};

type Made = Recorded<"JoinRequested" | "MemberInvited">;
type Decided = Recorded<"JoinRequestAccepted" | "JoinRequestDeclined" | "JoinRequestWithdrawn">;

async function made(
  { data, at, position }: Made,
  rows: OwnRows,
  note: string | null,
  invitedBy: string | null,
): Promise<TableWrite[]> {
  const { groupId: group, userId: user, number } = data;
  const request: JoinRequestRow = {
    group,
    user,
    number,
    invitedBy,
    note,
    status: "PENDING",
    requestedAt: at,
    decidedAt: null,
    decidedBy: null,
    madeAt: position,
    position,
  };
  return [
    put("requests", nameOf(group, user), seqKey(number), request),
    put("pending", group, user, number),
    put("counts", group, "", counted(await countsOf(rows, group), undefined, "PENDING", position)),
    ...lists(request).map((list) => put("requestLists", list, position, { group, user, number } satisfies ListedRequest)),
  ];
}

async function decided(event: Decided, rows: OwnRows, status: RequestStatus): Promise<TableWrite[]> {
  const { groupId: group, userId: user, number } = event.data;
  const request = await requestOf(rows, group, user, number);
  const now: JoinRequestRow = {
    ...request,
    status,
    decidedAt: event.at,
    decidedBy: event.actorId,
    position: event.position,
  };
  return [
    ...moved(request, now),
    put("counts", group, "", counted(await countsOf(rows, group), request.status, status, request.madeAt)),
  ];
}

function moved(before: JoinRequestRow, now: JoinRequestRow): TableWrite[] {
  const { group, user, number, madeAt } = now;
  return [
    put("requests", nameOf(group, user), seqKey(number), now),
    del("pending", group, user),
    ...lists(before).map((list) => del("requestLists", list, madeAt)),
    ...lists(now).map((list) => put("requestLists", list, madeAt, { group, user, number } satisfies ListedRequest)),
  ];
}

/** Where a request is listed: for whoever made it, and for whoever decides. */
function lists({ group, user, invitedBy, status }: JoinRequestRow): string[] {
  return invitedBy === null
    ? [listOf(user, "OUTGOING", status), listOf(group, "INCOMING", status)]
    : [listOf(invitedBy, "OUTGOING", status), listOf(user, "INCOMING", status)];
}

async function requestOf(rows: OwnRows, group: string, user: string, number: number): Promise<JoinRequestRow> {
  const request = await rows.get<JoinRequestRow>("requests", nameOf(group, user), seqKey(number));
  if (!request) throw new Error(`there is no request ${number} of ${user} to join ${group}`);
  return request;
}

const countsOf = async (rows: OwnRows, group: string): Promise<Counts> => (await rows.get<Counts>("counts", group, "")) ?? {};

function counted(counts: Counts, from: RequestStatus | undefined, to: RequestStatus, madeAt: string): Counts {
  const left = from === undefined ? counts : { ...counts, [from]: (counts[from] ?? 0) - 1 };
  const newest = counts.newest?.[to] ?? "";
  return { ...left, [to]: (left[to] ?? 0) + 1, newest: { ...counts.newest, [to]: madeAt > newest ? madeAt : newest } };
}

const byUser = ([one]: readonly [string, number], [other]: readonly [string, number]): number => (one < other ? -1 : 1);

async function inviteOf(rows: OwnRows, inviteId: string): Promise<InviteRow> {
  const invite = await rows.get<InviteRow>("invites", inviteId, "");
  if (!invite) throw new Error(`the invitation ${inviteId} was never made`);
  return invite;
}

async function changedInvite(
  { data: { groupId, inviteId } }: { data: { groupId: string; inviteId: string } },
  rows: OwnRows,
  change: (invite: InviteRow) => InviteRow,
): Promise<TableWrite[]> {
  const invite = change(await inviteOf(rows, inviteId));
  const writes = [put("invites", inviteId, "", invite)];
  if (invite.revoked || invite.usesLeft === 0) writes.push(del("groupInvites", groupId, invite.madeAt));
  return writes;
}

/** Those that were over at a time are listed no longer: a list holds no more than a group may have at a time. */
async function expired(rows: OwnRows, group: string, at: string): Promise<TableWrite[]> {
  const writes: TableWrite[] = [];
  for (const [madeAt, inviteId] of await rows.all<string>("groupInvites", group)) {
    const { expiresAt } = await inviteOf(rows, inviteId);
    if (expiresAt !== null && expiresAt <= at) writes.push(del("groupInvites", group, madeAt));
  }
  return writes;
}

/** A page of a list, the newest first: what was made before the key of the last one of the page before. */
type PageQuery = { after: string | undefined; limit: number };

/** Lists that are read at the same time. */
const AT_ONCE = 16;

/** The only functions that read the rows of `joining`. */
export const joiningReads = (reader: Reader) => {
  const requests = (keys: readonly ListedRequest[]) =>
    reader.getMany<JoinRequestRow>(
      "requests",
      keys.map(({ group, user, number }) => [nameOf(group, user), seqKey(number)] as const),
    );
  const listed = async (list: string, { after, limit }: PageQuery) =>
    reader.range<ListedRequest>("requestLists", list, {
      ...(after === undefined ? {} : { before: after }),
      limit,
      reverse: true,
    });
  /**
   * The newest of several lists. `upTo`: none of a list was made later. A list is read when it may have one of the page, and not
   * before: somebody may decide for thousands of groups.
   */
  const newestOf = async (lists: readonly { list: string; upTo: string }[], page: PageQuery) => {
    const waiting = [...lists].sort((one, other) => (one.upTo > other.upTo ? -1 : 1));
    let found: Awaited<ReturnType<typeof listed>> = [];
    for (let from = 0; from < waiting.length; from += AT_ONCE) {
      const last = found.length < page.limit ? undefined : found[found.length - 1]?.sort;
      const some = waiting.slice(from, from + AT_ONCE).filter(({ upTo }) => last === undefined || upTo > last);
      if (some.length === 0) break;
      const read = await Promise.all(some.map(({ list }) => listed(list, page)));
      found = [...found, ...read.flat()].sort((one, other) => (one.sort > other.sort ? -1 : 1)).slice(0, page.limit);
    }
    return found;
  };
  return {
    requests,
    request: async (group: string, user: string, number: number) => (await requests([{ group, user, number }]))[0],
    /**
     * Requests of a status that a user made or got, the newest first, with the key of each. `decidesFor`: the groups whose
     * requests the user answers.
     */
    requestsOf: async (
      user: string,
      direction: JoinDirection,
      status: RequestStatus,
      decidesFor: readonly string[],
      { after, limit }: PageQuery,
    ) => {
      const page = { after, limit: limit + 1 };
      const counts = await reader.getMany<Counts>(
        "counts",
        decidesFor.map((group) => [group, ""] as const),
      );
      const groups = decidesFor.flatMap((group, index) => {
        const { [status]: count = 0, newest } = counts[index] ?? {};
        return count > 0 ? [{ list: listOf(group, direction, status), upTo: newest?.[status] ?? "" }] : [];
      });
      const places = await newestOf([{ list: listOf(user, direction, status), upTo: "~" }, ...groups], page);
      const some = places.slice(0, limit);
      const rows = await requests(some.map(({ value }) => value));
      // One that was decided between the two reads belongs to another list.
      const still = some.flatMap(({ sort }, index) => {
        const request = rows[index];
        return request?.status === status ? [{ key: sort, request }] : [];
      });
      return { requests: still, next: places.length > limit ? some[some.length - 1]?.sort : undefined };
    },
    /** The number of the request of a user that waits, whoever made it. */
    pending: (group: string, user: string) => reader.get<number>("pending", group, user),
    invite: (inviteId: string) => reader.get<InviteRow>("invites", inviteId, ""),
    /** The invitations of a group that somebody can use at a time (ISO 8601), the newest first. */
    invitesOf: async (group: string, at: string, limit: number) => {
      const ids = (await reader.range<string>("groupInvites", group, { limit, reverse: true })).map(({ value }) => value);
      const rows = await reader.getMany<InviteRow>(
        "invites",
        ids.map((id) => [id, ""] as const),
      );
      return ids.flatMap((id, index) => {
        const invite = rows[index];
        return invite && isGoodInvite(invite, at) ? [{ id, invite }] : [];
      });
    },
  };
};

export type JoiningReads = ReturnType<typeof joiningReads>;
