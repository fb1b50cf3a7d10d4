import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import type { EventType } from "../../../src/domain/events.ts";
import { streams } from "../../../src/domain/ids.ts";
import { SCHEMA } from "../../../src/domain/recorded.ts";
import { type Client, clientOf, registeredAll, told } from "../../support/client.ts";
import { apiServer } from "../../support/apiServer.ts";
import { withoutViews } from "../../support/serverViews.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

const send = async (ann: Client, count: number, from = 0) => {
  const texts: string[] = [];
  let cursor = "";
  for (let index = from; index < from + count; index++) {
    const { message } = await ann.act("sendMessage", { userId: "bob", text: `${index}` });
    texts.push(`received ${message.id} ${index}`);
    cursor = message.cursor;
  }
  return { texts, cursor };
};

/** What a client does that is told to: the list afresh, and on from its cursor. */
async function expectRecovery(ann: Client, bob: Client, count: number): Promise<void> {
  const list = await bob.conversations();
  expect(list.edges[0]?.node).toMatchObject({ id: "d:ann~bob", lastSeq: count, unreadCount: count });
  expect((await bob.messages("d:ann~bob", { first: 100 })).edges).toHaveLength(count);
  const { texts, cursor } = await send(ann, 1, count);
  const { entries } = await bob.syncAll(list.cursor, { atLeast: cursor });
  expect(entries.map(told)).toEqual(texts);
}

describe("an inbox of so many entries", () => {
  it("keeps the newest, and gives the older ones from the conversation", async () => {
    await using server = await apiServer({ INBOX_MAX: "5", INBOX_SWEEP: "20ms" });
    const [ann, bob] = await registeredAll(server, "ann", "bob");
    const { cursor: start } = await bob.sync();
    const { texts, cursor } = await send(ann, 20);
    await bob.sync(null, { atLeast: cursor });
    const kept = await until("all but the newest are gone", async () => {
      const page = await bob.sync();
      return page.entries.length === 5 ? page : undefined;
    });
    expect(kept).toMatchObject({ hasMore: false, resetRequired: false });
    expect(kept.entries.map(told)).toEqual(texts.slice(15));
    // What it keeps no more comes from the conversation: all of it, and marked.
    const older = await bob.sync(start);
    expect(older).toMatchObject({ resetRequired: false, overflow: true, hasMore: true });
    expect(older.entries.map(told)).toEqual(texts.slice(0, 15));
    expect(older.cursor).toBe(older.skipTo);
    expect(await bob.sync(older.skipTo)).toMatchObject({ entries: kept.entries, overflow: false, skipTo: null, hasMore: false });
    expect((await bob.syncAll(start, { limit: 2 })).entries.map(told)).toEqual(texts);
    for (const [index, entry] of kept.entries.entries()) {
      expect(await bob.sync(entry.cursor)).toMatchObject({ overflow: false, entries: kept.entries.slice(index + 1) });
    }
    await expectRecovery(ann, bob, 20);
  });

  it("tells a subscription from an older cursor all that it missed, and one from a newer what it missed", async () => {
    await using server = await apiServer({ INBOX_MAX: "5", INBOX_SWEEP: "20ms" });
    const [ann, bob] = await registeredAll(server, "ann", "bob");
    const { cursor: start } = await bob.sync();
    const { texts, cursor } = await send(ann, 20);
    await bob.sync(null, { atLeast: cursor });
    const kept = await until("all but the newest are gone", async () => {
      const page = await bob.sync();
      return page.entries.length === 5 ? page : undefined;
    });
    const old = bob.inbox(start);
    const young = bob.inbox(kept.entries[1]?.cursor);
    for (const stream of [old, young]) await stream.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    const next = await send(ann, 1, 20);
    for (const stream of [old, young]) await stream.until("the new one came", (entry) => entry.cursor === next.cursor);
    expect(old.entries.map(told)).toEqual([...texts, "InboxCaughtUp", ...next.texts]);
    expect(young.entries.map(told)).toEqual([...texts.slice(17), "InboxCaughtUp", ...next.texts]);
    await Promise.all([old.close(), young.close()]);
  });

  it("has as many once its views are folded anew, before any sweep would come: what was let go of is not there again", async () => {
    const { path } = await tempDir();
    await oldLog(
      path,
      Array.from({ length: 12 }, (_, index) => 1_000 * (12 - index)),
    );
    const settings = { DATA_DIR: path, EVENTSTORE_URL: "" };
    const before = await apiServer({ ...settings, INBOX_MAX: "0" });
    const reader = await clientOf(before, "bob");
    const all = await until("all is there", async () => {
      const { entries } = await reader.syncAll();
      return entries.length === 12 ? entries : undefined;
    });
    await before.stop();
    await withoutViews(settings);
    await using server = await apiServer({ ...settings, INBOX_MAX: "5", INBOX_SWEEP: "24d" });
    const bob = await clientOf(server, "bob");
    await until("the views are live", async () => (await fetch(`${server.address}/ready`)).status === 200);
    expect(await bob.sync()).toMatchObject({ entries: all.slice(7), hasMore: false, resetRequired: false });
    expect(await bob.sync(all[5]?.cursor)).toMatchObject({ entries: [all[6]], overflow: true, skipTo: all[6]?.cursor });
    expect(await bob.sync(all[6]?.cursor)).toMatchObject({ entries: all.slice(7), overflow: false });
  });

  it("keeps the messages themselves, and the other one's inbox of its own size", async () => {
    await using server = await apiServer({ INBOX_MAX: "5", INBOX_SWEEP: "20ms" });
    const [ann, bob, cat] = await registeredAll(server, "ann", "bob", "cat");
    const { cursor: catsStart } = await cat.sync();
    const { message } = await ann.act("sendMessage", { userId: "cat", text: "one for Cat" });
    const { cursor } = await send(ann, 12);
    await bob.sync(null, { atLeast: cursor });
    await until("Bob's are gone", async () => (await bob.sync()).entries.length === 5);
    expect((await cat.syncAll(catsStart)).entries.map(told)).toEqual([`received ${message.id} one for Cat`]);
    expect((await bob.messages("d:ann~bob", { first: 100 })).edges).toHaveLength(12);
    expect(await bob.conversation("d:ann~bob")).toMatchObject({ unreadCount: 12 });
  });
});

