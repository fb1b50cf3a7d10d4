import { put, type Reader, type Rows, seqKey, type TableWrite } from "../src/projecting/projection.ts";

/*
 * How many of a set of seqs lie below another one, or above it, however many they are: a tree of counts over the digits of the
 * seqs, to the base 32. A node has one count for each digit, so a change writes, and a question reads, at most one node for each
 * digit.
 */

/** By partition, and by set, level and what the digits above it are: how many seqs have which digit there. */
export const RANKS = "ranks";

const WIDTH = 32;
/** Enough for every seq of the API: 32 to the power of 7. */
const LEVELS = [0, 1, 2, 3, 4, 5, 6].map((level) => ({ level, unit: WIDTH ** level }));

type Level = (typeof LEVELS)[number];

const digitOf = (seq: number, { unit }: Level): number => Math.floor(seq / unit) % WIDTH;
const nodeOf = (set: string, seq: number, { level, unit }: Level): string =>
  `${set}~${level}~${seqKey(Math.floor(seq / (unit * WIDTH)))}`;

/** A seq comes into a set, goes out of it, or is replaced by another one. */
export type Move = { from?: number; to?: number };

/** The writes for changes of one set. */
export async function ranked(
  rows: Pick<Rows<typeof RANKS>, "get">,
  partition: string,
  set: string,
  moves: readonly Move[],
): Promise<TableWrite[]> {
  const changes = new Map<string, number[]>();
  const change = (seq: number | undefined, by: 1 | -1): void => {
    if (seq === undefined) return;
    for (const level of LEVELS) {
      const node = nodeOf(set, seq, level);
      const counts = changes.get(node) ?? new Array<number>(WIDTH).fill(0);
      const digit = digitOf(seq, level);
      counts[digit] = (counts[digit] ?? 0) + by;
      changes.set(node, counts);
    }
  };
  for (const { from, to } of moves) {
    change(from, -1);
    change(to, 1);
  }
  const writes: TableWrite[] = [];
  for (const [node, counts] of changes) {
    // Above the first digit in which two seqs differ nothing changes.
    if (counts.every((count) => count === 0)) continue;
    const before = await rows.get<readonly number[]>(RANKS, partition, node);
    writes.push(
      put(
        RANKS,
        partition,
        node,
        counts.map((count, digit) => count + (before?.[digit] ?? 0)),
      ),
    );
  }
  return writes;
}

/** How many seqs of each of the sets lie below `seq`. */
export async function ranksBelow(
  reader: Pick<Reader, "getMany">,
  partition: string,
  sets: readonly string[],
  seq: number,
): Promise<number[]> {
  const asked = sets.flatMap((set, place) =>
    LEVELS.flatMap((level) => {
      const digit = digitOf(seq, level);
      return digit === 0 ? [] : [{ place, digit, node: nodeOf(set, seq, level) }];
    }),
  );
  const nodes = await reader.getMany<readonly number[]>(
    RANKS,
    asked.map(({ node }) => [partition, node] as const),
  );
  const ranks = sets.map(() => 0);
  for (const [index, { place, digit }] of asked.entries())
    for (const count of nodes[index]?.slice(0, digit) ?? []) ranks[place] = (ranks[place] ?? 0) + count;
  return ranks;
}

/**
 * The writes for a seq that comes into a set (`by` 1) or goes out of it (-1), where only `ranksAbove` is asked of the set:
 * no zeros are counted then, so a small seq writes few nodes. For one event and set it is called once.
 */
export async function rankedAbove(
  rows: Pick<Rows<typeof RANKS>, "get">,
  partition: string,
  set: string,
  seq: number,
  by: 1 | -1,
): Promise<TableWrite[]> {
  const writes: TableWrite[] = [];
  for (const level of LEVELS) {
    const digit = digitOf(seq, level);
    if (digit === 0) continue;
    const node = nodeOf(set, seq, level);
    const counts = [...((await rows.get<readonly number[]>(RANKS, partition, node)) ?? new Array<number>(WIDTH).fill(0))];
    counts[digit] = (counts[digit] ?? 0) + by;
    writes.push(put(RANKS, partition, node, counts));
  }
  return writes;
}

/** How many seqs of each of the sets lie above `seq`. */
export async function ranksAbove(
  reader: Pick<Reader, "getMany">,
  sets: readonly (readonly [partition: string, set: string])[],
  seq: number,
): Promise<number[]> {
  const asked = sets.flatMap(([partition, set]) => LEVELS.map((level) => [partition, nodeOf(set, seq, level)] as const));
  const nodes = await reader.getMany<readonly number[]>(RANKS, asked);
  return sets.map((_, place) =>
    LEVELS.reduce((sum, level) => {
      const counts = nodes[place * LEVELS.length + level.level]?.slice(digitOf(seq, level) + 1) ?? [];
      return counts.reduce((all, count) => all + count, sum);
    }, 0),
  );
}
