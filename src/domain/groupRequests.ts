import { checked } from "./checked.ts";
import { type Event, type Group, type Request, requireAlive, requireRoom, type RequestStatus } from "./groupState.ts";
import { requireGood } from "./groupInvites.ts";
import { isChannel } from "./ids.ts";
import { Refusal } from "./refusal.ts";
import { trieGet } from "./trie.ts";

export type RequestCommand =
  | { type: "Join"; userId: string; note: string | null; memberCap: number }
  /** With an invitation. `at`: ISO 8601. */
  | { type: "UseInvite"; userId: string; inviteId: string; memberCap: number; at: string }
  /** `userId` and `number` name the request. */
  | { type: "Answer"; by: string; userId: string; number: number; accept: boolean; memberCap: number };

/**
 * How many requests of a group may wait at a time, invitations of members among them. When the group is dissolved, everyone who
 * waits is told.
 */
export const WAITING_MAX = 5_000;

/** Refuses so many more requests than may wait. `field`: the input that names the group, or those who are asked in. */
export function requireWaitingRoom({ waiting }: Group, more: number, field: string): void {
  if (more === 0 || waiting + more <= WAITING_MAX) return;
  throw new Refusal("LIMIT_EXCEEDED", `at most ${WAITING_MAX} requests to join a group wait at a time: try again later`, {
    field,
  });
}

type Ask<Type extends RequestCommand["type"]> = Extract<RequestCommand, { type: Type }>;

/** The request of a user that waits for an answer. */
export function pendingOf({ requests }: Pick<Group, "requests">, userId: string): Request | undefined {
  const request = trieGet(requests, userId);
  return request?.status === "PENDING" ? request : undefined;
}

/** A member asks a user in. `before`: the user's newest request. */
export const invited = (groupId: string, userId: string, before: Request | undefined, invitedBy: string): Event => ({
  type: "MemberInvited",
  data: { groupId, userId, number: (before?.number ?? 0) + 1, invitedBy },
});

/** What waits for an answer is accepted when the user becomes a member. */
export function accepted(state: Group, userId: string): Event[] {
  const pending = pendingOf(state, userId);
  if (!pending) return [];
  return [{ type: "JoinRequestAccepted", data: { groupId: state.groupId, userId, number: pending.number } }];
}

/** With an invitation the user is in at once, whatever the policy. */
export function useInvite(state: Group, { userId, inviteId, memberCap, at }: Ask<"UseInvite">): Event[] {
  const { groupId, members } = state;
  if (trieGet(members, userId) !== undefined) return [];
  requireGood(state, inviteId, at);
  const used: Event = { type: "InviteUsed", data: { groupId, inviteId, userId } };
  if (!isChannel(groupId)) requireRoom(state, 1, memberCap);
  return [used, ...entering(state, userId)];
}

/**
 * Whoever comes by themselves is a member of a group; in a channel, whose members are its staff, they are a follower. Whether
 * they are to be of the staff is another question, which may still wait.
 */
function entering(state: Group, userId: string): Event[] {
  if (!isChannel(state.groupId)) return [...accepted(state, userId), joined(state, userId)];
  const isAskedIn = (pendingOf(state, userId)?.invitedBy ?? null) !== null;
  return [...(isAskedIn ? [] : accepted(state, userId)), admitted(state, userId)];
}

const joined = ({ groupId }: Group, userId: string): Event => ({ type: "MemberJoined", data: { groupId, userId } });

const admitted = ({ groupId }: Group, userId: string): Event => ({ type: "FollowerAdmitted", data: { groupId, userId } });

/** Whoever was asked in is a member at once, and so is everyone where the group is open. */
export function join(state: Group, { userId, note, memberCap }: Ask<"Join">): Event[] {
  const { groupId, members, profile } = state;
  if (trieGet(members, userId) !== undefined) return [];
  requireAlive(state);
  const pending = pendingOf(state, userId);
  const isAskedIn = pending !== undefined && pending.invitedBy !== null;
  if (isAskedIn) {
    requireRoom(state, 1, memberCap);
    return [...accepted(state, userId), joined(state, userId)];
  }
  if (profile.joinPolicy === "OPEN") {
    if (!isChannel(groupId)) requireRoom(state, 1, memberCap);
    return entering(state, userId);
  }
  if (profile.joinPolicy === "INVITE")
    throw new Refusal("FORBIDDEN", "this group takes in only those who are invited: ask a member for an invitation", {
      field: "conversationId",
    });
  if (pending) return [];
  requireWaitingRoom(state, 1, "conversationId");
  const number = (trieGet(state.requests, userId)?.number ?? 0) + 1;
  return [checked("JoinRequested", { groupId, userId, number, note: noteOf(note) })];
}

/**
 * Owner and administrators answer those who ask to join, and whoever was asked in answers for themselves. Who asked takes it
 * back: that is the answer no of the one who made the request, of the member who invited, or of those who could have invited.
 */
export function answer(state: Group, command: Ask<"Answer">): Event[] {
  const { by, userId, number, accept, memberCap } = command;
  const { groupId } = state;
  const newest = trieGet(state.requests, userId);
  const role = trieGet(state.members, by);
  const isStaff = role === "OWNER" || role === "ADMIN";
  const mayKnow = by === userId || isStaff || (newest?.number === number && newest.invitedBy === by);
  if (newest === undefined || number > newest.number || !mayKnow)
    throw new Refusal("NOT_FOUND", "no such request", { field: "id" });
  if (number < newest.number) throw new Refusal("CONFLICT", "this request is over, and there is a newer one", { field: "id" });
  const isInvitation = newest.invitedBy !== null;
  const decides = isInvitation ? by === userId : isStaff && by !== userId;
  if (accept && !decides)
    throw new Refusal(
      "FORBIDDEN",
      isInvitation ? "only the one who was invited can accept" : "an owner or administrator of the group accepts requests",
      { field: "id" },
    );
  const wanted: RequestStatus = accept ? "ACCEPTED" : decides ? "DECLINED" : "WITHDRAWN";
  if (statusNow(state, newest) === wanted) return [];
  if (state.dissolvedBy !== undefined) throw new Refusal("CONFLICT", "this group was dissolved", { field: "id" });
  if (newest.status !== "PENDING")
    throw new Refusal("CONFLICT", `this request is over: ${newest.status.toLowerCase()}`, { field: "id" });
  if (!accept) return [{ type: decides ? "JoinRequestDeclined" : "JoinRequestWithdrawn", data: { groupId, userId, number } }];
  requireAlive(state);
  const decision: Event = { type: "JoinRequestAccepted", data: { groupId, userId, number } };
  if (isChannel(groupId) && !isInvitation) return [decision, admitted(state, userId)];
  requireRoom(state, 1, memberCap);
  return [decision, { type: isInvitation ? "MemberJoined" : "MemberAdded", data: { groupId, userId } }];
}

/** Who dissolves a group takes its invitations back, and lets in nobody who asks. */
function statusNow({ dissolvedBy }: Group, { status, invitedBy }: Request): RequestStatus {
  if (status !== "PENDING" || dissolvedBy === undefined) return status;
  return invitedBy === null ? "DECLINED" : "WITHDRAWN";
}

/** A note as it is kept: a blank one is none. */
export const noteOf = (note: string | null): string | null => (note === null || note.trim() === "" ? null : note.trim());
