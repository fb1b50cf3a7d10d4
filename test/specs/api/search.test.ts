import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Connection } from "../../support/answers.ts";
import { type Client, pages, refusal, registered, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { realElasticsearch } from "../../support/realElasticsearch.ts";

type Run = { text: string; hit: boolean };
type MessageHit = { message: { id: string; text: string | null; sender: { id: string } }; highlights: Run[] };
type Facet = { key: string; count: number };
type MessageHits = Connection<MessageHit> & { totalCount: number; bySender: Facet[]; byConversation: Facet[]; byMonth: Facet[] };
type UserHits = Connection<{ user: { id: string; code: string }; score: number | null; distance: number | null }>;
type GroupHits = Connection<{ conversation: { id: string; title: string; code: string | null }; score: number | null }>;

const PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
const MESSAGES = `query ($query: MessageQuery!, $first: Int, $after: String, $atLeast: Cursor) {
  searchMessages(query: $query, first: $first, after: $after, atLeast: $atLeast) {
    edges { cursor node { message { id text sender { id } } highlights { text hit } } } ${PAGE}
    totalCount bySender { key count } byConversation { key count } byMonth { key count }
  }
}`;
const USERS = `query ($query: UserQuery!, $first: Int, $after: String, $atLeast: Cursor) {
  searchUsers(query: $query, first: $first, after: $after, atLeast: $atLeast) {
    edges { cursor node { user { id code } score distance } } ${PAGE}
  }
}`;
const GROUPS = `query ($query: ConversationQuery!, $first: Int, $after: String, $atLeast: Cursor) {
  searchConversations(query: $query, first: $first, after: $after, atLeast: $atLeast) {
    edges { cursor node { conversation { id title code } score } } ${PAGE}
  }
}`;

const messages = async (client: Client, query: object, more: object = {}) =>
  (await client.ask<{ searchMessages: MessageHits }>(MESSAGES, { query, ...more })).searchMessages;
const users = async (client: Client, query: object, more: object = {}) =>
  (await client.ask<{ searchUsers: UserHits }>(USERS, { query, ...more })).searchUsers;
const groups = async (client: Client, query: object, more: object = {}) =>
  (await client.ask<{ searchConversations: GroupHits }>(GROUPS, { query, ...more })).searchConversations;
const idsOf = ({ edges }: MessageHits) => edges.map(({ node }) => node.message.id);

const locate = async (client: Client, point: object | null): Promise<string> => {
  const document = `mutation ($input: SetLocationInput!) { setLocation(input: $input) { cursor user { id } } }`;
  const answer = await client.ask<{ setLocation: { cursor: string; user: { id: string } } }>(document, {
    input: { clientMutationId: randomUUID(), point },
  });
  expect(answer.setLocation.user.id).toBe(client.id);
  return answer.setLocation.cursor;
};

const groupOf = async (owner: Client, title: string, more: object = {}) => {
  const { cursor, conversation } = await owner.act("createConversation", { kind: "GROUP", title, ...more });
  return { cursor, id: conversation.id };
};
const send = async (client: Client, conversationId: string, text: string) =>
  (await client.act("sendMessage", { conversationId, text })).cursor;

const real = realElasticsearch("the search over the network");
const engines: Record<string, () => Record<string, string>> = {
  "the embedded engine": () => ({}),
  ...(real && { Elasticsearch: () => ({ ELASTICSEARCH_URL: real.url, ELASTICSEARCH_PREFIX: real.newPrefix() }) }),
};

describe.each(Object.entries(engines))("over %s", (_, settings) => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await apiServer(settings());
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe("messages", () => {
    it("are found as soon as they were sent, edited or recalled, by those who may see them", async () => {
      const [ann, bob, cat] = await registeredAll(server, "find-ann", "find-bob", "find-cat");
      const { id } = await groupOf(ann, "Tea", { memberIds: ["find-bob"], joinPolicy: "OPEN" });
      const sent = await send(ann, id, "今天下午喝 Oolong tea?");
      const hits = await messages(bob, { text: "oolong 下午" }, { atLeast: sent });
      expect(hits.edges.map(({ node }) => node)).toEqual([
        {
          message: { id: `${id}:1`, text: "今天下午喝 Oolong tea?", sender: { id: "find-ann" } },
          highlights: [
            { text: "今天", hit: false },
            { text: "下午", hit: true },
            { text: "喝 ", hit: false },
            { text: "Oolong", hit: true },
            { text: " tea?", hit: false },
          ],
        },
      ]);
      expect(hits).toMatchObject({
        totalCount: 1,
        bySender: [{ key: "find-ann", count: 1 }],
        byConversation: [{ key: id, count: 1 }],
        byMonth: [{ key: new Date().toISOString().slice(0, 7), count: 1 }],
      });
      expect(idsOf(await messages(cat, { text: "oolong" }, { atLeast: sent }))).toEqual([]);

      const { cursor: joined } = await cat.act("join", { id });
      expect(idsOf(await messages(cat, { text: "oolong" }, { atLeast: joined }))).toEqual([]);
      const again = await send(bob, id, "oolong, yes");
      expect(idsOf(await messages(cat, { text: "oolong" }, { atLeast: again }))).toEqual([`${id}:2`]);
      const { cursor: removed } = await ann.act("removeMembers", { conversationId: id, userIds: ["find-cat"] });
      const last = await send(bob, id, "oolong without cat");
      expect(removed < last).toBe(true);
      expect(idsOf(await messages(cat, { text: "oolong" }, { atLeast: last }))).toEqual([`${id}:2`]);

      const { cursor: edited } = await bob.act("editMessage", { conversationId: id, seq: 2, text: "pu-erh, yes" });
      expect(idsOf(await messages(cat, { text: "oolong" }, { atLeast: edited }))).toEqual([]);
      expect(idsOf(await messages(cat, { text: "pu-erh" }, { atLeast: edited }))).toEqual([`${id}:2`]);
      const { cursor: recalled } = await bob.act("recallMessage", { conversationId: id, seq: 2 });
      expect(idsOf(await messages(cat, { text: "pu-erh" }, { atLeast: recalled }))).toEqual([]);
      expect(idsOf(await messages(bob, { text: "oolong" }, { atLeast: recalled }))).toEqual([`${id}:3`, `${id}:1`]);
    });

    it("come page by page, each once, while others are sent", async () => {
      const [ann] = await registeredAll(server, "page-ann");
      const { id } = await groupOf(ann, "Pages");
      let cursor = "";
      for (let n = 1; n <= 25; n++) cursor = await send(ann, id, `jasmine ${n}`);
      for (const orderBy of ["NEWEST", "RELEVANCE"]) {
        const before = idsOf(await messages(ann, { text: "jasmine", orderBy }, { first: 100, atLeast: cursor }));
        const read = async (after: string | null) => {
          const page = await messages(ann, { text: "jasmine", orderBy }, { first: 4, after });
          cursor = await send(ann, id, "jasmine of now");
          return page;
        };
        const walked = (await pages(read)).map(({ message }) => message.id);
        expect(new Set(walked).size).toBe(walked.length);
        expect(walked.filter((each) => before.includes(each))).toEqual(before);
      }
    });
  });

  describe("people and groups", () => {
    it("are found by what they say of themselves, at once", async () => {
      const ann = await registered(server, "dir-ann");
      const { cursor } = await ann.act("updateProfile", {
        name: "Annabel 李",
        tags: [
          { name: "Chess", score: 2.5 },
          { name: "tea", score: 1 },
        ],
      });
      const bob = await registered(server, "dir-bob");
      const hit = { user: { id: "dir-ann", code: "tidings:dir-ann" }, score: null, distance: null };
      for (const name of ["annabel", "李", "dir-ann", "@DIR-ANN", "tidings:dir-ann"])
        expect((await users(bob, { name }, { atLeast: cursor })).edges.map(({ node }) => node)).toEqual([hit]);
      const tagged = await users(bob, { tags: ["chess", "TEA"] });
      expect(tagged.edges.map(({ node }) => node)).toEqual([{ ...hit, score: 3.5 }]);

      const open = await groupOf(ann, "Chess in the park", {
        public: true,
        category: "Club",
        tags: [{ name: "chess", score: 4 }],
      });
      const closed = await groupOf(ann, "Chess at home", { tags: [{ name: "chess", score: 9 }] });
      const found = await groups(bob, { tags: ["chess"], category: "club" }, { atLeast: closed.cursor });
      const park = { id: open.id, title: "Chess in the park", code: `tidings:${open.id}` };
      expect(found.edges.map(({ node }) => node)).toEqual([{ conversation: park, score: 4 }]);
      expect((await groups(bob, { name: "chess" })).edges.map(({ node }) => node)).toEqual([{ conversation: park, score: null }]);
      expect((await groups(ann, { tags: ["chess"] })).edges.map(({ node }) => node.score)).toEqual([9, 4]);
    });

    it("are found near only where they gave a place, until they take it back", async () => {
      const [ann, bob] = await registeredAll(server, "near-ann", "near-bob");
      const near = { near: { latitude: -36.85, longitude: 174.76, radius: 10_000 } };
      const given = await locate(ann, { latitude: -36.85, longitude: 174.79 });
      expect((await users(bob, near, { atLeast: given })).edges.map(({ node }) => [node.user.id, node.distance])).toEqual([
        ["near-ann", 2_700],
      ]);
      const taken = await locate(ann, null);
      expect((await users(bob, near, { atLeast: taken })).edges).toEqual([]);
      const forgotten = `mutation { setLocation(input: { clientMutationId: "k" }) { cursor } }`;
      expect(await refusal(ann.ask(forgotten))).toEqual({ code: "BAD_INPUT", field: "point" });
    });
  });

  describe("a code", () => {
    const CODE = `query ($text: String!) { code(text: $text) {
    __typename ... on User { id name } ... on Conversation { id title } ... on Invite { expiresAt createdBy { id } usesLeft }
  } }`;

    it("is read by whoever may open what it is of", async () => {
      const [ann, bob] = await registeredAll(server, "code-ann", "code-bob");
      const { id } = await groupOf(ann, "Coded");
      const read = async (client: Client, text: string) => (await client.ask<{ code: object | null }>(CODE, { text })).code;
      expect(await read(bob, "tidings:code-ann")).toEqual({ __typename: "User", id: "code-ann", name: "code-ann" });
      expect(await read(ann, `tidings:${id}`)).toEqual({ __typename: "Conversation", id, title: "Coded" });
      for (const text of [`tidings:${id}`, "tidings:nobody", "https://example.org", ""]) expect(await read(bob, text)).toBeNull();
    });
  });

  describe("what cannot be searched", () => {
    it("is refused by the name of the input", async () => {
      const ann = await registered(server, "bad-ann");
      for (const [call, field] of [
        [() => messages(ann, { text: "x".repeat(5_000) }), "text"],
        [() => messages(ann, { text: "a\ud800" }), "text"],
        [() => messages(ann, { conversationId: "nowhere" }), "conversationId"],
        [() => messages(ann, { sentAfter: "yesterday" }), "sentAfter"],
        [() => messages(ann, {}, { first: 101 }), "first"],
        [() => messages(ann, {}, { after: "x" }), "after"],
        [() => messages(ann, {}, { atLeast: "x" }), "atLeast"],
        [() => users(ann, {}), "query"],
        [() => users(ann, { tags: [] }), "tags"],
        [() => users(ann, { near: { latitude: 0, longitude: 0, radius: -1 } }), "near.radius"],
        [() => users(ann, { near: { latitude: 0, longitude: 0 } }), "near.radius"],
        [() => users(ann, { within: [{ latitude: 0, longitude: 0 }] }), "within"],
        [() => groups(ann, { category: " " }), "category"],
      ] as const)
        expect(await refusal(call())).toEqual({ code: "BAD_INPUT", field });
    });
  });
});
