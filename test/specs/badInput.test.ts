import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sign } from "../../src/transport/auth.ts";
import { type Answer, type Calls, type Fault, httpCalls, type Variables } from "../support/http.ts";
import { openSocket, type Said } from "../support/rawSocket.ts";
import { type Server, startServer } from "../support/server.ts";

/*
 * What clients do wrong, and what they are told: always a code, the input at fault, and a sentence. On a server of its own
 * process, over its real transports.
 */

let server: Server;
/** Owner of `room`; writes with bob; carol is nowhere; nobody never registered. */
let alice: Calls;
let bob: Calls;
let carol: Calls;
let nobody: Calls;
let room: string;
/** Alice's own group that nobody joins. */
let closed: string;

const key = (): string => randomUUID();
const FOREIGN = "zzzzzzzz.00000000001";
/** Of this log, and far beyond its end. */
let beyond: string;

beforeAll(async () => {
  server = await startServer({ settings: { GROUP_MEMBERS_MAX: "4", LOG_LEVEL: "warn" } });
  [alice, bob, carol, nobody] = (await Promise.all(["alice", "bob", "carol", "nobody"].map(clientOf))) as [
    Calls,
    Calls,
    Calls,
    Calls,
  ];
  for (const [client, name] of [
    [alice, "alice"],
    [bob, "bob"],
    [carol, "carol"],
  ] as const) {
    await client.ask(REGISTER, { input: { clientMutationId: `register-${name}`, handle: name, name } });
  }
  room = await groupOf(alice, { memberIds: ["bob"], joinPolicy: "INVITE" });
  closed = await groupOf(alice, { joinPolicy: "APPROVAL" });
  const sent = await alice.ask<{ sendMessage: { cursor: string } }>(SEND, { input: message(room, "first", "first") });
  beyond = `${sent.sendMessage.cursor.slice(0, 9)}zzzzzzzzzzz`;
  await bob.ask(SEND, { input: message(room, "second") });
});

afterAll(async () => {
  await server?.remove();
});

const REGISTER = `mutation Register($input: RegisterInput!) { register(input: $input) { cursor } }`;
const SEND = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { cursor message { id } } }`;
const EDIT = `mutation Edit($input: EditMessageInput!) { editMessage(input: $input) { cursor } }`;
const RECALL = `mutation Recall($input: MessageInput!) { recallMessage(input: $input) { cursor } }`;
const READ = `mutation Read($input: MarkReadInput!) { markRead(input: $input) { cursor } }`;
const CREATE = `mutation Create($input: CreateConversationInput!) { createConversation(input: $input) { cursor conversation { id } } }`;
const PROFILE = `mutation Profile($input: UpdateProfileInput!) { updateProfile(input: $input) { cursor } }`;
const JOIN = `mutation Join($input: JoinInput!) { join(input: $input) { cursor } }`;
const LEAVE = `mutation Leave($input: NodeInput!) { leave(input: $input) { cursor } }`;
const ADD = `mutation Add($input: MembersInput!) { addMembers(input: $input) { cursor } }`;
const REMOVE = `mutation Remove($input: MembersInput!) { removeMembers(input: $input) { cursor } }`;
const ROLE = `mutation Role($input: SetRoleInput!) { setRole(input: $input) { cursor } }`;
const TRANSFER = `mutation Transfer($input: MemberInput!) { transferOwnership(input: $input) { cursor } }`;
const IMPORT = `mutation Import($input: ImportInput!) { importMessages(input: $input) { stored } }`;
const VIEWER = `{ viewer { user { id } } }`;
const SYNC = `query Sync($after: Cursor, $limit: Int, $atLeast: Cursor) {
  viewer { sync(after: $after, limit: $limit, atLeast: $atLeast) { entries { cursor } cursor hasMore resetRequired } } }`;

const message = (conversationId: string, text: string | null, clientMutationId = key()) => ({
  clientMutationId,
  conversationId,
  text,
});

async function clientOf(user: string): Promise<Calls> {
  const token = await server.token(user);
  return httpCalls({ address: () => server.url, token });
}

async function groupOf(client: Calls, more: object): Promise<string> {
  const input = { clientMutationId: key(), kind: "GROUP", title: "Readers", ...more };
  const { createConversation } = await client.ask<{ createConversation: { conversation: { id: string } } }>(CREATE, { input });
  return createConversation.conversation.id;
}

/** The only fault of an answer. */
async function faultOf(answering: Promise<Answer<unknown>>): Promise<Fault & { status: number }> {
  const { status, errors, data } = await answering;
  expect(errors, `an answer with data ${JSON.stringify(data)}`).toHaveLength(1);
  const [fault] = errors as [Fault];
  // Whatever is wrong is said in words, and is no fault of the server.
  expect(fault.message.length).toBeGreaterThan(5);
  expect(fault.extensions.code).not.toBe("INTERNAL");
  return { ...fault, status };
}

async function refused(client: Calls, query: string, input: object, code: string, field?: string): Promise<Fault> {
  const fault = await faultOf(client.post(query, { input }));
  expect({ code: fault.extensions.code, field: fault.extensions.field }, fault.message).toEqual({ code, field });
  return fault;
}

/** A request made by hand. */
async function raw(init: RequestInit & { query?: string } = {}): Promise<{ status: number; headers: Headers; body: string }> {
  const { query = "", headers, ...rest } = init;
  const token = await server.token("alice");
  const answer = await fetch(`${server.url}/graphql${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    ...rest,
  });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

