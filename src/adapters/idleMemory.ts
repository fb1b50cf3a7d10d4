import { performance } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const MIB = 1_048_576;

/** How often a thread looks whether it is idle, in milliseconds. */
const LOOK_MS = 2_000;

/** A thread that works for less than this share of the time is idle. */
const IDLE_SHARE = 0.02;

/** After more idle looks in a row than this it gives back. Who asks now and then is not kept waiting. */
const IDLE_LOOKS = 5;

/** V8 of Node 20 gives back more at a collection that follows another one with little work in between. */
const COLLECTIONS = 4;

/** What a thread that stays idle must have taken since the last time, in bytes. */
const WORTH_BYTES = 16 * MIB;

/** With more bytes in use, a collection may keep others waiting for half a second. Then all is left to V8. */
const MOST_BYTES = 256 * MIB;

/**
 * Gives the memory of this thread back whenever the thread has become idle. V8 does so by itself only where a thread makes new
 * objects slowly. One that makes none keeps what it took at its busiest: 30 MiB in each thread after a start alone. Keeps no
 * process alive. `lookMs` is for tests.
 */
export function giveMemoryBackWhenIdle(lookMs = LOOK_MS): void {
  let before = performance.eventLoopUtilization();
  let idleLooks = 0;
  let kept = 0;
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > IDLE_SHARE) {
      idleLooks = 0;
      return;
    }
    idleLooks += 1;
    if (idleLooks <= IDLE_LOOKS) return;
    const { used_heap_size: used, total_heap_size: total } = getHeapStatistics();
    if (used > MOST_BYTES || (idleLooks > IDLE_LOOKS + COLLECTIONS && total < kept + WORTH_BYTES)) return;
    collect();
    kept = getHeapStatistics().total_heap_size;
    before = performance.eventLoopUtilization();
  };
  setInterval(look, lookMs).unref();
}

let collector: ((options?: object) => void) | undefined;

/** Node has no other way to ask V8 for this. Node 20 takes the options for another kind of collection, and does without. */
function collect(): void {
  if (!collector) {
    setFlagsFromString("--expose-gc");
    // Where V8 does not give it, nothing is given back: that is no reason to end a server.
    const given: unknown = runInNewContext("globalThis.gc");
    collector = typeof given === "function" ? (given as (options?: object) => void) : () => undefined;
  }
  if (process.versions.node.startsWith("20.")) return collector();
  collector({ type: "major", execution: "sync", flavor: "last-resort" });
}
