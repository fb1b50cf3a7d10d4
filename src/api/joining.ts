import type { JoinRequestRow } from "../../projections/joining.ts";
import type { MemberRow } from "../../projections/relationRows.ts";
import type { JoinRequestKey } from "../commands/commands.ts";
import { INVITES_MAX, isGood } from "../domain/groupInvites.ts";
import { Withheld } from "../ports/faults.ts";
import type { Context } from "./context.ts";
import {
  type ConversationEntity,
  type InviteEntity,
  inviteEntity,
  type JoinRequestEntity,
  joinRequestEntity,
  readAt,
} from "./entities.ts";

/** Whether somebody with this row decides who joins. */
const isStaff = (member: Pick<MemberRow, "role"> | undefined): boolean => member?.role === "OWNER" || member?.role === "ADMIN";

/** A request is seen by whom it is about, by who asked them in, and by those who decide for the group. */
const isSeen = ({ caller }: Context, request: JoinRequestRow, member: MemberRow | undefined): boolean =>
  request.user === caller.userId || request.invitedBy === caller.userId || isStaff(member);

/** Requests that the viewer may see; null in the place of each other one. */
export async function joinRequestsSeen(context: Context, keys: readonly JoinRequestKey[]): Promise<(JoinRequestEntity | null)[]> {
  const { joining, relations } = context.services.views;
  const rows = await joining.requests(keys);
  const members = await relations.toldMembers(keys.map(({ group }) => ({ conversation: group, user: context.caller.userId })));
  return keys.map((key, index) => {
    const [row, member] = [rows[index], members[index]];
    return row && isSeen(context, row, member instanceof Withheld ? undefined : member) ? joinRequestEntity(key, { row }) : null;
  });
}

export async function joinRequestSeen(context: Context, key: JoinRequestKey): Promise<JoinRequestEntity | null> {
  return (await joinRequestsSeen(context, [key]))[0] ?? null;
}

/** No group has this id. */
const NO_GROUP = "g:";

/**
 * An invitation that can be used now, for whoever has its id; any one for those who decide for the group. The same rows are read
 * whether there is one or not.
 */
export async function inviteSeen({ services, caller }: Context, id: string): Promise<InviteEntity | null> {
  const { joining, relations } = services.views;
  const row = await joining.invite(id);
  const group = row?.group ?? NO_GROUP;
  const member = await relations.member(group, caller.userId);
  // Those who follow a channel let nobody in.
  const isLeft = (await relations.membersByJoin(group, undefined, 1)).length === 0;
  if (!row || (!isStaff(member) && (isLeft || !isGood(row, services.now().toISOString())))) return null;
  return inviteEntity(id, { row });
}

/** The invitations of a group that can be used now, for those who may make some. */
export async function invitesOf(context: Context, { id, at }: ConversationEntity): Promise<InviteEntity[]> {
  const { services, loaders, caller } = context;
  const member = await readAt(context, at, () => loaders.member({ conversation: id, user: caller.userId }));
  if (!isStaff(member)) return [];
  const found = await services.views.joining.invitesOf(id, services.now().toISOString(), 2 * INVITES_MAX);
  return found.map(({ id: inviteId, invite }) => inviteEntity(inviteId, { row: invite }));
}
