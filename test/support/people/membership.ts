import {
  type Conversation,
  everyone,
  type JoinRequest,
  knows,
  leads,
  type Model,
  type Outcome,
  pairOf,
  type RequestStatus,
  type Role,
  roleOf,
} from "./model.ts";

/* How people come into groups and channels and go again, whatever made them. */

export function tell(
  model: Model,
  { id }: Conversation,
  change: string,
  user: string,
  by: string,
  to: ReadonlySet<string>,
): void {
  model.told.push({ to, what: `${change} ${id} ${user} by ${by}` });
}

/** Whoever is of no group, or not of the staff of a channel, is refused: with what they may know. */
export function outside(conversation: Conversation, user: string): Outcome | undefined {
  if (roleOf(conversation, user) !== undefined) return undefined;
  return knows(conversation, user) ? "FORBIDDEN" : "NOT_FOUND";
}

/** The same for whoever does not decide for it. */
export function notLeading(conversation: Conversation, user: string): Outcome | undefined {
  return outside(conversation, user) ?? (leads(conversation, user) ? undefined : "FORBIDDEN");
}

/** A member of a group, or one of the staff of a channel. */
export function enter(model: Model, conversation: Conversation, user: string, role: Role, by: string): void {
  const readsFrom = conversation.messages.length;
  const before = conversation.members.get(user);
  if (before) Object.assign(before, { role, readsFrom });
  else come(conversation, user, { role, follows: false });
  tell(model, conversation, "JOINED", user, by, everyone(conversation));
}

function come(conversation: Conversation, user: string, as: { role: Role | null; follows: boolean }): void {
  const head = conversation.messages.length;
  conversation.members.set(user, { ...as, joinedSeq: head, readsFrom: head });
  conversation.known.set(user, conversation.title);
  // Whoever comes back to it is shown it again.
  const preferences = conversation.preferences.get(user);
  if (preferences) preferences.hidden = false;
}

/** A member of a group goes, or one of the staff of a channel, who may still follow it. */
export function exit(model: Model, conversation: Conversation, user: string, change: "LEFT" | "REMOVED", by: string): void {
  tell(model, conversation, change, user, by, everyone(conversation));
  const member = conversation.members.get(user);
  if (member?.follows) member.role = null;
  else conversation.members.delete(user);
}

/** By themselves, or because they were let in. Nobody else is told who follows a channel. */
export function follow(model: Model, channel: Conversation, user: string, by: string): void {
  const before = channel.members.get(user);
  if (before) before.follows = true;
  else {
    come(channel, user, { role: null, follows: true });
    tell(model, channel, "JOINED", user, by, new Set([user]));
  }
}

export function unfollow(model: Model, channel: Conversation, user: string, by: string): void {
  const member = channel.members.get(user);
  if (!member?.follows) return;
  member.follows = false;
  if (member.role !== null) return;
  tell(model, channel, user === by ? "LEFT" : "REMOVED", user, by, new Set([user]));
  channel.members.delete(user);
}

/** The request of a user that waits. */
export const pendingOf = ({ requests }: Conversation, user: string): JoinRequest | undefined => {
  const request = requests.get(user);
  return request?.status === "PENDING" ? request : undefined;
};

/** A user asks to be let in, or is asked in. */
export function ask(model: Model, conversation: Conversation, user: string, invitedBy: string | null): void {
  const number = (conversation.requests.get(user)?.number ?? 0) + 1;
  conversation.requests.set(user, { number, status: "PENDING", invitedBy });
  tellOfRequest(model, conversation, user);
}

/** The user is told of their request, and so is who asked them in, or else those who may answer it. */
function tellOfRequest(model: Model, conversation: Conversation, user: string): void {
  const { id, members } = conversation;
  const { number, invitedBy } = conversation.requests.get(user) as JoinRequest;
  const others = invitedBy === null ? [...members.keys()].filter((member) => leads(conversation, member)) : [invitedBy];
  const asks = { conversation: id, user, invitedBy };
  model.told.push({ to: new Set([user, ...others]), what: `asked j:${id}~${user}:${number}`, asks });
}

export function decide(model: Model, conversation: Conversation, user: string, status: RequestStatus): void {
  (conversation.requests.get(user) as JoinRequest).status = status;
  tellOfRequest(model, conversation, user);
}

/** Whoever is let in has no request that waits. */
export function letIn(model: Model, conversation: Conversation, user: string, by: string): void {
  if (pendingOf(conversation, user)) decide(model, conversation, user, "ACCEPTED");
  enter(model, conversation, user, "MEMBER", by);
}

/** Nobody adds somebody of whom one has blocked the other. */
export const areApart = (model: Model, by: string, user: string): boolean =>
  by !== user && pairOf(model, by, user).blockedBy.size > 0;

/** Whether somebody is asked before they are of a group, or of the staff of a channel, to whom those who follow it may write. */
export function isAskedFirst(model: Model, { kind }: Conversation, by: string, user: string): boolean {
  const { addToGroups, directMessages } = model.settings;
  const asksStrangers = addToGroups === "friends" || (kind === "CHANNEL" && directMessages === "friends");
  return asksStrangers && !pairOf(model, by, user).friends;
}
