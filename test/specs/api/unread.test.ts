import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Client, clientOf, refusal, registered, told } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob, bobsPhone, cat] = [] as unknown as [Client, Client, Client, Client];
beforeEach(async () => {
  people += 1;
  ann = await registered(server, `ann${people}`);
  bob = await registered(server, `bob${people}`, { device: "desk" });
  bobsPhone = await clientOf(server, bob.id, { device: "phone" });
  cat = await registered(server, `cat${people}`);
});

const group = async (...members: Client[]) =>
  (
    await ann.act("createConversation", {
      kind: "GROUP",
      title: "Group",
      joinPolicy: "OPEN",
      memberIds: members.map(({ id }) => id),
    })
  ).conversation.id;

const say = async (client: Client, id: string, more: object = {}) =>
  client.act("sendMessage", { conversationId: id, text: "hello", ...more });

const counts = async (client: Client, id: string, at: string) => {
  const conversation = await client.conversation(id, at);
  return [conversation?.readSeq, conversation?.unreadCount, conversation?.unreadMentions];
};

const total = async (client: Client, at: string) =>
  (await client.ask<{ viewer: { unreadTotal: number } }>("query ($at: Cursor) { viewer(atLeast: $at) { unreadTotal } }", { at }))
    .viewer.unreadTotal;

