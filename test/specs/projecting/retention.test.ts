import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Write } from "../../../src/ports/viewStore.ts";
import { createSweeper, horizonOf, type RetentionLimits, wholeFrom } from "../../../src/projecting/retention.ts";
import { type MemoryViews, memoryViews } from "../../support/memoryViews.ts";
import { runs, seed } from "../../support/property.ts";

const ENTRIES = "inboxes@1#1/entries";
const CHANGES = "inboxes@1#1/changes";
const GROUP = "g:readers";
const ENTRY = { kind: "received", conversation: GROUP };
const MINUTE = 60_000;
const at = (place: number): string => `memory00.${place.toString(36).padStart(11, "0")}`;
const origin = at(0);

/** A view store whose inboxes fill as the test says, a clock, and a sweeper, which may be made anew. */
function keeping(limits: Partial<RetentionLimits>) {
  const store = memoryViews();
  let now = Date.UTC(2024, 0, 1);
  let place = 0;
  const newSweeper = () =>
    createSweeper({
      store,
      entries: ENTRIES,
      changes: CHANGES,
      limits: { ttlMs: 0, max: 0, ...limits },
      checkpoint: () => at(place),
      now: () => new Date(now),
    });
  let sweeper = newSweeper();
  return {
    store,
    pass: (ms: number) => void (now += ms),
    clock: () => now,
    /** One event of a conversation, with an entry in each of these inboxes. Its place. */
    tell: async (...users: string[]) => {
      const sort = at(++place);
      await store.commit([
        { op: "put", table: CHANGES, partition: GROUP, sort, value: 1 },
        ...users.map((user): Write => ({ op: "put", table: ENTRIES, partition: user, sort, value: ENTRY })),
      ]);
      return place;
    },
    /** One event that only a user's inbox has. */
    tellAlone: async (user: string, value: unknown = { kind: "friendship" }) => {
      const sort = at(++place);
      await store.commit([{ op: "put", table: ENTRIES, partition: user, sort, value }]);
      return place;
    },
    sweep: () => sweeper.sweep(),
    anew: () => sweeper.anew(),
    trimmed: () => sweeper.trimmed(),
    restart: () => void (sweeper = newSweeper()),
    entries: (user: string) => entriesOf(store, user),
    /** From where on an inbox is whole. */
    horizon: (user: string) => wholeFrom(store, user, origin),
    /** How far back anything can be read. */
    reach: (user: string) => horizonOf(store, user, origin),
  };
}

async function entriesOf(store: MemoryViews, user: string): Promise<number[]> {
  const rows = await store.range(ENTRIES, user, { limit: 1_000_000 });
  return rows.map(({ sort }) => Number.parseInt(sort.slice(9), 36));
}

describe("without limits", () => {
  test("nothing is deleted, and nothing written down", async () => {
    const { tell, pass, sweep, entries, horizon, store } = keeping({});
    await tell("ann");
    await sweep();
    pass(1_000 * 365 * 24 * 60 * MINUTE);
    await sweep();
    expect(await entries("ann")).toEqual([1]);
    expect(await horizon("ann")).toBe(origin);
    expect(store.dump((table) => table === ENTRIES || table === CHANGES)).toEqual([]);
  });
});

