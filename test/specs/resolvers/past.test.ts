import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPasts, type PastLimits } from "../../../src/api/pasts.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import type { EventStore } from "../../../src/ports/eventStore.ts";
import { type ApiWorld, apiWorld } from "../../support/apiWorld.ts";
import { caller } from "../../support/cast.ts";
import { gate } from "../../support/gate.ts";

let here: ApiWorld;
beforeEach(async () => {
  here = await apiWorld();
  await here.register("ann", "bob", "cat", "eve");
  await here.caughtUp();
});
afterEach(() => here.close());

/** The time as it is, at which nothing happens: the clock goes on before anything does. */
const now = (): string => new Date(here.time()).toISOString();

const SHOWN = `id title memberCount lastSeq unreadCount members { edges { node { role readSeq user { id name } } } } pins { seq }
  messages { edges { node { seq text recalledAt editedAt reactions { emoji count } attachments { name } forwardedFrom { id } } } }`;

type Shown = {
  id: string;
  title: string;
  memberCount: number;
  lastSeq: number;
  unreadCount: number;
  pins: { seq: number }[];
  members: { edges: { node: { role: string; readSeq: number; user: { id: string; name: string } } }[] };
  messages: {
    edges: {
      node: { seq: number; text: string | null; recalledAt: string | null; reactions: unknown[]; forwardedFrom: unknown };
    }[];
  };
};

const shown = async (user: string, id: string, at: string | null, admin = false) =>
  (await here.ask(user, `query ($id: ID!, $at: DateTime) { conversation(id: $id, at: $at) { ${SHOWN} } }`, { id, at }, admin))[
    "conversation"
  ] as Shown | null;

const textsOf = ({ messages }: Shown) => messages.edges.map(({ node }) => node.text);
const membersOf = ({ members }: Shown) => members.edges.map(({ node }) => `${node.role} ${node.user.id}`);

const on = (conversationId: string) => ({ clientMutationId: here.key(), conversationId });
const of = (conversationId: string, seq: number) => ({ ...on(conversationId), seq });

const refused = async (asked: Promise<unknown>) => {
  const error: unknown = await asked.then(
    () => undefined,
    (fault: unknown) => fault,
  );
  if (!(error instanceof Refusal)) throw new Error(`no refusal: ${String(error)}`);
  return { code: error.code, field: error.field, retryAfterMs: error.retryAfterMs };
};

