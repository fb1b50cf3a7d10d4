import { afterEach, describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import type { Refusal } from "../../../src/domain/refusal.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { apiErrorOf } from "../../../src/transport/errors.ts";
import { type ApiWorld, apiWorld, type Json, texts, upTo } from "../../support/apiWorld.ts";
import { caller, group, newKey, text } from "../../support/cast.ts";
import { choking } from "../../support/choking.ts";
import { memoryViews } from "../../support/memoryViews.ts";

let here: ApiWorld;
afterEach(() => here.close());

/** What somebody is told who asks in vain, as clients get it. */
async function refusalOf(asked: Promise<unknown>): Promise<{ code: string; retryAfterMs?: number; field?: string }> {
  try {
    await asked;
  } catch (error) {
    return apiErrorOf(error, "test", () => undefined).extensions;
  }
  return expect.unreachable("it was not refused");
}

const UNAVAILABLE = { code: "UNAVAILABLE", retryAfterMs: 5_000 };

const READ = "query ($id: ID!) { conversation(id: $id) { title lastSeq messages(last: 10) { edges { node { text } } } } }";
const LIST = "{ viewer { conversations { edges { node { id title } } } unreadTotal } }";
const ids = (list: Json): string[] =>
  (list["viewer"] as { conversations: { edges: { node: { id: string } }[] } }).conversations.edges
    .map(({ node }) => node.id)
    .sort();

const retry = (name: string, cursor: string | null = null) =>
  here.ask(
    "operator",
    "mutation ($name: String!, $cursor: Cursor) { retryParked(name: $name, cursor: $cursor) { parked } }",
    { name, cursor },
    true,
  );

/** The rows of a fold of the log that never failed. */
async function freshRows(): Promise<string[]> {
  const store = memoryViews();
  await createRunner({ log: here.log, store, projections: viewProjections }).catchUp();
  return store.dump(isApart);
}
const isApart = (table: string): boolean => table === "checkpoints" || table === "healed";

describe("while a removal is parked", () => {
  /** Ann's group with bob and cay, and another one of theirs; bob is removed from the first, and relations chokes on it. */
  async function removed() {
    const fault = choking("relations", "MemberRemoved");
    here = await apiWorld({ projections: fault.projections });
    await here.register("ann", "bob", "cay", "dan");
    const group = await here.group("ann", ["bob", "cay"]);
    const other = await here.group("ann", ["bob", "cay"]);
    for (const from of ["ann", "bob"]) await here.send(from, group, `from ${from}`);
    await here.caughtUp();
    const before = (await here.sync("bob")).cursor;
    const { position } = await here.commands.removeMembers(caller("ann"), {
      clientMutationId: newKey(),
      conversationId: group,
      userIds: ["bob"],
    });
    return { ...fault, group, other, before, position };
  }

  test("who was removed can neither send nor read there, and nobody else is held up elsewhere", async () => {
    const { group, other } = await removed();
    // Under load: others write to where nothing is wrong.
    const load = Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        here.send(["ann", "bob", "cay"][index % 3] as string, index % 2 === 0 ? other : "dan", `${index}`),
      ),
    );
    expect(await refusalOf(here.send("bob", group))).toEqual(UNAVAILABLE);
    expect(await refusalOf(here.ask("bob", READ, { id: group }))).toEqual(UNAVAILABLE);
    expect(
      await refusalOf(here.ask("bob", "query ($id: ID!) { node(id: $id) { ... on Message { text } } }", { id: `${group}:1` })),
    ).toEqual(UNAVAILABLE);
    expect(await refusalOf(here.listen("bob", group))).toEqual(UNAVAILABLE);
    for (const [what, doing] of Object.entries({
      react: here.commands.react(caller("bob"), {
        clientMutationId: newKey(),
        conversationId: group,
        seq: 1,
        emoji: "👍",
        on: true,
      }),
      edit: here.commands.editMessage(caller("bob"), {
        clientMutationId: newKey(),
        conversationId: group,
        seq: 2,
        text: "other",
      }),
      read: here.commands.markRead(caller("bob"), { clientMutationId: newKey(), conversationId: group, seq: 1 }),
      leave: here.commands.leave(caller("bob"), { clientMutationId: newKey(), conversationId: group }),
    }))
      expect(await refusalOf(doing), what).toEqual(UNAVAILABLE);
    expect(ids(await here.ask("bob", LIST))).not.toContain(group);
    expect(ids(await here.ask("bob", LIST))).toContain(other);
    await load;
    expect(await here.ask("bob", READ, { id: other })).toMatchObject({ conversation: { lastSeq: expect.any(Number) as number } });
  });

  test("nobody does anything there, since nobody can tell who may; who is outside learns nothing of it", async () => {
    const { group } = await removed();
    expect(await refusalOf(here.send("ann", group))).toEqual(UNAVAILABLE);
    const removal = { clientMutationId: newKey(), conversationId: group, userIds: ["cay"] };
    expect(await refusalOf(here.commands.removeMembers(caller("ann"), removal))).toEqual(UNAVAILABLE);
    for (const user of ["dan"]) {
      const [there, nowhere] = [await here.answer(user, READ, { id: group }), await here.answer(user, READ, { id: "g:none" })];
      expect(JSON.stringify(there)).toBe(JSON.stringify(nowhere));
      expect(await refusalOf(here.send(user, group))).toEqual(await refusalOf(here.send(user, "g:none")));
    }
  });

  test("once it is mended the rights are those of a fold that never failed, and so are the rows", async () => {
    const { group, mend } = await removed();
    await here.send("cay", "ann");
    mend();
    expect(await retry("relations")).toEqual({ retryParked: { parked: 0 } });
    await here.caughtUp();
    expect(await refusalOf(here.send("bob", group))).toMatchObject({ code: "FORBIDDEN" });
    await here.send("ann", group, "without bob");
    await here.caughtUp();
    const { conversation } = (await here.ask("bob", READ, { id: group })) as { conversation: Json };
    expect(conversation).toMatchObject({ lastSeq: 2 });
    expect(here.memory.dump(isApart)).toEqual(await freshRows());
  });

  test("a cursor from in between is answered with a reset, once; one from before and one from after go on", async () => {
    const { mend, before, position, other } = await removed();
    const between = await here.send("cay", other, "in between");
    await here.caughtUp();
    const live = await here.inbox("cay");
    expect(texts(await upTo(live, "InboxCaughtUp"))).toEqual(["InboxCaughtUp"]);
    const late = here.inbox("cay", between);
    mend();
    await retry("relations");
    for (const cursor of [position, between])
      expect(await here.sync("cay", cursor)).toMatchObject({ resetRequired: true, entries: [] });
    expect(texts(await upTo(live, "InboxCaughtUp"))).toEqual(["InboxReset", "InboxCaughtUp"]);
    expect(texts(await upTo(await late, "InboxCaughtUp"))).toEqual(["InboxReset", "InboxCaughtUp"]);
    const { cursor } = await here.sync("cay", between);
    expect(await here.sync("cay", cursor)).toMatchObject({ resetRequired: false, entries: [] });
    expect(await here.sync("bob", before)).toMatchObject({ resetRequired: false });
    // They go on from there, and nothing is told twice.
    await here.send("ann", other, "after");
    expect(texts(await upTo(live, "received after"))).toEqual(["received after"]);
    const { entries, resetRequired } = await here.sync("cay", cursor);
    expect(resetRequired).toBe(false);
    expect(entries).toMatchObject([{ __typename: "MessageReceived", message: { text: "after" } }]);
    await live.return?.();
    await (await late).return?.();
  });

  test("nothing is healed while it is not mended, and no cursor is reset", async () => {
    const { group, before } = await removed();
    expect(await retry("relations")).toEqual({ retryParked: { parked: 1 } });
    expect(await refusalOf(here.send("bob", group))).toEqual(UNAVAILABLE);
    expect(await here.sync("cay", before)).toMatchObject({ resetRequired: false });
  });

  test("only what is parked is tried: another place is no parked event", async () => {
    const { before } = await removed();
    expect(await refusalOf(retry("relations", before))).toMatchObject({ code: "NOT_FOUND", field: "cursor" });
    expect(await refusalOf(retry("relations", "nonsense"))).toMatchObject({ code: "BAD_INPUT", field: "cursor" });
    expect(await refusalOf(retry("nonsense"))).toMatchObject({ code: "BAD_INPUT", field: "name" });
    expect(await refusalOf(here.ask("ann", `mutation { retryParked(name: "relations") { parked } }`))).toMatchObject({
      code: "FORBIDDEN",
    });
  });
});

