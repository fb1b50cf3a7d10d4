import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, refusal, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { followInbox, type InboxEntry } from "../../support/followedInbox.ts";
import type { Connection } from "../../support/answers.ts";
import { until } from "../../support/until.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const REQUEST = "id status note requestedAt decidedAt from { id } to { id }";
const FRIENDSHIP = "status since alias blockedByViewer";
type Request = {
  id: string;
  status: string;
  note: string | null;
  decidedAt: string | null;
  from: { id: string };
  to: { id: string };
};
type Friendship = { status: string; since: string | null; alias: string | null; blockedByViewer: boolean };
type Friend = { id: string; alias: string | null; conversationId: string; user: { id: string; name: string } };

/** A mutation about a request. */
const onRequest = async (client: Client, name: string, type: string, input: object) =>
  (
    await client.ask<Record<string, { cursor: string; request: Request }>>(
      `mutation ($input: ${type}!) { ${name}(input: $input) { cursor request { ${REQUEST} } } }`,
      { input: { clientMutationId: randomUUID(), ...input } },
    )
  )[name] as { cursor: string; request: Request };
/** A mutation about another user. */
const onUser = async (client: Client, name: string, type: string, input: object) =>
  (
    await client.ask<Record<string, { cursor: string; user: { friendship: Friendship } }>>(
      `mutation ($input: ${type}!) { ${name}(input: $input) { cursor user { friendship { ${FRIENDSHIP} } } } }`,
      { input: { clientMutationId: randomUUID(), ...input } },
    )
  )[name] as { cursor: string; user: { friendship: Friendship } };

const ask = (client: Client, userId: string, more: object = {}) =>
  onRequest(client, "requestFriendship", "RequestFriendshipInput", { userId, ...more });
const answer = (client: Client, id: string, accept: boolean) =>
  onRequest(client, "answerFriendRequest", "AnswerInput", { id, accept });
const withdraw = (client: Client, id: string) => onRequest(client, "withdrawFriendRequest", "NodeInput", { id });
const end = (client: Client, userId: string) => onUser(client, "endFriendship", "UserInput", { userId });
const name = (client: Client, userId: string, alias: string | null) =>
  onUser(client, "setAlias", "SetAliasInput", { userId, alias });
const block = (client: Client, userId: string, on = true) => onUser(client, "block", "BlockInput", { userId, on });

const standing = async (client: Client, id: string): Promise<Friendship> =>
  (
    await client.ask<{ user: { friendship: Friendship } }>(
      `query ($id: ID!) { user(id: $id) { friendship { ${FRIENDSHIP} } } }`,
      { id },
    )
  ).user.friendship;
const friendsOf = async (client: Client, variables: object = {}) =>
  (
    await client.ask<{ viewer: { friends: Connection<Friend> & { totalCount: number } } }>(
      `query ($orderBy: FriendOrder, $first: Int, $after: String) { viewer { friends(orderBy: $orderBy, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { id alias conversationId user { id name } } } } } }`,
      variables as Record<string, unknown>,
    )
  ).viewer.friends;
const requestsOf = async (client: Client, direction: string, status: string) =>
  (
    await client.ask<{ viewer: { friendRequests: Connection<Request> } }>(
      `query ($direction: Direction, $status: RequestStatus) { viewer { friendRequests(direction: $direction, status: $status) {
        edges { cursor node { ${REQUEST} } } pageInfo { hasNextPage } } } }`,
      { direction, status },
    )
  ).viewer.friendRequests.edges.map(({ node }) => node);

/** Makes friends of two. */
async function befriended(one: Client, other: Client, otherId: string): Promise<string> {
  const { request } = await ask(one, otherId);
  return (await answer(other, request.id, true)).cursor;
}