const codeOf = (body: string): string | undefined => (JSON.parse(body) as { errors?: Fault[] }).errors?.[0]?.extensions.code;

/** Of a user whose token is good. */
async function socketOf(user: string) {
  const opened = await openSocket(server.url, { authorization: `Bearer ${await server.token(user)}` });
  await opened.next(({ type }) => type === "connection_ack");
  return opened;
}

/** What a refused operation is told over a WebSocket. */
function refusalIn({ type, payload }: Said): Fault {
  expect(["error", "next"]).toContain(type);
  const errors = type === "error" ? (payload as Fault[]) : ((payload as { errors?: Fault[] }).errors ?? []);
  expect(errors).toHaveLength(1);
  return errors[0] as Fault;
}

describe("who is not let in", () => {
  const tokens: [name: string, token: () => Promise<string | undefined>, code: number][] = [
    ["no token", async () => undefined, 4401],
    ["no token at all in the header", async () => "", 4401],
    ["a token that is none", async () => "abc", 4401],
    ["an expired token", () => server.token("alice", { expiresInSeconds: -5 }), 4403],
    ["a token signed by someone else", () => sign("x".repeat(40), { sub: "alice", expiresInSeconds: 60 }), 4401],
    [
      "a token without a signature",
      async () => `${btoa('{"alg":"none"}')}.${btoa('{"sub":"alice","exp":9999999999}')}.`.replaceAll("=", ""),
      4401,
    ],
    ["a token whose claims were changed", async () => tampered(await server.token("bob")), 4401],
  ];

  test.each(tokens)("%s: UNAUTHENTICATED", async (_, token, code) => {
    const bearer = await token();
    const answer = await httpCalls({ address: () => server.url, token: bearer }).post(VIEWER);
    const fault = await faultOf(Promise.resolve(answer));
    expect(fault).toMatchObject({ status: 401, extensions: { code: "UNAUTHENTICATED" } });
    expect(answer.headers["www-authenticate"]).toBe("Bearer");
    expect(answer.data).toBeUndefined();

    const ws = await openSocket(server.url, bearer === undefined ? {} : { authorization: `Bearer ${bearer}` });
    const closed = await ws.closing;
    expect(closed.code).toBe(code);
    expect(closed.reason).not.toBe("");
  });

  test("who never registered: NOT_FOUND that names register", async () => {
    const attempts: Promise<Answer<unknown>>[] = [
      nobody.post(VIEWER),
      nobody.post(SEND, { input: message(room, "hello") }),
      nobody.post(SEND, { input: { clientMutationId: key(), userId: "alice", text: "hello" } }),
      nobody.post(READ, { input: { clientMutationId: key(), conversationId: room, seq: 1 } }),
      nobody.post(CREATE, { input: { clientMutationId: key(), kind: "GROUP", title: "Mine" } }),
      nobody.post(JOIN, { input: { clientMutationId: key(), id: room } }),
      nobody.post(PROFILE, { input: { clientMutationId: key(), name: "Nobody" } }),
      nobody.post(`{ conversation(id: "${room}") { id } }`),
    ];
    for (const attempt of attempts) {
      const fault = await faultOf(attempt);
      expect(fault.extensions.code).toBe("NOT_FOUND");
      expect(fault.message).toContain("register");
    }
    const ws = await socketOf("nobody");
    for (const query of ["subscription { inbox { cursor } }", VIEWER]) {
      const fault = refusalIn(await ws.run(query));
      expect(fault.extensions.code).toBe("NOT_FOUND");
      expect(fault.message).toContain("register");
    }
    ws.close();
  });

  test("a socket that does not say who it is is closed", async () => {
    const ws = await openSocket(server.url);
    ws.send({ id: "1", type: "subscribe", payload: { query: VIEWER } });
    expect((await ws.closing).code).toBe(4401);
  });
});

/** Another user's name under the signature of this one. */
function tampered(token: string): string {
  const [head, claims, signature] = token.split(".") as [string, string, string];
  const changed = { ...(JSON.parse(atob(claims)) as object), sub: "alice" };
  return [head, Buffer.from(JSON.stringify(changed)).toString("base64url"), signature].join(".");
}

