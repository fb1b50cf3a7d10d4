import { unreachable } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";
import type { Profile } from "./groupProfile.ts";
import { Refusal } from "./refusal.ts";
import { emptyTrie, type Trie, trieDelete, trieEntries, trieGet, trieSet } from "./trie.ts";

export type Role = "OWNER" | "ADMIN" | "MEMBER";
export type RequestStatus = "PENDING" | "ACCEPTED" | "DECLINED" | "WITHDRAWN";

/** A request to join. With `invitedBy`, that member asks the user in, and the user decides. `number` counts those of the user. */
export type Request = { number: number; status: RequestStatus; invitedBy: string | null };

/** A link with which others join. `usesLeft` and `expiresAt` (ISO 8601): null is without end. */
export type Invite = { expiresAt: string | null; usesLeft: number | null; revoked: boolean };

/**
 * Undefined before the group was created. The versions of the maps share their parts: a fold of 100,000 events does not copy a
 * map of thousands for each of them, and a state that was returned never changes.
 */
export type State =
  | {
      groupId: string;
      profile: Profile;
      members: Trie<Role>;
      /** Until when a user may not write (ISO 8601). It stays when they leave and come back. */
      silenced: Trie<string>;
      /** The newest request of each user. */
      requests: Trie<Request>;
      /** How many of them wait for an answer. */
      waiting: number;
      /** By their ids. */
      invites: Trie<Invite>;
      /** Who dissolved it. Then it has no members, and never will. */
      dissolvedBy?: string;
    }
  | undefined;
export type Group = NonNullable<State>;

export type Event = AnyEvent<
  | "GroupCreated"
  | "GroupProfileChanged"
  | "MemberJoined"
  | "MemberAdded"
  | "MembersImported"
  | "MemberLeft"
  | "MemberRemoved"
  | "RoleChanged"
  | "OwnershipTransferred"
  | "JoinRequested"
  | "MemberInvited"
  | "JoinRequestAccepted"
  | "JoinRequestDeclined"
  | "JoinRequestWithdrawn"
  | "InviteCreated"
  | "InviteUsed"
  | "InviteRevoked"
  | "FollowerAdmitted"
  | "MemberSilenced"
  | "GroupDissolved"
>;

export const roleOf = (state: State, userId: string): Role | undefined => state && trieGet(state.members, userId);
export const memberCount = (state: State): number => state?.members.size ?? 0;
/** Every member with their role, in no order. */
export const membersOf = (state: State): Iterable<[userId: string, role: Role]> => (state ? trieEntries(state.members) : []);
/** The newest request of a user. */
export const requestOf = (state: State, userId: string): Request | undefined => state && trieGet(state.requests, userId);

export function evolve(state: State, event: Event): State {
  if (event.type === "GroupCreated") {
    const { groupId, ownerId, imported: _, notAdded: __, ...profile } = event.data;
    const members = trieSet<Role>(emptyTrie, ownerId, "OWNER");
    return { groupId, profile, members, silenced: emptyTrie, requests: emptyTrie, waiting: 0, invites: emptyTrie };
  }
  return state && evolved(state, event);
}

function evolved(state: Group, event: Exclude<Event, { type: "GroupCreated" }>): Group {
  const { members, silenced, requests, invites } = state;
  switch (event.type) {
    case "GroupProfileChanged": {
      const { groupId: _, ...change } = event.data;
      return { ...state, profile: { ...state.profile, ...change } };
    }
    case "MemberJoined":
    case "MemberAdded":
      return { ...state, members: withMember(members, event.data.userId) };
    case "MembersImported":
      return { ...state, members: event.data.userIds.reduce(withMember, members) };
    case "MemberLeft":
    case "MemberRemoved":
      return { ...state, members: trieDelete(members, event.data.userId) };
    case "RoleChanged":
      return { ...state, members: withRole(members, event.data.userId, event.data.role) };
    case "OwnershipTransferred": {
      const { from, to } = event.data;
      // Nobody could end the silence of an owner.
      return {
        ...state,
        members: withRole(withRole(members, from, "ADMIN"), to, "OWNER"),
        silenced: trieDelete(silenced, to),
      };
    }
    case "JoinRequested": {
      const { userId, number } = event.data;
      return withRequests(state, userId, trieSet(requests, userId, { number, status: "PENDING", invitedBy: null }));
    }
    case "MemberInvited": {
      const { userId, number, invitedBy } = event.data;
      return withRequests(state, userId, trieSet(requests, userId, { number, status: "PENDING", invitedBy }));
    }
    case "JoinRequestAccepted":
      return withRequests(state, event.data.userId, decided(requests, event.data, "ACCEPTED"));
    case "JoinRequestDeclined":
      return withRequests(state, event.data.userId, decided(requests, event.data, "DECLINED"));
    case "JoinRequestWithdrawn":
      return withRequests(state, event.data.userId, decided(requests, event.data, "WITHDRAWN"));
    case "InviteCreated": {
      const { inviteId, expiresAt, uses } = event.data;
      return { ...state, invites: trieSet<Invite>(invites, inviteId, { expiresAt, usesLeft: uses, revoked: false }) };
    }
    case "InviteUsed":
      return { ...state, invites: changed(invites, event.data.inviteId, used) };
    case "InviteRevoked":
      return { ...state, invites: changed(invites, event.data.inviteId, (invite) => ({ ...invite, revoked: true })) };
    // Followers are not of the group: there may be very many.
    case "FollowerAdmitted":
      return state;
    case "MemberSilenced": {
      const { userId, until } = event.data;
      return { ...state, silenced: until === null ? trieDelete(silenced, userId) : trieSet(silenced, userId, until) };
    }
    case "GroupDissolved":
      return { ...state, members: emptyTrie, dissolvedBy: event.data.userId };
    default:
      unreachable(event);
      return state;
  }
}

