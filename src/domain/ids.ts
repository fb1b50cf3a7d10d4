import { z } from "zod";

/** Characters that a user's id has at most. */
const USER_ID_MAX = 64;
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const ESCAPED = /^(?:[A-Za-z0-9]|=[0-9A-F]{2})(?:[A-Za-z0-9._-]|=[0-9A-F]{2})*$/;

/** What `encodeURIComponent` leaves as it is and an id does not: a sign of these, and `.`, `_` or `-` as the first character. */
const UNESCAPED = /^[._-]|[!~*'()]/g;
const escaped = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/**
 * The id of the user whom a text names: what an identity provider calls them, say. Letters, digits, `.`, `_` and `-` stay as they
 * are, but for a `.`, `_` or `-` at the beginning; every other character becomes its bytes in UTF-8, each as `=` and two hex
 * digits: `auth0|123` is `auth0=7C123`. So each text has one id, and no two have the same: an id without `=` is the id of itself
 * alone, and `=` itself becomes `=3D`. Undefined where the text is empty, or holds half of a surrogate pair. How long the id is,
 * is not looked at.
 */
export function userIdFor(name: string): string | undefined {
  if (name === "" || /\p{Surrogate}/u.test(name)) return undefined;
  return encodeURIComponent(name).replace(UNESCAPED, escaped).replaceAll("%", "=");
}

/** The text that a user's id was made of: `userIdFor` undone. Undefined where it was made of none. */
export function userNameIn(id: string): string | undefined {
  if (PLAIN.test(id)) return id;
  if (!ESCAPED.test(id)) return undefined;
  try {
    const name = decodeURIComponent(id.replaceAll("=", "%"));
    // There is one way to write it.
    return userIdFor(name) === id ? name : undefined;
  } catch {
    // Bytes that are no UTF-8.
    return undefined;
  }
}

/** A user's id, as `userIdFor` makes them. No `:` and no `~`, so that it can stand in the ids of pairs and conversations. */
export const isUserId = (id: string): boolean => id.length <= USER_ID_MAX && userNameIn(id) !== undefined;

export const USER_ID_RULE =
  "a user id is 1 to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit; a byte of anything else is = and two hex digits";

export const userId = z.string().refine(isUserId, USER_ID_RULE);

/** The user whom a text names, or why nobody has such a name. */
export function readUserId(name: unknown): { id: string } | { fault: string } {
  const id = typeof name === "string" ? userIdFor(name) : undefined;
  if (id === undefined) return { fault: "it is not a text of at least one character" };
  if (id.length <= USER_ID_MAX) return { id };
  return { fault: `it makes an id of ${id.length} characters, and there are ${USER_ID_MAX} at most` };
}

/** The same where the text may be an id already, as people type either. */
export const readUser = (text: unknown): { id: string } | { fault: string } =>
  typeof text === "string" && isUserId(text) ? { id: text } : readUserId(text);

const GROUP = /^[gc]:[A-Za-z0-9._-]{1,64}$/;

/** The id of a group or a channel, which is its conversation's id too. */
export const groupId = z.string().regex(GROUP, "a group's id begins with g:, a channel's with c:");

/** A channel is a group with followers beside its members, who are its staff. */
export const channelId = z.string().regex(/^c:[A-Za-z0-9._-]{1,64}$/, "a channel's id begins with c:");

/** The id of an invitation to a group. Nobody can guess it: whoever has it may use it. */
export const inviteId = z.string().regex(/^i:[A-Za-z0-9_-]{22,64}$/, "an invitation's id begins with i:");

/** The id of a user's request to join a group: `j:<group>~<user>:<number>`. */
export const joinRequestIdOf = (group: string, user: string, number: number): string => `j:${group}~${user}:${number}`;

/** Such an id taken apart; undefined where it is none. */
export function parseJoinRequestId(id: string): { group: string; user: string; number: number } | undefined {
  const [, group = "", user = "", number = ""] = /^j:([^~]+)~([^~:]+):([1-9][0-9]{0,8})$/.exec(id) ?? [];
  return groupId.safeParse(group).success && isUserId(user) ? { group, user, number: Number(number) } : undefined;
}
/**
 * A device's id: what its app calls it, and what a token's `device` says. Ids of other things, but for users', begin with a
 * letter and a colon.
 */
export const deviceId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, "1 to 128 of A-Z a-z 0-9 . _ : -, a letter or digit first")
  .refine((id) => !/^[a-z]:/.test(id), "an id that begins with a letter and a colon is not a device's");

const DIRECT = /^d:([A-Za-z0-9=._-]+)~([A-Za-z0-9=._-]+)$/;

/** A direct conversation's id: the two user ids in text order. */
export const directId = z
  .string()
  .refine((id) => directMembers(id) !== undefined, "a direct conversation's id is d:<user>~<user>, the two ids in order");

