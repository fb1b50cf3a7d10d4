import type { Facet } from "../../ports/searchIndex.ts";
import { byBytes } from "./names.ts";

function summed(counts: Iterable<readonly [key: string, count: number]>): Facet[] {
  const sums = new Map<string, number>();
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
  return [...sums].map(([key, count]) => ({ key, count }));
}

const byKey = (one: Facet, other: Facet): number => byBytes(one.key, other.key);

/** Adds up the counts of each key. The highest come first. */
export const countsOf = (counts: Iterable<readonly [key: string, count: number]>, limit: number): Facet[] =>
  summed(counts)
    .sort((one, other) => other.count - one.count || byKey(one, other))
    .slice(0, limit);

/** Adds up the counts of each month. The newest come first. */
export const monthsOf = (counts: Iterable<readonly [key: string, count: number]>, limit: number): Facet[] =>
  summed(counts)
    .sort((one, other) => byKey(other, one))
    .slice(0, limit);
