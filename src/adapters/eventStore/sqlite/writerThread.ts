import { Worker } from "node:worker_threads";
import { Unavailable } from "../../../ports/faults.ts";
import { workerFile } from "../../workerFile.ts";
import { closeCopier, newCopies, startCopier } from "./copying.ts";
import type { GrowthEnd } from "./growth.ts";
import { giving, GROUP_APPENDS, newHands } from "./handing.ts";
import type { Append, FromWriter, Outcome, ToWriter, WriterData } from "./messages.ts";

/** Another limit of one transaction, so that the first of many appends does not wait for all of them. */
const GROUP_CHARACTERS = 4_000_000;

/** Memory for what the thread has just made, in MiB. Without it, twice as much was taken, and a send cost the same. */
const YOUNG_MIB = 12;

export type WriterThreadOptions = {
  /**
   * Called once when the log can no longer be written. The outcome of what was not acknowledged is unknown, and the process must
   * end.
   */
  onFatal?: (error: Error) => void;
  /**
   * Called when a group was committed, before its appends are answered. `appends`: how many shared the fsync. `commitMs`: how
   * long that took.
   */
  onGroup?: (appends: number, commitMs: number) => void;
  /** Called while a log of an earlier version is updated, with the number of events that are done. */
  onProgress?: (done: number, total: number) => void;
  /** Called if the thread ends by a fault that copies the write-ahead log. From then on, appends wait for these copies. */
  onCopierLost?: (error: Error) => void;
  /** The threads' scripts. Default: those beside this module. */
  worker?: URL;
  copier?: URL;
};

/** An append on its way. */
type Waiting = { append: Append; resolve: (outcome: Outcome) => void; reject: (error: Unavailable) => void };

export type WriterThread = {
  /** Rejects with `Unavailable`. */
  append(append: Append): Promise<Outcome>;
  /** Has the reader at the other end told when the log has grown. */
  tell(reader: GrowthEnd): void;
  /** Resolves when all appends are committed and the threads have ended. */
  close(): Promise<void>;
};

/**
 * Starts the thread that writes the log. Resolves once the log is open, and rejects with `Unavailable` if it cannot be opened.
 * One message is under way at a time. Appends that come meanwhile form a group, which goes with the next message and shares one
 * fsync.
 */
export function startWriterThread(
  data: Omit<WriterData, "hands" | "copies">,
  options: WriterThreadOptions,
): Promise<WriterThread> {
  const shared = newHands();
  const hands = giving(shared);
  const copies = newCopies();
  const workerData: WriterData = { ...data, hands: shared, copies };
  const thread = new Worker(options.worker ?? workerFile(import.meta.url, "adapters/eventStore/sqlite/worker"), {
    workerData,
    name: "log",
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  let copierLeft = Promise.resolve();
  const left = new Promise<void>((resolve) =>
    thread.once("exit", () => {
      closeCopier(copies);
      resolve(copierLeft);
    }),
  );
  const send = (message: ToWriter): void => thread.postMessage(message);

  let queue: Waiting[] = [];
  let inFlight: Waiting[] = [];
  let flushing = false;
  let closing = false;
  /** Why nothing is written any more. */
  let shut: string | undefined;
  let opened = false;

  const flushSoon = (): void => {
    if (flushing || inFlight.length > 0) return;
    flushing = true;
    // Not at once: appends of the same turn of the event loop belong to the same group.
    setImmediate(() => {
      flushing = false;
      flush();
    });
  };

  const flush = (): void => {
    if (shut !== undefined) return;
    inFlight = takeGroup();
    const appends = inFlight.map((waiting) => waiting.append);
    if (appends.length > 0) {
      if (!hands.give(appends)) send({ kind: "group", appends });
    } else if (closing) {
      hands.call();
      send({ kind: "close" });
    }
  };

  const takeGroup = (): Waiting[] => {
    let characters = 0;
    let count = 0;
    while (count < queue.length && count < GROUP_APPENDS && characters < GROUP_CHARACTERS) {
      for (const event of (queue[count] as Waiting).append.events) characters += event[2].length + event[3].length;
      count++;
    }
    if (count === queue.length) {
      const whole = queue;
      queue = [];
      return whole;
    }
    return queue.splice(0, count);
  };

  const answered = (each: (waiting: Waiting, index: number) => void): void => {
    const group = inFlight;
    inFlight = [];
    group.forEach(each);
    if (queue.length > 0 || closing) flushSoon();
  };

  const breakDown = (message: string, cause?: unknown): void => {
    if (shut !== undefined) return;
    shut = `the log is closed for writing after an error, and the server must be started again: ${message}`;
    for (const { reject } of inFlight)
      reject(new Unavailable(`whether it was stored is unknown: ${message}`, "unknown", { cause }));
    for (const { reject } of queue) reject(new Unavailable(shut));
    inFlight = queue = [];
    options.onFatal?.(new Error(shut, { cause }));
  };

  const copy = (): void => {
    const failed = (message: string): void => {
      hands.call();
      send({ kind: "copyFailed", message });
    };
    const lost = options.onCopierLost ?? (() => undefined);
    copierLeft = startCopier({ dataDir: data.dataDir, copies }, options.copier, failed, lost);
  };

  const running: WriterThread = {
    append: (append) =>
      new Promise((resolve, reject) => {
        if (shut !== undefined || closing) return reject(new Unavailable(shut ?? "the log is closed"));
        queue.push({ append, resolve, reject });
        flushSoon();
      }),
    // It is read within a moment, also while groups are given one after the other.
    tell: (reader) => thread.postMessage({ kind: "reader", reader } satisfies ToWriter, [reader.port]),
    close() {
      if (!closing) {
        closing = true;
        if (shut === undefined) flushSoon();
      }
      return left;
    },
  };

  return new Promise((resolve, reject) => {
    thread.on("message", (message: FromWriter) => {
      switch (message.kind) {
        case "opened":
          opened = true;
          return resolve(running);
        case "progress":
          return options.onProgress?.(message.done, message.total);
        case "copier":
          return copy();
        case "failed":
          return reject(new Unavailable(message.message));
        case "committed": {
          const { outcomes, commitMs } = hands.told(inFlight.length);
          options.onGroup?.(outcomes.length, commitMs);
          return answered((waiting, index) => waiting.resolve(outcomes[index] as Outcome));
        }
        case "refused":
          return answered((waiting) => waiting.reject(new Unavailable(message.message)));
        case "broken":
          return breakDown(message.message);
      }
    });
    const died = (error: Error): void => {
      if (opened) breakDown(error.message, error);
      else reject(new Unavailable(`the log's writer did not start: ${error.message}`, "nothing", { cause: error }));
    };
    thread.once("error", died);
    thread.once("exit", () => {
      if (closing && inFlight.length === 0 && queue.length === 0) shut ??= "the log is closed";
      else died(new Error("the log's writer ended by itself"));
    });
  });
}
