import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, clientOf, refusal, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

let server: ApiServer;
let business: Client;
beforeAll(async () => {
  server = await apiServer();
  // It never registered.
  business = await clientOf(server, "business", { admin: true });
});
afterAll(() => server[Symbol.asyncDispose]());

const CIRCLE = "id kind name members(first: 100) { edges { node { id } } } conversation { id title memberCount }";
type Circle = {
  id: string;
  kind: string;
  name: string;
  members: { edges: { node: { id: string } }[] };
  conversation: { id: string; title: string; memberCount: number } | null;
};
const peopleOf = ({ members }: Circle) => members.edges.map(({ node }) => node.id);

const put = async (client: Client, id: string, memberIds: string[], more: object = {}) =>
  (
    await client.ask<{ putCircle: { cursor: string; circle: Circle } }>(
      `mutation ($input: PutCircleInput!) { putCircle(input: $input) { cursor circle { ${CIRCLE} } } }`,
      { input: { clientMutationId: randomUUID(), id, kind: "company", name: "Acme", memberIds, ...more } },
    )
  ).putCircle;
const circlesOf = async (client: Client, atLeast: string) =>
  (
    await client.ask<{ viewer: { circles: Circle[] } }>(
      `query ($atLeast: Cursor) { viewer(atLeast: $atLeast) { circles { ${CIRCLE} } } }`,
      { atLeast },
    )
  ).viewer.circles;
const node = async (client: Client, id: string) =>
  (await client.ask<{ node: Circle | null }>(`query ($id: ID!) { node(id: $id) { id ... on Circle { ${CIRCLE} } } }`, { id }))
    .node;
const membersIn = async (client: Client, id: string, atLeast: string) =>
  Object.fromEntries(
    (
      await client.ask<{ conversation: { members: { edges: { node: { user: { id: string }; role: string } }[] } } }>(
        `query ($id: ID!, $atLeast: Cursor) { conversation(id: $id, atLeast: $atLeast) { members(first: 100) { edges { node { user { id } role } } } } }`,
        { id, atLeast },
      )
    ).conversation.members.edges.map(({ node: { user, role } }) => [user.id, role]),
  );

