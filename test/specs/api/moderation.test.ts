import { createClient } from "graphql-ws";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Connection, REPORT, type Report } from "../../support/answers.ts";
import { type Client, clientOf, refusal, registeredAll, told } from "../../support/client.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

let server: ApiServer;
let rules: string;
let folder: Awaited<ReturnType<typeof tempDir>>;
const NO_RULES = { rules: [] };
const put = (file: unknown) => writeFile(rules, typeof file === "string" ? file : JSON.stringify(file));
beforeAll(async () => {
  folder = await tempDir();
  rules = join(folder.path, "rules.json");
  await put(NO_RULES);
  server = await apiServer({ MODERATION_RULES: rules });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder.remove();
});

let people = 0;
/** Owner, two administrators, two members, one outside, and the owner of another group. */
let [ann, bob, ben, cat, dan, eve, fay] = [] as unknown as [Client, Client, Client, Client, Client, Client, Client];
let root: Client;
let id = "";
beforeEach(async () => {
  people += 1;
  const names = ["ann", "bob", "ben", "cat", "dan", "eve", "fay"].map((name) => `${name}${people}`);
  [ann, bob, ben, cat, dan, eve, fay] = (await registeredAll(server, ...names)) as [
    Client,
    Client,
    Client,
    Client,
    Client,
    Client,
    Client,
  ];
  root = await clientOf(server, `root${people}`, { admin: true });
  const memberIds = [bob.id, ben.id, cat.id, dan.id];
  id = (await ann.act("createConversation", { kind: "GROUP", title: "Readers", memberIds })).conversation.id;
  for (const client of [bob, ben]) await ann.act("setRole", { conversationId: id, userId: client.id, role: "ADMIN" });
  await fay.act("createConversation", { kind: "GROUP", title: "Others", memberIds: [eve.id] });
});

const send = async (client: Client, text: string, conversationId = id) =>
  (await client.act("sendMessage", { conversationId, text })).message.seq;
const report = async (client: Client, seq: number, reason = "rude", conversationId = id) =>
  (await client.act("report", { conversationId, seq, reason })).report;
const decide = (client: Client, reported: { id: string }, action: string, more: object = {}) =>
  client.act("decideReport", { id: reported.id, action, ...more });

type Queue = Connection<Report>;
const NOTHING: Queue = {
  edges: [],
  pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
};
const queueOf = async (client: Client, open = true, conversationId = id): Promise<Queue> => {
  const { conversation } = await client.ask<{ conversation: { reports: Queue } | null }>(
    `query ($id: ID!, $open: Boolean, $at: Cursor) { conversation(id: $id, atLeast: $at) {
      reports(open: $open) { edges { cursor node { ...ReportParts } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } ${REPORT}`,
    { id: conversationId, open, at: server.newest?.cursor },
  );
  return conversation?.reports ?? NOTHING;
};
const reportsOf = async (client: Client, open?: boolean, of?: string) =>
  (await queueOf(client, open, of)).edges.map(({ node }) => node);
const all = async (client: Client, variables: object = {}): Promise<Queue> =>
  (
    await client.ask<{ admin: { reports: Queue } }>(
      `query ($open: Boolean, $first: Int, $after: String) { admin { reports(open: $open, first: $first, after: $after) {
        edges { cursor node { ...ReportParts } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } ${REPORT}`,
      { ...variables },
    )
  ).admin.reports;
const ids = (queue: Queue) => queue.edges.map(({ node }) => node.id);
const NOT_THERE = { code: "NOT_FOUND", field: "id" };

