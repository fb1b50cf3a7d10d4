import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { until } from "../../support/until.ts";
import { type Client, refusal, registeredAll, told } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const FUTURE = "2999-01-01T00:00:00.000Z";

let people = 0;
/** Owner, two administrators, a member, and one outside. */
let [ann, bob, ben, cat, eve] = [] as unknown as [Client, Client, Client, Client, Client];
let id = "";
beforeEach(async () => {
  people += 1;
  const names = ["ann", "bob", "ben", "cat", "eve"].map((name) => `${name}${people}`) as [string, string, string, string, string];
  [ann, bob, ben, cat, eve] = await registeredAll(server, ...names);
  const members = [bob.id, ben.id, cat.id];
  const input = { kind: "GROUP", title: "Readers", memberIds: members, joinPolicy: "OPEN", public: true };
  id = (await ann.act("createConversation", input)).conversation.id;
  for (const client of [bob, ben]) await ann.act("setRole", { conversationId: id, userId: client.id, role: "ADMIN" });
});

const silence = (by: Client, of: Client, until: string | null) => by.act("silence", { conversationId: id, userId: of.id, until });
const send = (client: Client, text = "hello") => client.act("sendMessage", { conversationId: id, text });
const silencedUntil = async (client: Client, user: Client) => {
  const { conversation } = await client.ask<{
    conversation: { members: { edges: { node: { user: { id: string }; silencedUntil: string | null } }[] } };
  }>("query ($id: ID!) { conversation(id: $id) { members { edges { node { user { id } silencedUntil } } } } }", { id });
  return conversation.members.edges.find(({ node }) => node.user.id === user.id)?.node.silencedUntil;
};
const FORBIDDEN = { code: "FORBIDDEN", field: "conversationId" };

describe("a member who is silenced", () => {
  it("does not write, edit or react until then; recalls and reads; all are told", async () => {
    const { message } = await send(cat);
    const { cursor } = await silence(bob, cat, FUTURE);
    expect(await silencedUntil(eve, cat)).toBe(FUTURE);
    expect(await refusal(send(cat))).toEqual(FORBIDDEN);
    await expect(send(cat)).rejects.toThrow(FUTURE);
    const of = { conversationId: id, seq: message.seq };
    expect(await refusal(cat.act("editMessage", { ...of, text: "other" }))).toEqual(FORBIDDEN);
    expect(
      await refusal(
        cat.ask(
          `mutation ($id: ID!, $seq: Int!) { react(input: { clientMutationId: "r", conversationId: $id, seq: $seq, emoji: "👍", on: true }) { cursor } }`,
          { id, seq: message.seq },
        ),
      ),
    ).toEqual(FORBIDDEN);
    await cat.act("markRead", of);
    await cat.act("recallMessage", of);
    for (const client of [ann, cat])
      expect((await client.syncAll(null, { atLeast: cursor })).entries.map(told)).toContain(
        `SILENCED ${id} ${cat.id} by ${bob.id}`,
      );
  });

  it("writes again once it is ended, or over", async () => {
    await silence(ann, cat, FUTURE);
    await silence(bob, cat, null);
    expect(await silencedUntil(ann, cat)).toBeNull();
    await send(cat);
    // It is over by the clock of the server.
    const soon = new Date(Date.now() + 1_500).toISOString();
    await silence(ann, cat, soon);
    expect(await refusal(send(cat))).toEqual(FORBIDDEN);
    await until("they may write", async () => send(cat, "again").catch(() => undefined));
    expect(new Date().toISOString() >= soon).toBe(true);
    expect(await silencedUntil(ann, cat)).toBeNull();
  });

  it("stays so after leaving and coming back, and as the owner is so no longer", async () => {
    await silence(ann, cat, FUTURE);
    await cat.act("leave", { id });
    await cat.act("join", { id });
    expect(await refusal(send(cat))).toEqual(FORBIDDEN);
    await ann.act("transferOwnership", { conversationId: id, userId: cat.id });
    await send(cat);
  });

  it("is one of a lower role, and silenced by those who may", async () => {
    expect(await refusal(silence(cat, ben, FUTURE))).toEqual(FORBIDDEN);
    expect(await refusal(silence(eve, cat, FUTURE))).toEqual(FORBIDDEN);
    for (const of of [ann, ben]) expect(await refusal(silence(bob, of, FUTURE))).toEqual({ code: "FORBIDDEN", field: "userId" });
    expect(await refusal(silence(bob, bob, FUTURE))).toEqual({ code: "BAD_INPUT", field: "userId" });
    expect(await refusal(silence(ann, eve, FUTURE))).toEqual({ code: "NOT_FOUND", field: "userId" });
    expect(await refusal(silence(ann, cat, "2001-01-01T00:00:00Z"))).toEqual({ code: "BAD_INPUT", field: "until" });
    expect(await refusal(ann.act("silence", { conversationId: id, userId: cat.id }))).toEqual({
      code: "BAD_INPUT",
      field: "until",
    });
    await silence(ann, ben, FUTURE);
    expect(await refusal(send(ben))).toEqual(FORBIDDEN);
  });

  it("stays so where a call that silenced them is repeated after it was ended", async () => {
    const call = { clientMutationId: "quiet", conversationId: id, userId: cat.id, until: FUTURE };
    await ann.act("silence", call);
    await silence(ann, cat, null);
    await ann.act("silence", call);
    await send(cat);
  });
});

const SEARCH = /* GraphQL */ `
  query ($query: MessageQuery!, $at: Cursor) {
    searchMessages(query: $query, atLeast: $at) {
      edges {
        node {
          message {
            seq
          }
        }
      }
    }
  }
`;

