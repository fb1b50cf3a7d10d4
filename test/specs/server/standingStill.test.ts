import { readFileSync } from "node:fs";
import { buildSchema, type GraphQLObjectType } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../../src/config.ts";
import { readLog } from "../../../src/server/log.ts";
import { chokingServers } from "../../support/chokingServers.ts";
import { type Client, clientOf, registered } from "../../support/client.ts";
import type { Answer } from "../../support/http.ts";
import { type Server, startServer } from "../../support/server.ts";
import { withoutViews } from "../../support/serverViews.ts";
import { until } from "../../support/until.ts";

/*
 * The views of a server are gone, and while they are folded anew they stand still just before rights are lost. Whatever is asked,
 * ordered or followed then, nobody is given what such rows would say: it is UNAVAILABLE, and nothing is stored. Every query,
 * mutation and subscription of the schema is tried; one that is not named here fails the test.
 */

const schema = buildSchema(readFileSync("src/api/schema.graphql", "utf8"));
const fieldsOf = (type: string): string[] => Object.keys((schema.getType(type) as GraphQLObjectType).getFields()).sort();

/** What the questions are about. */
type Place = { group: string; direct: string; start: string; end: string; request: string; invite: string; code: string };

const NODE = "edges { node { id } }";
const QUERIES: Readonly<Record<string, (place: Place) => string>> = {
  node: ({ group }) => `node(id: "${group}:1") { id ... on Message { text } }`,
  nodes: ({ group }) => `nodes(ids: ["${group}", "dan"]) { id ... on Conversation { title } ... on User { name } }`,
  user: () => `user(id: "dan") { name friendship { status blockedByViewer } }`,
  conversation: ({ group }) => `conversation(id: "${group}") { title memberCount members(first: 10) { ${NODE} }
    messages(first: 10) { edges { node { text } } } }`,
  code: ({ code }) => `code(text: "${code}") { ... on User { name } }`,
  searchMessages: () => `searchMessages(query: { text: "by" }) { totalCount edges { node { message { text } } } }`,
  searchUsers: () => `searchUsers(query: { name: "dan" }) { edges { node { user { name } } } }`,
  searchConversations: () => `searchConversations(query: { name: "Readers" }) { edges { node { conversation { title } } } }`,
};

const VIEWER: Readonly<Record<string, (place: Place) => string>> = {
  user: () => "user { id name }",
  conversations: () => "conversations(first: 10) { edges { node { id title unreadCount } } }",
  unreadTotal: () => "unreadTotal",
  sync: ({ start }) => `sync(after: "${start}") { resetRequired entries { __typename cursor } }`,
  friends: () => "friends(first: 10) { edges { node { id } } }",
  friendRequests: () => `friendRequests(direction: INCOMING, first: 10) { ${NODE} }`,
  blocked: () => `blocked(first: 10) { ${NODE} }`,
  scheduled: () => "scheduled { id text }",
  mentions: () => "mentions(first: 10) { edges { node { text } } }",
  devices: () => "devices { id name }",
  groups: () => `groups(first: 10) { ${NODE} }`,
  circles: () => "circles { id }",
  joinRequests: () => `joinRequests(direction: INCOMING, first: 10) { ${NODE} }`,
};

