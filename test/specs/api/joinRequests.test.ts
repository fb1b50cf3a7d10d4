import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Connection, JOIN_REQUEST, type JoinRequest } from "../../support/answers.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, pages, refusal, registeredAll, told } from "../../support/client.ts";

const MEMBERS_MAX = 8;

let server: ApiServer;
/** A server that adds only friends without asking. */
let asking: ApiServer;
beforeAll(async () => {
  server = await apiServer({ GROUP_MEMBERS_MAX: String(MEMBERS_MAX) });
  asking = await apiServer({ ADD_TO_GROUPS: "friends" });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await asking[Symbol.asyncDispose]();
});

let people = 0;
/** Owner, administrator, member, one who asks, and another one outside. */
let [ann, bob, cat, eve, fay] = [] as unknown as [Client, Client, Client, Client, Client];
let id = "";
const begin = async (on: ApiServer, more: object = {}) => {
  people += 1;
  const names = ["ann", "bob", "cat", "eve", "fay"].map((name) => `${name}${people}`) as [string, string, string, string, string];
  [ann, bob, cat, eve, fay] = await registeredAll(on, ...names);
  if (on === asking)
    for (const client of [bob, cat])
      for (const [one, other] of [
        [ann, client],
        [client, ann],
      ] as const)
        await one.ask(
          `mutation ($id: ID!, $key: ID!) {
          requestFriendship(input: { clientMutationId: $key, userId: $id }) { cursor } }`,
          { id: other.id, key: `to-${other.id}` },
        );
  const input = { kind: "GROUP", title: "Readers", memberIds: [bob.id, cat.id], public: true, ...more };
  const { conversation } = await ann.act("createConversation", input);
  id = conversation.id;
  await ann.act("setRole", { conversationId: id, userId: bob.id, role: "ADMIN" });
};

const LIST = /* GraphQL */ `
  query ($direction: Direction, $status: RequestStatus, $first: Int, $after: String, $at: Cursor) {
    viewer(atLeast: $at) {
      joinRequests(direction: $direction, status: $status, first: $first, after: $after) {
        edges {
          cursor
          node {
            ...JoinRequestParts
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  }
  ${JOIN_REQUEST}
`;
const page = async (client: Client, variables: object) =>
  (await client.ask<{ viewer: { joinRequests: Connection<JoinRequest> } }>(LIST, { ...variables })).viewer.joinRequests;
const listed = async (client: Client, variables: object) => (await page(client, variables)).edges.map(({ node }) => node.id);

const news = async (client: Client, at: string) =>
  (await client.syncAll(null, { atLeast: at })).entries.map(told).filter((text) => text.includes(" j:"));

