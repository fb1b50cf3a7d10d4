import { expect, test } from "vitest";
import type { Entry, Placed } from "../../../projections/inboxEntries.ts";
import { inboxes } from "../../../projections/inboxes.ts";
import { localSignals } from "../../../src/adapters/signals/local.ts";
import type { Caller } from "../../../src/commands/commands.ts";
import { inboxFeed } from "../../../src/delivery/feed.ts";
import { inboxPage } from "../../../src/delivery/inboxPages.ts";
import { pulled } from "../../../src/delivery/pulled.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import { createHealed } from "../../../src/projecting/healed.ts";
import { generationOf } from "../../../src/projecting/projection.ts";
import { createSweeper, horizonOf, wholeFrom } from "../../../src/projecting/retention.ts";
import { epochCounter } from "../../../src/projecting/tail.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { seed } from "../../support/property.ts";
import { type Random, randomOf } from "../../support/random.ts";
import { type World, world } from "../../support/world.ts";

/*
 * Inboxes that hold only so much: whoever was away for long is still told all of it, the same entries in the same order as if
 * nothing had been let go of.
 */

const PEOPLE = ["ann", "bob", "cat", "dan"];
const COMMANDS = 400;
const MAX = 5;
const CHANNEL_OF_ALL = { kind: "CHANNEL" as const, public: true, joinPolicy: "OPEN" as const };
const GENERATION = generationOf(inboxes);
/** For a machine with much else to do. */
const LONG = { timeout: 180_000 };

/** The sweeper of a server whose inboxes hold so many entries. */
const sweeperOf = ({ store, log }: World, max: number) =>
  createSweeper({
    store,
    entries: `${GENERATION}/entries`,
    changes: `${GENERATION}/changes`,
    limits: { ttlMs: 0, max },
    checkpoint: () => log.end(),
    now: () => new Date(0),
  });

const servicesOf = ({ store, log, views, watermark }: World) => ({
  views,
  watermark,
  wholeFrom: (user: string) => wholeFrom(store, user, log.origin),
  healed: createHealed(),
});

/** Without what only says how it is kept. */
function plain({ position, entry }: Placed<Entry>): { position: string; entry: object } {
  const { fanned: _, ...told } = entry as Entry & { fanned?: boolean };
  return { position, entry: told };
}

/** Everything after a position, page by page, and what the pages said of themselves. */
async function toldAfter(here: World, user: string, after: string, limit: () => number) {
  const entries: { position: string; entry: object }[] = [];
  let overflowing = 0;
  for (let from = after; ;) {
    const size = limit();
    const page = await inboxPage(servicesOf(here), user, from, size);
    expect(page.entries.length).toBeLessThanOrEqual(size);
    expect(page.next >= from).toBe(true);
    if (page.skipTo !== undefined) {
      expect(page.skipTo > from && page.next <= page.skipTo).toBe(true);
      overflowing++;
    }
    entries.push(...page.entries.map(plain));
    if (!page.hasMore) return { entries, overflowing };
    expect(page.next > from, "a page that is not the last one leads on").toBe(true);
    from = page.next;
  }
}

/** The newest request of a user to join a group is answered. */
async function answered(here: World, by: Caller, conversation: string, user: string, accept: boolean): Promise<void> {
  const number = await here.views.joining.pending(conversation, user);
  if (number !== undefined)
    await here.commands.answerJoinRequest(by, { clientMutationId: newKey(), group: conversation, user, number, accept });
}

/** A message is let go of at its time. */
async function expiring(here: World, conversation: string, seq: number): Promise<void> {
  if (await here.views.timelines.message(conversation, seq)) await here.commands.expireMessage({ conversation, seq });
}

