import { ask, decide, enter, follow, letIn, notLeading, pendingOf } from "./membership.ts";
import { type Conversation, type Invite, knows, leads, type Model, ok, type Outcome, staffOf } from "./model.ts";

/* How people come in by themselves: into groups as members, into channels as those who follow them. */

/** Whether nobody is left who could let anyone in. */
const isOver = (conversation: Conversation): boolean => staffOf(conversation).length === 0;

/** Whoever comes by themselves. What they were asked to be in a channel is another question. */
function comeIn(model: Model, conversation: Conversation, by: string): void {
  if (conversation.kind === "GROUP") return letIn(model, conversation, by, by);
  if (pendingOf(conversation, by)?.invitedBy === null) decide(model, conversation, by, "ACCEPTED");
  follow(model, conversation, by, by);
}

export function join(model: Model, conversation: Conversation, by: string): Outcome {
  const { policy } = conversation;
  const pending = pendingOf(conversation, by);
  if (!knows(conversation, by) && policy === "INVITE" && !pending) return "NOT_FOUND";
  if (conversation.members.has(by)) return ok;
  if (conversation.kind === "CHANNEL" && (conversation.public || policy === "OPEN")) {
    // Nobody is asked, so no request is answered by it.
    follow(model, conversation, by, by);
    return ok;
  }
  if (isOver(conversation)) return "CONFLICT";
  if (pending && pending.invitedBy !== null) letIn(model, conversation, by, by);
  else if (policy === "INVITE") return "FORBIDDEN";
  else if (policy === "OPEN") comeIn(model, conversation, by);
  else if (!pending) ask(model, conversation, by, null);
  return ok;
}

export type Answer = { user: string; number: number; accept: boolean };

export function answerJoinRequest(
  model: Model,
  conversation: Conversation,
  by: string,
  { user, number, accept }: Answer,
): Outcome {
  const request = conversation.requests.get(user);
  if (!request || number > request.number) return "NOT_FOUND";
  const { invitedBy, status } = request;
  const isNewest = number === request.number;
  if (by !== user && !leads(conversation, by) && !(isNewest && invitedBy === by)) return "NOT_FOUND";
  if (!isNewest) return "CONFLICT";
  const decides = invitedBy === null ? by !== user : by === user;
  if (accept && !decides) return "FORBIDDEN";
  const wanted = accept ? "ACCEPTED" : decides ? "DECLINED" : "WITHDRAWN";
  if (status === wanted) return ok;
  if (status !== "PENDING" || (accept && isOver(conversation))) return "CONFLICT";
  decide(model, conversation, user, wanted);
  if (!accept) return ok;
  if (conversation.kind === "CHANNEL" && invitedBy === null) follow(model, conversation, user, by);
  else enter(model, conversation, user, "MEMBER", by);
  return ok;
}

export function createInvite(conversation: Conversation, by: string): Outcome {
  return notLeading(conversation, by) ?? ok;
}

/** Whether somebody can come in with it now. */
export const isGood = ({ day }: Model, conversation: Conversation, { revoked, usesLeft, until }: Invite): boolean =>
  !revoked && usesLeft !== 0 && (until === null || until > day) && !isOver(conversation);

export function joinByInvite(model: Model, conversation: Conversation, by: string, invite: Invite): Outcome {
  // It is not used up by those who are in.
  if (conversation.members.has(by)) return ok;
  if (!isGood(model, conversation, invite)) return "NOT_FOUND";
  if (invite.usesLeft !== null) invite.usesLeft--;
  comeIn(model, conversation, by);
  return ok;
}

/** `invite`: of this conversation or another. */
export function revokeInvite(conversation: Conversation, by: string, invite: Invite): Outcome {
  const refused = notLeading(conversation, by);
  if (refused) return refused;
  if (!conversation.invites.includes(invite)) return "NOT_FOUND";
  invite.revoked = true;
  return ok;
}