describe("a report", () => {
  it("is made once of each message that the user sees, and of no other", async () => {
    const seq = await send(cat, "you fool");
    const made = await report(dan, seq, "names");
    expect(made).toMatchObject({
      id: `r:${id}:${seq}~${dan.id}`,
      reason: "names",
      reporter: { id: dan.id },
      action: null,
      reported: null,
    });
    expect(await report(dan, seq, "another reason")).toEqual(made);
    expect(await refusal(report(cat, seq))).toEqual({ code: "BAD_INPUT", field: "seq" });
    expect(await refusal(report(dan, seq + 1))).toEqual({ code: "NOT_FOUND", field: "seq" });
    const outside = await refusal(report(eve, seq));
    expect(outside).toEqual({ code: "NOT_FOUND", field: "conversationId" });
    expect(await refusal(report(eve, seq, "rude", "g:nowhere"))).toEqual(outside);
    for (const reason of [" ", "a".repeat(1_025)])
      expect(await refusal(report(dan, seq, reason))).toEqual({ code: "BAD_INPUT", field: "reason" });
    expect(await reportsOf(ann)).toHaveLength(1);
  });

  it("is seen by those who decide, and whoever wrote the message learns nothing of it", async () => {
    const [mine, theirs] = [await send(bob, "by an administrator"), await send(cat, "by a member")];
    const inbox = cat.inbox((await cat.sync()).cursor);
    await inbox.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    const reported = [await report(dan, mine), await report(dan, theirs)].map(({ id: each }) => each);
    expect(ids(await queueOf(ann))).toEqual(reported);
    expect(ids(await queueOf(ben))).toEqual(reported);
    expect(ids(await queueOf(bob))).toEqual(reported.slice(1));
    for (const client of [cat, dan, eve, fay]) expect(await queueOf(client)).toEqual(NOTHING);
    await decide(ann, { id: reported[1] ?? "" }, "DISMISS");
    expect(await queueOf(bob)).toEqual(NOTHING);
    for (const client of [bob, cat, eve, fay, ann]) {
      const { node } = await client.ask<{ node: Report | null }>(
        `query ($id: ID!) { node(id: $id) { ... on Report { id reason } } }`,
        { id: reported[0] },
      );
      expect(node !== null).toBe(client === ann);
      const isDecider = client === ann;
      if (!isDecider) expect(await refusal(decide(client, { id: reported[0] ?? "" }, "DISMISS"))).toEqual(NOT_THERE);
    }
    expect(await refusal(decide(eve, { id: `r:${id}:99~${dan.id}` }, "DISMISS"))).toEqual(NOT_THERE);
    expect(await refusal(eve.ask("{ admin { reports { edges { cursor } } } }"))).toMatchObject({ code: "FORBIDDEN" });
    // What comes next is all that comes.
    await send(ann, "the next thing");
    await inbox.until("the next message", ({ __typename }) => __typename === "MessageReceived");
    expect(inbox.entries.map(({ __typename }) => __typename)).toEqual(["InboxCaughtUp", "MessageReceived"]);
    await inbox.close();
  });

  it("shows the message as it was then, whatever became of it", async () => {
    const seq = await send(cat, "first");
    await cat.act("editMessage", { conversationId: id, seq, text: "second" });
    await dan.act("react", { conversationId: id, seq, emoji: "👎", on: true });
    await report(dan, seq);
    await cat.act("editMessage", { conversationId: id, seq, text: "third" });
    await report(ben, seq);
    await cat.act("recallMessage", { conversationId: id, seq });
    await report(bob, seq);
    const found = await reportsOf(ann);
    expect(found.map(({ reported }) => reported?.text)).toEqual(["second", "third", "third"]);
    expect(found[0]).toMatchObject({ message: { text: null }, reported: { conversationId: id, seq, sender: { id: cat.id } } });
    // It can be decided still.
    expect((await decide(ann, found[0] as Report, "RECALL")).report).toMatchObject({
      action: "RECALL",
      decidedBy: { id: ann.id },
    });
    // Whoever reported it is shown nothing that is gone.
    expect(await report(dan, seq)).toMatchObject({ reported: null, action: null, decidedBy: null });
  });

  it("of a direct conversation is for the scope admin alone", async () => {
    const direct = (await cat.act("sendMessage", { userId: eve.id, text: "you fool" })).message;
    const made = (await eve.act("report", { conversationId: direct.conversation.id, seq: direct.seq, reason: "names" })).report;
    expect(await refusal(report(fay, direct.seq, "rude", direct.conversation.id))).toMatchObject({ code: "NOT_FOUND" });
    expect(ids(await queueOf(eve, true, direct.conversation.id))).toEqual([]);
    expect(ids(await all(root))).toContain(made.id);
    expect(await refusal(decide(eve, made, "DISMISS"))).toEqual(NOT_THERE);
    for (const action of ["SILENCE", "REMOVE"])
      expect(await refusal(decide(root, made, action))).toEqual({ code: "BAD_INPUT", field: "action" });
    await decide(root, made, "RECALL");
    expect((await eve.messages(direct.conversation.id)).edges.map(({ node }) => node.text)).toEqual([null]);
  });
});

