import fc from "fast-check";
import { Client } from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import {
  type PostgresThreadStore,
  postgresViewStore,
  postgresViewStoreAt,
} from "../../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { Awaitable } from "../../../src/ports/awaitable.ts";
import type { EventStore, Position } from "../../../src/ports/eventStore.ts";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import { comparing } from "../../../src/projecting/generations/comparing.ts";
import { slicesRead } from "../../../src/projecting/generations/resharding.ts";
import { readGeneration, viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import { type Projection, put } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { waitingNews } from "../../../src/projecting/slicedNews.ts";
import { SCHEMA } from "../../../src/domain/recorded.ts";
import { sent } from "../../support/happened.ts";
import { gate } from "../../support/gate.ts";
import { gatedLog } from "../../support/gatedLog.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { play, program } from "../../support/programs.ts";
import { runs, seed } from "../../support/property.ts";
import { realPostgres } from "../../support/realPostgres.ts";
import { same } from "../../support/same.ts";
import { type SlicedServer, slicedServer } from "../../support/slicedServer.ts";
import { until } from "../../support/until.ts";
import { world } from "../../support/world.ts";

test("who is to be woken waits for the slowest slice, and nobody is woken twice", () => {
  const news = waitingNews(() => 9n);
  const item = (position: string, ...topics: string[]) => ({ table: "entries", position, row: 1, topics });
  expect(news.take("log.0")).toEqual({ topics: "all", epoch: 9n });
  news.add({
    from: "log.0",
    to: "log.6",
    epoch: 3n,
    items: [item("log.2", "users/ann"), item("log.6", "users/bob", "users/eve")],
  });
  news.add({ from: "log.0", to: "log.4", epoch: 5n, items: [item("log.4", "users/dan")] });
  expect(news.take("log.1")).toEqual({ topics: [], epoch: 3n });
  expect(news.take("log.4")).toEqual({ topics: ["users/ann", "users/dan"], epoch: 3n });
  expect(news.take("log.5")).toEqual({ topics: [], epoch: 3n });
  expect(news.take("log.7")).toEqual({ topics: ["users/bob", "users/eve"], epoch: 3n });
  expect(news.take("log.8")).toEqual({ topics: [], epoch: 9n });
  news.add(undefined);
  expect(news.take("log.9")).toEqual({ topics: "all", epoch: 9n });
});

/** Counts the messages of each conversation: what is folded twice is counted twice, and what is lost is not. */
const counted = (name: string): Projection<"counts"> => ({
  name,
  version: 1,
  reads: ["counts"],
  handlers: {
    MessageSent: async ({ data: { conversationId } }, rows) => {
      const { count } = (await rows.get<{ count: number }>("counts", conversationId, "")) ?? { count: 0 };
      return [put("counts", conversationId, "", { count: count + 1 })];
    },
  },
});

/** Appends messages to several conversations, one after the other. */
async function wrote(log: Pick<EventStore, "append">, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const conversationId = `g:c${index % 13}`;
    const { type, data } = sent("ann");
    const metadata = { $correlationId: "c", $causationId: "c", actorId: "ann", at: "2024-01-02T03:04:05.678Z", schema: SCHEMA };
    await log.append(
      `conversation-${conversationId}`,
      [{ id: crypto.randomUUID(), type, data: { ...data, conversationId }, metadata }],
      "any",
    );
  }
}

type Log = Pick<EventStore, "origin" | "read" | "readAll" | "changed" | "end">;

/** A log from which no answer comes while the cable is pulled. */
function onCable(log: Log) {
  let pulled = gate();
  pulled.open();
  const over = async <T>(work: () => Awaitable<T>): Promise<T> => {
    await pulled.passed;
    const answer = await work();
    await pulled.passed;
    return answer;
  };
  return {
    log: {
      origin: log.origin,
      read: (...args) => over(() => log.read(...args)),
      readAll: (...args) => over(() => log.readAll(...args)),
      changed: (after, signal) => Promise.race([over(() => log.changed(after, signal)), aborted(signal)]),
      end: () => over(() => log.end()),
    } satisfies Log,
    pull: () => void (pulled = gate()),
    mend: () => pulled.open(),
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });

const real = realPostgres("views that several servers share");

