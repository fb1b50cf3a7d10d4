import { expect } from "vitest";
import type { Json } from "../apiWorld.ts";
import { same } from "../same.ts";
import { timeOf } from "./days.ts";
import { isGood } from "./joining.ts";
import {
  type Conversation,
  isGone,
  leads,
  type Message,
  type Model,
  preferencesOf,
  roleOf,
  sees,
  staffOf,
  unreadOf,
} from "./model.ts";
import { type Edges, type Id, ids, nodes } from "./shown.ts";

const MESSAGE = `id seq text sender { id } recalledAt expiresAt replyTo { id } forwardedFrom { id } mentions { id }
  reactions { emoji count byViewer } replyCount lastReplyAt replies(first: 100) { edges { node { id } } }`;
export const CONVERSATION = `id kind title joinPolicy public historyVisible memberCount lastSeq readSeq unreadCount unreadMentions unreadReplies
  membership { role joinedSeq silencedUntil muted pinned hidden nickname }
  pins { seq }
  invites { code usesLeft expiresAt createdBy { id } }
  lastMessage { seq readCount readBy(first: 100) { edges { node { id } } } }
  messages(first: 100) { edges { node { ${MESSAGE} } } pageInfo { hasNextPage } }
  members(first: 100) { edges { node { role nickname muted silencedUntil user { id } } } }`;

/**
 * Of a conversation that is shown as it stood. `since`: what became of the content of messages later. `present`: what the model
 * says now: what was forwarded is shown as it is now.
 */
export type Since = { since: ReadonlyMap<number, "recalled" | "expired">; present: Model };

/** Compares a conversation as a user is shown it with what the model says. */
export function sameConversation(model: Model, user: string, shown: Json & Id, then?: Since): void {
  const conversation = model.conversations.get(shown.id) as Conversation;
  const at = `${shown.id} as ${user} sees it`;
  sameMessages(model, conversation, user, shown, at, then);
  const member = conversation.members.get(user);
  const unread = unreadOf(conversation, user);
  const { hides: _, ...preferences } = preferencesOf(conversation, user);
  const isOpen = member !== undefined || conversation.public;
  const wanted = {
    kind: conversation.kind,
    unreadCount: unread.length,
    unreadReplies: unread.filter(({ replyTo }) => replyTo !== null && isPartOf(conversation, user, replyTo)).length,
    unreadMentions: unread.filter(({ mentions }) => mentions.includes(user)).length,
    membership: member
      ? { role: member.role ?? "MEMBER", joinedSeq: member.joinedSeq, ...silenceOf(model, conversation, user), ...preferences }
      : null,
    invites: leads(conversation, user) ? invitesOf(model, conversation) : [],
    // Who has left is told nothing of what came later.
    ...(isOpen && { public: conversation.public, historyVisible: conversation.historyVisible, joinPolicy: conversation.policy }),
    ...(conversation.kind !== "DIRECT" && { title: isOpen ? conversation.title : conversation.known.get(user) }),
    ...(isOpen && { memberCount: conversation.members.size, lastSeq: conversation.messages.length }),
    ...(member && { readSeq: conversation.marks.get(user) ?? 0 }),
  };
  same<Json>(partOf(shown, wanted), wanted, at);
  if (isOpen) sameReaders(conversation, user, shown, at);
  if (conversation.kind === "DIRECT") return;
  same<unknown>(shownMembers(shown), isOpen ? membersFor(model, conversation, user) : [], `members of ${at}`);
}

function sameMessages(
  model: Model,
  conversation: Conversation,
  user: string,
  shown: Json & Id,
  at: string,
  { since, present }: Since = { since: new Map(), present: model },
): void {
  const { id, messages, pins } = conversation;
  const isBlank = (message: Message): boolean => isGone(message) || since.has(message.seq);
  const seen = messages.filter((message) => sees(conversation, user, message));
  const { edges, pageInfo } = shown["messages"] as Edges<Json> & { pageInfo: { hasNextPage: boolean } };
  const first = seen.slice(0, 100);
  same(
    edges.map(({ node }) => ({ ...node, ...timesOf(node) })),
    first.map((message): Json => {
      const { seq, text, sender, recalled, expires, replyTo, mentions, reactions } = message;
      const replies = seen.filter((one) => one.replyTo === seq).map((one) => ({ node: { id: `${id}:${one.seq}` } }));
      return {
        id: `${id}:${seq}`,
        seq,
        text: isBlank(message) ? null : text,
        sender: { id: sender },
        recalledAt: recalled || since.get(seq) === "recalled" ? TIME : null,
        expiresAt: expires === null ? null : TIME,
        replyTo: seen.some((one) => one.seq === replyTo) ? { id: `${id}:${replyTo}` } : null,
        forwardedFrom: isBlank(message) ? null : originalOf(present, user, message),
        reactions: isBlank(message)
          ? []
          : [...reactions].map(([emoji, users]) => ({ emoji, count: users.size, byViewer: users.has(user) })),
        replyCount: replies.length,
        lastReplyAt: replies.length > 0 ? TIME : null,
        replies: { edges: replies },
        mentions: isBlank(message) ? [] : [...new Set(mentions)].map((one) => ({ id: one })),
      };
    }),
    `messages of ${at}`,
  );
  const pinned = pins
    .filter((seq) => seen.some((one) => one.seq === seq) && since.get(seq) !== "expired")
    .map((seq) => ({ seq }));
  const rest = { hasMore: pageInfo.hasNextPage, pins: shown["pins"] };
  same<Json>(rest, { hasMore: seen.length > first.length, pins: pinned }, `what there is beside messages of ${at}`);
}

