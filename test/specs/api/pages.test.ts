import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Connection, type Message } from "../../support/answers.ts";
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

type Asked = { first?: number | null; after?: string | null; last?: number | null; before?: string | null };

/** A page as Relay's rules have it, of the seqs that someone may see. */
function expectedPage(visible: readonly number[], { first, after, last, before }: Asked) {
  const [from, to] = [Number(after ?? 0), Number(before ?? Number.MAX_SAFE_INTEGER)];
  const between = visible.filter((seq) => seq > from && seq < to);
  const seqs = first != null ? between.slice(0, first) : between.slice(-(last ?? 30));
  const [lowest, highest] = seqs.length > 0 ? [Math.min(...seqs), Math.max(...seqs)] : [from + 1, to - 1];
  return {
    seqs,
    pageInfo: {
      hasPreviousPage: visible.some((seq) => seq < lowest),
      hasNextPage: visible.some((seq) => seq > highest),
      startCursor: seqs.length > 0 ? String(lowest) : null,
      endCursor: seqs.length > 0 ? String(highest) : null,
    },
  };
}

const shape = ({ edges, pageInfo }: Connection<Message>) => {
  for (const { cursor, node } of edges) expect(cursor).toBe(String(node.seq));
  return { seqs: edges.map(({ node }) => node.seq), pageInfo };
};

/** Pages of all sizes from every place, both ways, are those of Relay's rules; and walking them meets each message once. */
async function expectPagesOf(client: Client, id: string, visible: readonly number[], head: number): Promise<void> {
  const bounds = [null, "0", ...Array.from({ length: head + 1 }, (_, index) => String(index + 1))];
  const asked: Asked[] = [{}, ...[1, 2, 3, 100].flatMap((size) => [{ first: size }, { last: size }])];
  for (const bound of bounds) {
    asked.push({ after: bound }, { before: bound });
    for (const size of [1, 2, 5]) {
      asked.push(
        { first: size, after: bound },
        { last: size, before: bound },
        { first: size, before: bound },
        { last: size, after: bound },
      );
    }
  }
  asked.push(
    { first: 2, after: "2", before: String(head) },
    { last: 2, after: "2", before: String(head) },
    { last: 2, after: "3", before: "3" },
  );
  await Promise.all(
    asked.map(async (page) => {
      expect({ page, ...shape(await client.messages(id, page)) }).toEqual({ page, ...expectedPage(visible, page) });
    }),
  );
  for (const size of [1, 3, 100]) {
    const forwards: number[] = [];
    for (let after: string | null = null; ;) {
      const { seqs, pageInfo } = shape(await client.messages(id, { first: size, after }));
      forwards.push(...seqs);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(forwards).toEqual(visible);
    const backwards: number[] = [];
    for (let before: string | null = null; ;) {
      const { seqs, pageInfo } = shape(await client.messages(id, { last: size, before }));
      backwards.unshift(...seqs);
      if (!pageInfo.hasPreviousPage) break;
      before = pageInfo.startCursor;
    }
    expect(backwards).toEqual(visible);
  }
}

const group = async (input: object = {}) =>
  (await ann.act("createConversation", { kind: "GROUP", title: "Group", joinPolicy: "OPEN", ...input })).conversation.id;

async function say(id: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await ann.act("sendMessage", { conversationId: id, text: `message ${index}` });
}

/**
 * Bob joins after 3 messages, leaves after 7, and comes back after 10; there are 12. Cat was there from the first to the fifth.
 */
async function comingAndGoing(input: object = {}): Promise<string> {
  const id = await group(input);
  await cat.act("join", { id });
  await say(id, 3);
  await bob.act("join", { id });
  await say(id, 2);
  await cat.act("leave", { id });
  await say(id, 2);
  await bob.act("leave", { id });
  await say(id, 3);
  await bob.act("join", { id });
  await say(id, 2);
  const { cursor } = await ann.act("markRead", { conversationId: id, seq: 12 });
  await ann.conversation(id, cursor);
  return id;
}

const seqs = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("pages of messages", () => {
  it("hold all, both ways, for who was there from the first", async () => {
    const id = await comingAndGoing();
    await expectPagesOf(ann, id, seqs(1, 12), 12);
  });

  it("hold what was sent while one was there, of someone who came late, left and came back", async () => {
    const id = await comingAndGoing();
    await expectPagesOf(bob, id, [...seqs(4, 7), 11, 12], 12);
  });

  it("hold what was sent until one left", async () => {
    const id = await comingAndGoing();
    await expectPagesOf(cat, id, seqs(1, 5), 12);
  });

  it("hold all for members where the history is visible, and for former ones what was sent while they were there", async () => {
    const id = await comingAndGoing({ historyVisible: true });
    await expectPagesOf(bob, id, seqs(1, 12), 12);
    await expectPagesOf(cat, id, seqs(1, 5), 12);
  });

  it("hold all for everyone where the group is public", async () => {
    const id = await comingAndGoing({ public: true });
    await expectPagesOf(bob, id, seqs(1, 12), 12);
    await expectPagesOf(cat, id, seqs(1, 12), 12);
    const [stranger] = await registeredAll(server, "pages-stranger");
    await expectPagesOf(stranger, id, seqs(1, 12), 12);
  });

  it("are empty where nothing was said, or nothing for one to see", async () => {
    const none = { edges: [], pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null } };
    const empty = await group();
    for (const page of [
      {},
      { first: 3 },
      { last: 3 },
      { first: 3, after: "0" },
      { last: 3, before: "1" },
      { first: 3, after: "7" },
    ]) {
      expect(await ann.messages(empty, page)).toEqual(none);
    }
    const late = await group();
    await say(late, 3);
    await bob.act("join", { id: late });
    for (const page of [{}, { first: 3 }, { last: 3 }, { first: 2, after: "1" }])
      expect(await bob.messages(late, page)).toEqual(none);
    await bob.act("sendMessage", { conversationId: late, text: "at last" });
    await expectPagesOf(bob, late, [4], 4);
  });

  it("are the newest 30 where nothing is said of their size", async () => {
    const id = await group();
    await say(id, 33);
    await ann.act("markRead", { conversationId: id, seq: 33 });
    expect(shape(await ann.messages(id)).seqs).toEqual(seqs(4, 33));
    expect(shape(await ann.messages(id, { before: "34" })).seqs).toEqual(seqs(4, 33));
    expect(shape(await ann.messages(id, { last: 30 })).pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
  });

  it("have 1 to 100 messages, and cursors that are seqs", async () => {
    const id = await group();
    for (const size of [0, -1, 101]) {
      expect(await refusal(ann.messages(id, { first: size }))).toEqual({ code: "BAD_INPUT", field: "first" });
      expect(await refusal(ann.messages(id, { last: size }))).toEqual({ code: "BAD_INPUT", field: "last" });
    }
    expect(await refusal(ann.messages(id, { first: 2, last: 2 }))).toMatchObject({ code: "BAD_INPUT" });
    expect(await refusal(ann.messages(id, { first: 2, after: "nonsense" }))).toEqual({ code: "BAD_INPUT", field: "after" });
    expect(await refusal(ann.messages(id, { last: 2, before: "-1" }))).toEqual({ code: "BAD_INPUT", field: "before" });
  });
});
