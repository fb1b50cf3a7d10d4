import { getOperationAST, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { unpriced } from "../../../src/transport/execution/listSizes.ts";
import { transportDefaults } from "../../../src/transport/limits.ts";
import { type Price, pricing } from "../../../src/transport/execution/price.ts";
import { buildSchema as apiSchema } from "../../../src/api/schema.ts";
import { buildSchema } from "graphql";
import { TooManyFields } from "../../../src/transport/execution/selections.ts";

const schema = apiSchema();

function price(source: string, variables: Record<string, unknown> = {}, maxFields = transportDefaults.maxFields): Price {
  const document = parse(source);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  return pricing(schema, document, operation, maxFields).price(variables);
}

const values = (source: string, variables: Record<string, unknown> = {}): number => price(source, variables).values;

const MESSAGE = `id seq sentAt text kind topic editedAt recalledAt sender { id name handle avatarUrl }
  attachments { url name mediaType size width height } replyTo { id text sender { id name } } mentions { id name }`;
const HIT = `${MESSAGE} conversation { id title kind avatarUrl }`;
const FACETS = "totalCount bySender { key count } byConversation { key count } byMonth { key count }";
const PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

/** What clients do all the time, and the largest page of it. */
const usual = {
  "a list of 50 conversations with what is unread and the newest message": `{ viewer { unreadTotal conversations(first: 50) { cursor ${PAGE}
    edges { cursor node { id kind title avatarUrl unreadCount unreadMentions lastActivityAt lastMessage { id text sentAt sender { id name } } } } } } }`,
  "a list of 100 conversations with 20 messages each": `{ viewer { conversations(first: 100) { edges { node { id title unreadCount
    messages(last: 20) { edges { node { id seq text sentAt sender { id name } } } } } } } } }`,
  "a page of 100 messages with senders and replies": `{ conversation(id: "g:x") { id title messages(last: 100) { ${PAGE} edges { cursor node { ${MESSAGE} } } } } }`,
  "sync of 500 entries with messages": `{ viewer { sync(limit: 500) { cursor hasMore resetRequired entries { __typename cursor at
    ... on MessageReceived { message { ${HIT} } } ... on MessageChanged { message { ${HIT} } messageChange }
    ... on ReadMoved { conversation { id unreadCount } readSeq }
    ... on MembershipChanged { conversation { id title } user { id name } actor { id name } membershipChange } } } } }`,
  "a delivery of the inbox": `subscription { inbox { __typename cursor at ... on MessageReceived { message { ${HIT} } }
    ... on MessageChanged { message { ${HIT} } } } }`,
  "100 members": `{ conversation(id: "g:x") { members(first: 100) { ${PAGE} edges { cursor node { user { id name handle avatarUrl } role joinedAt } } } } }`,
  "100 friends": `{ viewer { friends(first: 100) { totalCount ${PAGE} edges { cursor node { alias since user { id name avatarUrl } } } } } }`,
  "100 messages found, with facets": `{ searchMessages(query: { text: "x" }, first: 100) { edges { cursor node { message { ${HIT} } highlights { text hit } } } ${PAGE} ${FACETS} } }`,
  "100 people found": `{ searchUsers(query: { name: "x" }, first: 100) { edges { cursor node { user { id name handle avatarUrl signature code tags { name score } } score distance } } ${PAGE} } }`,
  "100 groups found": `{ searchConversations(query: { name: "x" }, first: 100) { edges { cursor node { conversation { id title avatarUrl memberCount code
    tags { name score } lastMessage { id text } } score } } ${PAGE} } }`,
  "a message sent": `mutation { sendMessage(input: { clientMutationId: "1", conversationId: "g:x", text: "x" }) { cursor message { ${HIT} } } }`,
  "a group of 500 made": `mutation { createConversation(input: { clientMutationId: "1", kind: GROUP, title: "x", memberIds: [${'"u" '.repeat(500)}] }) {
    cursor conversation { id title members(first: 100) { edges { node { user { id name } role } } } } } }`,
};

describe("what an operation costs", () => {
  test.each(Object.entries(usual))("%s fits well into what one may", (name, source) => {
    const { values: found, keyBytes, events } = price(source);
    console.log(`${name}: ${found} values, ${Math.round(keyBytes / 1_024)} KiB of names, ${events} events`);
    expect(found * 2).toBeLessThan(transportDefaults.maxCost);
    expect(keyBytes * 4).toBeLessThan(transportDefaults.answerBytesMax);
    expect(events).toBeLessThanOrEqual(transportDefaults.maxEvents);
  });

  test("a conversation as it stood costs the events that it may be folded from, and as it is, nothing more", () => {
    const asked = 'query ($at: DateTime) { conversation(id: "g:x", at: $at) { title } }';
    expect(values(asked)).toBe(2);
    expect(values(asked, { at: null })).toBe(2);
    expect(price(asked, { at: "2024-01-01T00:00:00Z" })).toMatchObject({ values: 20_002, rows: 20_000 });
    expect(values('{ conversation(id: "g:x", at: "2024-01-01T00:00:00Z") { title } }')).toBe(20_002);
    expect(values('{ conversation(id: "g:x", at: null) { title } }')).toBe(2);
  });

  test("a page costs what is read for it, too, however small it is", () => {
    const friends = (first: number) => price(`{ viewer { friends(first: ${first}) { edges { node { since } } } } }`).rows;
    expect(friends(1)).toBe(5_001);
    expect(friends(100)).toBe(5_100);
  });

  test("a search among friends costs the friends that are read for it, however it is asked", () => {
    const found = "{ edges { node { score } } }";
    expect(price(`{ searchUsers(query: { name: "x" }, first: 10) ${found} }`).rows).toBe(10);
    expect(price(`{ searchUsers(query: { name: "x", friendsOnly: false }, first: 10) ${found} }`).rows).toBe(10);
    expect(price(`{ searchUsers(query: { name: "x", friendsOnly: true }, first: 10) ${found} }`).rows).toBe(5_010);
    const asked = `query ($query: UserQuery!) { searchUsers(query: $query, first: 10) ${found} }`;
    expect(price(asked, { query: { name: "x" } }).rows).toBe(10);
    expect(price(asked, { query: { name: "x", friendsOnly: true } }).rows).toBe(5_010);
    const usually = `query ($only: Boolean = true) { searchUsers(query: { friendsOnly: $only }, first: 10) ${found} }`;
    expect(price(usually).rows).toBe(5_010);
    expect(price(usually, { only: false }).rows).toBe(10);
    const whole = `query ($query: UserQuery = { friendsOnly: true }) { searchUsers(query: $query, first: 10) ${found} }`;
    expect(price(whole).rows).toBe(5_010);
  });

  test("no list of the schema is without a size, and no mutation without what it appends", () => {
    expect(unpriced(schema)).toEqual([]);
  });

  test("a list, a page, a sized list below and a mutation that nobody priced are named", () => {
    const directives = `directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
      directive @appends(events: Int! = 1, each: [String!], apart: Boolean! = false) on FIELD_DEFINITION`;
    const made = buildSchema(`${directives}
      type Query { all: [Page!]! bounded: [Int!] @listSize(assumedSize: 3) page(first: Int): Page @listSize(slicingArguments: ["first"], sizedFields: ["edges"]) }
      type Page { edges: [Int!] others: [[Int!]!]! }
      type Mutation { do: Int done: Int @appends }`);
    expect(unpriced(made)).toEqual(["Query.all", "Page.edges", "Page.others", "Mutation.do"]);
  });

  test("rows of pages are told apart, also where next to nothing is asked of them", () => {
    const page = (size: number) => `messages(last: ${size}) { pageInfo { hasNextPage } }`;
    expect(price(`{ conversation(id: "g:x") { a: ${page(100)} b: ${page(50)} } }`).rows).toBe(150);
    expect(price(`{ viewer { conversations(first: 10) { edges { node { ${page(20)} } } } } }`).rows).toBe(310);
    expect(price("{ viewer { unreadTotal } }").rows).toBe(0);
  });

  test("pages in pages multiply, whatever their argument is called", () => {
    const evil = (
      limit: number,
      last: number,
    ) => `{ viewer { sync(limit: ${limit}) { entries { ... on MessageReceived { message { conversation {
      messages(last: ${last}) { edges { node { text } } } } } } } } } }`;
    expect(values(evil(500, 100))).toBeGreaterThan(500 * 100 * 3);
    expect(values(evil(500, 100))).toBeGreaterThan(transportDefaults.maxCost);
    expect(values(evil(500, 100)) / values(evil(250, 50))).toBeCloseTo(4, 0);
  });

  test("a page costs its rows though nothing of them is asked for", () => {
    const page = (last: number) => `{ conversation(id: "g:x") { messages(last: ${last}) { pageInfo { hasNextPage } } } }`;
    expect(values(page(100)) - values(page(10))).toBe(90);
  });

  test("lists without an argument multiply too", () => {
    const of = (fields: string) => values(`{ conversation(id: "g:x") { messages(last: 100) { edges { node { ${fields} } } } } }`);
    expect(of("seq mentions { id tags { name } }")).toBeGreaterThan(100 * 8 * 8);
    expect(of("seq attachments { url }")).toBeGreaterThan(of("seq") + 100 * 4);
  });

  test("sizes count as variables, defaults of the operation, defaults of the schema, and none", () => {
    const sync = (declared: string, given: string) => `query ${declared} { viewer { sync${given} { entries { cursor } } } }`;
    const written = values(sync("", "(limit: 300)"));
    expect(values(sync("($n: Int)", "(limit: $n)"), { n: 300 })).toBe(written);
    expect(values(sync("($n: Int = 300)", "(limit: $n)"))).toBe(written);
    expect(values(sync("($n: Int = 300)", "(limit: $n)"), { n: 1 })).toBeLessThan(written);
    const usually = values(sync("", ""));
    expect(usually).toBe(values(sync("", "(limit: 100)")));
    expect(values(sync("($n: Int)", "(limit: $n)"))).toBe(usually);
    expect(values(sync("($n: Int)", "(limit: $n)"), { n: null })).toBe(usually);
    expect(values(sync("", "(limit: null)"))).toBe(usually);
    expect(values(sync("", "(limit: -5)"))).toBeLessThan(usually);
    const both = '{ conversation(id: "g:x") { messages(first: 3, last: 90) { edges { cursor } } } }';
    expect(values(both)).toBe(values(both.replace("first: 3, ", "")));
  });

  test("aliases and fragments count wherever they are spread, what is merged once", () => {
    const page = "messages(last: 100) { edges { node { text } } }";
    const one = values(`{ conversation(id: "g:x") { ${page} } }`);
    expect(values(`{ conversation(id: "g:x") { a: ${page} b: ${page} c: ${page} } }`)).toBe(3 * one - 2);
    const spread = (spreads: string) => `{ conversation(id: "g:x") { ${spreads} } } fragment F on Conversation { ${page} }`;
    expect(values(spread("...F"))).toBe(one);
    expect(values(spread("...F ...F"))).toBe(one);
    expect(values(spread("...F peer { directConversationId } lastMessage { conversation { ...F } }"))).toBeGreaterThan(2 * one);
  });

  test("what one set of variables costs says nothing of the next, wherever the variables stand", () => {
    const source = `query Q($n: Int, $m: Int, $with: Boolean!, $ids: [ID!]!, $id: ID!) {
      a: conversation(id: $id) { ...C } b: conversation(id: "g:x") { ...C id title } nodes(ids: $ids) { id }
      viewer { id name friends(first: $m) { totalCount } } }
      fragment C on Conversation { title messages(last: $n) { edges { node { ...M } } } members(first: 3) @include(if: $with) { totalCount } }
      fragment M on Message { id sender { id name } attachments { url } mentions @skip(if: $with) { id } }`;
    const document = parse(source);
    const operation = getOperationAST(document);
    if (!operation) throw new Error("no operation");
    const once = pricing(schema, document, operation, transportDefaults.maxFields);
    const given = [1, 20, 100].flatMap((n) =>
      [true, false].flatMap((isWith) => [{ n, m: 101 - n, with: isWith, ids: Array.from({ length: n }, String), id: "g:y" }, {}]),
    );
    const seen = new Set<number>();
    for (const variables of [...given, ...given.reverse()]) {
      const alone = price(source, variables);
      expect(once.price(variables)).toEqual(alone);
      expect(once.tooMany(variables)).toBeUndefined();
      seen.add(alone.values);
    }
    expect(seen.size).toBe(7);
    expect(once.tooMany({ n: 1_001 })).toBe("last");
    expect(once.tooMany({ n: 1 })).toBeUndefined();
    expect(once.tooMany({ m: 1_001 })).toBe("first");
  });

  test("a size that is too much is told each time, also where it is written out", () => {
    const document = parse("{ viewer { friends(first: 1001) { totalCount } } }");
    const operation = getOperationAST(document);
    if (!operation) throw new Error("no operation");
    const once = pricing(schema, document, operation, transportDefaults.maxFields);
    for (let turn = 0; turn < 3; turn++) {
      once.price({});
      expect(once.tooMany({})).toBe("first");
    }
  });

  test("of the types that an object may have the dearest counts", () => {
    const entries = (fields: string) => values(`{ viewer { sync(limit: 100) { entries { ${fields} } } } }`);
    const received = "... on MessageReceived { message { id text seq } }";
    expect(entries(`${received} ... on ReadMoved { readSeq }`)).toBe(entries(received));
    expect(entries(`${received} cursor`)).toBe(entries(received) + 100);
  });

  test("what is left out costs nothing, and only where it is", () => {
    const source = `query ($no: Boolean!, $yes: Boolean = true) { conversation(id: "g:x") { id a: messages(last: 100) @include(if: $no) { edges { cursor } }
      b: messages(last: 100) @skip(if: $yes) { edges { cursor } } } }`;
    const neither = values(source, { no: false });
    expect(neither).toBe(values('{ conversation(id: "g:x") { id } }'));
    expect(values(source, { no: true })).toBeGreaterThan(neither + 200);
    expect(values(source, { no: false, yes: false })).toBeGreaterThan(neither + 200);
  });

  test("items of inputs count, written out or given, in lists and in objects", () => {
    const found = (declared: string, query: string) =>
      `query ${declared} { searchUsers(query: ${query}, first: 1) { pageInfo { endCursor } } }`;
    const none = values(found("", '{ name: "x" }'));
    const corner = { latitude: 1, longitude: 1 };
    const written = `{ within: [${"{ latitude: 1, longitude: 1 } ".repeat(300)}] }`;
    expect(values(found("", written))).toBe(none + 300);
    expect(values(found("($q: UserQuery!)", "$q"), { q: { within: new Array(300).fill(corner) } })).toBe(none + 300);
    expect(values(found("($w: [PointInput!])", "{ within: $w }"), { w: new Array(300).fill(corner) })).toBe(none + 300);
  });

  test("what clients send is never taken for what they wrote, however odd it is", () => {
    const source =
      "query ($q: UserQuery!, $n: Int, $constructor: Int) { searchUsers(query: $q, first: $n) { totalCount: edges { cursor } } }";
    let deep: unknown = [];
    for (let level = 0; level < 50_000; level += 1) deep = [deep];
    for (const q of [deep, null, { kind: "ObjectValue", fields: null, loc: 1 }, { kind: "ListValue", values: 7 }, "x", [[[]]]])
      for (const n of [Number.NaN, 1e308, "100", {}, [], true]) expect(() => price(source, { q, n })).not.toThrow();
  });

  test("fragments that are spread without end are refused before anything is made of them", () => {
    const leaf = "id seq sentAt text kind topic clientMutationId cursor";
    const level = (index: number) =>
      `fragment F${index} on Message { ${leaf} replyTo { ...F${index + 1} } conversation { lastMessage { ...F${index + 1} } message(seq: 1) { ...F${index + 1} } } }`;
    const bomb = `{ node(id: "x") { ...F0 } } ${Array.from({ length: 30 }, (_, index) => level(index)).join(" ")} fragment F30 on Message { ${leaf} }`;
    expect(() => price(bomb)).toThrow(TooManyFields);
    const small = bomb.replace("...F3 }", "id }").replaceAll("...F3 }", "id }");
    expect(price(small).values).toBeGreaterThan(0);
  });

  test("mutations weigh what they write: every event of theirs, all of one operation together, imports apart", () => {
    const create = (alias: string, ids: string) =>
      `${alias}: createConversation(input: { clientMutationId: "1", kind: GROUP, title: "x", memberIds: ${ids} }) { cursor }`;
    const send = (alias: string) => `${alias}: sendMessage(input: { clientMutationId: "1", userId: "u", text: "x" }) { cursor }`;
    const ids = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);
    expect(price(`mutation { ${create("a", JSON.stringify(ids(500)))} }`).events).toBe(501);
    expect(price(`mutation ($ids: [ID!]) { ${create("a", "$ids")} ${send("b")} }`, { ids: ids(20) }).events).toBe(22);
    expect(price(`mutation ($ids: [ID!] = ["a", "b"]) { ${create("a", "$ids")} }`).events).toBe(3);
    const whole =
      "mutation ($input: MembersInput!) { addMembers(input: $input) { cursor } removeMembers(input: $input) { cursor } }";
    expect(price(whole, { input: { clientMutationId: "1", conversationId: "g:x", userIds: ids(30) } }).events).toBe(120);
    expect(price(whole, { input: { clientMutationId: "1", conversationId: "g:x", userIds: "one" } }).events).toBe(4);
    expect(price(`mutation { ${Array.from({ length: 50 }, (_, index) => send(`m${index}`)).join(" ")} }`).events).toBe(50);
    const lines = ids(700).map((key) => ({ key, conversation: "r", sender: "s", text: "t" }));
    const imported =
      'mutation ($messages: [ImportedMessage!]!) { importMessages(input: { clientMutationId: "1", messages: $messages }) { stored } }';
    expect(price(imported, { messages: lines })).toMatchObject({ events: 0, imported: 700 });
    expect(price("{ viewer { user { id } } }").events).toBe(0);
  });
});
