import { checked } from "./checked.ts";
import type { Event as AnyEvent } from "./events.ts";
import type { Profile } from "./groupProfile.ts";
import { ownerStays } from "./groupMembers.ts";
import { accepted } from "./groupRequests.ts";
import { type Event, type Group, requireAlive, type Role, type State, strangersOf } from "./groupState.ts";
import { Refusal } from "./refusal.ts";
import { trieGet } from "./trie.ts";

/** What an archive tells of a group. Who waits to be let in, and invitations, are no part of one. */
export type RestoredEvent = AnyEvent<
  | "GroupCreated"
  | "GroupProfileChanged"
  | "MemberJoined"
  | "MemberAdded"
  | "MembersImported"
  | "MemberLeft"
  | "MemberRemoved"
  | "RoleChanged"
  | "OwnershipTransferred"
  | "FollowerAdmitted"
  | "MemberSilenced"
  | "GroupDissolved"
>;

/** `event`: as it happened elsewhere. */
export type RestoreCommand = { type: "Restore"; event: RestoredEvent };

/**
 * A fact of an archive. Nobody's rights are asked, since it has happened already, and there is no cap, because everyone who was
 * there must come over. Nothing happens where it is so already. What cannot be (the owner leaves the others) is a CONFLICT.
 */
export function restored(state: State, event: RestoredEvent): Event[] {
  if (event.type === "GroupCreated") return state ? [] : [checked("GroupCreated", { ...event.data, imported: true })];
  if (!state) throw new Refusal("BAD_INPUT", "the archive does not tell of the group before this", { field: "groupId" });
  const role = (userId: string): Role | undefined => trieGet(state.members, userId);
  switch (event.type) {
    case "GroupProfileChanged":
      return changed(state, event);
    case "MemberJoined":
    case "MemberAdded": {
      if (role(event.data.userId) !== undefined) return [];
      requireAlive(state);
      return [...accepted(state, event.data.userId), event];
    }
    case "MembersImported": {
      const userIds = strangersOf(state, event.data.userIds);
      if (userIds.length === 0) return [];
      requireAlive(state);
      return [
        ...userIds.flatMap((userId) => accepted(state, userId)),
        { type: event.type, data: { groupId: state.groupId, userIds } },
      ];
    }
    case "MemberLeft":
    case "MemberRemoved":
      if (role(event.data.userId) === "OWNER" && state.members.size > 1) throw ownerStays();
      return role(event.data.userId) === undefined ? [] : [event];
    case "RoleChanged": {
      const before = requireMember(role(event.data.userId));
      if (before === "OWNER") throw ownerStays();
      return before === event.data.role ? [] : [event];
    }
    case "OwnershipTransferred":
      if (requireMember(role(event.data.to)) === "OWNER") return [];
      if (role(event.data.from) !== "OWNER") throw new Refusal("CONFLICT", "another one is the owner", { field: "from" });
      return [event];
    case "FollowerAdmitted":
      return state.dissolvedBy === undefined ? [event] : [];
    case "MemberSilenced":
      if (requireMember(role(event.data.userId)) === "OWNER") throw ownerStays();
      return (trieGet(state.silenced, event.data.userId) ?? null) === event.data.until ? [] : [event];
    case "GroupDissolved":
      return state.dissolvedBy === undefined ? [event] : [];
  }
}

function requireMember(role: Role | undefined): Role {
  if (role !== undefined) return role;
  throw new Refusal("CONFLICT", "no member of this group", { field: "userId" });
}

function changed({ groupId, profile }: Group, event: AnyEvent<"GroupProfileChanged">): Event[] {
  const { groupId: _, ...wanted } = checked("GroupProfileChanged", event.data).data;
  const isSame = (member: string, value: unknown) => JSON.stringify(value) === JSON.stringify(profile[member as keyof Profile]);
  const changes = Object.entries(wanted).filter(([member, value]) => !isSame(member, value));
  return changes.length === 0 ? [] : [{ type: event.type, data: { groupId, ...Object.fromEntries(changes) } }];
}
