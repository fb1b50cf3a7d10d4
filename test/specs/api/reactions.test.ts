import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, refusal, registeredAll } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const react = async (client: Client, conversationId: string, seq: number, emoji: string, on = true) =>
  client.act("react", { conversationId, seq, emoji, on });
const seenBy = async (client: Client, conversationId: string, cursor: string) => {
  await client.conversation(conversationId, cursor);
  return (await client.messages(conversationId)).edges.map(({ node }) => node.reactions);
};
const group = async (owner: Client, memberIds: string[], more: object = {}) =>
  (await owner.act("createConversation", { kind: "GROUP", title: "reacting", memberIds, ...more })).conversation.id;

describe("a reaction", () => {
  test("is counted, says whether it is the viewer's, and is told to all as a change", async () => {
    const [ann, bob, cat] = await registeredAll(server, "ann", "bob", "cat");
    const id = await group(ann, ["bob", "cat"]);
    const { message, cursor } = await ann.act("sendMessage", { conversationId: id, text: "done" });
    const inbox = cat.inbox(cursor);
    expect(message.reactions).toEqual([]);
    expect((await react(bob, id, 1, "🎉")).message.reactions).toEqual([{ emoji: "🎉", count: 1, byViewer: true }]);
    await react(ann, id, 1, "👍");
    const last = await react(ann, id, 1, "🎉");
    expect(last.message.reactions).toEqual([
      { emoji: "🎉", count: 2, byViewer: true },
      { emoji: "👍", count: 1, byViewer: true },
    ]);
    expect(await seenBy(bob, id, last.cursor)).toEqual([
      [
        { emoji: "🎉", count: 2, byViewer: true },
        { emoji: "👍", count: 1, byViewer: false },
      ],
    ]);
    const told = await inbox.until("the last reaction", (entry) => entry.cursor === last.cursor);
    expect(told).toMatchObject({ __typename: "MessageChanged", messageChange: "REACTED" });
    expect(told).toMatchObject({
      message: {
        reactions: [
          { count: 2, byViewer: false },
          { count: 1, byViewer: false },
        ],
      },
    });
    await inbox.close();
  });

  test("is taken back, and a repeat of either call changes nothing", async () => {
    const [dan, eve] = await registeredAll(server, "dan", "eve");
    await dan.act("sendMessage", { userId: "eve", text: "hi" });
    const on = { clientMutationId: randomUUID(), conversationId: "d:dan~eve", seq: 1, emoji: "❤", on: true };
    const off = { ...on, clientMutationId: randomUUID(), on: false };
    expect((await eve.act("react", on)).message.reactions).toEqual([{ emoji: "❤️", count: 1, byViewer: true }]);
    expect((await eve.act("react", off)).message.reactions).toEqual([]);
    expect((await eve.act("react", on)).message.reactions).toEqual([]);
    await eve.act("react", { ...on, clientMutationId: randomUUID() });
    expect((await eve.act("react", off)).message.reactions).toHaveLength(1);
  });

  test("is gone with a message that is recalled", async () => {
    const [fay, gus] = await registeredAll(server, "fay", "gus");
    await fay.act("sendMessage", { userId: "gus", text: "hi" });
    await react(gus, "d:fay~gus", 1, "👍");
    expect((await fay.act("recallMessage", { conversationId: "d:fay~gus", seq: 1 })).message.reactions).toEqual([]);
    expect(await refusal(react(gus, "d:fay~gus", 1, "👍"))).toEqual({ code: "CONFLICT", field: "seq" });
    expect((await react(gus, "d:fay~gus", 1, "👍", false)).message.reactions).toEqual([]);
  });

  test("can be taken back, and not made, where one has blocked the other", async () => {
    const [hal, ida] = await registeredAll(server, "hal", "ida");
    await hal.act("sendMessage", { userId: "ida", text: "hi" });
    await react(ida, "d:hal~ida", 1, "👍");
    await hal.ask(`mutation { block(input: { clientMutationId: "1", userId: "ida", on: true }) { cursor } }`);
    expect(await refusal(react(ida, "d:hal~ida", 1, "🎉"))).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    expect((await react(ida, "d:hal~ida", 1, "👍", false)).message.reactions).toEqual([]);
  });

  test("is not for those outside, nor for those who have left, who see those to what they may see", async () => {
    const [jon, kim, lea] = await registeredAll(server, "jon", "kim", "lea");
    const id = await group(jon, ["kim"]);
    await jon.act("sendMessage", { conversationId: id, text: "hi" });
    await kim.act("leave", { id });
    const later = (await jon.act("sendMessage", { conversationId: id, text: "gone?" })).message.seq;
    await react(jon, id, 1, "👍");
    const { cursor } = await react(jon, id, later, "👍");
    expect(await refusal(react(kim, id, 1, "👍"))).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    expect(await seenBy(kim, id, cursor)).toEqual([[{ emoji: "👍", count: 1, byViewer: false }]]);
    for (const [where, seq] of [
      [id, 1],
      [id, 99],
      ["g:none", 1],
    ] as const)
      expect(await refusal(react(lea, where, seq, "👍"))).toEqual({ code: "NOT_FOUND", field: "conversationId" });
  });

  test("of fifty at once is counted fifty times", async () => {
    const users = [...Array(50).keys()].map((index) => `many${index}`);
    const clients = await registeredAll(server, "many", ...users);
    const [owner] = clients;
    const id = await group(owner, users, { joinPolicy: "OPEN" });
    await owner.act("sendMessage", { conversationId: id, text: "who comes?" });
    const answers = await Promise.all(clients.slice(1).map((client) => react(client, id, 1, "✋")));
    const last = answers.map(({ cursor }) => cursor).sort()[49] as string;
    expect(await seenBy(owner, id, last)).toEqual([[{ emoji: "✋", count: 50, byViewer: false }]]);
  });
});
