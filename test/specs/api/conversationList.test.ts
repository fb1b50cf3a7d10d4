import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Client, pages, refusal, registered, told } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Variables } from "../../support/http.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob, cat] = [] as unknown as [Client, Client, Client];
beforeEach(async () => {
  people += 1;
  [ann, bob, cat] = (await Promise.all(["ann", "bob", "cat"].map((name) => registered(server, `${name}${people}`)))) as [
    Client,
    Client,
    Client,
  ];
});

const group = async (owner: Client, title: string, ...members: Client[]) =>
  (await owner.act("createConversation", { kind: "GROUP", title, joinPolicy: "OPEN", memberIds: members.map(({ id }) => id) }))
    .conversation.id;

const titles = async (client: Client, variables: Variables = {}) =>
  (await client.conversations(variables)).edges.map(({ node }) => node.title);

describe("the list of conversations", () => {
  it("is of all that one is in now, newest activity first", async () => {
    const one = await group(ann, "one", bob);
    await group(ann, "two");
    const three = await group(bob, "three", ann);
    await group(bob, "not hers");
    const last = await cat.act("sendMessage", { userId: ann.id, text: "hello" });
    expect(await titles(ann, { atLeast: last.cursor })).toEqual([cat.id, "three", "two", "one"]);
    const older = await bob.act("sendMessage", { conversationId: one, text: "up" });
    expect(await titles(ann, { atLeast: older.cursor })).toEqual(["one", cat.id, "three", "two"]);
    // Neither reading nor editing nor coming and going is an activity.
    await ann.act("markRead", { conversationId: three, seq: 1 });
    await cat.act("join", { id: three });
    await bob.act("editMessage", { conversationId: one, seq: 1, text: "upper" });
    const reply = await ann.act("sendMessage", { userId: cat.id, text: "hello you" });
    expect(await titles(ann, { atLeast: reply.cursor })).toEqual([cat.id, "one", "three", "two"]);
    const left = await ann.act("leave", { id: three });
    expect(await titles(ann, { atLeast: left.cursor })).toEqual([cat.id, "one", "two"]);
    const back = await ann.act("join", { id: three });
    expect(await titles(ann, { atLeast: back.cursor })).toEqual([cat.id, "one", "three", "two"]);
  });

  it("holds what a conversation's own query holds", async () => {
    const id = await group(ann, "one", bob);
    await ann.act("sendMessage", { conversationId: id, text: "hello", mentions: [bob.id] });
    const { cursor } = await bob.act("sendMessage", { userId: ann.id, text: "direct" });
    const { edges } = await bob.conversations({ atLeast: cursor });
    expect(edges).toHaveLength(2);
    for (const { node } of edges) expect(node).toEqual(await bob.conversation(node.id));
    expect(edges[1]?.node).toMatchObject({ unreadCount: 1, unreadMentions: 1, lastMessage: { text: "hello" } });
  });

  it("comes in pages", async () => {
    for (const title of ["a", "b", "c", "d", "e"]) await group(ann, title);
    const { cursor } = await ann.act("sendMessage", { userId: bob.id, text: "hello" });
    const order = [bob.id, "e", "d", "c", "b", "a"];
    for (const first of [1, 2, 3, 6, 100]) {
      const all = await pages((after) => ann.conversations({ first, after, atLeast: cursor }));
      expect(all.map(({ title }) => title)).toEqual(order);
    }
    const first = await ann.conversations({ first: 2 });
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0]?.cursor,
      endCursor: first.edges[1]?.cursor,
    });
    const last = await ann.conversations({ first: 4, after: first.pageInfo.endCursor });
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    for (const size of [0, 101])
      expect(await refusal(ann.conversations({ first: size }))).toEqual({ code: "BAD_INPUT", field: "first" });
    expect(await refusal(ann.conversations({ after: "nonsense" }))).toEqual({ code: "BAD_INPUT", field: "after" });
  });

  it("loses none of its later pages when one of the page before moves up meanwhile", async () => {
    const ids = [];
    for (const title of ["a", "b", "c", "d"]) ids.push(await group(ann, title, bob));
    const first = await ann.conversations({ first: 2, atLeast: (await ann.sync()).cursor });
    expect(first.edges.map(({ node }) => node.title)).toEqual(["d", "c"]);
    const moved = await bob.act("sendMessage", { conversationId: ids[2], text: "up" });
    const second = await ann.conversations({ first: 2, after: first.pageInfo.endCursor, atLeast: moved.cursor });
    expect(second.edges.map(({ node }) => node.title)).toEqual(["b", "a"]);
  });

  it("is narrowed to a kind and to what is unread", async () => {
    await group(ann, "quiet", bob);
    const loud = await group(bob, "loud", ann);
    await ann.act("sendMessage", { userId: bob.id, text: "read" });
    await cat.act("sendMessage", { userId: ann.id, text: "unread" });
    const { cursor } = await bob.act("sendMessage", { conversationId: loud, text: "unread" });
    expect(await titles(ann, { atLeast: cursor })).toEqual(["loud", cat.id, bob.id, "quiet"]);
    expect(await titles(ann, { kind: "GROUP" })).toEqual(["loud", "quiet"]);
    expect(await titles(ann, { kind: "DIRECT" })).toEqual([cat.id, bob.id]);
    expect(await titles(ann, { kind: "CHANNEL" })).toEqual([]);
    expect(await titles(ann, { unreadOnly: true })).toEqual(["loud", cat.id]);
    expect(await titles(ann, { unreadOnly: true, kind: "DIRECT" })).toEqual([cat.id]);
    const paged = await pages((after) => ann.conversations({ first: 1, after, unreadOnly: true }));
    expect(paged.map(({ title }) => title)).toEqual(["loud", cat.id]);
    const read = await ann.act("markRead", { conversationId: loud, seq: 1 });
    expect(await titles(ann, { unreadOnly: true, atLeast: read.cursor })).toEqual([cat.id]);
  });

  it("of groups alone is by the time of joining, newest first", async () => {
    const GROUPS = `query ($first: Int, $after: String, $at: Cursor) { viewer(atLeast: $at) { groups(first: $first, after: $after) {
      cursor edges { cursor node { title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;
    const one = await group(ann, "one", bob);
    await group(bob, "two", ann);
    await group(ann, "three");
    await bob.act("sendMessage", { conversationId: one, text: "up" });
    const { cursor } = await cat.act("sendMessage", { userId: ann.id, text: "no group" });
    const read = async (variables: Variables) =>
      (await ann.ask<{ viewer: { groups: Awaited<ReturnType<Client["conversations"]>> } }>(GROUPS, { at: cursor, ...variables }))
        .viewer.groups;
    expect((await read({})).edges.map(({ node }) => node.title)).toEqual(["three", "two", "one"]);
    const paged = await pages((after) => read({ first: 1, after }));
    expect(paged.map(({ title }) => title)).toEqual(["three", "two", "one"]);
  });

  it("is empty for who has none, and goes on from its cursor with the first", async () => {
    const { edges, pageInfo, cursor } = await cat.conversations();
    expect([edges, pageInfo]).toEqual([[], { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null }]);
    const { message } = await ann.act("sendMessage", { userId: cat.id, text: "hello" });
    const { entries } = await cat.syncAll(cursor, { atLeast: message.cursor });
    expect(entries.map(told)).toEqual([`received ${message.id} hello`]);
  });
});
