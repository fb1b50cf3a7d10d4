import { describe, expect, test, vi } from "vitest";
import { routingKey, SCHEMA } from "../../../src/domain/recorded.ts";
import type { EventStore, NewEvent } from "../../../src/ports/eventStore.ts";
import { CheckpointMoved, Unavailable } from "../../../src/ports/faults.ts";
import { del, generationOf, type Projection, put, putEach } from "../../../src/projecting/projection.ts";
import { createRunner, type RunnerOptions } from "../../../src/projecting/runner.ts";
import type { RunnerState } from "../../../src/projecting/runnerReport.ts";
import type { ParkedRow } from "../../../src/projecting/parking.ts";
import { sliceOf } from "../../../src/projecting/slices.ts";
import type { TailPage } from "../../../src/projecting/tail.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { type MemoryViews, memoryViews } from "../../support/memoryViews.ts";
import { until } from "../../support/until.ts";

const AT = "2024-01-02T03:04:05.678Z";
let ids = 0;

const event = (type: string, data: unknown): NewEvent => ({
  id: `00000000-0000-4000-8000-${String(++ids).padStart(12, "0")}`,
  type,
  data,
  metadata: { $correlationId: "c", $causationId: "c", actorId: "someone", at: AT, schema: SCHEMA },
});

/** A log, and short ways to fill it. */
function newLog() {
  const log = memoryLog();
  const append = async (stream: string, ...events: NewEvent[]) => (await log.append(stream, events, "any")).position;
  /** Someone joins a group: the event that the projections here live on. */
  const join = (group: string, ...users: string[]) =>
    append(`group-g:${group}`, ...users.map((userId) => event("MemberJoined", { groupId: `g:${group}`, userId })));
  return { log, append, join };
}

type Hooks = { version?: number; before?: (user: string, group: string) => void; topics?: Projection["topics"] };

/** Counts who joined, by group, reading back what it wrote; and keeps the order in which they came. */
function counting(name: string, { version = 1, before = () => {}, topics }: Hooks = {}): Projection & { seen: string[] } {
  const seen: string[] = [];
  return {
    name,
    version,
    reads: ["counts"],
    ...(topics && { topics }),
    seen,
    handlers: {
      MemberJoined: async ({ data: { groupId, userId } }, rows) => {
        seen.push(userId);
        before(userId, groupId);
        const count = 1 + ((await rows.get<number>("counts", groupId, "")) ?? 0);
        return [put("counts", groupId, "", count), put("joined", groupId, String(count), userId)];
      },
    },
  };
}

async function joined(store: MemoryViews, projection: Projection, group: string): Promise<unknown[]> {
  const rows = await store.range(`${generationOf(projection)}/joined`, `g:${group}`, { limit: 1_000 });
  return rows.map(({ value }) => value);
}

async function checkpointOf(store: MemoryViews, name: string): Promise<unknown> {
  return (await store.checkpoint(name))?.position;
}

async function parkedOf(store: MemoryViews, projection: Projection): Promise<(ParkedRow & { position: string })[]> {
  const rows = await store.range(`${generationOf(projection)}/parked`, "", { limit: 1_000 });
  return rows.map(({ sort, value }) => ({ ...(value as ParkedRow), position: sort }));
}

/** A runner that runs until the test has done with it. */
async function running(options: RunnerOptions, work: (runner: ReturnType<typeof createRunner>) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const runner = createRunner(options);
  const run = runner.run(stop.signal);
  const ended = run.then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    await work(runner);
  } finally {
    stop.abort();
  }
  expect(await ended).toBeUndefined();
}

const failsOn =
  (bad: string, message = "cannot") =>
  (user: string) => {
    if (user === bad) throw new Error(message);
  };

