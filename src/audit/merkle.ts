import { createHash } from "node:crypto";
import type { Awaitable } from "../ports/awaitable.ts";

// The Merkle tree of RFC 9162, section 2.1, over any number of leaves. What is asked of a tree is a list of ranges of leaves, and
// each range is a list of whole subtrees: so a store of these is enough, and nothing is hashed twice.

/** 32 bytes of SHA-256. */
export type Hash = Buffer;

/** The leaves from `begin` to before `end`. */
export type Range = { begin: number; end: number };

/** The root of the whole subtree over the `2 ** level` leaves from `index * 2 ** level` on. */
export type Node = { level: number; index: number };

export const HASH_BYTES = 32;

const LEAF = Buffer.from([0]);
const INNER = Buffer.from([1]);

/** The hash of a leaf (RFC 9162, 2.1.1). */
export const leafHash = (bytes: Buffer): Hash => createHash("sha256").update(LEAF).update(bytes).digest();

/** The hash of what stands above two hashes. */
export const innerHash = (left: Hash, right: Hash): Hash =>
  createHash("sha256").update(INNER).update(left).update(right).digest();

/** The root of a tree without leaves. */
export const EMPTY_ROOT: Hash = createHash("sha256").digest();

/** The largest power of two that is less than `size`, which is 2 or more. */
function half(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The whole subtrees that make up a range, from left to right. Its beginning is where a subtree of its own size may begin. */
export function nodesOf({ begin, end }: Range): Node[] {
  const nodes: Node[] = [];
  for (let at = begin; at < end;) {
    let [level, width] = [0, 1];
    while (at % (width * 2) === 0 && at + width * 2 <= end) [level, width] = [level + 1, width * 2];
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** The hash of a range, from those of its whole subtrees. */
export const joined = (hashes: readonly Hash[]): Hash =>
  hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => innerHash(left, right));

/**
 * The ranges whose hashes prove that the leaf `index` is in the tree of `size` leaves, in the order of the proof (2.1.3.1).
 * `index` is less than `size`.
 */
export function inclusionRanges(index: number, size: number): Range[] {
  const ranges: Range[] = [];
  for (let [begin, end] = [0, size]; end - begin > 1;) {
    const middle = begin + half(end - begin);
    if (index < middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  return ranges.reverse();
}

/**
 * The ranges whose hashes prove that the tree of the first `from` leaves is the beginning of that of `to` leaves, in the order of
 * the proof (2.1.4.1). 0 < `from` <= `to`; none if both are equal.
 */
export function consistencyRanges(from: number, to: number): Range[] {
  const ranges: Range[] = [];
  let [begin, end] = [0, to];
  let isKnown = true;
  while (from !== end) {
    const middle = begin + half(end - begin);
    if (from <= middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
      isKnown = false;
    }
  }
  if (!isKnown) ranges.push({ begin, end });
  return ranges.reverse();
}

/** The hashes of ranges. `node`: looks up the hash of a whole subtree. */
export async function hashesOf(ranges: readonly Range[], node: (node: Node) => Awaitable<Hash>): Promise<Hash[]> {
  const hashes: Hash[] = [];
  for (const range of ranges) {
    const parts: Hash[] = [];
    for (const each of nodesOf(range)) parts.push(await node(each));
    hashes.push(joined(parts));
  }
  return hashes;
}

/** The root of the tree of the first `size` leaves. */
export async function rootOf(size: number, node: (node: Node) => Awaitable<Hash>): Promise<Hash> {
  const [root] = await hashesOf([{ begin: 0, end: size }], node);
  return root as Hash;
}

/** The root that a proof of inclusion leads to (2.1.3.2). Undefined if the proof has another shape than such a proof has. */
export function rootOfInclusion(index: number, size: number, leaf: Hash, path: readonly Hash[]): Hash | undefined {
  if (!isPlace(index, size)) return undefined;
  let [node, last, hash] = [index, size - 1, leaf];
  for (const other of path) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      hash = innerHash(other, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else hash = innerHash(hash, other);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : undefined;
}

const isPlace = (index: number, size: number): boolean =>
  Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size;

/**
 * Whether a proof shows that the tree of `from` leaves with the root `fromRoot` is the beginning of that of `to` leaves with the
 * root `toRoot` (2.1.4.2). The tree without leaves is the beginning of each, and its proof is empty.
 */
export function isConsistent(from: number, fromRoot: Hash, to: number, toRoot: Hash, path: readonly Hash[]): boolean {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to) return false;
  if (from === to) return path.length === 0 && fromRoot.equals(toRoot);
  if (from === 0) return path.length === 0 && fromRoot.equals(EMPTY_ROOT);
  const isWhole = half(from + 1) === from;
  const [first, ...others] = isWhole ? [fromRoot, ...path] : path;
  if (first === undefined || others.length === 0) return false;
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  let [former, latter] = [first, first];
  for (const other of others) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [former, latter] = [innerHash(other, former), innerHash(other, latter)];
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else latter = innerHash(latter, other);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && former.equals(fromRoot) && latter.equals(toRoot);
}