describe("a request to join", () => {
  beforeEach(() => begin(server));

  it("waits until owner or administrators answer it; all of them and the one who asks are told", async () => {
    const { request, conversation, cursor } = await eve.act("join", { id, note: " let me in " });
    expect(request).toMatchObject({
      id: `j:${id}~${eve.id}:1`,
      conversation: { id, title: "Readers" },
      user: { id: eve.id },
      invitedBy: null,
      note: "let me in",
      status: "PENDING",
      decidedAt: null,
      decidedBy: null,
    });
    expect(conversation).toMatchObject({ membership: null, memberCount: 3 });
    for (const client of [ann, bob]) {
      expect(await listed(client, { at: cursor })).toEqual([request?.id]);
      expect(await news(client, cursor)).toEqual([`PENDING ${request?.id}`]);
    }
    expect(await news(cat, cursor)).toEqual([]);
    expect(await listed(cat, {})).toEqual([]);
    expect(await listed(eve, {})).toEqual([]);
    expect(await listed(eve, { direction: "OUTGOING" })).toEqual([request?.id]);

    const answered = await bob.act("answerJoinRequest", { id: request?.id, accept: true });
    expect(answered.request).toMatchObject({ status: "ACCEPTED", decidedBy: { id: bob.id } });
    expect(answered.request.decidedAt).not.toBeNull();
    expect(await eve.conversation(id, answered.cursor)).toMatchObject({ membership: { role: "MEMBER" }, memberCount: 4 });
    expect(await news(eve, answered.cursor)).toEqual([`ACCEPTED ${request?.id}`, `ACCEPTED ${request?.id}`]);
    expect((await eve.syncAll(null)).entries.map(told)).toContain(`JOINED ${id} ${eve.id} by ${bob.id}`);
    expect(await listed(ann, {})).toEqual([]);
    expect(await listed(ann, { status: "ACCEPTED" })).toEqual([request?.id]);
    expect(await listed(eve, { direction: "OUTGOING", status: "ACCEPTED" })).toEqual([request?.id]);
  });

  it("that waits is returned to who asks again; declined, they may ask anew", async () => {
    const first = await eve.act("join", { id, note: "one" });
    const again = await eve.act("join", { id, note: "two" });
    expect(again.request).toEqual(first.request);
    const declined = await ann.act("answerJoinRequest", { id: first.request?.id, accept: false });
    expect(declined.request).toMatchObject({ status: "DECLINED", decidedBy: { id: ann.id } });
    // The same answer again changes nothing; the other one comes too late.
    expect((await bob.act("answerJoinRequest", { id: first.request?.id, accept: false })).request).toEqual(declined.request);
    expect(await refusal(bob.act("answerJoinRequest", { id: first.request?.id, accept: true }))).toEqual({
      code: "CONFLICT",
      field: "id",
    });
    const second = await eve.act("join", { id });
    expect(second.request).toMatchObject({ id: `j:${id}~${eve.id}:2`, status: "PENDING", note: null });
    expect(await refusal(ann.act("answerJoinRequest", { id: first.request?.id, accept: false }))).toMatchObject({
      code: "CONFLICT",
    });
  });

  it("is taken back by who made it, by nobody else, and not accepted by them", async () => {
    const { request } = await eve.act("join", { id });
    const answer = (client: Client, accept: boolean) => refusal(client.act("answerJoinRequest", { id: request?.id, accept }));
    expect(await answer(eve, true)).toEqual({ code: "FORBIDDEN", field: "id" });
    for (const client of [cat, fay]) expect(await answer(client, false)).toEqual({ code: "NOT_FOUND", field: "id" });
    const none = `j:g:none~${eve.id}:1`;
    expect(await refusal(fay.act("answerJoinRequest", { id: none, accept: true }))).toEqual({ code: "NOT_FOUND", field: "id" });
    const withdrawn = await eve.act("answerJoinRequest", { id: request?.id, accept: false });
    expect(withdrawn.request).toMatchObject({ status: "WITHDRAWN", decidedBy: { id: eve.id } });
    expect(await news(bob, withdrawn.cursor)).toEqual([`WITHDRAWN ${request?.id}`, `WITHDRAWN ${request?.id}`]);
    expect(await answer(ann, true)).toEqual({ code: "CONFLICT", field: "id" });
  });

  it("repeated after its outcome returns the first one, also by an administrator who is one no longer", async () => {
    const asked = { clientMutationId: "ask", id, note: "please" };
    const { request } = await eve.act("join", asked);
    const call = { clientMutationId: "yes", id: request?.id, accept: true };
    await bob.act("answerJoinRequest", call);
    await ann.act("removeMembers", { conversationId: id, userIds: [eve.id] });
    await ann.act("setRole", { conversationId: id, userId: bob.id, role: "MEMBER" });
    expect((await eve.act("join", asked)).request).toMatchObject({ id: request?.id, status: "ACCEPTED" });
    expect((await ann.conversation(id))?.memberCount).toBe(3);
    expect(await refusal(eve.act("join", { ...asked, note: "other" }))).toEqual({ code: "CONFLICT", field: "clientMutationId" });
  });

  it("is settled by becoming a member in another way, and survives changes of roles", async () => {
    const { request } = await eve.act("join", { id });
    await ann.act("transferOwnership", { conversationId: id, userId: cat.id });
    expect(await listed(cat, {})).toEqual([request?.id]);
    await ann.act("setRole", { conversationId: id, userId: bob.id, role: "MEMBER" }).catch(() => undefined);
    const added = await cat.act("addMembers", { conversationId: id, userIds: [eve.id] });
    expect(await listed(eve, { direction: "OUTGOING", status: "ACCEPTED", at: added.cursor })).toEqual([request?.id]);
    expect(await listed(cat, {})).toEqual([]);
    expect(added.conversation.memberCount).toBe(4);
  });

  it("needs the id alone, and shows nothing more of a group that is not public than what it says of itself", async () => {
    await begin(server, { public: false, joinPolicy: "APPROVAL" });
    await ann.act("sendMessage", { conversationId: id, text: "among us" });
    const { request, conversation } = await eve.act("join", { id });
    expect(request).toMatchObject({ status: "PENDING" });
    expect(conversation).toMatchObject({ id, lastSeq: 0, lastMessage: null, memberCount: 0, membership: null });
    expect(await eve.conversation(id)).toBeNull();
    await cat.act("leave", { id });
    expect((await cat.act("join", { id })).request).toMatchObject({ status: "PENDING" });
  });

  it("of a group that is not public and by invitation alone is refused as of none", async () => {
    await begin(server, { public: false, joinPolicy: "INVITE" });
    expect(await refusal(eve.act("join", { id }))).toEqual({ code: "NOT_FOUND", field: "id" });
    expect(await refusal(eve.act("join", { id: "g:none" }))).toEqual({ code: "NOT_FOUND", field: "id" });
  });

  it("is no longer told to an administrator who ceased to be one, nor found by them", async () => {
    const { request } = await eve.act("join", { id });
    const { cursor } = await ann.act("setRole", { conversationId: id, userId: bob.id, role: "MEMBER" });
    expect(await news(bob, cursor)).toEqual([]);
    const node = (client: Client) => client.ask("query ($id: ID!) { node(id: $id) { id } }", { id: request?.id });
    expect(await node(bob)).toEqual({ node: null });
    expect(await node(eve)).toEqual({ node: { id: request?.id } });
  });

  it("of many groups and people is listed page by page, the newest first", async () => {
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Films", public: true });
    const ids: string[] = [];
    for (const [client, of] of [
      [eve, id],
      [fay, conversation.id],
      [fay, id],
      [eve, conversation.id],
    ] as const)
      ids.unshift((await client.act("join", { id: of })).request?.id ?? "");
    expect(await listed(ann, {})).toEqual(ids);
    expect((await pages((after) => page(ann, { first: 1, after }))).map((request) => request.id)).toEqual(ids);
    expect(await listed(bob, {})).toEqual(ids.filter((one) => one.includes(id)));
  });
});