/** What anyone may do; most of it is refused, and tells nobody anything. */
async function anything(here: World, rng: Random, ids: readonly string[]): Promise<void> {
  const by = caller(rng.pick(PEOPLE));
  const other = rng.pick(PEOPLE);
  const conversationId = rng.chance(0.2) ? `d:${[by.userId, other].sort().join("~")}` : rng.pick(ids);
  const clientMutationId = newKey();
  const { commands } = here;
  const of = { clientMutationId, conversationId };
  const message = { ...of, seq: rng.int(1, 12) };
  await rng
    .pick<() => Promise<unknown>>([
      ...Array.from({ length: 6 }, () => () => commands.sendMessage(by, text({ conversationId }))),
      () => commands.editMessage(by, { ...message, text: `edited ${clientMutationId}` }),
      () => commands.recallMessage(by, message),
      () => commands.react(by, { ...message, emoji: "👍", on: rng.chance(0.7) }),
      () => commands.markRead(by, message),
      () => commands.markRead(by, { ...message, seq: 100 }),
      () => commands.join(by, of),
      () => commands.join(by, of),
      () => commands.leave(by, of),
      () => commands.addMembers(by, { ...of, userIds: [other] }),
      () => commands.removeMembers(by, { ...of, userIds: [other] }),
      () => commands.requestFriendship(by, { clientMutationId, userId: other, note: null, alias: null }),
      () => commands.block(by, { clientMutationId, userId: other, on: rng.chance(0.3) }),
      () => commands.pinMessage(by, { ...message, on: rng.chance(0.7) }),
      () => commands.sendMessage(by, text({ conversationId }, { expiresAfterSeconds: 60 })),
      () => expiring(here, conversationId, message.seq),
      () => commands.setPreferences(by, { ...of, pinned: rng.chance(0.5) }),
      () => commands.setRole(by, { ...of, userId: other, role: rng.pick(["ADMIN", "MEMBER"]) }),
      () => commands.transferOwnership(by, { ...of, userId: other }),
      () => commands.silence(by, { ...of, userId: other, until: rng.chance(0.3) ? "2100-01-01T00:00:00.000Z" : null }),
      () => commands.updateConversation(by, { ...of, change: { public: rng.chance(0.3), historyVisible: rng.chance(0.5) } }),
      () => answered(here, by, conversationId, other, rng.chance(0.7)),
      () => here.setFanoutLimit(rng.int(0, 4)),
    ])()
    .catch(refusedOnly);
}

