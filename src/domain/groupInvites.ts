import { checked } from "./checked.ts";
import { type Event, type Group, type Invite, requireStaff } from "./groupState.ts";
import { Refusal } from "./refusal.ts";
import { trieEntries, trieGet } from "./trie.ts";

/** How many invitations of a group may be good at a time. */
export const INVITES_MAX = 100;

/** `at`: ISO 8601. */
export type InviteCommand =
  | { type: "Invite"; by: string; inviteId: string; expiresAt: string | null; uses: number | null; at: string }
  | { type: "Revoke"; by: string; inviteId: string };

type Ask<Type extends InviteCommand["type"]> = Extract<InviteCommand, { type: Type }>;

/** Whether somebody can join with it at a time (ISO 8601). */
export const isGood = ({ expiresAt, usesLeft, revoked }: Invite, at: string): boolean =>
  !revoked && usesLeft !== 0 && (expiresAt === null || expiresAt > at);

/** To those outside, an invitation that was revoked, used up or is over is as one that never was. */
export function requireGood({ invites, members }: Group, inviteId: string, at: string): void {
  const invite = trieGet(invites, inviteId);
  if (invite && members.size > 0 && isGood(invite, at)) return;
  throw noInvite();
}

export const noInvite = () =>
  new Refusal("NOT_FOUND", "there is no such invitation, or it is no longer good: ask for a new one", { field: "inviteCode" });

export function invite(state: Group, { by, inviteId, expiresAt, uses, at }: Ask<"Invite">): Event[] {
  requireStaff(state, by, "make invitations");
  if (expiresAt !== null && expiresAt <= at) throw new Refusal("BAD_INPUT", "a time in the future", { field: "expiresAt" });
  let good = 0;
  for (const [, other] of trieEntries(state.invites)) if (isGood(other, at)) good++;
  if (good >= INVITES_MAX)
    throw new Refusal("LIMIT_EXCEEDED", `a group has at most ${INVITES_MAX} invitations: revoke some (revokeInvite)`, {
      field: "conversationId",
    });
  return [checked("InviteCreated", { groupId: state.groupId, inviteId, createdBy: by, expiresAt, uses })];
}

export function revoke(state: Group, { by, inviteId }: Ask<"Revoke">): Event[] {
  requireStaff(state, by, "revoke invitations");
  const found = trieGet(state.invites, inviteId);
  if (!found) throw new Refusal("NOT_FOUND", "this group has no such invitation", { field: "code" });
  return found.revoked ? [] : [{ type: "InviteRevoked", data: { groupId: state.groupId, inviteId } }];
}