describe("while a block is parked", () => {
  async function blocked() {
    const fault = choking("friends", "UserBlocked");
    here = await apiWorld({ projections: fault.projections });
    await here.register("ann", "bob", "cay");
    await here.send("bob", "ann", "before");
    await here.commands.block(caller("ann"), { clientMutationId: newKey(), userId: "bob", on: true });
    await here.caughtUp();
    return fault;
  }

  test("who was blocked cannot write, is not told who is online, and is not added; other pairs go on", async () => {
    await blocked();
    expect(await refusalOf(here.send("bob", "ann"))).toEqual(UNAVAILABLE);
    expect(await refusalOf(here.send("ann", "bob"))).toEqual(UNAVAILABLE);
    await here.send("bob", "cay");
    await here.send("cay", "ann");
    const group = await here.group("bob", ["cay"]);
    const adding = { clientMutationId: newKey(), conversationId: group, userIds: ["ann"] };
    expect(await refusalOf(here.commands.addMembers(caller("bob"), adding))).toMatchObject({ code: "UNAVAILABLE" });
    const presence = (user: string) =>
      here.ask("bob", "query ($id: ID!) { user(id: $id) { presence { online } } }", { id: user });
    expect(await presence("ann")).toEqual({ user: { presence: [] } });
    // How they stood is shown, for it grants nothing.
    expect(await here.ask("bob", `{ user(id: "ann") { friendship { status } } }`)).toEqual({
      user: { friendship: { status: "NONE" } },
    });
  });

  test("once it is mended the block is in force", async () => {
    const { mend } = await blocked();
    mend();
    await retry("friends");
    await here.caughtUp();
    const refusal = (await here.commands
      .sendMessage(caller("bob"), text({ userId: "ann" }))
      .catch((error: unknown) => error)) as Refusal;
    expect(refusal).toMatchObject({ code: "FORBIDDEN" });
    expect(here.memory.dump(isApart)).toEqual(await freshRows());
  });
});