describe("an event that a projection cannot handle", () => {
  test("is parked after three tries, and what follows under its key waits, while the rest goes on", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const faulty = counting("faulty", { before: failsOn("bad", "no such thing") });
    const sound = counting("sound");
    await join("a", "one");
    const bad = await join("a", "bad");
    await join("b", "two");
    const waiting = await join("a", "three");
    const end = await join("b", "four");
    const states: RunnerState[] = [];
    const warned: unknown[] = [];
    const runner = createRunner({
      log,
      store,
      projections: [faulty, sound],
      now: () => new Date("2024-05-06T07:08:09.000Z"),
      troubled: (state) => states.push(structuredClone(state)),
      warn: (...of) => warned.push(of),
    });
    await runner.catchUp();
    expect(await joined(store, faulty, "a")).toEqual(["one"]);
    expect(await joined(store, faulty, "b")).toEqual(["two", "four"]);
    expect(await joined(store, sound, "a")).toEqual(["one", "bad", "three"]);
    expect(faulty.seen.filter((user) => user === "bad")).toHaveLength(3);
    expect(faulty.seen).not.toContain("three");
    expect(await parkedOf(store, faulty)).toEqual([
      {
        position: bad,
        key: "g:a",
        type: "MemberJoined",
        error: expect.stringContaining("no such thing") as string,
        attempts: 3,
        parkedAt: "2024-05-06T07:08:09.000Z",
        waiting: false,
        stream: "group-g:a",
        revision: 1,
      },
      {
        position: waiting,
        key: "g:a",
        type: "MemberJoined",
        error: expect.any(String) as string,
        attempts: 0,
        parkedAt: "2024-05-06T07:08:09.000Z",
        waiting: true,
        stream: "group-g:a",
        revision: 2,
      },
    ]);
    expect(await parkedOf(store, sound)).toEqual([]);
    expect(runner.state()).toMatchObject({ checkpoint: end, parked: { faulty: 2, sound: 0 } });
    expect(states.at(-1)?.parked).toEqual({ faulty: 2, sound: 0 });
    // Both are told with the commit, however many there are in a page.
    expect(new Set(states.map(({ parked: { faulty: count = 0 } }) => count))).toEqual(new Set([0, 2]));
    expect(warned).toHaveLength(1);
  });

  test("holds its key back in a later page and in the next runner too", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const faulty = counting("faulty", { before: failsOn("bad") });
    await join("a", "bad", "one");
    await join("b", "two");
    await createRunner({ log, store, projections: [faulty], pageEvents: 1 }).catchUp();
    await join("a", "three");
    await join("b", "four");
    // Whatever was wrong is mended: it must not be applied out of order.
    const mended = counting("faulty");
    const next = createRunner({ log, store, projections: [mended] });
    await next.catchUp();
    expect(mended.seen).toEqual(["four"]);
    expect(await joined(store, mended, "a")).toEqual([]);
    expect(await joined(store, mended, "b")).toEqual(["two", "four"]);
    expect((await parkedOf(store, mended)).map(({ waiting }) => waiting)).toEqual([false, true, true]);
    expect(next.state().parked).toEqual({ faulty: 3 });
  });

  test("is handled after all where a try succeeds, with nothing done twice", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    let failures = 2;
    const shaky = counting("shaky", {
      before: () => {
        if (failures-- > 0) throw new Error("not now");
      },
    });
    await join("a", "one", "two");
    const runner = createRunner({ log, store, projections: [shaky] });
    await runner.catchUp();
    expect(await joined(store, shaky, "a")).toEqual(["one", "two"]);
    expect(runner.state().parked).toEqual({ shaky: 0 });
    expect(await parkedOf(store, shaky)).toEqual([]);
  });

  test("is parked once, where the commit of its page fails and is tried again", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const faulty = counting("faulty", { before: failsOn("bad") });
    await join("a", "bad", "one");
    const end = await join("b", "two");
    store.failCommits("nothing", "unknown, lost");
    await running({ log, store, projections: [faulty] }, async (runner) => {
      await until("it has caught up", () => runner.state().checkpoint === end);
      expect(runner.state().parked).toEqual({ faulty: 2 });
    });
    expect(await parkedOf(store, faulty)).toHaveLength(2);
    expect(await joined(store, faulty, "b")).toEqual(["two"]);
  });

  test("may make nothing, and throw before it waits, all the same", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const projection: Projection = {
      name: "plain",
      version: 1,
      reads: [],
      handlers: {
        MemberJoined: ({ data }) => {
          if (data.userId === "bad") throw new TypeError("at once");
          return [];
        },
      },
    };
    const end = await join("a", "one", "bad", "two");
    const runner = createRunner({ log, store, projections: [projection] });
    await runner.catchUp();
    expect(runner.state()).toMatchObject({ checkpoint: end, parked: { plain: 2 } });
  });

  test("holds back everything where it concerns all keys", async () => {
    const { log, append, join } = newLog();
    const store = memoryViews();
    const limited: Projection = {
      ...counting("limited"),
      handlers: {
        ...counting("limited").handlers,
        FanoutLimitSet: () => {
          throw new Error("no limits");
        },
      },
    };
    await join("a", "one");
    await append("settings", event("FanoutLimitSet", { limit: 3 }));
    await join("a", "two");
    await join("b", "three");
    const runner = createRunner({ log, store, projections: [limited] });
    await runner.catchUp();
    expect((await parkedOf(store, limited)).map(({ key, waiting }) => [key, waiting])).toEqual([
      ["*", false],
      ["g:a", true],
      ["g:b", true],
    ]);
    expect(await joined(store, limited, "a")).toEqual(["one"]);
  });
});