describe("a friendship", () => {
  test("begins with a request and its answer, and both are told at once", async () => {
    const [ada, ben] = await registeredAll(server, "ada", "ben");
    const selection = `... on FriendRequestChanged { request { ${REQUEST} } } ... on FriendshipChanged { status user { id } }`;
    const follow = async (user: string) =>
      followInbox<InboxEntry>({ address: () => server.address, token: await server.token(user), selection });
    const inboxes = await Promise.all(["ada", "ben"].map(follow));
    await until("both listen", () => inboxes.every(({ counts }) => counts.caughtUp > 0));

    const { request } = await ask(ada, "ben", { note: "we met in Hangzhou", alias: "Benny" });
    expect(request).toMatchObject({ id: "f:ada~ben:1", status: "PENDING", note: "we met in Hangzhou", decidedAt: null });
    expect(request).toMatchObject({ from: { id: "ada" }, to: { id: "ben" } });
    expect((await standing(ada, "ben")).status).toBe("REQUESTED_BY_VIEWER");
    expect((await standing(ben, "ada")).status).toBe("REQUESTED_BY_THEM");
    expect((await requestsOf(ben, "INCOMING", "PENDING")).map(({ id }) => id)).toEqual([request.id]);
    expect((await requestsOf(ada, "OUTGOING", "PENDING")).map(({ id }) => id)).toEqual([request.id]);

    expect((await answer(ben, request.id, true)).request).toMatchObject({ status: "ACCEPTED" });
    expect(await standing(ada, "ben")).toMatchObject({ status: "FRIENDS", alias: "Benny", blockedByViewer: false });
    expect(await standing(ben, "ada")).toMatchObject({ status: "FRIENDS", alias: null });
    expect(await requestsOf(ben, "INCOMING", "PENDING")).toEqual([]);
    expect((await requestsOf(ada, "OUTGOING", "ACCEPTED")).map(({ id }) => id)).toEqual([request.id]);

    const told = (entries: readonly InboxEntry[]) => entries.map(({ __typename }) => __typename);
    const shared = ["FriendRequestChanged", "FriendRequestChanged", "FriendshipChanged"];
    await until("both are told", () => inboxes.every(({ entries }) => entries.length >= 3));
    await until("ada is told of the alias", () => inboxes[0]?.entries.length === 4);
    expect(told(inboxes[0]?.entries ?? [])).toEqual([...shared, "FriendshipChanged"]);
    expect(told(inboxes[1]?.entries ?? [])).toEqual(shared);
    expect(inboxes[1]?.entries[2]).toMatchObject({ status: "FRIENDS", user: { id: "ada" } });
    // What was told live is what sync tells.
    const { entries } = await ada.syncAll();
    expect(entries.map(({ cursor }) => cursor)).toEqual(inboxes[0]?.entries.map(({ cursor }) => cursor));
    await Promise.all(inboxes.map((inbox) => inbox.close()));
  });

  test("begins where two requests cross, also at the same moment", async () => {
    const [cat, dan] = await registeredAll(server, "cat", "dan");
    const [one, other] = await Promise.all([ask(cat, "dan"), ask(dan, "cat")]);
    expect(one.request.id).toBe(other.request.id);
    expect((await standing(cat, "dan")).status).toBe("FRIENDS");
    expect((await friendsOf(dan)).edges.map(({ node }) => node.user.id)).toEqual(["cat"]);
  });

  test("is one, with one request, where fifty cross at once, and the later ones are told that it is", async () => {
    const [cal, deb] = await registeredAll(server, "cal", "deb");
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? ask(cal, "deb") : ask(deb, "cal"))),
    );
    const done = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.request.id] : []));
    // The first one, the same again, and the one that crossed.
    expect(done.length).toBeGreaterThanOrEqual(2);
    expect(new Set(done)).toEqual(new Set(["f:cal~deb:1"]));
    for (const result of results)
      if (result.status === "rejected")
        expect(await refusal(Promise.reject(result.reason as Error))).toEqual({ code: "CONFLICT", field: "userId" });
    expect([(await standing(cal, "deb")).status, (await standing(deb, "cal")).status]).toEqual(["FRIENDS", "FRIENDS"]);
    const { entries } = await deb.syncAll();
    expect(entries.filter(({ __typename: type }: { __typename: string }) => type === "FriendshipChanged")).toHaveLength(1);
  });

  test("is asked for once by fifty calls of one side at once, and answered once by fifty of the other", async () => {
    const [eli, fox] = await registeredAll(server, "eli", "fox");
    const asked = await Promise.all(Array.from({ length: 50 }, async () => (await ask(eli, "fox")).request));
    expect(new Set(asked.map(({ id, status }) => `${id} ${status}`))).toEqual(new Set(["f:eli~fox:1 PENDING"]));
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => answer(fox, "f:eli~fox:1", index % 2 === 0)),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(25);
    const [request] = await requestsOf(
      fox,
      "INCOMING",
      (await standing(fox, "eli")).status === "FRIENDS" ? "ACCEPTED" : "DECLINED",
    );
    expect(request?.id).toBe("f:eli~fox:1");
    const { entries } = await eli.syncAll();
    expect(entries.filter(({ __typename: type }: { __typename: string }) => type === "FriendRequestChanged")).toHaveLength(2);
  });

  test("ends for both", async () => {
    const [eva, fay] = await registeredAll(server, "eva", "fay");
    await befriended(eva, fay, "fay");
    await name(eva, "fay", "Fay Fay");
    expect((await end(fay, "eva")).user.friendship).toMatchObject({ status: "NONE", since: null });
    expect(await standing(eva, "fay")).toMatchObject({ status: "NONE", alias: null });
    expect((await friendsOf(eva)).totalCount).toBe(0);
  });

  test("is not made by a repeat after it has ended", async () => {
    const [gil, hal] = await registeredAll(server, "gil", "hal");
    const clientMutationId = randomUUID();
    const { request } = await ask(gil, "hal", { clientMutationId });
    const yes = { id: request.id, accept: true, clientMutationId: randomUUID() };
    await onRequest(hal, "answerFriendRequest", "AnswerInput", yes);
    await end(gil, "hal");
    expect((await ask(gil, "hal", { clientMutationId })).request.id).toBe(request.id);
    await onRequest(hal, "answerFriendRequest", "AnswerInput", yes);
    expect((await standing(gil, "hal")).status).toBe("NONE");
  });
});