describe("at once", () => {
  beforeEach(() => begin(server));
  const outcomes = async (calls: Promise<unknown>[]) => {
    const settled = await Promise.allSettled(calls);
    const codes = await Promise.all(
      settled.map(async (one) =>
        one.status === "fulfilled" ? "done" : (await refusal(Promise.reject(one.reason as Error))).code,
      ),
    );
    return Object.fromEntries([...new Set(codes)].map((code) => [code, codes.filter((one) => one === code).length]));
  };

  it("fifty answers of two administrators, yes and no: one decision stands", async () => {
    const { request } = await eve.act("join", { id });
    const answer = (_: unknown, index: number) =>
      (index % 2 === 0 ? ann : bob).act("answerJoinRequest", { id: request?.id, accept: index % 2 === 0 });
    const found = await outcomes(Array.from({ length: 50 }, answer));
    expect(found).toEqual({ done: 25, CONFLICT: 25 });
    const [status] = await Promise.all([
      eve.ask<{ node: { status: string } }>("query ($id: ID!) { node(id: $id) { ... on JoinRequest { status } } }", {
        id: request?.id,
      }),
    ]);
    const isIn = (await eve.conversation(id))?.membership !== null;
    expect(status.node.status).toBe(isIn ? "ACCEPTED" : "DECLINED");
  });

  it("fifty are accepted for the seats that are left: no more than there are", async () => {
    const others = await registeredAll(server, ...Array.from({ length: 50 }, (_, index) => `r${people}-${index}`));
    const requests = await Promise.all(others.map(async (client) => (await client.act("join", { id })).request?.id));
    const found = await outcomes(
      requests.map((request, index) => (index % 2 === 0 ? ann : bob).act("answerJoinRequest", { id: request, accept: true })),
    );
    expect(found).toEqual({ done: MEMBERS_MAX - 3, LIMIT_EXCEEDED: 50 - (MEMBERS_MAX - 3) });
    expect((await ann.conversation(id))?.memberCount).toBe(MEMBERS_MAX);
  });

  it("fifty use the last three uses of an invitation: three are in", async () => {
    const { invite } = await ann.act("createInvite", { conversationId: id, uses: 3 });
    const others = await registeredAll(server, ...Array.from({ length: 50 }, (_, index) => `i${people}-${index}`));
    const found = await outcomes(others.map((client) => client.act("join", { inviteCode: invite.code })));
    expect(found).toEqual({ done: 3, NOT_FOUND: 47 });
    expect((await ann.conversation(id))?.memberCount).toBe(6);
  });

  it("fifty join by one invitation for the last seats: no more than there are, and no use is lost", async () => {
    const { invite } = await ann.act("createInvite", { conversationId: id, uses: 50 });
    const others = await registeredAll(server, ...Array.from({ length: 50 }, (_, index) => `s${people}-${index}`));
    const found = await outcomes(others.map((client) => client.act("join", { inviteCode: invite.code })));
    expect(found).toEqual({ done: MEMBERS_MAX - 3, LIMIT_EXCEEDED: 50 - (MEMBERS_MAX - 3) });
    const { node } = await ann.ask<{ node: { usesLeft: number } }>(
      "query ($id: ID!) { node(id: $id) { ... on Invite { usesLeft } } }",
      {
        id: invite.id,
      },
    );
    expect(node.usesLeft).toBe(50 - (MEMBERS_MAX - 3));
  });
});

