import { isDirect, peerOf } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { mayOpen } from "../domain/visibility.ts";
import type { Caller } from "./commands.ts";
import type { CommandContext } from "./context.ts";

type RightsContext = Pick<CommandContext, "views" | "registered">;

/*
 * What the rows say of somebody's rights in a conversation; to be asked within `fresh`, since no refusal rests on old rows. An outsider is told the
 * same of what there is and of what there is not, and the same rows are looked for: nothing else of a conversation is read before that is settled.
 */

/**
 * Throws NOT_FOUND where the caller may not know of a conversation: it is public, or one that they are or were in, or a direct one of theirs. Whoever
 * gave a command there knows of it, so that nobody whose command may be a repeat is turned away.
 */
export async function requireKnown(context: RightsContext, caller: Caller, conversation: string, field: string): Promise<void> {
  if (isDirect(conversation)) return requirePeer(context, caller, conversation, field);
  if (!(await mayKnow(context, caller, conversation))) throw unknown(field);
}

/** The same for who would join: anyone who has the id of an open group knows of it. */
export async function requireJoinable(context: RightsContext, caller: Caller, group: string, field: string): Promise<void> {
  const isKnown = await mayKnow(context, caller, group);
  const isOpen = (await context.views.directory.group(group))?.joinPolicy === "OPEN";
  if (isKnown || isOpen) return;
  throw new Refusal("NOT_FOUND", "there is no group with this id that you may join: ask a member to add you", { field });
}

/** The same for who was ever a member, or is one: FORBIDDEN where the group is public and they never were. */
export async function requireStay(context: RightsContext, caller: Caller, group: string, field: string): Promise<void> {
  const sight = await sightOf(context, caller, group);
  if (sight === undefined || !mayOpen(sight)) throw unknown(field);
  if (sight.stay === undefined) throw new Refusal("FORBIDDEN", "you are not a member of this group", { field });
}

/** Throws where the caller may not write to, or act in, a conversation: NOT_FOUND as `requireKnown`, FORBIDDEN to who may know of it. */
export async function requireMember(context: RightsContext, caller: Caller, conversation: string, field: string): Promise<void> {
  if (isDirect(conversation)) return requirePeer(context, caller, conversation, field);
  if (await context.views.relations.member(conversation, caller.userId)) return;
  if (!(await mayKnow(context, caller, conversation))) throw unknown(field);
  throw new Refusal("FORBIDDEN", "you are not a member of this conversation: join it, or ask a member to add you", { field });
}

/** Throws NOT_FOUND where there is no such message that the caller may see: one that is not there, and one that is not for them, are alike. */
export async function requireVisible(
  context: RightsContext,
  caller: Caller,
  conversation: string,
  seq: number,
  field: string,
): Promise<void> {
  const sight = await sightOf(context, caller, conversation);
  const row = await context.views.timelines.message(conversation, seq);
  if (sight && row && (await context.views.relations.sees(sight, seq))) return;
  throw new Refusal("NOT_FOUND", `there is no message ${seq} in this conversation that you may see`, { field });
}

async function requirePeer(context: RightsContext, caller: Caller, conversation: string, field: string): Promise<void> {
  const peer = peerOf(conversation, caller.userId);
  if (peer === undefined) throw unknown(field);
  if (await context.registered.has(peer)) return;
  throw new Refusal("NOT_FOUND", `there is no user ${peer}`, { field });
}

async function mayKnow(context: RightsContext, caller: Caller, conversation: string): Promise<boolean> {
  const sight = await sightOf(context, caller, conversation);
  return sight !== undefined && mayOpen(sight);
}

/** By the call that reads the same rows whether or not there is such a group. */
async function sightOf({ views }: RightsContext, { userId: user }: Caller, conversation: string) {
  const [sight] = await views.relations.sights([{ conversation, user }]);
  return sight;
}

const unknown = (field: string) => new Refusal("NOT_FOUND", "there is no such conversation that you may see", { field });
