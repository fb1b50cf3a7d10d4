import { afterEach, describe, expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

const LIST = `query ($first: Int, $after: String, $unreadOnly: Boolean, $includeHidden: Boolean, $pinnedFirst: Boolean) { viewer {
  conversations(first: $first, after: $after, unreadOnly: $unreadOnly, includeHidden: $includeHidden, pinnedFirst: $pinnedFirst) {
    edges { cursor node { id membership { pinned hidden muted } } } pageInfo { hasNextPage } } } }`;

type Listed = { edges: { cursor: string; node: { id: string; membership: Json } }[]; pageInfo: { hasNextPage: boolean } };

const list = async (user: string, variables: Json = {}): Promise<Listed> =>
  ((await here.ask(user, LIST, variables))["viewer"] as { conversations: Listed }).conversations;
const ids = async (user: string, variables: Json = {}): Promise<string[]> =>
  (await list(user, variables)).edges.map(({ node }) => node.id);

const SET = `mutation ($input: SetPreferencesInput!) { setPreferences(input: $input) { cursor conversation { id membership {
  nickname muted pinned hidden } } } }`;

const set = async (user: string, conversationId: string, wanted: Json, clientMutationId = here.key()): Promise<Json> => {
  const { setPreferences } = await here.ask(user, SET, { input: { clientMutationId, conversationId, ...wanted } });
  return (setPreferences as { conversation: { membership: Json } }).conversation.membership;
};

const totals = async (user: string) =>
  (await here.ask(user, "{ viewer { unreadTotal all: unreadTotal(includeMuted: true) } }"))["viewer"];

/** Ann with three groups, the oldest first. */
const withGroups = async () => {
  here = await apiWorld();
  await here.register("ann", "bob");
  const groups: string[] = [];
  for (let count = 0; count < 3; count++) groups.push(await here.group("ann", ["bob"]));
  await here.caughtUp();
  return groups as [string, string, string];
};

describe("pinned conversations", () => {
  test("come first where that is asked for, among themselves by activity", async () => {
    const [one, two, three] = await withGroups();
    await set("ann", one, { pinned: true });
    expect(await ids("ann", { pinnedFirst: true })).toStrictEqual([one, three, two]);
    expect(await ids("ann")).toStrictEqual([three, two, one]);
    await set("ann", two, { pinned: true });
    expect(await ids("ann", { pinnedFirst: true })).toStrictEqual([two, one, three]);
    expect(await ids("bob", { pinnedFirst: true })).toStrictEqual([three, two, one]);
    await set("ann", two, { pinned: false });
    expect(await ids("ann", { pinnedFirst: true })).toStrictEqual([one, three, two]);
  });

  test("are walked page by page, each once", async () => {
    const [one, two, three] = await withGroups();
    await set("ann", one, { pinned: true });
    const walked: string[] = [];
    for (let after: string | undefined; ;) {
      const { edges, pageInfo } = await list("ann", { first: 1, after, pinnedFirst: true });
      walked.push(...edges.map(({ node }) => node.id));
      after = edges.at(-1)?.cursor;
      if (!pageInfo.hasNextPage) break;
    }
    expect(walked).toStrictEqual([one, three, two]);
  });
});

describe("a hidden conversation", () => {
  test("is left out of the list until its next message", async () => {
    const [one, two, three] = await withGroups();
    expect(await set("ann", two, { hidden: true })).toMatchObject({ hidden: true });
    expect(await ids("ann")).toStrictEqual([three, one]);
    expect(await ids("bob")).toStrictEqual([three, two, one]);
    expect(await ids("ann", { includeHidden: true })).toStrictEqual([three, two, one]);
    await here.send("bob", two);
    await here.caughtUp();
    expect(await ids("ann")).toStrictEqual([two, three, one]);
    expect((await list("ann")).edges[0]?.node.membership).toMatchObject({ hidden: false });
    expect(await set("ann", two, { hidden: true })).toMatchObject({ hidden: true });
    expect(await ids("ann")).toStrictEqual([three, one]);
    expect(await set("ann", two, { hidden: false })).toMatchObject({ hidden: false });
    expect(await ids("ann")).toStrictEqual([two, three, one]);
  });

  test("is not shown again by what an archive brings, but by a message before or after it", async () => {
    const [one, two] = await withGroups();
    const bring = (conversationId: string) =>
      here.record(streams.conversation(conversationId), "~import", [
        {
          type: "MessageSent" as const,
          data: {
            conversationId,
            senderId: "bob",
            clientMutationId: here.key(),
            kind: "TEXT" as const,
            topic: null,
            text: "long ago",
            attachments: [],
            replyTo: null,
            mentions: [],
            mentionsAll: false,
            imported: { sentAt: "2019-01-02T03:04:05.000Z" },
          },
        },
      ]);
    await here.send("bob", one, "before");
    for (const id of [one, two]) {
      await set("ann", id, { hidden: true });
      await bring(id);
    }
    await here.caughtUp();
    for (const id of [one, two]) expect(await ids("ann")).not.toContain(id);
    await here.send("bob", one, "after");
    await bring(one);
    await here.caughtUp();
    expect(await ids("ann")).toContain(one);
    expect(await ids("ann")).not.toContain(two);
  });

  test("is shown again to who comes back to the group", async () => {
    here = await apiWorld();
    const { register, group, ask, caughtUp } = here;
    await register("ann", "bob");
    const id = await group("bob", ["ann"], { joinPolicy: "OPEN" });
    await set("ann", id, { hidden: true, muted: true });
    const go = (name: string) => `mutation { ${name}(input: { clientMutationId: "${here.key()}", id: "${id}" }) { cursor } }`;
    await ask("ann", go("leave"));
    await ask("ann", go("join"));
    await caughtUp();
    expect((await list("ann")).edges[0]?.node).toStrictEqual({ id, membership: { pinned: false, hidden: false, muted: true } });
  });

  test("may be one that has no message yet, between two", async () => {
    here = await apiWorld();
    const { register, send, caughtUp } = here;
    await register("ann", "bob");
    await set("ann", "d:ann~bob", { hidden: true, muted: true });
    await send("bob", "ann");
    await caughtUp();
    expect((await list("ann")).edges[0]?.node).toMatchObject({ id: "d:ann~bob", membership: { hidden: false, muted: true } });
  });
});

describe("a muted conversation", () => {
  test("counts no more in the total, but where it is asked for", async () => {
    const [one, two, three] = await withGroups();
    for (const id of [one, one, two]) await here.send("bob", id);
    await here.caughtUp();
    expect(await totals("ann")).toStrictEqual({ unreadTotal: 3, all: 3 });
    expect(await set("ann", one, { muted: true })).toMatchObject({ muted: true, pinned: false });
    expect(await totals("ann")).toStrictEqual({ unreadTotal: 1, all: 3 });
    expect(await ids("ann", { unreadOnly: true })).toStrictEqual([two, one]);
    await set("ann", two, { hidden: true });
    expect(await totals("ann")).toStrictEqual({ unreadTotal: 1, all: 3 });
    expect(await ids("ann", { unreadOnly: true })).toStrictEqual([one]);
    await set("ann", one, { muted: false });
    expect(await totals("ann")).toStrictEqual({ unreadTotal: 3, all: 3 });
    expect(await ids("ann")).toStrictEqual([one, three]);
  });
});

describe("preferences", () => {
  test("are one's own: of them others see the nickname", async () => {
    const [one] = await withGroups();
    await set("ann", one, { muted: true, pinned: true, hidden: true, nickname: "  Annie " });
    const members = `query ($id: ID!) { conversation(id: $id) { members { edges { node { user { id } nickname muted pinned hidden } } } } }`;
    const seenBy = async (user: string) => {
      const { conversation } = await here.ask(user, members, { id: one });
      return (conversation as { members: { edges: { node: Json }[] } }).members.edges.map(({ node }) => node);
    };
    const plain = { nickname: null, muted: false, pinned: false, hidden: false };
    const ofBob = { user: { id: "bob" }, ...plain };
    expect(await seenBy("ann")).toStrictEqual([
      { user: { id: "ann" }, nickname: "Annie", muted: true, pinned: true, hidden: true },
      ofBob,
    ]);
    expect(await seenBy("bob")).toStrictEqual([{ user: { id: "ann" }, ...plain, nickname: "Annie" }, ofBob]);
  });

  test("change as far as they are given; a repeat changes nothing, even after another change", async () => {
    const [one] = await withGroups();
    await set("ann", one, { muted: true }, "first");
    expect(await set("ann", one, { pinned: true, nickname: "A" })).toStrictEqual({
      nickname: "A",
      muted: true,
      pinned: true,
      hidden: false,
    });
    expect(await set("ann", one, { muted: false, nickname: null })).toMatchObject({ nickname: null, muted: false, pinned: true });
    expect(await set("ann", one, { muted: true }, "first")).toMatchObject({ muted: false, pinned: true });
    expect(await set("ann", one, { muted: null, pinned: null })).toMatchObject({ muted: false, pinned: true });
    expect(await set("ann", one, { pinned: true }, "nothing new")).toMatchObject({ pinned: true });
    await set("ann", one, { pinned: false });
    expect(await set("ann", one, { pinned: true }, "nothing new")).toMatchObject({ pinned: false });
  });

  test("of fifty calls at once are all stored", async () => {
    const [one] = await withGroups();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => set("ann", one, { nickname: `a${index}`, muted: index % 2 === 0 })),
    );
    const events = await here.log.read(streams.preferences("ann", one), 0, "forwards", 100);
    expect(events.length).toBe(50);
  });
});
