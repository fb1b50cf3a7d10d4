import { expect } from "vitest";
import type { Json } from "../apiWorld.ts";
import { timeOf } from "./days.ts";
import { entriesOf } from "./entries.ts";
import { isGood } from "./joining.ts";
import { type Conversation, knows, leads, type Model, preferencesOf, type Scheduled, toldTo, unreadOf } from "./model.ts";
import { type Edges, type Id, ids, nodes, type Query } from "./shown.ts";
import { CONVERSATION, sameConversation } from "./shownConversation.ts";

/* What each user is shown at the end, and what the model says that they must be. */

const SCHEDULED = "id text sendAt failure conversation { id }";
const VIEWER = `{ viewer {
  unreadTotal
  unreadWithMuted: unreadTotal(includeMuted: true)
  shown: conversations(first: 100) { edges { node { id } } }
  conversations(first: 100, includeHidden: true) { edges { node { ${CONVERSATION} } } }
  groups(first: 100) { edges { node { id } } }
  friends(first: 100) { totalCount edges { node { alias user { id } } } }
  incoming: friendRequests(direction: INCOMING, first: 100) { edges { node { id } } }
  outgoing: friendRequests(direction: OUTGOING, first: 100) { edges { node { id } } }
  toDecide: joinRequests(direction: INCOMING, first: 100) { edges { node { id } } }
  asked: joinRequests(direction: OUTGOING, first: 100) { edges { node { id } } }
  scheduled { ${SCHEDULED} }
  failed: scheduled(failed: true) { ${SCHEDULED} }
  blocked(first: 100) { edges { node { id } } }
} }`;
const ONE = `query ($id: ID!) { conversation(id: $id) { ${CONVERSATION} } }`;
const USER = `query ($id: ID!) { user(id: $id) { friendship { status alias blockedByViewer } } }`;
const CODE = `query ($text: String!) { code(text: $text) { ... on Invite { code usesLeft title memberCount } } }`;

/** Compares everything that a user is shown with what the model says. */
export async function sameFor(model: Model, query: Query, user: string): Promise<void> {
  const { viewer } = (await query(user, VIEWER)) as { viewer: Json };
  const mine = [...model.conversations.values()].filter(({ members }) => members.has(user));
  const shown = nodes(viewer["conversations"] as Edges<Json & Id>);
  expect(shown.map(({ id }) => id).sort(), `conversations of ${user}`).toEqual(mine.map(({ id }) => id).sort());
  const groups = mine.filter(({ kind }) => kind === "GROUP");
  expect(ids(viewer["groups"] as Edges<Id>).sort(), `groups of ${user}`).toEqual(groups.map(({ id }) => id).sort());
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
    if (!conversation.members.has(user)) {
      const { conversation: found } = (await query(user, ONE, { id: conversation.id })) as { conversation: (Json & Id) | null };
      if (found) sameConversation(model, user, found);
      expect(found !== null, `${user} opens ${conversation.id}`).toBe(knows(conversation, user));
    }
    await sameInvites(model, query, user, conversation);
  }
  await samePairs(model, query, user, viewer);
  sameRequests(model, user, viewer);
  sameScheduled(model, user, viewer);
  expect(await entriesOf(query, user), `what ${user} is told`).toEqual(toldTo(model, user));
}

/** What the code of an invitation says to a user: all to those who decide, and to others as long as they can join with it. */
async function sameInvites(model: Model, query: Query, user: string, conversation: Conversation): Promise<void> {
  for (const invite of conversation.invites) {
    const { code } = await query(user, CODE, { text: invite.code });
    const isSeen = leads(conversation, user) || isGood(model, conversation, invite);
    const { title, members } = conversation;
    expect(code, `an invitation to ${conversation.id} as ${user} sees it`).toEqual(
      isSeen ? { code: invite.code, usesLeft: invite.usesLeft, title, memberCount: members.size } : null,
    );
  }
}

/** Requests that wait: those that the user made, and those that they may answer. */
function sameRequests(model: Model, user: string, viewer: Json): void {
  const own: string[] = [];
  const toDecide: string[] = [];
  for (const conversation of model.conversations.values()) {
    for (const [asking, { number, status, invitedBy }] of conversation.requests) {
      if (status !== "PENDING") continue;
      const id = `j:${conversation.id}~${asking}:${number}`;
      if ((invitedBy ?? asking) === user) own.push(id);
      if (invitedBy === null ? leads(conversation, user) : asking === user) toDecide.push(id);
    }
  }
  expect(ids(viewer["asked"] as Edges<Id>).sort(), `requests that ${user} made`).toEqual(own.sort());
  expect(ids(viewer["toDecide"] as Edges<Id>).sort(), `requests that ${user} may answer`).toEqual(toDecide.sort());
}

/** Messages that wait, the earliest first, and those that could not be sent, the newest failure first. */
function sameScheduled(model: Model, user: string, viewer: Json): void {
  const own = model.scheduled.filter(({ by }) => by === user);
  const inShape = ({ id, text, day, to }: Scheduled, failure: string | null) => ({
    id,
    text,
    sendAt: timeOf(day),
    failure,
    conversation: { id: to },
  });
  const waiting = own
    .filter(({ state }) => state === "WAITING")
    .sort((one, other) => one.day - other.day || (one.id < other.id ? -1 : 1));
  expect(viewer["scheduled"], `what waits of ${user}`).toEqual(waiting.map((one) => inShape(one, null)));
  const failed = own.flatMap((one) => (one.state === "FAILED" ? [one] : [])).sort((one, other) => other.failed - one.failed);
  expect(viewer["failed"], `what of ${user} could not be sent`).toEqual(failed.map((one) => inShape(one, one.code)));
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
