import { describe, expect, it } from "vitest";
import { type Hash, leafHash } from "../../src/audit/merkle.ts";
import { rootIn } from "../../src/audit/proofs.ts";
import { tilesWith } from "../../src/audit/tree.ts";
import { frontier } from "../../src/audit/verifying.ts";
import type { Awaitable } from "../../src/ports/awaitable.ts";
import type { TreeExtent, TreeHead, TreeStore } from "../../src/ports/auditTree.ts";

/** What every store of a tree does. `open`: a new one. */
export function auditTreeContract(name: string, open: () => Awaitable<{ store: TreeStore; close(): Promise<void> }>): void {
  const within = async (work: (store: TreeStore) => Promise<void>): Promise<void> => {
    const { store, close } = await open();
    try {
      await work(store);
    } finally {
      await close();
    }
  };
  const leaf = (index: number): Hash => leafHash(Buffer.from(String(index)));
  const at = (size: number): TreeExtent => ({ size, position: `log.${String(size).padStart(8, "0")}` });
  const head = (size: number, signedAt = "2026-01-01T00:00:00.000Z"): TreeHead => ({
    size,
    root: `root ${size}`,
    signedAt,
    signature: `by ${signedAt}`,
    key: "key",
  });

  describe(`a tree in ${name}`, () => {
    it("is empty at first", () =>
      within(async (store) => {
        expect(await store.extent()).toBeUndefined();
        expect(await store.tile(0, 0)).toBeUndefined();
        expect(await store.markBefore("log.1")).toBeUndefined();
        expect(await store.newestHead()).toBeUndefined();
        expect(await store.heads(-1, 10)).toEqual([]);
      }));

    it("grows by any number of leaves, and has the root of them all", () =>
      within(async (store) => {
        const whole = frontier();
        let from: TreeExtent | undefined;
        for (const more of [1, 254, 1, 1, 700, 3_000, 61_000, 900]) {
          const size = from?.size ?? 0;
          const leaves = Array.from({ length: more }, (_, index) => leaf(size + index));
          leaves.forEach(whole.add);
          expect(await store.grow(from, at(size + more), await tilesWith(size, leaves, store.tile), [])).toBe(true);
          from = at(size + more);
          expect(await store.extent()).toEqual(from);
          expect((await rootIn(store, from.size)).toString("hex")).toBe(whole.root().toString("hex"));
        }
      }));

    it("takes nothing from who knows less than it has", () =>
      within(async (store) => {
        const tile = { level: 0, index: 0, hashes: leaf(0) };
        expect(await store.grow(undefined, at(1), [tile], [])).toBe(true);
        expect(await store.grow(undefined, at(2), [{ ...tile, hashes: leaf(1) }], [])).toBe(false);
        expect(await store.grow(at(2), at(3), [{ ...tile, hashes: leaf(1) }], [])).toBe(false);
        expect(await store.extent()).toEqual(at(1));
        expect((await store.tile(0, 0))?.equals(leaf(0))).toBe(true);
      }));

    it("finds the last mark before a position", () =>
      within(async (store) => {
        const marks = [0, 256, 512].map((index) => ({ index, after: at(index).position }));
        await store.grow(undefined, at(600), [], marks);
        expect(await store.markBefore(at(0).position)).toBeUndefined();
        expect(await store.markBefore(at(1).position)).toEqual(marks[0]);
        expect(await store.markBefore(at(256).position)).toEqual(marks[0]);
        expect(await store.markBefore(at(257).position)).toEqual(marks[1]);
        expect(await store.markBefore(at(9_999).position)).toEqual(marks[2]);
      }));

    it("keeps one head of each size, the first one", () =>
      within(async (store) => {
        for (const size of [5, 3, 9]) expect(await store.keep(head(size))).toEqual(head(size));
        expect(await store.keep(head(5, "2026-02-02T00:00:00.000Z"))).toEqual(head(5));
        expect(await store.newestHead()).toEqual(head(9));
        expect(await store.heads(-1, 2)).toEqual([head(3), head(5)]);
        expect(await store.heads(5, 2)).toEqual([head(9)]);
      }));
  });
}
