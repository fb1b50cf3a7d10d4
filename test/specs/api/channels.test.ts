import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Connection, type Entry, type Member, MEMBER } from "../../support/answers.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, pages, refusal, registered, registeredAll } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer({ FANOUT_LIMIT: "1000" });
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob, cat, dan] = [] as unknown as [Client, Client, Client, Client];
/** New people for each test: nothing of another one's is in their lists. */
beforeEach(async () => {
  people += 1;
  [ann, bob, cat, dan] = (await Promise.all(
    ["ann", "bob", "cat", "dan"].map((name) => registered(server, `${name}${people}`)),
  )) as [Client, Client, Client, Client];
});

const channel = async (more: object = {}, ...staff: Client[]): Promise<string> => {
  const { conversation } = await ann.act("createConversation", {
    kind: "CHANNEL",
    title: "News",
    memberIds: staff.map(({ id }) => id),
    ...more,
  });
  return conversation.id;
};
const follow = (client: Client, id: string) => client.act("join", { id });
const unfollow = (client: Client, id: string) => client.act("leave", { id });
const post = (client: Client, id: string, text = "news") => client.act("sendMessage", { conversationId: id, text });

type Listed = Member & { follower: boolean };
const listed = async (client: Client, id: string, variables: object = {}) => {
  const { conversation } = await client.ask<{ conversation: { members: Connection<Listed>; memberCount: number } | null }>(
    `query ($id: ID!, $first: Int, $after: String, $role: Role, $followers: Boolean) {
      conversation(id: $id) { memberCount members(first: $first, after: $after, role: $role, followers: $followers) {
        edges { cursor node { ...MemberParts follower } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } ${MEMBER}`,
    { id, ...variables },
  );
  if (!conversation) throw new Error(`${client.id} sees no ${id}`);
  return conversation;
};
const names = ({ members }: Awaited<ReturnType<typeof listed>>) => members.edges.map(({ node }) => node.user.id);
const ids = (...clients: Client[]) => clients.map(({ id }) => id);
const textsOf = (entries: readonly Entry[]) =>
  entries.flatMap((entry) => (entry.__typename === "MessageReceived" ? [entry.message.text] : []));
const changesOf = (entries: readonly Entry[]) =>
  entries.flatMap((entry) => (entry.__typename === "MembershipChanged" ? [`${entry.user.id} ${entry.membershipChange}`] : []));

describe("a channel", () => {
  it("is made with its staff, under an id of its own", async () => {
    const { conversation } = await ann.act("createConversation", { kind: "CHANNEL", title: "News", memberIds: [bob.id] });
    expect(conversation).toMatchObject({
      id: expect.stringMatching(/^c:[0-9a-f-]{36}$/) as string,
      kind: "CHANNEL",
      title: "News",
      memberCount: 2,
      public: false,
      historyVisible: true,
      membership: { role: "OWNER" },
    });
    expect(await bob.conversation(conversation.id)).toMatchObject({ kind: "CHANNEL", membership: { role: "MEMBER" } });
    expect((await bob.conversations({ kind: "CHANNEL" })).edges.map(({ node }) => node.id)).toEqual([conversation.id]);
    expect((await bob.conversations({ kind: "GROUP" })).edges).toEqual([]);
  });

  it("is made once for a call, and a call that made a group makes none", async () => {
    const clientMutationId = randomUUID();
    const make = (kind: string) => ann.act("createConversation", { clientMutationId, kind, title: "News" });
    const { conversation } = await make("CHANNEL");
    expect((await make("CHANNEL")).conversation.id).toBe(conversation.id);
    expect(await refusal(make("GROUP"))).toMatchObject({ code: "CONFLICT", field: "clientMutationId" });
  });

  it("is found, read and followed by everyone if it is public, whatever its policy is", async () => {
    const id = await channel({ title: `Gazette ${people}`, public: true, joinPolicy: "INVITE" });
    await post(ann, id, "before");
    expect(await cat.conversation(id)).toMatchObject({ title: `Gazette ${people}`, membership: null, memberCount: 1 });
    expect((await cat.messages(id)).edges.map(({ node }) => node.text)).toEqual(["before"]);
    const found = await cat.ask<{ searchConversations: Connection<{ conversation: { id: string } }> }>(
      `query ($name: String, $at: Cursor) { searchConversations(query: { name: $name }, atLeast: $at) { edges { node { conversation { id } } } } }`,
      { name: `Gazette ${people}`, at: (await post(ann, id, "again")).cursor },
    );
    expect(found.searchConversations.edges.map(({ node }) => node.conversation.id)).toEqual([id]);
    expect((await follow(cat, id)).conversation).toMatchObject({ memberCount: 2, membership: { role: "MEMBER", joinedSeq: 2 } });
  });

  it.each([{ joinPolicy: "OPEN" }, {}])("that is not public is followed by its id alone, if it is open (%o)", async (policy) => {
    const id = await channel(policy);
    expect(await ann.conversation(id)).toMatchObject({ joinPolicy: "OPEN", public: false });
    await post(ann, id, "before");
    expect(await cat.conversation(id)).toBeNull();
    await follow(cat, id);
    expect((await cat.messages(id)).edges.map(({ node }) => node.text)).toEqual(["before"]);
  });

  it("that is closed is to strangers as if it were not", async () => {
    const id = await channel({ joinPolicy: "INVITE" });
    for (const work of [
      (on: string) => follow(dan, on),
      (on: string) => unfollow(dan, on),
      (on: string) => post(dan, on),
      (on: string) => dan.act("markRead", { conversationId: on, seq: 1 }),
      (on: string) => dan.act("removeMembers", { conversationId: on, userIds: [ann.id] }),
    ]) {
      const faults = await Promise.all([id, `c:${randomUUID()}`].map((on) => refusal(work(on))));
      expect(faults[0]).toMatchObject({ code: "NOT_FOUND" });
      expect(faults[1]).toEqual(faults[0]);
    }
    expect(await dan.conversation(id)).toBeNull();
  });
});

