import fc from "fast-check";
import { expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { routingKey } from "../../../src/domain/recorded.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { createRunner, type Runner, type RunnerOptions } from "../../../src/projecting/runner.ts";
import { generationOf } from "../../../src/projecting/projection.ts";
import { checkpointNames, sliceOf } from "../../../src/projecting/slices.ts";
import { type GatedLog, gatedLog } from "../../support/gatedLog.ts";
import { gate } from "../../support/gate.ts";
import type { MemoryLog } from "../../support/memoryLog.ts";
import { type CommitFault, type MemoryViews, memoryViews } from "../../support/memoryViews.ts";
import { play, program } from "../../support/programs.ts";
import { runs, seed } from "../../support/property.ts";
import { same } from "../../support/same.ts";
import { world } from "../../support/world.ts";

/** Into so many slices the work is divided at most. */
const SLICES = 8;

type Pages = { pageEvents: number; pageRows: number };
const pages: fc.Arbitrary<Pages> = fc.record({
  pageEvents: fc.integer({ min: 1, max: 30 }),
  pageRows: fc.integer({ min: 1, max: 60 }),
});
/** Which of several goes on, and how far: a part of the log. */
const turns = fc.array(fc.record({ of: fc.nat({ max: SLICES - 1 }), by: fc.double({ min: 0, max: 0.4, noNaN: true }) }), {
  maxLength: 30,
});

type Folding = { log: MemoryLog; positions: string[] };
type Folded = { store: MemoryViews; runners: Runner[] };

const runnerOf = (log: RunnerOptions["log"], store: MemoryViews, more: Partial<RunnerOptions>): Runner =>
  createRunner({ log, store, projections: viewProjections, ...more });

/** The rows of all views, and whether anything was parked. */
function rowsOf({ store, runners }: Folded): string[] {
  for (const runner of runners) expect(Object.values(runner.state().parked).every((count) => count === 0)).toBe(true);
  return store.dump((table) => table === "checkpoints");
}

async function inOneGo({ log }: Folding, of: Partial<Pages> = {}): Promise<Folded> {
  const store = memoryViews();
  const runner = runnerOf(log, store, of);
  await runner.catchUp();
  return { store, runners: [runner] };
}

type Turns = { of: number; by: number }[];

/** How far each of several has come, turn by turn. */
function* places({ positions }: Folding, count: number, all: Turns): Generator<{ index: number; position: string }> {
  const at = new Array<number>(count).fill(0);
  for (const { of, by } of all) {
    const index = of % count;
    at[index] = Math.min(1, (at[index] ?? 0) + by);
    yield { index, position: positions[Math.round((at[index] ?? 0) * (positions.length - 1))] as string };
  }
}

/** Every slice by a runner of its own, which forgets everything between its turns. */
async function bySlices(folding: Folding, count: number, of: Pages[], all: Turns): Promise<Folded> {
  const store = memoryViews();
  const logs = Array.from({ length: count }, () => gatedLog(folding.log));
  const runners = logs.map((log, index) => runnerOf(log, store, { slice: { index, of: count }, ...of[index] }));
  for (const { index, position } of places(folding, count, all)) {
    logs[index]?.allow(position);
    await runners[index]?.catchUp();
  }
  for (const log of logs) log.allow(await folding.log.end());
  await Promise.all(runners.map((runner) => runner.catchUp()));
  return { store, runners };
}

/** All slices by one runner, stopped in its middle. Their checkpoints stand together. */
async function atOnce({ log, positions }: Folding, count: number, of: Partial<Pages> = {}): Promise<Folded> {
  const store = memoryViews();
  const slice = { of: count };
  const half = positions[Math.floor(positions.length / 2)] as string;
  await runnerOf(log, store, { ...of, slice, until: half }).catchUp();
  const runner = runnerOf(log, store, { ...of, slice });
  await runner.catchUp();
  const names = viewProjections.flatMap((projection) => checkpointNames(generationOf(projection), slice));
  const found = await store.checkpoints(names);
  expect(new Set(found.map((each) => each?.position))).toEqual(new Set([await log.end()]));
  return { store, runners: [runner] };
}

/** Runners that go on as the log does, and remember what they read and wrote: one, or one for each slice. */
async function following(folding: Folding, count: number, of: Pages[], all: Turns): Promise<Folded> {
  const store = memoryViews({ atOnce: true });
  const stop = new AbortController();
  const lines = Array.from({ length: count }, (_, index) =>
    follower(folding.log, store, { index, of: count }, of[index], stop.signal),
  );
  for (const { index, position } of places(folding, count, all)) await lines[index]?.goTo(position);
  const end = await folding.log.end();
  await Promise.all(lines.map((line) => line.goTo(end)));
  stop.abort();
  await Promise.all(lines.map(({ running }) => running));
  return { store, runners: lines.map(({ runner }) => runner) };
}

function follower(
  log: MemoryLog,
  store: MemoryViews,
  slice: RunnerOptions["slice"],
  of: Partial<Pages> = {},
  signal: AbortSignal,
) {
  const gated: GatedLog = gatedLog(log);
  let moved = gate();
  const committed = () => {
    moved.open();
    moved = gate();
  };
  const runner = runnerOf(gated, store, { ...(slice && { slice }), committed, ...of });
  const running = runner.run(signal);
  const goTo = async (position: string) => {
    gated.allow(position);
    while (runner.state().checkpoint < position) await Promise.race([moved.passed, running]);
  };
  return { runner, running, goTo };
}

/** A new runner again and again, each stopped after some of its commits. */
async function restarted({ log }: Folding, lives: (Pages & { commits: number })[]): Promise<Folded> {
  const store = memoryViews();
  for (const { commits, ...of } of lives) {
    const stop = new AbortController();
    let left = commits;
    const committed = () => {
      if (left-- === 0) stop.abort();
    };
    await runnerOf(log, store, { ...of, committed }).catchUp(stop.signal);
  }
  const last = runnerOf(log, store, {});
  await last.catchUp();
  return { store, runners: [last] };
}

/** Commits that fail before or after they were done; the same runner goes on, or a new one. */
async function failing({ log }: Folding, faults: (CommitFault | undefined)[], of: Pages, renewed: boolean): Promise<Folded> {
  const store = memoryViews();
  store.failCommits(...faults);
  const told: string[] = [];
  const committed = (position: string) => void told.push(position);
  let runner = runnerOf(log, store, { ...of, committed });
  for (;;) {
    try {
      await runner.catchUp();
      expect(told).toEqual([...told].sort());
      return { store, runners: [runner] };
    } catch (error) {
      expect(error).toBeInstanceOf(Unavailable);
      if (renewed) runner = runnerOf(log, store, { ...of, committed });
    }
  }
}

const fault = fc.constantFrom<(CommitFault | undefined)[]>(undefined, undefined, "nothing", "unknown, stored", "unknown, lost");

test("the same rows come of every way to divide, cut, interrupt and disturb the work", { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      program(),
      fc.array(pages, { minLength: SLICES, maxLength: SLICES }),
      turns,
      fc.constantFrom(1, 2, 3, 5, 8),
      fc.array(fc.tuple(pages, fc.nat({ max: 6 })), { maxLength: 8 }),
      fc.array(fault, { maxLength: 25 }),
      fc.boolean(),
      async (what, of, all, count, lives, faults, renewed) => {
        const target = world();
        await play(what, target);
        const events = await target.events();
        const folding = { log: target.log, positions: [target.log.origin, ...events.map(({ position }) => position)] };
        const expected = rowsOf(await inOneGo(folding));
        expect(expected.length).toBeGreaterThan(0);
        const ways: Record<string, () => Promise<Folded>> = {
          "as it came": async () => ({ store: target.store, runners: [target.runner()] }),
          "other pages": () => inOneGo(folding, of[0]),
          "by slices": () => bySlices(folding, count, of, all),
          "all slices at once": () => atOnce(folding, count, of[0]),
          "by slices that follow": () => following(folding, count, of, all),
          "by one that follows": () => following(folding, 1, of, all),
          restarted: () =>
            restarted(
              folding,
              lives.map(([life, commits]) => ({ ...life, commits })),
            ),
          "with failing commits": () => failing(folding, faults, of[1] as Pages, renewed),
        };
        for (const [name, fold] of Object.entries(ways)) same(rowsOf(await fold()), expected, name);
      },
    ),
    { numRuns: runs(), seed: seed("slices") },
  );
});

test("the keys of a world's events fall into all slices", async () => {
  const keys = Array.from({ length: 1_000 }, (_, index) => routingKey(`conversation-g:${index}`));
  const counts = new Array<number>(SLICES).fill(0);
  for (const key of keys) counts[sliceOf(key, SLICES)] = (counts[sliceOf(key, SLICES)] ?? 0) + 1;
  expect(Math.min(...counts)).toBeGreaterThan(100);
  expect(sliceOf("anything", 1)).toBe(0);
});