describe("while an edit is parked in the timelines", () => {
  /** Two conversations of ann and bob; the timelines choke on the first edit, in the one. */
  async function edited() {
    const fault = choking("timelines", "MessageEdited");
    here = await apiWorld({ projections: fault.projections });
    await here.register("ann", "bob", "dan");
    const group = await here.group("ann", ["bob"]);
    const other = await here.group("ann", ["bob"]);
    const first = text({ conversationId: group }, { text: "first" });
    await here.commands.sendMessage(caller("bob"), first);
    await here.commands.editMessage(caller("bob"), {
      clientMutationId: newKey(),
      conversationId: group,
      seq: 1,
      text: "edited",
    });
    await here.caughtUp();
    return { ...fault, group, other, first };
  }

  test("nothing new is sent there, and what was sent is answered again; others go on, and outsiders learn nothing", async () => {
    const { group, other, first } = await edited();
    expect(await refusalOf(here.send("ann", group))).toEqual(UNAVAILABLE);
    expect(await here.commands.sendMessage(caller("bob"), first)).toMatchObject({ message: { seq: 1 } });
    await here.send("ann", other);
    await here.send("ann", "bob");
    expect(await refusalOf(here.send("dan", group))).toEqual(await refusalOf(here.send("dan", "g:none")));
    // Rights are known all the same, and can be taken away.
    await here.commands.removeMembers(caller("ann"), { clientMutationId: newKey(), conversationId: group, userIds: ["bob"] });
    expect(await refusalOf(here.send("bob", group))).toMatchObject({ code: "FORBIDDEN" });
  });

  test("once it is mended all is as if it had never failed", async () => {
    const { group, mend } = await edited();
    mend();
    expect(await retry("timelines")).toEqual({ retryParked: { parked: 0 } });
    await here.send("ann", group, "second");
    await here.caughtUp();
    const { conversation } = (await here.ask("bob", READ, { id: group })) as { conversation: Json };
    expect(conversation).toMatchObject({
      lastSeq: 2,
      messages: { edges: [{ node: { text: "edited" } }, { node: { text: "second" } }] },
    });
    expect(here.memory.dump(isApart)).toEqual(await freshRows());
  });
});

test("while it is parked that a channel was closed nobody new follows it; other channels and its staff go on", async () => {
  const { projections, mend } = choking("directory", "GroupProfileChanged");
  here = await apiWorld({ projections });
  await here.register("ann", "bob", "eve");
  const open = async (title: string) =>
    (
      await here.commands.createConversation(caller("ann"), {
        ...group({ clientMutationId: newKey(), kind: "CHANNEL", title, joinPolicy: "OPEN" }),
      })
    ).conversationId;
  const [closed, other] = [await open("closed"), await open("other")];
  const follow = (user: string, conversationId: string) =>
    here.commands.join(caller(user), { clientMutationId: newKey(), conversationId, note: null });
  await follow("bob", closed);
  await here.commands.updateConversation(caller("ann"), {
    clientMutationId: newKey(),
    conversationId: closed,
    change: { joinPolicy: "INVITE" },
  });
  await here.caughtUp();
  expect(await refusalOf(follow("eve", closed))).toEqual(UNAVAILABLE);
  await follow("bob", closed);
  await follow("eve", other);
  await here.send("ann", closed, "to those who follow");
  mend();
  await retry("directory");
  await here.caughtUp();
  expect(await refusalOf(follow("eve", closed))).toMatchObject({ code: "NOT_FOUND" });
  expect(here.memory.dump(isApart)).toEqual(await freshRows());
});
