import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { INVITE, type Invite } from "../../support/answers.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, refusal, registeredAll, told } from "../../support/client.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob, cat, eve, fay] = [] as unknown as [Client, Client, Client, Client, Client];
let id = "";
beforeEach(async () => {
  people += 1;
  const names = ["ann", "bob", "cat", "eve", "fay"].map((name) => `${name}${people}`) as [string, string, string, string, string];
  [ann, bob, cat, eve, fay] = await registeredAll(server, ...names);
  const input = { kind: "GROUP", title: "Readers", description: "we read", joinPolicy: "INVITE", memberIds: [bob.id, cat.id] };
  id = (await ann.act("createConversation", input)).conversation.id;
  await ann.act("setRole", { conversationId: id, userId: bob.id, role: "ADMIN" });
});

const code = async (client: Client, text: string) =>
  (
    await client.ask<{ code: (Invite & { __typename: string }) | null }>(
      `query ($text: String!) { code(text: $text) { __typename ... on Invite { ...InviteParts } } } ${INVITE}`,
      { text },
    )
  ).code;
const invites = async (client: Client) =>
  (
    await client.ask<{ conversation: { invites: { id: string }[] } }>(
      "query ($id: ID!) { conversation(id: $id) { invites { id } } }",
      { id },
    )
  ).conversation.invites.map((invite) => invite.id);
const use = (client: Client, inviteCode: string) => client.act("join", { inviteCode });
const NONE = { code: "NOT_FOUND", field: "inviteCode" };

