import type { Urgency } from "../projecting/rest.ts";

const COUNT = 0;
const RESTING = 1;

/**
 * Between a thread that follows the log and rests now and then, and the one where somebody waits for it. Nothing is missed: the
 * one that waits counts first and then looks whether the other one rests; that one notes its rest first, and then looks at the
 * count.
 */
export type SharedUrgency = Urgency & {
  /** Somebody waits. Returns whether the other thread rests: then it must be told. */
  raise(): boolean;
  readonly shared: SharedArrayBuffer;
};

/** `shared`: of the thread that made it. */
export function urgencyBetween(shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)): SharedUrgency {
  const memory = new Int32Array(shared);
  return {
    shared,
    count: () => Atomics.load(memory, COUNT),
    resting: (is) => void Atomics.store(memory, RESTING, is ? 1 : 0),
    raise: () => {
      Atomics.add(memory, COUNT, 1);
      return Atomics.load(memory, RESTING) === 1;
    },
  };
}
