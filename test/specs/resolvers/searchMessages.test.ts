import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import type { Refusal } from "../../../src/domain/refusal.ts";
import { holds, parseQuery } from "../../../src/domain/words.ts";
import { apiErrorOf } from "../../../src/transport/errors.ts";
import { refused } from "../../support/refused.ts";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

const begin = async (options: Parameters<typeof apiWorld>[0] = {}) => {
  here = await apiWorld({ searched: true, ...options });
  return here;
};

type Hit = { message: { id: string; text: string | null }; highlights: { text: string; hit: boolean }[] };
type PageInfo = { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
type Facet = { key: string; count: number };
type Found = {
  edges: { cursor: string; node: Hit }[];
  pageInfo: PageInfo;
  totalCount: number;
  bySender: Facet[];
  byConversation: Facet[];
  byMonth: Facet[];
};

const SEARCH = `query ($query: MessageQuery!, $first: Int, $after: String, $atLeast: Cursor) {
  searchMessages(query: $query, first: $first, after: $after, atLeast: $atLeast) {
    edges { cursor node { message { id text } highlights { text hit } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const COUNT = `query ($query: MessageQuery!) {
  searchMessages(query: $query) { totalCount bySender { key count } byConversation { key count } byMonth { key count } }
}`;

const page = async (user: string, query: Json, more: Json = {}, document = SEARCH): Promise<Found> =>
  (await here.ask(user, document, { query, ...more }))["searchMessages"] as Found;
const idsOf = ({ edges }: Found) => edges.map(({ node }) => node.message.id);
/** The ids of the messages found, on a page of a hundred. */
const found = async (user: string, query: Json, more: Json = {}) => idsOf(await page(user, query, { first: 100, ...more }));

const call = async (user: string, field: string, type: string, input: Json): Promise<string> => {
  const document = `mutation ($input: ${type}!) { ${field}(input: $input) { cursor } }`;
  const done = await here.ask(user, document, { input: { clientMutationId: here.key(), ...input } });
  return (done[field] as { cursor: string }).cursor;
};
const leave = (user: string, id: string) => call(user, "leave", "NodeInput", { id });
const join = (user: string, id: string) => call(user, "join", "JoinInput", { id });
const remove = (by: string, conversationId: string, user: string) =>
  call(by, "removeMembers", "MembersInput", { conversationId, userIds: [user] });
const edit = (user: string, conversationId: string, seq: number, text: string) =>
  call(user, "editMessage", "EditMessageInput", { conversationId, seq, text });
const recall = (user: string, conversationId: string, seq: number) =>
  call(user, "recallMessage", "MessageInput", { conversationId, seq });

/** Messages of an archive in a group, at their own times. */
const imported = (conversationId: string, senderId: string, lines: { text: string; sentAt: string }[]) =>
  here.record(
    streams.conversation(conversationId),
    "archive",
    lines.map(({ text, sentAt }) => ({
      type: "MessageSent" as const,
      data: {
        conversationId,
        senderId,
        clientMutationId: here.key(),
        kind: "TEXT" as const,
        topic: null,
        text,
        attachments: [],
        replyTo: null,
        mentions: [],
        mentionsAll: false,
        imported: { sentAt },
      },
    })),
  );

describe("what the viewer may see is found", () => {
  test("of a group joined late: what came since", async () => {
    const { register, group, send, caughtUp } = await begin();
    await register("ann", "bob");
    const id = await group("ann", [], { joinPolicy: "OPEN" });
    await send("ann", id, "hello before");
    await join("bob", id);
    await send("ann", id, "hello after");
    await caughtUp();
    expect(await found("ann", { text: "hello" })).toEqual([`${id}:2`, `${id}:1`]);
    expect(await found("bob", { text: "hello" })).toEqual([`${id}:2`]);
    expect(await found("bob", { text: "hello", conversationId: id })).toEqual([`${id}:2`]);
  });

  test("of a group whose history is open to members: all of it, while one is a member", async () => {
    const { register, group, send, caughtUp } = await begin();
    await register("ann", "bob");
    const id = await group("ann", [], { joinPolicy: "OPEN", historyVisible: true });
    await send("ann", id, "hello before");
    await join("bob", id);
    await send("ann", id, "hello after");
    await caughtUp();
    expect(await found("bob", { text: "hello" })).toEqual([`${id}:2`, `${id}:1`]);
    await leave("bob", id);
    await caughtUp();
    expect(await found("bob", { text: "hello" })).toEqual([`${id}:2`]);
  });

  test("of a group left and joined again: of each stay", async () => {
    const { register, group, send, caughtUp } = await begin();
    await register("ann", "bob");
    const id = await group("ann", ["bob"], { joinPolicy: "OPEN" });
    await send("ann", id, "hello 1");
    await leave("bob", id);
    await send("ann", id, "hello 2");
    await caughtUp();
    expect(await found("bob", { text: "hello" })).toEqual([`${id}:1`]);
    await join("bob", id);
    await send("ann", id, "hello 3");
    await leave("bob", id);
    await join("bob", id);
    await leave("bob", id);
    await send("ann", id, "hello 4");
    await caughtUp();
    expect(await found("bob", { text: "hello" })).toEqual([`${id}:3`, `${id}:1`]);
    expect(await found("bob", { conversationId: id })).toEqual([`${id}:3`, `${id}:1`]);
  });

  test("of a direct conversation: by its two members alone", async () => {
    const { register, send, caughtUp } = await begin();
    await register("ann", "bob", "cat");
    await send("ann", "bob", "hello");
    await send("bob", "ann", "hello yourself");
    await caughtUp();
    for (const user of ["ann", "bob"]) expect(await found(user, { text: "hello" })).toEqual(["d:ann~bob:2", "d:ann~bob:1"]);
    for (const query of [{ text: "hello" }, { text: "hello", includePublic: true }, { conversationId: "d:ann~bob" }])
      expect(await found("cat", query)).toEqual([]);
  });

  test("of a public group that the viewer is not in: where it is asked for", async () => {
    const { register, group, send, caughtUp } = await begin();
    await register("ann", "bob", "cat");
    const open = await group("ann", [], { public: true, joinPolicy: "OPEN" });
    await send("ann", open, "hello before");
    await join("bob", open);
    await send("ann", open, "hello between");
    await caughtUp();
    const all = [`${open}:2`, `${open}:1`];
    expect(await found("bob", { text: "hello" })).toEqual(all);
    expect(await found("cat", { text: "hello" })).toEqual([]);
    expect(await found("cat", { text: "hello", conversationId: open })).toEqual([]);
    expect(await found("cat", { text: "hello", includePublic: true })).toEqual(all);
    expect(await found("cat", { text: "hello", conversationId: open, includePublic: true })).toEqual(all);
    await leave("bob", open);
    await send("ann", open, "hello after");
    await caughtUp();
    expect(await found("bob", { text: "hello" })).toEqual([`${open}:2`]);
    expect(await found("bob", { text: "hello", conversationId: open })).toEqual([`${open}:2`]);
    expect(await found("bob", { text: "hello", includePublic: true })).toEqual([`${open}:3`, ...all]);
  });

  test("and nothing of a conversation that is others', or that there is not", async () => {
    const { register, group, send, caughtUp } = await begin();
    await register("ann", "bob");
    const id = await group("ann");
    await send("ann", id, "hello");
    await caughtUp();
    for (const conversationId of [id, "g:nowhere", "d:cat~dan"]) {
      for (const includePublic of [false, true]) {
        const query = { conversationId, includePublic };
        expect(await page("bob", query)).toEqual({
          edges: [],
          pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
        });
        expect(await page("bob", query, {}, COUNT)).toEqual({ totalCount: 0, bySender: [], byConversation: [], byMonth: [] });
      }
    }
  });

  test("not a moment after a removal, a recall or an edit, though the index still has it", async () => {
    const { register, group, send, fold, folding, search } = await begin({ manual: true });
    await folding(register("ann", "bob"));
    const id = await folding(group("ann", ["bob"], { historyVisible: true }));
    for (const text of ["hello one", "hello two", "hello three", "hello four"]) await folding(send("ann", id, text));
    await fold();
    await search?.fold();
    expect(await found("bob", { text: "hello" })).toEqual([4, 3, 2, 1].map((seq) => `${id}:${seq}`));
    await folding(recall("ann", id, 3));
    await folding(edit("ann", id, 2, "good bye"));
    await fold();
    expect(await found("bob", { text: "hello" })).toEqual([`${id}:4`, `${id}:1`]);
    // Edited, it is still a message; recalled, it is none.
    expect(await found("bob", {})).toEqual([`${id}:4`, `${id}:2`, `${id}:1`]);
    // A short page is filled up.
    expect(idsOf(await page("bob", { text: "hello" }, { first: 2 }))).toEqual([`${id}:4`, `${id}:1`]);
    await folding(remove("ann", id, "bob"));
    await send("ann", id, "hello five").catch(() => undefined);
    await fold();
    await search?.fold();
    expect(await found("bob", { text: "hello" })).toEqual([`${id}:4`, `${id}:1`]);
    expect(await found("ann", { text: "hello" })).toEqual([`${id}:5`, `${id}:4`, `${id}:1`]);
  });

  test("not what was seen before a removal that came while the index was asked", async () => {
    const { register, group, send, fold, folding, search, services } = await begin({ manual: true });
    await folding(register("ann", "bob"));
    const id = await folding(group("ann", ["bob"], { joinPolicy: "OPEN" }));
    await folding(leave("bob", id));
    await folding(send("ann", id, "tea without bob"));
    await folding(join("bob", id));
    const open = await folding(group("ann", ["bob"], { historyVisible: true }));
    await folding(send("ann", open, "tea in the open"));
    await folding(send("ann", id, "tea with bob"));
    await fold();
    await search?.fold();
    const asks = services.search.messages;
    services.search.messages = async (query, by) => {
      // The index is asked by what was seen until then: all of the open one.
      const answer = await asks({ ...query, filter: { visible: { conversationIds: [id, open], windows: [] } } }, by);
      await folding(leave("bob", open));
      return answer;
    };
    expect(await found("bob", { text: "tea" })).toEqual([`${id}:2`, `${open}:1`]);
  });

  test("is what a naive look at every message finds, whoever looks", { timeout: 120_000 }, async () => {
    const users = ["u0", "u1", "u2", "u3"];
    const someone = fc.nat(3);
    const step = fc.oneof(
      fc.record({ do: fc.constant("send" as const), by: someone, in: someone, words: fc.nat(2) }),
      fc.record({ do: fc.constant("join" as const), by: someone, in: someone }),
      fc.record({ do: fc.constant("leave" as const), by: someone, in: someone }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: "max" }), async (steps) => {
        const { register, group, send, caughtUp, close } = await begin();
        try {
          await register(...users, "owner");
          const kinds = [{}, { public: true }, { historyVisible: true }, { public: true, historyVisible: true }];
          const rooms = await Promise.all(
            kinds.map(async (kind) => ({
              id: await group("owner", ["u0"], { joinPolicy: "OPEN", ...kind }),
              kind: { public: false, historyVisible: false, ...kind },
              members: new Set(["u0"]),
              sent: [] as { text: string; members: Set<string> }[],
            })),
          );
          for (const each of steps) {
            const user = users[each.by] as string;
            const { id, members, sent } = rooms[each.in] as (typeof rooms)[number];
            if (each.do === "join" && !members.has(user)) {
              await join(user, id);
              members.add(user);
            } else if (each.do === "leave" && members.delete(user)) {
              await leave(user, id);
            } else if (each.do === "send" && members.has(user)) {
              const text = ["tea", "tea time", "time"][each.words] as string;
              await send(user, id, text);
              sent.push({ text, members: new Set(members) });
            }
          }
          await caughtUp();
          const units = parseQuery("tea");
          for (const user of users) {
            for (const includePublic of [false, true]) {
              const expected = rooms.flatMap(({ id, kind, members, sent }) => {
                const isMember = members.has(user);
                const isOpen = (kind.public && (includePublic || isMember)) || (kind.historyVisible && isMember);
                return sent.flatMap(({ text, members: then }, index) =>
                  (isOpen || then.has(user)) && holds(text, units) ? [`${id}:${index + 1}`] : [],
                );
              });
              const query = { text: "tea", includePublic };
              expect((await found(user, query)).sort(), `${user}, ${includePublic}`).toEqual(expected.sort());
              expect((await page(user, query, {}, COUNT)).totalCount).toBe(expected.length);
            }
          }
        } finally {
          await close();
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe("a message", () => {
  test("is found by its text, conversation, sender, kind, topic and time", async () => {
    const { register, group, send, caughtUp, ask } = await begin();
    await register("ann", "bob");
    const id = await group("ann", ["bob"]);
    const picture = {
      kind: "IMAGE",
      attachments: [
        { url: "https://x.example/a.png", name: "a.png", mediaType: "image/png", size: 3, width: null, height: null },
      ],
    };
    await send("ann", id, "one cup of tea", { topic: "drinks" });
    await send("bob", id, "two cups of tea", picture);
    await send("ann", "bob", "three cups of 普洱茶");
    await caughtUp();
    const [one, two, three] = [`${id}:1`, `${id}:2`, "d:ann~bob:1"];
    const { node } = (await ask("ann", `{ node(id: "${two}") { ... on Message { sentAt } } }`)) as { node: { sentAt: string } };
    for (const [query, ids] of [
      [{}, [three, two, one]],
      [{ text: "tea" }, [two, one]],
      [{ text: '"of tea" cup*' }, [two, one]],
      [{ text: "茶" }, [three]],
      [{ text: "普洱 cups" }, [three]],
      [{ text: "TEA", senderId: "bob" }, [two]],
      [{ conversationId: id }, [two, one]],
      [{ conversationId: "d:ann~bob", text: "tea" }, []],
      [{ senderId: "nobody" }, []],
      [{ kind: "IMAGE" }, [two]],
      [{ topic: "drinks" }, [one]],
      [{ topic: "Drinks" }, []],
      [{ sentAfter: node.sentAt }, [three]],
      [{ sentBefore: node.sentAt }, [one]],
      [{ sentAfter: node.sentAt, sentBefore: node.sentAt }, []],
      [{ sentAfter: "2026-01-01T00:00:00Z", text: "tea" }, [two, one]],
    ] as const)
      expect(await found("ann", query), JSON.stringify(query)).toEqual(ids);
  });

  test("is shown with what was looked for in it", async () => {
    const { register, send, caughtUp } = await begin();
    await register("ann", "bob");
    await send("ann", "bob", "下午在会议室, ok?");
    await send("ann", "bob", "", {
      text: null,
      kind: "IMAGE",
      attachments: [
        { url: "https://x.example/a.png", name: "a.png", mediaType: "image/png", size: 3, width: null, height: null },
      ],
    });
    await caughtUp();
    const shown = async (query: Json) => (await page("bob", query)).edges.map(({ node }) => node.highlights);
    expect(await shown({ text: "会议 OK" })).toEqual([
      [
        { text: "下午在", hit: false },
        { text: "会议", hit: true },
        { text: "室, ", hit: false },
        { text: "ok", hit: true },
        { text: "?", hit: false },
      ],
    ]);
    expect(await shown({})).toEqual([[], [{ text: "下午在会议室, ok?", hit: false }]]);
  });

  test("is gone once recalled, and is found by what it was edited to", async () => {
    const { register, send, caughtUp } = await begin();
    await register("ann", "bob");
    await send("ann", "bob", "first words");
    await send("ann", "bob", "other words");
    const edited = await edit("ann", "d:ann~bob", 1, "new wording");
    expect(await found("bob", { text: "first" }, { atLeast: edited })).toEqual([]);
    expect(await found("bob", { text: "wording" }, { atLeast: edited })).toEqual(["d:ann~bob:1"]);
    const recalled = await recall("ann", "d:ann~bob", 1);
    expect(await found("bob", { text: "wording" }, { atLeast: recalled })).toEqual([]);
    expect(await found("bob", {}, { atLeast: recalled })).toEqual(["d:ann~bob:2"]);
    await caughtUp();
    expect((await page("bob", {}, {}, COUNT)).totalCount).toBe(1);
  });

  test("comes by relevance where that is asked for", async () => {
    const { register, send, caughtUp } = await begin();
    await register("ann", "bob");
    await send("ann", "bob", "tea tea tea");
    await send("ann", "bob", `tea ${"and many other words ".repeat(20)}`);
    await caughtUp();
    const ids = ["d:ann~bob:1", "d:ann~bob:2"];
    expect(await found("bob", { text: "tea", orderBy: "RELEVANCE" })).toEqual(ids);
    expect(await found("bob", { text: "tea" })).toEqual([...ids].reverse());
    const first = await page("bob", { text: "tea", orderBy: "RELEVANCE" }, { first: 1 });
    const after = first.pageInfo.endCursor;
    expect(idsOf(await page("bob", { text: "tea", orderBy: "RELEVANCE" }, { first: 1, after }))).toEqual([ids[1]]);
  });
});

describe("pages", () => {
  test("are whole, and their cursors go on, while messages arrive and old ones are imported", async () => {
    const { register, group, send, caughtUp } = await begin();
    await register("ann", "bob");
    const id = await group("ann", ["bob"]);
    const at = (minute: number) => new Date(Date.UTC(2020, 0, 1, 0, minute)).toISOString();
    // Three at each time, so that pages end among equal ones.
    const lines = Array.from({ length: 60 }, (_, index) => ({ text: `tea ${index}`, sentAt: at(10 * Math.floor(index / 3)) }));
    await imported(id, "ann", lines);
    await caughtUp();
    const before = await found("bob", { text: "tea" });
    expect(before).toHaveLength(60);
    const walked: string[] = [];
    let after: string | null = null;
    for (let pages = 0; ; pages++) {
      const { pageInfo, ...rest }: Found = await page("bob", { text: "tea" }, { first: 7, after });
      walked.push(...idsOf({ pageInfo, ...rest }));
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      expect(pageInfo.startCursor).toBe(rest.edges[0]?.cursor ?? null);
      if (!pageInfo.hasNextPage) break;
      expect(rest.edges).toHaveLength(7);
      after = pageInfo.endCursor;
      await send("ann", id, `tea now ${pages}`);
      await imported(id, "bob", [{ text: "tea of old", sentAt: at(95) }]);
      await caughtUp();
    }
    expect(new Set(walked).size).toBe(walked.length);
    expect(walked.filter((each) => before.includes(each))).toEqual(before);
  });

  test("are filled up where much of what is found fell away", async () => {
    const { register, fold, folding, send, search } = await begin({ manual: true });
    await folding(register("ann", "bob"));
    for (let n = 1; n <= 30; n++) await folding(send("ann", "bob", `tea ${n}`));
    await fold();
    await search?.fold();
    for (let n = 3; n <= 29; n++) await folding(recall("ann", "d:ann~bob", n));
    await fold();
    const { edges, pageInfo } = await page("bob", { text: "tea" }, { first: 3 });
    expect(edges.map(({ node }) => node.message.text)).toEqual(["tea 30", "tea 2", "tea 1"]);
    expect(pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor,
      endCursor: edges[2]?.cursor,
    });
  });

  test("have no next one where all that is left fell away", async () => {
    const { register, fold, folding, send, search } = await begin({ manual: true });
    await folding(register("ann", "bob"));
    for (let n = 1; n <= 6; n++) await folding(send("ann", "bob", `tea ${n}`));
    await fold();
    await search?.fold();
    for (const n of [1, 2, 6]) await folding(recall("ann", "d:ann~bob", n));
    await fold();
    const { edges, pageInfo } = await page("bob", { text: "tea" }, { first: 3 });
    expect(edges.map(({ node }) => node.message.text)).toEqual(["tea 5", "tea 4", "tea 3"]);
    expect(pageInfo.hasNextPage).toBe(false);
  });

  test("go on where so much fell away that nothing is left of one", { timeout: 60_000 }, async () => {
    const { register, group, fold, folding, search } = await begin({ manual: true });
    await folding(register("ann"));
    const id = await folding(group("ann"));
    const sentAt = (minute: number) => new Date(Date.UTC(2020, 0, 1, 0, minute)).toISOString();
    await imported(
      id,
      "ann",
      Array.from({ length: 700 }, (_, index) => ({ text: "tea", sentAt: sentAt(index) })),
    );
    await search?.fold();
    for (let seq = 2; seq <= 700; seq++)
      await here.record(streams.annotation(id, seq), "ann", [
        { type: "MessageRecalled", data: { conversationId: id, seq, senderId: "ann" } },
      ]);
    await fold();
    const walked: string[] = [];
    let pages = 0;
    for (let after: string | null = null; ; pages++) {
      const { pageInfo, edges }: Found = await page("ann", { text: "tea" }, { first: 5, after });
      walked.push(...edges.map(({ node }) => node.message.id));
      if (!pageInfo.hasNextPage) break;
      expect(pageInfo.endCursor).not.toBe(after);
      after = pageInfo.endCursor;
    }
    expect(walked).toEqual([`${id}:1`]);
    expect(pages).toBe(1);
  });
});

describe("facets", () => {
  const byCount = (keys: readonly string[]): Facet[] => {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts]
      .map(([key, count]) => ({ key, count }))
      .sort((one, other) => other.count - one.count || (one.key < other.key ? -1 : 1));
  };

  test("count all that the viewer may see of what is found, on whatever page", async () => {
    const { register, group, send, caughtUp } = await begin();
    await register("ann", "bob", "cat");
    const [room, club, foreign] = [await group("ann", ["bob"]), await group("bob", ["ann"]), await group("cat", [])];
    const months = ["2022-11", "2023-01", "2023-02"];
    const seen: { sender: string; conversation: string; month: string }[] = [];
    for (let n = 0; n < 40; n++) {
      const sender = n % 3 === 0 ? "ann" : "bob";
      const conversation = n % 5 === 0 ? club : room;
      const month = months[n % 3] as string;
      const text = n % 4 === 0 ? "coffee" : `tea ${n}`;
      // The first and the last moment of the month.
      const sentAt = n % 2 === 0 ? `${month}-01T00:00:00.000Z` : `${month}-28T23:59:59.999Z`;
      await imported(conversation, sender, [{ text, sentAt }]);
      await imported(foreign, "cat", [{ text, sentAt }]);
      if (text !== "coffee") seen.push({ sender, conversation, month });
    }
    await send("bob", room, "tea of today");
    seen.push({ sender: "bob", conversation: room, month: "2026-05" });
    await caughtUp();
    const counted = await page("ann", { text: "tea" }, {}, COUNT);
    expect(counted).toEqual({
      totalCount: seen.length,
      bySender: byCount(seen.map(({ sender }) => sender)),
      byConversation: byCount(seen.map(({ conversation }) => conversation)),
      byMonth: byCount(seen.map(({ month }) => month)).sort((one, other) => (one.key < other.key ? 1 : -1)),
    });
    const narrowed = await page("ann", { text: "tea", senderId: "ann", sentBefore: "2023-01-01T00:00:00Z" }, {}, COUNT);
    expect(narrowed.byMonth.map(({ key }) => key)).toEqual(["2022-11"]);
    expect(narrowed.bySender).toEqual([{ key: "ann", count: narrowed.totalCount }]);
  });

  test("are asked for once, and only where one is selected", async () => {
    const { register, send, caughtUp, search } = await begin();
    await register("ann", "bob");
    await send("ann", "bob", "tea");
    await caughtUp();
    const asked = search?.asked.messages ?? [];
    await page("ann", { text: "tea" });
    expect(asked.map(({ facets }) => facets)).toEqual([undefined]);
    asked.length = 0;
    await page("ann", { text: "tea" }, {}, COUNT);
    expect(asked.map(({ facets, limit }) => [facets, limit])).toEqual([
      [undefined, 20],
      [1_000, 0],
    ]);
  });
});

describe("an index", () => {
  test("that is behind is waited for", async () => {
    const { register, send, fold, folding, search } = await begin({ manual: true });
    await folding(register("ann", "bob"));
    const sent = await folding(send("ann", "bob", "tea"));
    await fold();
    const asked = found("bob", { text: "tea" }, { atLeast: sent });
    await search?.fold();
    expect(await asked).toEqual(["d:ann~bob:1"]);
  });

  test("and views that are behind are waited for", async () => {
    const { register, send, folding, search } = await begin({ manual: true });
    await folding(register("ann", "bob"));
    const sent = await send("ann", "bob", "tea");
    await search?.fold();
    expect(await folding(found("bob", { text: "tea" }, { atLeast: sent }))).toEqual(["d:ann~bob:1"]);
  });

  test("that never gets there is UNAVAILABLE", async () => {
    const { register, send, fold, folding } = await begin({ manual: true });
    await folding(register("ann", "bob"));
    const sent = await folding(send("ann", "bob", "tea"));
    await fold();
    const began = performance.now();
    const refusal = await refused(found("bob", { text: "tea" }, { atLeast: sent }), "UNAVAILABLE");
    expect(refusal.retryAfterMs).toBe(1_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test("that is ahead of the views shows nothing that they don't have: they are waited for once", async () => {
    const { register, send, fold, folding, search } = await begin({ manual: true });
    await folding(register("ann", "bob"));
    await folding(send("ann", "bob", "tea"));
    await fold();
    await search?.fold();
    await edit("ann", "d:ann~bob", 1, "coffee");
    await send("ann", "bob", "more coffee");
    await search?.fold();
    expect(await folding(found("bob", { text: "coffee" }))).toEqual(["d:ann~bob:2", "d:ann~bob:1"]);
  });

  test("that is away is UNAVAILABLE, and clients are not told where it was", async () => {
    const { register, search, answer, context } = await begin();
    await register("ann");
    search?.away(true);
    for (const asked of [
      `{ searchMessages(query: {}) { totalCount } }`,
      `{ searchUsers(query: { name: "ann" }) { edges { cursor } } }`,
      `{ searchConversations(query: { name: "ann" }) { edges { cursor } } }`,
    ]) {
      const { errors } = await answer("ann", asked);
      const error = apiErrorOf(errors?.[0], context("ann").request.correlationId, () => undefined);
      expect(error.extensions).toEqual({ code: "UNAVAILABLE", retryAfterMs: 1_000 });
    }
    search?.away(false);
    expect(await found("ann", {})).toEqual([]);
  });

  test("of another log's cursor is not waited for", async () => {
    const { register } = await begin();
    await register("ann");
    for (const atLeast of ["zzzzzzzz.00000000001", "yesterday"])
      await refused(found("ann", {}, { atLeast }), "BAD_INPUT", "atLeast");
  });
});

describe("hostile searches", () => {
  const hostile = [
    `"`,
    `"""`,
    `tea"; drop table messages; --`,
    "tea OR 1=1",
    "tea AND NOT",
    "NEAR(tea, 2)",
    "t : tea",
    "{t e} : tea",
    "tea^2 ~3",
    "(tea",
    "tea*tea**",
    "*",
    "^tea$",
    "(?:t|e)+a{1,1000}",
    "/.*tea.*/",
    "tea\u0001\u001f\u007f",
    "\u202etea\u200b\ufeff",
    "tea\0",
    "tea\ud800",
    "\udc00",
    "👩‍👩‍👧‍👦",
    "🫖🫖",
    "é".normalize("NFD"),
    "x".repeat(5_000),
    "tea ".repeat(1_250),
    "%27%20tea",
    "\\u0000 \\",
    "${tea} {{tea}}",
    "İİİ ß ŉ",
    "会".repeat(900),
    " ",
    "",
  ];
  test.each(hostile.map((text) => [text.slice(0, 20), text]))("%j is answered, or is BAD_INPUT", async (_, text) => {
    const { register, send, caughtUp, answer } = await begin();
    await register("ann", "bob");
    await send("ann", "bob", "tea");
    await caughtUp();
    for (const query of [
      { text },
      { text, orderBy: "RELEVANCE" },
      { topic: text },
      { conversationId: text },
      { senderId: text },
    ]) {
      const { errors } = await answer("bob", SEARCH, { query });
      for (const error of errors ?? [])
        expect((error.originalError as Refusal | undefined)?.code, error.message).toBe("BAD_INPUT");
    }
    for (const query of [{ name: text }, { tags: [text] }])
      for (const [field, type] of [
        ["searchUsers", "UserQuery"],
        ["searchConversations", "ConversationQuery"],
      ]) {
        const { errors } = await answer("bob", `query ($query: ${type}!) { ${field}(query: $query) { edges { cursor } } }`, {
          query,
        });
        for (const error of errors ?? [])
          expect((error.originalError as Refusal | undefined)?.code, error.message).toBe("BAD_INPUT");
      }
    const { errors, data } = await answer("bob", `query ($text: String!) { code(text: $text) { __typename } }`, { text });
    expect([errors, data]).toEqual([undefined, { code: null }]);
  });
});

