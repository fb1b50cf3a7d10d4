import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, refusal, registeredAll, told } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
/** The owner, a member who joined after the first message, one who left before the last, and one who never was in. */
let [ann, bob, cat, eve] = [] as unknown as [Client, Client, Client, Client];
let id = "";
beforeEach(async () => {
  people += 1;
  const names = ["ann", "bob", "cat", "eve"].map((name) => `${name}${people}`) as [string, string, string, string];
  [ann, bob, cat, eve] = await registeredAll(server, ...names);
  const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Readers", memberIds: [cat.id] });
  id = conversation.id;
  await ann.act("sendMessage", { conversationId: id, text: "walrus one" });
  await cat.act("leave", { id });
  await ann.act("addMembers", { conversationId: id, userIds: [bob.id] });
  await ann.act("sendMessage", { conversationId: id, text: "walrus two" });
});

const SEARCH = /* GraphQL */ `
  query ($query: MessageQuery!, $atLeast: Cursor) {
    searchMessages(query: $query, atLeast: $atLeast) {
      edges {
        node {
          message {
            seq
          }
        }
      }
    }
  }
`;
const GROUPS = /* GraphQL */ `
  query ($query: ConversationQuery!, $atLeast: Cursor) {
    searchConversations(query: $query, atLeast: $atLeast) {
      edges {
        node {
          conversation {
            id
          }
        }
      }
    }
  }
`;

/** What somebody finds and reads of the group: seqs by search and by timeline. */
async function seen(client: Client, atLeast: string) {
  const { searchMessages } = await client.ask<{ searchMessages: { edges: { node: { message: { seq: number } } }[] } }>(SEARCH, {
    query: { text: "walrus", includePublic: true },
    atLeast,
  });
  const found = searchMessages.edges.map(({ node }) => node.message.seq).sort();
  const listed = await client.messages(id).then(
    ({ edges }) => edges.map(({ node }) => node.seq),
    () => [],
  );
  expect(found).toEqual(listed);
  return listed;
}

const titled = async (client: Client, name: string, atLeast: string) => {
  const { searchConversations } = await client.ask<{
    searchConversations: { edges: { node: { conversation: { id: string } } }[] };
  }>(GROUPS, { query: { name }, atLeast });
  return searchConversations.edges.some(({ node }) => node.conversation.id === id);
};

describe("a group changes", () => {
  it("as its owner and administrators say; what is left out stays, and null removes", async () => {
    await ann.act("setRole", { conversationId: id, userId: bob.id, role: "ADMIN" });
    const first = await bob.act("updateConversation", {
      id,
      title: "Books",
      description: "we read",
      announcement: "Monday",
      tags: [{ name: "novels", score: 2 }],
      category: "club",
      avatarUrl: "https://example.org/g.png",
      joinPolicy: "OPEN",
    });
    expect(first.conversation).toMatchObject({
      title: "Books",
      description: "we read",
      announcement: "Monday",
      tags: [{ name: "novels", score: 2 }],
      category: "club",
      avatarUrl: "https://example.org/g.png",
      joinPolicy: "OPEN",
      public: false,
    });
    const second = await ann.act("updateConversation", { id, announcement: null, avatarUrl: null });
    expect(second.conversation).toMatchObject({ title: "Books", description: "we read", announcement: null, avatarUrl: null });
    for (const client of [ann, bob])
      expect((await client.syncAll(null, { atLeast: second.cursor })).entries.map(told).slice(-2)).toEqual([
        `changed ${id} Books`,
        `changed ${id} Books`,
      ]);
  });

  it("nothing where it is so already, and once where the call is repeated after another one", async () => {
    const call = { clientMutationId: "once", id, title: "Books" };
    const first = await ann.act("updateConversation", call);
    const again = await ann.act("updateConversation", { id, title: "Books" });
    expect((await ann.sync(first.cursor, { atLeast: again.cursor })).entries).toEqual([]);
    await ann.act("updateConversation", { id, title: "Films" });
    expect((await ann.act("updateConversation", call)).conversation.title).toBe("Films");
  });

  it("by nobody else, with the input at fault", async () => {
    const tried = (client: Client, input: object) => refusal(client.act("updateConversation", { id, ...input }));
    expect(await tried(bob, { title: "Mine" })).toEqual({ code: "FORBIDDEN", field: "id" });
    expect(await tried(cat, { title: "Mine" })).toEqual({ code: "FORBIDDEN", field: "id" });
    expect(await tried(eve, { title: "Mine" })).toEqual({ code: "NOT_FOUND", field: "id" });
    expect(await tried(eve, { id: "g:none", title: "Mine" })).toEqual({ code: "NOT_FOUND", field: "id" });
    for (const [field, value] of Object.entries({
      title: " ",
      tags: null,
      joinPolicy: null,
      public: null,
      historyVisible: null,
      avatarUrl: "ftp://example.org",
      description: "x".repeat(4_097),
    }))
      expect(await tried(ann, { [field]: value })).toEqual({ code: "BAD_INPUT", field });
  });

  it("into what those who left do not see, nor find", async () => {
    const { cursor } = await ann.act("updateConversation", { id, title: "Secrets", description: "hidden" });
    expect(await cat.conversation(id, cursor)).toMatchObject({ title: "Readers", description: null });
    expect(await bob.conversation(id, cursor)).toMatchObject({ title: "Secrets", description: "hidden" });
    expect(await titled(cat, "Secrets", cursor)).toBe(false);
    expect(await titled(bob, "Secrets", cursor)).toBe(true);
    expect((await cat.syncAll(null, { atLeast: cursor })).entries.map(told).slice(-1)).toEqual([
      `LEFT ${id} ${cat.id} by ${cat.id}`,
    ]);
  });
});

