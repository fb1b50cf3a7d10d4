import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { type PostgresViewStore, postgresViewStore } from "../../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import type { EventStore, Position, RecordedEvent } from "../../../src/ports/eventStore.ts";
import { readGeneration, viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import { generationOf, type Projection } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { sliceProgress } from "../../../src/projecting/sliceProgress.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { linesOf } from "../../support/postgresViews.ts";
import { play, program } from "../../support/programs.ts";
import { realPostgres } from "../../support/realPostgres.ts";
import { same } from "../../support/same.ts";
import type { SharingOrder, SharingPlan, SharingWord } from "../../support/sharingProcess.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { world } from "../../support/world.ts";

/* Processes that share the slices of views, and one of them is killed in the middle of it, without a word. */

const SLICES = 8;
/** As the machine has much else to do: three processes start, and a lease is over after three seconds. */
const PATIENCE_MS = 60_000;
const module = fileURLToPath(new URL("../../../dist/modules/test/support/sharingProcess.js", import.meta.url));
const real = realPostgres("views that several processes fold");

describe.skipIf(!real)("views that several processes fold", { timeout: 180_000 }, () => {
  const url = real?.url ?? "";
  const ending: (() => Promise<unknown>)[] = [];
  let dataDir = "";
  let schema = "";
  let log: Open<EventStore>;
  let store: PostgresViewStore;
  /** The places of all events. */
  let places: readonly Position[];

  /** What people did, the same in each run: several hundred events of all kinds. */
  const history = async (): Promise<readonly RecordedEvent[]> => {
    const target = world();
    for (const what of fc.sample(program(60), { seed: 17, numRuns: 8 })) await play(what, target);
    return target.events();
  };
  const appended = async (events: readonly RecordedEvent[]): Promise<void> => {
    for (const { stream, id, type, data, metadata } of events) await log.append(stream, [{ id, type, data, metadata }], "any");
    places = (await log.readAll(log.origin, 100_000)).events.map(({ position }) => position);
  };
  const placeAt = (part: number): Position => places[Math.floor(part * (places.length - 1))] as Position;

  beforeEach(async () => {
    const { path, remove } = await tempDir();
    ending.push(remove);
    [dataDir, schema] = [path, real?.newSchema() ?? ""];
    log = await sqliteEventStore(dataDir, {});
    ending.push(async () => log.close());
    store = await postgresViewStore(url, { schema, shared: true });
    ending.push(() => store.close());
  });
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });

  const asOperator = async (text: string): Promise<object[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<object>(text)).rows;
    } finally {
      await client.end();
    }
  };

  const started = (name: string) => {
    const plan: SharingPlan = { dataDir, url, schema, name, slices: SLICES, pageEvents: 5 };
    const child: ChildProcess = fork(module, [JSON.stringify(plan)]);
    const words: SharingWord[] = [];
    child.on("message", (word) => words.push(word as SharingWord));
    const exited = once(child, "exit");
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await exited;
    };
    ending.push(kill);
    const of = async (): Promise<number[]> =>
      (await asOperator(`SELECT slice FROM "${schema}".leases WHERE holder = '${name}' AND slice >= 0`)).map(
        (row) => (row as { slice: number }).slice,
      );
    return { name, words, of, kill, order: (order: SharingOrder) => void child.send(order) };
  };
  type Process = ReturnType<typeof started>;

  const names = (): Promise<string[]> =>
    Promise.all(
      viewProjections.map(
        async (projection) => (await readGeneration(viewGenerations(store), projection))?.name ?? generationOf(projection),
      ),
    );
  const at = async (): Promise<readonly (Position | undefined)[]> => (await sliceProgress(store, await names(), SLICES)).slices;
  const allAt = (place: Position): Promise<unknown> =>
    until("all slices are there", async () => (await at()).every((each) => each === place), PATIENCE_MS);
  const sharedBy = (...all: readonly Process[]): Promise<unknown> =>
    until(
      "all of them have slices",
      async () => {
        const held = await Promise.all(all.map(({ of }) => of()));
        return held.flat().length === SLICES && held.every(({ length }) => length >= Math.floor(SLICES / all.length));
      },
      PATIENCE_MS,
    );
  const isRead = (): Promise<boolean> =>
    Promise.all(viewProjections.map((projection) => readGeneration(viewGenerations(store), projection))).then((all) =>
      all.every((each) => each !== undefined),
    );

  const rows = async (generations: readonly string[], from: (generation: string) => Promise<string[]>): Promise<string[]> =>
    (await Promise.all(generations.map(from)))
      .flat()
      .map((line) => line.replace(/@\d+#\d+/, ""))
      .sort();
  /** What one runner makes of the whole log. */
  const expected = async (): Promise<string[]> => {
    const alone = memoryViews();
    await createRunner({ log, store: alone, projections: viewProjections }).catchUp();
    return rows(
      viewProjections.map((projection: Projection) => generationOf(projection)),
      async (generation) => alone.dump().filter((line) => line.startsWith(`${generation}/`)),
    );
  };
  const found = async (): Promise<string[]> => rows(await names(), (generation) => linesOf(store, generation));
  const warningsOf = (...all: readonly Process[]): SharingWord[] =>
    all.flatMap(({ words }) => words.filter((word) => "warning" in word));

  test("for the first time are what one makes of them, although one is killed within, twice", async () => {
    await appended(await history());
    expect(places.length).toBeGreaterThan(200);
    let all = [started("one"), started("two"), started("three")];
    for (const each of all) each.order({ fold: placeAt(0.2) });
    await sharedBy(...all);
    await allAt(placeAt(0.2));
    for (const [round, part] of [0.5, 0.8].entries()) {
      const victim = all[round] as Process;
      const own = await victim.of();
      const before = await at();
      for (const each of all) each.order({ fold: placeAt(part) });
      await until("it is at work", async () => {
        const now = await at();
        return own.some((slice) => now[slice] !== before[slice]);
      });
      await victim.kill();
      all = [...all.filter((each) => each !== victim), started(`next ${round}`)];
      all[all.length - 1]?.order({ fold: placeAt(part) });
      await sharedBy(...all);
      await allAt(placeAt(part));
      expect(await isRead()).toBe(false);
    }
    for (const each of all) each.order({ fold: placeAt(1) });
    await until("they are read", isRead, PATIENCE_MS);
    await allAt(placeAt(1));
    same(await found(), await expected(), "rows");
    expect(warningsOf(...all)).toEqual([]);
  });

  test("are replayed although who builds is killed within: another one goes on with it, whoever has the first slice", async () => {
    const events = await history();
    await appended(events.slice(0, -50));
    const all = [started("one"), started("two"), started("three")];
    for (const each of all) each.order({ fold: placeAt(1) });
    await sharedBy(...all);
    await until("they are read", isRead, PATIENCE_MS);
    await allAt(placeAt(1));
    const first = await Promise.all(all.map(async (each) => (await each.of()).includes(0)));
    const builder = all[first.indexOf(false)] as Process;
    const others = all.filter((each) => each !== builder);
    const timelines = viewProjections.find(({ name }) => name === "timelines") as Projection;
    const second = generationOf(timelines, 2);
    builder.order({ build: placeAt(0.4) });
    builder.order({ replay: "timelines" });
    const built = async (): Promise<Position | undefined> => (await sliceProgress(store, [second], SLICES)).lowest;
    await until("it is half built", async () => (await built()) === placeAt(0.4), PATIENCE_MS);
    await builder.kill();
    await appended(events.slice(-50));
    for (const each of others) {
      each.order({ fold: placeAt(1) });
      each.order({ build: placeAt(1) });
    }
    await until(
      "the new one is read",
      async () => (await readGeneration(viewGenerations(store), timelines))?.name === second,
      PATIENCE_MS,
    );
    await allAt(placeAt(1));
    same(await found(), await expected(), "rows");
    expect(warningsOf(...others)).toEqual([]);
  });
});