test("a user of 5,000 groups searches all of them", { timeout: 300_000 }, async () => {
  const { register, record, caughtUp } = await begin();
  await register("ann", "bob");
  const GROUPS = 5_000;
  const ids = Array.from({ length: GROUPS }, (_, n) => `g:many.${n}`);
  const profile = {
    avatarUrl: null,
    description: null,
    announcement: null,
    category: null,
    tags: [],
    joinPolicy: "OPEN" as const,
  };
  for (const id of ids) {
    const created = { groupId: id, ownerId: "bob", title: "Many", ...profile, public: false, historyVisible: false };
    await record(streams.group(id), "bob", [{ type: "GroupCreated", data: created }]);
    await imported(id, "bob", [{ text: "tea before", sentAt: "2020-01-01T00:00:00.000Z" }]);
    await record(streams.group(id), "ann", [{ type: "MemberJoined", data: { groupId: id, userId: "ann" } }]);
    await imported(id, "bob", [{ text: "tea after", sentAt: "2021-01-01T00:00:00.000Z" }]);
  }
  await caughtUp(120_000);
  const walk = async (user: string) => {
    const walked: string[] = [];
    const times: number[] = [];
    for (let after: string | null = null; ;) {
      const began = performance.now();
      const { pageInfo, edges }: Found = await page(user, { text: "tea" }, { first: 100, after });
      times.push(performance.now() - began);
      walked.push(...edges.map(({ node }) => node.message.id));
      if (!pageInfo.hasNextPage) return { walked, median: times.sort((one, other) => one - other)[times.length >> 1] ?? 0 };
      after = pageInfo.endCursor;
    }
  };
  const late = await walk("ann");
  expect(new Set(late.walked)).toEqual(new Set(ids.map((id) => `${id}:2`)));
  const whole = await walk("bob");
  expect(whole.walked).toHaveLength(2 * GROUPS);
  const { totalCount } = await page("ann", { text: "tea" }, {}, COUNT);
  expect(totalCount).toBe(GROUPS);
  console.log(`a page of 100 of 5,000 groups: windows ${late.median.toFixed(0)} ms, whole ${whole.median.toFixed(0)} ms`);
  expect(late.median).toBeLessThan(2_000);
});

test("who never registered is told to", async () => {
  await begin();
  for (const asked of [
    `{ searchMessages(query: {}) { totalCount } }`,
    `{ searchUsers(query: { name: "ann" }) { edges { cursor } } }`,
    `{ searchConversations(query: { name: "ann" }) { edges { cursor } } }`,
    `{ code(text: "tidings:ann") { __typename } }`,
  ])
    expect((await refused(here.ask("ann", asked), "NOT_FOUND")).message).toContain("register");
  const asked = `{ searchMessages(query: {}) { totalCount } }`;
  expect(await here.ask("root", asked, {}, true)).toEqual({ searchMessages: { totalCount: 0 } });
});
