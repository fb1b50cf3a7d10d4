import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, clientOf, type Listening, registered, told } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

let server: ApiServer;
let [ann, annsPhone, bob] = [] as unknown as [Client, Client, Client];
beforeAll(async () => {
  server = await apiServer();
  ann = await registered(server, "ann", { device: "desk" });
  annsPhone = await clientOf(server, "ann", { device: "phone" });
  bob = await registered(server, "bob");
});
afterAll(() => server[Symbol.asyncDispose]());

const set = (client: Client, conversationId: string, wanted: object) =>
  client.act("setPreferences", { conversationId, ...wanted });
const total = async (client: Client, at: string) =>
  (await client.ask<{ viewer: { unreadTotal: number } }>("query ($at: Cursor) { viewer(atLeast: $at) { unreadTotal } }", { at }))
    .viewer.unreadTotal;

/** The inboxes of these devices, once they are live. */
const live = async (...devices: Client[]): Promise<Listening[]> => {
  const streams = devices.map((device) => device.inbox());
  for (const stream of streams) await stream.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
  return streams;
};
const kinds = (stream: Listening) => stream.entries.map(({ __typename }) => __typename);

describe("what a user sets on one device", () => {
  it("is told to all of theirs, and to nobody else", async () => {
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Group", memberIds: ["bob"] });
    const streams = await live(ann, annsPhone, bob);
    const [desk, phone, others] = streams as [Listening, Listening, Listening];
    const { cursor } = await set(ann, conversation.id, { muted: true, nickname: "Annie" });
    for (const stream of [desk, phone]) {
      const entry = await stream.until("it is told", ({ __typename }) => __typename === "ConversationChanged");
      expect(entry).toMatchObject({ cursor, conversation: { id: conversation.id } });
    }
    // What comes later has come, so that the other one was told nothing of it.
    await bob.act("sendMessage", { conversationId: conversation.id, text: "hello" });
    await others.until("a later entry", ({ __typename }) => __typename === "MessageReceived");
    expect(kinds(others)).toEqual(["InboxCaughtUp", "MessageReceived"]);
    expect((await annsPhone.syncAll()).entries.map(told)).toContain(`changed ${conversation.id} Group`);
    const page = bob.listen(conversation.id, (await bob.syncAll()).entries[0]?.cursor);
    await page.until("it has caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    expect(kinds(page)).not.toContain("ConversationChanged");
    for (const stream of [...streams, page]) await stream.close();
  });
});

describe("what a user sends on one device", () => {
  it("comes on the others too, and is unread on none", async () => {
    const [phone] = (await live(annsPhone)) as [Listening];
    const { message, cursor } = await ann.act("sendMessage", { userId: "bob", text: "from the desk" });
    const entry = await phone.until("it comes", ({ __typename }) => __typename === "MessageReceived");
    expect(entry).toMatchObject({ cursor, message: { id: message.id, text: "from the desk", sender: { id: "ann" } } });
    for (const device of [ann, annsPhone])
      expect(await device.conversation("d:ann~bob", cursor)).toMatchObject({ readSeq: message.seq, unreadCount: 0 });
    expect(await bob.conversation("d:ann~bob", cursor)).toMatchObject({ readSeq: 0, unreadCount: 1 });
    await phone.close();
  });
});

describe("what a user reads on one device", () => {
  it("is read on the others at once, in a muted conversation too", async () => {
    await set(ann, "d:ann~bob", { muted: true });
    const { message, cursor } = await bob.act("sendMessage", { userId: "ann", text: "hello" });
    expect(await annsPhone.conversation("d:ann~bob", cursor)).toMatchObject({ unreadCount: 1 });
    expect(await total(annsPhone, cursor)).toBe(0);
    const [phone] = (await live(annsPhone)) as [Listening];
    const read = await ann.act("markRead", { conversationId: "d:ann~bob", seq: message.seq });
    const moved = await phone.until("the mark moved", ({ __typename }) => __typename === "ReadMoved");
    expect(moved).toMatchObject({ cursor: read.cursor, readSeq: message.seq });
    expect(await annsPhone.conversation("d:ann~bob", read.cursor)).toMatchObject({ unreadCount: 0 });
    await phone.close();
  });
});