describe("by age", () => {
  test("an entry is kept for its time, and not much longer", async () => {
    const { tell, pass, sweep, entries, horizon } = keeping({ ttlMs: 10 * MINUTE });
    await tell("ann", "ben");
    await tell("ann");
    await sweep();
    pass(5 * MINUTE);
    await tell("ann");
    await sweep();
    pass(5 * MINUTE - 1);
    await sweep();
    expect(await entries("ann")).toEqual([1, 2, 3]);
    expect(await horizon("ann")).toBe(origin);
    pass(2);
    await sweep();
    expect(await entries("ann")).toEqual([3]);
    expect(await entries("ben")).toEqual([]);
    // Who stands just there has missed nothing.
    expect(await horizon("ann")).toBe(at(2));
    expect(await horizon("someone who was never told of anything")).toBe(at(2));
    pass(5 * MINUTE);
    await sweep();
    expect(await entries("ann")).toEqual([]);
    expect(await horizon("ann")).toBe(at(3));
  });

  test("the horizon stays where it is when it has nothing to pass, and never goes back", async () => {
    const { tell, pass, sweep, horizon } = keeping({ ttlMs: MINUTE });
    await tell("ann");
    await sweep();
    pass(2 * MINUTE);
    await sweep();
    expect(await horizon("ann")).toBe(at(1));
    for (let sweeps = 0; sweeps < 5; sweeps++) {
      pass(MINUTE);
      await sweep();
      expect(await horizon("ann")).toBe(at(1));
    }
  });

  test("a restart forgets nothing", async () => {
    const { tell, pass, sweep, restart, entries, horizon } = keeping({ ttlMs: 10 * MINUTE });
    await tell("ann");
    await sweep();
    restart();
    pass(11 * MINUTE);
    await tell("ann");
    await sweep();
    expect(await entries("ann")).toEqual([2]);
    expect(await horizon("ann")).toBe(at(1));
  });

  test("what was noted of the time is not kept for ever", async () => {
    const { tell, pass, sweep, store } = keeping({ ttlMs: 10 * MINUTE });
    for (let minute = 0; minute < 200; minute++) {
      await tell("ann");
      await sweep();
      pass(MINUTE);
    }
    expect(store.dump((table) => table === ENTRIES || table === CHANGES || table === "checkpoints").length).toBeLessThan(20);
  });

  test("after a long time off, more was noted than one look takes: all of it goes in the end", async () => {
    const { tell, pass, sweep, entries, store } = keeping({ ttlMs: 3_000 * MINUTE });
    for (let minute = 0; minute < 2_500; minute++) {
      if (minute % 500 === 0) await tell("ann");
      await sweep();
      pass(MINUTE);
    }
    expect(await entries("ann")).toHaveLength(5);
    pass(30_000 * MINUTE);
    for (let sweeps = 0; sweeps < 5; sweeps++) await sweep();
    expect(await entries("ann")).toEqual([]);
    expect(store.dump((table) => table === ENTRIES || table === CHANGES).length).toBeLessThan(20);
  });
});

describe("by number", () => {
  test("all inboxes that were folded from nothing are trimmed at once, and once, also where it was interrupted", async () => {
    const target = keeping({ max: 2 });
    await target.anew();
    const users = Array.from({ length: 4_100 }, (_, nth) => `user${nth}`);
    for (let round = 0; round < 3; round++) await target.tell(...users);
    await target.sweep();
    target.restart();
    await target.trimmed();
    for (const user of users) expect(await target.entries(user)).toEqual([2, 3]);
    expect(await target.horizon("user4099")).toBe(at(1));
    // What comes now waits for its sweep.
    await target.tell("user1");
    await target.trimmed();
    expect(await target.entries("user1")).toEqual([2, 3, 4]);
  });

  test("the newest are kept", async () => {
    const { tell, sweep, entries, horizon } = keeping({ max: 3 });
    for (let count = 0; count < 3; count++) await tell("ann", "ben");
    await sweep();
    expect(await entries("ann")).toEqual([1, 2, 3]);
    expect(await horizon("ann")).toBe(origin);
    await tell("ann");
    await tell("ann");
    await sweep();
    expect(await entries("ann")).toEqual([3, 4, 5]);
    expect(await horizon("ann")).toBe(at(2));
    expect(await entries("ben")).toEqual([1, 2, 3]);
    expect(await horizon("ben")).toBe(origin);
  });

  test("an inbox that is far too long is cut at once", async () => {
    const { tell, sweep, entries, horizon } = keeping({ max: 1 });
    for (let count = 0; count < 2_500; count++) await tell("ann");
    await sweep();
    expect(await entries("ann")).toEqual([2_500]);
    expect(await horizon("ann")).toBe(at(2_499));
  });

  test("both limits hold: whichever reaches less far back", async () => {
    const { tell, pass, sweep, entries, horizon } = keeping({ max: 2, ttlMs: 10 * MINUTE });
    for (let count = 0; count < 4; count++) await tell("ann");
    await tell("ben");
    await sweep();
    expect(await entries("ann")).toEqual([3, 4]);
    expect([await horizon("ann"), await horizon("ben")]).toEqual([at(2), origin]);
    pass(20 * MINUTE);
    await tell("ann");
    await sweep();
    expect(await entries("ann")).toEqual([6]);
    expect(await entries("ben")).toEqual([]);
    expect([await horizon("ann"), await horizon("ben")]).toEqual([at(5), at(5)]);
  });
});