describe("a group that is dissolved", () => {
  it("has no members, nobody writes there, and former members keep what they saw", async () => {
    await send(ann, "narwhal one");
    await cat.act("leave", { id });
    await send(ann, "narwhal two");
    const { invite } = await ann.act("createInvite", { conversationId: id });
    const { conversation, cursor } = await ann.act("dissolve", { id });
    expect(conversation).toMatchObject({ id, membership: null, memberCount: 0, public: false, lastSeq: 2 });
    for (const client of [ann, bob, cat]) {
      expect(await refusal(send(client))).toEqual(FORBIDDEN);
      expect((await client.conversations({ atLeast: cursor })).edges.filter(({ node }) => node.id === id)).toEqual([]);
      const seen = client === cat ? [1] : [1, 2];
      expect((await client.messages(id)).edges.map(({ node }) => node.seq)).toEqual(seen);
      const { searchMessages } = await client.ask<{ searchMessages: { edges: { node: { message: { seq: number } } }[] } }>(
        SEARCH,
        {
          query: { text: "narwhal", includePublic: true },
          at: cursor,
        },
      );
      expect(searchMessages.edges.map(({ node }) => node.message.seq).sort()).toEqual(seen);
    }
    expect((await bob.syncAll(null)).entries.map(told)).toContain(`DISSOLVED ${id} ${ann.id} by ${ann.id}`);
    expect((await cat.syncAll(null)).entries.map(told).join()).not.toContain("DISSOLVED");
    // To those who only saw it because it was public it is not there any more.
    expect(await eve.conversation(id)).toBeNull();
    expect(await refusal(eve.act("join", { id }))).toEqual({ code: "NOT_FOUND", field: "id" });
    expect(await refusal(eve.act("join", { inviteCode: invite.code }))).toEqual({ code: "NOT_FOUND", field: "inviteCode" });
    expect(await refusal(bob.act("join", { id }))).toEqual({ code: "CONFLICT", field: "id" });
    for (const [name, input] of [
      ["addMembers", { conversationId: id, userIds: [eve.id] }],
      ["updateConversation", { id, title: "Again" }],
      ["createInvite", { conversationId: id }],
      ["dissolve", { id }],
    ] as const) {
      const refused = await refusal(bob.act(name, input));
      expect(refused.code, name).toBe("FORBIDDEN");
    }
  });

  it("is so only for its owner's call, which may be repeated", async () => {
    expect(await refusal(bob.act("dissolve", { id }))).toEqual({ code: "FORBIDDEN", field: "id" });
    expect(await refusal(eve.act("dissolve", { id }))).toEqual({ code: "FORBIDDEN", field: "id" });
    const call = { clientMutationId: "end", id };
    const first = await ann.act("dissolve", call);
    expect((await ann.act("dissolve", call)).cursor).toBe(first.cursor);
    await ann.act("dissolve", { id });
  });

  it("ends the requests that wait, and those who made them are told", async () => {
    await ann.act("updateConversation", { id, joinPolicy: "APPROVAL" });
    const { request } = await eve.act("join", { id });
    const { cursor } = await ann.act("dissolve", { id });
    expect((await eve.syncAll(null, { atLeast: cursor })).entries.map(told).slice(-1)).toEqual([`DECLINED ${request?.id}`]);
    for (const client of [eve, ann])
      expect(await refusal(client.act("answerJoinRequest", { id: request?.id, accept: false }))).toMatchObject({ field: "id" });
  });

  it("ends for those who listen, after they were told", async () => {
    const listening = cat.listen(id);
    await listening.until("caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    await ann.act("dissolve", { id });
    expect(await refusal(Promise.reject(await listening.ended()))).toEqual({ code: "FORBIDDEN", field: "id" });
    expect(listening.entries.map(told)).toContain(`DISSOLVED ${id} ${ann.id} by ${ann.id}`);
    await listening.close();
  });

  it("is dissolved the same where nothing is fanned out", async () => {
    await using wide = await apiServer({ FANOUT_LIMIT: "0" });
    const [owner, member] = await registeredAll(wide, "owner", "member");
    const made = await owner.act("createConversation", { kind: "GROUP", title: "Wide", memberIds: ["member"] });
    const inbox = member.inbox();
    await inbox.until("caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    const { cursor } = await owner.act("dissolve", { id: made.conversation.id });
    const wanted = `DISSOLVED ${made.conversation.id} owner by owner`;
    await inbox.until("the end", (entry) => told(entry) === wanted);
    const entries = (await member.syncAll(null, { atLeast: cursor })).entries.map(told);
    expect(entries.slice(-1)).toEqual([wanted]);
    await inbox.close();
  });

  it("a channel too: nobody posts any more, and those who follow it keep what they saw", async () => {
    const { conversation } = await ann.act("createConversation", { kind: "CHANNEL", title: "News", public: true });
    const channel = conversation.id;
    await eve.act("join", { id: channel });
    await ann.act("sendMessage", { conversationId: channel, text: "one" });
    const { cursor } = await ann.act("dissolve", { id: channel });
    expect(await refusal(ann.act("sendMessage", { conversationId: channel, text: "two" }))).toMatchObject({ code: "FORBIDDEN" });
    expect((await eve.syncAll(null, { atLeast: cursor })).entries.map(told)).toContain(
      `DISSOLVED ${channel} ${ann.id} by ${ann.id}`,
    );
    expect((await eve.messages(channel)).edges.map(({ node }) => node.seq)).toEqual([1]);
    expect(await cat.conversation(channel)).toBeNull();
    expect(await refusal(cat.act("join", { id: channel }))).toEqual({ code: "NOT_FOUND", field: "id" });
  });
});
