import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Entry, type MutationName, type Mutations } from "../../support/answers.ts";
import { type Client, clientOf, refusal, registered, told } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { Refused } from "../../support/http.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob, cat] = [] as unknown as [Client, Client, Client];
beforeEach(async () => {
  people += 1;
  [ann, bob, cat] = (await Promise.all(["ann", "bob", "cat"].map((name) => registered(server, `${name}${people}`)))) as [
    Client,
    Client,
    Client,
  ];
});

const group = async (...members: Client[]) =>
  (
    await ann.act("createConversation", {
      kind: "GROUP",
      title: "Group",
      joinPolicy: "OPEN",
      memberIds: members.map(({ id }) => id),
    })
  ).conversation.id;

const cursors = (entries: readonly Entry[]) => entries.map(({ cursor }) => cursor);

describe("sync", () => {
  it("tells all that happened to the viewer, in the order of the log, their own doings included", async () => {
    const id = await group(bob);
    const steps = [
      await ann.act("sendMessage", { conversationId: id, text: "one" }),
      await bob.act("markRead", { conversationId: id, seq: 1 }),
      await bob.act("sendMessage", { conversationId: id, text: "two" }),
      await ann.act("editMessage", { conversationId: id, seq: 1, text: "uno" }),
      await cat.act("join", { id }),
      await bob.act("sendMessage", { userId: ann.id, text: "direct" }),
      await ann.act("setRole", { conversationId: id, userId: cat.id, role: "ADMIN" }),
      await cat.act("sendMessage", { conversationId: id, text: "three" }),
      await ann.act("recallMessage", { conversationId: id, seq: 3 }),
      await ann.act("transferOwnership", { conversationId: id, userId: cat.id }),
      await cat.act("removeMembers", { conversationId: id, userIds: [bob.id] }),
      await ann.act("leave", { id }),
    ];
    const atLeast = steps.map(({ cursor }) => cursor).reduce((newest, cursor) => (cursor > newest ? cursor : newest));
    const shared = [
      `received ${id}:1 uno`,
      `received ${id}:2 two`,
      `EDITED ${id}:1 uno`,
      `JOINED ${id} ${cat.id} by ${cat.id}`,
      `received d:${ann.id}~${bob.id}:1 direct`,
      `ROLE_CHANGED ${id} ${cat.id} by ${ann.id}`,
      `received ${id}:3 null`,
      `RECALLED ${id}:3 null`,
      `ROLE_CHANGED ${id} ${cat.id} by ${ann.id}`,
      `REMOVED ${id} ${bob.id} by ${cat.id}`,
    ];
    const founding = [`JOINED ${id} ${ann.id} by ${ann.id}`, `JOINED ${id} ${bob.id} by ${ann.id}`];
    const anns = await ann.syncAll(null, { atLeast });
    expect(anns.entries.map(told)).toEqual([...founding, ...shared, `LEFT ${id} ${ann.id} by ${ann.id}`]);
    const bobs = await bob.syncAll();
    expect(bobs.entries.map(told)).toEqual([founding[1], shared[0], `read ${id} 1`, ...shared.slice(1)]);
    const cats = await cat.syncAll();
    const directly = shared.filter((text) => !text.includes("direct"));
    // Not the edit of what she never saw.
    expect(cats.entries.map(told)).toEqual([...directly.slice(3), `LEFT ${id} ${ann.id} by ${ann.id}`]);
    for (const { entries } of [anns, bobs, cats]) {
      expect(cursors(entries)).toEqual([...new Set(cursors(entries))].sort());
      for (const { at } of entries) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    // What many are told of is one entry: the same cursor for all.
    const places = new Set(anns.entries.map((entry) => `${entry.cursor} ${told(entry)}`));
    for (const entry of cats.entries) expect(places).toContain(`${entry.cursor} ${told(entry)}`);
    // And a mutation's own cursor is the entry's.
    expect(cursors(anns.entries)).toEqual(
      expect.arrayContaining(steps.filter((_, index) => index !== 1).map(({ cursor }) => cursor)),
    );
  });

  it("comes in pages of any size, with nothing missing and nothing twice", async () => {
    const id = await group(bob);
    for (let count = 0; count < 7; count++) await ann.act("sendMessage", { conversationId: id, text: `${count}` });
    const { cursor } = await ann.act("editMessage", { conversationId: id, seq: 3, text: "changed" });
    const all = (await bob.syncAll(null, { atLeast: cursor })).entries;
    expect(all).toHaveLength(9);
    for (const limit of [1, 2, 3, 8, 9, 10, 100]) {
      const found: Entry[] = [];
      const sizes: number[] = [];
      for (let after: string | null = null; ;) {
        const page = await bob.sync(after, { limit });
        expect(page.resetRequired).toBe(false);
        found.push(...page.entries);
        sizes.push(page.entries.length);
        after = page.cursor;
        if (!page.hasMore) break;
      }
      expect(found).toEqual(all);
      expect(sizes.slice(0, -1).every((size) => size === limit)).toBe(true);
      expect(sizes).toHaveLength(Math.max(1, Math.ceil(9 / limit)));
    }
    // From the cursor of any entry, what follows it.
    for (const [index, entry] of all.entries()) expect((await bob.sync(entry.cursor)).entries).toEqual(all.slice(index + 1));
  });

  it("says where to go on also where there was nothing", async () => {
    const { cursor: registeredAt } = await bob.sync();
    const none = await bob.sync(registeredAt);
    expect(none).toMatchObject({ entries: [], hasMore: false, resetRequired: false });
    // What happens to others moves it on or not: the next entry comes either way, once.
    const elsewhere = await ann.act("sendMessage", { userId: cat.id, text: "not for Bob" });
    const still = await bob.sync(none.cursor, { atLeast: elsewhere.cursor });
    expect(still).toMatchObject({ entries: [], hasMore: false });
    expect(still.cursor >= none.cursor).toBe(true);
    const { message } = await ann.act("sendMessage", { userId: bob.id, text: "for Bob" });
    for (const from of [null, registeredAt, none.cursor, still.cursor]) {
      const { entries, cursor } = await bob.sync(from, { atLeast: message.cursor });
      expect(entries.map(told)).toEqual([`received ${message.id} for Bob`]);
      expect((await bob.sync(cursor)).entries).toEqual([]);
    }
  });

  it("is the same on every device, and goes on after a restart", async () => {
    await using first = await apiServer();
    const eve = await registered(first, "eve");
    const fay = await registered(first, "fay", { device: "desk" });
    for (let count = 0; count < 5; count++) await eve.act("sendMessage", { userId: "fay", text: `${count}` });
    const sent = await fay.act("sendMessage", { userId: "eve", text: "from the desk" });
    const before = await fay.sync(null, { limit: 3, atLeast: sent.cursor });
    const all = await fay.syncAll();
    expect((await (await clientOf(first, "fay", { device: "phone" })).syncAll()).entries).toEqual(all.entries);
    await first.stop();
    await using second = await apiServer({ DATA_DIR: first.config.dataDir });
    const later = await clientOf(second, "fay");
    expect((await later.syncAll(before.cursor)).entries).toEqual(all.entries.slice(3));
    const eveAgain = await clientOf(second, "eve");
    const { message, cursor } = await eveAgain.act("sendMessage", { userId: "fay", text: "again" });
    expect((await later.syncAll(all.cursor, { atLeast: cursor })).entries.map(told)).toEqual([`received ${message.id} again`]);
  });

  it("asks for a reset where the cursor is of another log, and takes no nonsense", async () => {
    await using other = await apiServer();
    const { cursor } = await registered(other, "stranger").then((stranger) => stranger.sync());
    await ann.act("sendMessage", { userId: bob.id, text: "hello" });
    const reset = await bob.sync(cursor);
    expect(reset).toMatchObject({ entries: [], hasMore: false, resetRequired: true });
    const { message } = await ann.act("sendMessage", { userId: bob.id, text: "after the reset" });
    const { entries } = await bob.sync(reset.cursor, { atLeast: message.cursor });
    expect(entries[entries.length - 1]).toMatchObject({ cursor: message.cursor });
    expect(await refusal(bob.sync("nonsense"))).toEqual({ code: "BAD_INPUT", field: "after" });
    for (const limit of [0, -1, 100_000])
      expect(await refusal(bob.sync(null, { limit }))).toEqual({ code: "BAD_INPUT", field: "limit" });
    expect(await refusal(bob.sync(null, { atLeast: cursor }))).toEqual({ code: "BAD_INPUT", field: "atLeast" });
  });
});

describe("atLeast", () => {
  it("reads one's own writes straight after each mutation, by every query that takes it", async () => {
    const check = async <Name extends MutationName>(
      client: Client,
      name: Name,
      input: object,
      conversation: string,
      expected: object,
    ): Promise<Mutations[Name] & { cursor: string }> => {
      const answer = await client.act(name, input as Record<string, unknown>);
      const at = answer.cursor;
      // Each asked alone, as the first one after the mutation: none may lean on another's waiting.
      const reads = await Promise.all([
        client.conversation(conversation, at),
        client.conversations({ atLeast: at }).then(({ edges }) => edges.find(({ node }) => node.id === conversation)?.node),
        client
          .ask<{ node: object }>(
            `query ($id: ID!, $at: Cursor) { node(id: $id, atLeast: $at) { ... on Conversation { id memberCount lastSeq readSeq unreadCount membership { role } lastMessage { id text } } } }`,
            { id: conversation, at },
          )
          .then(({ node }) => node),
        client.sync(at, { atLeast: at }),
      ]);
      for (const read of reads.slice(0, 3)) expect([name, read]).toEqual([name, expect.objectContaining(expected)]);
      expect((reads[3] as { entries: unknown[] }).entries).toEqual([]);
      return answer;
    };
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Group", joinPolicy: "OPEN" });
    const { id } = conversation;
    const ofIt = { conversationId: id };
    await check(ann, "addMembers", { ...ofIt, userIds: [bob.id] }, id, { memberCount: 2 });
    await check(cat, "join", { id }, id, { memberCount: 3, membership: expect.objectContaining({ role: "MEMBER" }) as object });
    await check(ann, "sendMessage", { ...ofIt, text: "one" }, id, { lastSeq: 1, lastMessage: { id: `${id}:1`, text: "one" } });
    await check(ann, "editMessage", { ...ofIt, seq: 1, text: "uno" }, id, { lastMessage: { id: `${id}:1`, text: "uno" } });
    await check(bob, "markRead", { ...ofIt, seq: 1 }, id, { readSeq: 1, unreadCount: 0 });
    await check(ann, "recallMessage", { ...ofIt, seq: 1 }, id, { lastMessage: { id: `${id}:1`, text: null } });
    await check(ann, "removeMembers", { ...ofIt, userIds: [cat.id] }, id, { memberCount: 2 });
    await check(ann, "transferOwnership", { ...ofIt, userId: bob.id }, id, {
      membership: expect.objectContaining({ role: "ADMIN" }) as object,
    });
    await check(bob, "setRole", { ...ofIt, userId: ann.id, role: "MEMBER" }, id, {
      membership: expect.objectContaining({ role: "OWNER" }) as object,
    });
    const left = await ann.act("leave", { id });
    expect((await ann.conversations({ atLeast: left.cursor })).edges).toEqual([]);
    const direct = `d:${ann.id}~${bob.id}`;
    await check(ann, "sendMessage", { userId: bob.id, text: "direct" }, direct, { lastSeq: 1 });
    const renamed = await ann.act("updateProfile", { name: "Ann the second" });
    expect(
      await bob.ask("query ($id: ID!, $at: Cursor) { user(id: $id, atLeast: $at) { name } }", { id: ann.id, at: renamed.cursor }),
    ).toEqual({ user: { name: "Ann the second" } });
  });

  it("is waited for: each of many readers finds the newest message", async () => {
    const id = await group(bob);
    await Promise.all(
      Array.from({ length: 25 }, async (_, index) => {
        const { message, cursor } = await ann.act("sendMessage", { conversationId: id, text: `${index}` });
        const found = await bob.messages(id, { first: 100, atLeast: cursor });
        expect(found.edges.map(({ node }) => node.seq)).toContain(message.seq);
        const { entries } = await bob.syncAll(null, { atLeast: cursor });
        expect(cursors(entries)).toContain(cursor);
      }),
    );
  });

  it("is UNAVAILABLE where the views don't get there", async () => {
    const { cursor } = await ann.sync();
    const ahead = cursor.replace(/\.[^.]*$/, (place) => `.${"z".repeat(place.length - 1)}`);
    expect(ahead > cursor).toBe(true);
    const hasty = await clientOf(server, ann.id, { patient: { patienceMs: 0 } });
    const calls = [
      hasty.sync(null, { atLeast: ahead }),
      hasty.conversations({ atLeast: ahead }),
      hasty.conversation("g:none", ahead),
      hasty.ask("query ($at: Cursor) { viewer(atLeast: $at) { unreadTotal } }", { at: ahead }),
      hasty.ask('query ($at: Cursor) { user(id: "none", atLeast: $at) { id } }', { at: ahead }),
      hasty.ask('query ($at: Cursor) { node(id: "none", atLeast: $at) { id } }', { at: ahead }),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      const fault: unknown = outcome.status === "rejected" ? outcome.reason : outcome.value;
      expect(fault).toBeInstanceOf(Refused);
      expect((fault as Refused).faults[0]?.extensions).toMatchObject({
        code: "UNAVAILABLE",
        retryAfterMs: expect.any(Number) as number,
      });
    }
  });
});
