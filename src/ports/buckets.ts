import { byteCache } from "./byteCache.ts";

/** A budget for each key: it fills up with time, and holds no more than its size. */
export type Buckets = {
  /**
   * Takes units. Whoever has at least one left may take any number, and waits longer afterwards. Returns 0; or, where nothing was
   * taken, the milliseconds until there is one.
   */
  take(key: string, units: number): number;
  /** Takes units even if none are left. Returns the milliseconds until there are some again. */
  owe(key: string, units: number): number;
};

/** The memory of all buckets of one budget. One that is forgotten was probably full again, or there are very many. */
const BUCKETS_BYTES = 16_777_216;
/** The memory of one bucket beside its key. */
const BUCKET_BYTES = 64;

/**
 * Token buckets of `size` units, to which so many are added in a second. Undefined where that is 0: there is no limit. `now`:
 * milliseconds of a clock that never goes back.
 */
export function buckets(perSecond: number, size: number, now: () => number = () => performance.now()): Buckets | undefined {
  if (perSecond <= 0) return undefined;
  const most = Math.max(1, size);
  const known = byteCache<{ left: number; at: number }>(BUCKETS_BYTES, () => BUCKET_BYTES);

  const filled = (key: string): { left: number } => {
    const at = now();
    const bucket = known.get(key);
    if (bucket === undefined) {
      const full = { left: most, at };
      known.set(key, full);
      return full;
    }
    bucket.left = Math.min(most, bucket.left + ((at - bucket.at) * perSecond) / 1_000);
    bucket.at = at;
    return bucket;
  };
  const msUntil = (units: number): number => Math.max(0, Math.ceil((units * 1_000) / perSecond));

  return {
    take: (key, units) => {
      const bucket = filled(key);
      if (bucket.left < 1) return msUntil(1 - bucket.left);
      bucket.left -= units;
      return 0;
    },
    owe: (key, units) => {
      const bucket = filled(key);
      bucket.left -= units;
      return msUntil(-bucket.left);
    },
  };
}
