import type { Awaitable } from "../ports/awaitable.ts";
import { andThen } from "../ports/awaitable.ts";
import { TILE, type TreeStore, type TreeTile } from "../ports/auditTree.ts";
import { type Hash, HASH_BYTES, joined, type Node } from "./merkle.ts";

/** How many levels of the tree a tile spans: 2 ** 8 hashes. */
const HEIGHT = Math.log2(TILE);

/** A hash of a tile. */
const hashAt = (tile: Buffer, index: number): Hash => tile.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);

const hashesIn = (tile: Buffer, from: number, count: number): Hash[] =>
  Array.from({ length: count }, (_, index) => hashAt(tile, from + index));

/** The root over a number of neighbouring hashes that is a power of two. */
function rootOver(hashes: readonly Hash[]): Hash {
  let level = hashes;
  while (level.length > 1)
    level = Array.from({ length: level.length / 2 }, (_, index) =>
      joined([level[2 * index] as Hash, level[2 * index + 1] as Hash]),
    );
  return level[0] as Hash;
}

/** Looks up whole subtrees in a store. Rejects with an `Error` where the store lacks a tile that its extent says it has. */
export const nodesIn =
  (store: Pick<TreeStore, "tile">) =>
  ({ level, index }: Node): Awaitable<Hash> => {
    const tileLevel = Math.floor(level / HEIGHT);
    const width = 2 ** (level - tileLevel * HEIGHT);
    const first = index * width;
    const tileIndex = Math.floor(first / TILE);
    return andThen(store.tile(tileLevel, tileIndex), (tile) => {
      const at = first - tileIndex * TILE;
      if (tile === undefined || tile.length < (at + width) * HASH_BYTES)
        throw new Error(`the tree lacks a part: tile ${tileIndex} of level ${tileLevel}`);
      return rootOver(hashesIn(tile, at, width));
    });
  };

/**
 * The tiles that a tree of `size` leaves gets when `leaves` come behind them, on all levels. `tile`: looks up those that there
 * are.
 */
export async function tilesWith(size: number, leaves: readonly Hash[], tile: TreeStore["tile"]): Promise<TreeTile[]> {
  const made: TreeTile[] = [];
  let [begin, hashes] = [size, leaves];
  for (let level = 0; hashes.length > 0; level++) {
    const above: Hash[] = [];
    const firstAbove = Math.floor(begin / TILE);
    for (let at = 0; at < hashes.length;) {
      const index = Math.floor((begin + at) / TILE);
      const there = begin + at - index * TILE;
      const taken = hashes.slice(at, at + TILE - there);
      const before = there === 0 ? Buffer.alloc(0) : await tile(level, index);
      if (before === undefined || before.length < there * HASH_BYTES)
        throw new Error(`the tree lacks a part: tile ${index} of level ${level}`);
      const whole = Buffer.concat([before.subarray(0, there * HASH_BYTES), ...taken]);
      made.push({ level, index, hashes: whole });
      if (whole.length === TILE * HASH_BYTES) above.push(rootOver(hashesIn(whole, 0, TILE)));
      at += taken.length;
    }
    [begin, hashes] = [firstAbove, above];
  }
  return made;
}
