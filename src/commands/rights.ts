import { isStaff } from "../../projections/standing.ts";
import { isGood, noInvite } from "../domain/groupInvites.ts";
import { isChannel, isDirect, peerOf } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { mayOpen } from "../domain/visibility.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import type { Caller } from "./commands.ts";
import type { CommandContext } from "./context.ts";

type Views = CommandContext["views"];
type RightsContext = Pick<CommandContext, "views" | "registered">;

/*
 * What the rows say about a user's rights in a conversation. Ask within `fresh`, since no refusal may rest on old rows. An
 * outsider gets the same answer whether the conversation exists or not, and the same rows are read for both. Nothing else of a
 * conversation is read before that check.
 */

/**
 * Throws NOT_FOUND if the caller may not know of a conversation. They may if it is public, if they are or were a member, or if it
 * is a direct conversation of theirs. Whoever gave a command there knows of it. So this refuses nobody whose command may be a
 * repeat.
 */
export async function requireKnown(context: RightsContext, caller: Caller, conversation: string, field: string): Promise<void> {
  if (isDirect(conversation)) return requirePeer(context, caller, conversation, field);
  if (!(await mayKnow(context, caller, conversation))) throw unknown(field);
}

/**
 * The same for a user who wants to join: anyone who has the id of a group that may be joined or asked by it may know of it (ids
 * cannot be guessed: a code, a link or a member gives them away), and so may whoever was asked in. To others the id of a group
 * that takes in only those who are invited says nothing, unless it is public.
 */
export async function requireJoinable(context: RightsContext, caller: Caller, group: string, field: string): Promise<void> {
  const isKnown = await mayKnow(context, caller, group);
  const policy = (await context.views.directory.group(group))?.joinPolicy;
  const isOpen = policy === "OPEN" || policy === "APPROVAL";
  const waits = (await context.views.joining.pending(group, caller.userId)) !== undefined;
  if (isKnown || isOpen || waits) return;
  throw new Refusal("NOT_FOUND", "there is no group with this id that you may join: ask a member for an invitation", { field });
}

/**
 * Throws NOT_FOUND if the caller may not know of a request to join: it is theirs, they asked the user in, or they are or were a
 * member. What each of these may do is decided on the group's stream.
 */
export async function requireRequest(
  context: RightsContext,
  caller: Caller,
  { group, user, number }: { group: string; user: string; number: number },
): Promise<void> {
  const sight = await sightOf(context, caller, group);
  const request = await context.views.joining.request(group, user, number);
  const isTheirs = request !== undefined && (user === caller.userId || request.invitedBy === caller.userId);
  if (!isTheirs && sight?.stay === undefined) throw new Refusal("NOT_FOUND", "no such request", { field: "id" });
}

/**
 * The group that an invitation is for. Throws NOT_FOUND if it is not good at a time (ISO 8601), unless the caller is or was a
 * member: then they may have used it before. All that is not good is answered alike.
 */
export async function requireInvited(context: RightsContext, caller: Caller, inviteId: string, at: string): Promise<string> {
  const invite = await context.views.joining.invite(inviteId);
  const sight = await sightOf(context, caller, invite?.group ?? NO_GROUP);
  if (invite && (sight?.stay !== undefined || isGood(invite, at))) return invite.group;
  throw noInvite();
}

/** No group has this id. */
const NO_GROUP = "g:";

/** The same for present and former members. Throws FORBIDDEN if the group is public and the caller was never a member. */
export async function requireStay(context: RightsContext, caller: Caller, group: string, field: string): Promise<void> {
  const sight = await sightOf(context, caller, group);
  if (sight === undefined || !mayOpen(sight)) throw unknown(field);
  if (sight.stay === undefined) throw new Refusal("FORBIDDEN", "you are not a member of this group", { field });
}

/**
 * Throws if the caller may not write to a conversation, or act in it: NOT_FOUND as in `requireKnown`, FORBIDDEN if they may know
 * of it.
 */
export function requireMember(context: RightsContext, caller: Caller, conversation: string, field: string): Awaitable<void> {
  if (isDirect(conversation)) return requirePeer(context, caller, conversation, field);
  return requireMembership(context, caller, conversation, field);
}

async function requireMembership(context: RightsContext, caller: Caller, conversation: string, field: string): Promise<void> {
  if (await context.views.relations.member(conversation, caller.userId)) return;
  if (!(await mayKnow(context, caller, conversation))) throw unknown(field);
  throw new Refusal("FORBIDDEN", "you are not a member of this conversation: join it, or ask a member to add you", { field });
}

