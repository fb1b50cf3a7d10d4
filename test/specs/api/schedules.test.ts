import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SCHEDULED, type ScheduledMessage } from "../../support/answers.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, clientOf, refusal, registeredAll } from "../../support/client.ts";
import { until } from "../../support/until.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer({ SCHEDULED_MAX: "3" });
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
let [ann, bob, cat] = [] as unknown as [Client, Client, Client];
beforeEach(async () => {
  people += 1;
  [ann, bob, cat] = await registeredAll(server, `ann${people}`, `bob${people}`, `cat${people}`);
});

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const DAY = 86_400_000;
/** So far ahead that nothing of it is sent while a test runs. */
const LATER = 30 * DAY;
/** So soon that a test can wait for it. */
const SOON = 1_500;

const list = async (client: Client, failed?: boolean) =>
  (
    await client.ask<{ viewer: { scheduled: ScheduledMessage[] } }>(
      `query ($failed: Boolean) { viewer { scheduled(failed: $failed) { ...ScheduledParts } } } ${SCHEDULED}`,
      { failed },
    )
  ).viewer.scheduled;
const nodeOf = async (client: Client, id: string) =>
  (
    await client.ask<{ node: ScheduledMessage | null }>(`query ($id: ID!) { node(id: $id) { ...ScheduledParts } } ${SCHEDULED}`, {
      id,
    })
  ).node;
const direct = (one: Client, other: Client) => `d:${[one.id, other.id].sort().join("~")}`;
const textsIn = async (client: Client, id: string) =>
  (await client.messages(id, { first: 100 })).edges.map(({ node }) => node.text);
const scheduleIn = async (client: Client, ms: number, more: Record<string, unknown>) =>
  (await client.act("scheduleMessage", { sendAt: inMs(ms), ...more })).scheduled;

describe("a message that waits", () => {
  test("is listed for its sender alone, the earliest first, with all that it holds", async () => {
    const attachments = [
      { url: "https://files.example.org/a.png", name: "a.png", mediaType: "image/png", size: 3, width: 1, height: 2 },
    ];
    const later = inMs(LATER);
    await ann.act("scheduleMessage", { userId: bob.id, sendAt: inMs(2 * LATER), text: "last" });
    const { scheduled } = await ann.act("scheduleMessage", {
      conversationId: direct(ann, bob),
      sendAt: later,
      kind: "IMAGE",
      topic: "trips",
      attachments,
    });
    const picture = {
      id: expect.stringMatching(new RegExp(`^s:${ann.id}:[0-9a-f-]{36}$`)) as string,
      conversation: { id: direct(ann, bob) },
      kind: "IMAGE",
      topic: "trips",
      text: null,
      attachments,
      sendAt: later,
      failure: null,
    };
    expect(scheduled).toEqual([picture, expect.objectContaining({ text: "last", kind: "TEXT" })]);
    expect(await list(ann)).toEqual(scheduled);
    expect(await nodeOf(ann, scheduled[0]?.id ?? "")).toEqual(scheduled[0]);
    expect(await list(bob)).toEqual([]);
    expect(await nodeOf(bob, scheduled[0]?.id ?? "")).toBeNull();
    expect((await bob.conversations()).edges).toEqual([]);
    expect((await bob.conversation(direct(ann, bob)))?.lastSeq).toBe(0);
  });

  test("is scheduled once, however often it is asked for, also once its time is over", async () => {
    const input = { clientMutationId: randomUUID(), userId: bob.id, sendAt: inMs(SOON), text: "once" };
    const asked = await Promise.all(Array.from({ length: 5 }, () => ann.act("scheduleMessage", input)));
    expect(new Set(asked.map(({ cursor }) => cursor)).size).toBe(1);
    await until("it is sent", async () => (await bob.conversation(direct(ann, bob)))?.lastSeq === 1);
    const again = await ann.act("scheduleMessage", input);
    expect(again.cursor).toBe(asked[0]?.cursor);
    expect(await refusal(ann.act("scheduleMessage", { ...input, text: "another" }))).toEqual({
      code: "CONFLICT",
      field: "clientMutationId",
    });
    expect(await textsIn(bob, direct(ann, bob))).toEqual(["once"]);
  });

  test("counts against the most that may wait, exactly, also in a race", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        ann.act("scheduleMessage", { userId: bob.id, sendAt: inMs(LATER), text: `${index}` }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    const waiting = await list(ann);
    expect(waiting).toHaveLength(3);
    expect(await refusal(ann.act("scheduleMessage", { userId: bob.id, sendAt: inMs(LATER), text: "more" }))).toEqual({
      code: "LIMIT_EXCEEDED",
    });
    await ann.act("cancelScheduled", { id: waiting[0]?.id });
    expect(await scheduleIn(ann, LATER, { userId: bob.id, text: "again" })).toHaveLength(3);
  });

  test("is not scheduled for a time that is over, or too far ahead", async () => {
    for (const sendAt of [inMs(-1), inMs(367 * DAY), "tomorrow", "2030-02-31T00:00:00Z", "2030-01-01T00:00:00"])
      expect(await refusal(ann.act("scheduleMessage", { userId: bob.id, sendAt, text: "when?" }))).toEqual({
        code: "BAD_INPUT",
        field: "sendAt",
      });
    expect(await scheduleIn(ann, 365 * DAY, { userId: bob.id, text: "next year" })).toHaveLength(1);
  });

  test("is scheduled only by those who may send it now, and an outsider learns nothing", async () => {
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Group", memberIds: [bob.id] });
    await bob.act("leave", { id: conversation.id });
    const to = (more: Record<string, unknown>) => ({ sendAt: inMs(LATER), text: "in?", ...more });
    expect(await refusal(bob.act("scheduleMessage", to({ conversationId: conversation.id })))).toEqual({
      code: "FORBIDDEN",
      field: "conversationId",
    });
    const [hidden, absent] = await Promise.all(
      [conversation.id, "g:none"].map((conversationId) => refusal(cat.act("scheduleMessage", to({ conversationId })))),
    );
    expect(hidden).toEqual(absent);
    expect(hidden).toEqual({ code: "NOT_FOUND", field: "conversationId" });
    expect(await refusal(ann.act("scheduleMessage", to({ userId: "nobody" })))).toEqual({ code: "NOT_FOUND", field: "userId" });
    const stranger = await clientOf(server, `stranger${people}`);
    expect((await refusal(stranger.act("scheduleMessage", to({ userId: ann.id })))).code).toBe("NOT_FOUND");
  });
});

