import { afterEach, describe, expect, test } from "vitest";
import { directConversationOf, streams } from "../../../src/domain/ids.ts";
import type { Refusal } from "../../../src/domain/refusal.ts";
import { ageOn } from "../../../src/api/users/age.ts";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

const begin = async (options: Parameters<typeof apiWorld>[0] = {}) => {
  here = await apiWorld(options);
  return here;
};

const refusal = (asked: Promise<unknown>) =>
  asked.then(
    () => expect.unreachable("it was not refused"),
    ({ code, field, message }: Refusal) => ({ code, field, message }),
  );

const seen = async (user: string, id: string, fields = "id"): Promise<Json | null> =>
  (await here.ask(user, `query ($id: ID!) { conversation(id: $id) { ${fields} } }`, { id }))["conversation"] as Json | null;

describe("who has not registered", () => {
  test("is told to, whatever they ask for", async () => {
    const { ask, inbox, listen } = await begin();
    for (const asked of [
      ask("ann", "{ viewer { unreadTotal } }"),
      ask("ann", `{ node(id: "ann") { id } }`),
      ask("ann", `{ user(id: "ann") { id } }`),
      ask("ann", `{ conversation(id: "g:a") { id } }`),
      ask("ann", `mutation { join(input: { clientMutationId: "k", id: "g:a" }) { cursor } }`),
      inbox("ann"),
      listen("ann", "g:a"),
    ]) {
      expect(await refusal(asked)).toMatchObject({ code: "NOT_FOUND", message: expect.stringContaining("register") as string });
    }
  });

  test("may read single things with the scope admin", async () => {
    const { ask, register } = await begin();
    await register("ann");
    expect(await ask("root", `{ user(handle: "@Ann") { id name } }`, {}, true)).toStrictEqual({
      user: { id: "ann", name: "ANN" },
    });
    expect(await refusal(ask("root", "{ viewer { unreadTotal } }", {}, true))).toMatchObject({ code: "NOT_FOUND" });
  });

  test("is known as soon as they have, though the views are late", async () => {
    const { ask, services, fold } = await begin({ manual: true });
    const registering = ask(
      "ann",
      `mutation { register(input: { clientMutationId: "k", handle: "ann", name: "Ann" }) { cursor } }`,
    );
    await registering;
    const asked = ask("ann", "{ viewer { user { handle } } }");
    await fold();
    expect(await asked).toStrictEqual({ viewer: { user: { handle: "ann" } } });
    expect(services.watermark.current()).toBe(await services.log.end());
  });
});

describe("a user", () => {
  test("is found by id, handle and node; nobody is null", async () => {
    const { ask, register } = await begin();
    await register("ann", "bob");
    const found = await ask(
      "ann",
      `{ byId: user(id: "bob") { ...f } byHandle: user(handle: " @BOB") { ...f } node(id: "bob") { ...f }
         none: user(id: "eve") { id } nobody: user(handle: "eve") { id } nothing: node(id: "eve") { id } }
       fragment f on User { id handle name avatarUrl gender age signature tags { name } directConversationId }`,
    );
    const bob = {
      id: "bob",
      handle: "bob",
      name: "BOB",
      avatarUrl: null,
      gender: null,
      age: null,
      signature: null,
      tags: [],
      directConversationId: "d:ann~bob",
    };
    expect(found).toStrictEqual({ byId: bob, byHandle: bob, node: bob, none: null, nobody: null, nothing: null });
  });

  test("is asked for by one of id and handle, well formed", async () => {
    const { ask, register } = await begin();
    await register("ann");
    expect(await refusal(ask("ann", "{ user { id } }"))).toMatchObject({ code: "BAD_INPUT", field: "id" });
    expect(await refusal(ask("ann", `{ user(id: "ann", handle: "ann") { id } }`))).toMatchObject({
      code: "BAD_INPUT",
      field: "id",
    });
    expect(await refusal(ask("ann", `{ user(handle: "a b") { id } }`))).toMatchObject({ code: "BAD_INPUT", field: "handle" });
    expect(await refusal(ask("ann", `{ user(id: "a~b") { id } }`))).toMatchObject({ code: "BAD_INPUT", field: "id" });
    expect(await refusal(ask("ann", `{ node(id: "x:1") { id } }`))).toMatchObject({ code: "BAD_INPUT", field: "id" });
    expect(await refusal(ask("ann", `{ conversation(id: "d:b~a") { id } }`))).toMatchObject({ code: "BAD_INPUT", field: "id" });
  });

  test("grows older on the birthday", () => {
    const on = (day: string, birthday: string) => ageOn(new Date(`${day}T12:00:00Z`), birthday);
    expect(on("2026-05-03", "2000-05-04")).toBe(25);
    expect(on("2026-05-04", "2000-05-04")).toBe(26);
    expect(on("2025-02-28", "2000-02-29")).toBe(24);
    expect(on("2025-03-01", "2000-02-29")).toBe(25);
    expect(on("2026-05-04", "2026-05-04")).toBe(0);
  });
});

