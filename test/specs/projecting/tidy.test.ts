import { expect, test } from "vitest";
import { tidyGenerations } from "../../../src/projecting/generations/tidy.ts";
import { viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import type { Projection } from "../../../src/projecting/projection.ts";
import { memoryViews } from "../../support/memoryViews.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const projection = (name: string, version: number): Projection => ({ name, version, reads: [], handlers: {} });

async function generationsOf(...names: string[]) {
  const store = memoryViews();
  const generations = viewGenerations(store);
  for (const name of names)
    await generations
      .open(name, false)
      .commit(
        [{ op: "put", table: `${name}/rows`, partition: "p", sort: "s", value: name }],
        [{ of: [name], from: null, to: "memory00.00000000001" }],
      );
  let now = Date.UTC(2026, 0, 1);
  return {
    store,
    generations,
    pass: (ms: number) => void (now += ms),
    left: () => [...new Set(store.dump().flatMap((line) => /^(\S+)\/rows /.exec(line)?.[1] ?? []))],
    tidy: (...projections: Projection[]) =>
      tidyGenerations({ store, generations, projections, replacedMs: MINUTE, olderMs: DAY, now: () => new Date(now) }),
  };
}

test("a replaced generation goes after its time, one of an earlier version after a longer one, and others stay", async () => {
  const { generations, pass, left, tidy } = await generationsOf("one@1#1", "one@2#1", "one@2#2", "one@2#3", "one@3#1", "two@1#1");
  for (const active of ["one@1#1", "one@2#2", "two@1#1"]) await generations.activate(active);
  const [one, two] = [projection("one", 2), projection("two", 1)];
  expect(await tidy(one, two)).toEqual([]);
  pass(MINUTE - 1);
  expect(await tidy(one, two)).toEqual([]);
  pass(1);
  expect(await tidy(one, two)).toEqual(["one@2#1"]);
  pass(DAY - MINUTE);
  expect(await tidy(one, two)).toEqual(["one@1#1"]);
  // What is being built, what is read, and what a later version made.
  expect(left()).toEqual(["one@2#2", "one@2#3", "one@3#1", "two@1#1"]);
  pass(DAY);
  expect(await tidy(one, two)).toEqual([]);
});

test("nothing of an earlier version goes before the newer version is read", async () => {
  const { generations, pass, left, tidy } = await generationsOf("one@1#1", "one@2#1");
  await generations.activate("one@1#1");
  for (let day = 0; day < 3; day++) {
    expect(await tidy(projection("one", 2))).toEqual([]);
    pass(DAY);
  }
  expect(left()).toEqual(["one@1#1", "one@2#1"]);
});

test("what a killed comparison or repair left of a generation goes with it", async () => {
  const { store, generations, pass, left, tidy } = await generationsOf("one@1#1", "one@1#2");
  await generations.activate("one@1#2");
  for (const rest of ["one@1#1~compared", "one@1#1~anew", "one@1#1~as-it-is"])
    await store.commit([{ op: "put", table: `${rest}/rows`, partition: "p", sort: "s", value: 1 }]);
  await tidy(projection("one", 1));
  pass(MINUTE);
  expect(await tidy(projection("one", 1))).toEqual(["one@1#1"]);
  expect(left()).toEqual(["one@1#2"]);
});