describe("a conversation as it stood", () => {
  it("is what it was: title, members and roles, messages, and how far everyone had read", async () => {
    const id = await here.group("ann", ["bob"], { title: "Before" });
    await here.caughtUp();
    await here.send("ann", id, "one");
    await here.send("ann", id, "two");
    await here.commands.markRead(caller("bob"), of(id, 1));
    await here.commands.react(caller("bob"), { ...of(id, 1), emoji: "👍", on: true });
    await here.commands.pinMessage(caller("ann"), { ...of(id, 1), on: true });
    await here.caughtUp();
    const then = now();
    await here.commands.editMessage(caller("ann"), { ...of(id, 1), text: "one!" });
    await here.commands.react(caller("bob"), { ...of(id, 1), emoji: "👍", on: false });
    await here.commands.pinMessage(caller("ann"), { ...of(id, 1), on: false });
    await here.commands.markRead(caller("bob"), of(id, 2));
    await here.commands.addMembers(caller("ann"), { ...on(id), userIds: ["cat"] });
    await here.commands.setRole(caller("ann"), { ...on(id), userId: "bob", role: "ADMIN" });
    await here.commands.updateConversation(caller("ann"), { ...on(id), change: { title: "After" } });
    await here.send("cat", id, "three");
    await here.caughtUp();
    const bobs = (await shown("bob", id, then)) as Shown;
    expect(bobs).toMatchObject({ title: "Before", memberCount: 2, lastSeq: 2, unreadCount: 1, pins: [{ seq: 1 }] });
    expect(textsOf(bobs)).toEqual(["one", "two"]);
    expect(bobs.messages.edges[0]?.node).toMatchObject({ reactions: [{ emoji: "👍", count: 1 }], editedAt: null });
    expect(bobs.members.edges.map(({ node }) => node)).toEqual([
      { role: "OWNER", readSeq: 2, user: { id: "ann", name: "ANN" } },
      { role: "MEMBER", readSeq: 1, user: { id: "bob", name: "BOB" } },
    ]);
    // Nobody who came later, and nobody outside.
    expect(await shown("cat", id, then)).toBeNull();
    expect(await shown("eve", id, then)).toBeNull();
    // As it is now, it is still another.
    expect(await shown("bob", id, null)).toMatchObject({ title: "After", memberCount: 3, lastSeq: 3 });
    expect(await shown("bob", id, now())).toEqual(await shown("bob", id, null));
  });

  it("is of its own time in every part of it, in one answer with the present", async () => {
    const id = await here.group("ann", ["bob"], { title: "Before" });
    await here.caughtUp();
    await here.send("ann", id, "question");
    const then = now();
    await here.send("bob", id, "answer", { replyTo: 1 });
    await here.commands.updateConversation(caller("ann"), { ...on(id), change: { title: "After" } });
    await here.caughtUp();
    const part = "title message(seq: 1) { replyCount conversation { title lastSeq } } second: message(seq: 2) { text }";
    const { was, is } = await here.ask(
      "bob",
      `query ($id: ID!, $at: DateTime) { was: conversation(id: $id, at: $at) { ${part} } is: conversation(id: $id) { ${part} } }`,
      { id, at: then },
    );
    expect(was).toEqual({
      title: "Before",
      message: { replyCount: 0, conversation: { title: "Before", lastSeq: 1 } },
      second: null,
    });
    expect(is).toEqual({
      title: "After",
      message: { replyCount: 1, conversation: { title: "After", lastSeq: 2 } },
      second: { text: "answer" },
    });
  });

  it("is not there before it was created, also for its members and for operators", async () => {
    const before = now();
    const id = await here.group("ann", ["bob"]);
    await here.caughtUp();
    for (const [user, admin] of [
      ["ann", false],
      ["bob", false],
      ["operator", true],
    ] as const)
      expect(await shown(user, id, before, admin)).toBeNull();
    await here.send("ann", "bob", "first");
    await here.caughtUp();
    expect(await shown("ann", "d:ann~bob", before)).toBeNull();
    expect(await shown("ann", "d:ann~bob", now())).toMatchObject({ lastSeq: 1 });
    expect(await shown("operator", "g:none", now(), true)).toBeNull();
    expect(await shown("operator", "d:ann~cat", now(), true)).toBeNull();
  });

  it("has a time that has come: what is later by a clock that is a little ahead is now", async () => {
    const id = await here.group("ann");
    await here.caughtUp();
    const later = (ms: number) => new Date(here.time() + ms).toISOString();
    expect(await shown("ann", id, later(30_000))).toMatchObject({ id });
    const field = { code: "BAD_INPUT", field: "at", retryAfterMs: undefined };
    expect(await refused(shown("ann", id, later(120_000)))).toEqual(field);
    for (const nonsense of ["", "yesterday", "2024-05-31", "2024-05-31T12:00:00", "2024-02-30T12:00:00Z"])
      expect(await refused(shown("ann", id, nonsense))).toEqual(field);
    // An offset is a way to write the same time.
    const { time } = here;
    const inTokyo = new Date(time() + 9 * 3_600_000).toISOString().replace("Z", "+09:00");
    expect(await shown("ann", id, inTokyo)).toEqual(await shown("ann", id, now()));
  });

  it("does not bring back what was recalled since, but for operators", async () => {
    const id = await here.group("ann", ["bob"]);
    await here.caughtUp();
    await here.send("ann", id, "a mistake");
    await here.caughtUp();
    await here.commands.react(caller("bob"), { ...of(id, 1), emoji: "👀", on: true });
    const then = now();
    await here.commands.recallMessage(caller("ann"), of(id, 1));
    await here.caughtUp();
    for (const user of ["ann", "bob"]) {
      const [edge] = ((await shown(user, id, then)) as Shown).messages.edges;
      expect(edge?.node).toMatchObject({ text: null, reactions: [] });
      expect(edge?.node.recalledAt).not.toBeNull();
    }
    const [edge] = ((await shown("operator", id, then, true)) as Shown).messages.edges;
    expect(edge?.node).toMatchObject({ text: "a mistake", recalledAt: null, reactions: [{ emoji: "👀", count: 1 }] });
  });

  it("does not bring back what has expired since, whether the event that says so is there or not", async () => {
    const id = await here.group("ann", ["bob"]);
    await here.caughtUp();
    await here.send("ann", id, "soon gone", { expiresAfterSeconds: 60 });
    await here.caughtUp();
    const then = now();
    expect(textsOf((await shown("bob", id, then)) as Shown)).toEqual(["soon gone"]);
    here.pass(120_000);
    expect(textsOf((await shown("bob", id, then)) as Shown)).toEqual([null]);
    expect(textsOf((await shown("operator", id, then, true)) as Shown)).toEqual(["soon gone"]);
    expect(textsOf((await shown("operator", id, now(), true)) as Shown)).toEqual([null]);
  });

  it("shows a copy of what was elsewhere with its original as that is now", async () => {
    const from = await here.group("ann", ["bob"]);
    const to = await here.group("ann", ["bob"]);
    await here.caughtUp();
    await here.send("ann", from, "original");
    await here.caughtUp();
    await here.commands.forwardMessages(caller("ann"), {
      clientMutationId: here.key(),
      fromConversationId: from,
      seqs: [1],
      toConversationId: to,
    });
    await here.caughtUp();
    expect((await shown("bob", to, now()))?.messages.edges[0]?.node.forwardedFrom).toEqual({ id: `${from}:1` });
  });
});

