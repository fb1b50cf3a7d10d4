import { areApart, ask, enter, exit, isAskedFirst, letIn, notLeading, outside, pendingOf, tell, unfollow } from "./membership.ts";
import {
  type Conversation,
  everyone,
  type Kind,
  knows,
  type Model,
  newConversation,
  ok,
  type Outcome,
  type Policy,
  roleOf,
  staffOf,
} from "./model.ts";

/* Groups and channels, and who is what in them. The members of a channel are its staff here. */

type Profile = { title: string; policy: Policy; public: boolean; historyVisible: boolean };

export function create(
  model: Model,
  { id, kind, by, others, profile }: { id: string; kind: Kind; by: string; others: readonly string[]; profile: Profile },
): void {
  // Who follows a channel sees all of it.
  const historyVisible = kind === "CHANNEL" || profile.historyVisible;
  const conversation = newConversation(id, kind, { ...profile, historyVisible });
  model.conversations.set(id, conversation);
  enter(model, conversation, by, "OWNER", by);
  for (const user of new Set(others)) {
    if (user === by || areApart(model, by, user)) continue;
    if (isAskedFirst(model, conversation, by, user)) ask(model, conversation, user, by);
    else enter(model, conversation, user, "MEMBER", by);
  }
}

export type Change = Partial<Profile>;

export function updateConversation(model: Model, conversation: Conversation, by: string, change: Change): Outcome {
  const refused = notLeading(conversation, by);
  if (refused) return refused;
  if (conversation.kind === "CHANNEL" && change.historyVisible === false) return "BAD_INPUT";
  const isOther = Object.entries(change).some(([name, value]) => conversation[name as keyof Profile] !== value);
  if (!isOther) return ok;
  Object.assign(conversation, change);
  for (const user of conversation.members.keys()) conversation.known.set(user, conversation.title);
  model.told.push({ to: everyone(conversation), what: `conversation ${conversation.id}` });
  return ok;
}

/** `until`: a day, or null. */
export function silence(model: Model, conversation: Conversation, by: string, user: string, until: number | null): Outcome {
  const refused = notLeading(conversation, by);
  if (refused) return refused;
  if (user === by) return "BAD_INPUT";
  const of = roleOf(conversation, user);
  if (of === undefined) return "NOT_FOUND";
  if (of === "OWNER" || (of === "ADMIN" && roleOf(conversation, by) !== "OWNER")) return "FORBIDDEN";
  if (until !== null && until <= model.day) return "BAD_INPUT";
  if ((conversation.silenced.get(user) ?? null) === until) return ok;
  if (until === null) conversation.silenced.delete(user);
  else conversation.silenced.set(user, until);
  tell(model, conversation, "SILENCED", user, by, everyone(conversation));
  return ok;
}

export function dissolve(model: Model, conversation: Conversation, by: string): Outcome {
  if (!knows(conversation, by)) return "NOT_FOUND";
  if (conversation.dissolvedBy === by) return ok;
  if (roleOf(conversation, by) !== "OWNER") return "FORBIDDEN";
  const told = everyone(conversation);
  tell(model, conversation, "DISSOLVED", by, by, told);
  for (const [user, request] of conversation.requests) {
    if (request.status !== "PENDING") continue;
    request.status = request.invitedBy === null ? "DECLINED" : "WITHDRAWN";
    const what = `asked j:${conversation.id}~${user}:${request.number}`;
    // One thing is told once: those who follow a channel are told that it is dissolved.
    if (!told.has(user)) model.told.push({ to: new Set([user]), what });
  }
  conversation.members.clear();
  for (const invite of conversation.invites) invite.revoked = true;
  Object.assign(conversation, { dissolvedBy: by, public: false, historyVisible: false, policy: "INVITE" });
  return ok;
}

export function addMembers(model: Model, conversation: Conversation, by: string, users: readonly string[]): Outcome {
  const isForAll = conversation.kind === "GROUP" && conversation.policy === "OPEN";
  const refused = isForAll ? outside(conversation, by) : notLeading(conversation, by);
  if (refused) return refused;
  for (const user of new Set(users)) {
    if (roleOf(conversation, user) !== undefined || areApart(model, by, user)) continue;
    const pending = pendingOf(conversation, user);
    // Whoever asked to be let in has been asked already.
    const isAsked = isAskedFirst(model, conversation, by, user) && (pending === undefined || pending.invitedBy !== null);
    if (!isAsked) letIn(model, conversation, user, by);
    else if (!pending) ask(model, conversation, user, by);
  }
  return ok;
}

export function removeMembers(model: Model, conversation: Conversation, by: string, users: readonly string[]): Outcome {
  const refused = notLeading(conversation, by);
  if (refused) return refused;
  const present = [...new Set(users)].filter((user) => roleOf(conversation, user) !== undefined);
  if (present.includes(by)) return "BAD_INPUT";
  if (roleOf(conversation, by) === "ADMIN" && present.some((user) => roleOf(conversation, user) !== "MEMBER")) return "FORBIDDEN";
  for (const user of present) exit(model, conversation, user, "REMOVED", by);
  for (const user of new Set(users)) unfollow(model, conversation, user, by);
  return ok;
}

export function leave(model: Model, conversation: Conversation, by: string): Outcome {
  if (!knows(conversation, by)) return "NOT_FOUND";
  if (!conversation.known.has(by)) return "FORBIDDEN";
  const role = roleOf(conversation, by);
  if (role === "OWNER" && staffOf(conversation).length > 1) return "CONFLICT";
  unfollow(model, conversation, by, by);
  if (role !== undefined) exit(model, conversation, by, "LEFT", by);
  return ok;
}

export function setRole(model: Model, conversation: Conversation, by: string, user: string, role: "ADMIN" | "MEMBER"): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  if (roleOf(conversation, by) !== "OWNER") return "FORBIDDEN";
  if (user === by) return "BAD_INPUT";
  if (roleOf(conversation, user) === undefined) return "NOT_FOUND";
  if (roleOf(conversation, user) === role) return ok;
  Object.assign(conversation.members.get(user) ?? {}, { role });
  tell(model, conversation, "ROLE_CHANGED", user, by, everyone(conversation));
  return ok;
}

export function transferOwnership(model: Model, conversation: Conversation, by: string, user: string): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  if (roleOf(conversation, by) !== "OWNER") return "FORBIDDEN";
  if (roleOf(conversation, user) === undefined) return "NOT_FOUND";
  if (user === by) return ok;
  Object.assign(conversation.members.get(by) ?? {}, { role: "ADMIN" });
  Object.assign(conversation.members.get(user) ?? {}, { role: "OWNER" });
  conversation.silenced.delete(user);
  tell(model, conversation, "ROLE_CHANGED", user, by, everyone(conversation));
  return ok;
}
