import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Client, refusal, registered } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob] = [] as unknown as [Client, Client];
beforeEach(async () => {
  people += 1;
  [ann, bob] = (await Promise.all(["ann", "bob"].map((name) => registered(server, `${name}${people}`)))) as [Client, Client];
});

const group = async (...memberIds: string[]) =>
  (await ann.act("createConversation", { kind: "GROUP", title: "Group", memberIds })).conversation.id;
const fill = async (conversationId: string, messages: number) => {
  for (let seq = 1; seq <= messages; seq++) await ann.act("sendMessage", { conversationId, text: `${seq}` });
};
const readSeqs = async (client: Client, cursor: string, ids: string[]) =>
  Promise.all(ids.map(async (id) => (await client.conversation(id, cursor))?.readSeq));

type Done = {
  markAllRead: {
    cursor: string;
    conversations: { id: string; readSeq: number; unreadCount: number }[];
    viewer: { unreadTotal: number };
  };
};
const markAll = async (client: Client, reads: object[], clientMutationId: string = randomUUID()) =>
  (
    await client.ask<Done>(
      `mutation ($input: MarkAllReadInput!) { markAllRead(input: $input) { cursor conversations { id readSeq unreadCount } viewer { unreadTotal } } }`,
      { input: { clientMutationId, reads } },
    )
  ).markAllRead;

describe("many conversations at once", () => {
  it("are read as far as each says, and the payload has them and the total as they are now", async () => {
    const [one, two] = [await group(bob.id), await group(bob.id)];
    await fill(one, 3);
    await fill(two, 3);
    await ann.act("sendMessage", { userId: bob.id, text: "direct" });
    const direct = `d:${ann.id}~${bob.id}`;
    const done = await markAll(bob, [
      { conversationId: two, seq: 1 },
      { conversationId: one, seq: 3 },
      // Named twice: the higher one counts.
      { conversationId: two, seq: 2 },
      // Above the newest message.
      { conversationId: direct, seq: 99 },
    ]);
    expect(done.conversations).toEqual([
      { id: two, readSeq: 2, unreadCount: 1 },
      { id: one, readSeq: 3, unreadCount: 0 },
      { id: direct, readSeq: 1, unreadCount: 0 },
    ]);
    expect(done.viewer.unreadTotal).toBe(1);
    const again = await markAll(bob, [{ conversationId: one, seq: 1 }]);
    expect(again.conversations).toEqual([{ id: one, readSeq: 3, unreadCount: 0 }]);
  });

  it("are told to other devices, one entry for each", async () => {
    const ids = [await group(bob.id), await group(bob.id)];
    for (const id of ids) await fill(id, 1);
    const { cursor } = await bob.conversations();
    const done = await markAll(
      bob,
      ids.map((conversationId) => ({ conversationId, seq: 1 })),
    );
    const { entries } = await bob.syncAll(cursor, { atLeast: done.cursor });
    const moved = entries.flatMap((entry) => (entry.__typename === "ReadMoved" ? [entry.conversation.id] : []));
    expect(moved.sort()).toEqual([...ids].sort());
  });

  it("are not read at all if one of them is refused, which the field names", async () => {
    const [own, others] = [await group(bob.id), await group()];
    await fill(own, 2);
    for (const foreign of [others, "g:none", `d:${ann.id}~nobody`])
      expect(
        await refusal(
          markAll(bob, [
            { conversationId: own, seq: 1 },
            { conversationId: own, seq: 2 },
            { conversationId: foreign, seq: 1 },
          ]),
        ),
      ).toEqual({ code: "NOT_FOUND", field: "reads.2.conversationId" });
    const { cursor } = await ann.act("sendMessage", { userId: bob.id, text: "a mark in the log" });
    expect(await readSeqs(bob, cursor, [own])).toEqual([0]);
  });

  it("are done once in each of them, also for one who has left since", async () => {
    const ids = [await group(bob.id), await group(bob.id)];
    for (const id of ids) await fill(id, 2);
    const reads = ids.map((conversationId) => ({ conversationId, seq: 2 }));
    const key = randomUUID();
    await markAll(bob, reads, key);
    await bob.act("leave", { id: ids[0] });
    const { cursor } = await markAll(bob, reads, key);
    const { entries } = await bob.syncAll(null, { atLeast: cursor });
    expect(entries.filter(({ __typename }) => __typename === "ReadMoved")).toHaveLength(2);
    // A new call is another thing.
    expect(await refusal(markAll(bob, reads))).toEqual({ code: "FORBIDDEN", field: "reads.0.conversationId" });
  });

  it("are 1 to 100, and each is one", async () => {
    const id = await group(bob.id);
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ conversationId: `g:none${index}`, seq: 1 }));
    expect(await refusal(markAll(bob, []))).toEqual({ code: "BAD_INPUT", field: "reads" });
    expect(await refusal(markAll(bob, many(101)))).toEqual({ code: "BAD_INPUT", field: "reads" });
    expect(await refusal(markAll(bob, many(100)))).toEqual({ code: "NOT_FOUND", field: "reads.0.conversationId" });
    expect(await refusal(markAll(bob, [{ conversationId: id, seq: 0 }]))).toEqual({ code: "BAD_INPUT", field: "reads.0.seq" });
    expect(await refusal(markAll(bob, [{ conversationId: "x", seq: 1 }]))).toEqual({
      code: "BAD_INPUT",
      field: "reads.0.conversationId",
    });
    const swapped = `d:${bob.id}~${ann.id}`;
    expect(
      await refusal(
        markAll(bob, [
          { conversationId: id, seq: 1 },
          { conversationId: swapped, seq: 1 },
        ]),
      ),
    ).toEqual({
      code: "BAD_INPUT",
      field: "reads.1.conversationId",
    });
  });
});
