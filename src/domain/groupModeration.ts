import { checked } from "./checked.ts";
import { type Event, type Group, requireStaff } from "./groupState.ts";
import { Refusal } from "./refusal.ts";
import { trieGet } from "./trie.ts";

/**
 * What was decided about a member who was reported. `isOfServer`: by whoever has the scope admin, who need not be of the group.
 * `until`: ISO 8601, of a silence.
 */
export type ModerationCommand = { type: "Moderate"; by: string; isOfServer: boolean; userId: string } & (
  { action: "SILENCE"; until: string } | { action: "REMOVE" }
);

/** A silence that lasts longer already stays. Throws CONFLICT where it cannot be done to the user. */
export function moderate(state: Group, command: ModerationCommand): Event[] {
  const { groupId } = state;
  const { by, isOfServer, userId } = command;
  const role = isOfServer ? undefined : requireStaff(state, by, "decide this");
  const of = trieGet(state.members, userId);
  if (of === undefined)
    throw new Refusal("CONFLICT", "the sender is no member of this group any more: decide otherwise", { field: "action" });
  if (role === "ADMIN" && of !== "MEMBER")
    throw new Refusal("FORBIDDEN", "an administrator cannot act against the owner or other administrators", { field: "action" });
  if (of === "OWNER")
    throw new Refusal(
      "CONFLICT",
      "the sender owns this group, which would be left without one who can lead it: decide otherwise",
      {
        field: "action",
      },
    );
  if (command.action === "REMOVE") return [checked("MemberRemoved", { groupId, userId })];
  const before = trieGet(state.silenced, userId);
  if (before !== undefined && before >= command.until) return [];
  return [checked("MemberSilenced", { groupId, userId, until: command.until })];
}
