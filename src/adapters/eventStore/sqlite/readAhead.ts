import { Worker } from "node:worker_threads";
import type { Open } from "../../../ports/awaitable.ts";
import type { Position } from "../../../ports/eventStore.ts";
import { Damaged, Unavailable } from "../../../ports/faults.ts";
import { workerFile } from "../../workerFile.ts";
import { type PackedPage, unpacked } from "./packedPage.ts";
import { placeOf } from "./position.ts";
import { type LogReader, sqliteLogReader } from "./sqliteLogReader.ts";

export type ReadAheadData = { dataDir: string };

/** `after`: a place. */
export type Asked = { id: number; after: number; limit: number; types: ReadonlySet<string> | undefined };
export type ToReader = Asked | "close";

type Fault = { position: Position; what: string } | { message: string };
export type FromReader = { id: number; page: PackedPage } | { id: number; fault: Fault };

type Waiting = { resolve: (page: PackedPage) => void; reject: (error: Error) => void };
/** A page that was asked for before anybody wanted it. */
type Ahead = Omit<Asked, "id"> & { page: Promise<PackedPage> };

/**
 * Reads a log as `sqliteLogReader` does, for whoever folds all of it. Another thread finds and checks the next page while one
 * is folded: of a million messages, read marks were folded from 106,000 a second instead of 72,000. Throws `Unavailable` as
 * `sqliteLogReader` does.
 */
export function readAhead(dataDir: string): Open<LogReader> {
  const reader = sqliteLogReader(dataDir);
  const waiting = new Map<number, Waiting>();
  let thread: { worker: Worker; left: Promise<void> } | undefined;
  let asked = 0;
  let ahead: Ahead | undefined;
  let closed = false;

  const failAll = (message: string): void => {
    for (const { reject } of waiting.values()) reject(new Unavailable(message));
    waiting.clear();
  };

  const started = () => {
    const worker = new Worker(workerFile(import.meta.url, "readAheadThread"), {
      workerData: { dataDir } satisfies ReadAheadData,
      name: "reading",
    });
    worker.on("message", (message: FromReader) => {
      const mine = waiting.get(message.id);
      waiting.delete(message.id);
      if ("page" in message) mine?.resolve(message.page);
      else mine?.reject(errorOf(message.fault));
    });
    let why = "it ended by itself";
    worker.on("error", (error) => void (why = error.message));
    const left = new Promise<void>((resolve) => {
      worker.once("exit", () => {
        if (thread?.worker === worker) thread = undefined;
        // The next page is asked of another one.
        failAll(`the thread that reads the log ended: ${why}`);
        resolve();
      });
    });
    return { worker, left };
  };

  const ask = (page: Omit<Asked, "id">): Promise<PackedPage> => {
    if (closed) return Promise.reject(new Unavailable("the log is closed"));
    thread ??= started();
    const { worker } = thread;
    const id = ++asked;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ...page } satisfies ToReader);
    });
  };

  /** The page that was read ahead, if it is this one. Others are forgotten. */
  const taken = async ({ after, limit, types }: Omit<Asked, "id">): Promise<PackedPage | undefined> => {
    const mine = ahead;
    ahead = undefined;
    if (mine?.after !== after || mine.limit !== limit || mine.types !== types) return undefined;
    const page = await mine.page;
    // It was read before it was asked for: the log's end may be elsewhere now. All else is there for ever.
    return page.isTail ? undefined : page;
  };

  return {
    ...reader,
    async readAll(after, limit, types) {
      const wanted = { after: placeOf(reader.id, after), limit, types };
      const page = (await taken(wanted)) ?? (await ask(wanted));
      if (!page.isTail && !closed) {
        const next = { after: page.next, limit, types };
        ahead = { ...next, page: ask(next) };
        // Whoever takes it gets the fault.
        ahead.page.catch(() => {});
      }
      return unpacked(reader.id, page);
    },
    async close() {
      if (closed) return;
      closed = true;
      ahead = undefined;
      failAll("the log is closed");
      const ending = thread;
      ending?.worker.postMessage("close" satisfies ToReader);
      await ending?.left;
      await reader.close();
    },
  };
}

const errorOf = (fault: Fault): Error =>
  "what" in fault ? new Damaged(fault.position, fault.what) : new Unavailable(fault.message);
