import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { SCHEMA } from "../../../src/domain/recorded.ts";
import type { EventStore, NewEvent } from "../../../src/ports/eventStore.ts";
import type { BlockedKeys } from "../../../src/projecting/blocked.ts";
import { healedIntervals, keepingIntervals } from "../../../src/projecting/healed.ts";
import type { ParkedRow } from "../../../src/projecting/parking.ts";
import { type Projection, put } from "../../../src/projecting/projection.ts";
import { pauses } from "../../../src/projecting/retrying.ts";
import { createRunner, type Runner, type RunnerOptions } from "../../../src/projecting/runner.ts";
import { gatedLog } from "../../support/gatedLog.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { type MemoryViews, memoryViews } from "../../support/memoryViews.ts";
import { play, program } from "../../support/programs.ts";
import { runs, seed } from "../../support/property.ts";
import { same } from "../../support/same.ts";
import { until } from "../../support/until.ts";
import { world } from "../../support/world.ts";

const AT = "2024-01-02T03:04:05.678Z";
let ids = 0;
const event = (type: string, data: unknown): NewEvent => ({
  id: `00000000-0000-4000-8000-${String(++ids).padStart(12, "0")}`,
  type,
  data,
  metadata: { $correlationId: "c", $causationId: "c", actorId: "someone", at: AT, schema: SCHEMA },
});

/** Who joined each group, in order, in rows that are read back; it chokes on the users of `bad`. */
function joining(bad: Set<string>, more: Partial<Projection> = {}): Projection {
  return {
    name: "joined",
    version: 1,
    reads: ["lists"],
    handlers: {
      MemberJoined: async ({ data: { groupId, userId } }, rows) => {
        const list = (await rows.get<string[]>("lists", groupId, "")) ?? [];
        if (bad.has(userId)) throw new Error(`chokes on ${userId}`);
        return [put("lists", groupId, "", [...list, userId])];
      },
      FanoutLimitSet: ({ data: { limit } }) => {
        if (bad.has(String(limit))) throw new Error(`chokes on ${limit}`);
        return [put("limits", "", String(limit), null)];
      },
    },
    ...more,
  };
}

/** A log, a store, and a projection that chokes on some users until they are mended. */
function choking(...names: string[]) {
  const log = memoryLog();
  const store = memoryViews();
  const bad = new Set(names);
  const append = async (stream: string, ...events: NewEvent[]) => (await log.append(stream, events, "any")).position;
  const runnerOf = (more: Partial<RunnerOptions> = {}): Runner =>
    createRunner({
      log,
      store,
      projections: [joining(bad)],
      pause: async () => {},
      healing: keepingIntervals(store, () => {}),
      ...more,
    });
  /** Tries what is parked again, and folds what there is. */
  const retried = async (runner: Runner, cursor?: string): Promise<boolean> => {
    const asked = runner.retryParked("joined", cursor);
    await runner.catchUp();
    return asked;
  };
  return {
    log,
    store,
    bad,
    append,
    runnerOf,
    retried,
    join: (group: string, ...users: string[]) =>
      append(`group-g:${group}`, ...users.map((userId) => event("MemberJoined", { groupId: `g:${group}`, userId }))),
    limit: (limit: number) => append("settings", event("FanoutLimitSet", { limit })),
    joined: (group: string) => store.get("joined@1#1/lists", `g:${group}`, ""),
    parked: async () => {
      const rows = await store.range("joined@1#1/parked", "", { limit: 1_000 });
      return rows.map(({ sort, value }) => ({ ...(value as ParkedRow), position: sort }));
    },
  };
}