describe("requests", () => {
  test("are for the two alone: to others there is none", async () => {
    const [ida, jon, kim] = await registeredAll(server, "ida", "jon", "kim");
    const { request } = await ask(ida, "jon");
    for (const id of [request.id, "f:ida~jon:9", "f:ida~nobody:1"])
      expect(await refusal(answer(kim, id, true))).toEqual({ code: "NOT_FOUND", field: "id" });
    expect(await refusal(answer(ida, request.id, true))).toMatchObject({ code: "FORBIDDEN", field: "id" });
    expect(await refusal(withdraw(jon, request.id))).toMatchObject({ code: "FORBIDDEN", field: "id" });
    expect((await withdraw(ida, request.id)).request.status).toBe("WITHDRAWN");
    expect(await refusal(answer(jon, request.id, true))).toMatchObject({ code: "CONFLICT", field: "id" });
    expect(await refusal(answer(jon, "nonsense", true))).toMatchObject({ code: "BAD_INPUT", field: "id" });
    expect(await refusal(ask(ida, "nobody"))).toMatchObject({ code: "NOT_FOUND", field: "userId" });
    expect(await refusal(ask(ida, "ida"))).toMatchObject({ code: "BAD_INPUT", field: "userId" });
  });

  test("of which one is answered by two devices in two ways have one answer", async () => {
    const [lea, max] = await registeredAll(server, "lea", "max");
    const { request } = await ask(lea, "max");
    const results = await Promise.allSettled([true, false, true, false].map((accept) => answer(max, request.id, accept)));
    const right = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.request.status] : []));
    expect(new Set(right).size).toBe(1);
    expect(right.length).toBe(2);
    expect((await standing(lea, "max")).status).toBe(right[0] === "ACCEPTED" ? "FRIENDS" : "NONE");
  });
});

