import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Open } from "../../../ports/awaitable.ts";
import { explained, Unavailable } from "../../../ports/faults.ts";
import type { SearchIndex, SearchPage, SearchStatus } from "../../../ports/searchIndex.ts";
import { workerFile } from "../../workerFile.ts";
import { errorOf } from "./faults.ts";
import { type Call, type FromThread, isPacked, packed, type ThreadData, type ToThread, unpacked } from "./messages.ts";
import { keptOf, sending, withoutKept } from "./sentVisible.ts";

/** How long a status may take, together with the calls before it, in milliseconds. */
const STATUS_MS = 1_900;

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void };

export type SqliteSearchOptions = {
  /** How long one search may take, in milliseconds. */
  searchMs?: number;
  /** Called if the thread ends by itself. Nothing is answered any more. */
  ended?: (error: Error) => void;
};

/**
 * The index in `dataDir`, which is created if it is missing: SQLite's full-text index, in its own thread. Rejects with
 * `Unavailable` if it cannot be opened; the cause says what to do.
 */
export async function sqliteSearchIndex(
  dataDir: string,
  { searchMs, ended }: SqliteSearchOptions = {},
): Promise<Open<SearchIndex>> {
  const workerData: ThreadData = { dataDir, ...(searchMs !== undefined && { searchMs }) };
  const thread = new Worker(workerFile(import.meta.url, "adapters/searchIndex/sqlite/worker"), { workerData, name: "search" });
  const left = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  const send = (message: ToThread | string): void => thread.postMessage(message);
  const waiting = new Map<number, Waiting>();
  const sent = sending();
  let calls = 0;
  /** Why no more calls are accepted. */
  let shut: string | undefined;

  const call = <T>(what: Call): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (shut !== undefined) return reject(new Unavailable(shut));
      const id = ++calls;
      waiting.set(id, { resolve, reject });
      const message: ToThread = { kind: "call", id, call: what };
      send(isPacked(what) ? packed(message) : message);
    });

  const end = (why: string, cause: Error): void => {
    shut ??= why;
    for (const { reject } of waiting.values()) reject(new Unavailable(why, "unknown", { cause }));
    waiting.clear();
  };

  const index: Open<SearchIndex> = {
    put: (...args) => call({ name: "put", args }),
    search: async (target, query) => {
      const kept = keptOf(query);
      if (kept === undefined) return call({ name: "search", args: [target, withoutKept(query)] });
      const ask = () => call<SearchPage | "lost">({ name: "searchKept", args: [target, kept.query, sent.of(kept.visible)] });
      for (;;) {
        const page = await ask();
        if (page !== "lost") return page;
        sent.lost(kept.visible.kept.id);
      }
    },
    get: (...args) => call({ name: "get", args }),
    find: (...args) => call({ name: "find", args }),
    messages: (...args) => call({ name: "messages", args }),
    entries: (...args) => call({ name: "entries", args }),
    generations: (...args) => call({ name: "generations", args }),
    activate: (...args) => call({ name: "activate", args }),
    drop: (...args) => call({ name: "drop", args }),
    async status() {
      const unreachable = (detail: string): SearchStatus => ({ kind: "sqlite", reachable: false, detail });
      const silence = new AbortController();
      const late = delay(STATUS_MS, unreachable(`it did not answer within ${STATUS_MS} ms`), { signal: silence.signal });
      const answer = call<SearchStatus>({ name: "status", args: [] }).catch((error: unknown) => unreachable(explained(error)));
      return Promise.race([answer, late.catch(() => answer)]).finally(() => silence.abort());
    },
    close() {
      if (shut === undefined) {
        shut = "the search index is closed";
        send({ kind: "close" });
      }
      return left;
    },
  };

  return new Promise((resolve, reject) => {
    thread.on("message", (told: FromThread | string) => {
      const message = unpacked(told);
      switch (message.kind) {
        case "opened":
          return resolve(index);
        case "failed":
          shut = message.message;
          return reject(errorOf(message));
        case "answer":
        case "error": {
          const asked = waiting.get(message.id);
          waiting.delete(message.id);
          if (message.kind === "answer") asked?.resolve(message.value as never);
          else asked?.reject(errorOf(message));
        }
      }
    });
    const died = (error: Error): void => {
      const isByItself = shut === undefined;
      end("the search index's thread ended: it is started again", error);
      if (isByItself) ended?.(error);
      reject(new Unavailable("the search index's thread did not start", "nothing", { cause: error }));
    };
    thread.once("error", died);
    thread.once("exit", () => died(new Error("it ended by itself")));
  });
}
