import { checked, distinctTags } from "./checked.ts";
import { type CircleConversation, equalEvents, requireAllowedInCircle } from "./circleGroup.ts";
import type { Decider } from "./decider.ts";
import { unreachable } from "./decider.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { changes, type Profile, profileOf, type ProfileChange } from "./groupProfile.ts";
import { isChannel, isCircleConversation } from "./ids.ts";
import { Refusal } from "./refusal.ts";
import { emptyTrie, type Trie, trieDelete, trieEntries, trieGet, trieSet } from "./trie.ts";

export type Role = "OWNER" | "ADMIN" | "MEMBER";

/**
 * Undefined before the group was created. The versions of the members share their parts: a fold of 100,000 events does not copy a
 * map of thousands for each of them, and a state that was returned never changes.
 */
export type State = { groupId: string; profile: Profile; members: Trie<Role> } | undefined;
type Group = NonNullable<State>;

/** `memberCap`: how many members a group may have. `by`: who asks. */
export type Command =
  | ({ type: "Create"; by: string; memberIds: readonly string[]; memberCap: number } & Omit<EventData<"GroupCreated">, "ownerId">)
  /** What is absent stays; null takes away. */
  | { type: "Update"; by: string; change: ProfileChange }
  | { type: "Join"; userId: string; memberCap: number }
  | { type: "Add"; by: string; userIds: readonly string[]; memberCap: number }
  | { type: "Remove"; by: string; userIds: readonly string[] }
  | { type: "Leave"; userId: string }
  | { type: "SetRole"; by: string; userId: string; role: Role }
  | { type: "TransferOwnership"; by: string; to: string }
  /** Makes the conversation of a circle equal to it, some events at a time. */
  | ({ type: "Equal" } & CircleConversation)
  /** Those who wrote in an archive. There is no cap, because everyone who was there must come over. */
  | { type: "Import"; userIds: readonly string[] };

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
>;

/** How many user ids one `MembersImported` holds at most. */
const IMPORT_CHUNK = 1_000;

export const roleOf = (state: State, userId: string): Role | undefined => state && trieGet(state.members, userId);
export const memberCount = (state: State): number => state?.members.size ?? 0;
/** Every member with their role, in no order. */
export const membersOf = (state: State): Iterable<[userId: string, role: Role]> => (state ? trieEntries(state.members) : []);

/**
 * Who belongs to a group, and as what. There is exactly one owner while anyone belongs to it; once all have left, it stays empty.
 */
export const decider: Decider<State, Command, Event> = {
  initial: undefined,

  evolve(state, event) {
    if (event.type === "GroupCreated") {
      const { groupId, ownerId, imported: _, ...profile } = event.data;
      return { groupId, profile, members: trieSet<Role>(emptyTrie, ownerId, "OWNER") };
    }
    if (event.type === "GroupProfileChanged") {
      const { groupId: _, ...change } = event.data;
      return state && { ...state, profile: { ...state.profile, ...change } };
    }
    return state && { ...state, members: evolveMembers(state.members, event) };
  },

  decide(state, command) {
    if (command.type === "Create") return create(state, command);
    if (command.type === "Equal") return equalEvents(state && { title: state.profile.title, members: state.members }, command);
    if (!state) throw unknownGroup();
    if (isCircleConversation(state.groupId)) requireAllowedInCircle(command);
    switch (command.type) {
      case "Update":
        return update(state, command);
      case "Join":
        return join(state, command.userId, command.memberCap);
      case "Add":
        return add(state, command);
      case "Remove":
        return remove(state, command);
      case "Leave":
        return leave(state, command.userId);
      case "SetRole":
        return setRole(state, command);
      case "TransferOwnership":
        return transferOwnership(state, command);
      case "Import":
        return importMembers(state, command.userIds);
    }
  },
};