const withMember = (members: Trie<Role>, userId: string): Trie<Role> =>
  trieGet(members, userId) === undefined ? trieSet<Role>(members, userId, "MEMBER") : members;

const withRole = (members: Trie<Role>, userId: string, role: Role): Trie<Role> =>
  trieGet(members, userId) === undefined ? members : trieSet(members, userId, role);

/** The state with these requests, among which that of one user is another one. */
function withRequests(state: Group, userId: string, requests: Trie<Request>): Group {
  const more = Number(waitsIn(requests, userId)) - Number(waitsIn(state.requests, userId));
  return { ...state, requests, waiting: state.waiting + more };
}

const waitsIn = (requests: Trie<Request>, userId: string): boolean => trieGet(requests, userId)?.status === "PENDING";

const decided = (
  requests: Trie<Request>,
  { userId, number }: { userId: string; number: number },
  status: RequestStatus,
): Trie<Request> => changed(requests, userId, (request) => (request.number === number ? { ...request, status } : request));

const used = (invite: Invite): Invite =>
  invite.usesLeft === null ? invite : { ...invite, usesLeft: Math.max(0, invite.usesLeft - 1) };

function changed<Value extends object>(trie: Trie<Value>, key: string, change: (value: Value) => Value): Trie<Value> {
  const value = trieGet(trie, key);
  return value === undefined ? trie : trieSet(trie, key, change(value));
}

/** The role of the caller. Callers who may not know of the group do not get so far. */
export function roleOfMember(state: Group, by: string): Role {
  const role = trieGet(state.members, by);
  if (role !== undefined) return role;
  throw new Refusal("FORBIDDEN", "only members of the group may do that", { field: "conversationId" });
}

/** The same for what only the owner and administrators do. `what`: they can … */
export function requireStaff(state: Group, by: string, what: string): Role {
  const role = roleOfMember(state, by);
  if (role !== "MEMBER") return role;
  throw new Refusal("FORBIDDEN", `only an owner or administrator can ${what}`, { field: "conversationId" });
}

/** The role of the user whom a command is about. */
export function memberNamed(state: Group, userId: string): Role {
  const role = trieGet(state.members, userId);
  if (role === undefined) throw new Refusal("NOT_FOUND", "no member of this group", { field: "userId" });
  return role;
}

export const strangersOf = ({ members }: Group, userIds: readonly string[]): string[] =>
  [...new Set(userIds)].filter((userId) => trieGet(members, userId) === undefined);

/** Refuses to take in anyone where nobody is left to take them in. */
export function requireAlive({ dissolvedBy, members }: Group): void {
  if (dissolvedBy !== undefined)
    throw new Refusal("CONFLICT", "this group was dissolved: create a new one", { field: "conversationId" });
  if (members.size === 0)
    throw new Refusal("CONFLICT", "everyone has left this group: create a new one", { field: "conversationId" });
}

/** Refuses to take in so many more than a group may have. */
export function requireRoom({ members }: Group, more: number, memberCap: number): void {
  if (more > 0 && members.size + more > memberCap) throw full(memberCap);
}

/** `field`: the input that names the group, or those who are too many for a new one. */
export const full = (memberCap: number, field = "conversationId") =>
  new Refusal("LIMIT_EXCEEDED", `a group has at most ${memberCap} members`, { field });
