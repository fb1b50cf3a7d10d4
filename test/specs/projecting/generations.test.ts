import { describe, expect, onTestFinished, test } from "vitest";
import { SCHEMA } from "../../../src/domain/recorded.ts";
import { createKeeper, type KeeperOptions } from "../../../src/projecting/generations/keeper.ts";
import type { KeeperState } from "../../../src/projecting/generations/state.ts";
import { type Projection, put } from "../../../src/projecting/projection.ts";
import { gate } from "../../support/gate.ts";
import { sent } from "../../support/happened.ts";
import { type MemoryGenerations, memoryGenerations } from "../../support/memoryGenerations.ts";
import { type MemoryLog, memoryLog } from "../../support/memoryLog.ts";
import { type MemoryViews, memoryViews } from "../../support/memoryViews.ts";
import { until } from "../../support/until.ts";

/**
 * Counts what everyone has written. An event that is folded twice is counted twice: such rows show whatever a rebuild does
 * wrong.
 */
const written = (version = 1): Projection<"counts"> => ({
  name: "written",
  version,
  reads: ["counts"],
  handlers: {
    MessageSent: async ({ data: { senderId } }, rows) => {
      const { count } = (await rows.get<{ count: number }>("counts", senderId, "")) ?? { count: 0 };
      return [put("counts", senderId, "", { count: count + 1 })];
    },
  },
});

/** One server's keeper of a plain view, in a store that others may share. It runs until the test is over, or `stop` is called. */
function keeper(
  more: { log?: MemoryLog; views?: MemoryViews; store?: MemoryGenerations; version?: number } & Partial<KeeperOptions> = {},
) {
  const { log = memoryLog(), views = memoryViews(), version = 1, ...options } = more;
  const { store = memoryGenerations(views), ...others } = options;
  const projection = written(version);
  const view = `written@${version}`;
  const checkpoints: string[] = [];
  const states: KeeperState[] = [];
  const stop = new AbortController();
  const kept = createKeeper({
    log,
    store,
    projection,
    called: "the view",
    verify: async () => ({ differences: 0, samples: [], summary: "" }),
    committed: (checkpoint) => void checkpoints.push(checkpoint),
    stateChanged: (state) => void states.push(state),
    ...others,
  });
  const ended = kept.run(stop.signal);
  const end = async () => {
    stop.abort();
    await ended;
  };
  onTestFinished(end);
  return {
    log,
    views,
    store,
    kept,
    checkpoints,
    states,
    stop: end,
    send: (...by: string[]) => wrote(log, ...by),
    live: () =>
      until("it is live and at the log's end", async () => {
        const { state, checkpoint } = kept.state();
        return state === "LIVE" && checkpoint === (await log.end());
      }),
    /** What readers of the view are given: undefined before there is one. */
    count: async (who: string) => {
      const generation = store.active(view);
      if (generation === undefined) return undefined;
      return ((await views.get(`${generation}/counts`, who, "")) as { count: number } | undefined)?.count;
    },
    names: async () => (await store.list(view)).map(({ name }) => name),
  };
}

/** Appends a message of each. */
async function wrote(log: MemoryLog, ...by: string[]): Promise<void> {
  for (const who of by) {
    const { stream, type, data } = sent(who);
    const metadata = {
      $correlationId: "c",
      $causationId: "c",
      actorId: who,
      at: "2024-01-02T03:04:05.678Z",
      schema: SCHEMA,
    };
    await log.append(stream, [{ id: crypto.randomUUID(), type, data, metadata }], "any");
  }
}

