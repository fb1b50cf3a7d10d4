import { generateKeyPairSync, createPrivateKey } from "node:crypto";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { auditDirectory } from "../adapters/auditTree/sqliteTreeStore.ts";
import { workerFile } from "../adapters/workerFile.ts";
import type { Auditor } from "../ports/auditor.ts";
import type { Config } from "../config.ts";
import { Refusal } from "../domain/refusal.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import type { AuditData, AuditJob, FromAuditor, ToAuditor } from "./auditJobs.ts";
import { type LogPlace, portsOfLog } from "./log.ts";
import { keptSecret } from "./secret.ts";

/** How long the thread is kept for the next question, in milliseconds. */
const IDLE_MS = 10_000;
/** How long a question waits for a tree that is behind the log, in milliseconds. */
const WAIT_MS = 4_000;
/** The most questions that wait. Each is cheap, but for the first ones. */
const WAITING_MAX = 32;
/** MiB for what the thread has just made: a page of the log. */
const YOUNG_MIB = 16;

/** The key that signs heads: made once, and kept in DATA_DIR. */
async function keyOfHeads(dataDir: string): Promise<string> {
  const file = join(auditDirectory(dataDir), "key");
  const make = (): string => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const text = await keptSecret(auditDirectory(dataDir), file, make);
  try {
    if (createPrivateKey(text).asymmetricKeyType === "ed25519") return text;
  } catch {
    // Said below.
  }
  throw new Error(`${file} holds no Ed25519 key in PEM: put it back, or move it away and heads are signed by a new one`);
}

export type Auditing = Auditor & { close(): Promise<void> };

type AuditingOptions = {
  log: Pick<EventStore, "origin" | "end">;
  place(): LogPlace;
  /** How often a head is signed if there are new events, in milliseconds. */
  everyMs: number;
  warn(message: string, detail: string): void;
};

type Asked = { resolve(value: unknown): void; reject(error: Error): void };
type Thread = { worker: Worker; waiting: Map<number, Asked>; left: Promise<void>; letGo: NodeJS.Timeout | undefined };

/**
 * Keeps the tree over the log of this process in DATA_DIR, and answers from it: in a thread that is there while there is
 * something to do. So events are hashed some time after they were stored, many at once, and nothing waits for it. Rejects with
 * an `Error` that says what to do if the key cannot be read or made.
 */
export async function startAuditing(
  { dataDir }: Pick<Config, "dataDir">,
  { log, place, everyMs, warn }: AuditingOptions,
): Promise<Auditing> {
  const key = await keyOfHeads(dataDir);
  let current: Thread | undefined;
  let numbers = 0;
  let isClosed = false;
  let signed: Position = log.origin;

  const started = (): Thread => {
    const at = place();
    const worker = new Worker(workerFile(import.meta.url, "server/auditThread"), {
      workerData: { log: at, dataDir, key, waitMs: WAIT_MS } satisfies AuditData,
      transferList: portsOfLog(at),
      name: "auditing",
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    const waiting: Thread["waiting"] = new Map();
    const left = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    const thread: Thread = { worker, waiting, left, letGo: undefined };
    worker.on("message", (message: FromAuditor) => {
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (waiting.size === 0) thread.letGo = setTimeout(letGo, IDLE_MS, thread).unref();
      if ("value" in message) asked?.resolve(message.value);
      else if ("away" in message) asked?.reject(later(message.away, message.isBeingMade ? BEING_MADE : undefined));
      else asked?.reject(new Error(message.fault));
    });
    worker.on("error", (error) => warn("the thread that keeps the tree over the log failed", error.stack ?? error.message));
    void left.then(() => {
      if (current === thread) current = undefined;
      clearTimeout(thread.letGo);
      for (const { reject } of waiting.values()) reject(later("the thread that keeps the tree over the log has ended"));
      waiting.clear();
    });
    return thread;
  };

  const letGo = (thread: Thread): void => {
    if (current === thread) current = undefined;
    thread.worker.postMessage({ kind: "close" } satisfies ToAuditor);
  };

  const ask = <T>(job: AuditJob): Promise<T> =>
    new Promise<unknown>((resolve, reject) => {
      if (isClosed) return reject(later("the server is about to end"));
      const thread = (current ??= started());
      if (thread.waiting.size >= WAITING_MAX) return reject(later("many ask for proofs at this moment"));
      clearTimeout(thread.letGo);
      const id = ++numbers;
      thread.waiting.set(id, { resolve, reject });
      thread.worker.postMessage({ kind: "job", id, job } satisfies ToAuditor);
    }) as Promise<T>;

  const signing = setInterval(() => {
    void (async () => {
      const end = await log.end();
      if (end === signed || isClosed) return;
      await ask({ name: "head", terms: [] });
      signed = end;
    })().catch((error: unknown) => {
      // The next round tries again. While a tree is made for the first time, that takes a few.
      if (isClosed || (error as Error).cause === BEING_MADE) return;
      const why = error instanceof Refusal ? error.message : String((error as Error).stack ?? error);
      warn("no head of the log could be signed", why);
    });
  }, everyMs).unref();

  return {
    head: () => ask({ name: "head", terms: [] }),
    inclusion: (...terms) => ask({ name: "inclusion", terms }),
    consistency: (...terms) => ask({ name: "consistency", terms }),
    close: async () => {
      isClosed = true;
      clearInterval(signing);
      if (!current) return;
      const { left } = current;
      letGo(current);
      await left;
    },
  };
}

/** Marks the refusal of what a tree that is being made cannot answer yet. */
const BEING_MADE = Symbol("being made");

const later = (why: string, cause?: symbol): Refusal => new Refusal("UNAVAILABLE", why, { retryAfterMs: 1_000, cause });