describe("conversations that are not one's own", () => {
  test("an unknown one", async () => {
    for (const id of ["g:nowhere", "d:bob~carol"]) {
      await refused(alice, SEND, message(id, "hello"), "NOT_FOUND", "conversationId");
      await refused(alice, READ, { clientMutationId: key(), conversationId: id, seq: 1 }, "NOT_FOUND", "conversationId");
    }
    await refused(alice, SEND, { clientMutationId: key(), userId: "zoe", text: "hello" }, "NOT_FOUND", "userId");
    await refused(alice, SEND, message("d:alice~zoe", "hello"), "NOT_FOUND", "conversationId");
    const unknown = { clientMutationId: key(), id: "g:nowhere" };
    await refused(alice, JOIN, unknown, "NOT_FOUND", "id");
    await refused(alice, LEAVE, unknown, "NOT_FOUND", "id");
    for (const id of ["g:nowhere", "d:bob~carol", "d:alice~zoe"])
      expect((await alice.ask<{ conversation: unknown }>(`{ conversation(id: "${id}") { id } }`)).conversation).toBeNull();
    const ws = await socketOf("alice");
    for (const id of ["g:nowhere", "d:bob~carol"]) {
      const fault = refusalIn(await ws.run(`subscription { conversation(id: "${id}") { cursor } }`));
      expect(fault.extensions).toMatchObject({ code: "NOT_FOUND", field: "id" });
    }
    ws.close();
  });

  test("one that exists, and has other members: NOT_FOUND, as one that does not", async () => {
    const of = { clientMutationId: key(), conversationId: room };
    await refused(carol, SEND, message(room, "hello"), "NOT_FOUND", "conversationId");
    await refused(carol, EDIT, { ...of, seq: 1, text: "mine" }, "NOT_FOUND", "conversationId");
    await refused(carol, RECALL, { ...of, seq: 1 }, "NOT_FOUND", "conversationId");
    await refused(carol, READ, { ...of, seq: 1 }, "NOT_FOUND", "conversationId");
    await refused(carol, ADD, { ...of, userIds: ["carol"] }, "NOT_FOUND", "conversationId");
    await refused(carol, REMOVE, { ...of, userIds: ["bob"] }, "NOT_FOUND", "conversationId");
    await refused(carol, ROLE, { ...of, userId: "carol", role: "ADMIN" }, "NOT_FOUND", "conversationId");
    await refused(carol, TRANSFER, { ...of, userId: "carol" }, "NOT_FOUND", "conversationId");
    await refused(carol, JOIN, { clientMutationId: key(), id: room }, "NOT_FOUND", "id");
    const { conversation, node } = await carol.ask<{ conversation: unknown; node: unknown }>(
      `{ conversation(id: "${room}") { id } node(id: "${room}:1") { id } }`,
    );
    expect({ conversation, node }).toEqual({ conversation: null, node: null });
  });

  test("what only others may do: FORBIDDEN", async () => {
    const of = { clientMutationId: key(), conversationId: room };
    await refused(bob, EDIT, { ...of, seq: 1, text: "mine" }, "FORBIDDEN", "seq");
    await refused(bob, RECALL, { ...of, seq: 1 }, "FORBIDDEN", "seq");
    await refused(bob, ADD, { ...of, userIds: ["carol"] }, "FORBIDDEN", "conversationId");
    await refused(bob, REMOVE, { ...of, userIds: ["alice"] }, "FORBIDDEN", "conversationId");
    await refused(bob, ROLE, { ...of, userId: "bob", role: "ADMIN" }, "FORBIDDEN", "conversationId");
    await refused(bob, TRANSFER, { ...of, userId: "bob" }, "FORBIDDEN", "conversationId");
    await refused(
      bob,
      IMPORT,
      { clientMutationId: key(), messages: [{ key: "1", conversation: "c", sender: "s", text: "t" }] },
      "FORBIDDEN",
    );
  });

  test("what a group does not allow", async () => {
    const of = { clientMutationId: key(), conversationId: room };
    await refused(alice, TRANSFER, { ...of, userId: "carol" }, "NOT_FOUND", "userId");
    await refused(alice, ROLE, { ...of, userId: "carol", role: "ADMIN" }, "NOT_FOUND", "userId");
    await refused(alice, ROLE, { ...of, userId: "bob", role: "OWNER" }, "BAD_INPUT", "role");
    await refused(alice, REMOVE, { ...of, userIds: ["alice"] }, "BAD_INPUT", "userIds");
    await refused(alice, ADD, { ...of, userIds: ["zoe"] }, "NOT_FOUND", "userIds");
    await refused(alice, LEAVE, { clientMutationId: key(), id: room }, "CONFLICT", "id");
    for (const name of ["dave", "erin", "frank"])
      await (await clientOf(name)).ask(REGISTER, { input: { clientMutationId: key(), handle: name, name } });
    await refused(alice, ADD, { ...of, userIds: ["carol", "dave", "erin"] }, "LIMIT_EXCEEDED", "conversationId");
    const many = { clientMutationId: key(), kind: "GROUP", title: "Many", memberIds: ["bob", "carol", "dave", "erin", "frank"] };
    await refused(alice, CREATE, many, "LIMIT_EXCEEDED", "memberIds");
  });
});

