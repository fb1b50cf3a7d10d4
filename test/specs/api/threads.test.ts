import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connection, Message } from "../../support/answers.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, refusal, registeredAll } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const say = async (client: Client, conversationId: string, text: string, replyTo?: number) =>
  client.act("sendMessage", { conversationId, text, ...(replyTo === undefined ? {} : { replyTo }) });
const group = async (owner: Client, memberIds: string[], more: object = {}) =>
  (await owner.act("createConversation", { kind: "GROUP", title: "threads", memberIds, ...more })).conversation.id;

type Thread = { replyCount: number; lastReplyAt: string | null; replies: Connection<Pick<Message, "seq" | "text">> };
const threadOf = async (client: Client, id: string, seq: number, variables: { first?: number; after?: string | null } = {}) =>
  (
    await client.ask<{ conversation: { message: Thread | null } }>(
      `query ($id: ID!, $seq: Int!, $first: Int, $after: String) { conversation(id: $id) { message(seq: $seq) {
        replyCount lastReplyAt replies(first: $first, after: $after) {
          edges { cursor node { seq text } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`,
      { id, seq, ...variables },
    )
  ).conversation.message as Thread;
const seqsOf = ({ replies }: Thread) => replies.edges.map(({ node }) => node.seq);

describe("a thread", () => {
  test("is the direct answers to a message, page by page", async () => {
    const [ann, bob] = await registeredAll(server, "ann", "bob");
    const id = await group(ann, ["bob"]);
    await say(ann, id, "who comes?");
    await say(bob, id, "I do", 1);
    await say(ann, id, "with whom?", 2);
    await say(ann, id, "something else");
    for (const text of ["at three", "at four", "at five"]) await say(bob, id, text, 1);
    const { message, cursor } = await say(ann, id, "good", 1);
    await ann.conversation(id, cursor);
    const thread = await threadOf(bob, id, 1);
    expect(seqsOf(thread)).toEqual([2, 5, 6, 7, 8]);
    expect(thread).toMatchObject({ replyCount: 5, lastReplyAt: message.sentAt });
    expect(seqsOf(await threadOf(bob, id, 2))).toEqual([3]);
    expect(await threadOf(bob, id, 4)).toMatchObject({ replyCount: 0, lastReplyAt: null, replies: { edges: [] } });
    const page = await threadOf(bob, id, 1, { first: 2, after: "2" });
    expect(seqsOf(page)).toEqual([5, 6]);
    expect(page.replies.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: true, startCursor: "5", endCursor: "6" });
    expect((await threadOf(bob, id, 1, { first: 2, after: "6" })).replies.pageInfo.hasNextPage).toBe(false);
    expect(await refusal(threadOf(bob, id, 1, { first: 101 }))).toMatchObject({ code: "BAD_INPUT", field: "first" });
    expect(await refusal(threadOf(bob, id, 1, { after: "x" }))).toMatchObject({ code: "BAD_INPUT", field: "after" });
  });

  test("keeps its recalled answers, without their text", async () => {
    const [cat, dan] = await registeredAll(server, "cat", "dan");
    await cat.act("sendMessage", { userId: "dan", text: "so?" });
    const id = "d:cat~dan";
    const { seq } = (await say(dan, id, "yes", 1)).message;
    await dan.act("recallMessage", { conversationId: id, seq });
    const thread = await threadOf(cat, id, 1);
    expect(thread.replyCount).toBe(1);
    expect(thread.replies.edges.map(({ node }) => node)).toEqual([{ seq, text: null }]);
  });

  test("shows and counts what its reader may see alone", async () => {
    const [eve, fay, gus] = await registeredAll(server, "eve", "fay", "gus");
    const id = await group(eve, ["fay"], { joinPolicy: "OPEN" });
    await say(eve, id, "question");
    const seen = (await say(eve, id, "seen by fay", 1)).message;
    await fay.act("leave", { id });
    await say(eve, id, "while fay is away", 1);
    const away = await threadOf(fay, id, 1);
    expect(seqsOf(away)).toEqual([2]);
    expect(away).toMatchObject({ replyCount: 1, lastReplyAt: seen.sentAt, replies: { pageInfo: { hasNextPage: false } } });
    await fay.act("join", { id });
    expect(await threadOf(fay, id, 1)).toEqual(away);
    const after = (await say(eve, id, "fay is back", 1)).message;
    await fay.act("markRead", { conversationId: id, seq: 1 });
    const back = await threadOf(fay, id, 1);
    expect(seqsOf(back)).toEqual([2, 4]);
    expect(back).toMatchObject({ replyCount: 2, lastReplyAt: after.sentAt });
    expect(seqsOf(await threadOf(fay, id, 1, { first: 1, after: "2" }))).toEqual([4]);
    expect(seqsOf(await threadOf(eve, id, 1))).toEqual([2, 3, 4]);
    // One who was let in later sees neither the question nor its thread.
    await gus.act("join", { id });
    expect(await threadOf(gus, id, 1)).toBeNull();
    const { message } = await say(gus, id, "an answer of gus to what he sees", undefined);
    expect(await threadOf(gus, id, message.seq)).toMatchObject({ replyCount: 0, lastReplyAt: null });
  });
});

describe("unread answers", () => {
  const unreadOf = async (client: Client, id: string, cursor: string) => (await client.conversation(id, cursor))?.unreadReplies;

  test("are those in threads that one began or answered in, without recalled ones", async () => {
    const [hal, ida, jon, kim] = await registeredAll(server, "hal", "ida", "jon", "kim");
    const id = await group(hal, ["ida", "jon", "kim"]);
    await say(hal, id, "the question of hal");
    await say(ida, id, "an answer of ida", 1);
    await say(jon, id, "another thread");
    await say(jon, id, "an answer of jon", 1);
    const recalled = (await say(jon, id, "a second one", 1)).message.seq;
    const { cursor } = await say(kim, id, "an answer of kim to jon", 3);
    expect(await unreadOf(hal, id, cursor)).toBe(3);
    // Ida had answered before jon did.
    expect(await unreadOf(ida, id, cursor)).toBe(2);
    expect(await unreadOf(jon, id, cursor)).toBe(1);
    expect(await unreadOf(kim, id, cursor)).toBe(0);
    const gone = await jon.act("recallMessage", { conversationId: id, seq: recalled });
    expect(await unreadOf(hal, id, gone.cursor)).toBe(2);
    expect(await unreadOf(ida, id, gone.cursor)).toBe(1);
    const read = await hal.act("markRead", { conversationId: id, seq: 2 });
    expect(read.conversation.unreadReplies).toBe(1);
    expect((await hal.act("markRead", { conversationId: id, seq: 6 })).conversation.unreadReplies).toBe(0);
    await ida.act("leave", { id });
    expect(await unreadOf(ida, id, gone.cursor)).toBe(0);
  });
});