function refusedOnly(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

/** What the subscription says after a cursor, up to where it is caught up. */
async function heardAfter(here: World, user: string, after: string): Promise<{ position: string; entry: object }[]> {
  const { signals } = localSignals({ epochs: epochCounter() });
  const services = {
    ...servicesOf(here),
    log: here.log,
    horizonOf: (of: string) => horizonOf(here.store, of, here.log.origin),
    begun: here.log.origin,
    signals,
  };
  const stream = pulled(
    inboxFeed<Placed<Entry> | string>(services, user, after, {
      entries: (placed) => Promise.resolve([...placed]),
      mark: (kind) => kind,
      growsOld: () => undefined,
    }),
  );
  const heard: { position: string; entry: object }[] = [];
  for await (const item of stream) {
    if (item === "caughtUp") break;
    if (typeof item === "string") throw new Error(`it says ${item}`);
    heard.push(plain(item));
  }
  return heard;
}

test("what is beyond an inbox is told like what is in it, to everyone, from everywhere, in pages of any size", LONG, async () => {
  const rng = randomOf(seed("overflow"));
  let overflowed = 0;
  for (let round = 0; round < 8; round++) {
    const here = world();
    for (const user of PEOPLE) await here.commands.register(caller(user), profile(user));
    const ids: string[] = [];
    for (const more of [{}, { historyVisible: true }, { joinPolicy: "APPROVAL" as const }, CHANNEL_OF_ALL, CHANNEL_OF_ALL])
      ids.push((await here.commands.createConversation(caller("ann"), group({ memberIds: ["bob"], ...more }))).conversationId);
    for (let command = 0; command < COMMANDS; command++) {
      await anything(here, rng, ids);
      // Some of them end on the way: what they told before is told still.
      if (command === COMMANDS / 2)
        for (const conversationId of rng.some(ids, 2))
          for (const user of PEOPLE)
            await here.commands.dissolve(caller(user), { clientMutationId: newKey(), conversationId }).catch(refusedOnly);
    }
    await here.catchUp();
    const origin = here.log.origin;

    const whole = new Map<string, Awaited<ReturnType<typeof toldAfter>>["entries"]>();
    for (const user of PEOPLE) {
      const { entries, overflowing } = await toldAfter(here, user, origin, () => 100);
      expect(overflowing).toBe(0);
      whole.set(user, entries);
    }
    // Chance may leave somebody out of nearly everything, but not most of them.
    const many = [...whole.values()].filter(({ length }) => length > 2 * MAX);
    expect(many.length).toBeGreaterThanOrEqual(PEOPLE.length / 2);
    await sweeperOf(here, MAX).sweep();
    for (const [user, entries] of whole) {
      const reach = await horizonOf(here.store, user, origin);
      const whole = await wholeFrom(here.store, user, origin);
      // Not where nearly all of it was never in the inbox itself: conversations with more members than are fanned out to.
      if (whole > reach) overflowed++;
      const cursors = [reach, ...rng.some(entries, 5).map(({ position }) => position)].filter((cursor) => cursor >= reach);
      for (const cursor of cursors) {
        const size = rng.int(1, 60);
        const { entries: told, overflowing } = await toldAfter(here, user, cursor, () =>
          rng.chance(0.5) ? size : rng.int(1, 9),
        );
        expect(told).toEqual(entries.filter(({ position }) => position > cursor));
        expect(overflowing > 0).toBe(cursor < whole);
        expect(await heardAfter(here, user, cursor)).toEqual(told);
        expect(new Set(told.map(({ position }) => position)).size, "an event is told once").toBe(told.length);
      }
      // Without a cursor: no more than the inbox has.
      const first = await inboxPage(servicesOf(here), user, undefined, 100);
      expect(first.skipTo).toBeUndefined();
      expect(first.entries.map(plain)).toEqual(entries.filter(({ position }) => position > whole));
    }
  }
  expect(overflowed).toBeGreaterThan(10);
});

test("a page is read again if its beginning was let go of meanwhile", async () => {
  const here = world();
  for (const user of PEOPLE) await here.commands.register(caller(user), profile(user));
  for (let count = 0; count < 20; count++) await here.commands.sendMessage(caller("ann"), text({ userId: "bob" }));
  await here.catchUp();
  const services = servicesOf(here);
  let looks = 0;
  const sweeping = {
    ...services,
    // After the first look, before the entries are read.
    wholeFrom: async (user: string) => {
      const whole = await services.wholeFrom(user);
      if (++looks === 1) await sweeperOf(here, MAX).sweep();
      return whole;
    },
  };
  const page = await inboxPage(sweeping, "bob", here.log.origin, 100);
  expect(page.entries).toHaveLength(15);
  expect(page.skipTo).toBe(page.next);
  expect(page.hasMore).toBe(true);
});

test("a page reads no more of many quiet conversations than where their first change is", async () => {
  const here = world();
  for (const user of PEOPLE) await here.commands.register(caller(user), profile(user));
  for (let count = 0; count < 100; count++)
    await here.commands.createConversation(caller("ann"), group({ memberIds: ["bob"], title: `${count}` }));
  const { conversationId } = await here.commands.createConversation(caller("ann"), group({ memberIds: ["bob"] }));
  for (let count = 0; count < 200; count++) await here.commands.sendMessage(caller("ann"), text({ conversationId }));
  await here.catchUp();
  await sweeperOf(here, MAX).sweep();
  const from = (await here.views.timelines.message(conversationId, 20))?.position ?? "";
  let rows = 0;
  const { range } = here.store;
  here.store.range = async (table, partition, query) => {
    const found = await range(table, partition, query);
    rows += found.length;
    return found;
  };
  const page = await inboxPage(servicesOf(here), "bob", from, 10);
  expect(page.entries).toHaveLength(10);
  // Stays, one row where there is one, and the page itself.
  expect(rows).toBeLessThan(150);
});
