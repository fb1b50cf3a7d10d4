import { checked, distinctTags } from "./checked.ts";
import type { EventData } from "./events.ts";
import { type Profile, profileOf } from "./groupProfile.ts";
import { accepted, invited, pendingOf, requireWaitingRoom } from "./groupRequests.ts";
import {
  type Event,
  full,
  type Group,
  memberNamed,
  requireAlive,
  requireRoom,
  requireStaff,
  type Role,
  roleOfMember,
  type State,
  strangersOf,
} from "./groupState.ts";
import { isChannel } from "./ids.ts";
import { Refusal } from "./refusal.ts";
import { trieGet } from "./trie.ts";

/** `asked`: those of the users who are not added, but asked. `notAdded`: those who are neither, and are not told. */
type Named = { asked?: readonly string[]; notAdded?: readonly string[] };

/** `memberCap`: how many members a group may have. `by`: who asks. */
export type MemberCommand =
  | ({ type: "Create"; by: string; memberIds: readonly string[]; memberCap: number } & Named &
      Profile &
      Pick<EventData<"GroupCreated">, "groupId" | "imported">)
  | ({ type: "Add"; by: string; userIds: readonly string[]; memberCap: number } & Named)
  | { type: "Remove"; by: string; userIds: readonly string[] }
  | { type: "Leave"; userId: string }
  | { type: "SetRole"; by: string; userId: string; role: Role }
  | { type: "TransferOwnership"; by: string; to: string }
  /** `at` and `until`: ISO 8601. Null: they may write again. */
  | { type: "Silence"; by: string; userId: string; until: string | null; at: string }
  | { type: "Dissolve"; by: string }
  /** Those who wrote in an archive. There is no cap, because everyone who was there must come over. */
  | { type: "Import"; userIds: readonly string[] };

type Ask<Type extends MemberCommand["type"]> = Extract<MemberCommand, { type: Type }>;

/** How many user ids one `MembersImported` holds at most. */
const IMPORT_CHUNK = 1_000;

export function create(state: State, command: Ask<"Create">): Event[] {
  if (state) throw new Refusal("CONFLICT", "there is already a group with this id");
  const { groupId, by, asked = [], notAdded = [] } = command;
  const others = [...new Set(command.memberIds)].filter((userId) => userId !== by);
  const kept = others.filter((userId) => notAdded.includes(userId));
  const created = checked("GroupCreated", {
    groupId,
    ownerId: by,
    ...profileOf(command),
    ...(command.imported && { imported: command.imported }),
    ...(kept.length > 0 && { notAdded: kept }),
  });
  distinctTags(created.data.tags);
  const told = others.filter((userId) => !kept.includes(userId));
  if (1 + told.filter((userId) => !asked.includes(userId)).length > command.memberCap) throw full(command.memberCap, "memberIds");
  return [
    created,
    ...told.map((userId): Event =>
      asked.includes(userId) ? invited(groupId, userId, undefined, by) : { type: "MemberAdded", data: { groupId, userId } },
    ),
  ];
}

/** Whoever has asked to join is taken in at once: their request is accepted by that. */
export function add(state: Group, { by, userIds, asked = [], notAdded = [], memberCap }: Ask<"Add">): Event[] {
  const { groupId, profile } = state;
  // Members of a channel are its staff, whoever may follow it.
  if (profile.joinPolicy === "OPEN" && !isChannel(groupId)) roleOfMember(state, by);
  else requireStaff(state, by, "add members to this group");
  const told = strangersOf(state, userIds).filter((userId) => !notAdded.includes(userId));
  const isAsked = (userId: string) => asked.includes(userId) && pendingOf(state, userId)?.invitedBy !== null;
  requireRoom(state, told.filter((userId) => !isAsked(userId)).length, memberCap);
  requireWaitingRoom(state, told.filter((userId) => isAsked(userId) && !pendingOf(state, userId)).length, "userIds");
  return told.flatMap((userId): Event[] => {
    const pending = pendingOf(state, userId);
    if (isAsked(userId)) return pending ? [] : [invited(groupId, userId, trieGet(state.requests, userId), by)];
    return [...accepted(state, userId), { type: "MemberAdded", data: { groupId, userId } }];
  });
}