const AT = "2030-01-01T00:00:00.000Z";
/** Who tries it, and with what. Each would be granted by the rows that lag, or would look something up in them. */
const MUTATIONS: Readonly<Record<string, [who: string, input: (place: Place) => object]>> = {
  updateProfile: ["ann", () => ({ name: "Anna" })],
  setLocation: ["ann", () => ({ point: { latitude: 1, longitude: 2 } })],
  addDevice: ["ann", () => ({ id: "phone", kind: "IOS", name: "Phone" })],
  createUpload: ["ann", () => ({ name: "a.png", mediaType: "image/png", size: 7 })],
  removeDevice: ["ann", () => ({ id: "tab" })],
  requestFriendship: ["cay", () => ({ userId: "ann" })],
  answerFriendRequest: ["ann", ({ request }) => ({ id: request, accept: true })],
  withdrawFriendRequest: ["bob", ({ request }) => ({ id: request })],
  endFriendship: ["ann", () => ({ userId: "cay" })],
  setAlias: ["ann", () => ({ userId: "cay", alias: "Kay" })],
  block: ["ann", () => ({ userId: "cay", on: true })],
  sendMessage: ["bob", ({ group }) => ({ conversationId: group, text: "by one who was removed" })],
  scheduleMessage: ["bob", ({ group }) => ({ conversationId: group, text: "later", sendAt: AT })],
  cancelScheduled: ["ann", () => ({ id: "5e9f3c1a-8b2d-5c47-9a10-3f6b7d2e4c58" })],
  editMessage: ["bob", ({ group }) => ({ conversationId: group, seq: 1, text: "another" })],
  recallMessage: ["cay", ({ group }) => ({ conversationId: group, seq: 1 })],
  react: ["bob", ({ group }) => ({ conversationId: group, seq: 1, emoji: "👍", on: true })],
  forwardMessages: ["bob", ({ group, direct }) => ({ fromConversationId: group, seqs: [1], toConversationId: direct })],
  report: ["bob", ({ group }) => ({ conversationId: group, seq: 1, reason: "rude" })],
  decideReport: ["cay", ({ group }) => ({ id: `r:${group}:1~bob`, action: "DISMISS" })],
  pinMessage: ["cay", ({ group }) => ({ conversationId: group, seq: 1, on: true })],
  markRead: ["bob", ({ group }) => ({ conversationId: group, seq: 1 })],
  markAllRead: ["bob", ({ group }) => ({ reads: [{ conversationId: group, seq: 1 }] })],
  setPreferences: ["bob", ({ group }) => ({ conversationId: group, muted: true })],
  createConversation: ["bob", () => ({ kind: "GROUP", title: "Another", memberIds: ["ann"] })],
  updateConversation: ["cay", ({ group }) => ({ id: group, title: "by one who was demoted" })],
  join: ["eve", ({ group }) => ({ id: group })],
  answerJoinRequest: ["cay", ({ group }) => ({ id: `${group}~dan~1`, accept: true })],
  addMembers: ["cay", ({ group }) => ({ conversationId: group, userIds: ["eve"] })],
  removeMembers: ["cay", ({ group }) => ({ conversationId: group, userIds: ["dan"] })],
  leave: ["dan", ({ group }) => ({ id: group })],
  setRole: ["ann", ({ group }) => ({ conversationId: group, userId: "dan", role: "ADMIN" })],
  transferOwnership: ["ann", ({ group }) => ({ conversationId: group, userId: "dan" })],
  silence: ["cay", ({ group }) => ({ conversationId: group, userId: "dan", until: AT })],
  dissolve: ["ann", ({ group }) => ({ id: group })],
  createInvite: ["cay", ({ group }) => ({ conversationId: group })],
  revokeInvite: ["cay", ({ group, invite }) => ({ conversationId: group, code: invite })],
};
/** Rests on the streams of the handle and of the user alone, which have no view between: it is done. */
const REGISTER = 'mutation { register(input: { clientMutationId: "eve", handle: "eve", name: "Eve" }) { cursor } }';
/** Those of operators, who decide on nothing of people's. */
const OF_OPERATORS = [
  "banUser",
  "unbanUser",
  "putUser",
  "createBot",
  "putWebhook",
  "deleteWebhook",
  "redeliverWebhook",
  "putIncomingWebhook",
  "deleteIncomingWebhook",
  "putCircle",
  "importMessages",
  "importFacts",
  "importFile",
  "replayProjection",
  "cancelReplay",
  "verifyProjection",
  "retryParked",
];

const SUBSCRIPTIONS: Readonly<Record<string, [who: string, text: (place: Place) => string][]>> = {
  inbox: [
    ["ann", () => "inbox { __typename cursor }"],
    ["ann", ({ start }) => `inbox(after: "${start}") { __typename cursor }`],
    ["ann", ({ end }) => `inbox(after: "${end}") { __typename cursor }`],
    ["bob", () => "inbox { __typename cursor }"],
  ],
  conversation: [
    ["ann", ({ group }) => `conversation(id: "${group}") { __typename cursor }`],
    ["bob", ({ group, start }) => `conversation(id: "${group}", after: "${start}") { __typename cursor }`],
  ],
  typing: [["bob", ({ group }) => `typing(conversationId: "${group}") { user { id } }`]],
  presence: [["dan", () => `presence(userIds: ["ann"]) { user { id } }`]],
};

type Followed = { told: unknown[]; faults: string[]; close(): Promise<void> };

