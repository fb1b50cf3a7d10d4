import { describe, expect, test } from "vitest";
import { Unavailable } from "../../../src/ports/faults.ts";
import type { Write } from "../../../src/ports/viewStore.ts";
import type { FoldedStore } from "../../../src/projecting/projection.ts";
import { writeBehind } from "../../../src/projecting/writeBehind.ts";
import { gate } from "../../support/gate.ts";
import { memoryViews } from "../../support/memoryViews.ts";

const row = (sort: string): Write => ({ op: "put", table: "t@1#1/rows", partition: "p", sort, value: { sort } });
const read = (store: FoldedStore, sort: string) => store.get("t@1#1/rows", "p", sort);
const checkpoint = async (store: FoldedStore) => (await store.checkpoint("t@1#1"))?.position;
const move = (from: string | null, to: string) => [{ of: ["t@1#1"], from, to }];

/** A store behind, whose commits begin to be stored when they are let. */
function held(during: (write: Write | undefined) => Promise<void>) {
  const views = memoryViews();
  const begun: string[] = [];
  const store = writeBehind({
    ...views,
    commit: async (writes, moves) => {
      begun.push(writes.map(({ sort }) => sort).join());
      await during(writes[0]);
      await views.commit(writes, moves);
    },
  });
  return { views, begun, store };
}

describe("a store that is written behind", () => {
  test("takes one commit more while one is under way, and begins it once that one is stored", async () => {
    const { passed, open } = gate();
    const { begun, store, views } = held(() => passed);
    await store.commit([row("a")], move(null, "1"));
    expect(begun).toEqual(["a"]);
    expect(await read(views, "a")).toBeUndefined();
    const second = store.commit([row("b")], move("1", "2"));
    await new Promise(setImmediate);
    expect(begun).toEqual(["a"]);
    open();
    await second;
    expect(begun).toEqual(["a", "b"]);
    expect(await store.settled()).toBe(true);
    expect(await checkpoint(views)).toBe("2");
  });

  test("reads what was committed, once it is stored", async () => {
    const { passed, open } = gate();
    const { store } = held(() => passed);
    await store.commit([row("a")], move(null, "1"));
    const reads = [read(store, "a"), checkpoint(store), store.range("t@1#1/rows", "p", { limit: 2 })];
    const many = store.getMany([{ table: "t@1#1/rows", partition: "p", sort: "a" }]);
    open();
    expect(await Promise.all(reads)).toEqual([{ sort: "a" }, "1", [{ sort: "a", value: { sort: "a" } }]]);
    expect(await many).toEqual([{ sort: "a" }]);
  });

  const broken = new RangeError("it broke");
  const breaking = () =>
    held(async (write) => {
      if (write?.sort === "bad") throw broken;
    });

  test.each([
    ["the next commit", (store: FoldedStore) => store.commit([row("b")], move(null, "2"))],
    ["the next look at the checkpoint", async (store: FoldedStore) => checkpoint(store)],
  ])("tells %s that the last one failed, once, and does nothing of it", async (_, ask) => {
    const { store, begun } = breaking();
    await store.commit([row("bad")], move(null, "1"));
    expect(await store.settled()).toBe(false);
    await expect(ask(store)).rejects.toBe(broken);
    expect(begun).toEqual(["bad"]);
    expect(await checkpoint(store)).toBeUndefined();
    expect(await store.settled()).toBe(true);
    await store.commit([row("b")], move(null, "2"));
    expect(await read(store, "b")).toEqual({ sort: "b" });
  });

  test("reads no rows where the last commit failed, until that was told", async () => {
    const { store } = breaking();
    await store.commit([row("bad")], move(null, "1"));
    await expect(read(store, "a")).rejects.toThrow(Unavailable);
    await expect(store.range("t@1#1/rows", "p", { limit: 1 })).rejects.toThrow(Unavailable);
    await expect(checkpoint(store)).rejects.toBe(broken);
    expect(await read(store, "a")).toBeUndefined();
  });
});
