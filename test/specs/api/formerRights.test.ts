import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { MutationName } from "../../support/answers.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, registeredAll } from "../../support/client.ts";
import type { Variables } from "../../support/http.ts";

/* Whoever had a right once makes the same calls again, and learns nothing of what came after they lost it. */

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob, eve] = [] as unknown as [Client, Client, Client];
beforeEach(async () => {
  people += 1;
  [ann, bob, eve] = await registeredAll(server, `ann${people}`, `bob${people}`, `eve${people}`);
});

/** A call that can be made again, word for word. */
function call<Name extends MutationName>(client: Client, name: Name, input: Variables) {
  const whole = { clientMutationId: randomUUID(), ...input };
  return () => client.act(name, whole);
}

const group = async (more: object) =>
  (await ann.act("createConversation", { kind: "GROUP", title: "First", description: "one", ...more })).conversation.id;

describe("an administrator of before", () => {
  const former = async (more: object = {}) => {
    const id = await group({ memberIds: [bob.id], joinPolicy: "INVITE" });
    await ann.act("setRole", { conversationId: id, userId: bob.id, role: "ADMIN" });
    const made = call(bob, "createInvite", { conversationId: id, ...more });
    const { invite } = await made();
    const revoked = call(bob, "revokeInvite", { conversationId: id, code: invite.code });
    const gone = async () => {
      await ann.act("removeMembers", { conversationId: id, userIds: [bob.id] });
      await ann.act("updateConversation", { id, title: "Second", description: "two" });
      await ann.act("addMembers", { conversationId: id, userIds: [eve.id] });
      await ann.act("addMembers", { conversationId: id, userIds: [(await registeredAll(server, `fay${people}`))[0].id] });
    };
    return { id, made, revoked, gone };
  };

  it("sees of an invitation that is revoked what the group was when they went", async () => {
    const { made, revoked, gone } = await former();
    await revoked();
    await gone();
    const then = { title: "First", description: "one", memberCount: 1 };
    expect((await made()).invite).toMatchObject(then);
    expect((await revoked()).invite).toMatchObject(then);
  });

  it("sees of one that is still good what everyone sees who has it", async () => {
    const { made, gone } = await former();
    await gone();
    expect((await made()).invite).toMatchObject({ title: "Second", description: "two", memberCount: 3 });
  });
});

it("an administrator of now sees of a revoked invitation what the group is now", async () => {
  const id = await group({});
  const { invite } = await ann.act("createInvite", { conversationId: id });
  const revoked = call(ann, "revokeInvite", { conversationId: id, code: invite.code });
  await revoked();
  await ann.act("updateConversation", { id, title: "Second" });
  expect((await revoked()).invite).toMatchObject({ title: "Second", memberCount: 1 });
});

describe("who has done something to a message that they may not see any more", () => {
  it("gets it again without its content, and with nothing of what became of it", async () => {
    const id = await group({ historyVisible: true });
    const { seq } = (await ann.act("sendMessage", { conversationId: id, text: "one" })).message;
    await ann.act("addMembers", { conversationId: id, userIds: [eve.id] });
    const reacted = call(eve, "react", { conversationId: id, seq, emoji: "👍", on: true });
    const first = (await reacted()).message;
    expect(first).toMatchObject({ text: "one", reactions: [{ emoji: "👍", count: 1 }] });
    await ann.act("editMessage", { conversationId: id, seq, text: "two" });
    expect((await reacted()).message).toMatchObject({ text: "two", editedAt: expect.any(String) as string });

    await ann.act("removeMembers", { conversationId: id, userIds: [eve.id] });
    await ann.act("react", { conversationId: id, seq, emoji: "🎉", on: true });
    const nothing = { ...first, text: null, reactions: [], editedAt: null };
    expect((await reacted()).message).toEqual(nothing);
    await ann.act("recallMessage", { conversationId: id, seq });
    expect((await reacted()).message).toEqual(nothing);
    // Who is back sees it as it is now.
    const own = call(eve, "react", { conversationId: id, seq, emoji: "👍", on: false });
    await ann.act("addMembers", { conversationId: id, userIds: [eve.id] });
    expect((await own()).message).toMatchObject({ recalledAt: expect.any(String) as string });
  });
});

describe("who asks to join a group that they may not see", () => {
  it("is told what it says of itself when they ask, and not what it said before or says later", async () => {
    const id = await group({ joinPolicy: "APPROVAL", description: "one" });
    await ann.act("updateConversation", { id, title: "Second", description: "two" });
    const asked = call(eve, "join", { id });
    const second = { title: "Second", description: "two", memberCount: 0 };
    expect((await asked()).conversation).toMatchObject(second);
    await ann.act("updateConversation", { id, title: "Third", description: "three" });
    expect((await asked()).conversation).toMatchObject(second);
    // What waits already is no news.
    expect((await eve.act("join", { id })).conversation).toMatchObject(second);
  });
});
