/*
 * What a messenger of people and groups does, in plain sets and lists: a second telling of the rules, in which nothing is folded,
 * positioned, windowed or merged. Each command says what it must be answered, and changes the sets.
 */

/** "ok", or the code of the refusal. */
export type Outcome = string;
export const ok: Outcome = "ok";

export type Role = "OWNER" | "ADMIN" | "MEMBER";
export type Policy = "OPEN" | "APPROVAL" | "INVITE";
export type RequestStatus = "PENDING" | "ACCEPTED" | "DECLINED" | "WITHDRAWN";

export type Request = { number: number; from: string; to: string; alias: string | null; status: RequestStatus };
/** Of a user, to join a group. */
export type JoinRequest = { number: number; status: RequestStatus };
export type Pair = { friends: boolean; aliases: Map<string, string>; blockedBy: Set<string>; requests: Request[] };

export type Message = {
  seq: number;
  sender: string;
  text: string | null;
  recalled: boolean;
  mentions: readonly string[];
  replyTo: number | null;
  /** Those who were members when it was sent. */
  audience: ReadonlySet<string>;
  /** Who reacted with each emoji, in the order in which each came. */
  reactions: Map<string, Set<string>>;
};

export type Conversation = {
  id: string;
  direct: boolean;
  title: string;
  policy: Policy;
  public: boolean;
  historyVisible: boolean;
  /** In the order of joining. `joinedSeq`: the newest message then. */
  members: Map<string, { role: Role; joinedSeq: number }>;
  /** Whoever was ever a member, and the title as it was when they were last told of it. */
  known: Map<string, string>;
  messages: Message[];
  /** How far each has read, of those who ever did. */
  marks: Map<string, number>;
  preferences: Map<string, Preferences>;
  /** The newest request of each user who ever asked to join. */
  requests: Map<string, JoinRequest>;
  /** Whoever may not write. */
  silenced: Set<string>;
  /** By whom. */
  dissolvedBy?: string;
  /** The seqs of pinned messages, the one that was pinned last first. */
  pins: number[];
};

/** How a user wants a conversation. `hides`: what they said last; `hidden`: how it is since. */
export type Preferences = { muted: boolean; pinned: boolean; hides: boolean; hidden: boolean; nickname: string | null };

export const preferencesOf = (conversation: Conversation, user: string): Preferences =>
  conversation.preferences.get(user) ?? { muted: false, pinned: false, hides: false, hidden: false, nickname: null };

/** What is told. `about`: a message that they must still see. `asks`: who asks to join what; others must still decide it. */
export type Told = {
  to: ReadonlySet<string>;
  what: string;
  about?: { conversation: string; seq: number };
  asks?: { conversation: string; user: string };
};

export type Model = {
  users: readonly string[];
  pairs: Map<string, Pair>;
  conversations: Map<string, Conversation>;
  told: Told[];
};

export const newModel = (users: readonly string[]): Model => ({
  users,
  pairs: new Map(),
  conversations: new Map(),
  told: [],
});

const pairName = (one: string, other: string): string => (one < other ? `${one}~${other}` : `${other}~${one}`);

/** How two users stand. */
export function pairOf(model: Model, one: string, other: string): Pair {
  const name = pairName(one, other);
  const pair = model.pairs.get(name) ?? { friends: false, aliases: new Map(), blockedBy: new Set(), requests: [] };
  model.pairs.set(name, pair);
  return pair;
}

/** The direct conversation of two users; it begins with its first message. */
export const directId = (one: string, other: string): string => `d:${pairName(one, other)}`;

export function directOf(model: Model, one: string, other: string): Conversation {
  const id = directId(one, other);
  const found = model.conversations.get(id);
  if (found) return found;
  const members = new Map([one, other].map((user) => [user, { role: "MEMBER" as const, joinedSeq: 0 }]));
  const none = { title: "", policy: "INVITE" as const, public: false, historyVisible: true };
  return {
    id,
    direct: true,
    ...none,
    members,
    known: new Map([one, other].map((user) => [user, ""])),
    messages: [],
    marks: new Map(),
    preferences: new Map(),
    pins: [],
    requests: new Map(),
    silenced: new Set(),
  };
}

/** Whether a user may know that a conversation exists. */
export const knows = (conversation: Conversation, user: string): boolean => conversation.public || conversation.known.has(user);

/** Whether a user may see a message. */
export const sees = (conversation: Conversation, user: string, message: Message): boolean =>
  conversation.public || (conversation.historyVisible && conversation.members.has(user)) || message.audience.has(user);

/** What a member has not read. */
export function unreadOf(conversation: Conversation, user: string): Message[] {
  const member = conversation.members.get(user);
  if (!member) return [];
  const base = Math.max(conversation.marks.get(user) ?? 0, member.joinedSeq);
  return conversation.messages.filter(({ seq, recalled }) => seq > base && !recalled);
}

/** What a user is told, in order, of what they may still see. */
export const toldTo = (model: Model, user: string): string[] =>
  model.told
    .filter(({ to }) => to.has(user))
    .filter(({ asks }) => {
      if (!asks || asks.user === user) return true;
      const role = model.conversations.get(asks.conversation)?.members.get(user)?.role;
      return role === "OWNER" || role === "ADMIN";
    })
    .filter(({ about }) => {
      if (!about) return true;
      const conversation = model.conversations.get(about.conversation) as Conversation;
      return sees(conversation, user, conversation.messages[about.seq - 1] as Message);
    })
    .map(({ what }) => what);
