import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const collected = (): NodeJS.MemoryUsage => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // Buffers go with the collection after the one that finds them unused.
  for (let round = 0; round < 3; round += 1) collect();
  return process.memoryUsage();
};

/**
 * What the buffers of this process take, all of the pieces that they were cut from, once those are collected that nobody holds:
 * bytes.
 */
export const bufferBytes = (): number => collected().external;

/** What this process holds in memory, buffers outside of the heap included, once everything is collected that can be: bytes. */
export function heldBytes(): number {
  const { heapUsed, external } = collected();
  return heapUsed + external;
}

/** By how much what `fill` leaves behind makes this process grow: bytes. */
export async function growth(fill: () => unknown): Promise<number> {
  const before = heldBytes();
  await fill();
  return heldBytes() - before;
}
