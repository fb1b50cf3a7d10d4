import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyTrie, type Trie, trieDelete, trieEntries, trieGet, trieSet } from "../../../src/domain/trie.ts";

const asMap = <Value>(trie: Trie<Value>) => new Map(trieEntries(trie));

test("is a map, and every version stays as it was", () => {
  const change = fc.record({ key: fc.integer({ min: 0, max: 200 }).map(String), value: fc.option(fc.nat()) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
      const model = new Map<string, number>();
      const versions: [Trie<number>, Map<string, number>][] = [];
      let trie: Trie<number> = emptyTrie;
      for (const { key, value } of changes) {
        trie = value === null ? trieDelete(trie, key) : trieSet(trie, key, value);
        if (value === null) model.delete(key);
        else model.set(key, value);
        versions.push([trie, new Map(model)]);
      }
      for (const [version, then] of versions) {
        expect(version.size).toBe(then.size);
        expect(asMap(version)).toEqual(then);
        for (const [key, value] of then) expect(trieGet(version, key)).toBe(value);
      }
    }),
    { numRuns: 20 },
  );
});

test("holds very many", () => {
  const keys = Array.from({ length: 50_000 }, (_, index) => `user-${index}`);
  const full = keys.reduce<Trie<number>>((trie, key, index) => trieSet(trie, key, index), emptyTrie);
  expect(full.size).toBe(50_000);
  expect(keys.every((key, index) => trieGet(full, key) === index)).toBe(true);
  const half = keys.filter((_, index) => index % 2 === 0).reduce<Trie<number>>(trieDelete, full);
  expect(half.size).toBe(25_000);
  expect([...trieEntries(half)].every(([, index]) => index % 2 === 1)).toBe(true);
  expect(trieGet(full, "user-0")).toBe(0);
});

test("an empty text is a key like another; who is not there is not there", () => {
  const trie = trieSet<number>(emptyTrie, "", 1);
  expect(trieGet(trie, "")).toBe(1);
  expect(trieGet(trie, "a")).toBeUndefined();
  expect(trieDelete(trie, "a")).toBe(trie);
});

/** Keys whose hashes are alike in all bits: "costarring" and "liquid" are the classic pair of 32-bit FNV-1a. */
test("keys of one hash live side by side", () => {
  const pair = ["costarring", "liquid"];
  const crowd = Array.from({ length: 500 }, (_, index) => `k${index}`);
  const trie = [...crowd, ...pair].reduce<Trie<string>>((all, key) => trieSet(all, key, key), emptyTrie);
  expect(pair.map((key) => trieGet(trie, key))).toEqual(pair);
  expect(trieGet(trieDelete(trie, "liquid"), "costarring")).toBe("costarring");
});
