import { describe, expect, test } from "vitest";
import { CheckpointMoved, Unavailable } from "../../../src/ports/faults.ts";
import {
  activateTogether,
  begunGeneration,
  markLeft,
  readGeneration,
  unmarkLeft,
  viewGenerations,
} from "../../../src/projecting/generations/viewGenerations.ts";
import { indexStates, statesOf } from "../../../src/projecting/generations/listing.ts";
import { nextGeneration } from "../../../src/projecting/generations/store.ts";
import type { Projection } from "../../../src/projecting/projection.ts";
import { memoryViews } from "../../support/memoryViews.ts";

const at = (place: number): string => `memory00.${String(place).padStart(11, "0")}`;
const one = (version = 1, goesOnFrom?: number[]): Projection => ({
  name: "one",
  version,
  ...(goesOnFrom ? { goesOnFrom } : {}),
  reads: [],
  handlers: {},
});

/** A store with generations that stand where it is said. */
async function storeOf(checkpoints: Record<string, number>) {
  const store = memoryViews();
  const generations = viewGenerations(store);
  for (const [name, place] of Object.entries(checkpoints))
    await generations
      .open(name, false)
      .commit(
        [{ op: "put", table: `${name}/rows`, partition: "p", sort: "s", value: name }],
        [{ of: [name], from: null, to: at(place) }],
      );
  return { store, generations };
}

describe("the generations of a view", () => {
  test("are listed from their first commit on, with where they stand and which is read", async () => {
    const { generations } = await storeOf({ "one@1#1": 3, "one@1#2": 5, "one@2#1": 1, "two@1#1": 1 });
    await generations.activate("one@1#1");
    const found = await generations.list("one@1");
    expect(found.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "one@1#1", checkpoint: at(3), active: true },
      { name: "one@1#2", checkpoint: at(5), active: false },
    ]);
    expect(nextGeneration(one(), found)).toBe("one@1#3");
    expect(await generations.list("three@1")).toEqual([]);
    expect(nextGeneration(one(3), [])).toBe("one@3#1");
  });

  test("of an earlier Tidings, which listed none: the first is the one that is read", async () => {
    const store = memoryViews();
    const generations = viewGenerations(store);
    await store.commit([], [{ of: ["one@1#1"], from: null, to: at(7) }]);
    expect(await readGeneration(generations, one())).toEqual({ name: "one@1#1", checkpoint: at(7), active: true });
    expect(await begunGeneration(generations, one())).toBeUndefined();
    // It is replaced like any other.
    await generations.open("one@1#2", false).commit([], [{ of: ["one@1#2"], from: null, to: at(7) }]);
    expect(await begunGeneration(generations, one())).toMatchObject({ name: "one@1#2" });
    await generations.activate("one@1#2");
    expect(await readGeneration(generations, one())).toMatchObject({ name: "one@1#2" });
    await generations.drop("one@1#1");
    expect((await generations.list("one@1")).map(({ name }) => name)).toEqual(["one@1#2"]);
  });

  test("are dropped with all their rows; what is begun under the name again is not read by that", async () => {
    const { store, generations } = await storeOf({ "one@1#1": 3, "one@1#2": 5 });
    await generations.activate("one@1#1");
    await generations.drop("one@1#2");
    await generations.drop("one@1#2");
    expect(store.dump().filter((line) => line.includes("#2"))).toEqual([]);
    await generations.open("one@1#2", false).commit([], [{ of: ["one@1#2"], from: null, to: at(1) }]);
    expect(await readGeneration(generations, one())).toMatchObject({ name: "one@1#1" });
  });

  test("whose drop is interrupted are still listed, and neither read nor built further", async () => {
    const { store, generations } = await storeOf({ "one@1#1": 3, "one@1#2": 5 });
    await generations.activate("one@1#1");
    for (const name of ["one@1#2", "one@1#1"]) {
      store.failCommits(undefined, "nothing");
      await expect(generations.drop(name)).rejects.toBeInstanceOf(Unavailable);
    }
    const found = await generations.list("one@1");
    expect(found).toEqual([
      { name: "one@1#1", checkpoint: null, active: false, isDropped: true },
      { name: "one@1#2", checkpoint: null, active: false, isDropped: true },
    ]);
    expect(await readGeneration(generations, one())).toBeUndefined();
    expect(await begunGeneration(generations, one())).toBeUndefined();
    expect(nextGeneration(one(), found)).toBe("one@1#3");
    expect(statesOf(found, "one@1", one(), undefined).map(({ state }) => state)).toEqual(["LEFT", "LEFT"]);
    expect(await generations.left?.("one@1")).toEqual(["one@1#1", "one@1#2"]);
    for (const name of ["one@1#1", "one@1#2"]) await generations.drop(name);
    expect([await generations.list("one@1"), await generations.left?.("one@1")]).toEqual([[], []]);
  });

  test("below the one that is read are not what a killed process left: they are dropped in their time", async () => {
    const { store, generations } = await storeOf({ "one@1#1": 3, "one@1#2": 5 });
    await generations.activate("one@1#2");
    store.failCommits(undefined, "nothing");
    await expect(generations.drop("one@1#1")).rejects.toBeInstanceOf(Unavailable);
    expect(await generations.left?.("one@1")).toEqual([]);
  });
});

