import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Entry } from "../../support/answers.ts";
import { type Client, clientOf, registeredAll, told } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

/*
 * The same story on two servers: on one every group of it is small enough to be fanned out, on the other most grow beyond the
 * limit and come back below it. Nobody may be able to tell.
 */

const NAMES = ["ann", "bob", "cat", "dan", "eve", "fay"] as const;
type Name = (typeof NAMES)[number];
type Told = { server: ApiServer; everyone: Record<Name, Client>; groups: Map<string, string>; starts: Map<Name, string> };

const LIMITS = { under: "100", over: "3" } as const;

async function tell(limit: string): Promise<Told> {
  const server = await apiServer({ FANOUT_LIMIT: limit });
  const clients = await registeredAll(server, ...NAMES);
  const everyone = Object.fromEntries(clients.map((client) => [client.id, client])) as Record<Name, Client>;
  const { ann, bob, cat, dan, eve, fay } = everyone;
  const groups = new Map<string, string>();
  const create = async (title: string, owner: Client, members: Client[], more: object = {}) => {
    const { conversation } = await owner.act("createConversation", {
      clientMutationId: `create ${title}`,
      kind: "GROUP",
      title,
      joinPolicy: "OPEN",
      memberIds: members.map(({ id }) => id),
      ...more,
    });
    groups.set(conversation.id, title);
    return conversation.id;
  };
  const say = (client: Client, id: string, text: string, more: object = {}) =>
    client.act("sendMessage", { conversationId: id, text, ...more });

  const small = await create("small", ann, [bob]);
  const large = await create("large", ann, [bob, cat, dan, eve]);
  const open = await create("open", bob, [ann, cat, dan], { historyVisible: true });
  const hall = await create("hall", cat, [ann], { public: true });
  await say(ann, small, "s1");
  await say(ann, large, "l1");
  await say(bob, large, "l2", { replyTo: 1, mentions: ["cat"] });
  await say(bob, open, "o1");
  await say(cat, hall, "h1");
  const starts = new Map<Name, string>();
  const noted = await say(ann, large, "l3");
  for (const name of NAMES) starts.set(name, (await everyone[name].sync(null, { atLeast: noted.cursor, limit: 500 })).cursor);
  // Small grows over the limit, and shrinks again.
  await cat.act("join", { id: small });
  await say(cat, small, "s2");
  await dan.act("join", { id: small });
  await say(dan, small, "s3");
  await ann.act("editMessage", { conversationId: small, seq: 1, text: "s1, edited while large" });
  await say(bob, small, "s4");
  await cat.act("leave", { id: small });
  await say(bob, small, "s5");
  await ann.act("recallMessage", { conversationId: small, seq: 2 });
  // Large: someone comes late, someone is removed and comes back, someone rises.
  await fay.act("join", { id: large });
  await say(fay, large, "l4", { mentionsAll: true });
  await ann.act("editMessage", { conversationId: large, seq: 1, text: "l1, edited after Fay came" });
  await ann.act("setRole", { conversationId: large, userId: "bob", role: "ADMIN" });
  await bob.act("removeMembers", { conversationId: large, userIds: ["cat", "dan"] });
  await say(eve, large, "l5");
  await ann.act("addMembers", { conversationId: large, userIds: ["cat"] });
  await say(cat, large, "l6");
  await bob.act("markRead", { conversationId: large, seq: 5 });
  await ann.act("recallMessage", { conversationId: large, seq: 5 });
  await ann.act("transferOwnership", { conversationId: large, userId: "eve" });
  await ann.act("leave", { id: large });
  await eve.act("removeMembers", { conversationId: large, userIds: ["bob", "fay"] });
  await say(eve, large, "l7, of two");
  // History visible: what was sent before is told to who came later, when it is edited.
  await fay.act("join", { id: open });
  await bob.act("editMessage", { conversationId: open, seq: 1, text: "o1, edited" });
  await say(fay, open, "o2");
  await dan.act("leave", { id: open });
  await bob.act("editMessage", { conversationId: open, seq: 2, text: "not Bob's" }).catch(() => undefined);
  await fay.act("editMessage", { conversationId: open, seq: 2, text: "o2, edited" });
  for (const client of [bob, dan, eve]) await client.act("join", { id: hall });
  await cat.act("editMessage", { conversationId: hall, seq: 1, text: "h1, edited" });
  await say(dan, hall, "h2");
  await ann.act("sendMessage", { userId: "fay", text: "direct" });
  await cat.act("recallMessage", { conversationId: hall, seq: 2 });
  return { server, everyone, groups, starts };
}

/** Groups by their titles: their ids are alike already, but titles read better. */
const readable = ({ groups }: Told, text: string): string =>
  [...groups].reduce((line, [id, title]) => line.replaceAll(id, title), text);

