import fc from "fast-check";
import { expect, test } from "vitest";
import { createAges } from "../../../src/projecting/ages.ts";
import { horizonOf } from "../../../src/projecting/retention.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { runs, seed } from "../../support/property.ts";

const MINUTE = 60_000;
const TTL = 60 * MINUTE;
const at = (place: number): string => `memory00.${place.toString(36).padStart(11, "0")}`;

/** Folds a log of nothing but times, whose checkpoint and horizon are stored together. */
function folding(start = Date.UTC(2026, 0, 1)) {
  const store = memoryViews();
  let now = start;
  let place = 0;
  const newAges = () =>
    createAges({ store, of: { projection: "inboxes", table: "entries" }, ttlMs: TTL, gapMs: MINUTE, now: () => new Date(now) });
  let ages = newAges();
  return {
    pass: (ms: number) => void (now += ms),
    now: () => now,
    begin: async (isNew = place === 0) => {
      ages = newAges();
      await ages.begin(isNew);
    },
    /** Takes one event of this time. Whether it was past. */
    take: (time: number, isLive = false) =>
      ages.take(
        {
          position: at(++place),
          metadata: { $correlationId: "", $causationId: "", actorId: "", at: new Date(time).toISOString(), schema: 1 },
        },
        isLive,
      ),
    commit: () => store.commit(ages.writes()),
    horizon: () => horizonOf(store, "ann", at(0)),
    ticks: async () => (await store.range("retention", "ticks", { limit: 1_000 })).length,
  };
}

test("what is old is past, up to the first that is not, and the horizon goes with its commit", async () => {
  const target = folding();
  await target.begin();
  const { now, take } = target;
  expect([take(now() - 3 * TTL), take(now() - 2 * TTL)]).toEqual([true, true]);
  expect(await target.horizon()).toBe(at(0));
  await target.commit();
  expect(await target.horizon()).toBe(at(2));
  expect([take(now() - TTL + 1), take(now() - 2 * TTL)]).toEqual([false, false]);
  await target.commit();
  expect(await target.horizon()).toBe(at(2));
});

test("an event from a slow clock takes nothing with it, also once the folding began again", async () => {
  const target = folding();
  await target.begin();
  target.take(target.now() - MINUTE);
  await target.commit();
  expect(target.take(0)).toBe(false);
  await target.commit();
  await target.begin();
  expect(target.take(0)).toBe(false);
  await target.commit();
  expect(await target.horizon()).toBe(at(0));
});

test("one from a clock that is ahead hides nothing that is old", async () => {
  const target = folding();
  await target.begin();
  const { now, take } = target;
  expect([take(now() - 3 * TTL), take(now() + TTL), take(now() - 2 * TTL)]).toEqual([true, false, true]);
});

test("what comes late while it is live is told all the same", async () => {
  const target = folding();
  await target.begin();
  const { now, take } = target;
  expect([take(now() - 3 * TTL), take(now() - 2 * TTL, true)]).toEqual([true, false]);
  await target.commit();
  expect(await target.horizon()).toBe(at(1));
});

test("of what was folded before anything was noted nothing is taken for old", async () => {
  const target = folding();
  await target.begin(false);
  expect(target.take(target.now() - 10 * TTL)).toBe(false);
  await target.commit();
  expect(await target.horizon()).toBe(at(0));
});

test("times are noted as far apart as was asked for", async () => {
  const target = folding();
  await target.begin();
  for (let second = 0; second < 600; second++) {
    target.take(target.now() - 30 * MINUTE + second * 1_000);
    await target.commit();
  }
  expect(await target.ticks()).toBeLessThanOrEqual(11);
  expect(await target.ticks()).toBeGreaterThanOrEqual(9);
});

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("take" as const), ago: fc.integer({ min: 0, max: 3 * TTL }) }) },
  { weight: 3, arbitrary: fc.constant({ do: "commit" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
);

test("however it is folded and stopped: no young one lies below the horizon, and all before the first young one do", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
      const target = folding();
      await target.begin();
      const times: number[] = [];
      for (const what of steps) {
        if (what.do === "take") {
          times.push(target.now() - what.ago);
          target.take(target.now() - what.ago);
        } else {
          await target.commit();
          if (what.do === "restart") await target.begin();
        }
      }
      await target.commit();
      const firstYoung = times.findIndex((time) => target.now() - time <= TTL);
      expect(await target.horizon()).toBe(at(firstYoung < 0 ? times.length : firstYoung));
    }),
    { numRuns: runs(), seed: seed("ages") },
  );
});