const CONVERSATION_RULE =
  "a conversation's id is g:<name> (a group's), c:<name> (a channel's) or d:<user>~<user>, the two ids in order (a direct one's)";

/** Whether `conversationId` accepts a text: a fraction of the time, for what is asked for every message of a log. */
export const isConversationId = (id: string): boolean => GROUP.test(id) || directMembers(id) !== undefined;

/**
 * One check, and no union of those above: every message is parsed several times, and what a union's first choice says against a
 * direct one's took as long as all else.
 */
export const conversationId = z.string(CONVERSATION_RULE).refine(isConversationId, CONVERSATION_RULE);

/** The one conversation of two users. */
export function directConversationOf(one: string, other: string): string {
  return one < other ? `d:${one}~${other}` : `d:${other}~${one}`;
}

/** The two users of a direct conversation, in order; undefined where the id is not one's. */
export function directMembers(id: string): readonly [string, string] | undefined {
  const members = usersIn(id);
  return members && members[0] < members[1] ? members : undefined;
}

/** The id of the direct conversation that a text names with its two members in the wrong order; undefined for any other text. */
export function directInOrder(id: string): string | undefined {
  const members = usersIn(id);
  return members && members[0] > members[1] ? directConversationOf(...members) : undefined;
}

/** The last one that was taken apart: several ask for the same, one after the other. */
let lastPair: { id: string; users: readonly [string, string] | undefined } = { id: "", users: undefined };

function usersIn(id: string): readonly [string, string] | undefined {
  if (id === lastPair.id) return lastPair.users;
  const [, one, other] = DIRECT.exec(id) ?? [];
  const isPair = one !== undefined && other !== undefined && isUserId(one) && isUserId(other);
  lastPair = { id, users: isPair ? [one, other] : undefined };
  return lastPair.users;
}

export const isDirect = (id: string): boolean => id.startsWith("d:");
/** Groups, and channels too. */
export const isGroup = (id: string): boolean => id.startsWith("g:") || isChannel(id);
export const isChannel = (id: string): boolean => id.startsWith("c:");

/** What a conversation is, by its id. */
export function kindOf(id: string): "DIRECT" | "GROUP" | "CHANNEL" {
  if (isDirect(id)) return "DIRECT";
  return isChannel(id) ? "CHANNEL" : "GROUP";
}

/** The other one of a direct conversation. */
export function peerOf(conversation: string, user: string): string | undefined {
  const members = directMembers(conversation);
  if (!members?.includes(user)) return undefined;
  return members[0] === user ? members[1] : members[0];
}

export const messageIdOf = (conversation: string, seq: number): string => `${conversation}:${seq}`;

/** A message's id taken apart: `<conversation>:<seq>`. */
export function parseMessageId(id: string): { conversation: string; seq: number } | undefined {
  const match = /^(.+):([1-9][0-9]{0,14})$/.exec(id);
  const [, conversation, seq] = match ?? [];
  if (conversation === undefined || seq === undefined || !conversationId.safeParse(conversation).success) return undefined;
  return { conversation, seq: Number(seq) };
}

/** The id of a member: `m:<conversation>~<user>`. */
export const memberIdOf = (conversation: string, user: string): string => `m:${conversation}~${user}`;

/** A member's id taken apart; undefined where it is none. */
export function parseMemberId(id: string): { conversation: string; user: string } | undefined {
  // No user id has a `~`.
  const [, conversation = "", user = ""] = /^m:(.+)~([^~]+)$/.exec(id) ?? [];
  return conversationId.safeParse(conversation).success && isUserId(user) ? { conversation, user } : undefined;
}

const CIRCLE = /^o:[A-Za-z0-9._-]{1,56}$/;

/** The id of a circle: `o:<name>`. */
export const circleId = z.string().regex(CIRCLE, "a circle's id is o:<name>, of 1 to 56 letters, digits, dots, _ and -");

/** The id of the circle that a business names, with or without `o:`. */
export const circleIdOf = (name: string): string => (name.startsWith("o:") ? name : `o:${name}`);

/** The id of a circle's conversation. No other group has such an id. */
export const circleConversationOf = (circle: string): string => `g:circle.${circle.slice(2)}`;
export const isCircleConversation = (id: string): boolean => id.startsWith("g:circle.");

/** The id of a webhook: `w:<name>`; and of an incoming one: `h:<name>`. */
export const webhookId = z
  .string()
  .regex(/^w:[A-Za-z0-9._-]{1,64}$/, "a webhook's id is w:<name>, of 1 to 64 letters, digits, dots, _ and -");
export const incomingHookId = z
  .string()
  .regex(/^h:[A-Za-z0-9._-]{1,64}$/, "an incoming webhook's id is h:<name>, of 1 to 64 letters, digits, dots, _ and -");

/** The id of the webhook that is named, with or without `w:`; of the incoming one with or without `h:`. */
export const webhookIdOf = (name: string): string => (name.startsWith("w:") ? name : `w:${name}`);
export const incomingHookIdOf = (name: string): string => (name.startsWith("h:") ? name : `h:${name}`);

