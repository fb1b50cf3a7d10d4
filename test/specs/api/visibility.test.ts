import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Message, MESSAGE } from "../../support/answers.ts";
import { type Client, refusal, registeredAll, told } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

let server: ApiServer;
let ann: Client;
let bob: Client;
let cat: Client;
beforeAll(async () => {
  server = await apiServer();
  [ann, bob, cat] = await registeredAll(server, "ann", "bob", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

const group = async (input: object = {}, ...memberIds: string[]) =>
  (await ann.act("createConversation", { kind: "GROUP", title: "Group", joinPolicy: "OPEN", memberIds, ...input })).conversation
    .id;

/** Until the views hold what was done: a stream that is opened then begins after it. */
const shown = async ({ cursor }: { cursor: string }) => void (await ann.sync(null, { atLeast: cursor }));

const say = async (id: string, text: string, more: object = {}) =>
  (await ann.act("sendMessage", { conversationId: id, text, ...more })).message;

/** The message by every way to it: its conversation and its id. */
async function seen(client: Client, { conversation, seq, id }: Pick<Message, "conversation" | "seq" | "id">) {
  const found = await client.ask<{ conversation: { message: Message | null } | null; node: Message | null }>(
    `query ($conversation: ID!, $seq: Int!, $id: ID!) {
      conversation(id: $conversation) { message(seq: $seq) { ...MessageParts } }
      node(id: $id) { ... on Message { ...MessageParts } }
    } ${MESSAGE}`,
    { conversation: conversation.id, seq, id },
  );
  expect(found.conversation?.message ?? null).toEqual(found.node);
  return found.node;
}

describe("anything by its id", () => {
  it("is what it is: a user, a group, a direct conversation, a message of either", async () => {
    const id = await group({ title: "Known" }, "bob");
    const inGroup = await say(id, "in the group");
    const { message: direct, cursor } = await ann.act("sendMessage", { userId: "bob", text: "between us" });
    const node = async (of: string) =>
      (
        await bob.ask<{ node: object | null }>(
          `query ($id: ID!, $at: Cursor) { node(id: $id, atLeast: $at) {
            __typename id ... on User { name } ... on Conversation { kind title } ... on Message { text }
          } }`,
          { id: of, at: cursor },
        )
      ).node;
    expect(await node("ann")).toEqual({ __typename: "User", id: "ann", name: "ann" });
    expect(await node(id)).toEqual({ __typename: "Conversation", id, kind: "GROUP", title: "Known" });
    expect(await node("d:ann~bob")).toEqual({ __typename: "Conversation", id: "d:ann~bob", kind: "DIRECT", title: "ann" });
    expect(await node(inGroup.id)).toEqual({ __typename: "Message", id: `${id}:1`, text: "in the group" });
    expect(await node(direct.id)).toEqual({ __typename: "Message", id: "d:ann~bob:1", text: "between us" });
    for (const none of ["nobody", "g:none", "g:none:1", "d:bob~nobody", "d:bob~nobody:1", `${id}:2`, "d:ann~cat"]) {
      expect([none, await node(none)]).toEqual([none, null]);
    }
    for (const nonsense of ["", "x:1", "d:bob~ann", "d:ann", `${id}:0`, `${id}:01`, "no id"]) {
      expect([nonsense, await refusal(node(nonsense))]).toEqual([nonsense, { code: "BAD_INPUT", field: "id" }]);
    }
  });
});

describe("a message from before one came", () => {
  it("is null wherever it is referred to", async () => {
    const id = await group();
    const old = await say(id, "before", { mentions: ["ann"] });
    await bob.act("join", { id });
    const reply = await say(id, "after", { replyTo: old.seq });
    expect(await seen(bob, old)).toBeNull();
    expect(await seen(bob, reply)).toMatchObject({ text: "after", replyTo: null });
    expect(await seen(ann, reply)).toMatchObject({ replyTo: { id: old.id, text: "before" } });
    expect((await bob.messages(id)).edges.map(({ node }) => [node.text, node.replyTo])).toEqual([["after", null]]);
    const { entries } = await bob.syncAll();
    const received = entries.find((entry) => entry.__typename === "MessageReceived" && entry.message.id === reply.id);
    expect(received).toMatchObject({ message: { text: "after", replyTo: null } });
    // Nor can it be answered, edited or recalled by its number.
    expect(await refusal(bob.act("sendMessage", { conversationId: id, text: "re", replyTo: old.seq }))).toEqual({
      code: "NOT_FOUND",
      field: "replyTo",
    });
    expect(await refusal(bob.act("recallMessage", { conversationId: id, seq: old.seq }))).toMatchObject({ code: "NOT_FOUND" });
  });

  it("is not told of when it is edited or recalled later, in an entry or on the conversation's subscription", async () => {
    const id = await group();
    const old = await say(id, "before");
    await shown(await bob.act("join", { id }));
    const listening = bob.listen(id);
    const inbox = bob.inbox();
    await listening.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
    await inbox.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
    const { cursor: from } = await bob.sync(null, { limit: 500 });
    await ann.act("editMessage", { conversationId: id, seq: old.seq, text: "edited" });
    await ann.act("recallMessage", { conversationId: id, seq: old.seq });
    const last = await say(id, "after");
    for (const stream of [listening, inbox]) {
      await stream.until("the last one came", (entry) => entry.cursor === last.cursor);
      expect(stream.entries.map(told).slice(1)).toEqual([`received ${last.id} after`]);
      await stream.close();
    }
    expect((await bob.syncAll(from)).entries.map(told)).toEqual([`received ${last.id} after`]);
  });

  it("is the newest there is, and yet not shown", async () => {
    const id = await group();
    await say(id, "before");
    const { conversation } = await bob.act("join", { id });
    expect(conversation).toMatchObject({ lastSeq: 1, lastMessage: null, unreadCount: 0, membership: { joinedSeq: 1 } });
  });
});

describe("after leaving", () => {
  it("one sees what one saw, and nothing that came later", async () => {
    const id = await group({}, "bob");
    const first = await say(id, "one");
    await bob.act("leave", { id });
    const second = await say(id, "two", { replyTo: first.seq });
    expect(await seen(bob, first)).toMatchObject({ text: "one" });
    expect(await seen(bob, second)).toBeNull();
    const conversation = await bob.conversation(id, second.cursor);
    expect(conversation).toMatchObject({
      membership: null,
      lastSeq: 1,
      lastMessage: { id: first.id },
      lastActivityAt: first.sentAt,
      unreadCount: 0,
      unreadMentions: 0,
    });
    expect((await bob.messages(id)).edges.map(({ node }) => node.text)).toEqual(["one"]);
    const { entries } = await bob.syncAll();
    expect(entries.filter((entry) => "message" in entry && entry.message.id === second.id)).toEqual([]);
  });

  it("one is told of it, and nothing more, on both subscriptions", async () => {
    const id = await group({}, "bob");
    await shown(await say(id, "with Bob"));
    const listening = bob.listen(id);
    const inbox = bob.inbox();
    for (const stream of [listening, inbox]) await stream.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
    await ann.act("removeMembers", { conversationId: id, userIds: ["bob"] });
    await say(id, "without Bob");
    const { message } = await ann.act("sendMessage", { userId: "bob", text: "sorry" });
    await inbox.until("the direct message came", (entry) => entry.cursor === message.cursor);
    expect(inbox.entries.map(told).slice(1)).toEqual([`REMOVED ${id} bob by ann`, `received ${message.id} sorry`]);
    expect((await listening.ended()).code).toBe("FORBIDDEN");
    expect(listening.entries.map(told).slice(1)).toEqual([`REMOVED ${id} bob by ann`]);
    await Promise.all([inbox.close(), listening.close()]);
    expect((await bob.listen(id).ended()).code).toBe("FORBIDDEN");
  });
});

describe("a private group", () => {
  it("is not there for strangers", async () => {
    const id = await group({}, "bob");
    const message = await say(id, "secret");
    expect(await cat.conversation(id, message.cursor)).toBeNull();
    expect(
      await cat.ask("query ($id: ID!, $message: ID!) { node(id: $id) { id } message: node(id: $message) { id } }", {
        id,
        message: message.id,
      }),
    ).toEqual({
      node: null,
      message: null,
    });
    expect((await cat.listen(id).ended()).code).toBe("NOT_FOUND");
    const code = async (call: Promise<unknown>) => (await refusal(call)).code;
    expect(await code(cat.act("sendMessage", { conversationId: id, text: "hello" }))).toBe("NOT_FOUND");
    expect(await code(cat.act("markRead", { conversationId: id, seq: 1 }))).toBe("NOT_FOUND");
    expect(await code(cat.act("editMessage", { conversationId: id, seq: 1, text: "mine" }))).toBe("NOT_FOUND");
    expect(await code(cat.act("removeMembers", { conversationId: id, userIds: ["bob"] }))).toBe("NOT_FOUND");
    expect((await cat.syncAll()).entries.filter((entry) => told(entry).includes(id))).toEqual([]);
  });
});

describe("a public group", () => {
  it("is read by strangers, members and messages included, and written by members alone", async () => {
    const id = await group({ public: true, title: "Town hall" }, "bob");
    const first = await say(id, "welcome", { mentions: ["cat"] });
    const second = await say(id, "all", { replyTo: first.seq });
    expect(await cat.conversation(id, second.cursor)).toMatchObject({
      title: "Town hall",
      membership: null,
      memberCount: 2,
      lastSeq: 2,
      lastMessage: { id: second.id },
      readSeq: 0,
      unreadCount: 0,
      unreadMentions: 0,
    });
    expect(await seen(cat, second)).toMatchObject({ text: "all", replyTo: { id: first.id, text: "welcome" } });
    expect((await cat.conversations()).edges.filter(({ node }) => node.id === id)).toEqual([]);
    expect(await refusal(cat.act("sendMessage", { conversationId: id, text: "hello" }))).toEqual({
      code: "FORBIDDEN",
      field: "conversationId",
    });
    expect(await refusal(cat.act("markRead", { conversationId: id, seq: 1 }))).toMatchObject({ code: "FORBIDDEN" });
  });

  it("is followed live by strangers, from a cursor too", async () => {
    const id = await group({ public: true }, "bob");
    const first = await say(id, "one");
    await shown(first);
    const live = cat.listen(id);
    const missed = cat.listen(id, first.cursor);
    await live.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
    await missed.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
    await ann.act("editMessage", { conversationId: id, seq: 1, text: "uno" });
    await bob.act("leave", { id });
    const last = await say(id, "two");
    for (const stream of [live, missed]) {
      await stream.until("the last one came", (entry) => entry.cursor === last.cursor);
      expect(stream.entries.map(told)).toEqual([
        "InboxCaughtUp",
        `EDITED ${first.id} uno`,
        `LEFT ${id} bob by bob`,
        `received ${last.id} two`,
      ]);
      await stream.close();
    }
    const again = cat.listen(id, first.cursor);
    await again.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    expect(again.entries.map(told)).toEqual([
      `EDITED ${first.id} uno`,
      `LEFT ${id} bob by bob`,
      `received ${last.id} two`,
      "InboxCaughtUp",
    ]);
    await again.close();
  });
});
