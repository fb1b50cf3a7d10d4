/** The upper bounds of the buckets that durations are counted in, in seconds. What is longer is in one bucket more. */
export const BOUNDS: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How many durations there were of each length, since the start. */
export type Durations = {
  /** Counts a duration, or so many of the same. It costs a few nanoseconds: it is called for each request and each delivery. */
  add(seconds: number, times?: number): void;
  /** How many are in each bucket: one number for each of `BOUNDS`, and one for all that were longer. */
  readonly counts: readonly number[];
  /** All of them together, in seconds. */
  readonly sum: number;
};

export function durations(): Durations {
  const counts = new Array<number>(BOUNDS.length + 1).fill(0);
  let sum = 0;
  return {
    add(seconds, times = 1) {
      let bucket = 0;
      // Most are short, so this looks at a few bounds.
      while (bucket < BOUNDS.length && seconds > (BOUNDS[bucket] as number)) bucket += 1;
      counts[bucket] = (counts[bucket] as number) + times;
      sum += seconds * times;
    },
    counts,
    get sum() {
      return sum;
    },
  };
}
