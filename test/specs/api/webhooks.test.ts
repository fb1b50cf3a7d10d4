import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiServer, type ApiServer } from "../../support/apiServer.ts";
import { type Client, clientOf, refusal, registered } from "../../support/client.ts";
import { hookReceiver, type Received, type Receiver } from "../../support/hookReceiver.ts";
import { until } from "../../support/until.ts";

let server: ApiServer;
let operator: Client;
let ann: Client;
let bob: Client;
beforeAll(async () => {
  server = await apiServer({
    WEBHOOK_PRIVATE: "127.0.0.0/8",
    WEBHOOK_RETRY: "20ms",
    WEBHOOK_TIMEOUT: "1s",
    WEBHOOK_GIVE_UP: "1h",
  });
  operator = await clientOf(server, "operator", { admin: true });
  ann = await registered(server, "ann");
  bob = await registered(server, "bob");
});
afterAll(() => server[Symbol.asyncDispose]());

const group = async (title: string): Promise<string> =>
  (await ann.act("createConversation", { kind: "GROUP", title, memberIds: ["bob"] })).conversation.id;

async function hook(receiver: Receiver, id: string, more: object = {}): Promise<void> {
  const made = await operator.act("putWebhook", { id, url: receiver.url, events: ["MESSAGE_SENT"], ...more });
  // It is told once, when the hook is made.
  receiver.secret = made.secret ?? receiver.secret;
}

type Shown = { active: boolean; failingSince: string | null; deliveries: { edges: { node: Record<string, unknown> }[] } };
const shown = async (id: string): Promise<Shown> =>
  (
    await operator.ask<{ node: Shown }>(
      `query ($id: ID!) { node(id: $id) { ... on Webhook { active failingSince deliveries { edges { node { id event attempts status deliveredAt nextAttemptAt error } } } } } }`,
      { id },
    )
  ).node;

