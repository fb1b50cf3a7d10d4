import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, refusal, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { follow } from "../../support/following.ts";
import { until } from "../../support/until.ts";

type Told = { user: { id: string }; conversationId: string; typing: boolean };

const TYPING = "subscription ($id: ID!) { typing(conversationId: $id) { user { id } conversationId typing } }";

let server: ApiServer;
let [ann, bob, cat] = [] as unknown as [Client, Client, Client];
let group: string;
beforeAll(async () => {
  server = await apiServer();
  [ann, bob, cat] = await registeredAll(server, "ann", "bob", "cat");
  group = (await ann.act("createConversation", { kind: "GROUP", title: "Group", memberIds: ["bob"], public: true })).conversation
    .id;
});
afterAll(() => server[Symbol.asyncDispose]());

const set = (client: Client, id: string, typing: boolean) =>
  client.ask<{ setTyping: boolean }>(
    "mutation ($id: ID!, $typing: Boolean!) { setTyping(conversationId: $id, typing: $typing) }",
    {
      id,
      typing,
    },
  );
const seen = async (client: Client, id: string): Promise<string[] | undefined> =>
  (
    await client.ask<{ conversation: { typing: { id: string }[] } | null }>(
      "query ($id: ID!) { conversation(id: $id) { typing { id } } }",
      { id },
    )
  ).conversation?.typing.map((user) => user.id);
const watch = (client: Client, id: string) => follow<Told>(server.address, client, TYPING, { id });
const text = ({ user, typing }: Told) => `${user.id} ${typing}`;

describe("who types", () => {
  it("is told to the other members, from the start and as it changes", async () => {
    expect((await set(ann, group, true)).setTyping).toBe(true);
    const watching = watch(bob, group);
    expect(await watching.until("ann types already", ({ typing }) => typing)).toEqual({
      user: { id: "ann" },
      conversationId: group,
      typing: true,
    });
    const own = watch(ann, group);
    await set(bob, group, true);
    await own.until("bob types", ({ user }) => user.id === "bob");
    expect(await seen(bob, group)).toEqual(["ann"]);
    expect(await seen(ann, group)).toEqual(["bob"]);
    expect(await seen(cat, group)).toEqual([]);
    await set(ann, group, false);
    await watching.until("ann types no more", ({ typing }) => !typing);
    expect(watching.said.map(text)).toEqual(["ann true", "ann false"]);
    expect(own.said.every(({ user }) => user.id === "bob")).toBe(true);
    await watching.close();
    await own.close();
  });

  it("is for members to say and to hear", async () => {
    const hidden = (await ann.act("createConversation", { kind: "GROUP", title: "Hidden" })).conversation.id;
    expect(await refusal(set(cat, group, true))).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    expect(await watch(cat, group).refused()).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    for (const id of [hidden, "g:none"]) {
      expect(await refusal(set(cat, id, true))).toEqual({ code: "NOT_FOUND", field: "conversationId" });
      expect(await watch(cat, id).refused()).toEqual({ code: "NOT_FOUND", field: "conversationId" });
    }
    expect(await watch(cat, "x").refused()).toEqual({ code: "BAD_INPUT", field: "conversationId" });
  });

  it("is not heard by who is a member no more", async () => {
    await set(bob, group, false);
    await ann.act("addMembers", { conversationId: group, userIds: ["cat"] });
    const watching = watch(cat, group);
    await set(ann, group, true);
    await watching.until("ann types", ({ user, typing }) => user.id === "ann" && typing);
    const before = watching.said.length;
    await ann.act("removeMembers", { conversationId: group, userIds: ["cat"] });
    await set(ann, group, false);
    expect(await watching.refused()).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    expect(watching.said).toHaveLength(before);
  });

  it("is nobody's where one of two has blocked the other", async () => {
    const direct = "d:ann~bob";
    await bob.act("sendMessage", { userId: "ann", text: "hello" });
    const watching = watch(bob, direct);
    await set(ann, direct, true);
    await watching.until("ann types", ({ typing }) => typing);
    await ann.ask("mutation ($i: BlockInput!) { block(input: $i) { cursor } }", {
      i: { clientMutationId: crypto.randomUUID(), userId: "bob", on: true },
    });
    expect(await seen(bob, direct)).toEqual([]);
    for (const client of [ann, bob])
      expect(await refusal(set(client, direct, true))).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    expect(watching.said.map(text)).toEqual(["ann true"]);
    await watching.close();
  });

  it("has ended once they have sent what they typed", async () => {
    await set(bob, group, true);
    await until("it is seen", async () => ((await seen(ann, group))?.length === 1 ? true : undefined));
    await bob.act("sendMessage", { conversationId: group, text: "there it is" });
    expect(await seen(ann, group)).toEqual([]);
  });
});