describe("a block", () => {
  test("lets neither message nor request through, and ends with all as it was", async () => {
    const [nan, ole] = await registeredAll(server, "nan", "ole");
    await befriended(nan, ole, "ole");
    const { seq } = (await ole.act("sendMessage", { userId: "nan", text: "before" })).message;
    expect((await block(nan, "ole")).user.friendship).toMatchObject({ status: "FRIENDS", blockedByViewer: true });
    expect(await refusal(ole.act("sendMessage", { userId: "nan", text: "hello?" }))).toEqual({
      code: "FORBIDDEN",
      field: "userId",
    });
    expect(await refusal(nan.act("sendMessage", { userId: "ole", text: "hello?" }))).toEqual({
      code: "FORBIDDEN",
      field: "userId",
    });
    const conversationId = "d:nan~ole";
    const edit = ole.act("editMessage", { conversationId, seq, text: "after" });
    expect(await refusal(edit)).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    expect((await standing(ole, "nan")).blockedByViewer).toBe(false);
    const list = () =>
      nan.ask<{ viewer: { blocked: Connection<{ id: string }> } }>("{ viewer { blocked { edges { cursor node { id } } } } }");
    expect((await list()).viewer.blocked.edges.map(({ node }) => node.id)).toEqual(["ole"]);
    await block(nan, "ole", false);
    expect((await list()).viewer.blocked.edges).toEqual([]);
    await ole.act("sendMessage", { userId: "nan", text: "hello" });
  });

  test("declines the request that waits, and takes no new one", async () => {
    const [pia, quy] = await registeredAll(server, "pia", "quy");
    const { request } = await ask(pia, "quy");
    await block(quy, "pia");
    expect((await requestsOf(pia, "OUTGOING", "DECLINED")).map(({ id }) => id)).toEqual([request.id]);
    expect(await refusal(ask(pia, "quy"))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(ask(quy, "pia"))).toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("the list of friends", () => {
  test("is by the name that the viewer sees, Chinese by pinyin, page by page; or by since when", async () => {
    const names = { f1: "Zoë", f2: "张伟", f3: "alice", f4: "李娜", f5: "Bob 10", f6: "Bob 9", f7: "王芳", f8: "Émile" };
    const ids = Object.keys(names);
    const [rex] = await registeredAll(server, "rex");
    const others = await registeredAll(server, ...ids);
    for (const [index, id] of ids.entries()) {
      const other = others[index] as Client;
      await other.act("updateProfile", { name: names[id as keyof typeof names] });
      await befriended(other, rex, "rex");
    }
    await name(rex, "f1", "Adam");
    const all = await friendsOf(rex);
    const shown = all.edges.map(({ node }) => node.alias ?? node.user.name);
    expect(shown).toEqual(["李娜", "王芳", "张伟", "Adam", "alice", "Bob 9", "Bob 10", "Émile"]);
    expect(all).toMatchObject({ totalCount: 8, pageInfo: { hasNextPage: false, hasPreviousPage: false } });
    expect(all.edges[0]?.node).toMatchObject({ id: "f:f4~rex", conversationId: "d:f4~rex" });

    const byName: string[] = [];
    for (let after: string | null = null; ;) {
      const { edges, pageInfo, totalCount } = await friendsOf(rex, { first: 3, after });
      expect(totalCount).toBe(8);
      byName.push(...edges.map(({ node }) => node.user.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(byName).toEqual(all.edges.map(({ node }) => node.user.id));

    const bySince: string[] = [];
    for (let after: string | null = null; ;) {
      const { edges, pageInfo } = await friendsOf(rex, { orderBy: "SINCE", first: 3, after });
      bySince.push(...edges.map(({ node }) => node.user.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(bySince).toEqual([...ids].reverse());
  });
});

describe("with other settings", () => {
  test("only friends write to each other, and each has no more friends than there may be", async () => {
    const strict = await apiServer({ DIRECT_MESSAGES: "friends", FRIENDS_MAX: "2" });
    try {
      const [sam, tim, una, vic] = await registeredAll(strict, "sam", "tim", "una", "vic");
      expect(await refusal(sam.act("sendMessage", { userId: "tim", text: "hi" }))).toEqual({
        code: "FORBIDDEN",
        field: "userId",
      });
      await befriended(sam, tim, "tim");
      await sam.act("sendMessage", { userId: "tim", text: "hi" });
      await befriended(sam, una, "una");
      const { request } = await ask(vic, "sam");
      expect(await refusal(answer(sam, request.id, true))).toMatchObject({ code: "LIMIT_EXCEEDED" });
      expect(await refusal(ask(sam, "vic"))).toMatchObject({ code: "LIMIT_EXCEEDED" });
      await end(sam, "una");
      // The answer comes once it is in force.
      expect(await refusal(una.act("sendMessage", { userId: "sam", text: "hi" }))).toEqual({
        code: "FORBIDDEN",
        field: "userId",
      });
      await answer(sam, request.id, true);
      await vic.act("sendMessage", { userId: "sam", text: "hi" });
    } finally {
      await strict[Symbol.asyncDispose]();
    }
  });
});