describe("who is no member any more", () => {
  it("is shown it as it stood while they were one, and as they left it for any later time", async () => {
    const id = await here.group("ann", ["bob"], { title: "Before" });
    await here.caughtUp();
    await here.send("ann", id, "one");
    await here.caughtUp();
    const then = now();
    await here.commands.leave(caller("bob"), on(id));
    await here.caughtUp();
    await here.send("ann", id, "two");
    await here.commands.updateConversation(caller("ann"), { ...on(id), change: { title: "After" } });
    await here.caughtUp();
    const was = (await shown("bob", id, then)) as Shown;
    expect(was).toMatchObject({ title: "Before", memberCount: 2, lastSeq: 1 });
    expect(membersOf(was)).toEqual(["OWNER ann", "MEMBER bob"]);
    const left = (await shown("bob", id, now())) as Shown;
    expect(left).toEqual(await shown("bob", id, null));
    expect(left).toMatchObject({ title: "Before", memberCount: 1, lastSeq: 1 });
    expect([textsOf(left), membersOf(left)]).toEqual([["one"], []]);
  });

  it("is shown no more of what was open to members alone", async () => {
    const id = await here.group("ann", [], { historyVisible: true });
    await here.caughtUp();
    await here.send("ann", id, "before bob came");
    await here.commands.addMembers(caller("ann"), { ...on(id), userIds: ["bob"] });
    await here.caughtUp();
    await here.send("ann", id, "while bob was there");
    await here.caughtUp();
    const then = now();
    expect(textsOf((await shown("bob", id, then)) as Shown)).toEqual(["before bob came", "while bob was there"]);
    await here.commands.removeMembers(caller("ann"), { ...on(id), userIds: ["bob"] });
    await here.caughtUp();
    expect(textsOf((await shown("bob", id, then)) as Shown)).toEqual(["while bob was there"]);
    const { conversation } = await here.ask(
      "bob",
      `query ($id: ID!, $at: DateTime) { conversation(id: $id, at: $at) { message(seq: 1) { text } second: message(seq: 2) { text } } }`,
      { id, at: then },
    );
    expect(conversation).toEqual({ message: null, second: { text: "while bob was there" } });
  });

  it("finds no links to join with, and not who is typing now", async () => {
    const id = await here.group("ann", ["bob"]);
    await here.commands.setRole(caller("ann"), { ...on(id), userId: "bob", role: "ADMIN" });
    await here.commands.createInvite(caller("ann"), { ...on(id), expiresAt: null, uses: null });
    await here.caughtUp();
    const then = now();
    await here.commands.removeMembers(caller("ann"), { ...on(id), userIds: ["bob"] });
    await here.caughtUp();
    here.services.typing.set(id, "ann", true);
    const document = `query ($id: ID!, $at: DateTime) { conversation(id: $id, at: $at) { invites { code } typing { id } reports { edges { cursor } } } }`;
    expect(await here.ask("bob", document, { id, at: then })).toEqual({
      conversation: { invites: [], typing: [], reports: { edges: [] } },
    });
  });
});