describe("a generation that nobody reads yet", () => {
  const NEW = "inboxes@1#2";

  /** Inboxes of which the older half is gone, and the same, folded anew, with all of it. */
  async function foldedAnew() {
    const { store, tell, sweep } = keeping({ max: 2 });
    const users = ["ann", "ben", "cat"];
    for (let round = 1; round <= 4; round++) {
      await tell(...users);
      const sort = at(round);
      await store.commit([
        { op: "put", table: `${NEW}/changes`, partition: GROUP, sort, value: 1 },
        ...users.map((user): Write => ({ op: "put", table: `${NEW}/entries`, partition: user, sort, value: ENTRY })),
      ]);
    }
    await sweep();
    const trimAll = (signal: AbortSignal, on = store) =>
      createSweeper({
        store: on,
        entries: `${NEW}/entries`,
        changes: `${NEW}/changes`,
        limits: { ttlMs: 0, max: 2 },
        checkpoint: () => at(4),
        now: () => new Date(),
      }).trimAll(signal);
    const counts = () =>
      Promise.all(users.map(async (user) => (await store.range(`${NEW}/entries`, user, { limit: 10 })).length));
    return { store, trimAll, counts };
  }

  test("loses what the one that is read has lost", async () => {
    const { store, trimAll, counts } = await foldedAnew();
    expect(await counts()).toEqual([4, 4, 4]);
    await trimAll(new AbortController().signal);
    expect(await counts()).toEqual([2, 2, 2]);
    expect(await entriesOf(store, "ann")).toEqual([3, 4]);
  });

  test("is left half done when nobody waits for it any more, and is done by the next one", async () => {
    const { store, trimAll, counts } = await foldedAnew();
    const stop = new AbortController();
    const commit: MemoryViews["commit"] = async (...of) => {
      await store.commit(...of);
      stop.abort();
    };
    await trimAll(stop.signal, { ...store, commit });
    expect(await counts()).toEqual([2, 4, 4]);
    await trimAll(new AbortController().signal);
    expect(await counts()).toEqual([2, 2, 2]);
  });
});

describe("what only the inbox has", () => {
  test("stays while as much of it is kept as an inbox may hold, and the inbox is not whole before", async () => {
    const { tell, tellAlone, sweep, entries, horizon, reach } = keeping({ max: 2 });
    await tellAlone("ann");
    await tell("ann");
    // An own read mark is about a conversation, and none of its changes.
    await tellAlone("ann", { kind: "read", conversation: GROUP });
    for (let count = 0; count < 3; count++) await tell("ann");
    await sweep();
    expect(await entries("ann")).toEqual([1, 3, 5, 6]);
    expect([await horizon("ann"), await reach("ann")]).toEqual([at(4), origin]);
    await tellAlone("ann");
    await tell("ann");
    await tell("ann");
    await sweep();
    // One too many: the oldest is lost, and nothing is promised from before it.
    expect(await entries("ann")).toEqual([3, 7, 8, 9]);
    expect([await horizon("ann"), await reach("ann")]).toEqual([at(7), at(1)]);
  });

  test("goes with age like everything", async () => {
    const { tell, tellAlone, pass, sweep, entries, reach } = keeping({ max: 1, ttlMs: MINUTE });
    await tellAlone("ann");
    await tell("ann");
    await tell("ann");
    await sweep();
    expect(await entries("ann")).toEqual([1, 3]);
    pass(2 * MINUTE);
    await sweep();
    expect(await entries("ann")).toEqual([]);
    expect(await reach("ann")).toBe(at(3));
  });

  test("is all that is left of older entries once inboxes were folded anew", async () => {
    const { store, tell, tellAlone, sweep, entries, horizon, anew, trimmed } = keeping({ max: 1 });
    await tell("ann");
    await tellAlone("ann");
    await tell("ann");
    await sweep();
    expect(await entries("ann")).toEqual([2, 3]);
    await store.commit([{ op: "put", table: ENTRIES, partition: "ann", sort: at(1), value: ENTRY }]);
    await anew();
    await trimmed();
    expect(await entries("ann")).toEqual([2, 3]);
    expect(await horizon("ann")).toBe(at(2));
  });
});

