import { expect } from "vitest";
import type { Json } from "../apiWorld.ts";
import { type Conversation, type Model, preferencesOf, sees, toldTo, unreadOf } from "./model.ts";

/* What each user is shown at the end, and what the model says that they must be. */

/** A query of a user. */
export type Query = (user: string, document: string, variables?: Json) => Promise<Json>;

const MESSAGE =
  "id seq text sender { id } recalledAt replyTo { id } mentions { id } reactions { emoji count byViewer } replyCount";
const CONVERSATION = `id kind title public historyVisible memberCount lastSeq readSeq unreadCount unreadMentions unreadReplies
  membership { role joinedSeq muted pinned hidden nickname }
  pins { seq }
  messages(first: 100) { edges { node { ${MESSAGE} } } pageInfo { hasNextPage } }
  members(first: 100) { edges { node { role nickname muted user { id } } } }`;
const VIEWER = `{ viewer {
  unreadTotal
  unreadWithMuted: unreadTotal(includeMuted: true)
  shown: conversations(first: 100) { edges { node { id } } }
  conversations(first: 100, includeHidden: true) { edges { node { ${CONVERSATION} } } }
  friends(first: 100) { totalCount edges { node { alias user { id } } } }
  incoming: friendRequests(direction: INCOMING, first: 100) { edges { node { id } } }
  outgoing: friendRequests(direction: OUTGOING, first: 100) { edges { node { id } } }
  toDecide: joinRequests(direction: INCOMING, first: 100) { edges { node { id } } }
  asked: joinRequests(direction: OUTGOING, first: 100) { edges { node { id } } }
  blocked(first: 100) { edges { node { id } } }
} }`;
const ONE = `query ($id: ID!) { conversation(id: $id) { ${CONVERSATION} } }`;
const USER = `query ($id: ID!) { user(id: $id) { friendship { status alias blockedByViewer } } }`;
const SYNC = `query ($after: Cursor) { viewer { sync(after: $after, limit: 50) { cursor hasMore resetRequired entries {
  __typename
  ... on MessageReceived { message { id } }
  ... on MessageChanged { messageChange message { id } }
  ... on ReadMoved { readSeq conversation { id } }
  ... on MembershipChanged { membershipChange user { id } actor { id } conversation { id } }
  ... on ConversationChanged { conversation { id } }
  ... on JoinRequestChanged { request { id } }
  ... on FriendRequestChanged { request { id } }
  ... on FriendshipChanged { user { id } }
} } } }`;

type Id = { id: string };
type Edges<T> = { edges: { node: T }[] };
const nodes = <T>({ edges }: Edges<T>): T[] => edges.map(({ node }) => node);
const ids = (of: Edges<Id>): string[] => nodes(of).map(({ id }) => id);

/** Compares everything that a user is shown with what the model says. */
export async function sameFor(model: Model, query: Query, user: string): Promise<void> {
  const { viewer } = (await query(user, VIEWER)) as { viewer: Json };
  const mine = [...model.conversations.values()].filter(({ members }) => members.has(user));
  const shown = nodes(viewer["conversations"] as Edges<Json & Id>);
  expect(shown.map(({ id }) => id).sort(), `conversations of ${user}`).toEqual(mine.map(({ id }) => id).sort());
  const visible = mine.filter((conversation) => !preferencesOf(conversation, user).hidden);
  expect(ids(viewer["shown"] as Edges<Id>).sort(), `conversations that ${user} did not hide`).toEqual(
    visible.map(({ id }) => id).sort(),
  );
  const total = (of: readonly Conversation[]) => of.reduce((sum, conversation) => sum + unreadOf(conversation, user).length, 0);
  expect(viewer["unreadWithMuted"], `unread of ${user}`).toBe(total(mine));
  expect(viewer["unreadTotal"], `unread of ${user} without muted ones`).toBe(
    total(mine.filter((conversation) => !preferencesOf(conversation, user).muted)),
  );
  for (const conversation of shown) sameConversation(model, user, conversation);
  for (const conversation of model.conversations.values()) {
    if (conversation.members.has(user)) continue;
    const { conversation: found } = (await query(user, ONE, { id: conversation.id })) as { conversation: (Json & Id) | null };
    if (found) sameConversation(model, user, found);
    const mayOpen = conversation.public || conversation.known.has(user);
    expect(found !== null, `${user} opens ${conversation.id}`).toBe(mayOpen);
  }
  await samePairs(model, query, user, viewer);
  sameRequests(model, user, viewer);
  expect(await entriesOf(query, user), `what ${user} is told`).toEqual(toldTo(model, user));
}