describe("parked events that are tried again", () => {
  test("are handled in order once the fault is mended, and what comes later waits no more", async () => {
    const { join, runnerOf, retried, bad, joined, parked } = choking("bad");
    const runner = runnerOf();
    await join("a", "one", "bad", "two");
    await join("b", "bad", "three");
    await runner.catchUp();
    await join("a", "four");
    await runner.catchUp();
    expect(await joined("a")).toEqual(["one"]);
    bad.clear();
    expect(await retried(runner)).toBe(true);
    await join("a", "five");
    await runner.catchUp();
    expect(await joined("a")).toEqual(["one", "bad", "two", "four", "five"]);
    expect(await joined("b")).toEqual(["bad", "three"]);
    expect(await parked()).toEqual([]);
    expect(runner.state().parked).toEqual({ joined: 0 });
  });

  test("stay where they fail again, with everything behind them; other keys are healed", async () => {
    const { join, runnerOf, retried, bad, joined, parked } = choking("bad", "worse");
    const runner = runnerOf();
    await join("a", "bad", "worse", "two");
    await join("b", "bad", "three");
    await runner.catchUp();
    bad.delete("bad");
    await retried(runner);
    expect(await joined("a")).toEqual(["bad"]);
    expect(await joined("b")).toEqual(["bad", "three"]);
    expect(await parked()).toMatchObject([
      { key: "g:a", attempts: 3, waiting: false, error: expect.stringContaining("chokes on worse") as string },
      { key: "g:a", attempts: 0, waiting: true },
    ]);
    await retried(runner);
    expect(await parked()).toMatchObject([{ attempts: 6 }, { attempts: 0 }]);
    await join("a", "four");
    await runner.catchUp();
    expect(await joined("a")).toEqual(["bad"]);
    expect(runner.state().parked).toEqual({ joined: 3 });
  });

  test("are those of one key where one of them is named, and none where none is parked there", async () => {
    const { join, runnerOf, retried, bad, joined, log } = choking("bad");
    const runner = runnerOf();
    const one = await join("a", "bad");
    await join("b", "bad");
    await runner.catchUp();
    bad.clear();
    expect(await retried(runner, log.origin)).toBe(false);
    expect(await retried(runner, `${one.slice(0, -1)}z`)).toBe(false);
    expect(await joined("a")).toBeUndefined();
    expect(await retried(runner, one)).toBe(true);
    expect(await joined("a")).toEqual(["bad"]);
    expect(await joined("b")).toBeUndefined();
    expect(await retried(runner, one)).toBe(false);
  });

  test("wait behind one that concerns all keys", async () => {
    const { join, limit, runnerOf, retried, bad, joined, parked } = choking("7");
    const runner = runnerOf();
    await limit(7);
    const waits = await join("a", "one");
    await runner.catchUp();
    await retried(runner);
    await retried(runner, waits);
    expect(await joined("a")).toBeUndefined();
    expect(await parked()).toHaveLength(2);
    bad.clear();
    // Its own key is tried, and what it waits behind is not.
    await retried(runner, waits);
    expect(await joined("a")).toBeUndefined();
    await retried(runner);
    expect(await joined("a")).toEqual(["one"]);
  });

  test("are read again also where an earlier version did not note in which stream they are", async () => {
    const { join, runnerOf, retried, bad, joined, parked, store } = choking("bad");
    const runner = runnerOf();
    await join("a", "one");
    await join("b", "bad", "two");
    await join("a", "bad", "three");
    await runner.catchUp();
    for (const { position, stream: _stream, revision: _revision, ...row } of await parked())
      await store.commit([{ op: "put", table: "joined@1#1/parked", partition: "", sort: position, value: row }]);
    bad.clear();
    await retried(runner);
    expect(await joined("a")).toEqual(["one", "bad", "three"]);
    expect(await joined("b")).toEqual(["bad", "two"]);
    expect(await parked()).toEqual([]);
  });

  test("are gone where nothing handles them any more", async () => {
    const { join, runnerOf, parked } = choking("bad");
    await join("a", "bad", "two");
    await runnerOf().catchUp();
    const deaf = runnerOf({ projections: [joining(new Set(), { handlers: {} })], healsAtStart: true });
    await deaf.catchUp();
    expect(await parked()).toEqual([]);
    expect(deaf.state().parked).toEqual({ joined: 0 });
  });

  test("are told to be gone where another generation is folded from then on, which has none", async () => {
    const { join, runnerOf, bad } = choking("bad");
    await join("a", "bad", "two");
    let generation = "joined@1#1";
    const told: (number | undefined)[] = [];
    const runner = runnerOf({
      generationFor: () => generation,
      troubled: ({ parked }) => void told.push(parked["joined"]),
    });
    await runner.catchUp();
    expect(told.at(-1)).toBe(2);
    bad.clear();
    await runnerOf({ generationFor: () => "joined@1#2" }).catchUp();
    generation = "joined@1#2";
    await runner.catchUp();
    expect(told.at(-1)).toBe(0);
  });

  test("are tried once by a new runner that is told to, before it folds on", async () => {
    const { join, runnerOf, bad, joined } = choking("bad");
    await join("a", "bad", "two");
    await runnerOf().catchUp();
    bad.clear();
    await join("a", "three");
    const next = runnerOf({ healsAtStart: true });
    await next.catchUp();
    expect(await joined("a")).toEqual(["bad", "two", "three"]);
    expect(next.state().parked).toEqual({ joined: 0 });
  });

  test("are tried by a runner that waits for the log", async () => {
    const { join, runnerOf, bad, joined } = choking("bad");
    const end = await join("a", "bad", "two");
    const runner = runnerOf();
    const stop = new AbortController();
    const run = runner.run(stop.signal);
    await until("it is live", () => runner.state().state === "LIVE" && runner.state().checkpoint === end);
    bad.clear();
    expect(await runner.retryParked("joined")).toBe(true);
    expect(await joined("a")).toEqual(["bad", "two"]);
    stop.abort();
    await run;
  });

  test.each(["nothing", "unknown, stored", "unknown, lost"] as const)(
    "are handled once, where their commit fails with: %s",
    async (fault) => {
      const { join, runnerOf, bad, joined, store } = choking("bad");
      const end = await join("a", "bad", "two");
      const runner = runnerOf();
      const stop = new AbortController();
      const run = runner.run(stop.signal);
      await until("it is live", () => runner.state().state === "LIVE" && runner.state().checkpoint === end);
      bad.clear();
      store.failCommits(fault);
      expect(await runner.retryParked("joined")).toBe(true);
      expect(await joined("a")).toEqual(["bad", "two"]);
      stop.abort();
      await run;
    },
  );

  test("are never in memory all at once, however many wait", async () => {
    const { join, runnerOf, bad, joined, store, log, parked } = choking("bad");
    const users = Array.from({ length: 2_000 }, (_, index) => `user-${index}`);
    await join("a", "bad", ...users);
    await runnerOf().catchUp();
    expect(await parked()).toHaveLength(1_000);
    bad.clear();
    const most = { rows: 0, events: 0, written: 0 };
    const watched: MemoryViews = {
      ...store,
      range: async (...query) => {
        const rows = await store.range(...query);
        if (query[0].endsWith("/parked") && query[2].before !== undefined) most.rows = Math.max(most.rows, rows.length);
        return rows;
      },
      commit: (writes, moves) => {
        most.written = Math.max(most.written, writes.length);
        return store.commit(writes, moves);
      },
    };
    const read: EventStore["read"] = async (...query) => {
      const events = await log.read(...query);
      most.events = Math.max(most.events, events.length);
      return events;
    };
    await runnerOf({ store: watched, log: { ...log, read }, healsAtStart: true }).catchUp();
    expect(await joined("a")).toEqual(["bad", ...users]);
    expect(await parked()).toEqual([]);
    expect(most.rows).toBeLessThanOrEqual(256);
    expect(most.events).toBeLessThanOrEqual(512);
    expect(most.written).toBeLessThanOrEqual(2 * 256 + 2);
  });
});