describe("an event in a stream of a kind that is not known", () => {
  test("is parked by those who would handle its type, which is told, and holds back nothing else", async () => {
    const { log, append, join } = newLog();
    const store = memoryViews();
    const concerned = counting("concerned");
    const told: string[] = [];
    await join("a", "one");
    const astray = await append("club-7", event("MemberJoined", { groupId: "g:a", userId: "two" }));
    const end = await join("a", "three");
    const runner = createRunner({ log, store, projections: [concerned], warn: (message) => void told.push(message) });
    await runner.catchUp();
    expect((await parkedOf(store, concerned)).map(({ position, key, waiting }) => [position, key, waiting])).toEqual([
      [astray, "club-7", false],
    ]);
    expect(told).toEqual([`concerned parked MemberJoined at ${astray}`]);
    expect(runner.state()).toMatchObject({ checkpoint: end, parked: { concerned: 1 } });
    expect(await joined(store, concerned, "a")).toEqual(["one", "three"]);
  });

  test("is passed over where streams of every kind have events of its type: a later version made it", async () => {
    const { log, append } = newLog();
    const store = memoryViews();
    const concerned: Projection = { ...counting("concerned"), handlers: { NothingChanged: () => [put("seen", "a", "", 1)] } };
    const end = await append("club-7", event("NothingChanged", {}), event("ClubFounded", {}));
    const runner = createRunner({ log, store, projections: [concerned] });
    await runner.catchUp();
    expect(runner.state()).toMatchObject({ checkpoint: end, parked: { concerned: 0 } });
    expect(await store.get(`${generationOf(concerned)}/seen`, "a", "")).toBeUndefined();
  });

  test("is of one slice, like any other", async () => {
    const { log, append } = newLog();
    const store = memoryViews();
    const concerned = counting("concerned");
    await append("club-7", event("MemberJoined", { groupId: "g:a", userId: "two" }));
    const parked: number[] = [];
    for (const index of [0, 1, 2]) {
      const runner = createRunner({ log, store: memoryViews(), projections: [concerned], slice: { index, of: 3 } });
      await runner.catchUp();
      parked.push(runner.state().parked["concerned"] ?? 0);
    }
    expect(parked.sort()).toEqual([0, 0, 1]);
    expect(await parkedOf(store, concerned)).toEqual([]);
  });
});

