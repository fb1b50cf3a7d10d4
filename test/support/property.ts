/** How many times a property is tried: `PROPERTY_RUNS`, and no fewer than `least`. */
export const runs = (least = 200): number => Math.max(least, Number(process.env.PROPERTY_RUNS ?? 0) || 0);

/**
 * What the random choices of a property follow from, said aloud, so that a run can be had again: `PROPERTY_SEED` where it is set.
 * fast-check tells it with a failure too.
 */
export function seed(property: string): number {
  const given = process.env.PROPERTY_SEED;
  const chosen = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
  process.stdout.write(`${property}: PROPERTY_SEED=${chosen}\n`);
  return chosen;
}
