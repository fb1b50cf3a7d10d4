import { Worker } from "node:worker_threads";
import { Unavailable } from "../../../ports/faults.ts";
import { workerFile } from "../../workerFile.ts";
import type { Append, FromWriter, Outcome, ToWriter, WriterData } from "./messages.ts";

export type WriterThread = {
  /**
   * Appends to one stream in the order of the calls. If no answer comes in time, rejects with `Unavailable` and an unknown
   * outcome. Then make exactly the same call again.
   */
  append(append: Omit<Append, "number">): Promise<Outcome>;
  /** Resolves when every append has an outcome and the thread has ended. */
  close(): Promise<void>;
};

type Waiting = { resolve: (outcome: Outcome) => void; reject: (error: Unavailable) => void; timer: NodeJS.Timeout };
type Running = {
  thread: Worker;
  left: Promise<void>;
  waiting: Map<number, Waiting>;
  /** The time of its last message, by `performance.now()`. Infinity before the first message. */
  heardAt: number;
};

/**
 * The thread that appends. The first append starts it. If it broke or fell silent, the next append starts a new one. `timeoutMs`:
 * how long to wait for an append, in milliseconds. The client itself would wait for ever, and some of its silences never end.
 */
export function writerThread(data: WriterData, timeoutMs: number): WriterThread {
  let running: Running | undefined;
  let queue: Append[] = [];
  let numbers = 0;
  let closing = false;
  const inFlight = new Set<Promise<Outcome>>();
  const threads = new Set<Running>();

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
        for (const { reject, timer } of waiting.values()) {
          clearTimeout(timer);
          reject(new Unavailable(`whether it was stored is unknown: ${why}`, "unknown"));
        }
        waiting.clear();
        resolve();
      }),
    );
    thread.on("error", (error) => {
      why = error.message;
    });
    thread.on("message", ({ outcomes }: FromWriter) => {
      started.heardAt = performance.now();
      for (const [number, outcome] of outcomes) {
        const { resolve, timer } = waiting.get(number) ?? {};
        // Too late: the caller already got an unknown outcome.
        if (!resolve) continue;
        clearTimeout(timer);
        waiting.delete(number);
        resolve(outcome);
      }
      leaveIfDone(started);
    });
    const started: Running = { thread, left, waiting, heardAt: Infinity };
    threads.add(started);
    return started;
  };

  /** Ends a thread that gets no more appends, once it has finished those that it has. */
  const leaveIfDone = (thread: Running): void => {
    if (thread !== running && !closing && thread.waiting.size === 0) void thread.thread.terminate();
  };

  const send = ({ thread }: Running, message: ToWriter): void => thread.postMessage(message);

  const flush = (): void => {
    const appends = queue;
    queue = [];
    if (running && appends.length > 0) send(running, { kind: "appends", appends });
  };

  const append = (what: Omit<Append, "number">): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const asked = (running ??= start());
      const { waiting } = asked;
      const number = ++numbers;
      const sentAt = performance.now();
      const timer = setTimeout(() => {
        waiting.delete(number);
        // The thread is silent: it has answered nothing since this append was sent.
        if (running === asked && asked.heardAt < sentAt) {
          flush();
          running = undefined;
        }
        leaveIfDone(asked);
        reject(new Unavailable(`whether it was stored is unknown: EventStoreDB gave no answer in ${timeoutMs} ms`, "unknown"));
      }, timeoutMs);
      waiting.set(number, { resolve, reject, timer });
      // Appends of the same turn of the event loop go in one message.
      if (queue.length === 0) setImmediate(flush);
      queue.push({ number, ...what });
    });

  return {
    async append(what) {
      if (closing) throw new Unavailable("the log is closed");
      const appended = append(what);
      inFlight.add(appended);
      try {
        return await appended;
      } finally {
        inFlight.delete(appended);
      }
    },
    async close() {
      closing = true;
      await Promise.allSettled(inFlight);
      for (const thread of threads) send(thread, { kind: "close" });
      const late = setTimeout(() => threads.forEach(({ thread }) => void thread.terminate()), CLOSE_MS);
      await Promise.all([...threads].map(({ left }) => left));
      clearTimeout(late);
    },
  };
}

/** How long a thread may take to end its connections, in milliseconds. */
const CLOSE_MS = 1_000;
