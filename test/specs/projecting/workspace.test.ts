import { expect, test } from "vitest";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import { del, type Projection, put, putEach } from "../../../src/projecting/projection.ts";
import { createWorkspace } from "../../../src/projecting/workspace.ts";
import { memoryViews } from "../../support/memoryViews.ts";

const notes: Projection = { name: "notes", version: 1, reads: ["texts"], handlers: {} };
const GENERATION = "notes@1#1";

/** A store that counts what it is asked for. */
function asked(most?: number) {
  const store = memoryViews();
  const names: string[] = [];
  const counting: ViewStore = {
    ...store,
    get: (table, partition, sort) => {
      names.push(`${partition}/${sort}`);
      return store.get(table, partition, sort);
    },
  };
  const workspace = createWorkspace(counting, most);
  const commit = async () => {
    await store.commit(workspace.writes);
    workspace.committed();
  };
  const apply = (...writes: Parameters<typeof workspace.apply>[2]) => workspace.apply(notes, GENERATION, writes);
  return { names, workspace, commit, apply, rows: workspace.rowsOf(notes, GENERATION) };
}

test("what an event wrote is there for the next one, before any commit", async () => {
  const { names, apply, rows } = asked();
  expect(apply(put("texts", "a", "1", "one"), putEach("texts", ["b", "c"], "", "all"), del("texts", "a", "2"))).toBe(4);
  expect(await rows.get("texts", "a", "1")).toBe("one");
  expect(await rows.get("texts", "c", "")).toBe("all");
  expect(await rows.get("texts", "a", "2")).toBeUndefined();
  expect(await rows.all("texts", "a")).toEqual(new Map([["1", "one"]]));
  expect(names).toEqual([]);
});

test("a row that was asked for once is kept as later events write it", async () => {
  const { names, apply, commit, rows } = asked();
  expect(await rows.get("texts", "a", "1")).toBeUndefined();
  apply(put("texts", "a", "1", "one"));
  await commit();
  apply(put("texts", "a", "1", "two"));
  expect(await rows.get("texts", "a", "1")).toBe("two");
  await commit();
  expect(await rows.get("texts", "a", "1")).toBe("two");
  apply(del("texts", "a", "1"));
  expect(await rows.get("texts", "a", "1")).toBeUndefined();
  expect(names).toEqual(["a/1"]);
});

test("a row that nobody asked for is the store's after the commit", async () => {
  const { names, apply, commit, rows } = asked();
  apply(put("texts", "a", "1", "one"));
  await commit();
  expect(await rows.get("texts", "a", "1")).toBe("one");
  expect(names).toEqual(["a/1"]);
});

test("a row that one page writes often is committed once, as it was last", async () => {
  const { workspace, apply, commit, rows } = asked();
  expect(apply(put("texts", "a", "", "one"), put("texts", "b", "", "other"))).toBe(2);
  expect(apply(put("texts", "a", "", "two"))).toBe(0);
  expect(apply(del("texts", "b", ""), putEach("texts", ["a", "c"], "", "three"))).toBe(1);
  expect(await rows.get("texts", "a", "")).toBe("three");
  expect(await rows.get("texts", "b", "")).toBeUndefined();
  expect(workspace.writes.map((write) => [write.op, "partition" in write && write.partition])).toEqual([
    ["put", "a"],
    ["del", "b"],
    ["put", "c"],
  ]);
  await commit();
  apply(put("texts", "b", "", "again"));
  expect(await rows.get("texts", "b", "")).toBe("again");
  expect(await rows.get("texts", "a", "")).toBe("three");
});

test("rows that are never read back are written as they come", () => {
  const { workspace, apply } = asked();
  expect(apply(put("log", "a", "", 1), put("log", "a", "", 2), putEach("log", ["a", "b"], "", 3))).toBe(4);
  expect(workspace.writes.map(({ op }) => op)).toEqual(["put", "put", "putEach"]);
});

