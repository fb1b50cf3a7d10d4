import {
  type Conversation,
  type JoinRequest,
  knows,
  type Model,
  ok,
  type Outcome,
  pairOf,
  type Policy,
  type RequestStatus,
  type Role,
} from "./model.ts";

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
    requests: new Map(),
    silenced: new Set(),
  };
  model.conversations.set(id, conversation);
  enter(model, conversation, by, "OWNER", by);
  for (const user of new Set(others))
    if (user !== by && !areApart(model, by, user)) enter(model, conversation, user, "MEMBER", by);
}

/** Nobody adds somebody of whom one has blocked the other. */
const areApart = (model: Model, by: string, user: string): boolean => by !== user && pairOf(model, by, user).blockedBy.size > 0;

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

const pendingOf = ({ requests }: Conversation, user: string): JoinRequest | undefined => {
  const request = requests.get(user);
  return request?.status === "PENDING" ? request : undefined;
};

/** The user is told of their request, and so are those who may answer it. */
function tellOfRequest(model: Model, { id, members }: Conversation, user: string, { number }: JoinRequest): void {
  const deciding = [...members].filter(([, { role }]) => role !== "MEMBER").map(([member]) => member);
  const asks = { conversation: id, user };
  model.told.push({ to: new Set([user, ...deciding]), what: `asked j:${id}~${user}:${number}`, asks });
}

function decide(model: Model, conversation: Conversation, user: string, request: JoinRequest, status: RequestStatus): void {
  request.status = status;
  tellOfRequest(model, conversation, user, request);
}

/** Whoever is let in has no request that waits. */
function letIn(model: Model, conversation: Conversation, user: string, by: string): void {
  const pending = pendingOf(conversation, user);
  if (pending) decide(model, conversation, user, pending, "ACCEPTED");
  enter(model, conversation, user, "MEMBER", by);
}

const isOver = ({ members, dissolvedBy }: Conversation): boolean => members.size === 0 || dissolvedBy !== undefined;

export function join(model: Model, conversation: Conversation, by: string): Outcome {
  const { policy } = conversation;
  if (!knows(conversation, by) && policy === "INVITE" && !pendingOf(conversation, by)) return "NOT_FOUND";
  if (conversation.members.has(by)) return ok;
  if (isOver(conversation)) return "CONFLICT";
  if (policy === "INVITE") return "FORBIDDEN";
  if (policy === "OPEN") letIn(model, conversation, by, by);
  else if (!pendingOf(conversation, by)) {
    const request: JoinRequest = { number: (conversation.requests.get(by)?.number ?? 0) + 1, status: "PENDING" };
    conversation.requests.set(by, request);
    tellOfRequest(model, conversation, by, request);
  }
  return ok;
}

export function answerJoinRequest(
  model: Model,
  conversation: Conversation,
  by: string,
  { user, number, accept }: { user: string; number: number; accept: boolean },
): Outcome {
  const request = conversation.requests.get(user);
  const isStaff = conversation.members.has(by) && roleOf(conversation, by) !== "MEMBER";
  if (!request || number > request.number || (by !== user && !isStaff)) return "NOT_FOUND";
  if (number < request.number) return "CONFLICT";
  const decides = isStaff && by !== user;
  if (accept && !decides) return "FORBIDDEN";
  const wanted = accept ? "ACCEPTED" : decides ? "DECLINED" : "WITHDRAWN";
  if (request.status === wanted) return ok;
  if (request.status !== "PENDING" || (accept && isOver(conversation))) return "CONFLICT";
  decide(model, conversation, user, request, wanted);
  if (accept) enter(model, conversation, user, "MEMBER", by);
  return ok;
}

export function silence(model: Model, conversation: Conversation, by: string, user: string, on: boolean): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  const role = roleOf(conversation, by);
  if (role === "MEMBER") return "FORBIDDEN";
  if (user === by) return "BAD_INPUT";
  const of = roleOf(conversation, user);
  if (of === undefined) return "NOT_FOUND";
  if (of === "OWNER" || (of === "ADMIN" && role !== "OWNER")) return "FORBIDDEN";
  if (conversation.silenced.has(user) === on) return ok;
  if (on) conversation.silenced.add(user);
  else conversation.silenced.delete(user);
  tell(model, conversation, "SILENCED", user, by, everyone(conversation));
  return ok;
}

export function dissolve(model: Model, conversation: Conversation, by: string): Outcome {
  if (!knows(conversation, by)) return "NOT_FOUND";
  if (conversation.dissolvedBy === by) return ok;
  if (roleOf(conversation, by) !== "OWNER") return "FORBIDDEN";
  const waiting = [...conversation.requests].filter(([, { status }]) => status === "PENDING");
  tell(model, conversation, "DISSOLVED", by, by, everyone(conversation));
  for (const [user, request] of waiting) {
    request.status = "DECLINED";
    model.told.push({ to: new Set([user]), what: `asked j:${conversation.id}~${user}:${request.number}` });
  }
  conversation.members.clear();
  Object.assign(conversation, { dissolvedBy: by, public: false, historyVisible: false, policy: "INVITE" });
  return ok;
}

export function addMembers(model: Model, conversation: Conversation, by: string, users: readonly string[]): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  if (roleOf(conversation, by) === "MEMBER" && conversation.policy !== "OPEN") return "FORBIDDEN";
  for (const user of new Set(users))
    if (!conversation.members.has(user) && !areApart(model, by, user)) letIn(model, conversation, user, by);
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
  conversation.silenced.delete(user);
  tell(model, conversation, "ROLE_CHANGED", user, by, everyone(conversation));
  return ok;
}