describe("a decision", () => {
  it("dismisses, recalls, silences or removes, with its reason, and all can see what was done", async () => {
    const seqs = [await send(cat, "one"), await send(cat, "two"), await send(cat, "three"), await send(cat, "four")] as const;
    const made = await Promise.all(seqs.map((seq) => report(dan, seq)));
    const [one, two, three, four] = made as [Report, Report, Report, Report];
    await decide(bob, one, "DISMISS", { reason: "no harm" });
    await decide(bob, two, "RECALL");
    expect((await dan.messages(id)).edges.map(({ node }) => node.text)).toEqual(["one", null, "three", "four"]);
    const { report: silenced } = await decide(bob, three, "SILENCE", { silenceSeconds: 3_600 });
    expect(Date.parse(silenced.silencedUntil ?? "") - Date.now()).toBeGreaterThan(3_500_000);
    expect(await refusal(send(cat, "five"))).toEqual({ code: "FORBIDDEN", field: "conversationId" });
    await decide(ann, four, "REMOVE");
    expect((await dan.syncAll()).entries.map(told)).toContain(`REMOVED ${id} ${cat.id} by ${ann.id}`);
    expect(await reportsOf(ann)).toEqual([]);
    const decided = await reportsOf(ann, false);
    expect(decided.map(({ action, decisionReason, decidedBy }) => [action, decisionReason, decidedBy?.id])).toEqual([
      ["REMOVE", null, ann.id],
      ["SILENCE", null, bob.id],
      ["RECALL", null, bob.id],
      ["DISMISS", "no harm", bob.id],
    ]);
  });

  it("stays: the same again is the same answer, and another one a conflict", async () => {
    const made = await report(dan, await send(cat, "one"));
    const { report: first } = await decide(bob, made, "RECALL", { reason: "rude" });
    expect((await decide(ben, made, "RECALL", { reason: "rude" })).report).toEqual(first);
    expect(await refusal(decide(ben, made, "DISMISS"))).toEqual({ code: "CONFLICT", field: "id" });
  });

  it("is not against those of the same role or a higher one, nor against who has left", async () => {
    const [byOwner, byPeer, byMember] = [await send(ann, "o"), await send(ben, "p"), await send(cat, "m")];
    const [owner, peer, member] = [await report(dan, byOwner), await report(dan, byPeer), await report(dan, byMember)];
    for (const action of ["SILENCE", "REMOVE"]) {
      expect(await refusal(decide(bob, owner, action))).toEqual({ code: "FORBIDDEN", field: "action" });
      expect(await refusal(decide(bob, peer, action))).toEqual({ code: "FORBIDDEN", field: "action" });
      expect(await refusal(decide(root, owner, action))).toEqual({ code: "CONFLICT", field: "action" });
    }
    for (const client of [ann, bob])
      expect(await refusal(decide(client, member, "BAN"))).toEqual({ code: "FORBIDDEN", field: "action" });
    await cat.act("leave", { id });
    for (const action of ["SILENCE", "REMOVE"])
      expect(await refusal(decide(ann, member, action))).toEqual({ code: "CONFLICT", field: "action" });
    await decide(ann, member, "RECALL");
    await decide(ann, peer, "SILENCE");
  });

  it("is listed page by page for the scope admin", async () => {
    const made: string[] = [];
    for (const client of [cat, dan])
      for (let each = 0; each < 3; each++) made.push((await report(ann, await send(client, "x"))).id);
    const found: string[] = [];
    for (let after: string | null | undefined; ;) {
      const page: Queue = await all(root, { first: 4, after });
      found.push(...ids(page));
      expect(page.pageInfo.hasPreviousPage).toBe(after !== undefined);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(found.filter((each) => made.includes(each))).toEqual(made);
  });
});

describe("a ban", () => {
  const closedBy = (client: Client) => {
    const closed: { code: number; reason: string }[] = [];
    const socket = createClient({
      url: `${server.address.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${client.token}` },
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => undefined,
      on: { closed: (event) => void closed.push(event as { code: number; reason: string }) },
    });
    return { socket, closed };
  };

  it("ends what is open at once, refuses the tokens, and leaves what was written", async () => {
    const seq = await send(cat, "spam");
    const { socket, closed } = closedBy(cat);
    const inbox = cat.inbox();
    await inbox.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    await decide(root, await report(dan, seq), "BAN", { reason: "spam" });
    await until("the socket is closed", () => closed.length > 0);
    expect(closed[0]).toMatchObject({ code: 4401, reason: "you are banned from this server" });
    expect(await refusal(send(cat, "more"))).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await refusal(cat.act("register", { handle: "cat", name: "cat" }))).toMatchObject({ code: "UNAUTHENTICATED" });
    const other = await clientOf(server, cat.id, { device: "another" });
    expect(await refusal(other.sync())).toMatchObject({ code: "UNAUTHENTICATED" });
    const again = closedBy(cat);
    await until("it is not let in", () => again.closed.length > 0);
    expect(again.closed[0]).toMatchObject({ code: 4401 });
    expect((await dan.messages(id)).edges.map(({ node }) => [node.sender.id, node.text])).toEqual([[cat.id, "spam"]]);
    const { admin } = await root.ask<{
      admin: { bans: Connection<{ user: { id: string }; bannedBy: { id: string }; reason: string }> };
    }>("{ admin { bans(first: 1) { edges { node { user { id } bannedBy { id } reason } } } } }");
    expect(admin.bans.edges[0]?.node).toEqual({ user: { id: cat.id }, bannedBy: { id: root.id }, reason: "spam" });
    await root.act("unbanUser", { userId: cat.id });
    await send(cat, "I am back");
    await socket.dispose();
    await again.socket.dispose();
  });

  it("ends a stream of events, and what waited for its time is not sent", async () => {
    const sendAt = new Date(Date.now() + 1_500).toISOString();
    await cat.act("scheduleMessage", { conversationId: id, text: "later", sendAt });
    const stream = await fetch(`${server.address}/graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${cat.token}`, accept: "text/event-stream", "content-type": "application/json" },
      body: JSON.stringify({ query: "subscription { inbox { cursor } }" }),
    });
    const ended = stream.text();
    await root.act("banUser", { userId: cat.id, reason: null });
    expect(await ended).toContain("you are banned from this server");
    await until("its time has come", async () => {
      const { cursor } = await ann.sync();
      return cursor !== "" && Date.now() > Date.parse(sendAt) && (await failedOf(cat.id)) === "FORBIDDEN";
    });
    expect((await dan.messages(id)).edges).toEqual([]);
  });

  const failedOf = async (user: string) => {
    const [failed] = await server.tidings.views.schedules.scheduledOf(user, true);
    return failed?.failure?.code;
  };

  it("is for the scope admin, and not for oneself or nobody", async () => {
    expect(await refusal(ann.act("banUser", { userId: cat.id }))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(ann.act("unbanUser", { userId: cat.id }))).toMatchObject({ code: "FORBIDDEN" });
    expect(await refusal(root.act("banUser", { userId: "nobody" }))).toEqual({ code: "NOT_FOUND", field: "userId" });
    const own = await clientOf(server, ann.id, { admin: true });
    expect(await refusal(own.act("banUser", { userId: ann.id }))).toEqual({ code: "BAD_INPUT", field: "userId" });
  });
});

