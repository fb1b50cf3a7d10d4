import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiServer, type ApiServer } from "../../support/apiServer.ts";
import { type Client, clientOf, refusal, registered } from "../../support/client.ts";
import { httpCalls } from "../../support/http.ts";

let server: ApiServer;
let operator: Client;
let ann: Client;
beforeAll(async () => {
  server = await apiServer();
  operator = await clientOf(server, "operator", { admin: true });
  ann = await registered(server, "ann");
});
afterAll(() => server[Symbol.asyncDispose]());

/** What a program is answered that has this token. */
const asked = (token: string, query: string) => httpCalls({ address: () => server.address, token }).post(query);

const VIEWER = "{ viewer { user { id handle name bot } } }";
const write = (user: string, text: string) =>
  `mutation { sendMessage(input: { clientMutationId: "${randomUUID()}", userId: "${user}", text: "${text}" }) { message { text sender { id bot } } } }`;

describe("a bot", () => {
  it("is a user with a token of its own, which is told once", async () => {
    const input = { id: "robot", name: "Robot", clientMutationId: randomUUID() };
    const made = await operator.act("createBot", input);
    expect(made).toMatchObject({
      user: { id: "robot", name: "Robot", bot: true },
      token: expect.stringMatching(/^bot\./) as string,
    });
    const robot = made.token ?? "";
    expect(await asked(robot, VIEWER)).toMatchObject({
      data: { viewer: { user: { id: "robot", handle: "robot", name: "Robot", bot: true } } },
    });
    expect(await asked(robot, write("ann", "beep"))).toMatchObject({
      data: { sendMessage: { message: { text: "beep", sender: { id: "robot", bot: true } } } },
    });
    expect(await operator.act("createBot", input)).toMatchObject({ user: { id: "robot" }, token: null });
    expect(await refusal(operator.act("createBot", { ...input, name: "Other" }))).toMatchObject({ code: "CONFLICT" });
    expect(await asked(robot, VIEWER)).toHaveProperty("data");
  });

  it("has the newest token alone, at once", async () => {
    const first = (await operator.act("createBot", { id: "fresh", name: "Fresh" })).token ?? "";
    const next = await operator.act("createBot", { id: "fresh", name: "Fresher" });
    expect(next.user.name).toBe("Fresher");
    expect((await asked(first, VIEWER)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect(await asked(next.token ?? "", VIEWER)).toMatchObject({ data: { viewer: { user: { name: "Fresher" } } } });
    for (const wrong of ["bot.", "bot.x.y", `${next.token}x`, (next.token ?? "").replace("bot.", "bot.YW5u")])
      expect((await asked(wrong, VIEWER)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });

  it("has it as soon as it is told, also where nothing else is asked for", async () => {
    const make = `mutation ($input: CreateBotInput!) { createBot(input: $input) { token } }`;
    let former: string | undefined;
    for (let round = 0; round < 10; round++) {
      const input = { clientMutationId: randomUUID(), id: "hasty", name: "Hasty" };
      const { createBot } = await operator.ask<{ createBot: { token: string } }>(make, { input });
      expect(await asked(createBot.token, VIEWER)).toHaveProperty("data.viewer.user.id", "hasty");
      if (former) expect((await asked(former, VIEWER)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
      former = createBot.token;
    }
  });

  it("may not do what is for people and operators", async () => {
    const token = (await operator.act("createBot", { id: "small", name: "Small" })).token ?? "";
    const id = `clientMutationId: "${randomUUID()}"`;
    for (const mutation of [
      `requestFriendship(input: { ${id}, userId: "ann" }) { cursor }`,
      `createConversation(input: { ${id}, kind: GROUP, title: "Robots" }) { cursor }`,
      `createBot(input: { ${id}, id: "more", name: "More" }) { token }`,
      `block(input: { ${id}, userId: "ann", on: true }) { cursor }`,
    ]) {
      const { errors } = await asked(token, `mutation { ${mutation} }`);
      expect(errors?.[0]).toMatchObject({ message: expect.stringContaining("bot") as string, extensions: { code: "FORBIDDEN" } });
    }
    expect((await asked(token, "{ admin { components { role } } }")).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });
});

describe("whoever an archive says is deactivated", () => {
  it("keeps their name, and neither acts nor is found or written to", async () => {
    const fact = (type: string, data: object) =>
      JSON.stringify({ fact: type, id: randomUUID(), at: "2020-01-01T00:00:00Z", by: "zoe", data });
    const profile = { handle: "zoe", name: "Zoe", avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };
    const lines = [fact("UserRegistered", { userId: "zoe", ...profile }), fact("UserDeactivated", { userId: "zoe" })];
    const { cursor, stored } = await operator.act("importFacts", { lines });
    expect(stored).toBe(2);
    const found = await ann.ask<{ user: object; searchUsers: { edges: object[] } }>(
      `query ($at: Cursor) { user(id: "zoe", atLeast: $at) { name } searchUsers(query: { name: "zoe" }, atLeast: $at) { edges { node { user { id } } } } }`,
      { at: cursor },
    );
    expect(found).toEqual({ user: { name: "Zoe" }, searchUsers: { edges: [] } });
    expect(await refusal(ann.act("sendMessage", { userId: "zoe", text: "are you there?" }))).toMatchObject({ code: "NOT_FOUND" });
    const zoe = await clientOf(server, "zoe");
    expect(await refusal(zoe.act("sendMessage", { userId: "ann", text: "I am" }))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(zoe.ask(VIEWER))).toMatchObject({ code: "FORBIDDEN" });
    const again = await operator.act("importFacts", { lines: [fact("UserReactivated", { userId: "zoe" })] });
    expect(again.stored).toBe(1);
    await zoe.act("sendMessage", { userId: "ann", text: "here again" });
  });
});
