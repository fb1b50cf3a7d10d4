import { randomUUID } from "node:crypto";
import { BroadcastChannel } from "node:worker_threads";

/*
 * The thread that writes the log tells those that read it that it has grown. To wake a thread takes longer than to store an
 * event. So each reader has a channel of its own, and notes in shared memory whether it waits. Who is at work, or rests, is not
 * woken: it looks again before it waits. The messages are empty, or say who reads the log.
 */

/** Where readers in other threads of this process say that they read a log, and writers ask who does. */
const meetingOf = (logId: string): string => `tidings-log-${logId}`;

/** `waiting`: 1 while the reader waits for a message on the channel of its name. */
type Said = { kind: "who" } | { kind: "reads"; name: string; waiting: Int32Array } | { kind: "left"; name: string };

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

/** The same, woken by the thread that writes the log. */
export function toldGrowth(logId: string, pollMs: number): Growth {
  const own = growth(pollMs);
  const name = `${meetingOf(logId)}-${randomUUID()}`;
  const waiting = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const told = new BroadcastChannel(name);
  const meeting = new BroadcastChannel(meetingOf(logId));
  const say = (said: Said): void => meeting.postMessage(said);
  told.onmessage = own.wake;
  meeting.onmessage = ({ data }: { data: unknown }) => {
    if ((data as Said).kind === "who") say({ kind: "reads", name, waiting });
  };
  told.unref();
  meeting.unref();
  say({ kind: "reads", name, waiting });
  return {
    ...own,
    expect: () => void Atomics.store(waiting, 0, 1),
    close() {
      say({ kind: "left", name });
      told.close();
      meeting.close();
      own.close();
    },
  };
}

export type Telling = {
  /** Wakes the readers in other threads that wait. Call it when more can be read. */
  grown(): void;
  close(): void;
};

/** For the thread that writes the log. */
export function tellingGrowth(logId: string): Telling {
  const readers = new Map<string, { channel: BroadcastChannel; waiting: Int32Array }>();
  const meeting = new BroadcastChannel(meetingOf(logId));
  const leave = (name: string): void => {
    readers.get(name)?.channel.close();
    readers.delete(name);
  };
  meeting.onmessage = ({ data }: { data: unknown }) => {
    const said = data as Said;
    if (said.kind === "left") return leave(said.name);
    if (said.kind !== "reads") return;
    leave(said.name);
    const channel = new BroadcastChannel(said.name);
    channel.unref();
    readers.set(said.name, { channel, waiting: said.waiting });
    // Before this it was told nothing.
    channel.postMessage(null);
  };
  meeting.unref();
  meeting.postMessage({ kind: "who" } satisfies Said);
  return {
    grown() {
      for (const { channel, waiting } of readers.values()) if (Atomics.exchange(waiting, 0, 0) === 1) channel.postMessage(null);
    },
    close() {
      meeting.close();
      for (const name of [...readers.keys()]) leave(name);
    },
  };
}
