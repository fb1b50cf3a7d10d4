import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connection, Message } from "../../support/answers.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, refusal, registeredAll } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const say = (client: Client, conversationId: string, text: string, more: object = {}) =>
  client.act("sendMessage", { conversationId, text, ...more });
const group = async (owner: Client, memberIds: string[], more: object = {}) =>
  (await owner.act("createConversation", { kind: "GROUP", title: "mentions", memberIds, ...more })).conversation.id;
const mentionsOf = async (client: Client, variables: { first?: number; after?: string | null } = {}) =>
  (
    await client.ask<{ viewer: { mentions: Connection<Pick<Message, "text">> } }>(
      `query ($first: Int, $after: String) { viewer { mentions(first: $first, after: $after) {
        edges { cursor node { text } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
      variables,
    )
  ).viewer.mentions;
const textsOf = async (client: Client) => (await mentionsOf(client)).edges.map(({ node }) => node.text);

describe("the messages that name somebody", () => {
  test("are those that name them or everyone, of all conversations, the newest first", async () => {
    const [ann, bob] = await registeredAll(server, "ann", "bob");
    const [one, two] = [await group(ann, ["bob"]), await group(ann, ["bob"])];
    await say(ann, one, "bob in one", { mentions: ["bob"] });
    await say(ann, two, "all in two", { mentionsAll: true });
    await say(ann, one, "nobody");
    await say(ann, one, "all in one, and bob", { mentionsAll: true, mentions: ["bob"] });
    await say(ann, two, "bob in two", { mentions: ["bob"] });
    const { cursor } = await ann.act("sendMessage", { userId: "bob", text: "bob alone", mentions: ["bob"] });
    await bob.conversation(one, cursor);
    const all = ["bob alone", "bob in two", "all in one, and bob", "all in two", "bob in one"];
    expect(await textsOf(bob)).toEqual(all);
    const found: (string | null)[] = [];
    for (let after: string | null = null; ;) {
      const { edges, pageInfo } = await mentionsOf(bob, { first: 2, after });
      found.push(...edges.map(({ node }) => node.text));
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(found).toEqual(all);
    await ann.act("recallMessage", { conversationId: one, seq: 3 });
    await ann.act("recallMessage", { conversationId: two, seq: 1 });
    expect(await textsOf(bob)).toEqual(["bob alone", "bob in two", "bob in one"]);
    expect(await refusal(mentionsOf(bob, { first: 0 }))).toMatchObject({ code: "BAD_INPUT", field: "first" });
    expect(await refusal(mentionsOf(bob, { after: "x" }))).toMatchObject({ code: "BAD_INPUT", field: "after" });
  });

  test("are those that they may see, and were there for", async () => {
    const [cat, dan, eve] = await registeredAll(server, "cat", "dan", "eve");
    const id = await group(cat, ["dan"], { joinPolicy: "OPEN" });
    await say(cat, id, "dan is here", { mentions: ["dan", "eve"] });
    await say(cat, id, "all are here", { mentionsAll: true });
    await dan.act("leave", { id });
    await say(cat, id, "dan is away", { mentions: ["dan"] });
    await say(cat, id, "all are away", { mentionsAll: true });
    await eve.act("join", { id });
    const { cursor } = await say(cat, id, "eve came", { mentionsAll: true });
    await eve.conversation(id, cursor);
    expect(await textsOf(dan)).toEqual(["all are here", "dan is here"]);
    expect(await textsOf(eve)).toEqual(["eve came"]);
    await dan.act("join", { id });
    const back = await say(cat, id, "dan is back", { mentionsAll: true });
    await dan.conversation(id, back.cursor);
    expect(await textsOf(dan)).toEqual(["dan is back", "all are here", "dan is here"]);
  });

  test("in a public group name everyone who is in it, and nobody else", async () => {
    const [fay, gus] = await registeredAll(server, "fay", "gus");
    const id = await group(fay, [], { public: true });
    await say(fay, id, "everyone", { mentionsAll: true });
    const { cursor } = await say(fay, id, "gus, who may look", { mentions: ["gus"] });
    await gus.conversation(id, cursor);
    expect(await textsOf(gus)).toEqual(["gus, who may look"]);
  });

  test("that they may not see do not hold up those that they may", async () => {
    const [hal, ida] = await registeredAll(server, "hal", "ida");
    const seen = await group(hal, ["ida"]);
    await say(hal, seen, "seen", { mentions: ["ida"] });
    const unseen = await group(hal, []);
    const sent = await Promise.all([...Array(510).keys()].map((index) => say(hal, unseen, `${index}`, { mentions: ["ida"] })));
    await ida.conversation(seen, sent.map(({ cursor }) => cursor).sort()[509]);
    const page = await mentionsOf(ida);
    expect(page).toMatchObject({ edges: [], pageInfo: { hasNextPage: true } });
    const next = await mentionsOf(ida, { after: page.pageInfo.endCursor });
    expect(next.edges.map(({ node }) => node.text)).toEqual(["seen"]);
    expect(next.pageInfo.hasNextPage).toBe(false);
  });
});