describe("what a message cannot be", () => {
  const cases: [name: string, input: object, field: string][] = [
    ["empty", { text: "" }, "text"],
    ["absent", {}, "text"],
    ["null", { text: null }, "text"],
    ["blank", { text: " \n\t\u00a0\u2003" }, "text"],
    ["too long", { text: "x".repeat(16_385) }, "text"],
    ["too long in characters of two units", { text: "😀".repeat(16_385) }, "text"],
    ["with U+0000", { text: "a\0b" }, "text"],
    ["with half a character", { text: "a\ud800b" }, "text"],
    ["with a topic too long", { text: "a", topic: "t".repeat(129) }, "topic"],
    ["a picture without one", { kind: "IMAGE" }, "attachments"],
    [
      "with an attachment that is no address",
      { text: "a", attachments: [file({ url: "javascript:alert(1)" })] },
      "attachments.0.url",
    ],
    ["with an attachment of less than nothing", { text: "a", attachments: [file({ size: -1 })] }, "attachments.0.size"],
    ["with an attachment of no type", { text: "a", attachments: [file({ mediaType: "png" })] }, "attachments.0.mediaType"],
    ["with too many attachments", { text: "a", attachments: Array.from({ length: 33 }, () => file()) }, "attachments"],
    ["that mentions too many", { text: "a", mentions: Array.from({ length: 129 }, (_, n) => `u${n}`) }, "mentions"],
    ["that mentions what is no user's id", { text: "a", mentions: ["a b"] }, "mentions.0"],
    ["an answer to the message before the first", { text: "a", replyTo: 0 }, "replyTo"],
  ];

  test.each(cases)("%s: BAD_INPUT", async (_, input, field) => {
    await refused(alice, SEND, { clientMutationId: key(), conversationId: room, ...input }, "BAD_INPUT", field);
  });

  test("the longest that it can be goes through", async () => {
    await alice.ask(SEND, { input: message(closed, "x".repeat(16_384)) });
    await alice.ask(SEND, { input: message(closed, "😀".repeat(8_192)) });
  });

  test("the same holds for an edit", async () => {
    const of = { clientMutationId: key(), conversationId: room, seq: 1 };
    for (const text of ["", "  ", "x".repeat(16_385), "a\0"]) await refused(alice, EDIT, { ...of, text }, "BAD_INPUT", "text");
  });

  test("an answer to, or an edit of, a message that there is not: NOT_FOUND", async () => {
    await refused(alice, SEND, { ...message(room, "hello"), replyTo: 4_711 }, "NOT_FOUND", "replyTo");
    const of = { clientMutationId: key(), conversationId: room, seq: 4_711 };
    await refused(alice, EDIT, { ...of, text: "new" }, "NOT_FOUND", "seq");
    await refused(alice, RECALL, of, "NOT_FOUND", "seq");
  });

  test("it goes to one place, and to someone else", async () => {
    await refused(alice, SEND, { clientMutationId: key(), text: "hello" }, "BAD_INPUT", "conversationId");
    await refused(alice, SEND, { ...message(room, "hello"), userId: "bob" }, "BAD_INPUT", "userId");
    await refused(alice, SEND, { clientMutationId: key(), userId: "alice", text: "hello" }, "BAD_INPUT", "userId");
    await refused(alice, SEND, { ...message(room, "hello"), mentions: ["zoe"] }, "NOT_FOUND", "mentions");
  });
});

function file(more: object = {}) {
  return { url: "https://files.example.org/1", name: "1.png", mediaType: "image/png", size: 1, ...more };
}

describe("malformed ids", () => {
  const malformed = [
    "",
    "room",
    "g:",
    "g:a b",
    `g:${"x".repeat(65)}`,
    "d:alice",
    "d:bob~alice",
    "d:alice~alice",
    "d:alice~bob~carol",
    "c:",
    "g:a\0",
  ];

  test.each(malformed)("%j is no conversation's id", async (id) => {
    await refused(alice, SEND, message(id, "hello"), "BAD_INPUT", "conversationId");
    await refused(alice, READ, { clientMutationId: key(), conversationId: id, seq: 1 }, "BAD_INPUT", "conversationId");
    await refused(alice, JOIN, { clientMutationId: key(), id }, "BAD_INPUT", "id");
    const fault = await faultOf(alice.post(`query Of($id: ID!) { conversation(id: $id) { id } }`, { id }));
    expect(fault.extensions).toEqual({ code: "BAD_INPUT", field: "id" });
  });

  test.each(["", "a b", "a:b", "-a", "~", "x".repeat(65), "ä"])("%j is no user's id", async (userId) => {
    await refused(alice, SEND, { clientMutationId: key(), userId, text: "hello" }, "BAD_INPUT", "userId");
    await refused(alice, ADD, { clientMutationId: key(), conversationId: room, userIds: [userId] }, "BAD_INPUT", "userIds.0");
    const fault = await faultOf(alice.post(`query Of($id: ID!) { user(id: $id) { id } }`, { id: userId }));
    expect(fault.extensions).toEqual({ code: "BAD_INPUT", field: "id" });
  });

  test.each(["", "g:a:0", "g:a:-1", "g:a:x", "x:y:1"])("%j is no node's id", async (id) => {
    const fault = await faultOf(alice.post(`query Of($id: ID!) { node(id: $id) { id } }`, { id }));
    expect(fault.extensions).toEqual({ code: "BAD_INPUT", field: "id" });
  });

  test("a group's call on a direct conversation, a message's seq out of range", async () => {
    await refused(
      alice,
      ADD,
      { clientMutationId: key(), conversationId: "d:alice~bob", userIds: ["carol"] },
      "BAD_INPUT",
      "conversationId",
    );
    for (const seq of [0, -1])
      await refused(alice, READ, { clientMutationId: key(), conversationId: room, seq }, "BAD_INPUT", "seq");
    expect((await faultOf(alice.post(`{ conversation(id: "${room}") { message(seq: 0) { id } } }`))).extensions).toEqual({
      code: "BAD_INPUT",
      field: "seq",
    });
  });
});

