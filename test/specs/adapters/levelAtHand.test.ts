import { ClassicLevel } from "classic-level";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAtHand } from "../../../src/adapters/viewStore/atHand.ts";
import {
  type LevelViewStore,
  levelViewStore,
  sharedLevelViewStore,
} from "../../../src/adapters/viewStore/level/levelViewStore.ts";
import { newVersions, versionsIn } from "../../../src/adapters/viewStore/versions.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import type { Row, ViewStore, Write } from "../../../src/ports/viewStore.ts";
import { tempDir } from "../../support/tempDir.ts";

const TABLE = "spec@1#1/kept";
const KEPT = { rows: ["spec/kept"], ranges: ["spec/kept"] };

const put = (partition: string, sort: string, value: unknown, table = TABLE): Write => ({
  op: "put",
  table,
  partition,
  sort,
  value,
});
const del = (partition: string, sort: string): Write => ({ op: "del", table: TABLE, partition, sort });
const all = (partition: string) => [TABLE, partition, { limit: 100 }] as const;

let folder: Awaited<ReturnType<typeof tempDir>>;
let store: LevelViewStore;
/** Another thread's. */
let writer: Open<ViewStore>;
/** Lets go what is held back, also where a spec fails before. */
const letGo: (() => void)[] = [];
beforeEach(async () => {
  folder = await tempDir();
  store = await levelViewStore(join(folder.path, "views"), { kept: { ...KEPT, bytes: 1_048_576 } });
  writer = await sharedLevelViewStore(store.share());
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const go of letGo.splice(0)) go();
  await writer.close();
  await store.close();
  await folder.remove();
});

/** Reads so often that it is kept, and gives what is read from there. */
async function keeping<T>(read: () => T | Promise<T>): Promise<T> {
  await read();
  await read();
  return read();
}

const reads = () => vi.spyOn(ClassicLevel.prototype, "getSync");
const ranges = () => vi.spyOn(ClassicLevel.prototype, "iterator");

/** A write that has begun in the other thread, and has not ended before `go`. */
function heldBack(writes: readonly Write[]): { begun: Promise<void>; go(): Promise<void> } {
  let go = (): void => {};
  let begin = (): void => {};
  const gate = new Promise<void>((resolve) => (go = resolve));
  const begun = new Promise<void>((resolve) => (begin = resolve));
  letGo.push(go);
  const batch = ClassicLevel.prototype.batch as unknown as (...all: unknown[]) => { write(): Promise<void> };
  vi.spyOn(ClassicLevel.prototype, "batch").mockImplementationOnce(function (this: ClassicLevel, ...given: unknown[]) {
    const made = batch.apply(this, given);
    const write = made.write.bind(made);
    made.write = async () => {
      begin();
      await gate;
      return write();
    };
    return made as never;
  } as never);
  const done = writer.commit(writes);
  return {
    begun,
    go: () => {
      go();
      return done;
    },
  };
}

