import { afterAll, beforeAll, expect, it } from "vitest";
import { clientOf, refusal, told } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

/* Users whom an identity provider calls as it likes. */

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

it("a user of any name writes, is written to, read and found as everyone else", async () => {
  const ann = await clientOf(server, "auth0|123");
  const bob = await clientOf(server, "bob@example.org");
  const { user } = await ann.act("register", { handle: "ann", name: "Ann" });
  expect(user.id).toBe("auth0=7C123");
  await bob.act("register", { handle: "bob", name: "Bob" });
  const sent = await ann.act("sendMessage", { userId: "bob=40example.org", text: "Hello" });
  const conversation = "d:auth0=7C123~bob=40example.org";
  expect(sent.message.id).toBe(`${conversation}:1`);
  expect((await bob.syncAll(null, { atLeast: sent.cursor })).entries.map(told)).toContain(`received ${conversation}:1 Hello`);
  await bob.act("markRead", { conversationId: conversation, seq: 1 });
  const { conversation: group } = await bob.act("createConversation", {
    kind: "GROUP",
    title: "All",
    memberIds: ["auth0=7C123"],
  });
  await ann.act("leave", { id: group.id });
  const found = await ann.ask<object>(
    `{ node(id: "${conversation}:1") { id } user(id: "bob=40example.org") { id handle }
       searchUsers(query: { name: "bob=40example.org" }) { edges { node { user { id } } } } }`,
  );
  expect(found).toEqual({
    node: { id: `${conversation}:1` },
    user: { id: "bob=40example.org", handle: "bob" },
    searchUsers: { edges: [{ node: { user: { id: "bob=40example.org" } } }] },
  });
});

it("an id that is no text's names nobody: there is one way to write it", async () => {
  const ann = await clientOf(server, "auth0|123");
  for (const id of ["auth0|123", "auth0=7c123", "auth0=7C=3123", "bob@example.org"])
    expect([id, await refusal(ann.ask("query ($id: ID!) { user(id: $id) { id } }", { id }))]).toEqual([
      id,
      { code: "BAD_INPUT", field: "id" },
    ]);
});
