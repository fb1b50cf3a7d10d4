import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Message, MESSAGE } from "../../support/answers.ts";
import { type Client, refusal, registeredAll } from "../../support/client.ts";
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

const DIRECT = "d:ann~bob";

const fetched = async (client: Client, conversation: string, seq: number, atLeast?: string) =>
  (
    await client.ask<{ conversation: { message: Message | null } | null }>(
      `query ($id: ID!, $seq: Int!, $at: Cursor) { conversation(id: $id, atLeast: $at) { message(seq: $seq) { ...MessageParts } } } ${MESSAGE}`,
      { id: conversation, seq, at: atLeast },
    )
  ).conversation?.message;

const group = async (owner: Client, ...memberIds: string[]) =>
  (await owner.act("createConversation", { kind: "GROUP", title: "Group", memberIds })).conversation.id;

describe("a direct conversation", () => {
  it("is there from the start, empty, and listed from its first message on, for both, whoever writes", async () => {
    const idOf = async (client: Client, other: string) =>
      (
        await client.ask<{ user: { directConversationId: string } }>(
          `query ($id: ID) { user(id: $id) { directConversationId } }`,
          {
            id: other,
          },
        )
      ).user.directConversationId;
    expect(await idOf(ann, "bob")).toBe(DIRECT);
    expect(await idOf(bob, "ann")).toBe(DIRECT);
    expect(await ann.conversation(DIRECT)).toMatchObject({ id: DIRECT, title: "bob", lastSeq: 0, membership: null });
    expect((await ann.conversations()).edges).toEqual([]);

    const first = await ann.act("sendMessage", { userId: "bob", text: "hello Bob" });
    expect(first.message).toMatchObject({
      id: `${DIRECT}:1`,
      conversation: { id: DIRECT },
      seq: 1,
      cursor: first.cursor,
      sender: { id: "ann" },
      kind: "TEXT",
      topic: null,
      text: "hello Bob",
      attachments: [],
      replyTo: null,
      mentions: [],
      mentionsAll: false,
      editedAt: null,
      recalledAt: null,
    });
    expect(first.message.sentAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const second = await bob.act("sendMessage", { conversationId: DIRECT, text: "hello Ann" });
    expect(second.message).toMatchObject({ id: `${DIRECT}:2`, seq: 2, sender: { id: "bob" } });
    expect(second.cursor > first.cursor).toBe(true);

    const annsView = await ann.conversation(DIRECT, second.cursor);
    expect(annsView).toMatchObject({
      id: DIRECT,
      kind: "DIRECT",
      title: "bob",
      peer: { id: "bob" },
      memberCount: 2,
      membership: { user: { id: "ann" }, role: "MEMBER", joinedSeq: 0 },
      lastSeq: 2,
      lastMessage: { id: `${DIRECT}:2`, text: "hello Ann" },
      lastActivityAt: second.message.sentAt,
      readSeq: 1,
      unreadCount: 1,
      public: false,
    });
    expect(await bob.conversation(DIRECT, second.cursor)).toMatchObject({
      title: "ann",
      peer: { id: "ann" },
      membership: { user: { id: "bob" } },
      readSeq: 2,
      unreadCount: 0,
    });
    for (const client of [ann, bob]) {
      const { edges } = await client.messages(DIRECT, { first: 10 });
      expect(edges.map(({ cursor, node }) => [cursor, node.text])).toEqual([
        ["1", "hello Bob"],
        ["2", "hello Ann"],
      ]);
    }
  });

  it("is nobody else's", async () => {
    await ann.act("sendMessage", { userId: "bob", text: "between us" });
    expect(await cat.conversation(DIRECT)).toBeNull();
    expect(await cat.ask(`{ node(id: "${DIRECT}") { id } message: node(id: "${DIRECT}:1") { id } }`)).toEqual({
      node: null,
      message: null,
    });
    expect(await refusal(cat.act("sendMessage", { conversationId: DIRECT, text: "me too" }))).toEqual({
      code: "NOT_FOUND",
      field: "conversationId",
    });
    expect(await refusal(cat.act("markRead", { conversationId: DIRECT, seq: 1 }))).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(cat.act("recallMessage", { conversationId: DIRECT, seq: 1 }))).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(cat.act("editMessage", { conversationId: DIRECT, seq: 1, text: "x" }))).toMatchObject({
      code: "NOT_FOUND",
    });
    expect((await cat.listen(DIRECT).ended()).code).toBe("NOT_FOUND");
  });

  it("needs another one who is there", async () => {
    expect(await refusal(ann.act("sendMessage", { userId: "nobody", text: "hello" }))).toEqual({
      code: "NOT_FOUND",
      field: "userId",
    });
    expect(await refusal(ann.act("sendMessage", { userId: "ann", text: "hello" }))).toMatchObject({
      code: "BAD_INPUT",
      field: "userId",
    });
    expect(await refusal(ann.act("sendMessage", { text: "hello" }))).toMatchObject({ code: "BAD_INPUT" });
    expect(await refusal(ann.act("sendMessage", { userId: "bob", conversationId: DIRECT, text: "hello" }))).toMatchObject({
      code: "BAD_INPUT",
    });
  });
});

