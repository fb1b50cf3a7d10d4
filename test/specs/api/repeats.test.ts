import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type MutationName } from "../../support/answers.ts";
import { type Client, clientOf, refusal, registered } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Variables } from "../../support/http.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob, cat, dan] = [] as unknown as [Client, Client, Client, Client];
beforeEach(async () => {
  people += 1;
  [ann, bob, cat, dan] = (await Promise.all(
    ["ann", "bob", "cat", "dan"].map((name) => registered(server, `${name}${people}`)),
  )) as [Client, Client, Client, Client];
});

const group = async (...members: Client[]) =>
  (
    await ann.act("createConversation", {
      kind: "GROUP",
      title: "Group",
      joinPolicy: "OPEN",
      memberIds: members.map(({ id }) => id),
    })
  ).conversation.id;

/** A call that can be made again, word for word. */
function call<Name extends MutationName>(client: Client, name: Name, input: Variables) {
  const whole = { clientMutationId: randomUUID(), ...input };
  return () => client.act(name, whole);
}

/** How many events the log holds, seen from outside: the place of one that is written now. */
const everything = async (...clients: Client[]) => {
  const { cursor } = await ann.act("sendMessage", { userId: dan.id, text: "a mark in the log" });
  const told = await Promise.all(clients.map(async (client) => (await client.syncAll(null, { atLeast: cursor })).entries.length));
  return told;
};

