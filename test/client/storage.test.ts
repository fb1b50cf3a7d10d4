import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createKeeping } from "../../src/client/keeping.ts";
import type { Snapshot } from "../../src/client/state.ts";
import { type Changes, indexedDbStorage, memoryStorage } from "../../src/client/storage.ts";
import type { Message } from "../../src/client/types.ts";
import { until } from "../support/until.ts";
import { browser } from "./support/browser.ts";
import { conversation, stateOf } from "./support/facts.ts";

let page: ReturnType<typeof browser>;
const report = vi.fn();

beforeEach(() => {
  page = browser();
  report.mockClear();
});
afterEach(() => page[Symbol.dispose]());

const snapshot = (cursor: string, titles: Record<string, string>): Snapshot => {
  const state = stateOf(Object.entries(titles).map(([id, title]) => conversation(id, { title })));
  return { ...(state.snapshot() as Snapshot), cursor };
};
const changes = (...changed: string[]): Changes => ({ changed: new Set(changed), isAll: false, isFresh: false });
const titles = (kept: Snapshot | undefined): Record<string, string> =>
  Object.fromEntries((kept?.conversations ?? []).map(({ id, title }) => [id, title]));

describe("what is kept", () => {
  it("is what was saved, conversations that did not change included", async () => {
    const storage = await indexedDbStorage("one", report);
    await storage.save(snapshot("1", { a: "1", b: "1" }), changes());
    await storage.save(snapshot("2", { a: "2", b: "not told" }), changes("a"));
    const { snapshot: kept } = await storage.load();
    expect(kept?.cursor).toBe("2");
    expect(titles(kept)).toEqual({ a: "2", b: "1" });
    await storage.close();
  });

  it("belongs to one cursor, also where two tabs keep their own", async () => {
    const [one, other] = [await indexedDbStorage("one", report), await indexedDbStorage("one", report)];
    await one.save(snapshot("1", { a: "1", b: "1" }), changes("a", "b"));
    await other.save(snapshot("9", { a: "9", b: "9" }), changes("a"));
    await one.save(snapshot("5", { a: "5", b: "5" }), changes("b"));
    const { snapshot: kept } = await other.load();
    expect(kept?.cursor).toBe("5");
    expect(titles(kept)).toEqual({ a: "5", b: "5" });
    await Promise.all([one.close(), other.close()]);
  });

  it("has the messages of the conversations that were opened last, and of no more than a hundred", async () => {
    const storage = await indexedDbStorage("one", report);
    for (let index = 0; index < 102; index++) await storage.saveTail(`c${index}`, [{ seq: 1 } as Message]);
    expect(await storage.tail("c0")).toEqual([]);
    expect(await storage.tail("c1")).toEqual([]);
    expect(await storage.tail("c2")).toHaveLength(1);
    expect(await storage.tail("c101")).toHaveLength(1);
    await storage.close();
  });

  it("is told once that it cannot be kept, until it can again", async () => {
    const storage = await indexedDbStorage("one", report);
    const unkept = { text: () => "a function cannot be kept" } as never;
    expect(await storage.outgoing("1", unkept)).toBe(false);
    expect(await storage.outgoing("2", unkept)).toBe(false);
    expect(report).toHaveBeenCalledTimes(1);
    await storage.draft("c", "text");
    await storage.outgoing("3", unkept);
    expect(report).toHaveBeenCalledTimes(2);
    await storage.close();
  });

  it("is not waited for without end", async () => {
    const storage = await indexedDbStorage("one", report);
    const { put, get } = IDBObjectStore.prototype;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      IDBObjectStore.prototype.put = IDBObjectStore.prototype.get = () => new IDBRequest();
      const kept = storage.outgoing("1", { id: "1" } as never);
      const tail = storage.tail("c");
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await kept).toBe(false);
      expect(await tail).toEqual([]);
      await storage.close();
    } finally {
      vi.useRealTimers();
      Object.assign(IDBObjectStore.prototype, { put, get });
    }
    expect(report).toHaveBeenCalledTimes(1);
  });

  it("has later what could not be kept before", async () => {
    const state = stateOf([conversation("a"), conversation("b")]);
    const saved: (readonly string[])[] = [];
    let isFull = true;
    const storage = {
      ...memoryStorage(),
      save: async (_: unknown, { changed }: Changes) => {
        saved.push([...changed].sort());
        return !isFull;
      },
    };
    const keeping = createKeeping({ state, storage: () => storage });
    keeping.changed("a");
    keeping.soon();
    await keeping.now();
    isFull = false;
    keeping.changed("b");
    keeping.soon();
    await until("it is kept", () => saved.length === 2);
    expect(saved).toEqual([["a"], ["a", "b"]]);
    keeping.stop();
  });
});