describe("cursors", () => {
  const malformed = [
    "",
    "x",
    "12345678.",
    "12345678.1",
    "ABCDEFGH.00000000001",
    `${"a".repeat(8)}.${"0".repeat(41)}`,
    "abcdefgh.0000000000\0",
  ];

  test.each(malformed)("%j is none: BAD_INPUT", async (cursor) => {
    for (const variables of [{ after: cursor }, { atLeast: cursor }]) {
      const fault = await faultOf(alice.post(SYNC, variables));
      expect(fault.extensions).toEqual({ code: "BAD_INPUT", field: Object.keys(variables)[0] });
    }
    const ws = await socketOf("alice");
    const inbox = `subscription Inbox($after: Cursor) { inbox(after: $after) { __typename cursor } }`;
    expect(refusalIn(await ws.run(inbox, { after: cursor })).extensions).toEqual({ code: "BAD_INPUT", field: "after" });
    ws.close();
  });

  test.each([
    ["of another log", () => FOREIGN],
    ["beyond the log's end", () => beyond],
  ])("one %s: begin afresh", async (_, cursor) => {
    const { viewer } = await alice.ask<{ viewer: { sync: { entries: unknown[]; resetRequired: boolean; cursor: string } } }>(
      SYNC,
      {
        after: cursor(),
      },
    );
    expect(viewer.sync).toMatchObject({ entries: [], resetRequired: true, hasMore: false });
    // From its cursor one goes on.
    const on = await alice.ask<{ viewer: { sync: object } }>(SYNC, { after: viewer.sync.cursor });
    expect(on.viewer.sync).toMatchObject({ resetRequired: false });

    const ws = await socketOf("alice");
    for (const field of ["inbox(after: $after)", `conversation(id: "${room}", after: $after)`]) {
      const query = `subscription Told($after: Cursor) { told: ${field} { __typename cursor } }`;
      const said = await ws.first(2, query, { after: cursor() });
      const entries = said.map(
        ({ payload }) => (payload as { data: { told: { __typename: string; cursor: string } } }).data.told,
      );
      expect(entries.map(({ __typename }) => __typename)).toEqual(["InboxReset", "InboxCaughtUp"]);
      expect(entries[0]?.cursor).toBe(viewer.sync.cursor);
    }
    ws.close();
  });

  test("to wait for one of another log: BAD_INPUT; for one beyond the end: UNAVAILABLE, in time", async () => {
    expect((await faultOf(alice.post(SYNC, { atLeast: FOREIGN }))).extensions).toEqual({ code: "BAD_INPUT", field: "atLeast" });
    const fault = await faultOf(alice.post(SYNC, { atLeast: beyond }));
    expect(fault.extensions).toMatchObject({ code: "UNAVAILABLE" });
    expect(fault.extensions.retryAfterMs).toBeGreaterThan(0);
  });

  test.each([
    ["viewer { conversations(after: %) { cursor } }", "after"],
    ["viewer { groups(after: %) { cursor } }", "after"],
    ["conversation(id: ROOM) { members(after: %) { pageInfo { endCursor } } }", "after"],
    ["conversation(id: ROOM) { messages(first: 5, after: %) { pageInfo { endCursor } } }", "after"],
    ["conversation(id: ROOM) { messages(last: 5, before: %) { pageInfo { endCursor } } }", "before"],
  ])("an edge's cursor in %s: BAD_INPUT", async (query, field) => {
    for (const cursor of ["x", "%%%", "-1", "1.5", '{"a":1}', btoa("[1,2]"), btoa("null")]) {
      const text = `{ ${query.replace("ROOM", JSON.stringify(room)).replace("%", () => JSON.stringify(cursor))} }`;
      expect((await faultOf(alice.post(text))).extensions, cursor).toEqual({ code: "BAD_INPUT", field });
    }
  });
});

describe("pages", () => {
  const paged: [query: string, field: string][] = [
    ["viewer { conversations(first: %) { cursor } }", "first"],
    ["viewer { groups(first: %) { cursor } }", "first"],
    ["conversation(id: ROOM) { members(first: %) { pageInfo { endCursor } } }", "first"],
    ["conversation(id: ROOM) { messages(first: %) { pageInfo { endCursor } } }", "first"],
    ["conversation(id: ROOM) { messages(last: %) { pageInfo { endCursor } } }", "last"],
  ];

  test.each(paged)("%s of 0, -1 and 101: BAD_INPUT, of 1 and 100 not", async (query, field) => {
    const sized = (size: number) => `{ ${query.replace("ROOM", JSON.stringify(room)).replace("%", String(size))} }`;
    for (const size of [0, -1, 101, -2_147_483_648])
      expect((await faultOf(alice.post(sized(size)))).extensions, String(size)).toEqual({ code: "BAD_INPUT", field });
    // So much is too dear to be looked at.
    expect((await faultOf(alice.post(sized(2_147_483_647)))).extensions.code).toBe("BAD_INPUT");
    for (const size of [1, 100]) expect((await alice.post(sized(size))).errors).toBeUndefined();
  });

  test("sync gives 1 to 500 entries", async () => {
    for (const limit of [0, -1, 501])
      expect((await faultOf(alice.post(SYNC, { limit }))).extensions).toEqual({ code: "BAD_INPUT", field: "limit" });
    expect((await alice.post(SYNC, { limit: 500 })).errors).toBeUndefined();
  });

  test("first and last at once: BAD_INPUT", async () => {
    const query = `{ conversation(id: "${room}") { messages(first: 1, last: 1) { pageInfo { endCursor } } } }`;
    expect((await faultOf(alice.post(query))).extensions).toEqual({ code: "BAD_INPUT", field: "last" });
  });
});

