import { afterEach, describe, expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import type { Refusal } from "../../../src/domain/refusal.ts";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

type Listed = {
  edges: { cursor: string; node: Json & { id: string } }[];
  pageInfo: Json & { hasNextPage: boolean };
  cursor: string;
};

const LIST = `query ($first: Int, $after: String, $kind: ConversationKind, $unreadOnly: Boolean) { viewer {
  conversations(first: $first, after: $after, kind: $kind, unreadOnly: $unreadOnly, includeHidden: true) {
    cursor edges { cursor node { id title lastActivityAt unreadCount } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;
const GROUPS = `query ($first: Int, $after: String) { viewer { groups(first: $first, after: $after) {
    cursor edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;

const list = async (user: string, variables: Json = {}, source = LIST, field = "conversations"): Promise<Listed> =>
  ((await here.ask(user, source, variables))["viewer"] as Record<string, Listed>)[field] as Listed;
const ids = ({ edges }: Listed) => edges.map(({ node }) => node.id);

const sent = (conversationId: string, senderId: string, text: string) => ({
  type: "MessageSent" as const,
  data: {
    conversationId,
    senderId,
    clientMutationId: text,
    kind: "TEXT" as const,
    topic: null,
    text,
    attachments: [],
    replyTo: null,
    mentions: [],
    mentionsAll: false,
  },
});

describe("a viewer's conversations", () => {
  test("come by their newest activity, those without a message by their creation", async () => {
    here = await apiWorld();
    const { register, group, send, caughtUp, ask } = here;
    await register("ann", "bob", "cat");
    const first = await group("ann");
    const second = await group("ann", ["bob"]);
    await send("bob", "ann");
    await send("cat", "ann");
    await send("cat", "bob");
    await group("bob");
    await send("ann", first);
    await caughtUp();
    expect(ids(await list("ann"))).toStrictEqual([first, "d:ann~cat", "d:ann~bob", second]);
    expect(ids(await list("ann", { kind: "DIRECT" }))).toStrictEqual(["d:ann~cat", "d:ann~bob"]);
    expect(ids(await list("ann", { kind: "GROUP" }))).toStrictEqual([first, second]);
    expect(ids(await list("ann", { kind: "CHANNEL" }))).toStrictEqual([]);
    expect(ids(await list("ann", { unreadOnly: true }))).toStrictEqual(["d:ann~cat", "d:ann~bob"]);
    expect(await ask("ann", "{ viewer { unreadTotal all: unreadTotal(includeMuted: true) } }")).toStrictEqual({
      viewer: { unreadTotal: 2, all: 2 },
    });
    await ask(
      "ann",
      `mutation { markRead(input: { clientMutationId: "m", conversationId: "d:ann~cat", seq: 1 }) { conversation { unreadCount } } }`,
    );
    expect(ids(await list("ann", { unreadOnly: true }))).toStrictEqual(["d:ann~bob"]);
    await ask("ann", `mutation { leave(input: { clientMutationId: "l", id: "${first}" }) { conversation { memberCount } } }`);
    expect(ids(await list("ann"))).toStrictEqual(["d:ann~cat", "d:ann~bob", second]);
    expect(ids(await list("ann", {}, GROUPS, "groups"))).toStrictEqual([second]);
  });

  test("are walked page by page, each once, also where many are of one moment", async () => {
    here = await apiWorld();
    const { register, record, caughtUp } = here;
    await register("ann");
    const at = "2026-05-04T12:00:00.000Z";
    for (let index = 0; index < 25; index++) {
      const id = `d:ann~b${index}`;
      await record(streams.conversation(id), `b${index}`, [
        { ...sent(id, `b${index}`, "hi"), at: index % 3 === 0 ? "2026-05-04T12:00:01.000Z" : at },
      ]);
    }
    await caughtUp();
    const later = Array.from({ length: 25 }, (_, index) => index).reverse();
    const wanted = [...later.filter((index) => index % 3 === 0), ...later.filter((index) => index % 3 !== 0)].map(
      (index) => `d:ann~b${index}`,
    );
    const walked: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await list("ann", { first: 4, after });
      expect(page.pageInfo).toStrictEqual({
        hasNextPage: walked.length + page.edges.length < 25,
        hasPreviousPage: after !== undefined,
        startCursor: page.edges[0]?.cursor,
        endCursor: page.edges.at(-1)?.cursor,
      });
      walked.push(...ids(page));
      after = page.edges.at(-1)?.cursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(walked).toStrictEqual(wanted);
  });

  test("say where sync goes on from them", async () => {
    here = await apiWorld();
    const { register, send, caughtUp, sync } = here;
    await register("ann", "bob");
    await send("bob", "ann", "before");
    await caughtUp();
    const { cursor } = await list("ann");
    await send("bob", "ann", "after");
    await caughtUp();
    expect((await sync("ann", cursor)).entries.map(({ message }) => (message as Json)["text"])).toStrictEqual(["after"]);
  });

  test.each([true, false])("cost no more reads where they are many (rows at once: %s)", async (atOnce) => {
    here = await apiWorld({ atOnce });
    const { register, record, caughtUp, ask, reads } = here;
    await register("ann");
    const many = 60;
    for (let index = 0; index < many; index++) {
      const id = `d:ann~b${index}`;
      await record(streams.conversation(id), `b${index}`, [sent(id, `b${index}`, "hi")]);
    }
    await caughtUp();
    const full = `query ($first: Int) { viewer { conversations(first: $first) { edges { node {
      id kind title peer { handle } lastSeq lastMessage { text sender { name } } unreadCount readSeq membership { role } } } } } }`;
    const cost = async (first: number) => {
      reads.reset();
      await ask("ann", full, { first });
      return { get: reads.get, calls: reads.getMany + reads.range };
    };
    // How the store answers is learned from its first answers.
    await cost(1);
    const few = await cost(5);
    const most = await cost(50);
    expect(most.calls).toBe(few.calls);
    if (!atOnce) expect(most.get).toBeLessThanOrEqual(few.get + 1);
    expect(most.calls).toBeLessThan(20);
  });

  test("are asked for by cursors and sizes that there are", async () => {
    here = await apiWorld();
    await here.register("ann");
    const refused = (asked: Promise<unknown>) => asked.catch(({ code, field }: Refusal) => ({ code, field }));
    expect(await refused(list("ann", { first: 0 }))).toStrictEqual({ code: "BAD_INPUT", field: "first" });
    expect(await refused(list("ann", { after: "WyJhIl0" }))).toStrictEqual({ code: "BAD_INPUT", field: "after" });
    expect(await refused(list("ann", { after: "x" }, GROUPS, "groups"))).toStrictEqual({ code: "BAD_INPUT", field: "after" });
  });
});

test("a viewer's groups come by the time of joining, newest first", async () => {
  here = await apiWorld();
  const { register, group, ask, caughtUp } = here;
  await register("ann", "bob");
  const one = await group("bob", [], { joinPolicy: "OPEN" });
  const two = await group("ann");
  const three = await group("bob", ["ann"]);
  await ask("ann", `mutation { join(input: { clientMutationId: "j", id: "${one}" }) { cursor } }`);
  await caughtUp();
  const first = await list("ann", { first: 2 }, GROUPS, "groups");
  expect(ids(first)).toStrictEqual([one, three]);
  const rest = await list("ann", { first: 2, after: first.edges[1]?.cursor }, GROUPS, "groups");
  expect(ids(rest)).toStrictEqual([two]);
  expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
});