/** So many of the newest messages of a direct conversation are looked through for one that the staff of a channel may answer. */
const ANSWERED = 50;

/**
 * Throws FORBIDDEN where the caller may act in a conversation, but may not write to it: they are silenced, or follow a channel
 * and are not of its staff; one of the two of a direct conversation has blocked the other, or only friends may write. Then a
 * follower may still write to the staff of a channel, and the staff to a follower of whom one of the newest messages is.
 */
export function requireWritable(context: WritableContext, caller: Caller, conversation: string, field: string): Awaitable<void> {
  const peer = isDirect(conversation) ? peerOf(conversation, caller.userId) : undefined;
  if (peer === undefined) return requireVoice(context, caller, conversation, field);
  const { views, directMessages } = context;
  return andThen(views.friends.friendship(caller.userId, peer), (friendship) => {
    const blocks = friendship?.blocks;
    if (blocks?.[caller.userId] !== undefined)
      throw new Refusal("FORBIDDEN", "you have blocked this user: unblock them first (block)", { field });
    if (blocks?.[peer] !== undefined) throw new Refusal("FORBIDDEN", "this user takes no messages from you", { field });
    if (directMessages === "friends" && !friendship?.friends) return requireChannel(views, caller, peer, conversation, field);
    return undefined;
  });
}

type WritableContext = Pick<CommandContext, "views" | "directMessages" | "now">;

/** The same for a group or a channel. */
async function requireVoice({ views, now }: WritableContext, caller: Caller, conversation: string, field: string): Promise<void> {
  const member = await views.relations.member(conversation, caller.userId);
  if (isChannel(conversation) && !isStaff(member?.standing))
    throw new Refusal("FORBIDDEN", "only the staff of a channel writes in it: its followers read", { field });
  const until = member?.silencedUntil;
  if (until === undefined || until <= now().toISOString()) return;
  throw new Refusal("FORBIDDEN", `you may not write here until ${until}`, { field });
}

async function requireChannel(views: Views, caller: Caller, peer: string, conversation: string, field: string): Promise<void> {
  if (await isOfChannel(views, caller.userId, peer, conversation)) return;
  throw new Refusal("FORBIDDEN", "only friends may write to each other: ask first (requestFriendship)", { field });
}

/** Whether somebody writes to the staff of a channel that they follow, or answers a follower as its staff. */
async function isOfChannel({ relations, timelines }: Views, user: string, peer: string, conversation: string) {
  if (await relations.followsStaff(user, peer)) return true;
  if (!(await relations.followsStaff(peer, user))) return false;
  const newest = await timelines.page(conversation, { limit: ANSWERED, fromEnd: true });
  return newest.some(({ senderId }) => senderId === peer);
}

/**
 * Throws NOT_FOUND if there is no such message that the caller may see. A missing message and a hidden one give the same answer.
 */
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

/** Throws FORBIDDEN if the caller is banned: what waited for its time is not sent. */
export function requireNotBanned({ banned }: Pick<CommandContext, "banned">, { userId }: Caller): Awaitable<void> {
  return andThen(banned.isBanned(userId), (isBanned) => {
    if (isBanned) throw new Refusal("FORBIDDEN", "you are banned from this server");
  });
}

function requirePeer(context: RightsContext, caller: Caller, conversation: string, field: string): Awaitable<void> {
  const peer = peerOf(conversation, caller.userId);
  if (peer === undefined) throw unknown(field);
  // Whoever is deactivated is written to by nobody, and is not told apart from nobody.
  return andThen(context.registered.isActive(peer), (isThere) => {
    if (!isThere) throw new Refusal("NOT_FOUND", `there is no user ${peer}`, { field });
  });
}

async function mayKnow(context: RightsContext, caller: Caller, conversation: string): Promise<boolean> {
  const sight = await sightOf(context, caller, conversation);
  return sight !== undefined && mayOpen(sight);
}

/** Reads the same rows whether the group exists or not. */
async function sightOf({ views }: RightsContext, { userId: user }: Caller, conversation: string) {
  const [sight] = await views.relations.sights([{ conversation, user }]);
  return sight;
}

const unknown = (field: string) => new Refusal("NOT_FOUND", "there is no such conversation that you may see", { field });
