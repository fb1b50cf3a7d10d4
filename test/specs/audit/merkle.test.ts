import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  consistencyRanges,
  EMPTY_ROOT,
  type Hash,
  hashesOf,
  inclusionRanges,
  innerHash,
  isConsistent,
  leafHash,
  type Node,
  rootOf,
  rootOfInclusion,
} from "../../../src/audit/merkle.ts";

/** The definition of RFC 9162, 2.1.1, word by word. */
function root(leaves: readonly Hash[]): Hash {
  const [first] = leaves;
  if (first === undefined) return EMPTY_ROOT;
  if (leaves.length === 1) return first;
  let power = 1;
  while (power * 2 < leaves.length) power *= 2;
  return innerHash(root(leaves.slice(0, power)), root(leaves.slice(power)));
}

const treeOf =
  (leaves: readonly Hash[]) =>
  ({ level, index }: Node): Hash =>
    root(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));

/** The leaves of the vectors that the implementations of certificate transparency share, and the roots over the first n. */
const INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** Proofs over these leaves by other implementations: which leaf (counted from 0), of how many, and the path. */
const INCLUSIONS: [index: number, size: number, path: string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    5,
    8,
    [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
  [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
];
const CONSISTENCIES: [from: number, to: number, path: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    6,
    8,
    [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
  [
    2,
    5,
    [
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  ],
];

const leaves = INPUTS.map((hex) => leafHash(Buffer.from(hex, "hex")));
const hex = (hashes: readonly Hash[]): string[] => hashes.map((hash) => hash.toString("hex"));

describe("the Merkle tree", () => {
  it("has the roots of other implementations", async () => {
    for (const [size, wanted] of ROOTS.entries()) expect((await rootOf(size, treeOf(leaves))).toString("hex")).toBe(wanted);
  });

  it("gives the proofs of other implementations", async () => {
    for (const [index, size, path] of INCLUSIONS)
      expect(hex(await hashesOf(inclusionRanges(index, size), treeOf(leaves)))).toEqual(path);
    for (const [from, to, path] of CONSISTENCIES)
      expect(hex(await hashesOf(consistencyRanges(from, to), treeOf(leaves)))).toEqual(path);
  });

  const many = Array.from({ length: 300 }, (_, index) => leafHash(Buffer.from(String(index))));
  const places = fc.nat(many.length - 1).chain((last) => fc.tuple(fc.nat(last), fc.constant(last + 1)));

  it("proves each leaf of each tree, and no other leaf, place, size or path", async () => {
    await fc.assert(
      fc.asyncProperty(places, fc.nat(), async ([index, size], salt) => {
        const leaf = many[index] as Hash;
        const whole = root(many.slice(0, size));
        const path = await hashesOf(inclusionRanges(index, size), treeOf(many));
        const isShown = (...proof: Parameters<typeof rootOfInclusion>) => rootOfInclusion(...proof)?.equals(whole) === true;
        expect(isShown(index, size, leaf, path)).toBe(true);
        expect(isShown(index, size, leafHash(Buffer.from("another")), path)).toBe(false);
        for (const other of [index - 1, index + 1].filter((at) => at >= 0 && at < size))
          expect(isShown(other, size, leaf, path)).toBe(false);
        expect(isShown(index, size, leaf, [...path, leaf])).toBe(false);
        expect(isShown(index, size, leaf, path.slice(1))).toBe(path.length === 0);
        expect(path.some((_, at) => isShown(index, size, leaf, flippedIn(path, at, salt)))).toBe(false);
      }),
    );
  });

  it("proves that one tree is the beginning of another, and of no other one", async () => {
    await fc.assert(
      fc.asyncProperty(places, fc.nat(), async ([before, to], salt) => {
        const from = before + 1;
        const path = await hashesOf(consistencyRanges(from, to), treeOf(many));
        const [former, latter] = [root(many.slice(0, from)), root(many.slice(0, to))];
        expect(isConsistent(from, former, to, latter, path)).toBe(true);
        const changed = [...many.slice(0, before), leafHash(Buffer.from("changed")), ...many.slice(from)];
        expect(isConsistent(from, root(changed.slice(0, from)), to, latter, path)).toBe(false);
        if (from < to) expect(isConsistent(from, former, to, root(changed.slice(0, to)), path)).toBe(false);
        expect(isConsistent(from, former, to, latter, [...path, former])).toBe(false);
        expect(path.some((_, at) => isConsistent(from, former, to, latter, flippedIn(path, at, salt)))).toBe(false);
      }),
    );
  });

  it("takes the empty tree for the beginning of each", () => {
    expect(isConsistent(0, EMPTY_ROOT, 8, root(leaves), [])).toBe(true);
    expect(isConsistent(0, root(leaves), 8, root(leaves), [])).toBe(false);
    expect(isConsistent(8, root(leaves), 0, EMPTY_ROOT, [])).toBe(false);
  });
});

/** A path with one bit of one hash flipped. */
function flippedIn(path: readonly Hash[], at: number, salt: number): Hash[] {
  const other = Buffer.from(path[at] as Hash);
  const bit = salt % (other.length * 8);
  other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
  return path.map((hash, index) => (index === at ? other : hash));
}