/** Requests that wait: the user's own, and those that they may answer. */
function sameRequests(model: Model, user: string, viewer: Json): void {
  const own: string[] = [];
  const toDecide: string[] = [];
  for (const { id, requests, members } of model.conversations.values()) {
    for (const [asking, { number, status }] of requests) {
      if (status !== "PENDING") continue;
      const role = members.get(user)?.role;
      if (asking === user) own.push(`j:${id}~${asking}:${number}`);
      else if (role === "OWNER" || role === "ADMIN") toDecide.push(`j:${id}~${asking}:${number}`);
    }
  }
  expect(ids(viewer["asked"] as Edges<Id>).sort(), `requests of ${user} to join`).toEqual(own.sort());
  expect(ids(viewer["toDecide"] as Edges<Id>).sort(), `requests that ${user} may answer`).toEqual(toDecide.sort());
}

async function samePairs(model: Model, query: Query, user: string, viewer: Json): Promise<void> {
  const friends: Record<string, string | null> = {};
  const requests = { incoming: new Set<string>(), outgoing: new Set<string>() };
  const blocked = new Set<string>();
  for (const other of model.users.filter((one) => one !== user)) {
    const pair = model.pairs.get([user, other].sort().join("~"));
    if (pair?.friends) friends[other] = pair.aliases.get(user) ?? null;
    if (pair?.blockedBy.has(user)) blocked.add(other);
    const pending = pair?.requests.find(({ status }) => status === "PENDING");
    const id = `f:${[user, other].sort().join("~")}:${pending?.number}`;
    if (pending) requests[pending.from === user ? "outgoing" : "incoming"].add(id);
    const { user: found } = (await query(user, USER, { id: other })) as { user: Json };
    const asked = pending?.from === user ? "REQUESTED_BY_VIEWER" : pending ? "REQUESTED_BY_THEM" : "NONE";
    expect(found["friendship"], `${user} and ${other}`).toEqual({
      status: pair?.friends ? "FRIENDS" : asked,
      alias: pair?.aliases.get(user) ?? null,
      blockedByViewer: pair?.blockedBy.has(user) ?? false,
    });
  }
  const list = viewer["friends"] as Edges<{ alias: string | null; user: Id }> & { totalCount: number };
  expect(Object.fromEntries(nodes(list).map(({ alias, user: { id } }) => [id, alias])), `friends of ${user}`).toEqual(friends);
  expect(list.totalCount).toBe(Object.keys(friends).length);
  expect(ids(viewer["incoming"] as Edges<Id>).sort()).toEqual([...requests.incoming].sort());
  expect(ids(viewer["outgoing"] as Edges<Id>).sort()).toEqual([...requests.outgoing].sort());
  expect(ids(viewer["blocked"] as Edges<Id>).sort()).toEqual([...blocked].sort());
}

