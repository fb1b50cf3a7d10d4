import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { importedGroupId, importedUserId } from "../../../src/commands/imports.ts";
import { type Connection, type Member, MEMBER, PAGE_INFO } from "../../support/answers.ts";
import { type Client, clientOf, pages, refusal, registered } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { openSocket } from "../../support/rawSocket.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer({ GROUP_MEMBERS_MAX: "8" });
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

const group = async (input: object = {}, ...members: Client[]) =>
  ann.act("createConversation", {
    kind: "GROUP",
    title: "Group",
    ...(members.length > 0 ? { memberIds: members.map(({ id }) => id) } : {}),
    ...input,
  });

const MEMBERS = /* GraphQL */ `
  query ($id: ID!, $first: Int, $after: String, $role: Role, $at: Cursor) {
    conversation(id: $id, atLeast: $at) {
      members(first: $first, after: $after, role: $role) {
        edges {
          cursor
          node {
            ...MemberParts
          }
        }
        pageInfo {
          ...PageParts
        }
      }
    }
  }
  ${MEMBER}
  ${PAGE_INFO}
`;

const members = async (client: Client, id: string, variables: object = {}) => {
  const { conversation } = await client.ask<{ conversation: { members: Connection<Member> } | null }>(MEMBERS, {
    id,
    ...variables,
  });
  if (!conversation) throw new Error(`${client.id} sees no ${id}`);
  return conversation.members;
};
const roles = async (client: Client, id: string, at?: string) =>
  Object.fromEntries((await members(client, id, { at })).edges.map(({ node }) => [node.user.id.replace(/\d+$/, ""), node.role]));

describe("a group", () => {
  it("is what its creator said, who owns it, with the members named in one call", async () => {
    const { conversation, cursor } = await group(
      {
        title: "Readers",
        avatarUrl: "https://example.org/g.png",
        description: "we read",
        announcement: "Monday",
        category: "books",
        tags: [{ name: "novels", score: 3 }],
        joinPolicy: "OPEN",
        public: true,
        historyVisible: true,
      },
      bob,
      cat,
      bob,
    );
    expect(conversation).toMatchObject({
      kind: "GROUP",
      title: "Readers",
      avatarUrl: "https://example.org/g.png",
      description: "we read",
      announcement: "Monday",
      category: "books",
      tags: [{ name: "novels", score: 3 }],
      joinPolicy: "OPEN",
      public: true,
      historyVisible: true,
      peer: null,
      memberCount: 3,
      membership: { user: { id: ann.id }, role: "OWNER", joinedSeq: 0 },
      lastSeq: 0,
      lastMessage: null,
      readSeq: 0,
      unreadCount: 0,
      unreadMentions: 0,
    });
    expect(conversation.id).toMatch(/^g:/);
    expect(conversation.lastActivityAt).toBe(conversation.createdAt);
    expect(await bob.conversation(conversation.id, cursor)).toEqual({
      ...conversation,
      membership: { ...conversation.membership, user: { id: bob.id }, role: "MEMBER" },
    });
    expect(await roles(cat, conversation.id)).toEqual({ ann: "OWNER", bob: "MEMBER", cat: "MEMBER" });
  });

  it("is closed to others by default, and refused with the input at fault", async () => {
    const { conversation, cursor } = await group();
    expect(conversation).toMatchObject({ joinPolicy: "APPROVAL", public: false, historyVisible: false, memberCount: 1 });
    expect(await bob.conversation(conversation.id, cursor)).toBeNull();
    const field = (input: object) => refusal(group(input));
    expect(await field({ title: " " })).toEqual({ code: "BAD_INPUT", field: "title" });
    expect(await field({ title: "x".repeat(129) })).toEqual({ code: "BAD_INPUT", field: "title" });
    expect(await field({ kind: "DIRECT" })).toEqual({ code: "BAD_INPUT", field: "kind" });
    expect(await field({ memberIds: ["nobody"] })).toEqual({ code: "NOT_FOUND", field: "memberIds" });
    expect(await field({ memberIds: ["not an id"] })).toMatchObject({ code: "BAD_INPUT", field: "memberIds.0" });
    expect((await ann.conversations({ atLeast: cursor })).edges).toHaveLength(1);
  });

  it("is used by its members at once: create, send, add, read, with no wait between", async () => {
    const { conversation } = await group();
    const { message } = await ann.act("sendMessage", { conversationId: conversation.id, text: "first" });
    expect(message.seq).toBe(1);
    await ann.act("addMembers", { conversationId: conversation.id, userIds: [bob.id] });
    const answer = await bob.act("sendMessage", { conversationId: conversation.id, text: "second" });
    expect(answer.message.seq).toBe(2);
    const read = await bob.act("markRead", { conversationId: conversation.id, seq: 2 });
    expect(read.conversation).toMatchObject({ readSeq: 2, unreadCount: 0 });
  });
});

