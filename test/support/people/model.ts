/*
 * What a messenger of people, groups and channels does, in plain sets and lists: a second telling of the rules, in which nothing
 * is folded, positioned, windowed or merged. Each command says what it must be answered, and changes the sets.
 */

/** "ok", or the code of the refusal. */
export type Outcome = string;
export const ok: Outcome = "ok";

export type Kind = "DIRECT" | "GROUP" | "CHANNEL";
export type Role = "OWNER" | "ADMIN" | "MEMBER";
export type Policy = "OPEN" | "APPROVAL" | "INVITE";
export type RequestStatus = "PENDING" | "ACCEPTED" | "DECLINED" | "WITHDRAWN";

export type Request = { number: number; from: string; to: string; alias: string | null; status: RequestStatus };
/** Of a user, to join a group; with `invitedBy`, that one asks the user in. */
export type JoinRequest = { number: number; status: RequestStatus; invitedBy: string | null };
export type Pair = { friends: boolean; aliases: Map<string, string>; blockedBy: Set<string>; requests: Request[] };

/** A link to join with. `until`: the day on which it is over. */
export type Invite = { code: string; by: string; usesLeft: number | null; until: number | null; revoked: boolean };

/** A message that waits for its day, could not be sent on it, or is no longer to be sent. `failed`: which failure it was. */
export type Scheduled = { id: string; by: string; to: string; text: string; day: number } & (
  { state: "WAITING" | "OVER" } | { state: "FAILED"; code: string; failed: number }
);

export type Message = {
  seq: number;
  sender: string;
  text: string | null;
  recalled: boolean;
  expired: boolean;
  /** The day on which it expires. */
  expires: number | null;
  /** It had waited for its day. */
  scheduled: boolean;
  mentions: readonly string[];
  replyTo: number | null;
  forwardedFrom: { conversation: string; seq: number } | null;
  /** Those who were members when it was sent. */
  audience: ReadonlySet<string>;
  /** Who reacted with each emoji, in the order in which each came. */
  reactions: Map<string, Set<string>>;
};

/**
 * `role`: null for who only follows a channel. `follows`: a channel, also for its staff. The newest messages: `joinedSeq` when
 * they came, `readsFrom` when they became a member of a group, or one of the staff.
 */
export type Member = { role: Role | null; follows: boolean; joinedSeq: number; readsFrom: number };

export type Conversation = {
  id: string;
  kind: Kind;
  title: string;
  policy: Policy;
  public: boolean;
  historyVisible: boolean;
  /** In the order of joining; those who follow a channel too. */
  members: Map<string, Member>;
  /** Whoever was ever a member, and the title as it was when they were last told of it. */
  known: Map<string, string>;
  messages: Message[];
  /** How far each has read, of those who ever did. */
  marks: Map<string, number>;
  preferences: Map<string, Preferences>;
  /** The newest request of each user of whom there ever was one. */
  requests: Map<string, JoinRequest>;
  invites: Invite[];
  /** Until which day somebody may not write. */
  silenced: Map<string, number>;
  /** By whom. */
  dissolvedBy?: string;
  /** The seqs of pinned messages, the one that was pinned last first. */
  pins: number[];
};

/** How a user wants a conversation. `hides`: what they said last; `hidden`: how it is since. */
export type Preferences = { muted: boolean; pinned: boolean; hides: boolean; hidden: boolean; nickname: string | null };

export const preferencesOf = (conversation: Conversation, user: string): Preferences =>
  conversation.preferences.get(user) ?? { muted: false, pinned: false, hides: false, hidden: false, nickname: null };

/**
 * What is told. `about`: a message that they must still see. `asks`: whose request to join what, and who asks them in; others
 * must still decide it.
 */
export type Told = {
  to: ReadonlySet<string>;
  what: string;
  about?: { conversation: string; seq: number };
  asks?: { conversation: string; user: string; invitedBy: string | null };
};