describe("following", () => {
  it("is told to the follower alone, and so is its end", async () => {
    const id = await channel({ public: true }, bob);
    const [annBefore, catBefore] = [(await ann.sync()).cursor, (await cat.sync()).cursor];
    const { cursor } = await follow(cat, id);
    const { cursor: after } = await unfollow(cat, id);
    expect(changesOf((await cat.syncAll(catBefore, { atLeast: after })).entries)).toEqual([`${cat.id} JOINED`, `${cat.id} LEFT`]);
    expect((await ann.syncAll(annBefore, { atLeast: after })).entries).toEqual([]);
    expect(after > cursor).toBe(true);
  });

  it("is done once for a call, also when it was ended since", async () => {
    const id = await channel({ public: true });
    const clientMutationId = randomUUID();
    const first = await cat.act("join", { clientMutationId, id });
    await unfollow(cat, id);
    const again = await cat.act("join", { clientMutationId, id });
    expect(again.cursor).toBe(first.cursor);
    expect(again.conversation.membership).toBeNull();
    expect((await follow(cat, id)).conversation.membership).not.toBeNull();
  });

  it("twice is following once", async () => {
    const id = await channel({ public: true });
    await follow(cat, id);
    expect((await follow(cat, id)).conversation.memberCount).toBe(2);
    expect((await follow(ann, id)).conversation).toMatchObject({ memberCount: 2, membership: { role: "OWNER" } });
  });

  it("is counted exactly, however many follow and unfollow at once", async () => {
    const id = await channel({ public: true });
    const crowd = await registeredAll(server, ...Array.from({ length: 50 }, (_, index) => `crowd${people}x${index}`));
    await Promise.all(crowd.map((client) => follow(client, id)));
    expect((await listed(ann, id)).memberCount).toBe(51);
    await Promise.all(
      crowd.map(async (client, index) => {
        if (index % 2 === 0) await unfollow(client, id);
        else await follow(client, id);
      }),
    );
    expect((await listed(ann, id)).memberCount).toBe(26);
    expect(names(await listed(ann, id, { followers: true, first: 100 })).sort()).toEqual(
      ids(...crowd.filter((_, index) => index % 2 === 1)).sort(),
    );
  });

  it("tells nobody but the staff how far others have read", async () => {
    const id = await channel({ joinPolicy: "OPEN" }, bob);
    await follow(cat, id);
    await post(ann, id);
    await cat.act("markRead", { conversationId: id, seq: 1 });
    const readOf = async (client: Client, user: Client) => {
      const { node } = await client.ask<{ node: { readSeq: number } | null }>(
        "query ($id: ID!) { node(id: $id) { ... on Member { readSeq } } }",
        { id: `m:${id}~${user.id}` },
      );
      return node?.readSeq;
    };
    expect(await Promise.all([ann, cat].map((user) => readOf(bob, user)))).toEqual([1, 1]);
    expect(await Promise.all([ann, cat].map((user) => readOf(cat, user)))).toEqual([0, 1]);
  });

  it("shows every post, counts those that come from then on as unread, and ends with what was seen", async () => {
    const id = await channel({ joinPolicy: "OPEN" });
    await post(ann, id, "one");
    const { conversation } = await follow(cat, id);
    expect(conversation).toMatchObject({ unreadCount: 0, lastSeq: 1 });
    const { cursor } = await post(ann, id, "two");
    expect(await cat.conversation(id, cursor)).toMatchObject({ unreadCount: 1 });
    await cat.act("markRead", { conversationId: id, seq: 2 });
    expect(await cat.conversation(id)).toMatchObject({ unreadCount: 0, readSeq: 2 });
    await unfollow(cat, id);
    await post(ann, id, "three");
    expect((await cat.messages(id)).edges.map(({ node }) => node.text)).toEqual(["two"]);
    expect(await cat.conversation(id)).toMatchObject({ membership: null, memberCount: 1 });
    expect(await refusal(post(cat, id))).toMatchObject({ code: "FORBIDDEN", field: "conversationId" });
  });
});