/** One subscription, over a socket of its own. */
function follow(server: Server, token: string, selection: string): Followed {
  const client = createClient({
    url: `${server.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  const followed: Followed = { told: [], faults: [], close: async () => client.dispose() };
  const codes = (errors: readonly { extensions?: Record<string, unknown> }[]): void =>
    void followed.faults.push(...errors.map(({ extensions }) => String(extensions?.["code"])));
  client.subscribe(
    { query: `subscription { ${selection} }` },
    {
      next: ({ data, errors }) => (errors ? codes(errors) : void followed.told.push(...Object.values(data ?? {}))),
      error: (reason) => (Array.isArray(reason) ? codes(reason as []) : void followed.faults.push(String(reason))),
      complete: () => undefined,
    },
  );
  return followed;
}

/** The log's end, and the types of what came after a place of it. */
async function logOf(server: Server, after?: string): Promise<{ end: string; types: string[] }> {
  const log = await readLog(readConfig({ ...server.environment }));
  try {
    const end = await log.end();
    const { events } = await log.readAll(after ?? end, 1_000);
    return { end, types: events.map(({ type }) => type) };
  } finally {
    await log.close();
  }
}

test("while the views stand still nothing at all is granted, listed, told or stored", { timeout: 120_000 }, async () => {
  const { settings, chokeOn, relent } = await chokingServers();
  const server = await startServer({ settings: { EVENTSTORE_URL: "", ...settings } });
  onTestFinished(() => server.remove());
  const here = { address: () => server.address(), token: server.token };
  const [ann, bob, cay, dan] = (await Promise.all(["ann", "bob", "cay", "dan"].map((id) => registered(here, id)))) as [
    Client,
    Client,
    Client,
    Client,
  ];
  const made = await ann.act("createConversation", {
    kind: "GROUP",
    title: "Readers",
    memberIds: ["bob", "cay", "dan"],
    joinPolicy: "APPROVAL",
  });
  const group = made.conversation.id;
  await ann.act("setRole", { conversationId: group, userId: "cay", role: "ADMIN" });
  const { invite } = await cay.act("createInvite", { conversationId: group });
  const { message } = await bob.act("sendMessage", { userId: "ann", text: "by bob to ann" });
  await bob.act("sendMessage", { conversationId: group, text: "by bob", mentions: ["ann"] });
  const asked = "mutation ($input: RequestFriendshipInput!) { requestFriendship(input: $input) { request { id } } }";
  const { requestFriendship } = await bob.ask<{ requestFriendship: { request: { id: string } } }>(asked, {
    input: { clientMutationId: "friends", userId: "ann" },
  });
  await ann.act("removeMembers", { conversationId: group, userIds: ["bob"] });
  await ann.act("setRole", { conversationId: group, userId: "cay", role: "MEMBER" });
  const { cursor: end } = await ann.act("sendMessage", { conversationId: group, text: "the last" });
  const { user } = await dan.ask<{ user: { code: string } }>(`query { user(id: "dan") { code } }`);
  const place: Place = {
    group,
    direct: message.conversation.id,
    start: made.cursor,
    end,
    request: requestFriendship.request.id,
    invite: invite.code,
    code: user.code,
  };

  // Nothing of the schema is left out.
  expect([...Object.keys(QUERIES), "admin", "viewer"].sort()).toEqual(fieldsOf("Query"));
  // The key of Web Push is the server's, and in no row.
  expect([...Object.keys(VIEWER), "webPushKey"].sort()).toEqual(fieldsOf("Viewer"));
  expect([...Object.keys(MUTATIONS), "register", "setTyping", ...OF_OPERATORS].sort()).toEqual(fieldsOf("Mutation"));
  expect([...Object.keys(SUBSCRIPTIONS), "projection"].sort()).toEqual(fieldsOf("Subscription"));

  const questions = [
    ...Object.entries(QUERIES).map(([name, text]) => [name, `{ ${text(place)} }`] as const),
    ...Object.entries(VIEWER).map(([name, text]) => [`viewer.${name}`, `{ viewer { ${text(place)} } }`] as const),
  ];
  const answers = async (reader: Client): Promise<Map<string, unknown>> => {
    await reader.ask(`{ searchMessages(query: {}, atLeast: "${end}") { totalCount } }`);
    await reader.sync(place.start, { atLeast: end });
    const found = new Map<string, unknown>();
    for (const [name, text] of questions) {
      const { data, errors } = await reader.post(text);
      expect(errors, name).toBeUndefined();
      found.set(name, data);
    }
    return found;
  };
  const before = await answers(ann);
  expect(await server.stop()).toBe(0);
  const { end: stored } = await logOf(server);

  await withoutViews(server.environment);
  await chokeOn([{ projection: "relations", type: "MemberRemoved", words: group, waits: true }]);
  const standing = await startServer({ dataDir: server.dataDir, settings: { EVENTSTORE_URL: "", ...settings }, ready: false });
  onTestFinished(() => standing.remove());
  const clients = new Map<string, Client>();
  for (const id of ["ann", "bob", "cay", "dan", "eve"])
    clients.set(id, await clientOf({ address: () => standing.address(), token: standing.token }, id));
  const client = (id: string): Client => clients.get(id) as Client;

  const { status, body } = await standing.readiness();
  expect(status).toBe(503);
  expect(body.components["views"]).toMatchObject({
    ready: false,
    detail: expect.stringMatching(/^rebuilding, \d+ % done/) as string,
  });
  expect(body.projections["timelines"]).toMatchObject({ state: "REBUILDING", progress: expect.any(Number) as number });
  expect((await fetch(`${standing.url}/live`)).status).toBe(200);
  const metrics = await (await fetch(`${standing.url}/metrics`)).text();
  expect(metrics).toMatch(/^tidings_ready 0$/m);
  expect(metrics).toMatch(/^tidings_projection_state\{projection="relations",state="REBUILDING"\} 1$/m);
  expect(metrics).toMatch(/^tidings_projection_progress\{projection="relations"\} 0/m);

  const notNow = (what: string, { data, errors }: Answer<unknown>): void => {
    const [fault] = errors ?? [];
    expect({ what, code: fault?.extensions.code, data: leavesOf(data) }).toEqual({ what, code: "UNAVAILABLE", data: [] });
    expect(fault?.extensions.retryAfterMs, what).toBeGreaterThan(0);
    // Nothing is away, and who asks can do nothing but wait.
    expect(fault?.message, what).toMatch(/log|views/);
    expect(fault?.message, what).not.toMatch(/away/);
  };
  const followed = Object.values(SUBSCRIPTIONS).flatMap((list) =>
    list.map(([who, text]) => ({ text: text(place), ...follow(standing, client(who).token, text(place)) })),
  );
  await Promise.all(questions.map(async ([name, text]) => notNow(name, await client("ann").post(text))));
  await Promise.all(
    Object.keys(MUTATIONS).map(async (name) => notNow(name, await client(whoTries(name)).post(...trying(name, place)))),
  );
  notNow("setTyping", await client("bob").post(`mutation { setTyping(conversationId: "${group}", typing: true) }`));
  for (const { text, told, faults } of followed) {
    await until("it ends", () => faults.length > 0);
    expect({ text, told, faults }).toEqual({ text, told: [], faults: ["UNAVAILABLE"] });
  }

  // A log line for each of them would hide what matters.
  expect(standing.log()).not.toMatch(/"correlationId"/);
  expect((await logOf(standing, stored)).types).toEqual([]);
  expect((await client("eve").post(REGISTER)).errors).toBeUndefined();

  await relent();
  await until("it is ready", async () => (await standing.readiness()).status === 200);
  expect(await answers(client("ann"))).toEqual(before);
  // What was refused then is refused for good now, or done once, as is right.
  for (const name of ["sendMessage", "updateConversation"]) {
    const { errors } = await client(whoTries(name)).post(...trying(name, place));
    expect(errors?.[0]?.extensions.code, name).toBe("FORBIDDEN");
  }
  // What a client follows anew, with no cursor, begins now: nothing of the past is told as if it happened now.
  const live = follow(standing, client("ann").token, "inbox { __typename cursor }");
  await until("it listens", () => live.told.length > 0);
  const { cursor } = await client("ann").act("sendMessage", { conversationId: group, text: "now" });
  await until("it is told", () => live.told.length > 1);
  expect(live.told).toMatchObject([{ __typename: "InboxCaughtUp" }, { __typename: "MessageReceived", cursor }]);
  await live.close();
  for (const one of followed) await one.close();
});

const whoTries = (name: string): string => MUTATIONS[name]?.[0] ?? "nobody";

/** A mutation by its name, with what it is tried with. */
function trying(name: string, place: Place): [text: string, variables: Record<string, unknown>] {
  const type = String(schema.getMutationType()?.getFields()[name]?.args[0]?.type);
  const input = MUTATIONS[name]?.[1](place);
  return [
    `mutation ($input: ${type}) { ${name}(input: $input) { cursor } }`,
    { input: { clientMutationId: `still ${name}`, ...input } },
  ];
}

/** Every value in an answer that is not null. */
function leavesOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [value];
  return Object.values(value).flatMap(leavesOf);
}
