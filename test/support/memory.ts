import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What this process holds in memory, buffers outside of the heap included, once everything is collected that can be: bytes. */
export function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // Buffers go with the collection after the one that finds them unused.
  for (let round = 0; round < 3; round += 1) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** By how much what `fill` leaves behind makes this process grow: bytes. */
export async function growth(fill: () => unknown): Promise<number> {
  const before = heldBytes();
  await fill();
  return heldBytes() - before;
}
