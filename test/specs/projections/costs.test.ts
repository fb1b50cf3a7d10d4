import { expect, test } from "vitest";
import { inboxes } from "../../../projections/inboxes.ts";
import { joining } from "../../../projections/joining.ts";
import { RANKS, rankedAbove, ranksAbove } from "../../../projections/ranks.ts";
import { readMarks } from "../../../projections/readMarks.ts";
import { threads } from "../../../projections/threads.ts";
import { readViews } from "../../../projections/views.ts";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import type { Projection } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import {
  added,
  expired,
  fanoutLimitSet,
  GROUP,
  groupCreated,
  type Happened,
  joinRequested,
  sent,
} from "../../support/happened.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { AT } from "../../support/projected.ts";
import { seed } from "../../support/property.ts";
import { randomOf } from "../../support/random.ts";

/* What a question reads does not grow with what has happened. */

/** The view of this past, and how many rows they are asked for by something. */
async function folded(projection: Projection, past: readonly Happened[]) {
  const log = memoryLog();
  for (const [index, { stream, type, data, actorId }] of past.entries()) {
    const metadata = { $correlationId: "c", $causationId: "c", actorId, at: AT, schema: 1 };
    await log.append(stream, [{ id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`, type, data, metadata }], "any");
  }
  const store = memoryViews();
  const runner = createRunner({ log, store, projections: [projection], committed: () => undefined });
  await runner.catchUp();
  expect(Object.values(runner.state().parked).every((count) => count === 0)).toBe(true);
  let rows = 0;
  const counting: ViewStore = {
    ...store,
    get: (...of) => {
      rows += 1;
      return store.get(...of);
    },
    getMany: (keys) => {
      rows += keys.length;
      return store.getMany(keys);
    },
    range: async (...of) => {
      const found = await store.range(...of);
      rows += found.length + 1;
      return found;
    },
  };
  const views = readViews(counting);
  return {
    views,
    rowsOf: async <T>(ask: (of: typeof views) => Promise<T>): Promise<[T, number]> => {
      rows = 0;
      const found = await ask(views);
      return [found, rows];
    },
  };
}

const MANY = 400;
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

test("what is unread is counted in a few rows, however much of it expired, or was sent by oneself at its time", async () => {
  const { rowsOf } = await folded(readMarks, [
    groupCreated("ann"),
    ...many(MANY, (index) => sent(index % 4 === 0 ? "bob" : "ann", { scheduled: true })),
    ...many(MANY, (index) => index + 1).flatMap((seq) => (seq % 3 === 0 ? [] : [expired(seq)])),
  ]);
  const left = many(MANY, (index) => index + 1).filter((seq) => seq % 3 === 0);
  const others = left.filter((seq) => (seq - 1) % 4 !== 0);
  for (const [user, seqs] of [
    ["cat", left],
    ["bob", others],
  ] as const) {
    for (const joined of [0, 1, 99, MANY - 1]) {
      const [unread, rows] = await rowsOf(async (views) => views.readMarks.unread(user, GROUP, joined));
      expect(unread.unreadCount).toBe(seqs.filter((seq) => seq > joined).length);
      expect(rows).toBeLessThan(20);
    }
  }
});

test("unread mentions are counted in a few rows, however many there are", async () => {
  const { rowsOf } = await folded(readMarks, [
    groupCreated("ann"),
    ...many(MANY, (index) =>
      sent("ann", index % 2 === 0 ? { mentions: ["bob", "bob"] } : { mentionsAll: true, mentions: ["bob"] }),
    ),
    ...many(50, (index) => expired(index + 1)),
  ]);
  for (const [user, joined, expected] of [
    ["bob", 0, MANY - 50],
    ["bob", 100, MANY - 100],
    ["cat", 100, (MANY - 100) / 2],
  ] as const) {
    const [count, rows] = await rowsOf((views) => views.readMarks.unreadMentions(user, GROUP, joined));
    expect(count).toBe(expected);
    expect(rows).toBeLessThan(20);
  }
});

test("unread answers in a thread are counted in a few rows, however many were recalled", async () => {
  const { rowsOf } = await folded(threads, [
    groupCreated("ann"),
    sent("ann"),
    ...many(MANY, () => sent("bob", { replyTo: 1 })),
    ...many(MANY, (index) => index + 2).flatMap((seq) => (seq % 2 === 0 ? [expired(seq)] : [])),
  ]);
  for (const base of [1, 150]) {
    const [count, rows] = await rowsOf((views) => views.threads.answersAbove(GROUP, [1], base));
    expect(count).toBe(many(MANY, (index) => index + 2).filter((seq) => seq > base && seq % 2 !== 0).length);
    expect(rows).toBeLessThan(20);
  }
});

test("a page of an inbox reads a few rows of each wide conversation, however much has happened in them", async () => {
  const CONVERSATIONS = 40;
  const groups = many(CONVERSATIONS, (index) => `g:wide${index}`);
  const rng = randomOf(seed("wide"));
  const { rowsOf } = await folded(inboxes, [
    fanoutLimitSet(0),
    ...groups.map((groupId) => groupCreated("ann", { groupId })),
    // First one of them alone, then all of them, in no order.
    ...many(200, () => sent("bob", { conversationId: groups[0] ?? "" })),
    ...many(CONVERSATIONS * 50, () => sent("bob", { conversationId: rng.pick(groups) })),
  ]);
  const told: string[] = [];
  const end = "~";
  for (let after = ""; ;) {
    const [page, rows] = await rowsOf((views) => views.inboxes.entries("ann", after, end, 100));
    expect(rows).toBeLessThan(CONVERSATIONS * 20);
    told.push(...page.entries.map(({ position }) => position));
    if (!page.hasMore) break;
    expect(page.entries).toHaveLength(100);
    after = page.next;
  }
  // All of it once, and in order: that the groups were made, too.
  expect(told).toEqual([...new Set(told)].sort());
  expect(told).toHaveLength(CONVERSATIONS + 200 + CONVERSATIONS * 50);
});

test("what was changed in a wide conversation before somebody joined it is passed over in few readings", async () => {
  const groups = many(40, (index) => `g:wide${index}`);
  const [joined = "", ...others] = groups;
  const { rowsOf } = await folded(inboxes, [
    fanoutLimitSet(0),
    ...groups.map((groupId) => groupCreated("bob", { groupId })),
    ...others.map((groupId) => added("ann", "bob", groupId)),
    ...many(2_000, () => sent("bob", { conversationId: joined })),
    added("ann", "bob", joined),
    ...groups.map((conversationId) => sent("bob", { conversationId })),
  ]);
  const [page, rows] = await rowsOf((views) => views.inboxes.entries("ann", "", "~", 50));
  expect(page.entries.length).toBeGreaterThan(20);
  // One for each row, and one for each reading.
  expect(rows).toBeLessThan(2_350);
});

test("a page of an inbox of few wide conversations begins anywhere", async () => {
  const groups = many(3, (index) => `g:wide${index}`);
  const { views } = await folded(inboxes, [
    fanoutLimitSet(0),
    ...groups.map((groupId) => groupCreated("ann", { groupId })),
    ...many(90, (index) => sent("bob", { conversationId: groups[index % 4 === 0 ? 0 : index % 2 === 0 ? 1 : 2] ?? "" })),
  ]);
  const positions = async (after: string, end: string, limit = 100) =>
    (await views.inboxes.entries("ann", after, end, limit)).entries.map(({ position }) => position);
  const all = await positions("", "~");
  expect(all).toHaveLength(93);
  expect(all).toEqual([...new Set(all)].sort());
  for (const [index, after] of all.entries()) {
    expect(await positions(after, "~")).toEqual(all.slice(index + 1));
    expect(await positions(after, "~", 5)).toEqual(all.slice(index + 1, index + 6));
    expect(await positions(after, all[index + 6] ?? "~")).toEqual(all.slice(index + 1, index + 7));
  }
});

test("requests to join are read of those groups alone that may have one of the page", async () => {
  const GROUPS = 200;
  const groups = many(GROUPS, (index) => `g:group${String(index).padStart(3, "0")}`);
  const elsewhere = (event: Happened, groupId: string): Happened => ({
    ...event,
    stream: `group-${groupId}`,
    data: { ...event.data, groupId },
  });
  const { rowsOf } = await folded(joining, [
    ...groups.map((groupId) => groupCreated("ann", { groupId })),
    ...groups.flatMap((groupId) => many(5, (user) => elsewhere(joinRequested(`user${user}`), groupId))),
  ]);
  const places = groups.flatMap((group) => many(5, (user) => `${group} user${user}`)).reverse();
  let after: string | undefined;
  for (let page = 0; page < 5; page++) {
    const [{ requests, next }, rows] = await rowsOf((views) =>
      views.joining.requestsOf("ann", "INCOMING", "PENDING", groups, { after, limit: 10 }),
    );
    expect(requests.map(({ request: { group, user } }) => `${group} ${user}`)).toEqual(places.slice(page * 10, page * 10 + 10));
    // The counts of all groups, and the lists of some.
    expect(rows).toBeLessThan(GROUPS + 150);
    after = next;
  }
});

test("a tree of counts says of any set how much of it lies above a seq", async () => {
  const rng = randomOf(seed("ranks"));
  for (let round = 0; round < 20; round++) {
    const nodes = new Map<string, unknown>();
    const rows = { get: <T>(_: string, partition: string, sort: string) => nodes.get(`${partition} ${sort}`) as T | undefined };
    const most = rng.pick([40, 5_000, 2_000_000, 2_147_483_647]);
    const sets = { odd: new Set<number>(), even: new Set<number>() };
    for (let step = 0; step < 200; step++) {
      const name = rng.pick(["odd", "even"] as const);
      const seqs = sets[name];
      const leaves = rng.chance(0.3) && seqs.size > 0;
      const seq = leaves ? rng.pick([...seqs]) : rng.int(1, most);
      if (!leaves && seqs.has(seq)) continue;
      if (leaves) seqs.delete(seq);
      else seqs.add(seq);
      for (const write of await rankedAbove(rows, "here", name, seq, leaves ? -1 : 1)) {
        if (write.op !== "put") throw new Error("only counts are written");
        nodes.set(`${write.partition} ${write.sort}`, write.value);
      }
    }
    const reader = {
      getMany: <T>(table: string, keys: readonly (readonly [string, string])[]) => {
        expect(table).toBe(RANKS);
        return keys.map(([partition, sort]) => nodes.get(`${partition} ${sort}`) as T | undefined);
      },
    };
    for (let question = 0; question < 50; question++) {
      const seq = rng.chance(0.5) ? rng.int(0, most) : rng.pick([...sets.odd, ...sets.even, 0]);
      const above = (seqs: ReadonlySet<number>) => [...seqs].filter((one) => one > seq).length;
      expect(
        await ranksAbove(
          reader,
          [
            ["here", "odd"],
            ["here", "even"],
            ["there", "odd"],
          ],
          seq,
        ),
      ).toEqual([above(sets.odd), above(sets.even), 0]);
    }
  }
});
