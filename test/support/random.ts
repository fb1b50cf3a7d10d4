export type Random = { below(bound: number): number; of<T>(list: readonly T[]): T };

/** Choices that follow from a number. */
export function randomOf(seed: number): Random {
  let state = seed;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * bound);
  };
  return { below, of: <T>(list: readonly T[]): T => list[below(list.length)] as T };
}