test("all handlers of an event read at once: what is not at hand is waited for together", async () => {
  const { log, join } = newLog();
  const store = memoryViews();
  const projections = [counting("one"), counting("two"), counting("three")];
  await join("g", "ann", "bob");
  let asked = 0;
  const runner = createRunner({
    log,
    store: {
      ...store,
      get: async (table, partition, sort) => {
        asked++;
        await until("all have asked", () => asked >= 3, 5_000);
        return store.get(table, partition, sort);
      },
    },
    projections,
  });
  await runner.catchUp();
  for (const projection of projections) expect(await joined(store, projection, "g")).toEqual(["ann", "bob"]);
});

test("a handler that reads a table that its projection forgets to name is told of at the first event", async () => {
  const { log, join } = newLog();
  const store = memoryViews();
  const told: unknown[] = [];
  const forgetful: Projection = {
    ...counting("forgetful"),
    handlers: {
      MemberJoined: async (_event, rows) => [put("other", "a", "", 1 + ((await rows.get<number>("other", "a", "")) ?? 0))],
    },
  };
  await join("a", "one");
  const runner = createRunner({ log, store, projections: [forgetful], warn: (_message, error) => void told.push(error) });
  await runner.catchUp();
  expect(told).toEqual([expect.stringContaining("forgetful@1#1/other is not among the tables that its projection reads")]);
});

describe("an event that cannot be read", () => {
  test("is parked by those who would handle its type, and by nobody else", async () => {
    const { log, append, join } = newLog();
    const store = memoryViews();
    const concerned = counting("concerned");
    const other: Projection = { name: "other", version: 1, reads: [], handlers: { MemberLeft: () => [] } };
    await join("a", "one");
    const broken = await append("group-g:a", event("MemberJoined", { groupId: "g:a", userId: 7 }));
    await join("a", "two");
    const end = await join("b", "three");
    const runner = createRunner({ log, store, projections: [concerned, other] });
    await runner.catchUp();
    expect((await parkedOf(store, concerned)).map(({ position, key, waiting }) => [position, key, waiting])).toEqual([
      [broken, "g:a", false],
      [expect.any(String), "g:a", true],
    ]);
    expect(await joined(store, concerned, "a")).toEqual(["one"]);
    expect(await joined(store, concerned, "b")).toEqual(["three"]);
    expect(runner.state()).toMatchObject({ checkpoint: end, parked: { concerned: 2, other: 0 } });
  });

  test("is passed over where its type is a later version's", async () => {
    const { log, append, join } = newLog();
    const store = memoryViews();
    const projection = counting("p");
    await append("group-g:a", event("MemberPromotedToAstronaut", { groupId: "g:a", userId: "one" }));
    await append("planet-mars", event("PlanetFound", null));
    const end = await join("a", "two");
    const runner = createRunner({ log, store, projections: [projection] });
    await runner.catchUp();
    expect(await joined(store, projection, "a")).toEqual(["two"]);
    expect(runner.state()).toMatchObject({ checkpoint: end, parked: { p: 0 } });
  });
});

describe("a second runner", () => {
  test("stops the one that sees it, which has written nothing since", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const projection = counting("p");
    await join("a", "one");
    const states: RunnerState[] = [];
    const stop = new AbortController();
    const runner = createRunner({ log, store, projections: [projection], troubled: (state) => states.push(state) });
    const end = runner.run(stop.signal);
    const outcome = end.then(
      () => "stopped by itself",
      (error: unknown) => error,
    );
    await until("it follows", () => runner.state().checkpoint > log.origin);
    const name = generationOf(projection);
    const from = runner.state().checkpoint;
    await store.commit(
      [{ op: "put", table: `${name}/joined`, partition: "g:a", sort: "2", value: "by another" }],
      [{ of: [name], from, to: `${from}x` }],
    );
    await join("a", "two");
    expect(await outcome).toBeInstanceOf(CheckpointMoved);
    expect(runner.state().state).toBe("STOPPED");
    expect(states.at(-1)).toMatchObject({ state: "STOPPED", lastError: expect.any(String) as string });
    expect(await joined(store, projection, "a")).toEqual(["one", "by another"]);
    stop.abort();
  });

  test("leaves rows that are right, whoever of them goes on", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const users = Array.from({ length: 50 }, (_, index) => `u${index}`);
    for (const user of users) await join("a", user);
    const projection = counting("p");
    const others = [1, 2, 3, 4].map((pageEvents) => createRunner({ log, store, projections: [projection], pageEvents }));
    const outcomes = await Promise.allSettled(others.map((runner) => runner.catchUp()));
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(CheckpointMoved);
    await createRunner({ log, store, projections: [projection] }).catchUp();
    const rows = await store.range("p@1#1/counts", "g:a", { limit: 10 });
    expect(rows).toEqual([{ sort: "", value: 50 }]);
    expect((await joined(store, projection, "a")).sort()).toEqual([...users].sort());
  });
});