describe("the places whose cursors are not valid after a healing", () => {
  test("are from the first event that was handled late to where the views were then", async () => {
    const { join, runnerOf, retried, bad, store, log } = choking("bad", "worse");
    const runner = runnerOf();
    await join("a", "worse");
    const first = await join("b", "bad");
    const end = await join("b", "two");
    await runner.catchUp();
    await retried(runner);
    expect(await healedIntervals(store)).toEqual([]);
    bad.delete("bad");
    await retried(runner);
    expect(await healedIntervals(store)).toEqual([{ from: first, to: end }]);
    const later = await join("a", "three");
    await runner.catchUp();
    bad.clear();
    await retried(runner);
    // It begins before the other, so they are one.
    expect(await healedIntervals(store)).toEqual([{ from: expect.any(String) as string, to: later }]);
    expect(((await healedIntervals(store))[0]?.from ?? "") < first).toBe(true);
    expect(await log.end()).toBe(later);
  });

  test("are kept in the commit that heals, or not at all", async () => {
    const { join, runnerOf, bad, store } = choking("bad");
    await join("a", "bad");
    await runnerOf().catchUp();
    bad.clear();
    store.failCommits("nothing");
    await expect(runnerOf({ healsAtStart: true }).catchUp()).rejects.toThrow("away");
    expect(await healedIntervals(store)).toEqual([]);
  });
});

describe("the keys that are blocked", () => {
  const told = (projection: Partial<Projection>, names: string[]) => {
    const all: BlockedKeys[] = [];
    const of = choking(...names);
    const runner = of.runnerOf({ projections: [joining(of.bad, projection)], blocked: (keys) => all.push(keys) });
    return { ...of, runner, all };
  };

  test("are told before the commit, when they change, and when they are healed", async () => {
    const { join, retried, bad, runner, all, store } = told({ holdsRights: true }, ["bad"]);
    await join("a", "bad", "two");
    store.failCommits("nothing");
    await expect(runner.catchUp()).rejects.toThrow("away");
    expect(all).toEqual([{ joined: ["g:a"] }]);
    await runner.catchUp();
    await join("b", "bad");
    await runner.catchUp();
    expect(all.at(-1)).toEqual({ joined: ["g:a", "g:b"] });
    bad.clear();
    await retried(runner);
    expect(all.at(-1)).toEqual({ joined: [] });
  });

  test("are told of no projection that holds no rights", async () => {
    const { join, runner, all } = told({}, ["bad"]);
    await join("a", "bad");
    await runner.catchUp();
    expect(all).toEqual([]);
  });

  test("are all keys where one event concerns all, or where there are too many to tell", async () => {
    const settings = told({ holdsRights: true }, ["7"]);
    await settings.limit(7);
    await settings.runner.catchUp();
    expect(settings.all.at(-1)).toEqual({ joined: "all" });
    const many = told({ holdsRights: true }, ["bad"]);
    for (let count = 0; count < 1_001; count++) await many.join(String(count), "bad");
    await many.runner.catchUp();
    expect(many.all.at(-1)).toEqual({ joined: "all" });
  });
});

