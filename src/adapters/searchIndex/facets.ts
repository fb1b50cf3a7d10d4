import type { Facet } from "../../ports/searchIndex.ts";
import { byBytes } from "./names.ts";

function summed(counts: Iterable<readonly [key: string, count: number]>): Facet[] {
  const sums = new Map<string, number>();
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
  return [...sums].map(([key, count]) => ({ key, count }));
}

const byKey = (one: Facet, other: Facet): number => byBytes(one.key, other.key);

/** Counts of the same key added up, the highest first. */
export const countsOf = (counts: Iterable<readonly [key: string, count: number]>, limit: number): Facet[] =>
  summed(counts)
    .sort((one, other) => other.count - one.count || byKey(one, other))
    .slice(0, limit);

/** Counts of the same month added up, the newest first. */
export const monthsOf = (counts: Iterable<readonly [key: string, count: number]>, limit: number): Facet[] =>
  summed(counts)
    .sort((one, other) => byKey(other, one))
    .slice(0, limit);