export function remove(state: Group, { by, userIds }: Ask<"Remove">): Event[] {
  const { groupId, members } = state;
  const role = requireStaff(state, by, "remove members");
  const present = [...new Set(userIds)].filter((userId) => trieGet(members, userId) !== undefined);
  if (present.includes(by)) {
    const way = role === "OWNER" ? "use leave, or transferOwnership first" : "use leave";
    throw new Refusal("BAD_INPUT", `you cannot remove yourself: ${way}`, { field: "userIds" });
  }
  if (role === "ADMIN" && present.some((userId) => trieGet(members, userId) !== "MEMBER"))
    throw new Refusal("FORBIDDEN", "an administrator cannot remove the owner or other administrators", { field: "userIds" });
  return present.map((userId) => ({ type: "MemberRemoved", data: { groupId, userId } }));
}

/** A group with members has an owner. */
export const ownerStays = () =>
  new Refusal("CONFLICT", "transfer ownership first (transferOwnership), or dissolve the group (dissolve)", {
    field: "conversationId",
  });

export function leave({ groupId, members }: Group, { userId }: Ask<"Leave">): Event[] {
  const role = trieGet(members, userId);
  if (role === undefined) return [];
  if (role === "OWNER" && members.size > 1) throw ownerStays();
  return [{ type: "MemberLeft", data: { groupId, userId } }];
}

export function setRole(state: Group, { by, userId, role }: Ask<"SetRole">): Event[] {
  requireOwner(state, by, "change roles");
  if (role === "OWNER") throw new Refusal("BAD_INPUT", "a group has one owner: use transferOwnership", { field: "role" });
  if (userId === by)
    throw new Refusal("BAD_INPUT", "the owner cannot give up this role: use transferOwnership", { field: "userId" });
  if (memberNamed(state, userId) === role) return [];
  return [{ type: "RoleChanged", data: { groupId: state.groupId, userId, role } }];
}

export function transferOwnership(state: Group, { by, to }: Ask<"TransferOwnership">): Event[] {
  requireOwner(state, by, "transfer the ownership");
  if (memberNamed(state, to) === "OWNER") return [];
  return [{ type: "OwnershipTransferred", data: { groupId: state.groupId, from: by, to } }];
}

export function silence(state: Group, { by, userId, until, at }: Ask<"Silence">): Event[] {
  const role = requireStaff(state, by, "silence members");
  if (userId === by) throw new Refusal("BAD_INPUT", "you cannot silence yourself", { field: "userId" });
  const of = memberNamed(state, userId);
  if (of === "OWNER" || (of === "ADMIN" && role !== "OWNER"))
    throw new Refusal("FORBIDDEN", "only members of a lower role can be silenced", { field: "userId" });
  if (until !== null && until <= at)
    throw new Refusal("BAD_INPUT", "a time in the future, or null to let them write again", { field: "until" });
  if ((trieGet(state.silenced, userId) ?? null) === until) return [];
  return [checked("MemberSilenced", { groupId: state.groupId, userId, until })];
}

export function dissolve(state: Group, { by: userId }: Ask<"Dissolve">): Event[] {
  if (state.dissolvedBy === userId) return [];
  requireOwner(state, userId, "dissolve the group");
  return [{ type: "GroupDissolved", data: { groupId: state.groupId, userId } }];
}

export function importMembers(state: Group, { userIds }: Ask<"Import">): Event[] {
  const { groupId } = state;
  const fresh = strangersOf(state, userIds);
  if (fresh.length > 0) requireAlive(state);
  const chunks = Array.from({ length: Math.ceil(fresh.length / IMPORT_CHUNK) }, (_, chunk) =>
    fresh.slice(chunk * IMPORT_CHUNK, (chunk + 1) * IMPORT_CHUNK),
  );
  return [
    ...fresh.flatMap((userId) => accepted(state, userId)),
    ...chunks.map((chunk): Event => ({ type: "MembersImported", data: { groupId, userIds: chunk } })),
  ];
}

function requireOwner(state: Group, by: string, what: string): void {
  if (roleOfMember(state, by) !== "OWNER")
    throw new Refusal("FORBIDDEN", `only the owner can ${what}`, { field: "conversationId" });
}