describe("a post", () => {
  it("is the staff's alone", async () => {
    const id = await channel({ public: true }, bob);
    await follow(cat, id);
    await post(ann, id);
    await post(bob, id);
    expect(await refusal(post(cat, id))).toMatchObject({ code: "FORBIDDEN", field: "conversationId" });
    expect(await refusal(post(dan, id))).toMatchObject({ code: "FORBIDDEN", field: "conversationId" });
  });

  it("is not that of a member of the staff who is silenced", async () => {
    const id = await channel({ public: true }, bob);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await call(ann, "silence", "SilenceInput", { conversationId: id, userId: bob.id, until }, "conversation { id }");
    expect(await refusal(post(bob, id))).toMatchObject({ code: "FORBIDDEN", field: "conversationId" });
    await call(ann, "silence", "SilenceInput", { conversationId: id, userId: bob.id, until: null }, "conversation { id }");
    await post(bob, id);
  });

  it("reaches followers live and in sync, in one order with everything else, and nobody after they left", async () => {
    const id = await channel({ public: true });
    await follow(cat, id);
    const before = (await cat.sync()).cursor;
    const inbox = cat.inbox();
    await inbox.until("caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    await post(ann, id, "one");
    await dan.act("sendMessage", { userId: cat.id, text: "two" });
    const { cursor } = await post(ann, id, "three");
    await inbox.until("the last", (entry) => entry.__typename === "MessageReceived" && entry.message.text === "three");
    expect(textsOf(inbox.entries)).toEqual(["one", "two", "three"]);
    expect(textsOf((await cat.syncAll(before, { atLeast: cursor })).entries)).toEqual(["one", "two", "three"]);
    await unfollow(cat, id);
    const { cursor: late } = await post(ann, id, "four");
    expect(textsOf((await cat.syncAll(before, { atLeast: late })).entries)).toEqual(["one", "two", "three"]);
    await inbox.close();
  });

  it("wakes those who begin to follow while they listen", async () => {
    const id = await channel({ public: true });
    const inbox = cat.inbox();
    await inbox.until("caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    await follow(cat, id);
    await inbox.until("followed", ({ __typename }) => __typename === "MembershipChanged");
    await post(ann, id, "one");
    await inbox.until("the post", (entry) => entry.__typename === "MessageReceived" && entry.message.text === "one");
    await inbox.close();
  });

  it("is found by followers, and by all others only among what is public", async () => {
    const word = `quokka${people}`;
    const [open, closed] = [await channel({ public: true }), await channel({ joinPolicy: "OPEN" })];
    await follow(cat, closed);
    await post(ann, open, word);
    const { cursor } = await post(ann, closed, word);
    const found = async (client: Client, includePublic: boolean) => {
      const { searchMessages } = await client.ask<{
        searchMessages: Connection<{ message: { conversation: { id: string } } }>;
      }>(
        `query ($query: MessageQuery!, $at: Cursor) { searchMessages(query: $query, atLeast: $at) { edges { node { message { conversation { id } } } } } }`,
        { query: { text: word, includePublic }, at: cursor },
      );
      return searchMessages.edges.map(({ node }) => node.message.conversation.id).sort();
    };
    expect(await found(cat, false)).toEqual([closed]);
    expect(await found(cat, true)).toEqual([open, closed].sort());
    expect(await found(dan, false)).toEqual([]);
    expect(await found(dan, true)).toEqual([open]);
  });
});

describe("its members", () => {
  it("are listed with the followers for the staff, and without them for all others", async () => {
    const id = await channel({ public: true }, bob);
    await follow(cat, id);
    for (const client of [ann, bob]) expect(names(await listed(client, id))).toEqual(ids(ann, bob, cat));
    for (const client of [cat, dan]) {
      expect(names(await listed(client, id))).toEqual(ids(ann, bob));
      expect(names(await listed(client, id, { followers: true }))).toEqual([]);
      expect(names(await listed(client, id, { role: "MEMBER" }))).toEqual(ids(bob));
    }
    expect(names(await listed(ann, id, { followers: true }))).toEqual(ids(cat));
    expect(names(await listed(ann, id, { followers: false }))).toEqual(ids(ann, bob));
    expect(names(await listed(ann, id, { role: "MEMBER" }))).toEqual(ids(bob, cat));
    expect(names(await listed(ann, id, { role: "OWNER" }))).toEqual(ids(ann));
    expect((await listed(ann, id)).members.edges.map(({ node }) => node.follower)).toEqual([false, false, true]);
  });

  it("are nodes, followers for the staff and themselves alone", async () => {
    const id = await channel({ public: true }, bob);
    await follow(cat, id);
    const node = async (client: Client, user: Client) =>
      (await client.ask<{ node: object | null }>(`query ($id: ID!) { node(id: $id) { id } }`, { id: `m:${id}~${user.id}` })).node;
    for (const client of [ann, bob, cat]) expect(await node(client, cat)).not.toBeNull();
    expect(await node(dan, cat)).toBeNull();
    expect(await node(dan, bob)).not.toBeNull();
  });

  it("are paged by the time of joining", async () => {
    const id = await channel({ public: true });
    for (const client of [cat, dan, bob]) await follow(client, id);
    const all = await pages(async (after) => (await listed(ann, id, { first: 2, after })).members);
    expect(all.map(({ user }) => user.id)).toEqual(ids(ann, cat, dan, bob));
  });

  it("become staff when the owner adds them, and followers again when they are staff no longer", async () => {
    const id = await channel({ public: true, joinPolicy: "OPEN" });
    await follow(cat, id);
    await ann.act("addMembers", { conversationId: id, userIds: [cat.id] });
    await post(cat, id, "mine");
    expect(await cat.conversation(id)).toMatchObject({ memberCount: 2 });
    await unfollow(cat, id);
    expect(await cat.conversation(id)).toMatchObject({ memberCount: 1, membership: null });
    expect(await refusal(post(cat, id))).toMatchObject({ code: "FORBIDDEN" });
  });

  it("of its staff have the roles that a group's have", async () => {
    const id = await channel({ public: true }, bob);
    expect(await refusal(unfollow(ann, id))).toMatchObject({ code: "CONFLICT" });
    await ann.act("transferOwnership", { conversationId: id, userId: bob.id });
    expect((await unfollow(ann, id)).conversation).toMatchObject({ membership: null, memberCount: 1 });
    expect(await refusal(bob.act("setRole", { conversationId: id, userId: cat.id, role: "ADMIN" }))).toMatchObject({
      code: "NOT_FOUND",
      field: "userId",
    });
  });

  it("are sent away by owner and administrators alone", async () => {
    const id = await channel({ public: true }, bob);
    await follow(cat, id);
    await follow(dan, id);
    const remove = (client: Client, who: Client, clientMutationId = randomUUID()) =>
      client.act("removeMembers", { clientMutationId, conversationId: id, userIds: [who.id] });
    for (const client of [bob, cat]) expect(await refusal(remove(client, dan))).toMatchObject({ code: "FORBIDDEN" });
    const call = randomUUID();
    const { conversation, cursor } = await remove(ann, cat, call);
    expect(conversation.memberCount).toBe(3);
    expect(changesOf((await cat.syncAll(null, { atLeast: cursor })).entries)).toEqual([`${cat.id} JOINED`, `${cat.id} REMOVED`]);
    await follow(cat, id);
    await remove(ann, cat, call);
    expect((await cat.conversation(id))?.membership).not.toBeNull();
    await ann.act("setRole", { conversationId: id, userId: bob.id, role: "ADMIN" });
    const former = randomUUID();
    await remove(bob, cat, former);
    await ann.act("setRole", { conversationId: id, userId: bob.id, role: "MEMBER" });
    // The same call with other ids is no repeat of what it did to those.
    expect(await refusal(remove(bob, dan, former))).toMatchObject({ code: "FORBIDDEN", field: "conversationId" });
    expect((await dan.conversation(id))?.membership).not.toBeNull();
  });
});

/** A mutation, with what is asked for of its payload. */
const call = async <T>(client: Client, name: string, type: string, input: object, selection: string): Promise<T> =>
  (
    await client.ask<Record<string, T>>(`mutation ($input: ${type}!) { ${name}(input: $input) { cursor ${selection} } }`, {
      input: { clientMutationId: randomUUID(), ...input },
    })
  )[name] as T;
type Asked = { cursor: string; request: { id: string; status: string } | null };
const askIn = (client: Client, input: object) =>
  call<Asked>(client, "join", "JoinInput", input, "request { id status } conversation { id }");
const answer = (client: Client, id: string, accept = true) =>
  call<Asked>(client, "answerJoinRequest", "AnswerInput", { id, accept }, "request { id status }");
const invite = (client: Client, id: string, uses: number) =>
  call<{ invite: { code: string } }>(
    client,
    "createInvite",
    "CreateInviteInput",
    { conversationId: id, uses },
    "invite { code }",
  );
const block = (client: Client, user: Client) => call(client, "block", "BlockInput", { userId: user.id, on: true }, "user { id }");

describe("a channel that is not open", () => {
  it("lets followers in by invitation, each counted once, and whoever follows already for nothing", async () => {
    const id = await channel({ joinPolicy: "INVITE" });
    const { code } = (await invite(ann, id, 2)).invite;
    const clientMutationId = randomUUID();
    const { cursor } = await askIn(cat, { clientMutationId, inviteCode: code });
    expect(await cat.conversation(id, cursor)).toMatchObject({ memberCount: 2, membership: { role: "MEMBER" } });
    expect((await askIn(cat, { clientMutationId, inviteCode: code })).cursor).toBe(cursor);
    await askIn(cat, { inviteCode: code });
    expect(await refusal(post(cat, id))).toMatchObject({ code: "FORBIDDEN", field: "conversationId" });
    await askIn(dan, { inviteCode: code });
    expect(await refusal(askIn(bob, { inviteCode: code }))).toMatchObject({ code: "NOT_FOUND" });
    expect(names(await listed(ann, id, { followers: true }))).toEqual(ids(cat, dan));
    await unfollow(cat, id);
    expect(await cat.conversation(id)).toMatchObject({ membership: null, memberCount: 2 });
    expect((await listed(ann, id)).memberCount).toBe(2);
  });

  it("counts the uses of an invitation exactly, however many use it at once", async () => {
    const id = await channel({ joinPolicy: "INVITE" });
    const { code } = (await invite(ann, id, 5)).invite;
    const crowd = await registeredAll(server, ...Array.from({ length: 50 }, (_, index) => `using${people}x${index}`));
    const used = await Promise.allSettled(crowd.map((client) => askIn(client, { inviteCode: code })));
    expect(used.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    expect((await listed(ann, id)).memberCount).toBe(6);
  });

  it("lets a former follower ask to be let in again, which the staff decides", async () => {
    const id = await channel({ joinPolicy: "OPEN" }, bob);
    await follow(cat, id);
    await unfollow(cat, id);
    await ann.act("updateConversation", { id, joinPolicy: "APPROVAL" });
    const { request } = await askIn(cat, { id });
    expect(request).toMatchObject({ status: "PENDING" });
    expect((await cat.conversation(id))?.membership).toBeNull();
    expect(await refusal(answer(bob, request?.id ?? ""))).toMatchObject({ code: "NOT_FOUND", field: "id" });
    const { cursor } = await answer(ann, request?.id ?? "");
    expect(await cat.conversation(id, cursor)).toMatchObject({ memberCount: 3, membership: { role: "MEMBER" } });
    expect((await listed(ann, id, { followers: true })).members.edges).toHaveLength(1);
    expect(changesOf((await cat.syncAll(null, { atLeast: cursor })).entries)).toEqual(
      ["JOINED", "LEFT", "JOINED"].map((change) => `${cat.id} ${change}`),
    );
  });

  it("takes the same call for the same, whatever became of its policy since", async () => {
    const id = await channel({ joinPolicy: "OPEN" });
    await follow(cat, id);
    await unfollow(cat, id);
    await ann.act("updateConversation", { id, joinPolicy: "APPROVAL" });
    const clientMutationId = randomUUID();
    const first = await askIn(cat, { clientMutationId, id });
    await ann.act("updateConversation", { id, joinPolicy: "OPEN" });
    const again = await askIn(cat, { clientMutationId, id });
    expect([again.cursor, again.request?.id]).toEqual([first.cursor, first.request?.id]);
    expect((await cat.conversation(id))?.membership).toBeNull();
  });
});

describe("a channel that was dissolved", () => {
  it("is over for its staff and its followers, who keep what they saw", async () => {
    const id = await channel({ public: true }, bob);
    await post(ann, id, "before");
    await follow(cat, id);
    const inbox = cat.inbox();
    await inbox.until("caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    await post(ann, id, "seen");
    const { cursor } = await call<{ cursor: string }>(ann, "dissolve", "NodeInput", { id }, "conversation { id }");
    await inbox.until("the end", (entry) => entry.__typename === "MembershipChanged" && entry.membershipChange === "DISSOLVED");
    await inbox.close();
    for (const client of [ann, bob, cat]) {
      expect(await client.conversation(id, cursor)).toMatchObject({ membership: null, memberCount: 0, unreadCount: 0 });
      expect((await client.conversations({ kind: "CHANNEL" })).edges).toEqual([]);
      expect(await refusal(post(client, id))).toMatchObject({ code: "FORBIDDEN" });
    }
    expect((await cat.messages(id)).edges.map(({ node }) => node.text)).toEqual(["seen"]);
    expect(await dan.conversation(id)).toBeNull();
    expect(await refusal(follow(dan, id))).toMatchObject({ code: "NOT_FOUND", field: "id" });
    expect(await refusal(follow(cat, id))).toMatchObject({ code: expect.stringMatching(/CONFLICT|FORBIDDEN/) as string });
  });
});

describe("where only friends may write to each other", () => {
  let friendly: ApiServer;
  beforeAll(async () => {
    friendly = await apiServer({ DIRECT_MESSAGES: "friends" });
  });
  afterAll(() => friendly[Symbol.asyncDispose]());

  it("followers may write to the staff, who may answer them as long as they follow", async () => {
    const [owner, editor, reader, stranger] = await registeredAll(friendly, "owner", "editor", "reader", "stranger");
    const write = (from: Client, to: Client) => from.act("sendMessage", { userId: to.id, text: "hello" });
    const { conversation } = await owner.act("createConversation", { kind: "CHANNEL", title: "Shop", public: true });
    await owner.act("addMembers", { conversationId: conversation.id, userIds: [editor.id] });
    // Nobody is made one of those to whom others may write without being asked.
    expect(await editor.conversation(conversation.id)).toMatchObject({ membership: null });
    const asked = await editor.ask<{ viewer: { joinRequests: Connection<{ id: string }> } }>(
      `{ viewer { joinRequests(direction: INCOMING) { edges { node { id } } } } }`,
    );
    await answer(editor, asked.viewer.joinRequests.edges[0]?.node.id ?? "");
    await follow(reader, conversation.id);
    const fault = { code: "FORBIDDEN", field: "userId" };
    for (const staff of [owner, editor]) {
      expect(await refusal(write(stranger, staff))).toMatchObject(fault);
      expect(await refusal(write(staff, reader))).toMatchObject(fault);
    }
    await write(reader, owner);
    await write(owner, reader);
    expect(await refusal(write(editor, reader))).toMatchObject(fault);
    await unfollow(reader, conversation.id);
    expect(await refusal(write(owner, reader))).toMatchObject(fault);
    expect(await refusal(write(reader, owner))).toMatchObject(fault);
    await follow(reader, conversation.id);
    await block(owner, reader);
    expect(await refusal(write(reader, owner))).toMatchObject(fault);
  });
});