/** What the model says nothing of: which time it is. */
const timesOf = ({ recalledAt, expiresAt, lastReplyAt }: Json): Json => ({
  recalledAt: someTime(recalledAt),
  expiresAt: someTime(expiresAt),
  lastReplyAt: someTime(lastReplyAt),
});
const TIME = "a time";
const someTime = (shown: unknown): unknown => (typeof shown === "string" ? TIME : shown);

/** The members of an object that another one has. */
const partOf = (shown: Json, like: Json): Json => Object.fromEntries(Object.keys(like).map((name) => [name, shown[name]]));

/** What a message was copied from, for whoever may see that too, as long as the copy is there. */
function originalOf(model: Model, user: string, message: Message): Id | null {
  const { forwardedFrom } = message;
  if (!forwardedFrom || isGone(message)) return null;
  const from = model.conversations.get(forwardedFrom.conversation) as Conversation;
  const original = from.messages[forwardedFrom.seq - 1] as Message;
  return sees(from, user, original) ? { id: `${from.id}:${original.seq}` } : null;
}

/** Whether a user began or took part in the thread under a message. */
const isPartOf = ({ messages }: Conversation, user: string, root: number): boolean =>
  messages.some(({ seq, sender, replyTo }) => sender === user && (seq === root || replyTo === root));

/** Who has read the newest message is told to those of whom it could be told. */
function sameReaders(conversation: Conversation, user: string, shown: Json, at: string): void {
  const { messages, members, marks } = conversation;
  const newest = messages[messages.length - 1];
  const last = shown["lastMessage"] as (Json & { readBy: Edges<Id> }) | null;
  expect(last?.["seq"] ?? null, `the newest message of ${at}`).toBe(
    newest && sees(conversation, user, newest) ? newest.seq : null,
  );
  if (!newest || !last) return;
  const { seq, sender } = newest;
  const hasRead = (one: string) => (members.get(one)?.readsFrom ?? seq) < seq && (marks.get(one) ?? 0) >= seq;
  const isReader = roleOf(conversation, user) !== undefined;
  const readers = isReader ? staffOf(conversation).filter((one) => one !== sender && hasRead(one)) : [];
  expect(ids(last.readBy).sort(), `readers of ${at}`).toEqual(readers.sort());
  expect(last["readCount"]).toBe(readers.length);
}

function silenceOf({ day }: Model, { silenced }: Conversation, user: string): { silencedUntil: string | null } {
  const until = silenced.get(user) ?? 0;
  return { silencedUntil: until > day ? timeOf(until) : null };
}

/** Those that can be used now, the newest first. */
const invitesOf = (model: Model, conversation: Conversation) =>
  conversation.invites
    .filter((invite) => isGood(model, conversation, invite))
    .map(({ code, by, usesLeft, until }) => ({
      code,
      usesLeft,
      expiresAt: until === null ? null : timeOf(until),
      createdBy: { id: by },
    }))
    .reverse();

type ShownMember = { role: string; nickname: string | null; muted: boolean; silencedUntil: string | null; user: Id };

const shownMembers = (shown: Json) =>
  nodes(shown["members"] as Edges<ShownMember>).map((one) => [one.user.id, one.role, one.nickname, one.muted, one.silencedUntil]);

/** In the order of joining. Who follows a channel is known to its staff. */
function membersFor(model: Model, conversation: Conversation, user: string) {
  const isStaff = conversation.kind === "GROUP" || roleOf(conversation, user) !== undefined;
  return [...conversation.members]
    .filter(([, { role }]) => isStaff || role !== null)
    .map(([id, { role }]) => {
      const { nickname, muted } = preferencesOf(conversation, id);
      // What others want for themselves is theirs alone.
      return [id, role ?? "MEMBER", nickname, id === user && muted, silenceOf(model, conversation, id).silencedUntil];
    });
}
