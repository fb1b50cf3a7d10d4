import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, refusal, registeredAll } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const pin = (client: Client, conversationId: string, seq: number, on = true) =>
  client.act("pinMessage", { conversationId, seq, on });
const pinsOf = async (client: Client, id: string, atLeast?: string) =>
  (
    await client.ask<{ conversation: { pins: { seq: number }[] } }>(
      `query ($id: ID!, $atLeast: Cursor) { conversation(id: $id, atLeast: $atLeast) { pins { seq } } }`,
      { id, atLeast },
    )
  ).conversation.pins.map(({ seq }) => seq);
const group = async (owner: Client, memberIds: string[], more: object = {}) =>
  (await owner.act("createConversation", { kind: "GROUP", title: "pins", memberIds, ...more })).conversation.id;
/** So many messages. */
const talk = async (client: Client, conversationId: string, count: number) =>
  (
    await Promise.all(
      [...Array(count).keys()].map((index) => client.act("sendMessage", { conversationId, text: `message ${index}` })),
    )
  ).length;

describe("a pinned message", () => {
  test("is in the list of its conversation, the last one first, and is told to all", async () => {
    const [ann, bob] = await registeredAll(server, "ann", "bob");
    const id = await group(ann, ["bob"]);
    await talk(ann, id, 3);
    const inbox = bob.inbox((await ann.conversations()).cursor);
    for (const seq of [2, 1, 3]) await pin(ann, id, seq);
    const { cursor } = await pin(ann, id, 1, false);
    expect(await pinsOf(bob, id, cursor)).toEqual([3, 2]);
    await inbox.until("the end of the pin", (entry) => entry.cursor === cursor);
    const changes = inbox.entries.flatMap((entry) =>
      entry.__typename === "MessageChanged" ? [`${entry.messageChange} ${entry.message.seq}`] : [],
    );
    expect(changes).toEqual(["PINNED 2", "PINNED 1", "PINNED 3", "UNPINNED 1"]);
    await inbox.close();
    await ann.act("recallMessage", { conversationId: id, seq: 3 });
    expect(await pinsOf(bob, id)).toEqual([2]);
    expect(await refusal(pin(ann, id, 3))).toEqual({ code: "CONFLICT", field: "seq" });
  });

  test("is pinned by owner and administrators of a group, and by both of a direct conversation", async () => {
    const [cat, dan, eve] = await registeredAll(server, "cat", "dan", "eve");
    const id = await group(cat, ["dan", "eve"]);
    await talk(eve, id, 1);
    for (const on of [true, false])
      expect(await refusal(pin(eve, id, 1, on))).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    await cat.act("setRole", { conversationId: id, userId: "dan", role: "ADMIN" });
    await pin(dan, id, 1);
    await cat.act("sendMessage", { userId: "eve", text: "hi" });
    await pin(eve, "d:cat~eve", 1);
    expect(await pinsOf(cat, "d:cat~eve", (await pin(eve, "d:cat~eve", 1)).cursor)).toEqual([1]);
  });

  test("is done once, whatever others did since", async () => {
    const [fay, gus] = await registeredAll(server, "fay", "gus");
    await fay.act("sendMessage", { userId: "gus", text: "hi" });
    const call = { clientMutationId: randomUUID(), conversationId: "d:fay~gus", seq: 1, on: true };
    await fay.act("pinMessage", call);
    await pin(gus, "d:fay~gus", 1, false);
    const { cursor } = await fay.act("pinMessage", call);
    expect(await pinsOf(fay, "d:fay~gus", cursor)).toEqual([]);
  });

  test("is seen by those who may see the message, and nobody else learns of it", async () => {
    const [hal, ida, jon, kim] = await registeredAll(server, "hal", "ida", "jon", "kim");
    const id = await group(hal, ["ida"], { joinPolicy: "OPEN" });
    await talk(hal, id, 1);
    await ida.act("leave", { id });
    await talk(hal, id, 1);
    await pin(hal, id, 1);
    await pin(hal, id, 2);
    await jon.act("join", { id });
    expect(await pinsOf(ida, id)).toEqual([1]);
    expect(await pinsOf(jon, id)).toEqual([]);
    expect(await pinsOf(hal, id)).toEqual([2, 1]);
    expect(await refusal(pin(ida, id, 1))).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    for (const where of [id, "g:none"])
      expect(await refusal(pin(kim, where, 1))).toEqual({ code: "NOT_FOUND", field: "conversationId" });
    await hal.act("setRole", { conversationId: id, userId: "jon", role: "ADMIN" });
    expect(await refusal(pin(jon, id, 1))).toEqual({ code: "NOT_FOUND", field: "seq" });
    expect(await refusal(pin(jon, id, 99))).toEqual({ code: "NOT_FOUND", field: "seq" });
  });

  test("is one of fifty, also if more are pinned at once", async () => {
    const [lea] = await registeredAll(server, "lea");
    const id = await group(lea, []);
    await talk(lea, id, 60);
    const results = await Promise.allSettled([...Array(60).keys()].map((index) => pin(lea, id, index + 1)));
    const done = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.cursor] : []));
    const codes = await Promise.all(
      results.flatMap((result) => (result.status === "rejected" ? [refusal(Promise.reject(result.reason as Error))] : [])),
    );
    expect(done).toHaveLength(50);
    expect(codes).toEqual(Array(10).fill({ code: "LIMIT_EXCEEDED", field: "seq" }));
    const pins = await pinsOf(lea, id, done.sort()[49]);
    expect(pins).toHaveLength(50);
    await pin(lea, id, pins[0] as number, false);
    const left = [...Array(60).keys()].map((index) => index + 1).find((seq) => !pins.includes(seq)) as number;
    await pin(lea, id, left);
    expect((await pinsOf(lea, id))[0]).toBe(left);
  });
});