describe("coming and going", () => {
  it("joins an OPEN group by oneself, and no other", async () => {
    const open = await group({ joinPolicy: "OPEN" });
    const joined = await bob.act("join", { id: open.conversation.id });
    expect(joined.conversation).toMatchObject({ memberCount: 2, membership: { user: { id: bob.id }, role: "MEMBER" } });
    const again = await bob.act("join", { id: open.conversation.id });
    expect(again.conversation.memberCount).toBe(2);
    const closed = await group({ joinPolicy: "INVITE" });
    expect(await refusal(bob.act("join", { id: closed.conversation.id }))).toEqual({ code: "NOT_FOUND", field: "id" });
    const seen = await group({ joinPolicy: "INVITE", public: true });
    expect(await refusal(bob.act("join", { id: seen.conversation.id }))).toEqual({ code: "FORBIDDEN", field: "id" });
    expect(await refusal(bob.act("join", { id: "g:none" }))).toEqual({ code: "NOT_FOUND", field: "id" });
    expect(await refusal(bob.act("join", { id: ann.id }))).toMatchObject({ code: "BAD_INPUT", field: "id" });
    expect(await refusal(bob.act("join", {}))).toMatchObject({ code: "BAD_INPUT", field: "id" });
  });

  it("adds, by those who may: anyone to an open group, owner and administrators to others", async () => {
    const closed = (await group({}, bob, cat)).conversation.id;
    expect(await refusal(bob.act("addMembers", { conversationId: closed, userIds: [dan.id] }))).toMatchObject({
      code: "FORBIDDEN",
    });
    expect(await refusal(dan.act("addMembers", { conversationId: closed, userIds: [dan.id] }))).toEqual({
      code: "NOT_FOUND",
      field: "conversationId",
    });
    await ann.act("setRole", { conversationId: closed, userId: bob.id, role: "ADMIN" });
    const added = await bob.act("addMembers", { conversationId: closed, userIds: [dan.id, cat.id, dan.id] });
    expect(added.conversation.memberCount).toBe(4);
    const open = (await group({ joinPolicy: "OPEN" }, bob)).conversation.id;
    expect((await bob.act("addMembers", { conversationId: open, userIds: [cat.id] })).conversation.memberCount).toBe(3);
    expect(await refusal(ann.act("addMembers", { conversationId: open, userIds: ["nobody"] }))).toEqual({
      code: "NOT_FOUND",
      field: "userIds",
    });
    expect(await refusal(ann.act("addMembers", { conversationId: open, userIds: [] }))).toMatchObject({
      code: "BAD_INPUT",
      field: "userIds",
    });
    expect(await refusal(ann.act("addMembers", { conversationId: `d:${ann.id}~${bob.id}`, userIds: [cat.id] }))).toMatchObject({
      code: "BAD_INPUT",
      field: "conversationId",
    });
  });

  it("holds no more than it may, and none of a call that is too much", async () => {
    const others = await Promise.all(Array.from({ length: 5 }, (_, index) => registered(server, `other${people}-${index}`)));
    const { conversation } = await group({ joinPolicy: "OPEN" }, ...others);
    expect(conversation.memberCount).toBe(6);
    const ids = [bob.id, cat.id, dan.id];
    expect(await refusal(ann.act("addMembers", { conversationId: conversation.id, userIds: ids }))).toMatchObject({
      code: "LIMIT_EXCEEDED",
    });
    expect((await ann.conversation(conversation.id))?.memberCount).toBe(6);
    const outcomes = await Promise.allSettled([bob, cat, dan].map((client) => client.act("join", { id: conversation.id })));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "LIMIT_EXCEEDED" } });
    const late = ann.act("createConversation", {
      kind: "GROUP",
      title: "Too large",
      memberIds: [...others, bob, cat, dan].map(({ id }) => id),
    });
    expect(await refusal(late)).toMatchObject({ code: "LIMIT_EXCEEDED" });
  });

  it("removes, by those who may, and whom they may", async () => {
    const id = (await group({}, bob, cat, dan)).conversation.id;
    const remove = (client: Client, ...others: Client[]) =>
      client.act("removeMembers", { conversationId: id, userIds: others.map((other) => other.id) });
    expect(await refusal(remove(bob, cat))).toMatchObject({ code: "FORBIDDEN" });
    await ann.act("setRole", { conversationId: id, userId: bob.id, role: "ADMIN" });
    await ann.act("setRole", { conversationId: id, userId: cat.id, role: "ADMIN" });
    expect(await refusal(remove(bob, ann))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(remove(bob, cat))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(remove(bob, bob))).toMatchObject({ code: "BAD_INPUT", field: "userIds" });
    expect((await remove(bob, dan)).conversation.memberCount).toBe(3);
    expect((await remove(ann, bob, cat)).conversation.memberCount).toBe(1);
    for (const gone of [bob, cat, dan]) {
      expect(await refusal(gone.act("sendMessage", { conversationId: id, text: "still here" }))).toMatchObject({
        code: "FORBIDDEN",
      });
      expect((await gone.conversations()).edges).toEqual([]);
      expect(await gone.conversation(id)).toMatchObject({ membership: null, unreadCount: 0 });
    }
  });

  it("leaves, comes back, and begins anew", async () => {
    const id = (await group({ joinPolicy: "OPEN" }, bob)).conversation.id;
    for (const text of ["one", "two"]) await ann.act("sendMessage", { conversationId: id, text });
    await ann.act("setRole", { conversationId: id, userId: bob.id, role: "ADMIN" });
    const left = await bob.act("leave", { id });
    expect(left.conversation).toMatchObject({ memberCount: 1, membership: null });
    expect(await refusal(bob.act("markRead", { conversationId: id, seq: 1 }))).toMatchObject({ code: "FORBIDDEN" });
    await ann.act("sendMessage", { conversationId: id, text: "three" });
    const back = await bob.act("join", { id });
    expect(back.conversation).toMatchObject({
      memberCount: 2,
      membership: { role: "MEMBER", joinedSeq: 3 },
      lastSeq: 3,
      unreadCount: 0,
    });
    await ann.act("sendMessage", { conversationId: id, text: "four" });
    const { edges } = await bob.messages(id, { atLeast: (await ann.sync()).cursor });
    expect(edges.map(({ node }) => node.text)).toEqual(["one", "two", "four"]);
    expect(await bob.conversation(id)).toMatchObject({ unreadCount: 1, lastSeq: 4 });
  });

  it("who has left, or was removed, is not told who comes and goes after them", async () => {
    const id = (await group({ joinPolicy: "OPEN" }, bob, cat)).conversation.id;
    const openId = (await group({ joinPolicy: "OPEN", public: true }, bob, cat)).conversation.id;
    expect((await bob.act("leave", { id })).conversation.memberCount).toBe(2);
    await ann.act("removeMembers", { conversationId: id, userIds: [cat.id] });
    await bob.act("leave", { id: openId });
    await dan.act("join", { id: openId });
    const { cursor } = await dan.act("join", { id });
    const counts = (of: string, ...clients: Client[]) =>
      Promise.all(clients.map(async (client) => (await client.conversation(of, cursor))?.memberCount));
    expect(await counts(id, ann, dan, bob, cat)).toEqual([2, 2, 2, 1]);
    await dan.act("leave", { id });
    expect(await counts(id, ann, dan, bob, cat)).toEqual([1, 1, 2, 1]);
    // The same call again answers the same; a public group shows to everyone what there is.
    expect((await bob.act("leave", { id })).conversation.memberCount).toBe(2);
    expect(await counts(openId, ann, bob, cat)).toEqual([3, 3, 3]);
    // Back again, they see all.
    const back = await cat.act("join", { id });
    expect(back.conversation.memberCount).toBe(2);
    await cat.act("leave", { id });
    await dan.act("join", { id });
    expect((await cat.conversation(id, (await bob.act("join", { id })).cursor))?.memberCount).toBe(1);
  });

  it("what is told of a group is not shared by who has left with who has not", async () => {
    const id = (await group({ joinPolicy: "OPEN" }, bob, cat)).conversation.id;
    const { cursor: after } = await ann.sync();
    await ann.act("removeMembers", { conversationId: id, userIds: [bob.id] });
    const { cursor } = await dan.act("join", { id });
    await ann.sync(null, { atLeast: cursor });
    const query = `subscription ($after: Cursor) { inbox(after: $after) { ... on MembershipChanged { conversation { memberCount } } } }`;
    const countTold = async (client: Client) => {
      const socket = await openSocket(server.address, { authorization: `Bearer ${client.token}` });
      onTestFinished(() => socket.close());
      await socket.next(({ type }) => type === "connection_ack");
      return (await socket.run(query, { after })).payload;
    };
    const told = (memberCount: number) => ({ data: { inbox: { conversation: { memberCount } } } });
    expect(await countTold(ann)).toEqual(told(3));
    expect(await countTold(bob)).toEqual(told(2));
    expect(await countTold(cat)).toEqual(told(3));
  });

  it("leaving where one was never is refused, and again is no fault; the owner goes last, and then nobody comes", async () => {
    const id = (await group({ joinPolicy: "OPEN" }, bob)).conversation.id;
    expect(await refusal(cat.act("leave", { id }))).toEqual({ code: "NOT_FOUND", field: "id" });
    await cat.act("join", { id });
    for (let count = 0; count < 2; count++) expect((await cat.act("leave", { id })).conversation.memberCount).toBe(2);
    expect(await refusal(ann.act("leave", { id }))).toMatchObject({ code: "CONFLICT" });
    await bob.act("leave", { id });
    expect((await ann.act("leave", { id })).conversation).toMatchObject({ memberCount: 0, membership: null });
    expect(await refusal(bob.act("join", { id }))).toMatchObject({ code: "CONFLICT" });
    expect((await ann.conversations()).edges).toEqual([]);
  });
});

