import { afterEach, describe, expect, test } from "vitest";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

const begin = async (...users: string[]) => {
  here = await apiWorld();
  await here.register(...users);
  return here;
};

const NODE = `__typename id ... on Member { user { id } role joinedSeq readSeq } ... on Friend { user { id } }`;
const node = async (user: string, id: string) =>
  (await here.ask(user, `query ($id: ID!) { node(id: $id) { ${NODE} } }`, { id }))["node"];
const nodes = async (user: string, ids: string[]) =>
  (await here.ask(user, `query ($ids: [ID!]!) { nodes(ids: $ids) { ${NODE} } }`, { ids }))["nodes"];
const fault = async (user: string, document: string, variables: Json) => {
  const { errors } = await here.answer(user, document, variables);
  const { code, field } = (errors?.[0]?.originalError ?? {}) as { code?: string; field?: string };
  return { code, field };
};
const NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
const read = (user: string, conversationId: string, seq: number) =>
  here.services.commands.markRead({ userId: user, admin: false }, { clientMutationId: here.key(), conversationId, seq });

describe("a member", () => {
  test("is found by the id that lists give, by those who see the members, with how far they have read", async () => {
    const { group, send, ask } = await begin("ann", "bob", "cat", "eve");
    const id = await group("ann", ["bob", "cat"]);
    await send("ann", id, "one");
    await send("ann", id, "two");
    await read("bob", id, 1);
    await here.caughtUp();
    const listed = await ask(
      "ann",
      `query ($id: ID!) { conversation(id: $id) { membership { id } members { edges { node { id readSeq user { id } } } } } }`,
      {
        id,
      },
    );
    expect(listed).toEqual({
      conversation: {
        membership: { id: `m:${id}~ann` },
        members: {
          edges: [
            { node: { id: `m:${id}~ann`, readSeq: 2, user: { id: "ann" } } },
            { node: { id: `m:${id}~bob`, readSeq: 1, user: { id: "bob" } } },
            { node: { id: `m:${id}~cat`, readSeq: 0, user: { id: "cat" } } },
          ],
        },
      },
    });
    const bob = { __typename: "Member", id: `m:${id}~bob`, user: { id: "bob" }, role: "MEMBER", joinedSeq: 0, readSeq: 1 };
    expect(await node("cat", `m:${id}~bob`)).toEqual(bob);
    for (const [user, asked] of [
      ["eve", `m:${id}~bob`],
      ["eve", `m:${id}~eve`],
      ["ann", `m:${id}~eve`],
      ["ann", `m:${id}~nobody`],
      ["ann", "m:g:none~ann"],
    ] as const)
      expect(await node(user, asked), `${asked} for ${user}`).toBeNull();
  });

  test("of a group that is not public is not found any more by those who have left, and as one who left by nobody", async () => {
    const { group, services } = await begin("ann", "bob");
    const id = await group("ann", ["bob"]);
    await here.caughtUp();
    await services.commands.leave({ userId: "bob", admin: false }, { clientMutationId: here.key(), conversationId: id });
    await here.caughtUp();
    for (const user of ["ann", "bob"]) expect(await node(user, `m:${id}~bob`)).toBeNull();
    expect(await node("bob", `m:${id}~ann`)).toBeNull();
    expect(await node("ann", `m:${id}~ann`)).toMatchObject({ user: { id: "ann" } });
  });

  test("of a public group is found by all, but how far they have read only members are told", async () => {
    const { group, send } = await begin("ann", "bob", "eve");
    const id = await group("ann", ["bob"], { public: true });
    await send("ann", id, "one");
    await here.caughtUp();
    expect(await node("bob", `m:${id}~ann`)).toMatchObject({ role: "OWNER", readSeq: 1 });
    expect(await node("eve", `m:${id}~ann`)).toMatchObject({ role: "OWNER", readSeq: 0 });
  });

  test("of a direct conversation is found by its two users, once it has begun", async () => {
    const { send } = await begin("ann", "bob", "eve");
    expect(await node("ann", "m:d:ann~bob~bob")).toBeNull();
    await send("ann", "bob", "one");
    await read("bob", "d:ann~bob", 1);
    await here.caughtUp();
    expect(await node("ann", "m:d:ann~bob~bob")).toMatchObject({ user: { id: "bob" }, role: "MEMBER", readSeq: 1 });
    expect(await node("bob", "m:d:ann~bob~bob")).toMatchObject({ user: { id: "bob" } });
    expect(await node("ann", "m:d:ann~bob~eve")).toBeNull();
    expect(await node("eve", "m:d:ann~bob~bob")).toBeNull();
    expect(await fault("ann", "query ($id: ID!) { node(id: $id) { id } }", { id: "m:d:bob~ann~bob" })).toEqual({
      code: "BAD_INPUT",
      field: "id",
    });
    expect(await node("eve", "m:d:bob~ann~bob").catch(({ code }: { code: string }) => code)).toBe("BAD_INPUT");
  });
});

describe("nodes", () => {
  test("are answered in the order of their ids, as node answers each, with null in the place of each that is not seen", async () => {
    const { group, send } = await begin("ann", "bob", "eve");
    const id = await group("ann", ["bob"]);
    await send("ann", id, "one");
    await here.caughtUp();
    const ids = [
      "ann",
      id,
      "g:none",
      `${id}:1`,
      `${id}:2`,
      `m:${id}~bob`,
      "nobody",
      "ann",
      "d:ann~bob",
      "f:ann~bob",
      "f:ann~bob:1",
    ];
    for (const user of ["ann", "eve"]) {
      const each: unknown[] = [];
      for (const one of ids) each.push(await node(user, one));
      expect(await nodes(user, ids)).toEqual(each);
    }
    expect((await nodes("ann", ids)) as unknown[]).toMatchObject([
      { __typename: "User", id: "ann" },
      { __typename: "Conversation", id },
      null,
      { __typename: "Message", id: `${id}:1` },
      null,
      { __typename: "Member", id: `m:${id}~bob` },
      null,
      { __typename: "User", id: "ann" },
      { __typename: "Conversation", id: "d:ann~bob" },
      null,
      null,
    ]);
    expect(await nodes("ann", [])).toEqual([]);
  });

  test("are those of now, also where the views are behind", async () => {
    here = await apiWorld({ manual: true });
    await here.folding(here.register("ann", "bob"));
    const sent = await here.folding(here.send("ann", "bob", "one"));
    expect(sent).toBeTypeOf("string");
    expect(await here.folding(nodes("ann", ["d:ann~bob:1", "d:ann~bob:2"]))).toMatchObject([{ id: "d:ann~bob:1" }, null]);
  });

  test("are 100 at most, and each is an id", async () => {
    await begin("ann");
    expect(
      await nodes(
        "ann",
        Array.from({ length: 100 }, () => "ann"),
      ),
    ).toHaveLength(100);
    const many = Array.from({ length: 101 }, () => "ann");
    expect(await fault("ann", NODES, { ids: many })).toEqual({ code: "BAD_INPUT", field: "ids" });
    expect(await fault("ann", NODES, { ids: ["ann", "x:y:z"] })).toEqual({ code: "BAD_INPUT", field: "ids.1" });
    expect(await fault("ann", NODES, { ids: ["d:bob~ann"] })).toEqual({ code: "BAD_INPUT", field: "ids.0" });
    expect(await fault("stranger", NODES, { ids: ["ann"] })).toEqual({ code: "NOT_FOUND", field: undefined });
  });
});
