import { checked } from "./checked.ts";
import type { Command } from "./group.ts";
import type { Event, Role } from "./groupState.ts";
import { Refusal } from "./refusal.ts";
import { type Trie, trieEntries, trieGet } from "./trie.ts";

/** The conversation of a circle as the circle wants it. */
export type CircleConversation = { groupId: string; title: string; category: string; memberIds: readonly string[] };

/** Events that one call makes at most. So many fit into one append of any log. */
const AT_ONCE = 500;

/** What members may do in the conversation of a circle: all but what changes who is in it, or who may look into it. */
const ALLOWED: ReadonlySet<Command["type"]> = new Set(["Equal", "Update", "SetRole", "TransferOwnership", "Silence"]);

/** Refuses what is for the circle to decide. */
export function requireAllowedInCircle(command: Command): void {
  const opens = command.type === "Update" && (command.change.public !== undefined || command.change.joinPolicy !== undefined);
  const silences = command.type === "Moderate" && command.action === "SILENCE";
  if (silences || (ALLOWED.has(command.type) && !opens)) return;
  throw new Refusal(
    "FORBIDDEN",
    "the members of this conversation are those of its circle: only who puts the circle changes them",
    {
      field: "conversationId",
    },
  );
}

/**
 * The next events that make a group equal to its circle; none if it is. There is an owner after each of them: the first member of
 * the circle when the group is made, or when the owner goes.
 */
export function equalEvents(
  present: { title: string; category: string | null; members: Trie<Role> } | undefined,
  { groupId, title, category, memberIds }: CircleConversation,
): Event[] {
  const [first] = memberIds;
  if (first === undefined) return [];
  if (present === undefined) {
    const profile = { avatarUrl: null, description: null, announcement: null, category, tags: [] };
    const policy = { joinPolicy: "INVITE", public: false, historyVisible: false } as const;
    const created = checked("GroupCreated", { groupId, ownerId: first, title, ...profile, ...policy });
    return [created, ...memberIds.slice(1, AT_ONCE).map((userId) => added(groupId, userId))];
  }
  const { members } = present;
  const wanted = new Set(memberIds);
  const events: Event[] = [];
  for (const userId of memberIds) if (trieGet(members, userId) === undefined) events.push(added(groupId, userId));
  for (const [userId, role] of trieEntries(members)) {
    if (wanted.has(userId)) continue;
    // They join before the owner goes, and the owner goes last.
    if (role !== "OWNER") events.push({ type: "MemberRemoved", data: { groupId, userId } });
  }
  for (const [userId, role] of trieEntries(members)) {
    if (role !== "OWNER" || wanted.has(userId)) continue;
    events.push({ type: "OwnershipTransferred", data: { groupId, from: userId, to: first } });
    events.push({ type: "MemberRemoved", data: { groupId, userId } });
  }
  const said = { ...(present.title !== title && { title }), ...(present.category !== category && { category }) };
  if (Object.keys(said).length > 0) events.push({ type: "GroupProfileChanged", data: { groupId, ...said } });
  return events.slice(0, AT_ONCE);
}

const added = (groupId: string, userId: string): Event => ({ type: "MemberAdded", data: { groupId, userId } });
