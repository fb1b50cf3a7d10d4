import { type Conversation, knows, type Model, ok, type Outcome, type Policy, type Role } from "./model.ts";

const everyone = (conversation: Conversation): Set<string> => new Set(conversation.members.keys());

function tell(model: Model, { id }: Conversation, change: string, user: string, by: string, to: ReadonlySet<string>): void {
  model.told.push({ to, what: `${change} ${id} ${user} by ${by}` });
}

function enter(model: Model, conversation: Conversation, user: string, role: Role, by: string): void {
  conversation.members.set(user, { role, joinedSeq: conversation.messages.length });
  conversation.known.set(user, conversation.title);
  // Whoever comes back to it is shown it again.
  const preferences = conversation.preferences.get(user);
  if (preferences) preferences.hidden = false;
  tell(model, conversation, "JOINED", user, by, everyone(conversation));
}

function exit(model: Model, conversation: Conversation, user: string, change: "LEFT" | "REMOVED", by: string): void {
  tell(model, conversation, change, user, by, everyone(conversation));
  conversation.members.delete(user);
}

type Profile = { title: string; policy: Policy; public: boolean; historyVisible: boolean };

export function createGroup(model: Model, id: string, by: string, others: readonly string[], profile: Profile): void {
  const conversation: Conversation = {
    id,
    direct: false,
    ...profile,
    members: new Map(),
    known: new Map(),
    messages: [],
    marks: new Map(),
    preferences: new Map(),
    pins: [],
  };
  model.conversations.set(id, conversation);
  enter(model, conversation, by, "OWNER", by);
  for (const user of new Set(others)) if (user !== by) enter(model, conversation, user, "MEMBER", by);
}

/** Whoever is no member is refused: with what they may know. */
function outside(conversation: Conversation, user: string): Outcome | undefined {
  if (conversation.members.has(user)) return undefined;
  return knows(conversation, user) ? "FORBIDDEN" : "NOT_FOUND";
}

const roleOf = (conversation: Conversation, user: string): Role | undefined => conversation.members.get(user)?.role;

export type Change = Partial<Profile>;

export function updateConversation(model: Model, conversation: Conversation, by: string, change: Change): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  if (roleOf(conversation, by) === "MEMBER") return "FORBIDDEN";
  const isOther = Object.entries(change).some(([name, value]) => conversation[name as keyof Profile] !== value);
  if (!isOther) return ok;
  Object.assign(conversation, change);
  for (const user of conversation.members.keys()) conversation.known.set(user, conversation.title);
  model.told.push({ to: everyone(conversation), what: `conversation ${conversation.id}` });
  return ok;
}

export function join(model: Model, conversation: Conversation, by: string): Outcome {
  if (!knows(conversation, by) && conversation.policy !== "OPEN") return "NOT_FOUND";
  if (conversation.members.has(by)) return ok;
  if (conversation.policy !== "OPEN") return "FORBIDDEN";
  if (conversation.members.size === 0) return "CONFLICT";
  enter(model, conversation, by, "MEMBER", by);
  return ok;
}

export function addMembers(model: Model, conversation: Conversation, by: string, users: readonly string[]): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  if (roleOf(conversation, by) === "MEMBER" && conversation.policy !== "OPEN") return "FORBIDDEN";
  for (const user of new Set(users)) if (!conversation.members.has(user)) enter(model, conversation, user, "MEMBER", by);
  return ok;
}

export function removeMembers(model: Model, conversation: Conversation, by: string, users: readonly string[]): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  const role = roleOf(conversation, by);
  if (role === "MEMBER") return "FORBIDDEN";
  const present = [...new Set(users)].filter((user) => conversation.members.has(user));
  if (present.includes(by)) return "BAD_INPUT";
  if (role === "ADMIN" && present.some((user) => roleOf(conversation, user) !== "MEMBER")) return "FORBIDDEN";
  for (const user of present) exit(model, conversation, user, "REMOVED", by);
  return ok;
}

export function leave(model: Model, conversation: Conversation, by: string): Outcome {
  if (!knows(conversation, by)) return "NOT_FOUND";
  if (!conversation.known.has(by)) return "FORBIDDEN";
  const role = roleOf(conversation, by);
  if (role === undefined) return ok;
  if (role === "OWNER" && conversation.members.size > 1) return "CONFLICT";
  exit(model, conversation, by, "LEFT", by);
  return ok;
}

export function setRole(model: Model, conversation: Conversation, by: string, user: string, role: "ADMIN" | "MEMBER"): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  if (roleOf(conversation, by) !== "OWNER") return "FORBIDDEN";
  if (user === by) return "BAD_INPUT";
  const member = conversation.members.get(user);
  if (!member) return "NOT_FOUND";
  if (member.role === role) return ok;
  member.role = role;
  tell(model, conversation, "ROLE_CHANGED", user, by, everyone(conversation));
  return ok;
}

export function transferOwnership(model: Model, conversation: Conversation, by: string, user: string): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  const owner = conversation.members.get(by);
  if (owner?.role !== "OWNER") return "FORBIDDEN";
  const member = conversation.members.get(user);
  if (!member) return "NOT_FOUND";
  if (user === by) return ok;
  owner.role = "ADMIN";
  member.role = "OWNER";
  tell(model, conversation, "ROLE_CHANGED", user, by, everyone(conversation));
  return ok;
}