describe("a circle", () => {
  it("is seen by those who are in it, and by nobody else", async () => {
    const [ann, bob, eve] = await registeredAll(server, "ann", "bob", "eve");
    const { cursor, circle } = await put(business, "acme", ["bob", "ann"]);
    expect(circle).toMatchObject({ id: "o:acme", kind: "company", name: "Acme", conversation: null });
    expect(peopleOf(circle)).toEqual(["ann", "bob"]);
    expect(await circlesOf(ann, cursor)).toEqual([circle]);
    expect(await node(bob, "o:acme")).toEqual(circle);
    expect(await circlesOf(eve, cursor)).toEqual([]);
    expect(await node(eve, "o:acme")).toBeNull();
    expect(await node(eve, "o:none")).toBeNull();
    expect(await node(business, "o:acme")).toEqual(circle);
    // Replaced: who is not in it any more sees nothing of it either.
    const next = await put(business, "o:acme", ["bob"], { name: "Acme & Co" });
    expect(next.circle).toMatchObject({ id: "o:acme", name: "Acme & Co" });
    expect(await circlesOf(ann, next.cursor)).toEqual([]);
    expect(await node(ann, "o:acme")).toBeNull();
    expect(peopleOf((await circlesOf(bob, next.cursor))[0] as Circle)).toEqual(["bob"]);
  });

  it("has a conversation that is kept equal to it, and members are told", async () => {
    const [cat, dan, fay] = await registeredAll(server, "cat", "dan", "fay");
    const made = await put(business, "lab", ["cat", "dan"], { withConversation: true });
    const [circle] = await circlesOf(cat, made.cursor);
    const id = circle?.conversation?.id ?? "";
    expect(circle?.conversation).toEqual({ id, title: "Acme", memberCount: 2 });
    expect(await membersIn(cat, id, made.cursor)).toEqual({ cat: "OWNER", dan: "MEMBER" });
    await cat.act("sendMessage", { conversationId: id, text: "hello" });
    expect(await fay.conversation(id)).toBeNull();
    expect(await business.conversation(id)).toBeNull();

    const next = await put(business, "lab", ["dan", "fay"], { name: "Lab", withConversation: true });
    expect(await membersIn(dan, id, next.cursor)).toEqual({ dan: "OWNER", fay: "MEMBER" });
    expect((await dan.conversation(id))?.title).toBe("Lab");
    // Who has gone has no rights from the answer on.
    expect(await refusal(cat.act("sendMessage", { conversationId: id, text: "still?" }))).toMatchObject({ code: "FORBIDDEN" });
    const { entries } = await dan.syncAll(null, { atLeast: next.cursor });
    const told = entries.flatMap((entry) =>
      entry.__typename === "MembershipChanged" ? [`${entry.membershipChange} ${entry.user.id} by ${entry.actor.id}`] : [],
    );
    expect(told).toContain("JOINED fay by business");
    expect(told).toContain("REMOVED cat by business");
    // Without being asked for again it stays.
    const kept = await put(business, "lab", ["dan"], { name: "Lab" });
    expect(await membersIn(dan, id, kept.cursor)).toEqual({ dan: "OWNER" });
  });

  it("decides alone who is in its conversation", async () => {
    const [gus, hal, ida] = await registeredAll(server, "gus", "hal", "ida");
    const { cursor } = await put(business, "team", ["gus", "hal"], { withConversation: true });
    const id = (await circlesOf(gus, cursor))[0]?.conversation?.id ?? "";
    for (const call of [
      () => gus.act("addMembers", { conversationId: id, userIds: ["ida"] }),
      () => gus.act("removeMembers", { conversationId: id, userIds: ["hal"] }),
      () => hal.act("leave", { id }),
    ])
      expect(await refusal(call())).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(ida.act("join", { id }))).toMatchObject({ code: "NOT_FOUND" });
    expect(await membersIn(gus, id, cursor)).toEqual({ gus: "OWNER", hal: "MEMBER" });
  });

  it("is put once by one call, and a repeat undoes nothing", async () => {
    await registeredAll(server, "jim", "kim");
    const call = { clientMutationId: "once", withConversation: true };
    const first = await put(business, "crew", ["jim"], call);
    const next = await put(business, "crew", ["jim", "kim"]);
    const again = await put(business, "crew", ["jim"], call);
    expect(peopleOf(again.circle)).toEqual(["jim", "kim"]);
    expect(first.cursor < next.cursor).toBe(true);
  });

  it("and its conversation are equal, whoever puts it at the same moment", async () => {
    const people = Array.from({ length: 12 }, (_, index) => `p${index}`);
    const [first] = await registeredAll(server, ...people);
    const others = await clientOf(server, "others", { admin: true });
    const puts = Array.from({ length: 50 }, (_, index) =>
      put(index % 2 ? business : others, "race", ["p0", ...people.filter((_, place) => (place * 7 + index) % 3 === 0)], {
        withConversation: true,
      }),
    );
    const done = await Promise.all(puts);
    const last =
      done
        .map(({ cursor }) => cursor)
        .sort()
        .at(-1) ?? "";
    const [circle] = await circlesOf(first as Client, last);
    const members = await membersIn(first as Client, circle?.conversation?.id ?? "", last);
    expect(Object.keys(members).sort()).toEqual(peopleOf(circle as Circle).sort());
    expect(Object.values(members).filter((role) => role === "OWNER")).toHaveLength(1);
  });

  it("is given in pages, and only to the scope admin to put", async () => {
    const people = Array.from({ length: 7 }, (_, index) => `q${index}`);
    const [first] = await registeredAll(server, ...people);
    await put(business, "page", people);
    type Page = { node: { members: { edges: { cursor: string; node: { id: string } }[]; pageInfo: Record<string, boolean> } } };
    const page = async (after: string | null) =>
      (
        await (first as Client).ask<Page>(
          `query ($after: String) { node(id: "o:page") { ... on Circle { members(first: 4, after: $after) {
            edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } } } }`,
          { after },
        )
      ).node.members;
    const one = await page(null);
    const two = await page(one.edges.at(-1)?.cursor ?? null);
    expect([one, two].flatMap(({ edges }) => edges.map(({ node: { id } }) => id))).toEqual(people);
    expect([one.pageInfo, two.pageInfo]).toEqual([
      { hasNextPage: true, hasPreviousPage: false },
      { hasNextPage: false, hasPreviousPage: true },
    ]);
    expect(await refusal(put(first as Client, "page", []))).toEqual({ code: "FORBIDDEN" });
    expect(await refusal(put(business, "page", ["q0", "nobody"]))).toEqual({ code: "NOT_FOUND", field: "memberIds" });
    expect(await refusal(put(business, "no name", []))).toEqual({ code: "BAD_INPUT", field: "id" });
    expect(await refusal(put(business, "page", [], { withConversation: true }))).toEqual({
      code: "BAD_INPUT",
      field: "memberIds",
    });
  });
});