describe("what is away", () => {
  test("is waited for, and shows in the state until it is back, also where nothing new has come", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const projection = counting("p");
    const states: RunnerState[] = [];
    const end = await join("a", "one", "two");
    store.away(true);
    await running({ log, store, projections: [projection], troubled: (state) => states.push(state) }, async (runner) => {
      await until("it has tried twice", () => states.length >= 2);
      expect(runner.state()).toMatchObject({ state: "RETRYING", lastError: "the view store is away" });
      store.away(false);
      await until("it is back", () => runner.state().checkpoint === end);
      expect(runner.state()).toMatchObject({ state: "LIVE", lastError: undefined });
      expect(states.at(-1)).toMatchObject({ state: "LIVE", checkpoint: end });
      const more = await join("a", "three");
      await until("it follows", () => runner.state().checkpoint === more);
    });
    expect(await joined(store, projection, "a")).toEqual(["one", "two", "three"]);
    expect(projection.seen.length).toBeLessThan(20);
  });

  test("is not said to be away any more once it is back, although there is nothing to commit", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const projection = counting("p");
    const end = await join("a", "one");
    // Stored, but nobody was told: what comes next has nothing left to do.
    store.failCommits("unknown, stored");
    const states: RunnerState[] = [];
    await running({ log, store, projections: [projection], troubled: (state) => states.push(state) }, async (runner) => {
      await until("it has failed", () => states.some(({ state }) => state === "RETRYING"));
      await until("it is back", () => runner.state().state === "LIVE");
      expect(runner.state()).toMatchObject({ checkpoint: end, lastError: undefined });
      expect(states.at(-1)).toMatchObject({ state: "LIVE" });
    });
    expect(await joined(store, projection, "a")).toEqual(["one"]);
  });

  test("may be the log", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const projection = counting("p");
    const end = await join("a", "one");
    let failures = 2;
    const shaky: Pick<EventStore, "origin" | "read" | "readAll" | "changed" | "end"> = {
      origin: log.origin,
      read: log.read,
      end: log.end,
      changed: log.changed,
      readAll: (after, limit) => {
        if (failures-- > 0) throw new Unavailable("the log is away");
        return log.readAll(after, limit);
      },
    };
    const states: RunnerState[] = [];
    await running({ log: shaky, store, projections: [projection], troubled: (state) => states.push(state) }, async (runner) => {
      await until("it is back", () => runner.state().checkpoint === end);
      expect(states.map(({ state }) => state).filter((state) => state !== "REBUILDING")).toEqual([
        "RETRYING",
        "RETRYING",
        "LIVE",
      ]);
    });
    expect(await joined(store, projection, "a")).toEqual(["one"]);
  });

  test("parks nothing, where a handler meets it", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const projection = counting("p");
    await join("a", "one");
    await createRunner({ log, store, projections: [projection] }).catchUp();
    let failures = 3;
    const shaky: MemoryViews = {
      ...store,
      get: (table, partition, sort) => {
        if (table.endsWith("/counts") && failures-- > 0) throw new Unavailable("the view store is away");
        return store.get(table, partition, sort);
      },
    };
    const end = await join("a", "two", "three");
    await running({ log, store: shaky, projections: [projection] }, async (runner) => {
      await until("it has caught up", () => runner.state().checkpoint === end);
      expect(runner.state().parked).toEqual({ p: 0 });
    });
    expect(await joined(store, projection, "a")).toEqual(["one", "two", "three"]);
  });

  test("is no reason to go on waiting once it is told to stop", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    await join("a", "one");
    store.away(true);
    const stop = new AbortController();
    const failed = vi.fn();
    const runner = createRunner({ log, store, projections: [counting("p")], troubled: failed });
    const end = runner.run(stop.signal);
    await until("it has failed", () => failed.mock.calls.length > 0);
    stop.abort();
    await end;
  });
});