describe("what is unread", () => {
  it("grows with what others send, and goes on every device of the reader at once", async () => {
    const id = await group(bob, cat);
    for (let count = 0; count < 3; count++) await say(ann, id);
    const { cursor } = await say(cat, id);
    for (const device of [bob, bobsPhone]) {
      expect(await counts(device, id, cursor)).toEqual([0, 4, 0]);
      expect(await total(device, cursor)).toBe(4);
    }
    const phone = bobsPhone.inbox();
    const desk = bob.inbox();
    for (const stream of [phone, desk]) await stream.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
    const read = await bob.act("markRead", { conversationId: id, seq: 3 });
    expect(read.conversation).toMatchObject({ readSeq: 3, unreadCount: 1 });
    for (const stream of [phone, desk]) {
      const moved = await stream.until("the mark moved", ({ __typename }) => __typename === "ReadMoved");
      expect(moved).toMatchObject({ cursor: read.cursor, conversation: { id }, readSeq: 3 });
      await stream.close();
    }
    expect(await counts(bobsPhone, id, read.cursor)).toEqual([3, 1, 0]);
    expect(await counts(ann, id, read.cursor)).toEqual([3, 1, 0]);
    const all = await bobsPhone.act("markRead", { conversationId: id, seq: 4 });
    expect(await counts(bob, id, all.cursor)).toEqual([4, 0, 0]);
    expect(await total(bob, all.cursor)).toBe(0);
  });

  it("never grows by a mark: one that is lower changes nothing, one beyond the end reads what is there", async () => {
    const id = await group(bob);
    for (let count = 0; count < 5; count++) await say(ann, id);
    await bob.act("markRead", { conversationId: id, seq: 4 });
    const lower = await bobsPhone.act("markRead", { conversationId: id, seq: 2 });
    expect(lower.conversation).toMatchObject({ readSeq: 4, unreadCount: 1 });
    const beyond = await bob.act("markRead", { conversationId: id, seq: 1_000 });
    expect(beyond.conversation).toMatchObject({ readSeq: 5, unreadCount: 0 });
    const { cursor } = await say(ann, id);
    expect(await counts(bob, id, cursor)).toEqual([5, 1, 0]);
    const moves = (await bob.syncAll()).entries.filter(({ __typename }) => __typename === "ReadMoved");
    expect(moves.map(told)).toEqual([`read ${id} 4`, `read ${id} 5`]);
    for (const seq of [0, -1]) {
      expect(await refusal(bob.act("markRead", { conversationId: id, seq }))).toEqual({ code: "BAD_INPUT", field: "seq" });
    }
  });

  it("is not one's own: who writes has read", async () => {
    const id = await group(bob);
    await say(ann, id);
    await say(ann, id);
    const own = await say(bob, id);
    expect(await counts(bob, id, own.cursor)).toEqual([3, 0, 0]);
    expect(await counts(ann, id, own.cursor)).toEqual([2, 1, 0]);
    const next = await say(ann, id);
    expect(await counts(bob, id, next.cursor)).toEqual([3, 1, 0]);
    expect(await counts(ann, id, next.cursor)).toEqual([4, 0, 0]);
  });

  it("begins with joining, and anew with coming back", async () => {
    const id = await group(bob);
    for (let count = 0; count < 3; count++) await say(ann, id, { mentionsAll: true });
    const joined = await cat.act("join", { id });
    expect(await counts(cat, id, joined.cursor)).toEqual([0, 0, 0]);
    const first = await say(ann, id, { mentionsAll: true });
    expect(await counts(cat, id, first.cursor)).toEqual([0, 1, 1]);
    expect(await counts(bob, id, first.cursor)).toEqual([0, 4, 4]);
    const left = await cat.act("leave", { id });
    expect(await counts(cat, id, left.cursor)).toEqual([0, 0, 0]);
    expect(await total(cat, left.cursor)).toBe(0);
    await say(ann, id);
    await cat.act("join", { id });
    const second = await say(ann, id);
    expect(await counts(cat, id, second.cursor)).toEqual([0, 1, 0]);
  });

  it("is less by what was recalled, and the same for what was edited", async () => {
    const id = await group(bob);
    for (let count = 0; count < 5; count++) await say(ann, id);
    await bob.act("markRead", { conversationId: id, seq: 2 });
    await ann.act("recallMessage", { conversationId: id, seq: 1 });
    await ann.act("recallMessage", { conversationId: id, seq: 4 });
    const edited = await ann.act("editMessage", { conversationId: id, seq: 5, text: "changed" });
    expect(await counts(bob, id, edited.cursor)).toEqual([2, 2, 0]);
    const last = await ann.act("recallMessage", { conversationId: id, seq: 5 });
    expect(await counts(bob, id, last.cursor)).toEqual([2, 1, 0]);
    const read = await bob.act("markRead", { conversationId: id, seq: 3 });
    expect(await counts(bob, id, read.cursor)).toEqual([3, 0, 0]);
  });

  it("counts mentions by name and of all, once a message, until read or recalled", async () => {
    const id = await group(bob, cat);
    await say(ann, id, { mentions: [bob.id] });
    await say(ann, id, { mentionsAll: true });
    await say(ann, id, { mentions: [bob.id, cat.id], mentionsAll: true });
    const { cursor } = await say(ann, id);
    expect(await counts(bob, id, cursor)).toEqual([0, 4, 3]);
    expect(await counts(cat, id, cursor)).toEqual([0, 4, 2]);
    expect(await counts(ann, id, cursor)).toEqual([4, 0, 0]);
    const recalled = await ann.act("recallMessage", { conversationId: id, seq: 3 });
    expect(await counts(bob, id, recalled.cursor)).toEqual([0, 3, 2]);
    expect(await counts(cat, id, recalled.cursor)).toEqual([0, 3, 1]);
    const read = await bob.act("markRead", { conversationId: id, seq: 1 });
    expect(await counts(bob, id, read.cursor)).toEqual([1, 2, 1]);
    expect(await counts(bob, id, (await bob.act("markRead", { conversationId: id, seq: 4 })).cursor)).toEqual([4, 0, 0]);
  });

  it("adds up over groups and direct conversations", async () => {
    const id = await group(bob);
    await say(ann, id);
    await say(ann, id);
    await cat.act("sendMessage", { userId: bob.id, text: "hello" });
    const { cursor } = await ann.act("sendMessage", { userId: bob.id, text: "hello" });
    expect(await total(bob, cursor)).toBe(4);
    const read = await bob.act("markRead", { conversationId: `d:${ann.id}~${bob.id}`, seq: 1 });
    expect(await total(bob, read.cursor)).toBe(3);
  });
});