/** Who may write to whom, and who may be added to groups without being asked. */
export type Settings = { directMessages: "anyone" | "friends"; addToGroups: "anyone" | "friends" };

export type Model = {
  users: readonly string[];
  settings: Settings;
  /** Time goes on by whole days. What happens in between takes no time. */
  day: number;
  pairs: Map<string, Pair>;
  conversations: Map<string, Conversation>;
  scheduled: Scheduled[];
  told: Told[];
};

export const newModel = (users: readonly string[], settings: Settings): Model => ({
  users,
  settings,
  day: 0,
  pairs: new Map(),
  conversations: new Map(),
  scheduled: [],
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

type Profile = Pick<Conversation, "title" | "policy" | "public" | "historyVisible">;

/** One in which nobody is and nothing was said. */
export const newConversation = (id: string, kind: Kind, profile: Profile): Conversation => ({
  id,
  kind,
  ...profile,
  members: new Map(),
  known: new Map(),
  messages: [],
  marks: new Map(),
  preferences: new Map(),
  requests: new Map(),
  invites: [],
  silenced: new Map(),
  pins: [],
});

/** The direct conversation of two users; it begins with its first message. */
export const directId = (one: string, other: string): string => `d:${pairName(one, other)}`;

export function directOf(model: Model, one: string, other: string): Conversation {
  const id = directId(one, other);
  const found = model.conversations.get(id);
  if (found) return found;
  const made = newConversation(id, "DIRECT", { title: "", policy: "INVITE", public: false, historyVisible: true });
  for (const user of [one, other]) {
    made.members.set(user, { role: "MEMBER", follows: false, joinedSeq: 0, readsFrom: 0 });
    made.known.set(user, "");
  }
  return made;
}

/** Everyone in a conversation, also those who only follow it. */
export const everyone = ({ members }: Conversation): Set<string> => new Set(members.keys());

/** What somebody is in a group, or in the staff of a channel; undefined for all others. */
export const roleOf = ({ members }: Conversation, user: string): Role | undefined => members.get(user)?.role ?? undefined;

/** Whether somebody decides for a group. */
export const leads = (conversation: Conversation, user: string): boolean =>
  roleOf(conversation, user) === "OWNER" || roleOf(conversation, user) === "ADMIN";

/** The members of a group, or the staff of a channel. */
export const staffOf = (conversation: Conversation): string[] =>
  [...conversation.members.keys()].filter((user) => roleOf(conversation, user) !== undefined);

/** Whether a user may know that a conversation exists. */
export const knows = (conversation: Conversation, user: string): boolean => conversation.public || conversation.known.has(user);

/** Whether a user may see a message. */
export const sees = (conversation: Conversation, user: string, message: Message): boolean =>
  conversation.public || (conversation.historyVisible && conversation.members.has(user)) || message.audience.has(user);

/** Whether nothing of its content is left. */
export const isGone = ({ recalled, expired }: Message): boolean => recalled || expired;

/** What a member has not read. */
export function unreadOf(conversation: Conversation, user: string): Message[] {
  const member = conversation.members.get(user);
  if (!member) return [];
  const base = Math.max(conversation.marks.get(user) ?? 0, member.joinedSeq);
  return conversation.messages.filter((message) => message.seq > base && message.sender !== user && !isGone(message));
}

/** What a user is told, in order, of what they may still see. */
export const toldTo = (model: Model, user: string): string[] =>
  model.told
    .filter(({ to }) => to.has(user))
    .filter(({ asks }) => {
      if (!asks || asks.user === user || asks.invitedBy === user) return true;
      const conversation = model.conversations.get(asks.conversation);
      return conversation !== undefined && leads(conversation, user);
    })
    .filter(({ about }) => {
      if (!about) return true;
      const conversation = model.conversations.get(about.conversation) as Conversation;
      return sees(conversation, user, conversation.messages[about.seq - 1] as Message);
    })
    .map(({ what }) => what);