describe("roles", () => {
  it("are set by the owner: administrators come and go", async () => {
    const id = (await group({}, bob, cat)).conversation.id;
    const set = (client: Client, other: Client, role: string) =>
      client.act("setRole", { conversationId: id, userId: other.id, role });
    const promoted = await set(ann, bob, "ADMIN");
    expect(await roles(cat, id, promoted.cursor)).toEqual({ ann: "OWNER", bob: "ADMIN", cat: "MEMBER" });
    expect(await refusal(set(bob, cat, "ADMIN"))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(set(ann, cat, "OWNER"))).toMatchObject({ code: "BAD_INPUT", field: "role" });
    expect(await refusal(set(ann, ann, "MEMBER"))).toMatchObject({ code: "BAD_INPUT", field: "userId" });
    expect(await refusal(set(ann, dan, "ADMIN"))).toMatchObject({ code: "NOT_FOUND", field: "userId" });
    const demoted = await set(ann, bob, "MEMBER");
    expect(await roles(cat, id, demoted.cursor)).toEqual({ ann: "OWNER", bob: "MEMBER", cat: "MEMBER" });
  });

  it("pass on: there is always one owner, and the former one stays as an administrator", async () => {
    const id = (await group({}, bob, cat)).conversation.id;
    const transfer = (client: Client, other: Client) => client.act("transferOwnership", { conversationId: id, userId: other.id });
    expect(await refusal(transfer(bob, bob))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(transfer(ann, dan))).toMatchObject({ code: "NOT_FOUND", field: "userId" });
    const { cursor, conversation } = await transfer(ann, bob);
    expect(conversation.membership?.role).toBe("ADMIN");
    expect(await roles(cat, id, cursor)).toEqual({ ann: "ADMIN", bob: "OWNER", cat: "MEMBER" });
    expect(await refusal(transfer(ann, cat))).toMatchObject({ code: "FORBIDDEN" });
    expect((await ann.act("leave", { id })).conversation.memberCount).toBe(2);
  });

  it("go to one of two whom the owner names at the same moment", async () => {
    const id = (await group({}, bob, cat)).conversation.id;
    const outcomes = await Promise.allSettled(
      [bob, cat].map((other) => ann.act("transferOwnership", { conversationId: id, userId: other.id })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const now = await roles(dan, id).catch(() => roles(ann, id));
    expect(Object.values(now).filter((role) => role === "OWNER")).toHaveLength(1);
  });
});

describe("the list of members", () => {
  it("is by the time of joining, page by page", async () => {
    const id = (await group({ joinPolicy: "OPEN" }, cat, bob)).conversation.id;
    await dan.act("join", { id });
    await cat.act("leave", { id });
    const { cursor: at } = await cat.act("join", { id });
    const order = [ann.id, bob.id, dan.id, cat.id];
    expect((await members(ann, id, { at })).edges.map(({ node }) => node.user.id)).toEqual(order);
    for (const first of [1, 2, 3, 4, 100]) {
      const all = await pages((after) => members(bob, id, { first, after }));
      expect(all.map(({ user }) => user.id)).toEqual(order);
    }
    const first = await members(bob, id, { first: 2 });
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0]?.cursor,
      endCursor: first.edges[1]?.cursor,
    });
    const second = await members(bob, id, { first: 2, after: first.pageInfo.endCursor });
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const none = await members(bob, id, { first: 2, after: second.pageInfo.endCursor });
    expect(none).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  it("is narrowed to a role, page by page too", async () => {
    const id = (await group({}, bob, cat, dan)).conversation.id;
    await ann.act("setRole", { conversationId: id, userId: dan.id, role: "ADMIN" });
    const { cursor: at } = await ann.act("setRole", { conversationId: id, userId: bob.id, role: "ADMIN" });
    const of = async (role: string) => (await members(cat, id, { role, at })).edges.map(({ node }) => node.user.id);
    expect(await of("OWNER")).toEqual([ann.id]);
    expect(await of("ADMIN")).toEqual([bob.id, dan.id]);
    expect(await of("MEMBER")).toEqual([cat.id]);
    const first = await members(cat, id, { role: "ADMIN", first: 1 });
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await members(cat, id, { role: "ADMIN", first: 1, after: first.pageInfo.endCursor });
    expect(second.edges.map(({ node }) => node.user.id)).toEqual([dan.id]);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it("is paged and narrowed the same where there are hundreds", async () => {
    const admin = await clientOf(server, "operator", { admin: true });
    const count = 450;
    const messages = Array.from({ length: count }, (_, index) => ({
      key: `${index}`,
      conversation: `large ${people}`,
      sender: `large ${people} ${index}`,
      text: "hello",
    }));
    const { cursor: at } = await admin.act("importMessages", { messages });
    const id = importedGroupId(`large ${people}`);
    const all = await pages((after) => members(ann, id, { first: 100, after, at }));
    expect(new Set(all.map(({ user }) => user.id)).size).toBe(count);
    expect(all).toHaveLength(count);
    expect(all[0]).toMatchObject({ user: { id: importedUserId(`large ${people} 0`) }, role: "OWNER" });
    for (const first of [7, 99]) expect(await pages((after) => members(ann, id, { first, after }))).toEqual(all);
    const owner = await clientOf(server, all[0]?.user.id ?? "");
    const chosen = [3, 200, 201, 399, 449].map((place) => all[place]?.user.id ?? "");
    let set = at;
    for (const userId of chosen) set = (await owner.act("setRole", { conversationId: id, userId, role: "ADMIN" })).cursor;
    for (const first of [1, 2, 5, 100]) {
      const admins = await pages((after) => members(ann, id, { first, after, role: "ADMIN", at: set }));
      expect(admins.map(({ user }) => user.id)).toEqual(chosen);
    }
    const others = await pages((after) => members(ann, id, { first: 100, after, role: "MEMBER" }));
    expect(others).toHaveLength(count - 1 - chosen.length);
  });

  it("holds pages to 1 to 100, and their cursors to its own", async () => {
    const id = (await group({}, bob)).conversation.id;
    for (const first of [0, -1, 101])
      expect(await refusal(members(ann, id, { first }))).toEqual({ code: "BAD_INPUT", field: "first" });
    expect(await refusal(members(ann, id, { after: "nonsense" }))).toEqual({ code: "BAD_INPUT", field: "after" });
    expect((await members(ann, id, { first: 100 })).edges).toHaveLength(2);
  });

  it("is for members, and of a public group for all", async () => {
    const closed = (await group({}, bob, cat)).conversation.id;
    await bob.act("leave", { id: closed });
    expect((await members(bob, closed)).edges).toEqual([]);
    const open = (await group({ public: true }, bob, cat)).conversation.id;
    expect((await members(dan, open)).edges).toHaveLength(3);
    await ann.act("sendMessage", { userId: bob.id, text: "hello" });
    const { edges } = await members(bob, `d:${ann.id}~${bob.id}`);
    expect(edges.map(({ node }) => [node.user.id, node.role])).toEqual([
      [ann.id, "MEMBER"],
      [bob.id, "MEMBER"],
    ]);
  });

  it("gives everyone's membership in a direct conversation, once, when paged", async () => {
    await ann.act("sendMessage", { userId: bob.id, text: "hello" });
    const all = await pages((after) => members(bob, `d:${ann.id}~${bob.id}`, { first: 1, after }));
    expect(all.map(({ user }) => user.id)).toEqual([ann.id, bob.id]);
  });
});