describe("documents", () => {
  const nested = (levels: number) =>
    `{ conversation(id: "${"g:x"}") { ${"lastMessage { conversation { ".repeat(levels)} id ${"} }".repeat(levels)} } }`;
  const cases: [name: string, query: string, variables?: Variables][] = [
    ["too deep", nested(20)],
    ["too many aliases", `{ ${Array.from({ length: 60 }, (_, n) => `a${n}: user(id: "alice") { id }`).join(" ")} }`],
    ["too long", `{ ${"viewer { user { id } } ".repeat(600)} }`],
    [
      "too dear",
      `{ viewer { conversations(first: 100) { edges { node { members(first: 100) { edges { node { user { id name } } } } messages(first: 100) { edges { node { text sender { name } } } } } } } } }`,
    ],
    ["not GraphQL", "{ viewer { "],
    ["no operation in it", "fragment Name on User { name }"],
    ["a field that there is not", "{ viewer { user { id password } } }"],
    ["an operation that there is not", "mutation { dropEverything { cursor } }"],
    ["an argument that there is not", `{ user(name: "alice") { id } }`],
    ["an object without a selection", "{ viewer }"],
    ["a required variable that is not given", `query Of($id: ID!) { user(id: $id) { id } }`],
    ["a variable of the wrong type", SEND, { input: "hello" }],
    ["a member of the wrong type", SEND, { input: { clientMutationId: "1", conversationId: "g:a", text: 5 } }],
    ["a member that there is not", SEND, { input: { clientMutationId: "1", conversationId: "g:a", text: "a", colour: "red" } }],
    ["a member that is missing", SEND, { input: { conversationId: "g:a", text: "a" } }],
    ["a value that the enumeration lacks", SEND, { input: { clientMutationId: "1", conversationId: "g:a", kind: "SMELL" } }],
    ["a number too large", READ, { input: { clientMutationId: "1", conversationId: "g:a", seq: 2 ** 31 } }],
    ["a number with a fraction", READ, { input: { clientMutationId: "1", conversationId: "g:a", seq: 1.5 } }],
  ];

  test.each(cases)("%s: BAD_INPUT", async (_, query, variables) => {
    const { status, errors, data } = await alice.post(query, variables);
    expect(errors?.length).toBeGreaterThan(0);
    for (const { extensions } of errors ?? []) expect(extensions.code).toBe("BAD_INPUT");
    expect(status).toBe(400);
    expect(data).toBeUndefined();

    const ws = await socketOf("alice");
    const answer = await ws.run(query, variables);
    expect(answer.type).toBe("error");
    for (const { extensions } of answer.payload as Fault[]) expect(extensions.code).toBe("BAD_INPUT");
    // The connection goes on.
    expect((await ws.run(VIEWER)).type).toBe("next");
    ws.close();
  });

  test("an operation by a name that the document lacks, and several without a name", async () => {
    const query = "query One { viewer { user { id } } } query Two { viewer { user { id } } }";
    for (const operationName of ["Three", undefined]) {
      const { status, body } = await raw({ body: JSON.stringify({ query, operationName }) });
      expect({ status, code: codeOf(body) }).toEqual({ status: 200, code: "BAD_INPUT" });
    }
  });
});

