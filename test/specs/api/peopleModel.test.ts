import fc from "fast-check";
import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";
import { test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import { generationOf } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { type ApiWorld, apiWorld, apiWorldOver, documentOf, type Json, schema } from "../../support/apiWorld.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { BEGUN_MS } from "../../support/people/days.ts";
import { passing } from "../../support/people/happenings.ts";
import { sameFor } from "../../support/people/observed.ts";
import { play, type Played } from "../../support/people/program.ts";
import type { Query } from "../../support/people/shown.ts";
import { type Program, programs } from "../../support/people/steps.ts";
import { linesOf, withPostgresViews } from "../../support/postgresViews.ts";
import { runs, seed } from "../../support/property.ts";
import { type RealPostgres, realPostgres } from "../../support/realPostgres.ts";
import { same } from "../../support/same.ts";
import { withoutStacks } from "../../support/withoutStacks.ts";

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

const operations = new Map<string, CompiledQuery>();
/** An operation, compiled once: each is asked very often. */
function operationOf(source: string): CompiledQuery {
  const known = operations.get(source);
  if (known) return known;
  const made = compileQuery(schema, documentOf(source), undefined, { disablingCapturingStackErrors: true });
  if (!isCompiledQuery(made)) throw new AggregateError(made.errors ?? [], "an operation does not compile");
  operations.set(source, made);
  return made;
}

const run = async (world: ApiWorld<ViewStore>, user: string, source: string, variables: Json) =>
  withoutStacks(async () => operationOf(source).query(undefined, world.context(user), variables));

const mutations = schema.getMutationType()?.getFields() ?? {};
const RESULTS: Readonly<Record<string, string>> = {
  createConversation: "conversation { id }",
  createInvite: "invite { code }",
  scheduleMessage: "scheduled { id text }",
};

const asking =
  (world: ApiWorld<ViewStore>): Played["ask"] =>
  async (user, name, input) => {
    const type = String(mutations[name]?.args[0]?.type);
    const source = `mutation ($input: ${type}) { ${name}(input: $input) { cursor ${RESULTS[name] ?? ""} } }`;
    const { data, errors } = await run(world, user, source, { input });
    const [error] = errors ?? [];
    if (!error) return { data: data?.[name] as Json };
    if (error.originalError instanceof Refusal) return { code: error.originalError.code };
    throw error;
  };

const querying =
  (world: ApiWorld<ViewStore>): Query =>
  async (user, source, variables = {}) => {
    const { data, errors } = await run(world, user, source, variables);
    const [error] = errors ?? [];
    if (error) throw error;
    return JSON.parse(JSON.stringify(data)) as Json;
  };

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