function sameConversation(model: Model, user: string, shown: Json & Id): void {
  const conversation = model.conversations.get(shown.id) as Conversation;
  const member = conversation.members.get(user);
  const seen = conversation.messages.filter((message) => sees(conversation, user, message));
  const at = `${shown.id} as ${user} sees it`;
  const { edges, pageInfo } = shown["messages"] as Edges<Json> & { pageInfo: { hasNextPage: boolean } };
  const first = seen.slice(0, 100);
  expect(
    edges.map(({ node }) => node),
    `messages of ${at}`,
  ).toEqual(
    first.map(({ seq, text, sender, recalled, replyTo, mentions, reactions }) => ({
      id: `${shown.id}:${seq}`,
      seq,
      text,
      sender: { id: sender },
      recalledAt: recalled ? (expect.any(String) as unknown) : null,
      replyTo: seen.some((one) => one.seq === replyTo) ? { id: `${shown.id}:${replyTo}` } : null,
      reactions: recalled
        ? []
        : [...reactions].map(([emoji, users]) => ({ emoji, count: users.size, byViewer: users.has(user) })),
      replyCount: seen.filter((one) => one.replyTo === seq).length,
      mentions: recalled ? [] : [...new Set(mentions)].map((id) => ({ id })),
    })),
  );
  expect(pageInfo.hasNextPage).toBe(seen.length > first.length);
  const unread = unreadOf(conversation, user);
  const { hides: _, ...preferences } = preferencesOf(conversation, user);
  const isOutside = member === undefined && !conversation.public;
  expect(shown, at).toMatchObject({
    // Who has left is told nothing of what came later.
    ...(isOutside ? {} : { public: conversation.public, historyVisible: conversation.historyVisible }),
    ...(conversation.direct ? {} : { title: isOutside ? conversation.known.get(user) : conversation.title }),
    unreadCount: unread.length,
    unreadReplies: unread.filter(({ replyTo }) => replyTo !== null && isPartOf(conversation, user, replyTo)).length,
    unreadMentions: unread.filter(({ mentions, sender }) => mentions.includes(user) && sender !== user).length,
    membership: member ? { role: member.role, joinedSeq: member.joinedSeq, ...preferences } : null,
    pins: conversation.pins.filter((seq) => seen.some((one) => one.seq === seq)).map((seq) => ({ seq })),
  });
  if (!member) return;
  expect(shown, at).toMatchObject({
    memberCount: conversation.members.size,
    lastSeq: conversation.messages.length,
    readSeq: conversation.marks.get(user) ?? 0,
  });
  if (conversation.direct) return;
  expect(
    nodes(shown["members"] as Edges<{ role: string; nickname: string | null; muted: boolean; user: Id }>).map((one) => [
      one.user.id,
      one.role,
      one.nickname,
      one.muted,
    ]),
    `members of ${at}`,
  ).toEqual(
    [...conversation.members].map(([id, { role }]) => {
      const { nickname, muted } = preferencesOf(conversation, id);
      // What others want for themselves is theirs alone.
      return [id, role, nickname, id === user && muted];
    }),
  );
}

/** Whether a user began or took part in the thread under a message. */
const isPartOf = ({ messages }: Conversation, user: string, root: number): boolean =>
  messages.some(({ seq, sender, replyTo }) => sender === user && (seq === root || replyTo === root));

type Entry = { __typename: string; messageChange: string; membershipChange: string; readSeq: number } & Record<
  "message" | "conversation" | "user" | "actor" | "request",
  Id
>;

async function entriesOf(query: Query, user: string): Promise<string[]> {
  const told: string[] = [];
  for (let after: string | null = null; ;) {
    const { viewer } = (await query(user, SYNC, { after })) as { viewer: { sync: Json & { entries: Entry[] } } };
    const { entries, hasMore, cursor, resetRequired } = viewer.sync;
    expect(resetRequired).toBe(false);
    told.push(...entries.map(inWords));
    if (!hasMore) return told;
    after = cursor as string;
  }
}

function inWords(entry: Entry): string {
  switch (entry.__typename) {
    case "MessageReceived":
      return `received ${entry.message.id}`;
    case "MessageChanged":
      return `${entry.messageChange} ${entry.message.id}`;
    case "ReadMoved":
      return `read ${entry.conversation.id} ${entry.readSeq}`;
    case "MembershipChanged":
      return `${entry.membershipChange} ${entry.conversation.id} ${entry.user.id} by ${entry.actor.id}`;
    case "ConversationChanged":
      return `conversation ${entry.conversation.id}`;
    case "JoinRequestChanged":
      return `asked ${entry.request.id}`;
    case "FriendRequestChanged":
      return `request ${entry.request.id}`;
    case "FriendshipChanged":
      return `friendship ${entry.user.id}`;
    default:
      throw new Error(`what is ${entry.__typename}?`);
  }
}
