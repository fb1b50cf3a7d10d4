import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { giveMemoryBackWhenIdle } from "../adapters/idleMemory.ts";

/**
 * How much garbage may lie beside the live data before all of it is collected, in percent. V8 alone decides by how much memory
 * the machine has. With 2,000 sends in flight, of which 50 to 100 MB are live data, the process took 1.6 GB on Node 20 and 2.4 GB
 * on Node 24; with this, 530 and 770 MB, and a send costs 5 % more. With 30 it takes a sixth less, and a send costs 20 % more.
 */
const GARBAGE_PERCENT = 100;

/**
 * Memory for what a thread that follows the log has just made, in MiB: three times a semi-space. Without it, Node 24 takes up to
 * 160 for each such thread. With 24, a send costs the same.
 */
export const FOLLOWING_MIB = 12;

/**
 * Half of the memory for what the main thread has just made, in MiB. V8 takes it from the command line alone, where `npm start`
 * and the image say so. Without it, Node 24 takes twice as much, and a send costs the same: 260 µs with both. With 8, 286.
 */
export const SEMI_SPACE = "--max-semi-space-size=16";

/**
 * V8 makes objects of a kind that is often kept among the old ones at once. Those that graphql-jit makes for each operation are
 * then of that kind: old garbage, which until the next collection of all garbage keeps alive whatever it refers to, and so passes
 * for being kept. A fifth of all that an operation made was kept so. Without it, a mutation that does nothing takes 70 µs
 * instead of 96, and a send alone 588 instead of 703.
 */
const NO_OLD_GARBAGE = "--no-allocation-site-pretenuring";

/**
 * With so few cores, each thread collects its young garbage alone. V8 would have other threads help, which then wait for each
 * other and for a core: with 2,000 sends in flight on two cores, that takes 18 µs of the 213 of a send.
 */
export const FEW_CORES = 2;

/**
 * Bounds the memory of this process by what it holds, and gives back what this thread does not need while it is idle. It can grow
 * as far as before. For a process that serves.
 */
export function boundMemory(): void {
  // What the command line says is for this thread. The others have bounds of their own.
  setFlagsFromString("--max-semi-space-size=0");
  setFlagsFromString(NO_OLD_GARBAGE);
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
  if (availableParallelism() <= FEW_CORES) setFlagsFromString("--no-parallel-scavenge");
  giveMemoryBackWhenIdle();
}