describe("what each sees of each message", () => {
  it("follows whether the history is open to members, then and now", async () => {
    const opened = await ann.act("updateConversation", { id, historyVisible: true });
    expect(await seen(bob, opened.cursor)).toEqual([1, 2]);
    expect(await seen(cat, opened.cursor)).toEqual([1]);
    expect(await seen(eve, opened.cursor)).toEqual([]);
    const closed = await ann.act("updateConversation", { id, historyVisible: false });
    expect(await seen(bob, closed.cursor)).toEqual([2]);
    expect(await seen(ann, closed.cursor)).toEqual([1, 2]);
  });

  it("follows whether the group is public, then and now", async () => {
    const opened = await ann.act("updateConversation", { id, public: true });
    for (const client of [ann, bob, cat, eve]) expect(await seen(client, opened.cursor)).toEqual([1, 2]);
    expect(await titled(eve, "Readers", opened.cursor)).toBe(true);
    const closed = await ann.act("updateConversation", { id, public: false });
    expect(await seen(bob, closed.cursor)).toEqual([2]);
    expect(await seen(cat, closed.cursor)).toEqual([1]);
    expect(await seen(eve, closed.cursor)).toEqual([]);
    expect(await titled(eve, "Readers", closed.cursor)).toBe(false);
    expect(await eve.conversation(id, closed.cursor)).toBeNull();
  });

  it("holds in entries and replies: an edit told while the history was open is no longer told once it is closed", async () => {
    await ann.act("updateConversation", { id, historyVisible: true });
    await bob.act("sendMessage", { conversationId: id, text: "walrus three", replyTo: 1 });
    await ann.act("editMessage", { conversationId: id, seq: 1, text: "walrus 1" });
    const open = (await bob.syncAll()).entries.map(told);
    expect(open.filter((text) => text.startsWith("EDITED"))).toEqual([`EDITED ${id}:1 walrus 1`]);
    const closed = await ann.act("updateConversation", { id, historyVisible: false });
    const entries = (await bob.syncAll(null, { atLeast: closed.cursor })).entries;
    expect(entries.map(told).filter((text) => text.startsWith("EDITED"))).toEqual([]);
    const { edges } = await bob.messages(id);
    expect(edges.map(({ node }) => [node.seq, node.replyTo])).toEqual([
      [2, null],
      [3, null],
    ]);
  });

  it("ends the subscription of those who only read along, once the group is no longer public", async () => {
    const { cursor } = await ann.act("updateConversation", { id, public: true });
    const listening = eve.listen(id, cursor);
    await ann.act("sendMessage", { conversationId: id, text: "for all" });
    await listening.until("the message", (entry) => told(entry) === `received ${id}:3 for all`);
    await ann.act("updateConversation", { id, public: false });
    await ann.act("sendMessage", { conversationId: id, text: "for members" });
    expect(await refusal(Promise.reject(await listening.ended()))).toEqual({ code: "NOT_FOUND", field: "id" });
    expect(listening.entries.map(told).join()).not.toContain("for members");
    await listening.close();
  });
});

it("a group's members are told too where nothing is fanned out, by sync and live", async () => {
  await using wide = await apiServer({ FANOUT_LIMIT: "0" });
  const [owner, member] = await registeredAll(wide, "owner", "member");
  const { conversation } = await owner.act("createConversation", { kind: "GROUP", title: "Readers", memberIds: ["member"] });
  const inbox = member.inbox();
  await inbox.until("caught up", ({ __typename }) => __typename === "InboxCaughtUp");
  const { cursor } = await owner.act("updateConversation", { id: conversation.id, title: "Wide" });
  const wanted = `changed ${conversation.id} Wide`;
  await inbox.until("the change", (entry) => told(entry) === wanted);
  expect((await member.syncAll(null, { atLeast: cursor })).entries.map(told)).toContain(wanted);
  await inbox.close();
});
