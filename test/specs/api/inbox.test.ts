import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Client, clientOf, type Listening, refusal, registered, told } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { followInbox, type InboxEntry } from "../../support/followedInbox.ts";
import { until } from "../../support/until.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob, cat] = [] as unknown as [Client, Client, Client];
beforeEach(async () => {
  people += 1;
  [ann, bob, cat] = (await Promise.all(["ann", "bob", "cat"].map((name) => registered(server, `${name}${people}`)))) as [
    Client,
    Client,
    Client,
  ];
});

const group = async (...members: Client[]) =>
  (
    await ann.act("createConversation", {
      kind: "GROUP",
      title: "Group",
      joinPolicy: "OPEN",
      memberIds: members.map(({ id }) => id),
    })
  ).conversation.id;

const say = async (id: string, text: string) => (await ann.act("sendMessage", { conversationId: id, text })).message;
/** Until the views hold what was done: a stream that is opened then begins after it. */
const shown = async ({ cursor }: { cursor: string }) => void (await ann.sync(null, { atLeast: cursor }));
const caughtUp = (stream: Listening) => stream.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
const upTo = (stream: Listening, cursor: string) => stream.until("the last one came", (entry) => entry.cursor === cursor);

describe("the inbox", () => {
  it("tells each subscriber of their own viewer, as the entry left it", async () => {
    type Told = InboxEntry & { edge: { cursor: string }; viewer: { user: { id: string }; unreadTotal: number } };
    const id = await group(bob);
    await shown(await say(id, "before"));
    const selection = "... on MessageReceived { edge { cursor } viewer { user { id } unreadTotal } }";
    const streams = [ann, bob].map(({ token }) => followInbox<Told>({ address: () => server.address, token, selection }));
    for (const { counts } of streams) await until("it is caught up", () => counts.caughtUp > 0);
    await say(id, "one");
    for (const { entries } of streams) await until("the message came", () => entries.length > 0);
    expect(streams.map(({ entries }) => entries[0])).toMatchObject([
      { edge: { cursor: "2" }, viewer: { user: { id: ann.id }, unreadTotal: 0 } },
      { edge: { cursor: "2" }, viewer: { user: { id: bob.id }, unreadTotal: 2 } },
    ]);
    await Promise.all(streams.map((stream) => stream.close()));
  });

  it("without a cursor begins with InboxCaughtUp, and tells what comes after it", async () => {
    const id = await group(bob);
    await shown(await say(id, "before"));
    const stream = bob.inbox();
    const mark = await caughtUp(stream);
    const first = await say(id, "one");
    const edited = await ann.act("editMessage", { conversationId: id, seq: 1, text: "changed" });
    await upTo(stream, edited.cursor);
    expect(stream.entries.map(told)).toEqual(["InboxCaughtUp", `received ${first.id} one`, `EDITED ${id}:1 changed`]);
    // Its own cursor is one to go on from.
    expect((await bob.syncAll(mark.cursor)).entries).toEqual(stream.entries.slice(1));
    await stream.close();
  });

  it("with a cursor tells what was missed, then InboxCaughtUp once, then goes on live: the entries of sync", async () => {
    const id = await group(bob);
    const start = await bob.sync(null, { atLeast: (await say(id, "seen")).cursor });
    for (let count = 0; count < 150; count++) await say(id, `missed ${count}`);
    const missed = await ann.act("recallMessage", { conversationId: id, seq: 3 });
    const stream = bob.inbox(start.cursor);
    await caughtUp(stream);
    expect(stream.entries).toHaveLength(152);
    expect(stream.entries[151]?.__typename).toBe("InboxCaughtUp");
    for (let count = 0; count < 5; count++) await say(id, `live ${count}`);
    const read = await bob.act("markRead", { conversationId: id, seq: 100 });
    await upTo(stream, read.cursor);
    const entries = stream.entries.filter(({ __typename }) => __typename !== "InboxCaughtUp");
    expect(stream.entries).toHaveLength(entries.length + 1);
    expect(entries).toEqual((await bob.syncAll(start.cursor)).entries);
    expect(entries[150]?.cursor).toBe(missed.cursor);
    await stream.close();
  });

  it("with the newest cursor has missed nothing", async () => {
    const id = await group(bob);
    const { cursor } = await bob.sync(null, { atLeast: (await say(id, "seen")).cursor });
    const stream = bob.inbox(cursor);
    await caughtUp(stream);
    const next = await say(id, "new");
    await upTo(stream, next.cursor);
    expect(stream.entries.map(told)).toEqual(["InboxCaughtUp", `received ${next.id} new`]);
    await stream.close();
  });

  it("follows one into groups joined and direct conversations begun while it is open, and out of groups left", async () => {
    const id = await group(cat);
    const stream = bob.inbox();
    await caughtUp(stream);
    await say(id, "unheard");
    await bob.act("join", { id });
    const heard = await say(id, "heard");
    const { message } = await cat.act("sendMessage", { userId: bob.id, text: "hello" });
    await bob.act("leave", { id });
    await say(id, "unheard again");
    const last = await cat.act("sendMessage", { userId: bob.id, text: "bye" });
    await upTo(stream, last.cursor);
    expect(stream.entries.map(told).slice(1)).toEqual([
      `JOINED ${id} ${bob.id} by ${bob.id}`,
      `received ${heard.id} heard`,
      `received ${message.id} hello`,
      `LEFT ${id} ${bob.id} by ${bob.id}`,
      `received ${last.message.id} bye`,
    ]);
    await stream.close();
  });

  it("is each one's own: others' devices get the same, other people do not", async () => {
    const id = await group(bob);
    await shown(await say(id, "before"));
    const [phone, desk, others] = [bob.inbox(), (await clientOf(server, bob.id, { device: "desk" })).inbox(), cat.inbox()];
    for (const stream of [phone, desk, others]) await caughtUp(stream);
    const first = await say(id, "hello");
    const own = await bob.act("sendMessage", { conversationId: id, text: "from the desk" });
    const aside = await ann.act("sendMessage", { userId: cat.id, text: "aside" });
    for (const stream of [phone, desk]) {
      await upTo(stream, own.cursor);
      expect(stream.entries.map(told).slice(1)).toEqual([
        `received ${first.id} hello`,
        `received ${own.message.id} from the desk`,
      ]);
    }
    await upTo(others, aside.cursor);
    expect(others.entries.map(told).slice(1)).toEqual([`received ${aside.message.id} aside`]);
    for (const stream of [phone, desk, others]) await stream.close();
  });

  it("straight after a restart tells what was missed before InboxCaughtUp, and without a cursor nothing old", async () => {
    await using first = await apiServer();
    const eve = await registered(first, "eve");
    const fay = await registered(first, "fay");
    const seen = await eve.act("sendMessage", { userId: "fay", text: "seen" });
    const missed = await eve.act("sendMessage", { userId: "fay", text: "missed" });
    await fay.sync(null, { atLeast: missed.cursor });
    await first.stop();
    await using second = await apiServer({ DATA_DIR: first.config.dataDir });
    const [later, again] = [await clientOf(second, "fay"), await clientOf(second, "eve")];
    const [live, from] = [later.inbox(), later.inbox(seen.cursor)];
    for (const stream of [live, from]) await caughtUp(stream);
    const { message } = await again.act("sendMessage", { userId: "fay", text: "new" });
    for (const stream of [live, from]) await upTo(stream, message.cursor);
    const news = `received ${message.id} new`;
    expect(live.entries.map(told)).toEqual(["InboxCaughtUp", news]);
    expect(from.entries.map(told)).toEqual([`received ${missed.message.id} missed`, "InboxCaughtUp", news]);
    await Promise.all([live.close(), from.close()]);
  });

  it("is reset where the cursor is of another log, and goes on from there", async () => {
    await using other = await apiServer();
    const { cursor } = await registered(other, "stranger").then((stranger) => stranger.sync());
    const id = await group(bob);
    await shown(await say(id, "before"));
    const stream = bob.inbox(cursor);
    await caughtUp(stream);
    const next = await say(id, "after");
    await upTo(stream, next.cursor);
    expect(stream.entries.map(told)).toEqual(["InboxReset", "InboxCaughtUp", `received ${next.id} after`]);
    await stream.close();
    expect(await refusal(Promise.reject(await bob.inbox("nonsense").ended()))).toEqual({ code: "BAD_INPUT", field: "after" });
  });
});