/** Two users, whoever is named first. */
export const pairOf = (one: string, other: string): string => (one < other ? `${one}~${other}` : `${other}~${one}`);

/** The id of a friendship: `f:<user>~<user>`. */
export const friendshipIdOf = (one: string, other: string): string => `f:${pairOf(one, other)}`;

/** The id of a request for friendship: `f:<user>~<user>:<number>`. */
export const friendRequestIdOf = (one: string, other: string, number: number): string => `f:${pairOf(one, other)}:${number}`;

/** The two users of a friendship's id; undefined where it is none. */
export function parseFriendshipId(id: string): [string, string] | undefined {
  const users = id.startsWith("f:") ? directMembers(`d:${id.slice(2)}`) : undefined;
  return users && [users[0], users[1]];
}

/** A request's id taken apart; undefined where it is none. */
export function parseFriendRequestId(id: string): { users: [string, string]; number: number } | undefined {
  const [, pair = "", number = ""] = /^f:([^:]+):([1-9][0-9]{0,8})$/.exec(id) ?? [];
  const users = directMembers(`d:${pair}`);
  return users && { users: [users[0], users[1]], number: Number(number) };
}

/** The id of a message that waits for its time: `s:<user>:<UUID>`. */
export const scheduleIdOf = (user: string, id: string): string => `s:${user}:${id}`;

/** Such an id taken apart; undefined where it is none. */
export function parseScheduleId(text: string): { user: string; id: string } | undefined {
  const [, user = "", id = ""] = /^s:([^:]+):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text) ?? [];
  return isUserId(user) ? { user, id } : undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of an upload, and of its file: `u:<user>:<UUID>`. */
export const uploadIdOf = (user: string, id: string): string => `u:${user}:${id}`;

/** Such an id taken apart; undefined where it is none. */
export function parseUploadId(text: string): { user: string; id: string } | undefined {
  const [kind, user = "", id = "", ...more] = text.split(":");
  return kind === "u" && more.length === 0 && isUserId(user) && UUID.test(id) ? { user, id } : undefined;
}

export const uploadId = z.string().refine((id) => parseUploadId(id) !== undefined, "an upload's id is u:<user>:<UUID>");

/** Who reports: a user or a rule. One of the two is null. */
export type Reporter = { reporterId: string; rule: null } | { reporterId: null; rule: string };

/** In names of streams and in ids. No user's id begins with an `@`. */
const reporterIn = ({ reporterId, rule }: Reporter): string => reporterId ?? `@${rule}`;

/** The id of a report: `r:<conversation>:<seq>~<reporter>`, or `~@<rule>`. */
export const reportIdOf = (conversation: string, seq: number, reporter: Reporter): string =>
  `r:${messageIdOf(conversation, seq)}~${reporterIn(reporter)}`;

/** Such an id taken apart; undefined where it is none. */
export function parseReportId(id: string): ({ conversation: string; seq: number } & Reporter) | undefined {
  const [, message = "", by = ""] = /^r:(.+)~([^~]+)$/.exec(id) ?? [];
  const place = parseMessageId(message);
  if (place === undefined) return undefined;
  const [, rule] = /^@([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/.exec(by) ?? [];
  if (rule !== undefined) return { ...place, reporterId: null, rule };
  return isUserId(by) ? { ...place, reporterId: by, rule: null } : undefined;
}

/** The streams: one kind for each aggregate. */
export const streams = {
  user: (id: string) => `user-${id}`,
  /** `hash`: see handle.ts. Stream names hold no personal data. */
  handle: (hash: string) => `handle-${hash}`,
  /** Of two users, in either order. */
  friendship: (one: string, other: string) => `friendship-${pairOf(one, other)}`,
  /** Of a group, or of a channel's profile and staff. */
  group: (id: string) => `group-${id}`,
  /** Of one follower: a channel's followers never wait for each other. */
  subscription: (channel: string, user: string) => `subscription-${channel}~${user}`,
  conversation: (id: string) => `conversation-${id}`,
  annotation: (conversation: string, seq: number) => `annotation-${conversation}:${seq}`,
  report: (conversation: string, seq: number, by: Reporter) => `report-${messageIdOf(conversation, seq)}~${reporterIn(by)}`,
  ban: (user: string) => `ban-${user}`,
  reader: (user: string, conversation: string) => `reader-${user}~${conversation}`,
  schedule: (user: string) => `schedule-${user}`,
  /** `hash`: see pushTokens.ts. */
  pushtoken: (hash: string) => `pushtoken-${hash}`,
  uploads: (user: string) => `uploads-${user}`,
  circle: (id: string) => `circle-${id}`,
  preferences: (user: string, conversation: string) => `preferences-${user}~${conversation}`,
  webhooks: "webhooks",
  settings: "settings",
  key: "key",
} as const;
