import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connection } from "../../support/answers.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, refusal, registeredAll } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const say = async (client: Client, conversationId: string, text: string) =>
  (await client.act("sendMessage", { conversationId, text })).message.seq;
const read = async (client: Client, conversationId: string, seq: number) =>
  (await client.act("markRead", { conversationId, seq })).cursor;
const group = async (owner: Client, memberIds: string[], more: object = {}) =>
  (await owner.act("createConversation", { kind: "GROUP", title: "receipts", memberIds, ...more })).conversation.id;

type Receipts = { readCount: number; readBy: Connection<{ id: string }> };
const receiptsOf = async (client: Client, id: string, seq: number, variables: object = {}) =>
  (
    await client.ask<{ conversation: { message: Receipts } }>(
      `query ($id: ID!, $seq: Int!, $first: Int, $after: String) { conversation(id: $id) { message(seq: $seq) {
        readCount readBy(first: $first, after: $after) {
          edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`,
      { id, seq, ...variables },
    )
  ).conversation.message;
/** Who has read it; the count says the same. */
const readersOf = async (client: Client, id: string, seq: number) => {
  const { readCount, readBy } = await receiptsOf(client, id, seq);
  const users = readBy.edges.map(({ node }) => node.id).sort();
  expect(readCount).toBe(users.length);
  return users;
};

describe("who has read a message", () => {
  test("are the members whose marks are not below it, without who sent it", async () => {
    const [ann, bob, cat] = await registeredAll(server, "ann", "bob", "cat");
    const id = await group(ann, ["bob", "cat"]);
    await say(ann, id, "one");
    await say(ann, id, "two");
    expect(await readersOf(ann, id, 1)).toEqual([]);
    await read(bob, id, 1);
    await read(cat, id, 2);
    expect(await readersOf(bob, id, 1)).toEqual(["bob", "cat"]);
    expect(await readersOf(bob, id, 2)).toEqual(["cat"]);
    // Who answers has read.
    await say(bob, id, "three");
    expect(await readersOf(ann, id, 2)).toEqual(["bob", "cat"]);
    expect(await readersOf(ann, id, 3)).toEqual([]);
  });

  test("are the other one in a direct conversation", async () => {
    const [dan, eve] = await registeredAll(server, "dan", "eve");
    await dan.act("sendMessage", { userId: "eve", text: "hi" });
    const id = "d:dan~eve";
    expect(await readersOf(dan, id, 1)).toEqual([]);
    await read(eve, id, 1);
    for (const client of [dan, eve]) expect(await readersOf(client, id, 1)).toEqual(["eve"]);
  });

  test("are members of now who joined before it was sent", async () => {
    const [fay, gus, hal] = await registeredAll(server, "fay", "gus", "hal");
    const id = await group(fay, ["gus"], { joinPolicy: "OPEN", historyVisible: true });
    await say(fay, id, "one");
    await read(gus, id, 1);
    await hal.act("join", { id });
    await say(fay, id, "two");
    await read(hal, id, 2);
    expect(await readersOf(fay, id, 1)).toEqual(["gus"]);
    expect(await readersOf(fay, id, 2)).toEqual(["hal"]);
    await gus.act("leave", { id });
    expect(await readersOf(fay, id, 1)).toEqual([]);
    await gus.act("join", { id });
    await say(fay, id, "three");
    await read(gus, id, 3);
    expect(await readersOf(fay, id, 1)).toEqual([]);
    expect(await readersOf(fay, id, 3)).toEqual(["gus"]);
  });

  test("is not for those outside, and not for those who have left", async () => {
    const [ida, jon, kim] = await registeredAll(server, "ida", "jon", "kim");
    const id = await group(ida, ["jon"], { public: true });
    await say(ida, id, "one");
    await read(jon, id, 1);
    expect(await readersOf(ida, id, 1)).toEqual(["jon"]);
    expect(await readersOf(kim, id, 1)).toEqual([]);
    await jon.act("leave", { id });
    expect(await readersOf(jon, id, 1)).toEqual([]);
  });

  test("are listed page by page, and a made-up cursor leads to nobody else", async () => {
    const users = [...Array(9).keys()].map((index) => `reader${index}`);
    const [owner, ...clients] = await registeredAll(server, "writer", ...users);
    const id = await group(owner, users);
    for (let index = 0; index < 5; index++) await say(owner, id, `message ${index}`);
    for (const [index, client] of clients.entries()) await read(client, id, (index % 5) + 1);
    const found: string[] = [];
    for (let after: string | null = null; ;) {
      const { readCount, readBy } = await receiptsOf(owner, id, 3, { first: 2, after });
      expect(readCount).toBe(5);
      expect(readBy.pageInfo.hasPreviousPage).toBe(after !== null);
      found.push(...readBy.edges.map(({ node }) => node.id));
      if (!readBy.pageInfo.hasNextPage) break;
      after = readBy.pageInfo.endCursor;
    }
    expect([...found].sort()).toEqual(["reader2", "reader3", "reader4", "reader7", "reader8"]);
    const before = Buffer.from(JSON.stringify(["00000001~a"])).toString("base64url");
    expect((await receiptsOf(owner, id, 3, { after: before })).readBy.edges).toHaveLength(5);
    expect(await refusal(receiptsOf(owner, id, 3, { after: "x" }))).toMatchObject({ code: "BAD_INPUT", field: "after" });
  });
});
