import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientOf, refusal, registered } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

const PROFILE = `id handle name avatarUrl gender age signature tags { name score } directConversationId`;

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe("registering", () => {
  it("makes a profile that is found by id, by handle, by node and as the viewer", async () => {
    const ann = await clientOf(server, "people-ann");
    const { cursor, user } = await ann.act("register", {
      handle: "Ann.Lee",
      name: "Ann Lee",
      avatarUrl: "https://example.org/ann.png",
      gender: "FEMALE",
      birthday: "2000-02-29",
      signature: "carpe diem",
      tags: [{ name: "chess" }, { name: "tea", score: 2.5 }],
    });
    expect(user).toMatchObject({ id: "people-ann", handle: "ann.lee", name: "Ann Lee" });
    const birthdaysSince = new Date().getUTCFullYear() - 2000 - (new Date().toISOString().slice(5) < "02-29" ? 1 : 0);
    const expected = {
      id: "people-ann",
      handle: "ann.lee",
      name: "Ann Lee",
      avatarUrl: "https://example.org/ann.png",
      gender: "FEMALE",
      age: birthdaysSince,
      signature: "carpe diem",
      tags: [
        { name: "chess", score: 1 },
        { name: "tea", score: 2.5 },
      ],
    };
    const found = await ann.ask<Record<string, unknown>>(
      `query ($cursor: Cursor) {
        viewer(atLeast: $cursor) { user { ${PROFILE} } }
        byId: user(id: "people-ann", atLeast: $cursor) { ${PROFILE} }
        byHandle: user(handle: "@ANN.lee", atLeast: $cursor) { ${PROFILE} }
        node(id: "people-ann", atLeast: $cursor) { __typename id ... on User { ${PROFILE} } }
      }`,
      { cursor },
    );
    expect(found).toMatchObject({ viewer: { user: expected }, byId: expected, byHandle: expected, node: expected });
    expect(found["node"]).toMatchObject({ __typename: "User" });
  });

  it("leaves out what was not given", async () => {
    const ben = await registered(server, "people-ben");
    const { viewer } = await ben.ask<{ viewer: { user: object } }>(`{ viewer { user { ${PROFILE} } } }`);
    expect(viewer.user).toMatchObject({
      name: "people-ben",
      avatarUrl: null,
      gender: null,
      age: null,
      signature: null,
      tags: [],
    });
  });

  it("comes first: whoever has not registered is told so, whatever they ask", async () => {
    const stranger = await clientOf(server, "people-stranger");
    const told = { code: "NOT_FOUND", message: expect.stringContaining("register") as string };
    const calls = [
      stranger.ask("{ viewer { user { id } } }"),
      stranger.ask(`{ user(id: "people-ann") { id } }`),
      stranger.ask(`{ node(id: "people-ann") { id } }`),
      stranger.ask(`{ conversation(id: "g:none") { id } }`),
      stranger.act("sendMessage", { userId: "people-ann", text: "hello" }),
      stranger.act("createConversation", { kind: "GROUP", title: "Mine" }),
      stranger.act("updateProfile", { name: "Somebody" }),
      stranger.act("markRead", { conversationId: "d:people-ann~people-stranger", seq: 1 }),
      stranger.act("join", { id: "g:none" }),
    ];
    // All at once: one that is answered sooner than those before it is waited for, too.
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(told)));
    expect(await stranger.inbox().ended()).toMatchObject(told);
  });

  it("is done once, refuses another profile under the same id, and a second time under another id", async () => {
    const cat = await clientOf(server, "people-cat");
    const input = { clientMutationId: randomUUID(), handle: "people-cat", name: "Cat" };
    const first = await cat.act("register", input);
    expect(await cat.act("register", input)).toEqual(first);
    expect(await refusal(cat.act("register", { ...input, name: "Another" }))).toEqual({
      code: "CONFLICT",
      field: "clientMutationId",
    });
    expect(await refusal(cat.act("register", { handle: "people-cat", name: "Cat" }))).toMatchObject({ code: "CONFLICT" });
  });

  it("names the input at fault", async () => {
    const dan = await clientOf(server, "people-dan");
    const field = async (input: object) => refusal(dan.act("register", { handle: "people-dan", name: "Dan", ...input }));
    expect(await field({ handle: "no spaces" })).toEqual({ code: "BAD_INPUT", field: "handle" });
    expect(await field({ handle: "" })).toEqual({ code: "BAD_INPUT", field: "handle" });
    expect(await field({ name: "  " })).toEqual({ code: "BAD_INPUT", field: "name" });
    expect(await field({ name: "x".repeat(129) })).toEqual({ code: "BAD_INPUT", field: "name" });
    expect(await field({ avatarUrl: "ftp://example.org/a" })).toMatchObject({ code: "BAD_INPUT", field: "avatarUrl" });
    expect(await field({ birthday: "1990-02-30" })).toEqual({ code: "BAD_INPUT", field: "birthday" });
    expect(await field({ birthday: "2990-02-01" })).toEqual({ code: "BAD_INPUT", field: "birthday" });
    expect(await field({ tags: [{ name: "a" }, { name: "" }] })).toEqual({ code: "BAD_INPUT", field: "tags.1.name" });
    expect(await field({ gender: "NEITHER" })).toMatchObject({ code: "BAD_INPUT", field: "gender" });
    expect(await field({ clientMutationId: "" })).toEqual({ code: "BAD_INPUT", field: "clientMutationId" });
  });
});