describe("a payload", () => {
  test("waits for the views only where rows are asked for", async () => {
    const { ask, register, fold, folding, services } = await begin({ manual: true });
    await register("ann", "bob");
    await fold();
    const sent = (fields: string) =>
      ask(
        "ann",
        `mutation { sendMessage(input: { clientMutationId: "${fields.length}", userId: "bob", text: "hi" }) { ${fields} } }`,
      );
    const before = services.watermark.current();
    expect(await sent("cursor message { id seq text sender { id } conversation { id kind memberCount } }")).toMatchObject({
      sendMessage: { message: { id: "d:ann~bob:1", seq: 1, text: "hi", conversation: { kind: "DIRECT" } } },
    });
    expect(services.watermark.current()).toBe(before);
    expect(await folding(sent("message { conversation { lastSeq title } }"))).toStrictEqual({
      sendMessage: { message: { conversation: { lastSeq: 2, title: "BOB" } } },
    });
  });

  test("of a message sent costs no read of the views", async () => {
    const { ask, register, reads } = await begin();
    await register("ann", "bob");
    const send = (call: string) =>
      ask(
        "ann",
        `mutation { sendMessage(input: { clientMutationId: "${call}", userId: "bob", text: "hi" }) { cursor message { id seq } } }`,
      );
    await send("1");
    await here.ask("ann", "{ viewer { unreadTotal } }", {});
    const command = here.services.commands.sendMessage;
    let during = 0;
    here.services.commands.sendMessage = async (...of) => {
      const sent = await command(...of);
      reads.reset();
      during = 1;
      return sent;
    };
    expect(await send("2")).toMatchObject({ sendMessage: { message: { seq: 2 } } });
    expect(during).toBe(1);
    // What the projections' runner reads of its own is kept in its memory.
    expect(reads).toMatchObject({ get: 0, getMany: 0, range: 0 });
  });

  test("of a change shows the message as it is now", async () => {
    const { ask, register, send } = await begin();
    await register("ann", "bob");
    await send("ann", "bob", "helo");
    const edited = await ask(
      "ann",
      `mutation { editMessage(input: { clientMutationId: "e", conversationId: "d:ann~bob", seq: 1, text: "hello" }) { message { text editedAt recalledAt } } }`,
    );
    expect(edited).toMatchObject({
      editMessage: { message: { text: "hello", editedAt: expect.any(String) as string, recalledAt: null } },
    });
    const recalled = await ask(
      "ann",
      `mutation { recallMessage(input: { clientMutationId: "r", conversationId: "d:ann~bob", seq: 1 }) { message { text } } }`,
    );
    expect(recalled).toStrictEqual({ recallMessage: { message: { text: null } } });
  });

  test("of a group shows what was done to it", async () => {
    const { ask, register, group } = await begin();
    await register("ann", "bob", "cat");
    const id = await group("ann", ["bob"], { joinPolicy: "OPEN" });
    const shown = "conversation { memberCount members { edges { node { user { id } role } } } membership { role joinedSeq } }";
    const call = async (user: string, field: string, type: string, more: Json) => {
      const input = { clientMutationId: here.key(), ...more };
      const made = (await ask(user, `mutation ($input: ${type}!) { ${field}(input: $input) { ${shown} } }`, { input }))[field];
      const { conversation } = made as {
        conversation: { memberCount: number; members: { edges: { node: Json & { user: Json } }[] }; membership: Json };
      };
      return [
        conversation.memberCount,
        conversation.members.edges.map(({ node }) => `${String(node.user["id"])} ${String(node["role"])}`).join(),
        conversation.membership?.["role"],
      ];
    };
    expect(await call("cat", "join", "JoinInput", { id })).toStrictEqual([3, "ann OWNER,bob MEMBER,cat MEMBER", "MEMBER"]);
    expect(await call("ann", "setRole", "SetRoleInput", { conversationId: id, userId: "bob", role: "ADMIN" })).toStrictEqual([
      3,
      "ann OWNER,bob ADMIN,cat MEMBER",
      "OWNER",
    ]);
    expect(await call("bob", "removeMembers", "MembersInput", { conversationId: id, userIds: ["cat"] })).toStrictEqual([
      2,
      "ann OWNER,bob ADMIN",
      "ADMIN",
    ]);
    expect(await call("ann", "transferOwnership", "MemberInput", { conversationId: id, userId: "bob" })).toStrictEqual([
      2,
      "ann ADMIN,bob OWNER",
      "ADMIN",
    ]);
    expect(await call("bob", "addMembers", "MembersInput", { conversationId: id, userIds: ["cat"] })).toStrictEqual([
      3,
      "ann ADMIN,bob OWNER,cat MEMBER",
      "OWNER",
    ]);
    // Who has left sees nobody, but still the group.
    expect(await call("ann", "leave", "NodeInput", { id })).toStrictEqual([2, "", undefined]);
  });

  test("calls the input as the client did where a command refuses it", async () => {
    const { ask, register } = await begin();
    await register("ann");
    const join = ask("ann", `mutation { join(input: { clientMutationId: "k", id: "d:ann~bob" }) { cursor } }`);
    expect(await refusal(join)).toMatchObject({ code: "BAD_INPUT", field: "id" });
  });
});

