import type { Signals } from "../../ports/signals.ts";

/*
 * Listeners live in the main thread; the news come from the worker that runs the projections. It knows from `interest`, memory that both threads see,
 * whether anybody listens to a topic at all: one counter a bucket of topics. Two topics of one bucket cost a needless message, nothing else.
 *
 * Nothing can be missed: a listener raises its counter before its first read, and the worker looks at the counter after its commit. Either the
 * worker sees the counter raised, and wakes; or it looked before, so the commit was done before the read began.
 *
 * That read may still pass its rows over: whoever reads goes no further than the last commit that this thread has heard of, and that one is on its
 * way. So every listener has an epoch, a number of its own that it raises the common counter to; the worker tells with its topics what the counter
 * was before it looked; and who is younger than that is woken too.
 */

const BUCKETS = 65_536;

/** FNV-1a over the UTF-16 units, folded to 16 bits. */
function bucketOf(topic: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < topic.length; i++) hash = Math.imul(hash ^ topic.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
}

export type LocalSignals = {
  signals: Signals;
  /** For `interestIn` in a worker thread. */
  interest: SharedArrayBuffer;
};

/** A listener is an object of its own: the same function may listen twice. */
type Listener = { wake: () => void; epoch: bigint };

export type LocalSignalsOptions = {
  /** One 64-bit counter, which the threads that publish read before they look who listens. */
  epochs?: SharedArrayBuffer;
  /** Told what a listener threw: the others are woken all the same. */
  onError?: (error: unknown) => void;
};

const warned = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** Signals within one process. */
export function localSignals({
  epochs = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT),
  onError = warned,
}: LocalSignalsOptions = {}): LocalSignals {
  const interest = new SharedArrayBuffer(BUCKETS * Int32Array.BYTES_PER_ELEMENT);
  const counters = new Int32Array(interest);
  const epochCounter = new BigInt64Array(epochs);
  const listeners = new Map<string, Set<Listener>>();
  /** Those that a worker may not have had in sight when it looked last, oldest first. */
  const young = new Set<Listener>();

  /** Waking may end a listener or begin another: whoever ended meanwhile is left alone. */
  function wakeAll(waiting: ReadonlySet<Listener>): void {
    for (const listener of [...waiting]) {
      if (!waiting.has(listener)) continue;
      try {
        listener.wake();
      } catch (error) {
        onError(error);
      }
    }
  }

  function publish(topics: Iterable<string>, epoch?: bigint): void {
    for (const topic of new Set(topics)) {
      const waiting = listeners.get(topic);
      if (waiting) wakeAll(waiting);
    }
    if (epoch === undefined) return;
    for (const listener of young) {
      if (listener.epoch > epoch) break;
      young.delete(listener);
    }
    wakeAll(young);
  }

  function listen(topics: readonly string[], wake: () => void): () => void {
    let own: string[] | undefined = [...new Set(topics)];
    for (const topic of own) Atomics.add(counters, bucketOf(topic), 1);
    // Only now: who reads this epoch finds the counters raised.
    const listener: Listener = { wake, epoch: Atomics.add(epochCounter, 0, 1n) + 1n };
    young.add(listener);
    for (const topic of own) {
      const waiting = listeners.get(topic);
      if (waiting) waiting.add(listener);
      else listeners.set(topic, new Set([listener]));
    }
    return () => {
      for (const topic of own ?? []) {
        Atomics.sub(counters, bucketOf(topic), 1);
        const waiting = listeners.get(topic);
        waiting?.delete(listener);
        if (waiting?.size === 0) listeners.delete(topic);
      }
      own = undefined;
      young.delete(listener);
    };
  }

  return { signals: { publish, publishAll: () => publish([...listeners.keys()]), listen }, interest };
}

/** Whether anybody may be listening to a topic, told to the thread that has news: to be asked after the commit that there is news of. */
export function interestIn(interest: SharedArrayBuffer): (topic: string) => boolean {
  const counters = new Int32Array(interest);
  return (topic) => Atomics.load(counters, bucketOf(topic)) !== 0;
}