describe("a message whose time has come", () => {
  test("is sent once, like any other, and told to both sides", async () => {
    const at = inMs(SOON);
    const [waiting] = (await ann.act("scheduleMessage", { userId: bob.id, sendAt: at, text: "now", topic: "news" })).scheduled;
    const stream = bob.inbox();
    const entry = await stream.until("it comes", ({ __typename }) => __typename === "MessageReceived");
    if (entry.__typename !== "MessageReceived") throw new Error("it is no message");
    const { message } = entry;
    expect(message).toMatchObject({
      sender: { id: ann.id },
      conversation: { id: direct(ann, bob) },
      text: "now",
      topic: "news",
      clientMutationId: waiting?.id.split(":")[2],
    });
    expect(message.sentAt >= at).toBe(true);
    await until("it waits no more", async () => (await list(ann)).length === 0);
    expect(await nodeOf(ann, waiting?.id ?? "")).toBeNull();
    const { entries } = await ann.syncAll();
    expect(entries.map((one) => one.__typename)).toEqual(["MessageReceived"]);
    expect(await refusal(ann.act("cancelScheduled", { id: waiting?.id }))).toEqual({ code: "NOT_FOUND", field: "id" });
    await stream.close();
  });

  test("is never sent once it was cancelled", async () => {
    const [first] = await scheduleIn(ann, SOON, { userId: bob.id, text: "first" });
    await scheduleIn(ann, SOON + 200, { userId: bob.id, text: "second" });
    const input = { clientMutationId: randomUUID(), id: first?.id };
    const { cursor, scheduled } = await ann.act("cancelScheduled", input);
    expect(scheduled).toMatchObject([{ text: "second" }]);
    expect((await ann.act("cancelScheduled", input)).cursor).toBe(cursor);
    await until("the second is sent", async () => (await bob.conversation(direct(ann, bob)))?.lastSeq);
    expect(await textsIn(bob, direct(ann, bob))).toEqual(["second"]);
  });

  test("is not sent by someone who has left, who finds it among those that failed and puts it away", async () => {
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Group", memberIds: [bob.id] });
    const { id } = conversation;
    const [waiting] = await scheduleIn(bob, SOON, { conversationId: id, text: "too late" });
    await bob.act("leave", { id });
    const failed = await until("it fails", async () => (await list(bob, true))[0]);
    expect(failed).toEqual({ ...waiting, failure: "FORBIDDEN" });
    expect(await list(bob)).toEqual([]);
    expect((await ann.conversation(id))?.lastSeq).toBe(0);
    expect((await ann.syncAll()).entries.map(({ __typename }) => __typename)).not.toContain("MessageReceived");
    expect((await bob.act("cancelScheduled", { id: failed.id })).scheduled).toEqual([]);
    await until("it is gone", async () => (await list(bob, true)).length === 0);
  });

  test("is sent after a restart if nobody ran when it was due", async () => {
    await using first = await apiServer();
    const [eve] = await registeredAll(first, "eve", "fay");
    await scheduleIn(eve, SOON, { userId: "fay", text: "meanwhile" });
    const due = Date.now() + SOON;
    await first.stop();
    await until("its time has come", () => Date.now() > due);
    await using second = await apiServer({ DATA_DIR: first.config.dataDir });
    const fay = await clientOf(second, "fay");
    await until("it is sent", async () => (await fay.conversation("d:eve~fay"))?.lastSeq === 1);
    const later = await clientOf(second, "eve");
    await until("it waits no more", async () => (await list(later)).length === 0);
    expect(await textsIn(fay, "d:eve~fay")).toEqual(["meanwhile"]);
  });
});

test("cancelling another one's message is like cancelling none", async () => {
  const [waiting] = await scheduleIn(ann, LATER, { userId: bob.id, text: "mine" });
  const ids = [waiting?.id ?? "", `s:${ann.id}:${randomUUID()}`, `s:${bob.id}:${randomUUID()}`, `s:nobody:${randomUUID()}`];
  const answers = await Promise.all(
    ids.map((id) =>
      bob.post(`mutation ($id: ID!) { cancelScheduled(input: { clientMutationId: "x", id: $id }) { cursor } }`, { id }),
    ),
  );
  const texts = answers.map(({ errors }) =>
    JSON.stringify({ ...errors?.[0], extensions: { ...errors?.[0]?.extensions, correlationId: "" } }),
  );
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).toContain("NOT_FOUND");
  expect(await list(ann)).toHaveLength(1);
});