describe("a message", () => {
  it("carries attachments, a topic, a reply and mentions, the same in its payload as when read", async () => {
    const id = await group(ann, "bob", "cat");
    const asked = await bob.act("sendMessage", { conversationId: id, text: "who comes?" });
    const attachments = [
      { url: "https://example.org/a.png", name: "a.png", mediaType: "image/png", size: 1_234, width: 640, height: 480 },
      { url: "http://example.org/b.pdf", name: "b.pdf", mediaType: "application/pdf", size: 0, width: null, height: null },
    ];
    const { message, cursor } = await ann.act("sendMessage", {
      conversationId: id,
      kind: "IMAGE",
      topic: "plans",
      text: "we do",
      attachments,
      replyTo: asked.message.seq,
      mentions: ["bob", "cat", "bob"],
      mentionsAll: true,
      clientMutationId: "my-own-id",
    });
    expect(message).toMatchObject({
      kind: "IMAGE",
      topic: "plans",
      text: "we do",
      attachments,
      replyTo: { id: asked.message.id, text: "who comes?" },
      mentions: [{ id: "bob" }, { id: "cat" }],
      mentionsAll: true,
      clientMutationId: "my-own-id",
    });
    expect(await fetched(cat, id, message.seq, cursor)).toEqual(message);
    const { node } = await cat.ask<{ node: object }>(
      `query ($id: ID!) { node(id: $id) { __typename ... on Message { ...MessageParts } } } ${MESSAGE}`,
      { id: message.id },
    );
    expect(node).toEqual({ __typename: "Message", ...message });
  });

  it("keeps its text as it was typed, in any script, and up to 16,384 characters", async () => {
    const id = await group(ann, "bob");
    for (const text of [
      "  spaces  and\n\nlines\t",
      "老師,媽咪話想買盒月餅比你",
      "👩‍👩‍👧‍👦 e\u0301 \u202Ertl",
      "x".repeat(16_384),
      `"\\</script>`,
    ]) {
      const { message, cursor } = await ann.act("sendMessage", { conversationId: id, text });
      expect(message.text).toBe(text);
      expect((await fetched(bob, id, message.seq, cursor))?.text).toBe(text);
    }
  });

  it("is refused with the input at fault", async () => {
    const id = await group(ann, "bob");
    const field = (input: object) => refusal(ann.act("sendMessage", { conversationId: id, text: "hello", ...input }));
    const file = { url: "https://example.org/a.png", name: "a.png", mediaType: "image/png", size: 1 };
    expect(await field({ text: "x".repeat(16_385) })).toEqual({ code: "BAD_INPUT", field: "text" });
    expect(await field({ text: " \n " })).toEqual({ code: "BAD_INPUT", field: "text" });
    expect(await field({ text: null })).toEqual({ code: "BAD_INPUT", field: "text" });
    expect(await field({ text: "half \uD800" })).toEqual({ code: "BAD_INPUT", field: "text" });
    expect(await field({ topic: "x".repeat(129) })).toEqual({ code: "BAD_INPUT", field: "topic" });
    expect(await field({ kind: "IMAGE" })).toEqual({ code: "BAD_INPUT", field: "attachments" });
    expect(await field({ attachments: [file, { ...file, url: "javascript:alert(1)" }] })).toMatchObject({
      code: "BAD_INPUT",
      field: "attachments.1.url",
    });
    expect(await field({ attachments: [{ ...file, size: -1 }] })).toEqual({ code: "BAD_INPUT", field: "attachments.0.size" });
    expect(await field({ replyTo: 99 })).toEqual({ code: "NOT_FOUND", field: "replyTo" });
    expect(await field({ replyTo: 0 })).toEqual({ code: "BAD_INPUT", field: "replyTo" });
    expect(await field({ mentions: ["bob", "nobody"] })).toEqual({ code: "NOT_FOUND", field: "mentions" });
    expect(await field({ conversationId: "nonsense" })).toEqual({ code: "BAD_INPUT", field: "conversationId" });
    expect(await field({ conversationId: "g:none" })).toEqual({ code: "NOT_FOUND", field: "conversationId" });
    expect((await ann.conversation(id))?.lastSeq).toBe(0);
  });

  it("gets the next seq, dense from 1, however many are sent at once", async () => {
    const id = await group(ann, "bob", "cat");
    const sent = await Promise.all(
      [ann, bob, cat].flatMap((client) =>
        Array.from({ length: 20 }, (_, index) => client.act("sendMessage", { conversationId: id, text: `message ${index}` })),
      ),
    );
    const newest = sent.reduce((latest, { cursor }) => (cursor > latest ? cursor : latest), "");
    expect(sent.map(({ message }) => message.seq).sort((one, other) => one - other)).toEqual(sent.map((_, index) => index + 1));
    const { edges } = await bob.messages(id, { first: 100, atLeast: newest });
    const bySeq = new Map(sent.map(({ message }) => [message.seq, message]));
    expect(edges.map(({ node }) => node)).toEqual(edges.map((_, index) => bySeq.get(index + 1)));
    const cursors = edges.map(({ node }) => node.cursor);
    expect([...cursors].sort()).toEqual(cursors);
  });

  it("sent twice with one id is stored once, and with other content is a conflict", async () => {
    const id = await group(ann, "bob");
    const input = { conversationId: id, text: "once", clientMutationId: randomUUID() };
    const both = await Promise.all([ann.act("sendMessage", input), ann.act("sendMessage", input), ann.act("sendMessage", input)]);
    expect(new Set(both.map(({ cursor }) => cursor)).size).toBe(1);
    expect(await ann.act("sendMessage", input)).toEqual(both[0]);
    expect(await refusal(ann.act("sendMessage", { ...input, text: "twice" }))).toEqual({
      code: "CONFLICT",
      field: "clientMutationId",
    });
    // An id is one user's on one conversation: neither another user nor another conversation meets it.
    expect((await bob.act("sendMessage", input)).message.seq).toBe(2);
    expect((await ann.act("sendMessage", { ...input, conversationId: await group(ann) })).message.seq).toBe(1);
    expect((await ann.conversation(id, both[0].cursor))?.lastSeq).toBe(2);
  });

  it("to a user and to the conversation with them is the same message", async () => {
    const clientMutationId = randomUUID();
    const first = await ann.act("sendMessage", { userId: "cat", text: "the same", clientMutationId });
    expect(await ann.act("sendMessage", { conversationId: "d:ann~cat", text: "the same", clientMutationId })).toEqual(first);
  });
});

