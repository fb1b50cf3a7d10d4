import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, refusal, registeredAll } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const say = async (client: Client, conversationId: string, text: string) =>
  (await client.act("sendMessage", { conversationId, text })).message.seq;
const group = async (owner: Client, memberIds: string[], more: object = {}) =>
  (await owner.act("createConversation", { kind: "GROUP", title: "forwards", memberIds, ...more })).conversation.id;
const forward = (
  client: Client,
  fromConversationId: string,
  seqs: number[],
  toConversationId: string,
  clientMutationId = randomUUID(),
) => client.act("forwardMessages", { clientMutationId, fromConversationId, seqs, toConversationId });
const textsIn = async (client: Client, id: string) => (await client.messages(id)).edges.map(({ node }) => node.text);

const picture = { url: "https://files.example/one.png", name: "one.png", mediaType: "image/png", size: 10 };

describe("forwarded messages", () => {
  test("are copies, in the order in which they are named, with where they come from for those who may see it", async () => {
    const [ann, bob, cat] = await registeredAll(server, "ann", "bob", "cat");
    const from = await group(ann, ["bob"]);
    const to = await group(ann, ["bob", "cat"]);
    await say(ann, from, "one");
    await ann.act("sendMessage", { conversationId: from, kind: "IMAGE", text: "two", attachments: [picture], topic: "sights" });
    await ann.act("sendMessage", { conversationId: from, text: "three", replyTo: 1, mentions: ["bob"], mentionsAll: true });
    await ann.act("editMessage", { conversationId: from, seq: 1, text: "one, edited" });
    const { messages, cursor } = await forward(bob, from, [3, 1, 2], to);
    expect(messages.map(({ seq, text, kind }) => [seq, text, kind])).toEqual([
      [1, "three", "TEXT"],
      [2, "one, edited", "TEXT"],
      [3, "two", "IMAGE"],
    ]);
    expect(messages.map(({ forwardedFrom }) => forwardedFrom?.id)).toEqual([`${from}:3`, `${from}:1`, `${from}:2`]);
    for (const message of messages)
      expect(message).toMatchObject({ sender: { id: "bob" }, topic: null, replyTo: null, mentions: [], mentionsAll: false });
    expect(messages[2]?.attachments).toMatchObject([picture]);
    expect(messages[0]?.editedAt).toBeNull();
    await cat.conversation(to, cursor);
    const seen = (await cat.messages(to)).edges.map(({ node }) => node);
    expect(seen.map(({ text }) => text)).toEqual(["three", "one, edited", "two"]);
    expect(seen.map(({ forwardedFrom }) => forwardedFrom)).toEqual([null, null, null]);
    // They are messages of their own: what becomes of the first ones is nothing to them.
    await ann.act("recallMessage", { conversationId: from, seq: 3 });
    expect(await textsIn(cat, to)).toEqual(["three", "one, edited", "two"]);
    const gone = await bob.act("recallMessage", { conversationId: to, seq: 1 });
    expect(gone.message).toMatchObject({ text: null, forwardedFrom: null });
  });

  test("are stored once, also if what they are copies of was changed, or cannot be seen any more", async () => {
    const [dan, eve] = await registeredAll(server, "dan", "eve");
    const from = await group(dan, ["eve"]);
    const to = await group(eve, []);
    await say(dan, from, "one");
    await say(dan, from, "two");
    const key = randomUUID();
    const first = await forward(eve, from, [1, 2], to, key);
    await dan.act("editMessage", { conversationId: from, seq: 1, text: "other" });
    await dan.act("recallMessage", { conversationId: from, seq: 2 });
    await dan.act("removeMembers", { conversationId: from, userIds: ["eve"] });
    const again = await forward(eve, from, [1, 2], to, key);
    expect(again.messages.map(({ id, text }) => [id, text])).toEqual(first.messages.map(({ id, text }) => [id, text]));
    expect(again.cursor).toBe(first.cursor);
    expect(await textsIn(eve, to)).toEqual(["one", "two"]);
    for (const seqs of [[1], [2, 1], [1, 2, 3], [1, 3]])
      expect(await refusal(forward(eve, from, seqs, to, key))).toEqual({ code: "CONFLICT", field: "clientMutationId" });
    expect(await textsIn(eve, to)).toEqual(["one", "two"]);
  });

  test("are stored once if the same call comes many times at once", async () => {
    const [fay] = await registeredAll(server, "fay");
    const from = await group(fay, []);
    const to = await group(fay, []);
    const seqs: number[] = [];
    for (let index = 0; index < 20; index++) seqs.push(await say(fay, from, `message ${index}`));
    const key = randomUUID();
    const results = await Promise.all([...Array(20).keys()].map(() => forward(fay, from, seqs, to, key)));
    expect(new Set(results.map(({ messages }) => messages.map(({ id }) => id).join())).size).toBe(1);
    await fay.conversation(to, results[0]?.cursor);
    expect(await textsIn(fay, to)).toEqual(seqs.map((_, index) => `message ${index}`));
  });

  test("are all or none: each must be seen, and not recalled", async () => {
    const [gus, hal] = await registeredAll(server, "gus", "hal");
    const from = await group(gus, [], { joinPolicy: "OPEN" });
    await say(gus, from, "before hal came");
    await hal.act("join", { id: from });
    await say(gus, from, "seen");
    const recalled = await say(gus, from, "recalled");
    await gus.act("recallMessage", { conversationId: from, seq: recalled });
    const to = await group(hal, []);
    for (const seqs of [[2, 1], [2, 99], [1]])
      expect(await refusal(forward(hal, from, seqs, to))).toEqual({ code: "NOT_FOUND", field: "seqs" });
    expect(await refusal(forward(hal, from, [2, recalled], to))).toEqual({ code: "CONFLICT", field: "seqs" });
    expect(await textsIn(hal, to)).toEqual([]);
    await hal.act("leave", { id: from });
    const { cursor } = await forward(hal, from, [2], to);
    await hal.conversation(to, cursor);
    expect(await textsIn(hal, to)).toEqual(["seen"]);
  });

  test("need what a message needs where they go", async () => {
    const [ida, jon, kim] = await registeredAll(server, "ida", "jon", "kim");
    const from = await group(ida, [], { public: true });
    await say(ida, from, "for everyone");
    const theirs = await group(kim, []);
    for (const to of [theirs, "g:none"])
      expect(await refusal(forward(jon, from, [1], to))).toEqual({ code: "NOT_FOUND", field: "toConversationId" });
    // Whoever may read a public group may pass on what stands there.
    await forward(jon, from, [1], "d:jon~kim");
    await kim.ask(`mutation { block(input: { clientMutationId: "1", userId: "jon", on: true }) { cursor } }`);
    expect(await refusal(forward(jon, from, [1], "d:jon~kim"))).toEqual({ code: "FORBIDDEN", field: "toConversationId" });
    expect(await refusal(forward(jon, from, [1], from))).toEqual({ code: "FORBIDDEN", field: "toConversationId" });
  });
});