describe("following", () => {
  test("goes on with the log until it is told to stop", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const projection = counting("p");
    await running({ log, store, projections: [projection] }, async (runner) => {
      for (const user of ["one", "two", "three"]) {
        const end = await join("a", user);
        await until(`it has heard of ${user}`, () => runner.state().checkpoint === end);
      }
    });
    await join("a", "four");
    expect(await joined(store, projection, "a")).toEqual(["one", "two", "three"]);
    expect(projection.seen).toEqual(["one", "two", "three"]);
  });

  test("catches up with an empty log", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const projection = counting("p");
    const runner = createRunner({ log, store, projections: [projection] });
    await runner.catchUp();
    expect(runner.state().checkpoint).toBe(log.origin);
    await join("a", "one");
    await runner.catchUp();
    expect(await joined(store, projection, "a")).toEqual(["one"]);
  });

  test("commits what one read gave in pieces of bounded size", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const groups = Array.from({ length: 20 }, (_, index) => `n${index}`);
    for (const group of groups) await join(group, "one");
    const sizes: number[] = [];
    const measured: MemoryViews = {
      ...store,
      commit: (writes, moves) => {
        sizes.push(writes.length);
        return store.commit(writes, moves);
      },
    };
    const projection = counting("p");
    await createRunner({ log, store: measured, projections: [projection], pageEvents: 100, pageRows: 6 }).catchUp();
    // Two rows an event.
    expect(sizes.filter((size) => size > 0)).toEqual([6, 6, 6, 6, 6, 6, 4]);
    for (const group of groups) expect(await joined(store, projection, group)).toEqual(["one"]);
  });

  test("counts each inbox that a row is put into", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    await join("a", "one", "two", "three", "four");
    let commits = 0;
    const projection: Projection = {
      name: "p",
      version: 1,
      reads: [],
      handlers: { MemberJoined: ({ position }) => [putEach("entries", ["x", "y", "z"], position, 1)] },
    };
    const counted: MemoryViews = { ...store, commit: (...of) => (commits++, store.commit(...of)) };
    await createRunner({ log, store: counted, projections: [projection], pageRows: 6 }).catchUp();
    expect(commits).toBe(2);
  });

  test("folds the keys of its slice, and what concerns all", async () => {
    const { log, append, join } = newLog();
    const store = memoryViews();
    const groups = Array.from({ length: 20 }, (_, index) => `n${index}`);
    for (const group of groups) await join(group, "one");
    await append("settings", event("FanoutLimitSet", { limit: 3 }));
    for (const index of [0, 1]) {
      const projection = counting("p");
      const limits: number[] = [];
      projection.handlers.FanoutLimitSet = ({ data }) => (limits.push(data.limit), []);
      await createRunner({ log, store, projections: [projection], slice: { index, of: 2 } }).catchUp();
      const mine = groups.filter((group) => sliceOf(routingKey(`group-g:${group}`), 2) === index);
      expect(projection.seen).toHaveLength(mine.length);
      expect(limits).toEqual([3]);
      for (const group of mine) expect(await joined(store, projection, group)).toEqual(["one"]);
      expect(await checkpointOf(store, `p@1#1/${index}`)).toBe(await log.end());
    }
  });
});