test("the row at or below a place is found among what is stored, what was written, and what was deleted", async () => {
  const { apply, commit, rows } = asked();
  const floor = async (sort: string) => (await rows.floor("texts", "a", sort))?.sort;
  expect(await floor("9")).toBeUndefined();
  apply(put("texts", "a", "2", "two"), put("texts", "a", "4", "four"), put("texts", "b", "3", "other"));
  expect([await floor("1"), await floor("2"), await floor("3"), await floor("9")]).toEqual([undefined, "2", "2", "4"]);
  await commit();
  expect([await floor("1"), await floor("2"), await floor("3"), await floor("9")]).toEqual([undefined, "2", "2", "4"]);
  apply(put("texts", "a", "3", "three"), del("texts", "a", "4"), putEach("texts", ["a"], "2", "too"));
  expect([await floor("1"), await floor("2"), await floor("3"), await floor("9")]).toEqual([undefined, "2", "3", "3"]);
  expect(await rows.floor("texts", "a", "2")).toEqual({ sort: "2", value: "too" });
  apply(del("texts", "a", "3"), del("texts", "a", "2"));
  expect(await floor("9")).toBeUndefined();
  await commit();
  expect(await floor("9")).toBeUndefined();
});

test("rows that are not among those that are read back are not looked for", async () => {
  const { rows } = asked();
  await expect(rows.floor("log", "a", "1")).rejects.toThrow(TypeError);
  // Nor are they kept as they were once: what is written to them would never be seen.
  expect(() => rows.get("log", "a", "1")).toThrow("notes@1#1/log is not among the tables that its projection reads");
  expect(() => rows.all("log", "a")).toThrow(TypeError);
});

test("a handler that reads a table that its projection forgets to name does not compile", () => {
  const names: Projection<"texts"> = {
    name: "names",
    version: 1,
    reads: ["texts"],
    handlers: {
      MemberLeft: async (_event, rows) => {
        await rows.get("texts", "a", "");
        // @ts-expect-error: it is not in `reads`.
        await rows.get("log", "a", "");
        // @ts-expect-error: nor here.
        await rows.all("log", "a");
        // @ts-expect-error: nor here.
        await rows.floor("log", "a", "");
        return [put("log", "a", "", 1)];
      },
    },
  };
  // It can be run among others.
  const all: readonly Projection[] = [names, notes];
  expect(all).toHaveLength(2);
});

test("of a page that failed nothing is left", async () => {
  const { workspace, apply, commit, rows } = asked();
  apply(put("texts", "a", "1", "one"));
  await commit();
  expect(await rows.get("texts", "a", "1")).toBe("one");
  apply(put("texts", "a", "1", "two"), put("texts", "b", "", "more"));
  workspace.rolledBack();
  expect(workspace.writes).toEqual([]);
  expect(await rows.get("texts", "a", "1")).toBe("one");
  expect(await rows.get("texts", "b", "")).toBeUndefined();
});

test("whole partitions that are kept are bounded by what they take", async () => {
  const store = memoryViews();
  const workspace = createWorkspace(store, 1_000_000, 1_000_000);
  const rows = workspace.rowsOf(notes, GENERATION);
  const long = "x".repeat(10_000);
  for (let count = 0; count < 100; count += 1) {
    const all = await rows.all("texts", `${count}`);
    expect(all.size).toBe(0);
    // They grow in memory, and lose rows there.
    for (const sort of ["1", "2", "3"]) workspace.apply(notes, GENERATION, [put("texts", `${count}`, sort, long)]);
    workspace.apply(notes, GENERATION, [del("texts", `${count}`, "2")]);
    await store.commit(workspace.writes);
    workspace.committed();
    expect(workspace.bytes()).toBeLessThanOrEqual(1_000_000);
  }
  expect(workspace.bytes()).toBeGreaterThan(100_000);
  for (const partition of ["0", "99"]) expect([...(await rows.all("texts", partition)).keys()]).toEqual(["1", "3"]);
  workspace.rolledBack();
  expect(workspace.bytes()).toBe(0);
});

test("rows that are kept are bounded by what they take, not by how many they are", async () => {
  const { names, workspace, apply, commit, rows } = asked(1_000_000);
  const long = "x".repeat(10_000);
  for (let count = 0; count < 200; count += 1) {
    apply(put("texts", "a", `${count}`, { text: long }));
    await commit();
    await rows.get("texts", "a", `${count}`);
    // It grows in memory, too.
    apply(put("texts", "a", `${count}`, { text: `${long}${long}` }));
    await commit();
    expect(workspace.bytes()).toBeLessThanOrEqual(1_000_000);
  }
  const before = names.length;
  expect(await rows.get("texts", "a", "199")).toMatchObject({ text: long + long });
  expect(names.length).toBe(before);
  expect(await rows.get("texts", "a", "0")).toMatchObject({ text: long + long });
  expect(names.length).toBe(before + 1);
  // What is let go of is no longer counted.
  workspace.rolledBack();
  expect(workspace.bytes()).toBe(0);
});
