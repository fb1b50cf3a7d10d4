import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Unavailable } from "../../ports/faults.ts";
import type { Inspector, Looked } from "../../ports/files.ts";
import { workerFile } from "../workerFile.ts";
import type { LookAt, LookedAt } from "./messages.ts";

export type InspectorOptions = {
  /** A picture of more pixels is not drawn. */
  pixels: number;
  warn: (message: string, detail: string) => void;
  /** How long one look may take, in milliseconds. Then the process is ended. */
  limitMs?: number;
  /** How long the process stays that has nothing to do, in milliseconds. */
  idleMs?: number;
};

const LIMIT_MS = 12_000;
const IDLE_MS = 30_000;
const WAITING = 64;
/** Of a thumbnail, in pixels. */
const SIZE = 512;
/** Of JavaScript, in MiB. Pictures are beside it. */
const HEAP_MB = 256;

type Waiting = { asked: Omit<LookAt, "id">; resolve: (looked: Looked) => void; reject: (error: Error) => void };

/**
 * Looks at files in a process of its own, one at a time: what breaks or never ends there is ended, and the next look gets another
 * process. It is started when it is needed, and leaves when nothing comes.
 */
export function inspector({ pixels, warn, limitMs = LIMIT_MS, idleMs = IDLE_MS }: InspectorOptions): Inspector {
  const queue: Waiting[] = [];
  let child: ChildProcess | undefined;
  let current: { id: number; waiting: Waiting; timer: NodeJS.Timeout } | undefined;
  let idle: NodeJS.Timeout | undefined;
  let count = 0;
  let closed = false;
  /** Once is enough: it stays so until another start. */
  let isToldUnmeasured = false;

  /** `isAway`: the process could not be had, and nothing is known of the file. */
  const broke = (why: string, isAway = false): void => {
    const failed = current;
    current = undefined;
    clearTimeout(failed?.timer);
    const ending = child;
    child = undefined;
    ending?.kill("SIGKILL");
    // Whatever was in it: no one draws it.
    if (failed !== undefined && isAway) {
      failed.waiting.reject(new Unavailable("files cannot be looked at now", "nothing", { cause: new Error(why) }));
    } else if (failed !== undefined && !closed) {
      warn("a file that was looked at ended the process that did", why);
      failed.waiting.resolve({ mediaType: undefined });
    }
    next();
  };

  const started = (): ChildProcess => {
    const made = fork(fileURLToPath(workerFile(import.meta.url, "adapters/pictures/process")), [], {
      serialization: "advanced",
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      // It needs no secret of the server's.
      env: { PATH: process.env["PATH"], LANG: "C.UTF-8" },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const left = (why: string, isAway: boolean): void => {
      if (made === child) broke(why, isAway);
    };
    const answered = (answer: LookedAt): void => {
      if (made !== child || current?.id !== answer.id) return;
      const looked = "looked" in answer ? revived(answer.looked) : { mediaType: undefined };
      if (looked.isUnmeasured && !isToldUnmeasured) {
        isToldUnmeasured = true;
        warn("pictures are not measured, and get no small ones", "the package sharp is not there for this machine");
      }
      const { waiting, timer } = current;
      clearTimeout(timer);
      current = undefined;
      waiting.resolve(looked);
      next();
    };
    made.on("message", (answer: LookedAt) => {
      try {
        answered(answer);
      } catch (error) {
        // A file has made it say something else: whatever it is, it ends nothing here.
        left(`its answer is none: ${(error as Error).message}`, false);
      }
    });
    made.on("error", (error) => left(error.message, true));
    made.on("exit", (code, signal) => left(`it ended with ${signal ?? code}`, false));
    made.unref();
    made.channel?.unref();
    return made;
  };

  const next = (): void => {
    if (current !== undefined || closed) return;
    const waiting = queue.shift();
    clearTimeout(idle);
    if (waiting === undefined) {
      idle = setTimeout(() => {
        const ending = child;
        child = undefined;
        ending?.disconnect();
      }, idleMs).unref();
      return;
    }
    const id = ++count;
    current = { id, waiting, timer: setTimeout(() => broke(`it took longer than ${limitMs} ms`), limitMs) };
    try {
      child ??= started();
      child.send({ id, ...waiting.asked } satisfies LookAt, (error) => {
        if (error && current?.id === id) broke(error.message, true);
      });
    } catch (error) {
      broke((error as Error).message, true);
    }
  };

  return {
    look: (bytes, draw) => {
      if (closed) return Promise.reject(new Unavailable("the server ends"));
      if (queue.length >= WAITING) return Promise.reject(new Unavailable("too many files are looked at just now"));
      return new Promise((resolve, reject) => {
        queue.push({ asked: { bytes, draw, pixels, size: SIZE }, resolve, reject });
        next();
      });
    },
    close: async () => {
      closed = true;
      clearTimeout(idle);
      clearTimeout(current?.timer);
      const waiting = [...(current ? [current.waiting] : []), ...queue.splice(0)];
      current = undefined;
      for (const { reject } of waiting) reject(new Unavailable("the server ends"));
      const ending = child;
      child = undefined;
      ending?.kill("SIGKILL");
    },
  };
}

/** Bytes come from another process as plain arrays. */
function revived(looked: Looked): Looked {
  const { picture } = looked;
  if (picture?.thumbnail === undefined) return looked;
  const { bytes, width, height } = picture.thumbnail;
  return { ...looked, picture: { ...picture, thumbnail: { bytes: Buffer.from(bytes), width, height } } };
}