function evolveMembers(members: Trie<Role>, event: Exclude<Event, { type: "GroupCreated" | "GroupProfileChanged" }>): Trie<Role> {
  switch (event.type) {
    case "MemberJoined":
    case "MemberAdded":
      return withMember(members, event.data.userId);
    case "MembersImported":
      return event.data.userIds.reduce(withMember, members);
    case "MemberLeft":
    case "MemberRemoved":
      return trieDelete(members, event.data.userId);
    case "RoleChanged":
      return withRole(members, event.data.userId, event.data.role);
    case "OwnershipTransferred":
      return withRole(withRole(members, event.data.from, "ADMIN"), event.data.to, "OWNER");
    default:
      unreachable(event);
      return members;
  }
}

const withMember = (members: Trie<Role>, userId: string): Trie<Role> =>
  trieGet(members, userId) === undefined ? trieSet<Role>(members, userId, "MEMBER") : members;

const withRole = (members: Trie<Role>, userId: string, role: Role): Trie<Role> =>
  trieGet(members, userId) === undefined ? members : trieSet(members, userId, role);

type Ask<Type extends Command["type"]> = Extract<Command, { type: Type }>;

function create(state: State, command: Ask<"Create">): Event[] {
  if (state) throw new Refusal("CONFLICT", "there is already a group with this id");
  const { groupId, by } = command;
  const imported = command.imported && { imported: command.imported };
  const created = checked("GroupCreated", { groupId, ownerId: by, ...profileOf(command), ...imported });
  distinctTags(created.data.tags);
  const others = [...new Set(command.memberIds)].filter((userId) => userId !== by);
  if (1 + others.length > command.memberCap) throw full(command.memberCap);
  return [created, ...others.map((userId): Event => ({ type: "MemberAdded", data: { groupId, userId } }))];
}

function update(state: Group, { by, change }: Ask<"Update">): Event[] {
  if (roleOfMember(state, by) === "MEMBER")
    throw new Refusal("FORBIDDEN", "only an owner or administrator can change the group", { field: "conversationId" });
  if (change.historyVisible === false && isChannel(state.groupId))
    throw new Refusal("BAD_INPUT", "what a channel has posted is open to all who follow it", { field: "historyVisible" });
  const { data } = checked("GroupProfileChanged", { groupId: state.groupId, ...changes(change) });
  if (data.tags) distinctTags(data.tags);
  const changed = Object.entries(data).filter(
    ([member, value]) => !isSame(value, { ...state.profile, groupId: state.groupId }[member as keyof Profile]),
  );
  if (changed.length === 0) return [];
  return [{ type: "GroupProfileChanged", data: { groupId: state.groupId, ...Object.fromEntries(changed) } }];
}

