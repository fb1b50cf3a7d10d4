import type { Signals } from "../../ports/signals.ts";
import { bucketOf } from "./buckets.ts";

/*
 * Listeners are in the main thread. News comes from the worker that runs the projections. Both threads share the memory
 * `interest`, which tells the worker whether anybody listens to a topic at all. It has one counter for each bucket of topics. Two
 * topics in one bucket only cost a needless message.
 *
 * Nothing can be missed: a listener raises its counter before its first read, and the worker looks at the counter after its
 * commit. Either the worker sees the raised counter, and wakes the listener. Or it looked before that: then the commit was done
 * before the read began.
 *
 * That read may still not see the new rows. A reader reads only up to the last commit that this thread has heard of, and the news
 * of this commit may still be on its way. So every listener has an epoch: its own number, to which it raises the common
 * counter. The worker sends, with its topics, the value that the counter had before it looked. Every listener that is younger
 * than that is woken too.
 */

const BUCKETS = 65_536;

export type LocalSignals = {
  signals: Signals;
  /** For `interestIn` in a worker thread. */
  interest: SharedArrayBuffer;
  /** Whether anybody may be listening to one of these topics; without topics, to anything. */
  isHeard(topics?: readonly string[]): boolean;
};

/** Each listener is a separate object, because the same function may listen twice. */
type Listener = { wake: () => void; epoch: bigint; isOver: boolean };

export type LocalSignalsOptions = {
  /** One 64-bit counter. The threads that publish read it before they look who listens. */
  epochs?: SharedArrayBuffer;
  /** Called with what a listener threw. The others are still woken. */
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
  /** Listeners that a worker may not have seen when it last looked, oldest first. */
  const young = new Set<Listener>();

  /** Wakes all of them. A call may end a listener or begin another. A listener that has ended meanwhile is not woken. */
  function wakeAll(waiting: ReadonlySet<Listener>): void {
    for (const listener of [...waiting]) {
      if (listener.isOver) continue;
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
    for (const topic of own) Atomics.add(counters, bucketOf(topic, BUCKETS), 1);
    // Only after the counters were raised: a worker that reads this epoch finds them raised.
    const listener: Listener = { wake, epoch: Atomics.add(epochCounter, 0, 1n) + 1n, isOver: false };
    young.add(listener);
    for (const topic of own) {
      const waiting = listeners.get(topic);
      if (waiting) waiting.add(listener);
      else listeners.set(topic, new Set([listener]));
    }
    return () => {
      for (const topic of own ?? []) {
        Atomics.sub(counters, bucketOf(topic, BUCKETS), 1);
        const waiting = listeners.get(topic);
        waiting?.delete(listener);
        if (waiting?.size === 0) listeners.delete(topic);
      }
      own = undefined;
      listener.isOver = true;
      young.delete(listener);
    };
  }

  const isWanted = interestIn(interest);
  return {
    signals: { publish, publishAll: () => publish([...listeners.keys()]), listen },
    interest,
    isHeard: (topics) => listeners.size > 0 && (topics === undefined || topics.some(isWanted)),
  };
}

/** For the thread that has news: whether anybody may be listening to a topic. Ask after the commit of the news. */
export function interestIn(interest: SharedArrayBuffer): (topic: string) => boolean {
  const counters = new Int32Array(interest);
  return (topic) => Atomics.load(counters, bucketOf(topic, BUCKETS)) !== 0;
}