describe("a direct conversation", () => {
  test("is there from the start, empty, and begins with its first message, for its two members alone", async () => {
    const { register, send, ask } = await begin();
    await register("ann", "bob", "eve");
    const id = directConversationOf("ann", "bob");
    const all = `kind title peer { id } memberCount createdAt lastActivityAt lastSeq readSeq unreadCount unreadMentions
      membership { role } members { edges { cursor } } lastMessage { text } messages { edges { cursor } } message(seq: 1) { id }`;
    const empty = {
      kind: "DIRECT",
      memberCount: 2,
      createdAt: null,
      lastActivityAt: null,
      lastSeq: 0,
      readSeq: 0,
      unreadCount: 0,
      unreadMentions: 0,
      membership: null,
      members: { edges: [] },
      lastMessage: null,
      messages: { edges: [] },
      message: null,
    };
    expect(await seen("ann", id, all)).toStrictEqual({ ...empty, title: "BOB", peer: { id: "bob" } });
    expect(await seen("bob", id, all)).toStrictEqual({ ...empty, title: "ANN", peer: { id: "ann" } });
    // A stranger, and one of two of whom the other never registered.
    expect(await seen("eve", id)).toBeNull();
    expect(await seen("ann", directConversationOf("ann", "nobody"))).toBeNull();
    const listed = "{ viewer { conversations { edges { node { id } } } } }";
    expect(await ask("ann", listed)).toStrictEqual({ viewer: { conversations: { edges: [] } } });
    await send("ann", "bob", "hi");
    await here.caughtUp();
    expect(await ask("bob", listed)).toStrictEqual({ viewer: { conversations: { edges: [{ node: { id } }] } } });
    const fields =
      "kind title peer { id } memberCount joinPolicy public createdAt lastActivityAt lastSeq readSeq unreadCount membership { role joinedSeq } members { edges { node { user { id } } } } lastMessage { text }";
    const bob = await seen("bob", id, fields);
    expect(bob).toMatchObject({
      kind: "DIRECT",
      title: "ANN",
      peer: { id: "ann" },
      memberCount: 2,
      joinPolicy: "INVITE",
      public: false,
      lastSeq: 1,
      readSeq: 0,
      unreadCount: 1,
      membership: { role: "MEMBER", joinedSeq: 0 },
      members: { edges: [{ node: { user: { id: "ann" } } }, { node: { user: { id: "bob" } } }] },
      lastMessage: { text: "hi" },
    });
    expect(bob?.["createdAt"]).toBe(bob?.["lastActivityAt"]);
    expect(await seen("ann", id, "title unreadCount readSeq")).toStrictEqual({ title: "BOB", unreadCount: 0, readSeq: 1 });
    expect(await seen("eve", id)).toBeNull();
    expect(await here.ask("eve", `{ node(id: "${id}:1") { id } }`)).toStrictEqual({ node: null });
  });
});