describe("rows at hand", () => {
  it("are not read from the store again", async () => {
    await writer.commit([put("p", "a", { n: 1 })]);
    expect(await keeping(() => store.get(TABLE, "p", "a"))).toEqual({ n: 1 });
    const read = reads();
    expect(store.get(TABLE, "p", "a")).toEqual({ n: 1 });
    expect(store.getMany([{ table: TABLE, partition: "p", sort: "a" }])).toEqual([{ n: 1 }]);
    expect(read).not.toHaveBeenCalled();
  });

  it("are not kept for who asks for them once, who is given what is kept", async () => {
    await writer.commit([put("p", "a", 1), put("p", "b", 2)]);
    const once = (...sorts: string[]) =>
      store.getMany(
        sorts.map((sort) => ({ table: TABLE, partition: "p", sort })),
        true,
      );
    expect(await keeping(() => store.get(TABLE, "p", "b"))).toBe(2);
    const read = reads();
    expect(await keeping(() => once("a"))).toEqual([1]);
    expect(read).toHaveBeenCalledTimes(3);
    expect(once("b")).toEqual([2]);
    expect(await once("a", "b")).toEqual([1, 2]);
    expect(read).toHaveBeenCalledTimes(4);
  });

  it("are what another thread has committed", async () => {
    await writer.commit([put("p", "a", 1), put("p", "b", 1)]);
    const both = () => store.getMany(["a", "b"].map((sort) => ({ table: TABLE, partition: "p", sort })));
    expect(await keeping(() => store.get(TABLE, "p", "a"))).toBe(1);
    expect(await keeping(both)).toEqual([1, 1]);
    await writer.commit([put("p", "a", 2)]);
    expect(store.get(TABLE, "p", "a")).toBe(2);
    expect(await both()).toEqual([2, 1]);
    await writer.commit([del("p", "b")]);
    expect(await both()).toEqual([2, undefined]);
  });

  it("are kept also where there is none, until there is one", async () => {
    expect(await keeping(() => store.get(TABLE, "p", "a"))).toBeUndefined();
    const read = reads();
    expect(store.get(TABLE, "p", "a")).toBeUndefined();
    expect(read).not.toHaveBeenCalled();
    await writer.commit([{ op: "putEach", table: TABLE, partitions: ["o", "p"], sort: "a", value: 1 }]);
    expect(store.get(TABLE, "p", "a")).toBe(1);
  });

  it("are read from the store while they are written", async () => {
    await writer.commit([put("p", "a", 1)]);
    expect(await keeping(() => store.get(TABLE, "p", "a"))).toBe(1);
    const write = heldBack([put("p", "a", 2)]);
    await write.begun;
    const read = reads();
    // Nobody knows whether the store holds it already. What is read now must not be kept.
    expect(await keeping(() => store.get(TABLE, "p", "a"))).toBe(1);
    expect(read).toHaveBeenCalledTimes(3);
    await write.go();
    expect(store.get(TABLE, "p", "a")).toBe(2);
  });

  it("are not kept where a write comes between the question and the answer", async () => {
    await writer.commit([put("p", "a", 1), put("p", "b", 1)]);
    const both = () => store.getMany(["a", "b"].map((sort) => ({ table: TABLE, partition: "p", sort })));
    await both();
    const getMany = ClassicLevel.prototype.getMany as (keys: string[]) => Promise<string[]>;
    vi.spyOn(ClassicLevel.prototype, "getMany").mockImplementationOnce(async function (this: ClassicLevel, keys: string[]) {
      const before = await getMany.call(this, keys);
      await writer.commit([put("p", "a", 2)]);
      return before;
    } as never);
    expect(await both()).toEqual([1, 1]);
    expect(await both()).toEqual([2, 1]);
  });

  it("are of the same moment as those that are read with them", async () => {
    await writer.commit(["a", "b", "c"].map((sort) => put("p", sort, 1)));
    await keeping(() => store.get(TABLE, "p", "a"));
    const getMany = ClassicLevel.prototype.getMany as (keys: string[]) => Promise<string[]>;
    vi.spyOn(ClassicLevel.prototype, "getMany").mockImplementationOnce(async function (this: ClassicLevel, keys: string[]) {
      await writer.commit(["a", "b", "c"].map((sort) => put("p", sort, 2)));
      return getMany.call(this, keys);
    } as never);
    expect(await store.getMany(["a", "b", "c"].map((sort) => ({ table: TABLE, partition: "p", sort })))).toEqual([2, 2, 2]);
  });

  it("are frozen, because many get the same", async () => {
    await writer.commit([put("p", "a", { list: [{ n: 1 }] })]);
    const row = (await keeping(() => store.get(TABLE, "p", "a"))) as { list: { n: number }[] };
    expect(() => row.list.push({ n: 2 })).toThrow(TypeError);
    expect(() => void ((row.list[0] as { n: number }).n = 2)).toThrow(TypeError);
  });

  it("end with a drop, and begin anew with the next generation of that name", async () => {
    await writer.commit([put("p", "a", 1)], [{ of: ["spec@1#1"], from: null, to: "log.1" }]);
    expect(await keeping(() => store.get(TABLE, "p", "a"))).toBe(1);
    expect(await keeping(() => store.range(...all("p")))).toEqual([{ sort: "a", value: 1 }]);
    await writer.drop("spec@1#1");
    expect(store.get(TABLE, "p", "a")).toBeUndefined();
    expect(await store.range(...all("p"))).toEqual([]);
  });

  it("of one generation say nothing of another one", async () => {
    const next = "spec@1#2/kept";
    await writer.commit([put("p", "a", 1), put("p", "a", 2, next)]);
    expect(await keeping(() => store.get(TABLE, "p", "a"))).toBe(1);
    expect(await keeping(() => store.get(next, "p", "a"))).toBe(2);
    expect(await keeping(() => store.range(next, "p", { limit: 100 }))).toEqual([{ sort: "a", value: 2 }]);
  });

  it("are not those of a store that was opened again after a failed write", async () => {
    await writer.commit([put("p", "a", 1)]);
    expect(await keeping(() => store.get(TABLE, "p", "a"))).toBe(1);
    const batch = ClassicLevel.prototype.batch as unknown as () => { write(): Promise<void> };
    vi.spyOn(ClassicLevel.prototype, "batch").mockImplementationOnce(function (this: ClassicLevel) {
      const made = batch.call(this);
      made.write = async () => Promise.reject(new Error("it failed"));
      return made as never;
    } as never);
    await expect(writer.commit([put("p", "b", 2)])).rejects.toThrow("it failed");
    await writer.commit([put("p", "b", 1)]);
    const read = reads();
    expect(store.get(TABLE, "p", "a")).toBe(1);
    expect(read).toHaveBeenCalledWith(`${TABLE}\0p\0a`);
  });
});

