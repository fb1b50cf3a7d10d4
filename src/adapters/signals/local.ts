import type { Signals } from "../../ports/signals.ts";

/*
 * Listeners live in the main thread; the worker that runs the projections publishes. It knows from `interest`, memory that both threads see,
 * whether anybody listens to a topic at all: one counter a bucket of topics. Two topics of one bucket cost a needless message, nothing else.
 *
 * Nothing can be missed: a listener raises its counter before its first read, and the worker looks at the counter after its commit. Either the
 * worker sees the counter raised, and wakes; or it looked before, so the commit was done before the read began, which finds its rows.
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
  /** For `relaySignals` in a worker thread. */
  interest: SharedArrayBuffer;
  /** Wakes the listeners of topics that another thread published. */
  deliver(topics: Iterable<string>): void;
  /** Wakes every listener: anything may be news. */
  deliverAll(): void;
};

/** Signals within one process. `onError` is told what a listener threw: the others are woken all the same. */
export function localSignals(
  onError: (error: unknown) => void = (error) => process.emitWarning(error instanceof Error ? error : String(error)),
): LocalSignals {
  const interest = new SharedArrayBuffer(BUCKETS * Int32Array.BYTES_PER_ELEMENT);
  const counters = new Int32Array(interest);
  // A listener is an object of its own: the same function may listen twice.
  const listeners = new Map<string, Set<{ wake: () => void }>>();

  function deliver(topics: Iterable<string>): void {
    for (const topic of new Set(topics)) {
      const waiting = listeners.get(topic);
      if (!waiting) continue;
      // A copy, since waking may end this listener or begin another; whoever ended meanwhile is left alone.
      for (const listener of [...waiting]) {
        if (!waiting.has(listener)) continue;
        try {
          listener.wake();
        } catch (error) {
          onError(error);
        }
      }
    }
  }

  function listen(topics: readonly string[], wake: () => void): () => void {
    const listener = { wake };
    let own: string[] | undefined = [...new Set(topics)];
    for (const topic of own) {
      Atomics.add(counters, bucketOf(topic), 1);
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
    };
  }

  return { signals: { publish: deliver, listen }, interest, deliver, deliverAll: () => deliver([...listeners.keys()]) };
}

export type RelaySignals = {
  publish: Signals["publish"];
  /** Whether anybody may be listening: to be asked after the commit that there is news of. */
  wanted(topic: string): boolean;
};

/** The worker's side: `post` is given the topics that somebody may listen to, once a `publish`, for `deliver` in the main thread. */
export function relaySignals(interest: SharedArrayBuffer, post: (topics: string[]) => void): RelaySignals {
  const counters = new Int32Array(interest);
  const wanted = (topic: string) => Atomics.load(counters, bucketOf(topic)) !== 0;
  return {
    wanted,
    publish(topics) {
      const news = new Set<string>();
      for (const topic of topics) if (wanted(topic)) news.add(topic);
      if (news.size > 0) post([...news]);
    },
  };
}