describe("a webhook", () => {
  it("is told what happens in its conversation, signed, and nothing of others", async () => {
    await using receiver = await hookReceiver();
    const [one, other] = [await group("one"), await group("other")];
    await hook(receiver, "one", { conversationId: one });
    await ann.act("sendMessage", { conversationId: other, text: "not for it" });
    await ann.act("sendMessage", { conversationId: one, text: "for it" });
    await receiver.until("told", ({ length }) => length > 0);
    expect(receiver.received).toMatchObject([
      { type: "MESSAGE_SENT", data: { conversationId: one, seq: 1, senderId: "ann", text: "for it" } },
    ]);
    expect(receiver.refused).toBe(0);
    await until("noted", async () => (await shown("w:one")).deliveries.edges[0]?.node["deliveredAt"] != null);
    expect((await shown("w:one")).deliveries.edges).toMatchObject([
      { node: { event: "MESSAGE_SENT", attempts: 1, status: 204 } },
    ]);
    await operator.act("deleteWebhook", { id: "w:one" });
    expect(await shown("w:one")).toBeNull();
  });

  it("that fails is told again, in the order of the conversation, while other conversations go on", async () => {
    await using receiver = await hookReceiver();
    const [held, free] = [await group("held"), await group("free")];
    let fails = true;
    receiver.answer = ({ data }) => ({ status: data["conversationId"] === held && fails ? 500 : 200 });
    await hook(receiver, "order");
    for (const text of ["1", "2", "3"]) {
      await ann.act("sendMessage", { conversationId: held, text });
      await ann.act("sendMessage", { conversationId: free, text });
    }
    const of = (conversation: string) =>
      receiver.received.filter(({ data }) => data["conversationId"] === conversation).map(({ data }) => data["text"]);
    await receiver.until("the other conversation", () => of(free).length === 3 && of(held).length > 1);
    expect(new Set(of(held))).toEqual(new Set(["1"]));
    expect(await shown("w:order")).toMatchObject({ active: true });
    fails = false;
    await receiver.until("all", () => of(held).includes("3"));
    expect(of(held).filter((text, index, all) => text !== all[index - 1])).toEqual(["1", "2", "3"]);
    expect(of(free)).toEqual(["1", "2", "3"]);
    await until("well", async () => (await shown("w:order")).failingSince === null);
    await operator.act("deleteWebhook", { id: "w:order" });
  });

  it("that answers 410 is switched off at once, and holds up no other", async () => {
    await using gone = await hookReceiver();
    await using slow = await hookReceiver();
    await using well = await hookReceiver();
    gone.answer = () => ({ status: 410 });
    slow.answer = () => "never";
    await hook(slow, "slow");
    await hook(gone, "gone");
    await hook(well, "well");
    const room = await group("room");
    await ann.act("sendMessage", { conversationId: room, text: "hello" });
    await well.until("told", ({ length }) => length === 1);
    await until("off", async () => !(await shown("w:gone")).active);
    await until("known to fail", async () => (await shown("w:slow")).failingSince !== null);
    expect(await shown("w:slow")).toMatchObject({ active: true });
    expect(await shown("w:well")).toMatchObject({ active: true, failingSince: null });
    for (const id of ["w:slow", "w:gone", "w:well"]) await operator.act("deleteWebhook", { id });
  });

  it("is not led elsewhere, and a long answer is not read", async () => {
    await using receiver = await hookReceiver();
    await using elsewhere = await hookReceiver();
    receiver.answer = () => ({ status: 302, headers: { location: elsewhere.url } });
    await hook(receiver, "led");
    await ann.act("sendMessage", { userId: "bob", text: "hello" });
    await until("noted", async () => (await shown("w:led")).deliveries.edges[0]?.node["status"] === 302);
    receiver.answer = () => ({ status: 200, body: "x".repeat(5_000_000) });
    await until("told", async () => (await shown("w:led")).deliveries.edges[0]?.node["status"] === 200);
    expect(elsewhere.received.length + elsewhere.refused).toBe(0);
    const again = receiver.received.length;
    const { id } = (await shown("w:led")).deliveries.edges[0]?.node as { id: string };
    await operator.act("redeliverWebhook", { id });
    await receiver.until("once more", ({ length }) => length > again);
    expect(new Set(receiver.received.map((message) => message.id)).size).toBe(1);
    await operator.act("deleteWebhook", { id: "w:led" });
  });

  it("that is late tells no words of what was edited and then recalled", async () => {
    await using receiver = await hookReceiver();
    let fails = true;
    receiver.answer = () => ({ status: fails ? 500 : 200 });
    const room = await group("recalled");
    await hook(receiver, "late", { events: ["MESSAGE_SENT", "MESSAGE_CHANGED"], conversationId: room });
    await ann.act("sendMessage", { conversationId: room, text: "a secret" });
    await ann.act("editMessage", { conversationId: room, seq: 1, text: "another secret" });
    await ann.act("recallMessage", { conversationId: room, seq: 1 });
    await receiver.until("tried", ({ length }) => length > 0);
    fails = false;
    await receiver.until("all", (received) => received.some(({ data }) => data["change"] === "RECALLED"));
    expect(receiver.received.find(({ data }) => data["change"] === "EDITED")).toMatchObject({ data: { seq: 1, text: null } });
    await operator.act("deleteWebhook", { id: "w:late" });
  });

  it("that is put anew for less is not told what waited for more", async () => {
    await using all = await hookReceiver();
    await using less = await hookReceiver();
    all.answer = () => ({ status: 500 });
    const room = await group("less");
    await hook(all, "less");
    less.secret = all.secret;
    await ann.act("sendMessage", { userId: "bob", text: "between us" });
    await all.until("tried", ({ length }) => length > 0);
    await hook(less, "less", { conversationId: room });
    await ann.act("sendMessage", { conversationId: room, text: "in the room" });
    await less.until("told", ({ length }) => length > 0);
    const waits = async () => (await shown("w:less")).deliveries.edges.filter(({ node }) => node["nextAttemptAt"] !== null);
    await until("all is settled", async () => (await waits()).length === 0);
    expect(less.received.map(({ data }) => data["text"])).toEqual(["in the room"]);
    expect((await shown("w:less")).failingSince).toBeNull();
    await operator.act("deleteWebhook", { id: "w:less" });
  });

  it("is told of reports, unless it is of a conversation", async () => {
    await using all = await hookReceiver();
    await using inside = await hookReceiver();
    const room = await group("reports");
    const events = ["MESSAGE_SENT", "REPORTED"];
    await hook(all, "reports", { events });
    await hook(inside, "inside", { events, conversationId: room });
    await ann.act("sendMessage", { conversationId: room, text: "rude" });
    await bob.act("report", { conversationId: room, seq: 1, reason: "it is rude" });
    await ann.act("sendMessage", { conversationId: room, text: "later" });
    const isLater = (received: readonly Received[]) => received.some(({ data }) => data["text"] === "later");
    await all.until("all", isLater);
    await inside.until("later", isLater);
    const of = { conversationId: room, messageId: `${room}:1`, seq: 1 };
    expect(all.received.filter(({ type }) => type === "REPORTED").map(({ data }) => data)).toEqual([
      { ...of, senderId: "ann", reporterId: "bob", rule: null, reason: "it is rude" },
    ]);
    expect(inside.received.map(({ type }) => type)).toEqual(["MESSAGE_SENT", "MESSAGE_SENT"]);
    for (const id of ["w:reports", "w:inside"]) await operator.act("deleteWebhook", { id });
  });

  it("tells its secret once, and keeps it", async () => {
    await using receiver = await hookReceiver();
    const input = { id: "secret", url: receiver.url, events: ["MESSAGE_SENT"], clientMutationId: "secret-1" };
    expect((await operator.act("putWebhook", input)).secret).toMatch(/^whsec_/);
    expect((await operator.act("putWebhook", input)).secret).toBeNull();
    const more = { id: "secret", url: receiver.url, events: ["USER_CHANGED"] };
    expect((await operator.act("putWebhook", more)).secret).toBeNull();
    await operator.act("deleteWebhook", { id: "w:secret" });
  });

  it("is of operators, and leads to no private network", async () => {
    const input = { id: "x", url: "https://example.org/", events: ["MESSAGE_SENT"] };
    expect(await refusal(ann.act("putWebhook", input))).toMatchObject({ code: "FORBIDDEN" });
    for (const url of ["https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "http://example.org@10.0.0.1/"])
      expect(await refusal(operator.act("putWebhook", { ...input, url }))).toMatchObject({ code: "BAD_INPUT", field: "url" });
  });
});

describe("an incoming webhook", () => {
  it("posts as its bot, once for each key, until it is deleted", async () => {
    const room = await group("posts");
    await operator.act("createBot", { id: "poster", name: "Poster" });
    await ann.act("addMembers", { conversationId: room, userIds: ["poster"] });
    const { path } = await operator.act("putIncomingWebhook", { id: "ci", botId: "poster", conversationId: room });
    const post = (body: unknown) =>
      fetch(`${server.address}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const first = await post({ text: "built", key: "build-1" });
    expect(first.status).toBe(200);
    expect(await first.json()).toEqual({ id: `${room}:1` });
    expect(await (await post({ text: "built", key: "build-1" })).json()).toEqual({ id: `${room}:1` });
    expect((await post({ text: 1 })).status).toBe(400);
    await operator.act("deleteIncomingWebhook", { id: "h:ci" });
    expect((await post({ text: "too late" })).status).toBe(404);
  });

  it("may have the longest name", async () => {
    const room = await group("long");
    await operator.act("createBot", { id: "long", name: "Long" });
    await ann.act("addMembers", { conversationId: room, userIds: ["long"] });
    const id = "n".repeat(64);
    const { path } = await operator.act("putIncomingWebhook", { id, botId: "long", conversationId: room });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${server.address}${path}`, { method: "POST", headers, body: '{"text": "hello"}' });
    expect(answer.status).toBe(200);
    await operator.act("deleteIncomingWebhook", { id: `h:${id}` });
  });
});