describe("a group", () => {
  test("is shown to members and former ones; a public one to all", async () => {
    const { register, group, ask } = await begin();
    await register("ann", "bob", "eve");
    const closed = await group("ann", ["bob"]);
    const open = await group("ann", [], { public: true });
    expect(await seen("bob", closed)).toStrictEqual({ id: closed });
    expect(await seen("eve", closed)).toBeNull();
    expect(await seen("eve", open, "public memberCount members { edges { node { role } } } membership { role }")).toStrictEqual({
      public: true,
      memberCount: 1,
      members: { edges: [{ node: { role: "OWNER" } }] },
      membership: null,
    });
    await ask("bob", `mutation { leave(input: { clientMutationId: "l", id: "${closed}" }) { cursor } }`);
    expect(await seen("bob", closed, "title unreadCount membership { role } members { edges { cursor } }")).toStrictEqual({
      title: "ann's",
      unreadCount: 0,
      membership: null,
      members: { edges: [] },
    });
  });

  test("that was only just made is not taken for none", async () => {
    const { register, group, fold, folding, services } = await begin({ manual: true });
    await register("ann", "bob");
    await fold();
    // Made, but in none of the rows yet.
    const id = await group("ann", ["bob"]);
    expect(services.watermark.current() < (await services.log.end())).toBe(true);
    expect(await folding(seen("bob", id, "title"))).toStrictEqual({ title: "ann's" });
  });

  test("shows each only their own windows of it", async () => {
    const { register, group, send, ask } = await begin();
    await register("ann", "bob");
    const id = await group("ann");
    const member = (field: string) =>
      ask("ann", `mutation ($i: MembersInput!) { ${field}(input: $i) { cursor } }`, {
        i: { clientMutationId: here.key(), conversationId: id, userIds: ["bob"] },
      });
    await send("ann", id, "one");
    await member("addMembers");
    await send("ann", id, "two", { replyTo: 1 });
    await send("ann", id, "three", { replyTo: 2 });
    await member("removeMembers");
    await send("ann", id, "four");
    await send("ann", id, "five");
    await here.caughtUp();
    const fields = `lastSeq lastMessage { text } lastActivityAt message(seq: 1) { text } second: message(seq: 2) { text replyTo { text } }
      messages(first: 10) { edges { cursor node { text replyTo { text } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`;
    const former = await seen("bob", id, fields);
    expect(former).toMatchObject({
      lastSeq: 3,
      lastMessage: { text: "three" },
      message: null,
      second: { text: "two", replyTo: null },
      messages: {
        edges: [
          { cursor: "2", node: { text: "two", replyTo: null } },
          { cursor: "3", node: { text: "three", replyTo: { text: "two" } } },
        ],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: "2", endCursor: "3" },
      },
    });
    await member("addMembers");
    await here.caughtUp();
    expect(await seen("bob", id, "lastSeq lastMessage { text } unreadCount membership { joinedSeq }")).toStrictEqual({
      lastSeq: 5,
      lastMessage: null,
      unreadCount: 0,
      membership: { joinedSeq: 5 },
    });
    await send("ann", id, "six");
    const back = (
      await seen("bob", id, "messages(last: 2) { edges { node { seq } } pageInfo { hasNextPage hasPreviousPage } }")
    )?.["messages"];
    expect(back).toStrictEqual({
      edges: [{ node: { seq: 3 } }, { node: { seq: 6 } }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
    expect(await here.ask("bob", `{ seen: node(id: "${id}:6") { id } hidden: node(id: "${id}:4") { id } }`)).toStrictEqual({
      seen: { id: `${id}:6` },
      hidden: null,
    });
  });

  test("lists its members page by page, by role too", async () => {
    const { register, group, ask } = await begin();
    const users = Array.from({ length: 7 }, (_, index) => `u${index}`);
    await register("ann", ...users);
    const id = await group("ann", users);
    await ask("ann", `mutation ($i: SetRoleInput!) { setRole(input: $i) { cursor } }`, {
      i: { clientMutationId: "r", conversationId: id, userId: "u5", role: "ADMIN" },
    });
    type Page = {
      edges: { cursor: string; node: { user: { id: string } } }[];
      pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean };
    };
    const page = async (first: number, after?: string, role?: string) => {
      const found = await ask(
        "ann",
        `query ($id: ID!, $first: Int, $after: String, $role: Role) { conversation(id: $id) { members(first: $first, after: $after, role: $role) {
          edges { cursor node { user { id } } } pageInfo { hasNextPage hasPreviousPage } } } }`,
        { id, first, after, role },
      );
      return (found["conversation"] as { members: Page }).members;
    };
    const walked: string[] = [];
    for (let after: string | undefined; ;) {
      const { edges, pageInfo } = await page(3, after);
      expect(pageInfo.hasPreviousPage).toBe(after !== undefined);
      walked.push(...edges.map(({ node }) => node.user.id));
      after = edges.at(-1)?.cursor;
      if (!pageInfo.hasNextPage) break;
    }
    expect(walked).toStrictEqual(["ann", ...users]);
    expect((await page(5, undefined, "ADMIN")).edges.map(({ node }) => node.user.id)).toStrictEqual(["u5"]);
    expect(await page(1, undefined, "MEMBER")).toMatchObject({ pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    expect(await refusal(page(3, "nonsense"))).toMatchObject({ code: "BAD_INPUT", field: "after" });
    expect(await refusal(page(101))).toMatchObject({ code: "BAD_INPUT", field: "first" });
  });
});

describe("a read that waits", () => {
  test("answers once the views have got there", async () => {
    const { register, send, ask, fold, folding } = await begin({ manual: true });
    await register("ann", "bob");
    await fold();
    const atLeast = await send("ann", "bob");
    const asked = ask("bob", `query ($c: Cursor) { viewer(atLeast: $c) { unreadTotal } }`, { c: atLeast });
    expect(await folding(asked)).toStrictEqual({ viewer: { unreadTotal: 1 } });
  });

  test("is for cursors of this log", async () => {
    const { register, ask } = await begin();
    await register("ann");
    for (const cursor of ["nonsense", "another0.00000000001"]) {
      expect(await refusal(ask("ann", `{ viewer(atLeast: "${cursor}") { unreadTotal } }`))).toMatchObject({
        code: "BAD_INPUT",
        field: "atLeast",
      });
    }
  });
});

test("a user whose event is not in the views spoils no list", async () => {
  const { register, record, ask } = await begin();
  await register("ann");
  const data = {
    clientMutationId: "k",
    kind: "TEXT",
    topic: null,
    text: "hi",
    attachments: [],
    replyTo: null,
    mentions: [],
    mentionsAll: false,
  } as const;
  await record(streams.conversation("d:ann~lost"), "lost", [
    { type: "MessageSent", data: { ...data, mentions: [], attachments: [], conversationId: "d:ann~lost", senderId: "lost" } },
  ]);
  const asked = ask(
    "ann",
    `{ node(id: "d:ann~lost:1") { ... on Message { sender { id handle name } conversation { title } } } }`,
  );
  expect(await asked).toStrictEqual({
    node: { sender: { id: "lost", handle: "lost", name: "lost" }, conversation: { title: "lost" } },
  });
});

test("who of many friends is online is read in two calls, and no direct conversation is looked for", async () => {
  const { register, record, ask, reads, caughtUp, log } = await begin();
  const friends = Array.from({ length: 20 }, (_, index) => `friend${String(index).padStart(2, "0")}`);
  await register("ann", "stranger", ...friends);
  for (const friend of friends)
    await record(streams.friendship("ann", friend), "ann", [{ type: "FriendshipBegan", data: { userIds: ["ann", friend] } }]);
  await caughtUp();
  const presence = (ids: readonly string[]) =>
    ask("ann", "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { id presence { online } } } }", { ids });
  await presence(["ann"]);
  reads.reset();
  expect(await presence(friends)).toStrictEqual({ nodes: friends.map((id) => ({ id, presence: [] })) });
  expect(reads).toMatchObject({ getMany: 2, range: 0 });
  expect(await log.end()).toBe(here.services.watermark.current());
  reads.reset();
  await presence(["stranger"]);
  // And the direct conversation, which may have begun.
  expect(reads.getMany).toBe(3);
});
