import fc from "fast-check";
import { test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import { generationOf } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { type ApiWorld, apiWorld, apiWorldOver } from "../../support/apiWorld.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { asking, querying } from "../../support/people/asking.ts";
import { BEGUN_MS } from "../../support/people/days.ts";
import { passing } from "../../support/people/happenings.ts";
import { sameFor } from "../../support/people/observed.ts";
import { play } from "../../support/people/program.ts";
import { type Program, programs } from "../../support/people/steps.ts";
import { linesOf, withPostgresViews } from "../../support/postgresViews.ts";
import { runs, seed } from "../../support/property.ts";
import { type RealPostgres, realPostgres } from "../../support/realPostgres.ts";
import { same } from "../../support/same.ts";

const RUNS = 1_000;
const COMMANDS = 200;
/** So many on PostgreSQL, where each takes longer. `PROPERTY_RUNS` for more. */
const FEW = 3;

/** Plays a program in a world, and holds what everybody is answered and shown against plain sets and lists. */
async function sameAsModel<Store extends ViewStore>(
  program: Program,
  world: ApiWorld<Store>,
  sameReplayed: (world: ApiWorld<Store>) => Promise<void>,
): Promise<void> {
  try {
    await world.register(...Array.from({ length: program.users }, (_, index) => `u${index}`));
    const { model, history } = await play(program, {
      ask: asking(world),
      setFanoutLimit: world.fanout,
      pass: passing(world),
    });
    await world.caughtUp();
    try {
      for (const user of model.users) await sameFor(model, querying(world), user);
      await sameReplayed(world);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${history.join("\n")}`, { cause: error });
    }
  } finally {
    await world.close();
  }
}

test("random people are answered and shown what plain sets and lists say", { timeout: 1_800_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(programs(COMMANDS), async (program) =>
      sameAsModel(program, await apiWorld({ time: BEGUN_MS, ...program.settings }), sameReplayed),
    ),
    { numRuns: runs(RUNS), seed: seed("people") },
  );
});

const real = realPostgres("what people are answered and shown");

test.skipIf(!real)("the same with the rows on PostgreSQL", { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(programs(COMMANDS), async (program) =>
      withPostgresViews(real as RealPostgres, async (store) =>
        sameAsModel(program, await apiWorldOver(store, { time: BEGUN_MS, ...program.settings }), sameGenerations),
      ),
    ),
    { numRuns: runs(FEW), seed: seed("people on PostgreSQL") },
  );
});

/** The views, made anew from the log, are the same byte for byte. */
async function sameReplayed({ log, memory }: ApiWorld): Promise<void> {
  const store = memoryViews();
  await createRunner({ log, store, projections: viewProjections, committed: () => undefined, pageEvents: 64 }).catchUp();
  same(store.dump(), memory.dump(), "the rows when replayed");
}

/** The same, generation by generation: a server's store has rows of its own beside them. */
async function sameGenerations({ log, memory }: ApiWorld<ViewStore>): Promise<void> {
  const store = memoryViews();
  await createRunner({ log, store, projections: viewProjections, committed: () => undefined, pageEvents: 64 }).catchUp();
  for (const projection of viewProjections) {
    const generation = generationOf(projection);
    same((await linesOf(store, generation)).sort(), (await linesOf(memory, generation)).sort(), "the rows when replayed");
  }
}