/** Both come from the same schema, so equal values have the same text. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function join({ groupId, profile: { joinPolicy }, members }: Group, userId: string, memberCap: number): Event[] {
  if (trieGet(members, userId) !== undefined) return [];
  if (joinPolicy !== "OPEN")
    throw new Refusal(
      "FORBIDDEN",
      "this group is not open, and there are no requests to join in this version: ask an owner or administrator to add you",
    );
  if (members.size === 0) throw abandoned();
  if (members.size >= memberCap) throw full(memberCap);
  return [{ type: "MemberJoined", data: { groupId, userId } }];
}

function add(state: Group, { by, userIds, memberCap }: Ask<"Add">): Event[] {
  const { groupId, profile, members } = state;
  // Members of a channel are its staff, whoever may follow it.
  const everyone = profile.joinPolicy === "OPEN" && !isChannel(groupId);
  if (roleOfMember(state, by) === "MEMBER" && !everyone)
    throw new Refusal("FORBIDDEN", "only an owner or administrator can add members to this group", { field: "conversationId" });
  const fresh = strangersOf(state, userIds);
  if (fresh.length > 0 && members.size + fresh.length > memberCap) throw full(memberCap);
  return fresh.map((userId) => ({ type: "MemberAdded", data: { groupId, userId } }));
}

function remove(state: Group, { by, userIds }: Ask<"Remove">): Event[] {
  const { groupId, members } = state;
  const role = roleOfMember(state, by);
  if (role === "MEMBER")
    throw new Refusal("FORBIDDEN", "only an owner or administrator can remove members", { field: "conversationId" });
  const present = [...new Set(userIds)].filter((userId) => trieGet(members, userId) !== undefined);
  if (present.includes(by)) {
    const way = role === "OWNER" ? "use leave, or transferOwnership first" : "use leave";
    throw new Refusal("BAD_INPUT", `you cannot remove yourself: ${way}`, { field: "userIds" });
  }
  if (role === "ADMIN" && present.some((userId) => trieGet(members, userId) !== "MEMBER"))
    throw new Refusal("FORBIDDEN", "an administrator cannot remove the owner or other administrators", { field: "userIds" });
  return present.map((userId) => ({ type: "MemberRemoved", data: { groupId, userId } }));
}

function leave({ groupId, members }: Group, userId: string): Event[] {
  const role = trieGet(members, userId);
  if (role === undefined) return [];
  if (role === "OWNER" && members.size > 1)
    throw new Refusal("CONFLICT", "transfer ownership first (transferOwnership)", { field: "conversationId" });
  return [{ type: "MemberLeft", data: { groupId, userId } }];
}

function setRole(state: Group, { by, userId, role }: Ask<"SetRole">): Event[] {
  if (roleOfMember(state, by) !== "OWNER")
    throw new Refusal("FORBIDDEN", "only the owner can change roles", { field: "conversationId" });
  if (role === "OWNER") throw new Refusal("BAD_INPUT", "a group has one owner: use transferOwnership", { field: "role" });
  if (userId === by)
    throw new Refusal("BAD_INPUT", "the owner cannot give up this role: use transferOwnership", { field: "userId" });
  if (memberNamed(state, userId) === role) return [];
  return [{ type: "RoleChanged", data: { groupId: state.groupId, userId, role } }];
}

function transferOwnership(state: Group, { by, to }: Ask<"TransferOwnership">): Event[] {
  if (roleOfMember(state, by) !== "OWNER")
    throw new Refusal("FORBIDDEN", "only the owner can transfer the ownership", { field: "conversationId" });
  if (memberNamed(state, to) === "OWNER") return [];
  return [{ type: "OwnershipTransferred", data: { groupId: state.groupId, from: by, to } }];
}

function importMembers(state: Group, userIds: readonly string[]): Event[] {
  const { groupId, members } = state;
  const fresh = strangersOf(state, userIds);
  if (fresh.length > 0 && members.size === 0) throw abandoned();
  const chunks = Array.from({ length: Math.ceil(fresh.length / IMPORT_CHUNK) }, (_, chunk) =>
    fresh.slice(chunk * IMPORT_CHUNK, (chunk + 1) * IMPORT_CHUNK),
  );
  return chunks.map((chunk) => ({ type: "MembersImported", data: { groupId, userIds: chunk } }));
}

/** The role of the caller. Callers who may not know of the group do not get so far. */
function roleOfMember(state: Group, by: string): Role {
  const role = trieGet(state.members, by);
  if (role !== undefined) return role;
  throw new Refusal("FORBIDDEN", "only members of the group may do that", { field: "conversationId" });
}

/** The role of the user whom a command is about. */
function memberNamed(state: Group, userId: string): Role {
  const role = trieGet(state.members, userId);
  if (role === undefined) throw new Refusal("NOT_FOUND", "no member of this group", { field: "userId" });
  return role;
}

const strangersOf = ({ members }: Group, userIds: readonly string[]): string[] =>
  [...new Set(userIds)].filter((userId) => trieGet(members, userId) === undefined);

const unknownGroup = () => new Refusal("NOT_FOUND", "no such group", { field: "conversationId" });
const abandoned = () => new Refusal("CONFLICT", "everyone has left this group: create a new one");
const full = (memberCap: number) => new Refusal("LIMIT_EXCEEDED", `a group has at most ${memberCap} members`);
