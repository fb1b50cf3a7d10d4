import { Worker } from "node:worker_threads";
import { workerFile } from "../../workerFile.ts";

/*
 * A thread of its own copies the log's write-ahead log into the database while the writer appends. It is started when the
 * write-ahead log has grown long, and ends when it has rested long, since it takes 10 MiB and more. One number in memory that is
 * shared says what the copier does.
 */

/** It is there, and has nothing to do. */
const IDLE = 0;
/** It is to copy, or does. */
const ASKED = 1;
/** It was not started yet, or has rested long. */
const NONE = 2;
/** It has ended by a fault: the writer copies by itself. */
const GONE = 3;
/** A copy failed: nothing can be trusted any more. Why comes as a message, by the thread that has started it. */
const FAILED = 4;
const CLOSED = 5;

/** How long the copier rests before it ends, in milliseconds. */
const REST_MS = 60_000;

/** Memory for what the thread has just made, in MiB: it makes nearly nothing. */
const YOUNG_MIB = 1;

/** What the copier does: shared by the writer, the copier, and who starts both. */
export type Copies = Int32Array;

export const newCopies = (): Copies => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(NONE);

const change = (copies: Copies, from: number, to: number): boolean => {
  if (Atomics.compareExchange(copies, 0, from, to) !== from) return false;
  Atomics.notify(copies, 0);
  return true;
};

/** For the writer. */
export type Copier = {
  /** Has the write-ahead log copied. False if the copier has ended: then the writer copies by itself. */
  ask(): boolean;
  /** Whether the copy that was asked for has ended. True once for each. */
  hasCopied(): boolean;
  /** Whether a copy failed. Nothing may be acknowledged after that. */
  hasFailed(): boolean;
  /**
   * Waits until no copy is under way, at most so many milliseconds. False if one still is, or if one failed: then the write-ahead
   * log must stay as it is.
   */
  settle(ms: number): boolean;
};

/** `start` is called when the copier is needed, and is not there. */
export function copierOf(copies: Copies, start: () => void): Copier {
  let asked = false;
  return {
    ask() {
      const starts = change(copies, NONE, ASKED);
      if (starts) start();
      asked ||= starts || change(copies, IDLE, ASKED);
      return asked;
    },
    hasCopied() {
      if (!asked || Atomics.load(copies, 0) === ASKED) return false;
      asked = false;
      return true;
    },
    hasFailed: () => Atomics.load(copies, 0) === FAILED,
    settle(ms) {
      Atomics.wait(copies, 0, ASKED, ms);
      const now = Atomics.load(copies, 0);
      return now !== ASKED && now !== FAILED;
    },
  };
}

/**
 * For the copier: copies whenever it is asked, until it is closed or has rested for `restMs`, and holds up all else in its
 * thread.
 */
export function copyWhenAsked(copies: Copies, copy: () => void, restMs = REST_MS): void {
  for (;;) {
    const now = Atomics.load(copies, 0);
    if (now === ASKED) {
      copy();
      change(copies, ASKED, IDLE);
    } else if (now !== IDLE) return;
    else if (Atomics.wait(copies, 0, IDLE, restMs) === "timed-out" && change(copies, IDLE, NONE)) return;
  }
}

/** For the copier, once it has said why its copy failed. */
export const copyFailed = (copies: Copies): void => void change(copies, ASKED, FAILED);

/** Has the copier end, after its present copy. */
export function closeCopier(copies: Copies): void {
  Atomics.store(copies, 0, CLOSED);
  Atomics.notify(copies, 0);
}

export type CopyData = { dataDir: string; copies: Copies };

/**
 * Starts the copier. The main thread does: a thread that ends by a fault takes those with it that it started, in the midst of a
 * statement. `failed` is called with the reason if a copy fails, `lost` if the thread ends too early otherwise. Resolves once it
 * has ended.
 */
export function startCopier(
  data: CopyData,
  script: URL | undefined,
  failed: (message: string) => void,
  lost: (error: Error) => void,
): Promise<void> {
  const { copies } = data;
  const thread = new Worker(script ?? workerFile(import.meta.url, "adapters/eventStore/sqlite/copyThread"), {
    workerData: data,
    name: "copying",
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  let fault = new Error("it ended by itself");
  thread.on("message", failed);
  thread.on("error", (error: Error) => (fault = error));
  return new Promise((resolve) =>
    thread.once("exit", (code) => {
      // Otherwise it was closed or has rested, and another one may have been started meanwhile.
      if (code !== 0 && (change(copies, ASKED, GONE) || change(copies, IDLE, GONE))) lost(fault);
      resolve();
    }),
  );
}