describe("ranges at hand", () => {
  it("are not read from the store again", async () => {
    await writer.commit([put("p", "a", 1), put("p", "b", 2)]);
    await keeping(() => store.range(...all("p")));
    const read = ranges();
    expect(store.range(...all("p"))).toEqual([
      { sort: "a", value: 1 },
      { sort: "b", value: 2 },
    ]);
    expect(read).not.toHaveBeenCalled();
  });

  it("end with any write to their partition", async () => {
    await writer.commit([put("p", "a", 1)]);
    await keeping(() => store.range(...all("p")));
    await writer.commit([put("p", "b", 2)]);
    expect(await keeping(() => store.range(...all("p")))).toHaveLength(2);
    await writer.commit([del("p", "a")]);
    expect(await keeping(() => store.range(...all("p")))).toEqual([{ sort: "b", value: 2 }]);
  });

  it("are kept for each question apart", async () => {
    await writer.commit(["", "a", "b", "c"].map((sort) => put("p", sort, sort)));
    const sortsOf = async (query: Parameters<ViewStore["range"]>[2]): Promise<string> =>
      (await keeping(() => store.range(TABLE, "p", query))).map(({ sort }) => sort || "-").join("");
    expect(await sortsOf({ limit: 9 })).toBe("-abc");
    expect(await sortsOf({ limit: 9, after: "" })).toBe("abc");
    expect(await sortsOf({ limit: 9, after: "a" })).toBe("bc");
    expect(await sortsOf({ limit: 9, before: "a" })).toBe("-");
    expect(await sortsOf({ limit: 9, before: "" })).toBe("");
    expect(await sortsOf({ limit: 2 })).toBe("-a");
    expect(await sortsOf({ limit: 2, reverse: true })).toBe("cb");
  });

  it("are not kept where a write comes while they are read", async () => {
    await writer.commit([put("p", "a", 1)]);
    await store.range(...all("p"));
    const write = heldBack([put("p", "a", 2)]);
    const reading = store.range(...all("p"));
    await write.begun;
    await reading;
    await write.go();
    expect(await store.range(...all("p"))).toEqual([{ sort: "a", value: 2 }]);
  });
});

describe("what is kept", () => {
  const versions = versionsIn(newVersions(KEPT));
  const table = versions.tableOf(TABLE);
  const source = {};
  const bytesOf = 1_000;

  function kept(most: number) {
    const atHand = createAtHand(versions, most);
    const add = (sort: string, value: Row, bytes = bytesOf): void => {
      atHand.from(source);
      for (let asked = 0; asked < 2; asked++) {
        const place = table && atHand.rowAt(table, "p", sort);
        if (place) atHand.keep(place, sort, value, bytes);
      }
    };
    return { find: (sort: string) => atHand.find(sort)?.value, add };
  }

  it("takes no more memory than it may: what was asked for longest ago goes first", () => {
    const { find, add } = kept(100 * bytesOf);
    add("often", 0);
    for (let n = 0; n < 200; n++) {
      add(`${n}`, n);
      expect(find("often")).toBe(0);
    }
    const left = Array.from({ length: 200 }, (_, n) => find(`${n}`)).filter((value) => value !== undefined);
    expect(left.length).toBeGreaterThan(10);
    expect(left.length).toBeLessThan(50);
    expect(find("199")).toBe(199);
  });

  it("is nothing that would take all the room", () => {
    const { find, add } = kept(10 * bytesOf);
    add("small", 1);
    add("large", 2, 10 * bytesOf);
    expect([find("small"), find("large")]).toEqual([1, undefined]);
  });

  it("is nothing that was asked for only once", () => {
    const atHand = createAtHand(versions, 1_048_576);
    atHand.from(source);
    const place = table && atHand.rowAt(table, "p", "once");
    if (place) atHand.keep(place, "once", 1, 10);
    expect(place).toBeDefined();
    expect(atHand.find("once")).toBeUndefined();
  });
});