describe("handles", () => {
  it("are one person's, however they are typed", async () => {
    await registered(server, "people-eve");
    const fay = await clientOf(server, "people-fay");
    expect(await refusal(fay.act("register", { handle: "PEOPLE-EVE", name: "Fay" }))).toEqual({
      code: "CONFLICT",
      field: "handle",
    });
    expect((await fay.act("register", { handle: "people-fay", name: "Fay" })).user.handle).toBe("people-fay");
  });

  it("change, and the old one is free for others", async () => {
    const gus = await registered(server, "people-gus");
    const { cursor, user } = await gus.act("updateProfile", { handle: "people-gustav" });
    expect(user).toMatchObject({ id: "people-gus", handle: "people-gustav", name: "people-gus" });
    const lookUp = (handle: string) =>
      gus.ask<{ user: { id: string } | null }>(
        "query ($handle: String, $at: Cursor) { user(handle: $handle, atLeast: $at) { id } }",
        {
          handle,
          at: cursor,
        },
      );
    expect(await lookUp("people-gustav")).toEqual({ user: { id: "people-gus" } });
    expect(await lookUp("people-gus")).toEqual({ user: null });
    const hal = await clientOf(server, "people-hal");
    const taken = await hal.act("register", { handle: "people-gus", name: "Hal" });
    expect(taken.user).toMatchObject({ id: "people-hal", handle: "people-gus" });
    expect(await refusal(gus.act("updateProfile", { handle: "people-gus" }))).toEqual({ code: "CONFLICT", field: "handle" });
    expect(await lookUp("people-gustav")).toEqual({ user: { id: "people-gus" } });
  });

  it("go to one of two who ask at the same moment", async () => {
    const pair = await Promise.all([clientOf(server, "people-one"), clientOf(server, "people-two")]);
    const outcomes = await Promise.allSettled(
      pair.map((client) => client.act("register", { handle: "people-same", name: client.id })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const winner = pair[outcomes.findIndex(({ status }) => status === "fulfilled")];
    expect(await winner?.ask(`{ user(handle: "people-same") { id } }`)).toEqual({ user: { id: winner?.id } });
  });
});

describe("a profile", () => {
  it("changes only where something is said, and null takes away", async () => {
    const ida = await clientOf(server, "people-ida");
    await ida.act("register", {
      handle: "people-ida",
      name: "Ida",
      signature: "before",
      gender: "OTHER",
      birthday: "1990-05-05",
    });
    const { cursor } = await ida.act("updateProfile", { name: "Ida B.", signature: null });
    const { user } = await ida.ask<{ user: object }>(
      `query ($at: Cursor) { user(id: "people-ida", atLeast: $at) { ${PROFILE} } }`,
      {
        at: cursor,
      },
    );
    expect(user).toMatchObject({ handle: "people-ida", name: "Ida B.", signature: null, gender: "OTHER" });
    expect(await refusal(ida.act("updateProfile", { name: null }))).toEqual({ code: "BAD_INPUT", field: "name" });
    expect(await refusal(ida.act("updateProfile", { handle: null }))).toEqual({ code: "BAD_INPUT", field: "handle" });
  });

  it("is null where there is nobody of that id or handle", async () => {
    const jan = await registered(server, "people-jan");
    expect(await jan.ask(`{ user(id: "people-nobody") { id } }`)).toEqual({ user: null });
    expect(await jan.ask(`{ user(handle: "people-nobody") { id } }`)).toEqual({ user: null });
    expect(await jan.ask(`{ node(id: "people-nobody") { id } }`)).toEqual({ node: null });
    expect(await refusal(jan.ask("{ user { id } }"))).toMatchObject({ code: "BAD_INPUT" });
    expect(await refusal(jan.ask(`{ user(id: "people-jan", handle: "people-jan") { id } }`))).toMatchObject({
      code: "BAD_INPUT",
    });
  });
});

describe("a token", () => {
  it("is asked for: without one, with a bad one, an expired one", async () => {
    const code = async (authorization?: string) => {
      const answer = await fetch(`${server.address}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(authorization === undefined ? {} : { authorization }) },
        body: JSON.stringify({ query: "{ viewer { user { id } } }" }),
      });
      const { errors, data } = (await answer.json()) as { errors: { extensions: { code: string } }[]; data?: unknown };
      expect(data ?? null).toBeNull();
      return errors[0]?.extensions.code;
    };
    expect(await code()).toBe("UNAUTHENTICATED");
    expect(await code("Bearer nonsense")).toBe("UNAUTHENTICATED");
    expect(await code(`Bearer ${await server.token("people-ann", { expiresInSeconds: -10 })}`)).toBe("UNAUTHENTICATED");
  });
});