/** A log as it is after years: ann and bob, and messages of ann's to bob, each so many milliseconds old. */
async function oldLog(dataDir: string, ages: readonly number[]): Promise<void> {
  const log = await sqliteEventStore(dataDir);
  const record = async (stream: string, actorId: string, ageMs: number, type: EventType, data: object) => {
    const at = new Date(Date.now() - ageMs).toISOString();
    const metadata = { $correlationId: "old", $causationId: randomUUID(), actorId, at, schema: SCHEMA };
    await log.append(stream, [{ id: randomUUID(), type, data, metadata }], "any");
  };
  const profile = { avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };
  for (const userId of ["ann", "bob"]) {
    const data = { userId, handle: userId, name: userId, ...profile };
    await record(streams.user(userId), userId, Math.max(...ages), "UserRegistered", data);
  }
  const more = { kind: "TEXT", topic: null, attachments: [], replyTo: null, mentions: [], mentionsAll: false };
  for (const [index, age] of ages.entries()) {
    const data = { conversationId: "d:ann~bob", senderId: "ann", clientMutationId: `${index}`, text: `${index}`, ...more };
    await record(streams.conversation("d:ann~bob"), "ann", age, "MessageSent", data);
  }
  await log.close();
}

describe("an inbox of so long", () => {
  it("is as long once its views are folded anew: what was too old is not there again", async () => {
    const DAY = 86_400_000;
    const { path } = await tempDir();
    await oldLog(
      path,
      [300, 200, 100, 80, 20, 1].map((days) => days * DAY),
    );
    const settings = { DATA_DIR: path, EVENTSTORE_URL: "" };
    const before = await apiServer({ ...settings, INBOX_TTL: "0" });
    const reader = await clientOf(before, "bob");
    const all = await until("all is there", async () => {
      const { entries } = await reader.syncAll();
      return entries.length === 6 ? entries : undefined;
    });
    await before.stop();
    await withoutViews(settings);
    await using server = await apiServer({ ...settings, INBOX_TTL: "90d" });
    const bob = await clientOf(server, "bob");
    const subscriptions = [all[0], all[4]].map((entry) => bob.inbox(entry?.cursor));
    const page = await bob.sync(null, { atLeast: all.at(-1)?.cursor ?? "" });
    expect(page).toMatchObject({ entries: all.slice(3), hasMore: false, resetRequired: false });
    for (const [index, { cursor }] of all.entries()) {
      const after = await bob.sync(cursor);
      if (index < 2) expect(after).toMatchObject({ entries: [], resetRequired: true });
      else expect(after).toMatchObject({ entries: all.slice(index + 1), resetRequired: false });
    }
    for (const stream of subscriptions) await stream.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    expect(subscriptions.map(({ entries }) => entries.map(told))).toEqual([
      ["InboxReset", "InboxCaughtUp"],
      [...all.slice(5).map(told), "InboxCaughtUp"],
    ]);
    for (const stream of subscriptions) await stream.close();
  });

  it("asks everyone for a reset from cursors that are older, and says InboxReset to subscriptions", async () => {
    await using server = await apiServer({ INBOX_TTL: "300ms", INBOX_SWEEP: "20ms" });
    const [ann, bob, cat] = await registeredAll(server, "ann", "bob", "cat");
    const { cursor: start } = await bob.sync();
    const { cursor: catsStart } = await cat.sync();
    const { cursor } = await send(ann, 10);
    await bob.sync(null, { atLeast: cursor });
    await until("the cursor is too old", async () => (await bob.sync(start)).resetRequired);
    await until("the inbox is empty", async () => (await bob.sync()).entries.length === 0);
    expect(await cat.sync(catsStart)).toMatchObject({ resetRequired: true });
    const stream = bob.inbox(start);
    await stream.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    expect(stream.entries.map(told)).toEqual(["InboxReset", "InboxCaughtUp"]);
    const { texts, cursor: next } = await send(ann, 1, 10);
    await stream.until("the new one came", (entry) => entry.cursor === next);
    expect(stream.entries.map(told)).toEqual(["InboxReset", "InboxCaughtUp", ...texts]);
    await stream.close();
  });

  it("keeps a reader that is up to date without a reset, however often it is swept", async () => {
    await using server = await apiServer({ INBOX_TTL: "100ms", INBOX_SWEEP: "10ms" });
    const [ann, bob] = await registeredAll(server, "ann", "bob");
    const stream = bob.inbox();
    await stream.until("it is caught up", ({ __typename }) => __typename === "InboxCaughtUp");
    const { cursor: start } = await bob.sync();
    const texts: string[] = [];
    for (let index = 0; index < 3; index++) {
      const sent = await send(ann, 2, index * 2);
      texts.push(...sent.texts);
      await stream.until("they came", (entry) => entry.cursor === sent.cursor);
      await until("they are swept", async () => (await bob.sync()).entries.length === 0);
    }
    await until("its first cursor is too old", async () => (await bob.sync(start)).resetRequired);
    const last = await send(ann, 1, 6);
    await stream.until("the last came", (entry) => entry.cursor === last.cursor);
    expect(stream.entries.map(told)).toEqual(["InboxCaughtUp", ...texts, ...last.texts]);
    await stream.close();
  });
});