test("a handler is tried again with backoff, and of all the time little is waited", async () => {
  let time = 0;
  const slept: number[] = [];
  const pause = pauses({
    clock: () => time,
    sleep: async (ms) => {
      slept.push(ms);
      time += ms;
    },
  });
  await pause(1, undefined);
  await pause(2, undefined);
  expect(slept).toEqual([expect.any(Number), expect.any(Number)]);
  expect(slept[1]).toBeGreaterThanOrEqual(50);
  for (let count = 0; count < 1_000; count++) await pause(2, undefined);
  expect(time).toBeLessThanOrEqual(1_100);
  time += 60_000;
  const before = slept.length;
  for (let count = 0; count < 1_000; count++) await pause(2, undefined);
  expect(slept.length).toBeGreaterThan(before);
  expect(time).toBeLessThanOrEqual(62_300);
});

const times = fc.double({ min: 0, max: 1, noNaN: true });
const plan = fc.record({
  pageEvents: fc.integer({ min: 1, max: 30 }),
  pageRows: fc.integer({ min: 1, max: 60 }),
  /** Which projection chokes on which event, as parts of all of them, and at which of the turns it is mended. */
  faults: fc.array(fc.record({ projection: fc.nat(), event: times, mended: fc.nat({ max: 5 }) }), {
    minLength: 1,
    maxLength: 12,
  }),
  /** How far the log is shown, and whether what is parked is tried then: by the same runner, or by a new one. */
  turns: fc.array(fc.record({ upTo: times, by: fc.constantFrom("nobody", "same", "new") }), { maxLength: 6 }),
});

test(
  "whatever fails, and whenever it is mended, the rows are in the end those of a fold that never failed",
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(program(), plan, async (what, { faults, turns, ...pages }) => {
        const target = world();
        await play(what, target);
        const events = await target.events();
        if (events.length === 0) return;
        const failing = new Map<string, number>();
        for (const { projection, event: part, mended } of faults) {
          const name = viewProjections[projection % viewProjections.length]?.name;
          failing.set(`${name} ${events[Math.round(part * (events.length - 1))]?.position}`, mended);
        }
        let turn = 0;
        const projections = viewProjections.map((projection) => ({
          ...projection,
          handlers: choked(projection, failing, () => turn),
        }));
        const store = memoryViews();
        const log = gatedLog(target.log);
        const newRunner = (healsAtStart: boolean) =>
          createRunner({
            log,
            store,
            projections,
            pause: async () => {},
            healing: keepingIntervals(store, () => {}),
            healsAtStart,
            ...pages,
          });
        let runner = newRunner(false);
        const heal = async (by: "nobody" | "same" | "new") => {
          if (by === "new") runner = newRunner(true);
          const asked = by === "same" ? projections.map(({ name }) => runner.retryParked(name)) : [];
          await runner.catchUp();
          await Promise.all(asked);
        };
        for (const { upTo, by } of turns) {
          log.allow(events[Math.round(upTo * (events.length - 1))]?.position ?? "");
          await heal(by);
          turn++;
        }
        log.allow(await target.log.end());
        await heal("nobody");
        turn = Number.POSITIVE_INFINITY;
        await heal("same");
        expect(Object.values(runner.state().parked).every((count) => count === 0)).toBe(true);
        const sound = memoryViews();
        await createRunner({ log: target.log, store: sound, projections: viewProjections }).catchUp();
        const isApart = (table: string): boolean => table === "checkpoints" || table === "healed";
        same(store.dump(isApart), sound.dump(isApart));
      }),
      { numRuns: runs(60), seed: seed("healing") },
    );
  },
);

/** The handlers of a projection, which choke on some events until they are mended. */
function choked(
  { name, handlers }: Projection,
  failing: ReadonlyMap<string, number>,
  turn: () => number,
): Projection["handlers"] {
  const wrapped = Object.entries(handlers).map(([type, handle]) => [
    type,
    (of: { position: string }, rows: never) => {
      const mended = failing.get(`${name} ${of.position}`);
      if (mended !== undefined && turn() < mended) throw new Error(`${name} chokes on ${of.position}`);
      return (handle as (of: unknown, rows: never) => unknown)(of, rows);
    },
  ]);
  return Object.fromEntries(wrapped) as Projection["handlers"];
}