describe("a public group", () => {
  it("is shown as it stood to those who were in it alone", async () => {
    const id = await here.group("ann", ["bob"], { public: true });
    await here.caughtUp();
    await here.send("ann", id, "for all");
    await here.caughtUp();
    expect(await shown("eve", id, null)).toMatchObject({ lastSeq: 1 });
    expect(await shown("eve", id, now())).toBeNull();
    expect(await shown("bob", id, now())).toMatchObject({ lastSeq: 1 });
  });
});

describe("a channel", () => {
  it("is shown to its followers, who do not see each other, and whole to operators", async () => {
    const id = await here.group("ann", [], { kind: "CHANNEL", joinPolicy: "OPEN", historyVisible: true });
    await here.caughtUp();
    for (const user of ["bob", "cat"]) await here.commands.join(caller(user), on(id));
    await here.send("ann", id, "news");
    await here.caughtUp();
    const then = now();
    await here.commands.leave(caller("cat"), on(id));
    await here.caughtUp();
    expect(membersOf((await shown("bob", id, then)) as Shown)).toEqual(["OWNER ann"]);
    expect(await shown("bob", id, then)).toMatchObject({ memberCount: 3 });
    expect(membersOf((await shown("ann", id, then)) as Shown)).toEqual(["OWNER ann", "MEMBER bob", "MEMBER cat"]);
    expect(membersOf((await shown("operator", id, then, true)) as Shown)).toEqual(["OWNER ann", "MEMBER bob", "MEMBER cat"]);
    expect(await shown("cat", id, then)).toMatchObject({ lastSeq: 1, memberCount: 3 });
    await here.commands.dissolve(caller("ann"), on(id));
    await here.caughtUp();
    expect(await shown("operator", id, now(), true)).toMatchObject({ memberCount: 0, members: { edges: [] } });
    expect(membersOf((await shown("operator", id, then, true)) as Shown)).toEqual(["OWNER ann", "MEMBER bob", "MEMBER cat"]);
  });
});

describe("an operator", () => {
  it("is shown the direct conversation of two others, with both of them and how far they had read", async () => {
    await here.send("ann", "bob", "between us");
    await here.caughtUp();
    await here.commands.markRead(caller("bob"), of("d:ann~bob", 1));
    await here.caughtUp();
    const whole = (await shown("operator", "d:ann~bob", now(), true)) as Shown;
    expect(textsOf(whole)).toEqual(["between us"]);
    expect(whole.members.edges.map(({ node: { readSeq, user } }) => [user.id, readSeq])).toEqual([
      ["ann", 1],
      ["bob", 1],
    ]);
    // As it is now, it is not theirs.
    expect(await shown("operator", "d:ann~bob", null, true)).toBeNull();
  });

  it("is told who had read a message", async () => {
    const id = await here.group("ann", ["bob"]);
    await here.caughtUp();
    await here.send("ann", id, "one");
    await here.caughtUp();
    await here.commands.markRead(caller("bob"), of(id, 1));
    await here.caughtUp();
    const document = `query ($id: ID!, $at: DateTime) { conversation(id: $id, at: $at) { message(seq: 1) {
      readCount readBy { edges { node { id } } } } } }`;
    expect(await here.ask("operator", document, { id, at: now() }, true)).toEqual({
      conversation: { message: { readCount: 1, readBy: { edges: [{ node: { id: "bob" } }] } } },
    });
  });
});

