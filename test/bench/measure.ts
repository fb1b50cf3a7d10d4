/** Milliseconds on a clock that all processes of the machine share. */
export const clockMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The value below which the share `of` (0 to 1) of the samples lies; NaN of none. */
export function percentile(samples: readonly number[], of: number): number {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

export type Timed<T> = { seconds: number; value: T };

export async function timed<T>(work: () => Promise<T> | T): Promise<Timed<T>> {
  const began = clockMs();
  const value = await work();
  return { seconds: (clockMs() - began) / 1_000, value };
}

/**
 * Runs each of some works in turn, so many times over: what the machine does meanwhile then befalls all of them alike. The first
 * round warms up and is thrown away where `warmUp` says so. Gives each work's results in the order of the rounds.
 */
export async function alternating<T extends Record<string, (round: number) => Promise<unknown>>>(
  rounds: number,
  works: T,
  warmUp = false,
): Promise<{ [K in keyof T]: Awaited<ReturnType<T[K]>>[] }> {
  const results = Object.fromEntries(Object.keys(works).map((name) => [name, [] as unknown[]]));
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const result = await work(round);
      if (round >= 0) results[name]?.push(result);
    }
  }
  return results as { [K in keyof T]: Awaited<ReturnType<T[K]>>[] };
}

/** Waits until a condition holds, which is looked at every `everyMs`; throws after `timeoutMs`, saying what was waited for. */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 2,
): Promise<void> {
  const end = clockMs() + timeoutMs;
  while (!(await condition())) {
    if (clockMs() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