describe("a new version", () => {
  test("is built alone up to where the others are, and goes on with them", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const steady = counting("steady");
    const old = counting("changing");
    const before = await join("a", "one", "two", "three");
    await createRunner({ log, store, projections: [steady, old] }).catchUp();
    await join("a", "four");
    const next = counting("changing", { version: 2 });
    steady.seen.length = 0;
    const places: string[] = [];
    const moves: (readonly string[])[] = [];
    const watched: MemoryViews = {
      ...store,
      commit: (writes, given = []) => {
        for (const move of given) moves.push([...move.of, move.to]);
        return store.commit(writes, given);
      },
    };
    const runner = createRunner({
      log,
      store: watched,
      projections: [steady, next],
      pageEvents: 2,
      committed: (position) => places.push(position),
    });
    await runner.catchUp();
    expect(await joined(store, next, "a")).toEqual(["one", "two", "three", "four"]);
    expect(steady.seen).toEqual(["four"]);
    expect(await joined(store, steady, "a")).toEqual(["one", "two", "three", "four"]);
    expect(await joined(store, old, "a")).toEqual(["one", "two", "three"]);
    // Alone up to the others, with them from there on, and nothing told that was true of some only.
    const alone = moves.filter((of) => of.length === 2);
    expect(alone.map((of) => of[0])).toEqual(["changing@2#1", "changing@2#1"]);
    expect(alone.at(-1)?.[1]).toBe(before);
    expect(moves.filter((of) => of.length === 3)).toHaveLength(1);
    expect(places.every((place) => place >= before)).toBe(true);
    expect(runner.state().checkpoint).toBe(await log.end());
    expect(await checkpointOf(store, "changing@1#1")).toBe(before);
  });

  test("is built on where its building was interrupted", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    await join("a", "one", "two", "three", "four");
    await createRunner({ log, store, projections: [counting("steady")] }).catchUp();
    const first = counting("new");
    const stop = new AbortController();
    const stopping: MemoryViews = {
      ...store,
      commit: async (...of) => {
        await store.commit(...of);
        stop.abort();
      },
    };
    await createRunner({ log, store: stopping, projections: [counting("steady"), first], pageEvents: 2 }).catchUp(stop.signal);
    expect(first.seen).toEqual(["one", "two"]);
    const second = counting("new");
    await createRunner({ log, store, projections: [counting("steady"), second] }).catchUp();
    expect(second.seen).toEqual(["three", "four"]);
    expect(await joined(store, second, "a")).toEqual(["one", "two", "three", "four"]);
  });

  test("may be several, at several places", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    await join("a", "one");
    await createRunner({ log, store, projections: [counting("x")] }).catchUp();
    await join("a", "two");
    await createRunner({ log, store, projections: [counting("y")] }).catchUp();
    await join("a", "three");
    const all = [counting("w"), counting("x"), counting("y"), counting("z")];
    const runner = createRunner({ log, store, projections: all, pageEvents: 1 });
    await runner.catchUp();
    for (const projection of all) expect(await joined(store, projection, "a")).toEqual(["one", "two", "three"]);
    expect(all.map(({ seen }) => seen.length)).toEqual([3, 2, 1, 3]);
    for (const projection of all) expect(await checkpointOf(store, generationOf(projection))).toBe(await log.end());
  });

  test("parks on the way what it cannot handle", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    await join("a", "one", "bad", "two");
    await createRunner({ log, store, projections: [counting("steady")] }).catchUp();
    const faulty = counting("faulty", { before: failsOn("bad") });
    const runner = createRunner({ log, store, projections: [counting("steady"), faulty] });
    await runner.catchUp();
    await join("a", "three");
    await runner.catchUp();
    expect(runner.state().parked).toEqual({ steady: 0, faulty: 3 });
    expect(await joined(store, faulty, "a")).toEqual(["one"]);
  });
});