describe("requests", () => {
  const bodies: [name: string, body: string][] = [
    ["empty", ""],
    ["not JSON", "{ viewer"],
    ["a list", `[{"query":"{ viewer { user { id } } }"}]`],
    ["null", "null"],
    ["a text", `"{ viewer { user { id } } }"`],
    ["without a query", "{}"],
    ["with a query that is no text", `{"query":{"a":1}}`],
    ["with variables that are no object", `{"query":"{ viewer { user { id } } }","variables":[1]}`],
    ["with an operation's name that is no text", `{"query":"{ viewer { user { id } } }","operationName":5}`],
  ];

  test.each(bodies)("a body that is %s: BAD_INPUT", async (_, body) => {
    const answer = await raw({ body });
    expect({ status: answer.status, code: codeOf(answer.body) }).toEqual({ status: 400, code: "BAD_INPUT" });
  });

  test("a body too large: 413, over the WebSocket an error of its operation; one that is far too large ends the connection", async () => {
    const of = (length: number) => ({ query: VIEWER, variables: { padding: "x".repeat(length) } });
    const answer = await raw({ body: JSON.stringify(of(200_000)) });
    expect({ status: answer.status, code: codeOf(answer.body) }).toEqual({ status: 413, code: "BAD_INPUT" });
    const ws = await socketOf("alice");
    ws.send({ id: "1", type: "subscribe", payload: of(200_000) });
    expect(refusalIn(await ws.next(({ id }) => id === "1")).extensions.code).toBe("BAD_INPUT");
    ws.send({ id: "2", type: "subscribe", payload: of(2_000_000) });
    expect((await ws.closing).code).toBe(1009);
  });

  test("another media type: 415; one that is not given out: 406", async () => {
    const typed = await raw({ body: VIEWER, headers: { "content-type": "text/plain" } });
    expect({ status: typed.status, code: codeOf(typed.body) }).toEqual({ status: 415, code: "BAD_INPUT" });
    const wanted = await raw({ body: JSON.stringify({ query: VIEWER }), headers: { accept: "text/html" } });
    expect({ status: wanted.status, code: codeOf(wanted.body) }).toEqual({ status: 406, code: "BAD_INPUT" });
  });

  test("a mutation by GET: 405, and nothing is done", async () => {
    const query = `mutation { sendMessage(input: { clientMutationId: "by-get", conversationId: "${room}", text: "by GET" }) { cursor } }`;
    const before = await lastSeq();
    const answer = await raw({ method: "GET", query: `?query=${encodeURIComponent(query)}` });
    expect({ status: answer.status, code: codeOf(answer.body) }).toEqual({ status: 405, code: "BAD_INPUT" });
    expect(answer.headers.get("allow")).toBe("POST");
    expect(await lastSeq()).toBe(before);
    expect((await raw({ method: "GET", query: `?query=${encodeURIComponent(VIEWER)}` })).status).toBe(200);
    const wrong = await raw({ method: "GET", query: `?query=${encodeURIComponent(VIEWER)}&variables={` });
    expect({ status: wrong.status, code: codeOf(wrong.body) }).toEqual({ status: 400, code: "BAD_INPUT" });
  });

  test("a subscription over HTTP: BAD_INPUT that says where it goes", async () => {
    const fault = await faultOf(alice.post("subscription { inbox { cursor } }"));
    expect(fault).toMatchObject({ status: 400, extensions: { code: "BAD_INPUT" } });
    expect(fault.message).toContain("WebSocket");
  });

  test("what is no message of the protocol closes the socket", async () => {
    for (const text of ["{", "5", `{"type":"hello"}`]) {
      const ws = await socketOf("alice");
      ws.send(text);
      expect((await ws.closing).code).toBe(4400);
    }
    const twice = await socketOf("alice");
    twice.send({ type: "connection_init", payload: {} });
    expect((await twice.closing).code).toBe(4429);
  });

  async function lastSeq(): Promise<number> {
    const answer = await alice.ask<{ conversation: { lastSeq: number } }>(`{ conversation(id: "${room}") { lastSeq } }`);
    return answer.conversation.lastSeq;
  }
});

describe("clientMutationId", () => {
  test.each([
    ["empty", ""],
    ["blank", "   "],
    ["too long", "k".repeat(129)],
    ["with U+0000", "a\0b"],
    ["with half a character", "\udfff"],
  ])("one that is %s: BAD_INPUT", async (_, clientMutationId) => {
    const field = "clientMutationId";
    await refused(alice, SEND, message(room, "hello", clientMutationId), "BAD_INPUT", field);
    await refused(alice, CREATE, { clientMutationId, kind: "GROUP", title: "Mine" }, "BAD_INPUT", field);
    await refused(alice, READ, { clientMutationId, conversationId: room, seq: 1 }, "BAD_INPUT", field);
    await refused(carol, REGISTER, { clientMutationId, handle: "carol", name: "Carol" }, "BAD_INPUT", field);
  });

  test("the same again with other content: CONFLICT, and the first stays", async () => {
    await refused(alice, SEND, message(room, "something else", "first"), "CONFLICT", "clientMutationId");
    await refused(alice, SEND, { ...message(room, "first", "first"), replyTo: 1 }, "CONFLICT", "clientMutationId");
    const again = await alice.ask<{ sendMessage: { message: { id: string } } }>(SEND, { input: message(room, "first", "first") });
    expect(again.sendMessage.message.id).toBe(`${room}:1`);
    const create = { clientMutationId: "create", kind: "GROUP", title: "One" };
    await alice.ask(CREATE, { input: create });
    await refused(alice, CREATE, { ...create, title: "Two" }, "CONFLICT", "clientMutationId");
    await refused(
      bob,
      REGISTER,
      { clientMutationId: "register-bob", handle: "robert", name: "bob" },
      "CONFLICT",
      "clientMutationId",
    );
    // Someone else's, or for another conversation, is another one.
    await bob.ask(SEND, { input: message(room, "bob's first", "first") });
    await alice.ask(SEND, { input: message(closed, "alice's other first", "first") });
  });

  test("at the same moment with other content: one is stored", async () => {
    const clientMutationId = key();
    const answers = await Promise.all(
      ["one", "two"].map((text) => alice.post(SEND, { input: message(room, text, clientMutationId) })),
    );
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code ?? "stored");
    expect(codes.sort()).toEqual(["CONFLICT", "stored"]);
  });
});