describe("how much is folded at once", () => {
  const limited = (limits: Partial<PastLimits>, log: Pick<EventStore, "read"> = here.log) =>
    createPasts({ log, views: here.services.views, limits });
  let id: string;
  beforeEach(async () => {
    id = await here.group("ann", ["bob"]);
    await here.caughtUp();
    await here.send("ann", id, "one");
    await here.caughtUp();
  });

  it("is bounded by events, streams, bytes and time, each with a refusal that says what to do", async () => {
    const tooLong = { code: "LIMIT_EXCEEDED", field: "at", retryAfterMs: undefined };
    for (const limits of [{ events: 2 }, { streams: 2 }, { historyBytes: 200 }, { bytes: 200 }])
      expect(await refused(limited(limits)("ann", id, now()))).toEqual(tooLong);
    const never: Pick<EventStore, "read"> = {
      read: async (...of) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return here.log.read(...of);
      },
    };
    expect(await refused(limited({ ms: 1 }, never)("ann", id, now()))).toMatchObject({ code: "UNAVAILABLE", retryAfterMs: 1 });
  });

  it("waits for its turn, of all and of each user, and is refused where too many wait", async () => {
    const held = gate();
    const log: Pick<EventStore, "read"> = {
      read: async (...of) => {
        await held.passed;
        return here.log.read(...of);
      },
    };
    const pasts = limited({ atOnce: 1, waiting: 2, ofOne: 2 }, log);
    const first = pasts("ann", id, now());
    const second = pasts("ann", id, now());
    const busy = { code: "RATE_LIMITED", field: undefined, retryAfterMs: 1_000 };
    expect(await refused(pasts("ann", id, now()))).toEqual(busy);
    const third = pasts("bob", id, now());
    expect(await refused(pasts("cat", id, now()))).toEqual(busy);
    held.open();
    await Promise.all([first, second, third]);
    await pasts("ann", id, now());
  });

  it("makes way for the next one where one fails, or was not waited for", async () => {
    const held = gate();
    const log: Pick<EventStore, "read"> = {
      read: async (...of) => {
        await held.passed;
        return here.log.read(...of);
      },
    };
    const pasts = limited({ atOnce: 1, waiting: 2, ofOne: 2, events: 2 }, log);
    const [first, second] = [pasts("ann", id, now()), pasts("bob", id, now())];
    held.open();
    expect(await refused(first)).toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(await refused(second)).toMatchObject({ code: "LIMIT_EXCEEDED" });
    const given = limited({ atOnce: 1, waiting: 2, ofOne: 2, ms: 20 }, { read: () => new Promise(() => {}) });
    const stuck = [refused(given("ann", id, now())), refused(given("bob", id, now()))];
    expect(await Promise.race([stuck[1], stuck[0]])).toMatchObject({ code: "UNAVAILABLE" });
  });
});

it("costs nothing that anybody else pays for where nothing is folded", async () => {
  const id = await here.group("ann");
  await here.caughtUp();
  const reads = () => here.log.calls.filter(({ op }) => op === "read").length;
  const before = reads();
  expect(await shown("eve", id, now())).toBeNull();
  expect(await shown("eve", "g:none", now())).toBeNull();
  expect(reads()).toBe(before);
});
