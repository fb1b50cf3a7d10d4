import type { Awaitable } from "./awaitable.ts";
import type { Position } from "./eventStore.ts";

/**
 * The root of the Merkle tree over the first `size` events of the log, at a time (ISO 8601, UTC), signed by the key whose public
 * half is `key`. All but the number and the time are in base64.
 */
export type TreeHead = { size: number; root: string; signedAt: string; signature: string; key: string };

/** How far a tree is: it has a leaf for each of the first `size` events, the last of which is at `position`. */
export type TreeExtent = { size: number; position: Position };

/** `TILE` hashes, or fewer in the last tile of a level: the roots of neighbouring whole subtrees. `level` counts tiles, too. */
export type TreeTile = { level: number; index: number; hashes: Buffer };

/** Where a tile of leaves begins: with the leaf `index`, whose event is the first one after `after`. */
export type TreeMark = { index: number; after: Position };

/** A level of tiles stands on this many hashes of the one below. */
export const TILE = 256;

/** Keeps the Merkle tree over one log, and the heads that were signed. Errors: `Unavailable`. */
export type TreeStore = {
  /** Undefined: it is empty. */
  extent(): Awaitable<TreeExtent | undefined>;
  tile(level: number, index: number): Awaitable<Buffer | undefined>;
  /** The last mark whose `after` lies before a position. */
  markBefore(position: Position): Awaitable<TreeMark | undefined>;
  /**
   * Stores all of it or nothing: tiles take the place of those at their places. Resolves with false if the tree is not at
   * `from`.
   */
  grow(from: TreeExtent | undefined, to: TreeExtent, tiles: readonly TreeTile[], marks: readonly TreeMark[]): Awaitable<boolean>;
  /** Keeps a head. One of the same size that is kept already stays. Resolves with the one that is kept. */
  keep(head: TreeHead): Awaitable<TreeHead>;
  newestHead(): Awaitable<TreeHead | undefined>;
  /** At most `limit` heads of more than `size` leaves, the smallest first. */
  heads(size: number, limit: number): Awaitable<TreeHead[]>;
};