describe("the same call again", () => {
  it("gives the first result, and nothing happens a second time, for every mutation", async () => {
    const id = await group(bob, cat);
    const on = { conversationId: id };
    await ann.act("sendMessage", { ...on, text: "first" });
    const calls = [
      call(ann, "updateProfile", { name: "Ann the second" }),
      call(ann, "updateProfile", { handle: `ann-${people}-renamed` }),
      call(ann, "createConversation", { kind: "GROUP", title: "Another", memberIds: [bob.id] }),
      call(ann, "sendMessage", { ...on, text: "second" }),
      call(ann, "sendMessage", { userId: bob.id, text: "direct" }),
      call(ann, "editMessage", { ...on, seq: 1, text: "edited" }),
      call(ann, "recallMessage", { ...on, seq: 1 }),
      call(dan, "join", { id }),
      call(ann, "setRole", { ...on, userId: cat.id, role: "ADMIN" }),
      call(ann, "removeMembers", { ...on, userIds: [dan.id] }),
      call(ann, "addMembers", { ...on, userIds: [dan.id] }),
      call(dan, "leave", { id }),
      call(ann, "transferOwnership", { ...on, userId: cat.id }),
    ];
    for (const [index, again] of calls.entries()) {
      const first = await again();
      const before = await everything(ann, bob, cat);
      expect([index, await again(), await again()]).toEqual([index, first, first]);
      expect([index, await everything(ann, bob, cat)]).toEqual([
        index,
        before.map((count, place) => count + (place === 0 ? 1 : 0)),
      ]);
    }
    const register = { handle: `new${people}`, name: "New", clientMutationId: randomUUID() };
    const newcomer = await clientOf(server, `new${people}`);
    const first = await newcomer.act("register", register);
    expect(await newcomer.act("register", register)).toEqual(first);
    const mark = call(bob, "markRead", { ...on, seq: 2 });
    const marked = await mark();
    const before = await everything(bob);
    expect((await mark()).conversation).toEqual(marked.conversation);
    expect(await everything(bob)).toEqual(before);
  });

  it("is the first result also where many come at once", async () => {
    const id = await group(bob);
    await ann.act("sendMessage", { conversationId: id, text: "first" });
    const calls = [
      call(ann, "sendMessage", { conversationId: id, text: "second" }),
      call(ann, "editMessage", { conversationId: id, seq: 1, text: "edited" }),
      call(ann, "createConversation", { kind: "GROUP", title: "Another" }),
      call(ann, "addMembers", { conversationId: id, userIds: [cat.id, dan.id] }),
      call(dan, "leave", { id }),
      call(ann, "recallMessage", { conversationId: id, seq: 1 }),
    ];
    for (const again of calls) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => again()));
      for (const answer of answers) expect(answer.cursor).toBe(answers[0]?.cursor);
    }
    expect((await ann.conversation(id, (await ann.act("markRead", { conversationId: id, seq: 2 })).cursor))?.lastSeq).toBe(2);
  });

  it("is the first result also after the right was lost", async () => {
    const id = await group(bob, cat);
    const on = { conversationId: id };
    await ann.act("setRole", { ...on, userId: bob.id, role: "ADMIN" });
    await ann.act("sendMessage", { ...on, text: "first" });
    const calls = [
      call(bob, "sendMessage", { ...on, text: "mine" }),
      call(bob, "editMessage", { ...on, seq: 2, text: "still mine" }),
      call(bob, "recallMessage", { ...on, seq: 1 }),
      call(bob, "addMembers", { ...on, userIds: [dan.id] }),
      call(bob, "removeMembers", { ...on, userIds: [cat.id] }),
      call(bob, "sendMessage", { ...on, text: "the last", replyTo: 1, mentions: [ann.id] }),
      call(bob, "markRead", { ...on, seq: 1_000 }),
    ];
    const first = [];
    for (const again of calls) first.push(await again());
    const own = await call(ann, "setRole", { ...on, userId: bob.id, role: "MEMBER" })();
    const transfer = call(ann, "transferOwnership", { ...on, userId: dan.id });
    const transferred = await transfer();
    const removed = await dan.act("removeMembers", { ...on, userIds: [bob.id, ann.id] });
    await bob.sync(null, { atLeast: removed.cursor });
    const before = await everything(ann, bob, dan);
    for (const [index, again] of calls.entries()) {
      expect([index, (await again()).cursor]).toEqual([index, first[index]?.cursor]);
    }
    expect((await transfer()).cursor).toBe(transferred.cursor);
    expect(own.cursor < transferred.cursor).toBe(true);
    const after = await everything(ann, bob, dan);
    expect(after).toEqual(before.map((count, place) => count + (place === 1 ? 0 : 1)));
    // What is new is refused.
    expect(await refusal(bob.act("sendMessage", { ...on, text: "more" }))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(bob.act("editMessage", { ...on, seq: 2, text: "more" }))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(bob.act("addMembers", { ...on, userIds: [cat.id] }))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(bob.act("markRead", { ...on, seq: 1_000 }))).toMatchObject({ code: "FORBIDDEN" });
  });

  it("is known after a restart too", async () => {
    await using first = await apiServer();
    const eve = await registered(first, "eve");
    await registered(first, "fay");
    const message = { clientMutationId: randomUUID(), userId: "fay", text: "once" };
    const made = { clientMutationId: randomUUID(), kind: "GROUP", title: "Once", memberIds: ["fay"] };
    const answers = [await eve.act("sendMessage", message), await eve.act("createConversation", made)];
    await first.stop();
    await using second = await apiServer({ DATA_DIR: first.config.dataDir });
    const again = await clientOf(second, "eve");
    expect([await again.act("sendMessage", message), await again.act("createConversation", made)]).toEqual(answers);
  });

  it("with other input is a conflict where it would make something new", async () => {
    const id = await group(bob);
    const clientMutationId = randomUUID();
    const conflict = { code: "CONFLICT", field: "clientMutationId" };
    await ann.act("sendMessage", { clientMutationId, conversationId: id, text: "one", topic: "a" });
    for (const other of [{ text: "two" }, { topic: "b" }, { topic: null }, { mentionsAll: true }, { mentions: [bob.id] }]) {
      const call = ann.act("sendMessage", { clientMutationId, conversationId: id, text: "one", topic: "a", ...other });
      expect([other, await refusal(call)]).toEqual([other, conflict]);
    }
    await ann.act("createConversation", { clientMutationId, kind: "GROUP", title: "One", memberIds: [bob.id] });
    for (const other of [{ title: "Two" }, { memberIds: [] }, { public: true }, { memberIds: [bob.id, cat.id] }]) {
      const call = ann.act("createConversation", {
        clientMutationId,
        kind: "GROUP",
        title: "One",
        memberIds: [bob.id],
        ...other,
      });
      expect([other, await refusal(call)]).toEqual([other, conflict]);
    }
  });
});