describe("who is added without being asked", () => {
  it("is everyone by default, but for those of whom one has blocked the other", async () => {
    await begin(server, { public: false });
    const block = `mutation ($id: ID!) { block(input: { clientMutationId: "block", userId: $id, on: true }) { cursor } }`;
    await eve.ask(block, { id: ann.id });
    await ann.ask(block, { id: fay.id });
    const { conversation, cursor } = await ann.act("addMembers", { conversationId: id, userIds: [eve.id, fay.id] });
    expect(conversation.memberCount).toBe(3);
    for (const client of [eve, fay]) {
      expect(await client.conversation(id, cursor)).toBeNull();
      expect((await client.syncAll(null)).entries.filter((entry) => told(entry).includes(id))).toEqual([]);
    }
    const call = { clientMutationId: "make", kind: "GROUP", title: "Other", memberIds: [eve.id, cat.id] };
    const made = await ann.act("createConversation", call);
    expect(made.conversation.memberCount).toBe(2);
    // The same call later, though nobody is blocked any more.
    await eve.ask(`mutation ($id: ID!) { block(input: { clientMutationId: "end", userId: $id, on: false }) { cursor } }`, {
      id: ann.id,
    });
    expect((await ann.act("createConversation", call)).conversation).toMatchObject({ id: made.conversation.id, memberCount: 2 });
    for (const memberIds of [[cat.id], [eve.id, cat.id, bob.id]])
      expect(await refusal(ann.act("createConversation", { ...call, memberIds }))).toEqual({
        code: "CONFLICT",
        field: "clientMutationId",
      });
  });

  it("is only a friend where it is set so; others are asked, and answer for themselves", async () => {
    await begin(asking, { public: false });
    expect((await ann.conversation(id))?.memberCount).toBe(3);
    const { conversation, cursor } = await ann.act("addMembers", { conversationId: id, userIds: [eve.id, fay.id] });
    expect(conversation.memberCount).toBe(3);
    const requestId = `j:${id}~${eve.id}:1`;
    const { edges } = await page(eve, { at: cursor });
    expect(edges.map(({ node }) => node)).toMatchObject([
      {
        id: requestId,
        conversation: { id, title: "Readers" },
        user: { id: eve.id },
        invitedBy: { id: ann.id },
        status: "PENDING",
      },
    ]);
    expect(await news(eve, cursor)).toEqual([`PENDING ${requestId}`]);
    expect(await listed(ann, { direction: "OUTGOING" })).toHaveLength(2);
    expect(await listed(bob, {})).toEqual([]);
    // They are shown what they are asked into, and nothing of what comes later.
    await ann.act("updateConversation", { id, title: "Secrets" });
    expect((await page(eve, {})).edges[0]?.node.conversation.title).toBe("Readers");
    expect(await eve.conversation(id)).toBeNull();
    expect(await refusal(eve.act("sendMessage", { conversationId: id, text: "hello" }))).toEqual({
      code: "NOT_FOUND",
      field: "conversationId",
    });
    expect(await refusal(ann.act("answerJoinRequest", { id: requestId, accept: true }))).toEqual({
      code: "FORBIDDEN",
      field: "id",
    });
    const accepted = await eve.act("answerJoinRequest", { id: requestId, accept: true });
    expect(accepted.request).toMatchObject({ status: "ACCEPTED", decidedBy: { id: eve.id } });
    expect(await eve.conversation(id, accepted.cursor)).toMatchObject({ title: "Secrets", memberCount: 4 });
    expect(await news(ann, accepted.cursor)).toContain(`ACCEPTED ${requestId}`);
    const declined = await fay.act("answerJoinRequest", { id: `j:${id}~${fay.id}:1`, accept: false });
    expect(declined.request.status).toBe("DECLINED");
    expect((await ann.conversation(id))?.memberCount).toBe(4);
    // A group that is made with them asks them too; the call again changes nothing.
    const call = { clientMutationId: "make", kind: "GROUP", title: "Other", memberIds: [fay.id, bob.id] };
    const made = await ann.act("createConversation", call);
    expect(made.conversation.memberCount).toBe(2);
    expect((await ann.act("createConversation", call)).conversation.memberCount).toBe(2);
    expect((await fay.act("join", { id: made.conversation.id })).conversation.memberCount).toBe(3);
  });
});