describe("whoever listens", () => {
  /** Tells users of what was put into their inbox, and conversations of what was put beside it. */
  const telling: Projection = {
    name: "telling",
    version: 1,
    reads: [],
    topics: { entries: "users", changes: "conversations" },
    handlers: {
      MemberJoined: ({ data: { groupId, userId }, position }) => [
        putEach("entries", [userId, `${userId}-friend`], position, 1),
        put("changes", groupId, position, 1),
        put("untold", "nobody", position, 1),
        del("entries", "deleted", position),
      ],
    },
  };

  test("is told after each commit, of the rows that were put", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const told: { at: string; page: TailPage | undefined }[] = [];
    const one = await join("a", "one");
    const two = await join("b", "two");
    const committed: RunnerOptions["committed"] = (at, page) => void told.push({ at, page });
    await createRunner({ log, store, projections: [telling], pageEvents: 1, epoch: () => 7n, committed }).catchUp();
    const news = (position: string, user: string, group: string) => [
      { table: "entries", position, row: 1, topics: [`users/${user}`, `users/${user}-friend`] },
      { table: "changes", position, row: 1, topics: [`conversations/${group}`] },
    ];
    expect(told).toEqual([
      { at: log.origin, page: undefined },
      { at: one, page: { from: log.origin, to: one, epoch: 7n, items: news(one, "one", "g:a") } },
      { at: two, page: { from: one, to: two, epoch: 7n, items: news(two, "two", "g:b") } },
    ]);
  });

  test("is asked for after the commit, after the epoch, and told of nothing else", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    const steps: string[] = [];
    const told: TailPage[] = [];
    const watched: MemoryViews = {
      ...store,
      commit: async (...of) => {
        await store.commit(...of);
        steps.push("commit");
      },
    };
    await join("a", "one");
    await createRunner({
      log,
      store: watched,
      projections: [telling],
      epoch: () => BigInt(steps.push("epoch")),
      wanted: (topic) => {
        steps.push(topic);
        return topic === "users/one-friend";
      },
      committed: (_, page) => void (page && told.push(page)),
    }).catchUp();
    expect(steps.slice(0, 2)).toEqual(["commit", "epoch"]);
    expect(new Set(steps.slice(2))).toEqual(new Set(["users/one", "users/one-friend", "conversations/g:a"]));
    expect(told.flatMap(({ items }) => items.flatMap(({ topics }) => topics))).toEqual(["users/one-friend"]);
  });

  test.each(["nothing", "unknown, lost", "unknown, stored"] as const)(
    "is told of it, or that anything may be news, once it is there, where a commit failed: %s",
    async (fault) => {
      const { log, join } = newLog();
      const store = memoryViews();
      const there: Promise<unknown[]>[] = [];
      const begun = await join("a", "before");
      await createRunner({ log, store, projections: [telling] }).catchUp();
      await running(
        {
          log,
          store,
          projections: [telling],
          committed: (at, page) => {
            const news = page === undefined || page.items.some(({ topics }) => topics.includes("users/one"));
            if (news && at > begun) there.push(Promise.resolve(store.range("telling@1#1/entries", "one", { limit: 1 })));
          },
        },
        async (runner) => {
          await until("it follows", () => runner.state().checkpoint === begun);
          store.failCommits(fault);
          const end = await join("a", "one");
          await until("it has caught up", () => runner.state().checkpoint === end);
          await until("it was told", () => there.length > 0);
        },
      );
      for (const rows of there) expect(await rows).toHaveLength(1);
    },
  );

  test("is not told of what was built alone, before it was there to be read", async () => {
    const { log, join } = newLog();
    const store = memoryViews();
    await join("a", "one", "two", "three");
    await createRunner({ log, store, projections: [counting("steady")] }).catchUp();
    const end = await join("a", "four");
    const told: TailPage[] = [];
    const committed: RunnerOptions["committed"] = (_, page) => void (page && told.push(page));
    await createRunner({ log, store, projections: [counting("steady"), telling], pageEvents: 2, committed }).catchUp();
    expect(told).toHaveLength(1);
    expect(told[0]?.to).toBe(end);
    for (const { position } of told[0]?.items ?? []) expect(position).toBe(end);
  });
});
