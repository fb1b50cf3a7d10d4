import { checked, distinctTags } from "./checked.ts";
import { type CircleConversation, equalEvents, requireAllowedInCircle } from "./circleGroup.ts";
import type { Decider } from "./decider.ts";
import { invite, type InviteCommand, revoke } from "./groupInvites.ts";
import {
  add,
  create,
  dissolve,
  importMembers,
  leave,
  type MemberCommand,
  remove,
  setRole,
  silence,
  transferOwnership,
} from "./groupMembers.ts";
import { moderate, type ModerationCommand } from "./groupModeration.ts";
import { changes, type Profile, type ProfileChange } from "./groupProfile.ts";
import { answer, join, type RequestCommand, useInvite } from "./groupRequests.ts";
import { restored, type RestoreCommand } from "./groupRestoring.ts";
import { type Event, evolve, type Group, requireStaff, type State } from "./groupState.ts";
import { isChannel, isCircleConversation } from "./ids.ts";
import { Refusal } from "./refusal.ts";

export type Command =
  | MemberCommand
  | RequestCommand
  | InviteCommand
  | ModerationCommand
  | RestoreCommand
  /** What is absent stays; null takes away. */
  | { type: "Update"; by: string; change: ProfileChange }
  /** Makes the conversation of a circle equal to it, some events at a time. */
  | ({ type: "Equal" } & CircleConversation);

/**
 * Who belongs to a group and as what, who asks to, and what the group says of itself. There is exactly one owner while anyone
 * belongs to it; once all have left, or it was dissolved, it stays empty.
 */
export const decider: Decider<State, Command, Event> = {
  initial: undefined,
  evolve,

  decide(state, command) {
    if (command.type === "Create") return create(state, command);
    if (command.type === "Restore") return restored(state, command.event);
    if (command.type === "Equal") return equalEvents(state && { ...state.profile, members: state.members }, command);
    if (!state) throw new Refusal("NOT_FOUND", "no such group", { field: "conversationId" });
    if (isCircleConversation(state.groupId)) requireAllowedInCircle(command);
    switch (command.type) {
      case "Update":
        return update(state, command);
      case "Join":
        return join(state, command);
      case "UseInvite":
        return useInvite(state, command);
      case "Answer":
        return answer(state, command);
      case "Invite":
        return invite(state, command);
      case "Revoke":
        return revoke(state, command);
      case "Add":
        return add(state, command);
      case "Remove":
        return remove(state, command);
      case "Leave":
        return leave(state, command);
      case "SetRole":
        return setRole(state, command);
      case "TransferOwnership":
        return transferOwnership(state, command);
      case "Silence":
        return silence(state, command);
      case "Moderate":
        return moderate(state, command);
      case "Dissolve":
        return dissolve(state, command);
      case "Import":
        return importMembers(state, command);
    }
  },
};

function update(state: Group, { by, change }: Extract<Command, { type: "Update" }>): Event[] {
  const { groupId, profile } = state;
  requireStaff(state, by, "change the group");
  if (change.historyVisible === false && isChannel(groupId))
    throw new Refusal("BAD_INPUT", "what a channel has posted is open to all who follow it", { field: "historyVisible" });
  const { data } = checked("GroupProfileChanged", { groupId, ...changes(change) });
  if (data.tags) distinctTags(data.tags);
  const { groupId: _, ...wanted } = data;
  const changed = Object.entries(wanted).filter(([member, value]) => !isSame(value, profile[member as keyof Profile]));
  if (changed.length === 0) return [];
  return [{ type: "GroupProfileChanged", data: { groupId, ...Object.fromEntries(changed) } }];
}

/** Both come from the same schema, so equal values have the same text. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
