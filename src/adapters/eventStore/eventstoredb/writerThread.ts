import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { Unavailable } from "../../../ports/faults.ts";
import { workerFile } from "../../workerFile.ts";
import {
  type Append,
  type FromWriter,
  type Outcome,
  type Packed,
  packed,
  type ToWriter,
  unpackOutcomes,
  type WriterData,
} from "./messages.ts";

export type WriterThread = {
  /**
   * Appends to one stream in the order of the calls. If no answer comes in time, rejects with `Unavailable` and an unknown
   * outcome. Then make exactly the same call again. `overdue`: called if the answer takes long, and again if it takes twice as
   * long. What it resolves with counts as the outcome, if it is first.
   */
  append(append: Omit<Append, "number">, overdue?: () => Promise<Outcome | undefined>): Promise<Outcome>;
  /** The end for one reader in another thread: it brings the ports to the feed, one after the other. See `fedBy`. */
  reader(): MessagePort;
  /** Resolves when every append has an outcome and the thread has ended. */
  close(): Promise<void>;
};

/** `sentAt`: by `performance.now()`. `overdueAt`: when it is overdue, or overdue once more. */
type Waiting = {
  resolve: (outcome: Outcome) => void;
  reject: (error: Unavailable) => void;
  sentAt: number;
  overdueAt: number;
  overdue: (() => Promise<Outcome | undefined>) | undefined;
};
/** `waiting`: appends by their number, in the order in which they were sent. */
type Running = {
  thread: Worker;
  left: Promise<void>;
  waiting: Map<number, Waiting>;
  /** For the one that is next to be overdue or given up. */
  timer: NodeJS.Timeout | undefined;
  /** The time of its last message, by `performance.now()`. Infinity before the first message. */
  heardAt: number;
};

/** How long an answer may take before it counts as overdue, in milliseconds. */
const OVERDUE_MS = 400;

/**
 * The thread that appends. The first append or reader starts it. If it broke or fell silent, the next append starts a new one.
 * `timeoutMs`: how long to wait for an append, in milliseconds. The client itself would wait for ever, and some of its silences
 * never end.
 */
export function writerThread(data: WriterData, timeoutMs: number): WriterThread {
  let running: Running | undefined;
  let queue: Packed[] = [];
  let numbers = 0;
  let closing = false;
  let allSettled = (): void => {};
  const threads = new Set<Running>();
  const readers = new Set<MessagePort>();

  const start = (): Running => {
    const thread = new Worker(workerFile(import.meta.url, "adapters/eventStore/eventstoredb/worker"), {
      workerData: data,
      name: "log",
    });
    const waiting: Running["waiting"] = new Map();
    let why = "the log's writer ended by itself";
    const left = new Promise<void>((resolve) =>
      thread.once("exit", () => {
        threads.delete(started);
        if (running === started) {
          running = undefined;
          queue = [];
        }
        clearTimeout(started.timer);
        for (const { reject } of waiting.values()) reject(new Unavailable(`whether it was stored is unknown: ${why}`, "unknown"));
        waiting.clear();
        settled(started);
        resolve();
      }),
    );
    thread.on("error", (error) => {
      why = error.message;
    });
    const settle = (number: number, outcome: Outcome): void => {
      // Undefined if it is too late: the caller already got an unknown outcome.
      waiting.get(number)?.resolve(outcome);
      waiting.delete(number);
    };
    thread.on("message", ({ stored, others }: FromWriter) => {
      started.heardAt = performance.now();
      unpackOutcomes(stored, settle);
      for (const [number, outcome] of others) settle(number, outcome);
      settled(started);
    });
    const started: Running = { thread, left, waiting, timer: undefined, heardAt: Infinity };
    threads.add(started);
    for (const reader of readers) give(reader, started);
    return started;
  };

  /** Gives a reader a port to a thread's feed. */
  const give = (reader: MessagePort, to: Running): void => {
    const { port1, port2 } = new MessageChannel();
    to.thread.postMessage({ kind: "reader", port: port1 } satisfies ToWriter, [port1]);
    reader.postMessage(port2, [port2]);
  };

  /** Some appends have got their outcome. Ends a thread that gets no more, once it has finished those that it has. */
  const settled = (thread: Running): void => {
    if (thread.waiting.size > 0) return;
    if (thread !== running && !closing) void thread.thread.terminate();
    if (isIdle()) allSettled();
  };

  const isIdle = (): boolean => [...threads].every(({ waiting }) => waiting.size === 0);

  const send = ({ thread }: Running, message: ToWriter): void => thread.postMessage(message);

  const flush = (): void => {
    const appends = queue;
    queue = [];
    if (running && appends.length > 0) send(running, { kind: "appends", appends });
  };

  /** Looks after the appends that have waited long. One timer for all: most are answered long before. */
  const look = (asked: Running): void => {
    asked.timer = undefined;
    const now = performance.now();
    let next = Infinity;
    for (const [number, waiting] of asked.waiting) {
      const { sentAt, overdue, resolve, reject } = waiting;
      if (now >= sentAt + timeoutMs) {
        asked.waiting.delete(number);
        // The thread is silent: it has answered nothing since this append was sent.
        if (running === asked && asked.heardAt < sentAt) {
          flush();
          running = undefined;
        }
        reject(new Unavailable(`whether it was stored is unknown: EventStoreDB gave no answer in ${timeoutMs} ms`, "unknown"));
      } else if (overdue && now >= waiting.overdueAt) {
        waiting.overdueAt = now + (now - sentAt);
        next = Math.min(next, waiting.overdueAt, sentAt + timeoutMs);
        overdue().then(
          (found) => {
            if (!found) return;
            waiting.overdue = undefined;
            resolve(found);
          },
          () => {},
        );
      } else {
        next = Math.min(next, overdue ? waiting.overdueAt : Infinity, sentAt + timeoutMs);
        // Those behind it were sent later.
        if (overdue && waiting.overdueAt === sentAt + OVERDUE_MS) break;
      }
    }
    if (next < Infinity) asked.timer = setTimeout(look, next - now, asked);
    settled(asked);
  };

  const append: WriterThread["append"] = (what, overdue) =>
    new Promise((resolve, reject) => {
      if (closing) return reject(new Unavailable("the log is closed"));
      const asked = (running ??= start());
      const number = ++numbers;
      const sentAt = performance.now();
      asked.waiting.set(number, { resolve, reject, sentAt, overdueAt: sentAt + OVERDUE_MS, overdue });
      asked.timer ??= setTimeout(look, Math.min(OVERDUE_MS, timeoutMs), asked);
      // Appends of the same turn of the event loop go in one message.
      if (queue.length === 0) setImmediate(flush);
      queue.push(packed({ number, ...what }));
    });

  return {
    append,
    reader() {
      const { port1, port2 } = new MessageChannel();
      readers.add(port1);
      port1.once("close", () => readers.delete(port1));
      port1.unref();
      if (running) give(port1, running);
      else running = start();
      return port2;
    },
    async close() {
      closing = true;
      if (!isIdle()) await new Promise<void>((resolve) => (allSettled = resolve));
      for (const reader of readers) reader.close();
      for (const thread of threads) {
        clearTimeout(thread.timer);
        send(thread, { kind: "close" });
      }
      const late = setTimeout(() => threads.forEach(({ thread }) => void thread.terminate()), CLOSE_MS);
      await Promise.all([...threads].map(({ left }) => left));
      clearTimeout(late);
    },
  };
}

/** How long a thread may take to end its connections, in milliseconds. */
const CLOSE_MS = 1_000;