describe("rules", () => {
  const rule = (more: object) => ({
    rules: [{ name: "words", kind: "words", words: ["casino"], action: "refuse", message: "No advertisements.", ...more }],
  });
  const inForce = async (text: string, isRefused: boolean) =>
    until("the rules are in force", async () => {
      const { errors } = await ann.post(`mutation ($input: SendMessageInput!) { sendMessage(input: $input) { cursor } }`, {
        input: { clientMutationId: crypto.randomUUID(), conversationId: id, text },
      });
      return (errors !== undefined) === isRefused;
    });

  it("refuse and report what is sent, edited and forwarded, and are read again when the file changes", async () => {
    const seq = await send(cat, "come to the casino");
    await put(rule({}));
    await inForce("casino", true);
    await expect(send(cat, "come to the CASINO!")).rejects.toThrow("No advertisements.");
    expect(await refusal(send(cat, "come to the C\u0430sino"))).toEqual({ code: "FORBIDDEN", field: "text" });
    const mine = await send(cat, "come to the casinos");
    expect(await refusal(cat.act("editMessage", { conversationId: id, seq: mine, text: "casino" }))).toEqual({
      code: "FORBIDDEN",
      field: "text",
    });
    expect(await refusal(cat.act("forwardMessages", { fromConversationId: id, seqs: [seq], toConversationId: id }))).toEqual({
      code: "FORBIDDEN",
      field: "text",
    });
    await put(rule({ action: "report", exempt: [ann.id] }));
    await inForce("casino", false);
    const flagged = await send(cat, "casino!");
    const found = await until("the rule reports it", async () => (await reportsOf(bob)).find(({ rule: by }) => by === "words"));
    expect(found).toMatchObject({
      id: `r:${id}:${flagged}~@words`,
      reporter: null,
      reason: "No advertisements.",
      reported: { text: "casino!" },
    });
    await put(NO_RULES);
  });

  it("stay as they were where the file cannot be used, and operators are told", async () => {
    await put(rule({}));
    await inForce("casino", true);
    const ready = async () =>
      (
        (await (await fetch(`${server.address}/ready`)).json()) as {
          components: Record<string, { ready: boolean; detail?: string }>;
        }
      ).components["rules"];
    await put(JSON.stringify(rule({ words: [] })));
    await until("it is told", async () => (await ready())?.ready === false);
    expect((await ready())?.detail).toContain("rules[0].words");
    expect(await refusal(send(cat, "casino"))).toMatchObject({ code: "FORBIDDEN" });
    await put(NO_RULES);
    await until("it is well", async () => (await ready())?.ready === true);
    await send(cat, "casino");
    server.logged.length = 0;
  });
});