describe("people", () => {
  test.each(["", "  ", "@", "a b", "-a", ".a", "a/b", "a\u200bb", "x".repeat(65), "a:b", "\ud800"])(
    "the handle %j: BAD_INPUT",
    async (handle) => {
      await refused(nobody, REGISTER, { clientMutationId: key(), handle, name: "Nobody" }, "BAD_INPUT", "handle");
      await refused(carol, PROFILE, { clientMutationId: key(), handle }, "BAD_INPUT", "handle");
    },
  );

  test.each(["alice", "ALICE", " @Alice ", "ａｌｉｃｅ"])("the handle %j is taken: CONFLICT", async (handle) => {
    await refused(nobody, REGISTER, { clientMutationId: key(), handle, name: "Nobody" }, "CONFLICT", "handle");
    await refused(carol, PROFILE, { clientMutationId: key(), handle }, "CONFLICT", "handle");
  });

  test("who registered does so once", async () => {
    await refused(alice, REGISTER, { clientMutationId: key(), handle: "alice2", name: "Alice" }, "CONFLICT");
    // And has not taken that handle meanwhile.
    const handle = `free${Date.now()}`;
    await refused(alice, REGISTER, { clientMutationId: key(), handle, name: "Alice" }, "CONFLICT");
    const other = await clientOf("heidi");
    await other.ask(REGISTER, { input: { clientMutationId: key(), handle, name: "Heidi" } });
  });

  test.each([
    ["an empty name", { name: "" }, "name"],
    ["a blank name", { name: " \t" }, "name"],
    ["a name too long", { name: "n".repeat(129) }, "name"],
    ["a signature too long", { signature: "s".repeat(1_025) }, "signature"],
    ["a birthday that is none", { birthday: "1990-02-30" }, "birthday"],
    ["a birthday to come", { birthday: "2999-01-01" }, "birthday"],
    ["too many tags", { tags: Array.from({ length: 65 }, (_, n) => ({ name: `t${n}` })) }, "tags"],
    ["a tag without a name", { tags: [{ name: " " }] }, "tags.0.name"],
    ["a tag's score below 0", { tags: [{ name: "a", score: -1 }] }, "tags.0.score"],
  ])("%s: BAD_INPUT", async (_, more, field) => {
    await refused(nobody, REGISTER, { clientMutationId: key(), handle: "nobody", name: "Nobody", ...more }, "BAD_INPUT", field);
    await refused(carol, PROFILE, { clientMutationId: key(), ...more }, "BAD_INPUT", field);
  });

  test("a picture that is no address: BAD_INPUT", async () => {
    for (const avatarUrl of ["ftp://example.org/a", "a", "javascript:alert(1)"]) {
      const { errors } = await carol.post(PROFILE, { input: { clientMutationId: key(), avatarUrl } });
      expect(errors?.[0]?.extensions.code).toBe("BAD_INPUT");
    }
  });

  test("by id or by handle, one of them", async () => {
    for (const query of ["{ user { id } }", `{ user(id: "alice", handle: "alice") { id } }`])
      expect((await faultOf(alice.post(query))).extensions).toEqual({ code: "BAD_INPUT", field: "id" });
    const none = await alice.ask(`{ byId: user(id: "zoe") { id } byHandle: user(handle: "zoe") { id } }`);
    expect(none).toEqual({ byId: null, byHandle: null });
  });
});

describe("groups", () => {
  test.each([
    ["direct", { kind: "DIRECT" }, "BAD_INPUT", "kind"],
    ["a channel without a title", { kind: "CHANNEL", title: " " }, "BAD_INPUT", "title"],
    ["without a title", { title: " " }, "BAD_INPUT", "title"],
    ["with a title too long", { title: "t".repeat(129) }, "BAD_INPUT", "title"],
    ["with members that are no users' ids", { memberIds: ["a b"] }, "BAD_INPUT", "memberIds.0"],
    ["with members that there are not", { memberIds: ["zoe"] }, "NOT_FOUND", "memberIds"],
    ["with a description too long", { description: "d".repeat(4_097) }, "BAD_INPUT", "description"],
  ])("one that is %s", async (_, more, code, field) => {
    await refused(alice, CREATE, { clientMutationId: key(), kind: "GROUP", title: "Readers", ...more }, code, field);
  });

  test("nobody is added to, or removed from, nothing", async () => {
    for (const query of [ADD, REMOVE])
      await refused(alice, query, { clientMutationId: key(), conversationId: room, userIds: [] }, "BAD_INPUT", "userIds");
  });
});

test("none of it was the server's fault, and it is as ready as before", async () => {
  expect(server.faults()).toEqual([]);
  expect((await server.readiness()).status).toBe(200);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('tidings_errors_total{code="BAD_INPUT"}');
  expect(metrics).toMatch(/^tidings_errors_total\{code="INTERNAL"\} 0$/m);
});

test("an address that there is not: 404", async () => {
  expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
});