describe("an invitation", () => {
  it("lets whoever has its code in, and tells them what it is for", async () => {
    const { invite } = await bob.act("createInvite", { conversationId: id, uses: 2, expiresAt: "2999-01-01T00:00:00+02:00" });
    expect(invite).toMatchObject({
      createdBy: { id: bob.id },
      expiresAt: "2998-12-31T22:00:00.000Z",
      usesLeft: 2,
      title: "Readers",
      description: "we read",
      memberCount: 3,
    });
    expect(invite.code).toBe(`tidings:${invite.id}`);
    expect(await code(eve, ` ${invite.code} `)).toEqual({ __typename: "Invite", ...invite });
    expect(await eve.conversation(id)).toBeNull();
    const { conversation, request } = await use(eve, invite.code);
    expect(request).toBeNull();
    expect(conversation).toMatchObject({ id, memberCount: 4, membership: { role: "MEMBER" } });
    expect((await code(fay, invite.code))?.usesLeft).toBe(1);
    // A member uses none.
    await use(eve, invite.code);
    await use(cat, invite.code);
    expect((await code(fay, invite.code))?.usesLeft).toBe(1);
    expect((await ann.syncAll(null)).entries.map(told)).toContain(`JOINED ${id} ${eve.id} by ${eve.id}`);
  });

  it("that is used up, revoked, over, or never was is answered alike", async () => {
    const used = (await ann.act("createInvite", { conversationId: id, uses: 1 })).invite;
    const revoked = (await ann.act("createInvite", { conversationId: id })).invite;
    const call = { clientMutationId: "mine", inviteCode: used.code };
    await eve.act("join", call);
    const { invite } = await bob.act("revokeInvite", { conversationId: id, code: revoked.code });
    expect(invite.id).toBe(revoked.id);
    await ann.act("revokeInvite", { conversationId: id, code: revoked.code });
    for (const text of [used.code, revoked.code, "tidings:i:0123456789abcdefghijklmnop", "tidings:g:none", "nothing"]) {
      expect(await refusal(use(fay, text))).toEqual(NONE);
      if (text !== "tidings:g:none") expect(await code(fay, text)).toBeNull();
    }
    // The call that used it is known, also when its user has left since.
    expect((await eve.act("join", call)).conversation.id).toBe(id);
    await eve.act("leave", { id });
    expect((await eve.act("join", call)).conversation.membership).toBeNull();
    expect(await refusal(use(eve, used.code))).toEqual(NONE);
    expect(await refusal(ann.act("revokeInvite", { conversationId: id, code: "tidings:i:0123456789abcdefghijklmnop" }))).toEqual({
      code: "NOT_FOUND",
      field: "code",
    });
  });

  it("is made, seen and revoked by owner and administrators", async () => {
    const { invite } = await ann.act("createInvite", { conversationId: id });
    expect(await invites(ann)).toEqual([invite.id]);
    expect(await invites(bob)).toEqual([invite.id]);
    expect(await invites(cat)).toEqual([]);
    const forbidden = { code: "FORBIDDEN", field: "conversationId" };
    const hidden = { code: "NOT_FOUND", field: "conversationId" };
    for (const [client, code] of [
      [cat, forbidden],
      [eve, hidden],
    ] as const) {
      expect(await refusal(client.act("createInvite", { conversationId: id }))).toEqual(code);
      expect(await refusal(client.act("revokeInvite", { conversationId: id, code: invite.code }))).toEqual(code);
    }
    await bob.act("revokeInvite", { conversationId: id, code: invite.code });
    expect(await invites(ann)).toEqual([]);
  });

  it("is made once by the same call, and is CONFLICT with other input", async () => {
    const call = { clientMutationId: "make", conversationId: id, uses: 5 };
    const first = await ann.act("createInvite", call);
    await use(eve, first.invite.code);
    const again = await ann.act("createInvite", call);
    expect(again.invite).toMatchObject({ id: first.invite.id, usesLeft: 4 });
    expect(await refusal(ann.act("createInvite", { ...call, uses: 6 }))).toEqual({ code: "CONFLICT", field: "clientMutationId" });
    // The same id by another is another invitation.
    expect((await bob.act("createInvite", call)).invite.id).not.toBe(first.invite.id);
  });

  it("needs a sensible time and number, and only one way in is given", async () => {
    const field = (input: object) => refusal(ann.act("createInvite", { conversationId: id, ...input }));
    expect(await field({ uses: 0 })).toEqual({ code: "BAD_INPUT", field: "uses" });
    expect(await field({ expiresAt: "2001-01-01T00:00:00Z" })).toEqual({ code: "BAD_INPUT", field: "expiresAt" });
    expect(await field({ expiresAt: "tomorrow" })).toEqual({ code: "BAD_INPUT", field: "expiresAt" });
    expect(await refusal(eve.act("join", { id, inviteCode: "tidings:i:x" }))).toEqual({ code: "BAD_INPUT", field: "id" });
    expect(await refusal(ann.act("revokeInvite", { conversationId: id, code: "nothing" }))).toEqual({
      code: "BAD_INPUT",
      field: "code",
    });
  });

  it("settles a request that waits", async () => {
    await ann.act("updateConversation", { id, joinPolicy: "APPROVAL", public: true });
    const { request } = await eve.act("join", { id });
    const { invite } = await ann.act("createInvite", { conversationId: id });
    await use(eve, invite.code);
    const node = await eve.ask("query ($id: ID!) { node(id: $id) { ... on JoinRequest { status decidedBy { id } } } }", {
      id: request?.id,
    });
    expect(node).toEqual({ node: { status: "ACCEPTED", decidedBy: { id: eve.id } } });
  });

  it("to a channel lets its holder follow", async () => {
    const made = await ann.act("createConversation", { kind: "CHANNEL", title: "News", joinPolicy: "INVITE" });
    const { invite } = await ann.act("createInvite", { conversationId: made.conversation.id, uses: 1 });
    expect(await refusal(eve.act("join", { id: made.conversation.id }))).toEqual({ code: "NOT_FOUND", field: "id" });
    const { conversation } = await use(eve, invite.code);
    expect(conversation).toMatchObject({ kind: "CHANNEL", memberCount: 2, membership: { role: "MEMBER" } });
    expect(await refusal(eve.act("sendMessage", { conversationId: conversation.id, text: "hello" }))).toMatchObject({
      code: "FORBIDDEN",
    });
    expect(await refusal(use(fay, invite.code))).toEqual(NONE);
  });

  it("to a channel whose staff are gone is over, also while others follow it", async () => {
    const made = await ann.act("createConversation", { kind: "CHANNEL", title: "News", public: true });
    const { invite } = await ann.act("createInvite", { conversationId: made.conversation.id });
    await eve.act("join", { id: made.conversation.id });
    expect(await code(fay, invite.code)).toMatchObject({ memberCount: 2 });
    await ann.act("leave", { id: made.conversation.id });
    expect(await refusal(use(fay, invite.code))).toEqual(NONE);
    expect(await code(fay, invite.code)).toBeNull();
  });
});