let stories: Record<keyof typeof LIMITS, Told>;
beforeAll(async () => {
  stories = { under: await tell(LIMITS.under), over: await tell(LIMITS.over) };
});
afterAll(async () => {
  for (const { server } of Object.values(stories)) await server[Symbol.asyncDispose]();
});

const newest = async ({ everyone: { ann } }: Told) => (await ann.act("updateProfile", { signature: `${Math.random()}` })).cursor;

describe.each(NAMES)("over the fan-out limit as under it, %s", (name) => {
  const both = async <T>(look: (story: Told, client: Client) => Promise<T>) => {
    const answers = [
      await look(stories.under, stories.under.everyone[name]),
      await look(stories.over, stories.over.everyone[name]),
    ];
    expect(answers[1]).toEqual(answers[0]);
    return answers[0] as T;
  };
  const lines = (story: Told, entries: readonly Entry[]) => entries.map((entry) => readable(story, told(entry)));

  it("is told the same by sync, from the beginning, from the midst, and in pages of any size", async () => {
    const all = await both(async (story, client) =>
      lines(story, (await client.syncAll(null, { atLeast: await newest(story) })).entries),
    );
    expect(all.length).toBeGreaterThan(5);
    const later = await both(async (story, client) => lines(story, (await client.syncAll(story.starts.get(name))).entries));
    expect(all.slice(-later.length || all.length)).toEqual(later.length > 0 ? later : all);
    for (const limit of [1, 2, 7]) {
      expect(await both(async (story, client) => lines(story, (await client.syncAll(null, { limit })).entries))).toEqual(all);
    }
  });

  it("is told by the inbox what sync tells, cursor by cursor", async () => {
    for (const story of Object.values(stories)) {
      const client = story.everyone[name];
      const start = story.starts.get(name) ?? "";
      const stream = client.inbox(start);
      await stream.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
      const synced = (await client.syncAll(start, { atLeast: await newest(story) })).entries;
      expect(stream.entries.slice(0, -1)).toEqual(synced);
      await stream.close();
    }
  });

  it("has the same list, counts, members and messages", async () => {
    await both(async (story, client) => {
      const { edges } = await client.conversations({ atLeast: await newest(story) });
      return Promise.all(
        edges.map(async ({ node }) => {
          const messages = await client.messages(node.id, { first: 100 });
          const { id, title, memberCount, lastSeq, readSeq, unreadCount, unreadMentions, lastMessage } = node;
          const counts = { title, memberCount, lastSeq, readSeq, unreadCount, unreadMentions, last: lastMessage?.text };
          // A group's id is made with a secret of its log: each server has another.
          return {
            ...(id.startsWith("g:") ? {} : { id }),
            counts,
            texts: messages.edges.map((edge) => [edge.node.seq, edge.node.text, edge.node.replyTo?.text]),
          };
        }),
      );
    });
  });
});

describe("a limit that is changed between two starts", () => {
  it("changes nothing of what was told, and nothing is missed from a cursor of before", async () => {
    const first = await apiServer({ FANOUT_LIMIT: "1" });
    const [ann, bob] = await registeredAll(first, "ann", "bob", "cat");
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Group", memberIds: ["bob", "cat"] });
    const texts: string[] = [];
    const say = async (client: Client, text: string) => {
      const { cursor, message } = await client.act("sendMessage", { conversationId: conversation.id, text });
      texts.push(`received ${message.id} ${text}`);
      return cursor;
    };
    await say(ann, "1");
    const { cursor: from } = await bob.sync(null, { atLeast: await say(ann, "2") });
    await say(ann, "3");
    let dataDir = first.config.dataDir;
    await first.stop();
    for (const [index, limit] of ["100", "0", "2", "5000"].entries()) {
      const server = await apiServer({ FANOUT_LIMIT: limit, DATA_DIR: dataDir });
      dataDir = server.config.dataDir;
      const [author, reader] = [await clientOf(server, "ann"), await clientOf(server, "bob")];
      const live = reader.inbox(from);
      await live.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
      const cursor = await say(author, `after start ${index}`);
      await live.until("the new one came", (entry) => entry.cursor === cursor);
      const { entries } = await reader.syncAll(null, { atLeast: cursor, limit: 3 });
      expect(entries.map(told)).toEqual([...["bob", "cat"].map((user) => `JOINED ${conversation.id} ${user} by ann`), ...texts]);
      expect((await reader.syncAll(from)).entries.map(told)).toEqual(texts.slice(2));
      const withoutMark = live.entries.filter(({ __typename }) => __typename !== "InboxCaughtUp");
      expect(withoutMark.map(told)).toEqual(texts.slice(2));
      await live.close();
      await server.stop();
    }
    await using last = await apiServer({ DATA_DIR: dataDir });
    expect(last.logged).toEqual([]);
  });
});