describe("the generations of a search index", () => {
  const first = { name: "one@1#1", checkpoint: at(3), active: true };
  const second = { name: "one@1#2", checkpoint: at(1), active: false };
  const sizes = (found: (typeof first)[], bytes?: number) =>
    indexStates(found, one(), "one@1#1", bytes).map((state) => [state.name, state.state, state.bytes]);

  test("have the size of the index where there is one alone, and are told none that nobody knows", () => {
    expect(sizes([first], 7)).toEqual([["one@1#1", "READ", 7]]);
    expect(sizes([first])).toEqual([["one@1#1", "READ", undefined]]);
    expect(sizes([first, second], 7)).toEqual([
      ["one@1#1", "READ", undefined],
      ["one@1#2", "BUILDING", undefined],
    ]);
  });
});

describe("which generation is read", () => {
  test("the active one of the version, else of the newest one that it goes on from, else none", async () => {
    const { generations } = await storeOf({ "one@1#1": 3, "one@2#1": 3, "one@3#4": 3, "one@4#1": 3 });
    for (const name of ["one@1#1", "one@2#1"]) await generations.activate(name);
    const read = async (projection: Projection) => (await readGeneration(generations, projection))?.name;
    expect(await read(one(2))).toBe("one@2#1");
    expect(await read(one(3))).toBeUndefined();
    expect(await read(one(3, [1]))).toBe("one@1#1");
    expect(await read(one(3, [1, 2]))).toBe("one@2#1");
    expect(await read(one(4, [3]))).toBeUndefined();
    await generations.activate("one@3#4");
    expect(await read(one(3, [1, 2]))).toBe("one@3#4");
  });

  test("what is half built is the newest above it", async () => {
    const { generations } = await storeOf({ "one@1#1": 3, "one@1#2": 3, "one@1#3": 1, "one@1#4": 3 });
    await generations.activate("one@1#2");
    expect(await begunGeneration(generations, one())).toMatchObject({ name: "one@1#4" });
    await generations.activate("one@1#4");
    expect(await begunGeneration(generations, one())).toBeUndefined();
  });
});

describe("a swap", () => {
  test("is refused to one that is behind, and to one that holds nothing", async () => {
    const { generations } = await storeOf({ "one@1#1": 3, "one@1#2": 2 });
    await generations.activate("one@1#1");
    await expect(generations.activate("one@1#2")).rejects.toThrow(new CheckpointMoved("one@1#2 is behind one@1#1"));
    await expect(generations.activate("one@1#9")).rejects.toBeInstanceOf(CheckpointMoved);
    expect(await readGeneration(generations, one())).toMatchObject({ name: "one@1#1" });
  });

  test.each(["one@1#1", "one@1#2"])("is refused where %s moves meanwhile", async (moved) => {
    const { store } = await storeOf({ "one@1#1": 3, "one@1#2": 3 });
    await viewGenerations(store).activate("one@1#1");
    const moving = {
      ...store,
      commit: async (...of: Parameters<typeof store.commit>) => {
        await store.commit([], [{ of: [moved], from: at(3), to: at(4) }]);
        await store.commit(...of);
      },
    };
    await expect(activateTogether(moving, ["one@1#2"])).rejects.toBeInstanceOf(CheckpointMoved);
    expect(await readGeneration(viewGenerations(store), one())).toMatchObject({ name: "one@1#1" });
  });

  test("of several is one step: of all or of none", async () => {
    const { store, generations } = await storeOf({ "one@1#1": 3, "two@1#1": 3 });
    await expect(activateTogether(store, ["one@1#1", "three@1#1"])).rejects.toBeInstanceOf(CheckpointMoved);
    store.failCommits("nothing");
    await expect(activateTogether(store, ["one@1#1", "two@1#1"])).rejects.toBeInstanceOf(Unavailable);
    const active = async () =>
      (await Promise.all(["one@1", "two@1"].map(generations.list)))
        .flat()
        .filter((each) => each.active)
        .map(({ name }) => name);
    expect(await active()).toEqual([]);
    store.failCommits("unknown, stored");
    await expect(activateTogether(store, ["one@1#1", "two@1#1"])).rejects.toBeInstanceOf(Unavailable);
    await activateTogether(store, ["one@1#1", "two@1#1"]);
    expect(await active()).toEqual(["one@1#1", "two@1#1"]);
  });

  test("ends the runner of the one that was replaced", async () => {
    const { generations } = await storeOf({ "one@1#1": 3, "one@1#2": 3 });
    await generations.activate("one@1#1");
    const rows = generations.open("one@1#1", true);
    expect(await rows.checkpoint("one@1#1")).toMatchObject({ position: at(3) });
    await generations.activate("one@1#2");
    await expect(rows.checkpoint("one@1#1")).rejects.toBeInstanceOf(CheckpointMoved);
    expect(await generations.open("one@1#1", false).checkpoint("one@1#1")).toMatchObject({ position: at(3) });
  });
});

test("since when nobody reads a generation is noted once, and taken back where somebody reads it again", async () => {
  const { store, generations } = await storeOf({ "one@1#1": 3 });
  const [first, later] = [new Date(1_000), new Date(2_000)];
  expect(await markLeft(store, "one@1#1", first)).toEqual(first);
  expect(await markLeft(store, "one@1#1", later)).toEqual(first);
  await unmarkLeft(store, "one@1#1");
  await unmarkLeft(store, "one@1#1");
  expect(await markLeft(store, "one@1#1", later)).toEqual(later);
  // It is still one that was begun by a version that lists them.
  expect(await readGeneration(generations, one())).toBeUndefined();
});