describe.skipIf(!real)("views that several servers share", () => {
  const url = real?.url ?? "";
  const stores: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const store of stores.splice(0).reverse()) await store.close();
  });

  /** A place for views that several servers share. */
  const place = async () => {
    const schema = real?.newSchema() ?? "";
    const owner = await postgresViewStore(url, { schema, shared: true });
    stores.push(owner);
    const opened = (): PostgresThreadStore => {
      const store = postgresViewStoreAt(owner.place());
      stores.push(store);
      return store;
    };
    /** How many slices somebody holds. */
    const heldBy = async (holder: string): Promise<number> => {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        const { rows } = await client.query(`SELECT 1 FROM "${schema}".leases WHERE slice >= 0 AND holder = $1`, [holder]);
        return rows.length;
      } finally {
        await client.end();
      }
    };
    return { opened, heldBy };
  };

  /** Every row of what is read, as text. */
  const rowsOf = async (store: ViewStore, projections: readonly Projection[] = viewProjections): Promise<string[]> => {
    const lines: string[] = [];
    const snapshot = await store.snapshot();
    try {
      for (const projection of projections) {
        const { name = "" } = (await readGeneration(viewGenerations(store), projection)) ?? {};
        for (const { table, partition, sort, text } of await snapshot.rows(name, undefined, 1_000_000))
          lines.push(`${projection.name}/${table} ${partition} ${sort} ${text}`);
      }
    } finally {
      await snapshot.close();
    }
    return lines.sort();
  };

  /** What one runner makes of the same log. */
  const expectedOf = async (log: Pick<EventStore, "origin" | "read" | "readAll" | "changed" | "end">): Promise<string[]> => {
    const store = memoryViews();
    await createRunner({ log, store, projections: viewProjections }).catchUp();
    return store
      .dump((table) => !table.includes("@"))
      .map((line) => line.replace(/@\d+#\d+/, ""))
      .sort();
  };

  const caughtUp = async (log: Pick<EventStore, "end">, ...servers: SlicedServer[]): Promise<void> => {
    const end = await log.end();
    for (const server of servers)
      await until("it has all", () => {
        expect(server.warnings).toEqual([]);
        return server.lowest() === end;
      });
  };

  const step = fc.record({
    do: fc.constantFrom("join" as const, "leave" as const, "go" as const, "go" as const, "go" as const),
    who: fc.nat({ max: 9 }),
    by: fc.double({ min: 0.02, max: 0.3, noNaN: true }),
  });

  test("come out the same whoever comes and goes, and nobody passes anything by", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        program(20),
        fc.constantFrom(1, 2, 3, 8),
        fc.array(step, { minLength: 3, maxLength: 12 }),
        fc.integer({ min: 20, max: 200 }),
        async (what, slices, steps, pageEvents) => {
          const target = world();
          await play(what, target);
          const events = await target.events();
          const log = gatedLog(target.log);
          const { opened } = await place();
          const reader = opened();
          /** What one who follows by a cursor is given of all inboxes. */
          const followed = new Set<string>();
          let reading: Promise<void> = Promise.resolve();
          let cursor: Position = target.log.origin;
          const follow = (lowest: Position): void => {
            reading = reading.then(async () => {
              const { name = "" } = (await readGeneration(viewGenerations(reader), inboxes)) ?? {};
              for (const user of await reader.partitions(`${name}/entries`, "", 1_000))
                for (const { sort } of await reader.range(`${name}/entries`, user, {
                  after: cursor,
                  before: `${lowest}~`,
                  limit: 10_000,
                }))
                  followed.add(`${user} ${sort}`);
              if (lowest > cursor) cursor = lowest;
            });
          };
          let servers: SlicedServer[] = [];
          let names = 0;
          const join = async (): Promise<void> => {
            const store = opened();
            const first = servers.length === 0;
            servers.push(
              slicedServer({
                log,
                store,
                name: `s${++names}`,
                slices,
                pages: { pageEvents },
                ...(first ? { advanced: follow } : {}),
              }),
            );
          };
          await join();
          let at = 0;
          for (const { do: what, who, by } of steps) {
            if (what === "join" && servers.length < 4) await join();
            else if (what === "leave" && servers.length > 1) {
              // The first one stays: it is followed.
              const gone = servers[1 + (who % (servers.length - 1))] as SlicedServer;
              servers = servers.filter((server) => server !== gone);
              await gone.stop();
            } else {
              at = Math.min(1, at + by);
              log.allow(events[Math.floor(at * (events.length - 1))]?.position ?? log.origin);
            }
          }
          log.allow(await target.log.end());
          await caughtUp(log, ...servers);
          await reading;
          const found = await rowsOf(reader);
          same(found, await expectedOf(target.log), `${slices} slices`);
          const entries = found.flatMap((line) => {
            const [, user, sort] = /^inboxes\/entries (\S+) (\S+) /.exec(line) ?? [];
            return user === undefined ? [] : [`${user} ${sort}`];
          });
          same([...followed].sort(), entries.sort(), "followed by a cursor");
          for (const server of servers) {
            expect(server.warnings).toEqual([]);
            expect(server.told).toEqual([...server.told].sort());
          }
          await Promise.all(servers.map((server) => server.stop()));
        },
      ),
      {
        numRuns: Math.min(runs(3), 50),
        seed: seed("sliced"),
        interruptAfterTimeLimit: 120_000,
        markInterruptAsFailure: false,
      },
    );
  });

  const inboxes = viewProjections.find(({ name }) => name === "inboxes") as Projection;

  /** A few views, over a log that grows. */
  const small = async (slices: number, count = 1) => {
    const log = memoryLog();
    const projections = [counted("one"), counted("other")];
    const { opened, heldBy } = await place();
    await wrote(log, 40);
    const start = async (of = slices): Promise<SlicedServer> =>
      slicedServer({
        log,
        store: opened(),
        name: `s${crypto.randomUUID()}`,
        slices: of,
        projections,
        pages: { pageEvents: 3 },
      });
    const servers: SlicedServer[] = [];
    for (let index = 0; index < count; index++) servers.push(await start());
    await caughtUp(log, ...servers);
    return { log, projections, opened, heldBy, start, servers };
  };
  const countsOf = async (store: ViewStore, projection: Projection): Promise<number> =>
    (await rowsOf(store, [projection])).reduce(
      (sum, line) => sum + (JSON.parse(line.split(" ")[3] ?? "") as { count: number }).count,
      0,
    );

  test.each([
    [1, 4],
    [4, 2],
    [3, 1],
  ])(
    "are divided anew from %i slices into %i, beside what is read, while it grows",
    { timeout: 25_000 },
    async (before, after) => {
      const { log, projections, opened, start, servers } = await small(before, 2);
      for (const server of servers) await server.stop();
      const [one, two] = [await start(after), await start(after)];
      const store = opened();
      const generations = viewGenerations(store);
      let isDone = false;
      const growing = (async () => {
        while (!isDone) {
          const at = one.lowest();
          await wrote(log, 5);
          await until("it goes on", () => one.lowest() !== at);
        }
      })();
      await until("they are divided anew", async () => (await slicesRead(generations, projections)) === after, 20_000);
      isDone = true;
      await growing;
      await caughtUp(log, one, two);
      const total = (await log.readAll(log.origin, 100_000)).events.length;
      for (const projection of projections) {
        expect(await countsOf(store, projection)).toBe(total);
        const read = await readGeneration(generations, projection);
        expect(read).toMatchObject({ name: `${projection.name}@1#2` });
        await until("both read it", () => [one, two].every((server) => server.read()[projection.name] === read?.name));
        const { differences } = await comparing({ log, store, projection })(
          read?.name ?? "",
          () => {},
          new AbortController().signal,
        );
        expect(differences).toBe(0);
      }
      for (const server of [one, two]) expect(server.warnings).toEqual([]);
    },
  );

  test("are replayed one by one, and compared, while several fold them", { timeout: 25_000 }, async () => {
    const { log, projections, opened, servers } = await small(3, 2);
    const [one, two] = servers as [SlicedServer, SlicedServer];
    const store = opened();
    // As a fault leaves it.
    await store.commit([{ op: "put", table: "one@1#1/counts", partition: "g:c0", sort: "", value: { count: 70 } }]);
    const differing = await comparing({ log, store, projection: projections[0] as Projection })(
      "one@1#1",
      () => {},
      new AbortController().signal,
    );
    expect(differing.differences).toBe(1);
    await one.builder.replay("one");
    await until("it took its place", () => one.read()["one"] === "one@1#2" && two.read()["one"] === "one@1#2");
    expect(one.read()["other"]).toBe("other@1#1");
    await wrote(log, 20);
    await caughtUp(log, one, two);
    for (const projection of projections) {
      expect(await countsOf(store, projection)).toBe(60);
      const { name = "" } = (await readGeneration(viewGenerations(store), projection)) ?? {};
      expect(await comparing({ log, store, projection })(name, () => {}, new AbortController().signal)).toMatchObject({
        differences: 0,
      });
    }
    for (const server of servers) expect(server.warnings).toEqual([]);
  });

  test("go on if one who folds them shows nothing any more", { timeout: 60_000 }, async () => {
    const { log, opened, servers } = await small(4, 1);
    const [one] = servers as [SlicedServer];
    await one.stop();
    const dead = opened();
    await dead.leases.beat("dead", [], 4);
    for (let slice = 0; slice < 4; slice++) expect(await dead.leases.take("dead", slice)).toBeDefined();
    await wrote(log, 30);
    const next = slicedServer({
      log,
      store: opened(),
      name: "next",
      slices: 4,
      projections: [counted("one"), counted("other")],
    });
    await caughtUp(log, next);
    expect(await countsOf(dead, counted("one"))).toBe(70);
  });

  test(
    "are left to others by who alone cannot read the log, and folded there again when it can",
    { timeout: 25_000 },
    async () => {
      const { log, opened, projections, heldBy, servers } = await small(4, 1);
      const [other] = servers as [SlicedServer];
      const cable = onCable(log);
      const alone = slicedServer({ log: cable.log, store: opened(), name: "alone", slices: 4, projections });
      const isHeld = async (): Promise<boolean> => (await heldBy("alone")) > 0;
      await until("it folds some of them", isHeld);
      cable.pull();
      let more = 0;
      for (; await isHeld(); more++) await wrote(log, 1);
      await caughtUp(log, other);
      expect(alone.warnings).toEqual([expect.stringMatching(/cannot be read here/)]);
      cable.mend();
      await until("it folds some of them again", isHeld);
      await wrote(log, 5);
      await until("both have all", () => [alone, other].every((server) => server.lowest() === log.end()));
      expect(await countsOf(opened(), counted("one"))).toBe(40 + more + 5);
    },
  );
});