describe("editing", () => {
  it("changes the text for everyone and says when, again and again", async () => {
    const id = await group(ann, "bob");
    const { message } = await ann.act("sendMessage", { conversationId: id, text: "teh", topic: "words" });
    const edited = await ann.act("editMessage", { conversationId: id, seq: message.seq, text: "the" });
    expect(edited.message).toMatchObject({
      id: message.id,
      text: "the",
      topic: "words",
      cursor: message.cursor,
      sentAt: message.sentAt,
    });
    expect(Date.parse(edited.message.editedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(message.sentAt));
    expect(await fetched(bob, id, 1, edited.cursor)).toEqual(edited.message);
    const again = await ann.act("editMessage", { conversationId: id, seq: message.seq, text: "thee" });
    expect((await fetched(bob, id, 1, again.cursor))?.text).toBe("thee");
    expect((await ann.conversation(id, again.cursor))?.lastMessage?.text).toBe("thee");
  });

  it("is the sender's alone, of a message that is there, with a text", async () => {
    const id = await group(ann, "bob");
    const { message } = await bob.act("sendMessage", { conversationId: id, text: "mine" });
    const edit = (client: Client, input: object) =>
      refusal(client.act("editMessage", { conversationId: id, seq: message.seq, text: "yours", ...input }));
    expect(await edit(ann, {})).toMatchObject({ code: "FORBIDDEN" });
    expect(await edit(cat, {})).toEqual({ code: "NOT_FOUND", field: "conversationId" });
    expect(await edit(bob, { seq: 2 })).toMatchObject({ code: "NOT_FOUND" });
    expect(await edit(bob, { seq: 0 })).toEqual({ code: "BAD_INPUT", field: "seq" });
    expect(await edit(bob, { text: "" })).toEqual({ code: "BAD_INPUT", field: "text" });
    expect(await edit(bob, { text: "x".repeat(16_385) })).toEqual({ code: "BAD_INPUT", field: "text" });
    expect((await fetched(ann, id, 1))?.text).toBe("mine");
  });
});

describe("recalling", () => {
  it("takes away what it held, for everyone and wherever it is referred to, and leaves its place", async () => {
    const id = await group(ann, "bob");
    const file = { url: "https://example.org/a.png", name: "a.png", mediaType: "image/png", size: 1, width: null, height: null };
    const { message } = await ann.act("sendMessage", {
      conversationId: id,
      text: "never mind",
      attachments: [file],
      mentions: ["bob"],
      topic: "words",
    });
    await bob.act("sendMessage", { conversationId: id, text: "what?", replyTo: message.seq });
    const recalled = await ann.act("recallMessage", { conversationId: id, seq: message.seq });
    expect(recalled.message).toMatchObject({ id: message.id, text: null, attachments: [], mentions: [], sender: { id: "ann" } });
    expect(recalled.message.recalledAt).toMatch(/Z$/);
    const { edges } = await bob.messages(id, { first: 10, atLeast: recalled.cursor });
    expect(edges.map(({ node }) => [node.seq, node.text, node.replyTo])).toEqual([
      [1, null, null],
      [2, "what?", { id: message.id, text: null }],
    ]);
    expect(await refusal(ann.act("editMessage", { conversationId: id, seq: 1, text: "back" }))).toMatchObject({
      code: "CONFLICT",
    });
  });

  it("is for the sender, the owner and administrators", async () => {
    const id = await group(ann, "bob", "cat");
    await ann.act("setRole", { conversationId: id, userId: "bob", role: "ADMIN" });
    for (const client of [ann, bob, cat]) await client.act("sendMessage", { conversationId: id, text: `of ${client.id}` });
    expect(await refusal(cat.act("recallMessage", { conversationId: id, seq: 1 }))).toMatchObject({ code: "FORBIDDEN" });
    const first = await bob.act("recallMessage", { conversationId: id, seq: 1 });
    const third = await ann.act("recallMessage", { conversationId: id, seq: 3 });
    expect([first.message.text, third.message.text]).toEqual([null, null]);
    expect(await refusal(bob.act("recallMessage", { conversationId: DIRECT, seq: 1 }))).toMatchObject({ code: "FORBIDDEN" });
  });
});
