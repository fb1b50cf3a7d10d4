import { MessageChannel, type MessagePort } from "node:worker_threads";

/*
 * The thread that writes the log tells those that read it that it has grown. To wake a thread takes longer than to store an
 * event. So each reader has a channel of its own, and notes in shared memory whether it waits. Who is at work, or rests, is not
 * woken: it looks again before it waits. The messages are empty. These are no `BroadcastChannel`s: to receive from one, Node
 * loads all that `fetch` needs: 2 MiB of objects in each thread, and more memory beside them.
 */

/** One end of the channel between the writer and one reader. `waiting`: 1 while the reader waits for a message. */
export type GrowthEnd = { port: MessagePort; waiting: Int32Array };

/** The two ends of a new channel: to be sent to another thread, `port` in the list of what is transferred. */
export function growthChannel(): { reader: GrowthEnd; writer: GrowthEnd } {
  const { port1, port2 } = new MessageChannel();
  const waiting = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return { reader: { port: port1, waiting }, writer: { port: port2, waiting } };
}

export type Growth = {
  /** Resolves at the next `wake`, or when `signal` is aborted. Look only after `expect` whether that is to be waited for. */
  next(signal: AbortSignal): Promise<void>;
  /** From now on a message is wanted, if the log grows. */
  expect(): void;
  wake(): void;
  /** Wakes everyone for the last time. */
  close(): void;
};

/**
 * Readers of one thread that wait until the log may have grown. All are also woken every `pollMs` milliseconds, so a lost message
 * causes only a delay.
 */
export function growth(pollMs: number): Growth {
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const go of [...waiting]) go();
  };
  const poll = setInterval(wake, pollMs).unref();
  return {
    next(signal) {
      return new Promise((resolve) => {
        const go = (): void => {
          waiting.delete(go);
          signal.removeEventListener("abort", go);
          resolve();
        };
        waiting.add(go);
        signal.addEventListener("abort", go);
        if (signal.aborted) go();
      });
    },
    expect: () => undefined,
    wake,
    close() {
      clearInterval(poll);
      wake();
    },
  };
}

/** The same, woken by the thread that writes the log, which has the other end. */
export function toldGrowth({ port, waiting }: GrowthEnd, pollMs: number): Growth {
  const own = growth(pollMs);
  port.on("message", own.wake);
  port.unref();
  return {
    ...own,
    expect: () => void Atomics.store(waiting, 0, 1),
    close() {
      port.close();
      own.close();
    },
  };
}

export type Telling = {
  /** From now on the reader at the other end is told, and once at once. */
  add(reader: GrowthEnd): void;
  /** Wakes the readers in other threads that wait. Call it when more can be read. */
  grown(): void;
  close(): void;
};

/** For the thread that writes the log. */
export function tellingGrowth(): Telling {
  const readers = new Set<GrowthEnd>();
  return {
    add(reader) {
      readers.add(reader);
      reader.port.once("close", () => readers.delete(reader));
      reader.port.unref();
      // Before this it was told nothing.
      reader.port.postMessage(null);
    },
    grown() {
      for (const { port, waiting } of readers) if (Atomics.exchange(waiting, 0, 0) === 1) port.postMessage(null);
    },
    close() {
      for (const { port } of readers) port.close();
      readers.clear();
    },
  };
}