describe("a view of rows, kept as a search index is", () => {
  test("is built where there is none, is not read before it is whole, and follows the log", async () => {
    const log = memoryLog();
    await wrote(log, "ann", "ann", "bob");
    const views = memoryViews();
    const store = memoryGenerations(views);
    const { passed, open } = gate();
    store.beforeActivate(() => passed);
    const { kept, live, count, checkpoints, send } = keeper({ log, views, store });
    await until("all of it is folded", async () => (await views.get("written@1#1/counts", "bob", "")) !== undefined);
    expect(await count("ann")).toBeUndefined();
    expect(kept.state()).toMatchObject({ state: "REBUILDING", checkpoint: log.origin });
    expect(checkpoints).toEqual([]);
    open();
    await live();
    await send("ann");
    await live();
    expect(await count("ann")).toBe(3);
    expect(await count("bob")).toBe(1);
  });

  test("is replayed beside the one that is read, which goes on meanwhile, and is swapped in one step", async () => {
    const { kept, live, count, views, store, send, checkpoints, names, log } = keeper({ graceMs: 0, pageEvents: 1 });
    await send("ann", "ann");
    await live();
    await views.commit([{ op: "put", table: "written@1#1/counts", partition: "ann", sort: "", value: { count: 70 } }]);
    const { passed, open } = gate();
    store.beforeActivate(() => passed);
    await kept.replay();
    expect(kept.state()).toMatchObject({ state: "REPLAYING" });
    await until("the new one is built", async () => (await views.get("written@1#2/counts", "ann", "")) !== undefined);
    expect(await count("ann")).toBe(70);
    await send("ann", "bob");
    open();
    await live();
    expect(store.active("written@1")).toBe("written@1#2");
    expect(await count("ann")).toBe(3);
    expect(await count("bob")).toBe(1);
    expect(checkpoints).toEqual([...checkpoints].sort());
    expect(checkpoints.at(-1)).toBe(await log.end());
    await until("the old one is gone", async () => (await names()).length === 1);
    expect(views.dump().filter((line) => line.startsWith("written@1#1/"))).toEqual([]);
  });

  test.each(["nothing", "unknown, stored", "unknown, lost"] as const)(
    "counts every event once, where commits of a rebuild fail with: %s",
    async (fault) => {
      const log = memoryLog();
      await wrote(log, "ann", "bob", "ann", "ann");
      const { kept, live, count, views, store } = keeper({ log, pageEvents: 1 });
      await live();
      views.failCommits(undefined, fault, undefined, undefined, fault);
      await kept.replay();
      await until("it took its place", () => store.active("written@1") === "written@1#2");
      await live();
      expect([await count("ann"), await count("bob")]).toEqual([3, 1]);
    },
  );

  test("that is given up leaves no row, and what is read goes on", async () => {
    const { kept, live, count, views, store, send, names } = keeper({ pageEvents: 1 });
    await send("ann");
    await live();
    const { passed, open } = gate();
    store.beforeActivate(async () => {
      await passed;
      throw new Error("it cannot be made the active one");
    });
    await kept.replay();
    await until("the new one is built", async () => (await views.get("written@1#2/counts", "ann", "")) !== undefined);
    open();
    await until("it is noticed", () => kept.state().lastError === "it cannot be made the active one");
    kept.cancelReplay();
    await until("it is gone", async () => (await names()).length === 1);
    await send("ann");
    await live();
    expect(await count("ann")).toBe(2);
    expect(views.dump().filter((line) => line.includes("written@1#2"))).toEqual([]);
  });

  test("of a newer version is built beside the older one, which is removed once the newer one is read", async () => {
    const log = memoryLog();
    const views = memoryViews();
    const store = memoryGenerations(views);
    const older = keeper({ log, views, store });
    await older.send("ann");
    await older.live();
    await older.stop();
    const { passed, open } = gate();
    store.beforeActivate(() => passed);
    const newer = keeper({ log, views, store, version: 2, graceMs: 0 });
    await until("the newer one is built", async () => (await views.get("written@2#1/counts", "ann", "")) !== undefined);
    expect(await older.count("ann")).toBe(1);
    open();
    await newer.live();
    expect(await newer.count("ann")).toBe(1);
    await until("the older one is gone", async () => (await older.names()).length === 0);
    expect(views.dump().filter((line) => line.includes("written@1"))).toEqual([]);
  });

  test("is kept by several servers, and each event counts once; where one swaps, the others follow", async () => {
    const log = memoryLog();
    const views = memoryViews();
    const store = memoryGenerations(views);
    const one = keeper({ log, views, store, graceMs: 0 });
    const other = keeper({ log, views, store, graceMs: 0 });
    await one.send("ann", "bob", "ann");
    await Promise.all([one.live(), other.live()]);
    expect(await one.count("ann")).toBe(2);
    await one.kept.replay();
    await until("it took its place", () => store.active("written@1") === "written@1#2");
    // What the other one writes to a generation that is still there would tell it nothing of the newer one.
    await until("the older one is gone", async () => (await one.names()).length === 1);
    await one.send("ann");
    await Promise.all([one.live(), other.live()]);
    await until("both follow it", () => other.kept.state().generation === "written@1#2");
    expect([await one.count("ann"), await one.count("bob")]).toEqual([3, 1]);
  });

  test("that is under way when all ends is waited for, and is no failure", async () => {
    const { passed, open } = gate();
    const warned: unknown[] = [];
    const { kept, live, stop } = keeper({
      verify: async (_generation, _progress, signal) => {
        await passed;
        signal.throwIfAborted();
        throw new Error("never here");
      },
      warn: (message) => void warned.push(message),
    });
    await live();
    kept.verify();
    let isOver = false;
    const stopped = stop().then(() => (isOver = true));
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    open();
    await stopped;
    expect(warned).toEqual([]);
    expect(kept.state().lastError).toBeUndefined();
  });
});