describe("a sweep", () => {
  test("takes a bounded number of inboxes, and the next goes on, round and round", async () => {
    const { store, sweep, entries } = keeping({ max: 1 });
    const users = Array.from({ length: 4_500 }, (_, index) => `u${String(index).padStart(5, "0")}`);
    const fill = (place: number) =>
      store.commit([
        { op: "put", table: CHANGES, partition: GROUP, sort: at(place), value: 1 },
        { op: "putEach", table: ENTRIES, partitions: users, sort: at(place), value: ENTRY },
      ]);
    const swept = async () => {
      let count = 0;
      for (const user of users) if ((await entries(user)).length === 1) count++;
      return count;
    };
    await fill(1);
    await fill(2);
    await sweep();
    const first = await swept();
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(users.length);
    for (let sweeps = 0; sweeps < 4; sweeps++) await sweep();
    expect(await swept()).toBe(users.length);
    await fill(3);
    for (let sweeps = 0; sweeps < 5; sweeps++) await sweep();
    expect(await swept()).toBe(users.length);
    expect(await entries(users[0] as string)).toEqual([3]);
  });

  test.each([0, 1, 2, 3])(
    "whose store goes away after %i commits deletes nothing above a horizon, and is made up for",
    async (after) => {
      const { store, tell, sweep, entries, horizon } = keeping({ max: 2, ttlMs: MINUTE });
      for (let count = 0; count < 5; count++) await tell("ann");
      store.failCommits(...Array.from({ length: after }, () => undefined), "nothing");
      await expect(sweep()).rejects.toThrow("away");
      const above = await horizon("ann");
      const left = await entries("ann");
      expect(left.filter((place) => at(place) > above)).toEqual([1, 2, 3, 4, 5].filter((place) => at(place) > above));
      await sweep();
      expect(await entries("ann")).toEqual([4, 5]);
      expect(await horizon("ann")).toBe(at(3));
    },
  );
});

type Happening = { do: "pass"; ms: number } | { do: "tell"; users: string[] } | { do: "sweep" } | { do: "restart" };
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 4 * MINUTE }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("tell" as const),
      users: fc.uniqueArray(fc.constantFrom("ann", "ben", "cat"), { minLength: 1 }),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ do: "sweep" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
);

test("whatever happens when: nothing young is lost, nothing old stays, and the horizon says exactly what is whole", async () => {
  const limits = fc.record({
    ttlMs: fc.constantFrom(0, MINUTE, 10 * MINUTE),
    max: fc.constantFrom(0, 1, 3, 7),
  });
  await fc.assert(
    fc.asyncProperty(limits, fc.array(happening, { maxLength: 60, size: "max" }), async ({ ttlMs, max }, all) => {
      const target = keeping({ ttlMs, max });
      const told = new Map<string, { place: number; when: number }[]>(["ann", "ben", "cat"].map((user) => [user, []]));
      const before = new Map<string, string>();
      for (const what of all) {
        if (what.do === "pass") target.pass(what.ms);
        if (what.do === "restart") target.restart();
        if (what.do === "tell") {
          const place = await target.tell(...what.users);
          for (const user of what.users) told.get(user)?.push({ place, when: target.clock() });
        }
        if (what.do !== "sweep") continue;
        await target.sweep();
        for (const [user, entries] of told) {
          const left = await target.entries(user);
          const horizon = await target.horizon(user);
          expect(horizon >= (before.get(user) ?? origin), "a horizon does not go back").toBe(true);
          before.set(user, horizon);
          expect(left, "all above the horizon, nothing below").toEqual(
            entries.map(({ place }) => place).filter((place) => at(place) > horizon),
          );
          if (max > 0) expect(left.length).toBeLessThanOrEqual(max);
          const young = entries.filter(({ when }) => ttlMs === 0 || target.clock() - when < ttlMs);
          const kept = max === 0 ? young : young.slice(-max);
          for (const { place } of kept) expect(left, "young ones are kept").toContain(place);
        }
      }
      if (ttlMs === 0) return;
      await target.sweep();
      target.pass(ttlMs + 1);
      await target.sweep();
      for (const user of told.keys()) expect(await target.entries(user), "old ones go").toEqual([]);
    }),
    { numRuns: runs(), seed: seed("retention") },
  );
});