describe("one conversation", () => {
  it("is told to a member from a cursor on: the entries of their inbox that are of it, marks apart", async () => {
    const id = await group(bob, cat);
    const first = await say(id, "one");
    await bob.act("markRead", { conversationId: id, seq: 1 });
    await ann.act("sendMessage", { userId: bob.id, text: "elsewhere" });
    await shown(await say(id, "two"));
    const missed = bob.listen(id, first.cursor);
    const live = bob.listen(id);
    await caughtUp(missed);
    await caughtUp(live);
    await cat.act("leave", { id });
    const last = await ann.act("editMessage", { conversationId: id, seq: 2, text: "zwei" });
    await upTo(missed, last.cursor);
    await upTo(live, last.cursor);
    const later = [`LEFT ${id} ${cat.id} by ${cat.id}`, `EDITED ${id}:2 zwei`];
    // The message as it is when it is told: it was edited since.
    expect(missed.entries.map(told)).toEqual([`received ${id}:2 two`, "InboxCaughtUp", ...later]);
    expect(live.entries.map(told)).toEqual(["InboxCaughtUp", ...later]);
    const places = (await bob.syncAll(first.cursor)).entries.flatMap((entry) => (told(entry).includes(id) ? entry.cursor : []));
    expect(places).toEqual(expect.arrayContaining(live.entries.slice(1).map(({ cursor }) => cursor)));
    await Promise.all([missed.close(), live.close()]);
  });

  it("may be listened to before its first message, if it is a direct one", async () => {
    const id = `d:${ann.id}~${bob.id}`;
    const stream = bob.listen(id);
    await caughtUp(stream);
    const { message } = await ann.act("sendMessage", { userId: bob.id, text: "hello" });
    await upTo(stream, message.cursor);
    expect(stream.entries.map(told)).toEqual(["InboxCaughtUp", `received ${message.id} hello`]);
    await stream.close();
    expect((await bob.listen(`d:${bob.id}~nobody`).ended()).code).toBe("NOT_FOUND");
    expect((await bob.listen("g:none").ended()).code).toBe("NOT_FOUND");
    expect((await bob.listen("nonsense").ended()).code).toBe("BAD_INPUT");
  });

  it("tells someone who left what they missed until then, and ends", async () => {
    const id = await group(bob);
    const { cursor } = await say(id, "one");
    await say(id, "two");
    await bob.act("leave", { id });
    await say(id, "three");
    const stream = bob.listen(id, cursor);
    expect((await stream.ended()).code).toBe("FORBIDDEN");
    expect(stream.entries.map(told)).toEqual([`received ${id}:2 two`, `LEFT ${id} ${bob.id} by ${bob.id}`]);
  });
});
