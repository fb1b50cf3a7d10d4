import { setTimeout as delay } from "node:timers/promises";
import { type MessagePort, Worker } from "node:worker_threads";
import { search } from "../../projections/search.ts";
import { verifySearch } from "../../projections/verifySearch.ts";
import { sharedLevelViewStore } from "../adapters/viewStore/level/levelViewStore.ts";
import { workerFile } from "../adapters/workerFile.ts";
import { Refusal } from "../domain/refusal.ts";
import { backOff } from "../ports/backoff.ts";
import type { Position } from "../ports/eventStore.ts";
import { explained } from "../ports/faults.ts";
import { createSearcher, type Searcher, type SearcherState, startingState } from "../projecting/searcher.ts";
import { disagreement } from "../projecting/anchors.ts";
import { looksAt, patientDisagreement } from "./agreement.ts";
import { leaderAt, type LogPlace, readerAt } from "./log.ts";
import { openIndexForWriting, type SearchPlace } from "./searchIndex.ts";

export type SearcherData = { log: LogPlace; search: SearchPlace; views: MessagePort };

/** What an operator may ask of the index. */
type Order = "replay" | "cancelReplay" | "verify";

type ToSearcher = { kind: "close" } | { kind: "order"; id: number; order: Order };

type FromSearcher =
  | { kind: "committed"; checkpoint: Position }
  | { kind: "state"; state: SearcherState }
  | { kind: "obeyed"; id: number; fault: "starting" | { message: string } | undefined }
  | { kind: "info"; message: string }
  | { kind: "warning"; message: string; detail: string };

/** How long calls under way are waited for when it is to end, before the connection is closed under them: milliseconds. */
const END_MS = 3_000;
/** How long a comparison waits before it looks again how far the index is: milliseconds. */
const PAUSE_MS = 100;

/** An order rejects with a `Refusal` that says why it cannot be followed now. */
export type SearcherThread = { [Name in Order]: () => Promise<void> } & {
  state(): SearcherState;
  /** Resolves once the thread has left. */
  close(): Promise<void>;
};

type SearcherThreadOptions = {
  /** Where the state begins. */
  origin: Position;
  committed: (checkpoint: Position) => void;
  info: (message: string) => void;
  warn: (message: string, detail: string) => void;
};

/**
 * Starts the thread that keeps the search index. Where it ends by itself, it is started again: search lags then, and all else goes on. `share` makes a port
 * to the views for each start.
 */
export function startSearcher(
  data: Omit<SearcherData, "views">,
  share: () => MessagePort,
  { origin, committed, info, warn }: SearcherThreadOptions,
): SearcherThread {
  let state = startingState(search, origin);
  const closing = new AbortController();
  const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  let orders = 0;
  let thread: Worker | undefined;

  const receive = (message: FromSearcher): void => {
    switch (message.kind) {
      case "committed":
        state = { ...state, checkpoint: message.checkpoint };
        return committed(message.checkpoint);
      case "state":
        state = message.state;
        return;
      case "obeyed": {
        const asked = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.fault === undefined) asked?.resolve();
        else asked?.reject(message.fault === "starting" ? starting() : new Refusal("CONFLICT", message.fault.message));
        return;
      }
      case "info":
        return info(message.message);
      case "warning":
        warn(message.message, message.detail);
    }
  };

  /** Runs the thread once. */
  const started = (): Promise<string> =>
    new Promise((resolve) => {
      const views = share();
      const own = new Worker(workerFile(import.meta.url, "searcherThread"), {
        workerData: { ...data, views } satisfies SearcherData,
        transferList: [views],
        name: "search",
      });
      let why = "it ended by itself";
      own.on("message", receive);
      own.on("error", (error) => void (why = error.stack ?? error.message));
      own.once("exit", () => resolve(why));
      thread = own;
    });

  const kept = async (): Promise<void> => {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      const why = await started();
      thread = undefined;
      for (const { reject } of waiting.values()) reject(starting());
      waiting.clear();
      if (closing.signal.aborted) return;
      warn("the search index's thread ended; it is started again", why);
      state = { ...state, state: "RETRYING", lastError: "the search index is starting again", progress: undefined };
      await backOff(attempt, closing.signal);
    }
  };
  const left = kept();

  const tell = (message: ToSearcher): void => thread?.postMessage(message);
  const order = (what: Order) => (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!thread) return reject(starting());
      const id = ++orders;
      waiting.set(id, { resolve, reject });
      tell({ kind: "order", id, order: what });
    });

  return {
    replay: order("replay"),
    cancelReplay: order("cancelReplay"),
    verify: order("verify"),
    state: () => state,
    close: () => {
      closing.abort();
      tell({ kind: "close" });
      return left;
    },
  };
}

const starting = () => new Refusal("UNAVAILABLE", "the search index is starting: try again", { retryAfterMs: 1_000 });

/** The search thread itself: reads the log on a connection of its own, writes the index, tells the main thread. */
export async function composeSearcher(data: SearcherData, parent: MessagePort): Promise<void> {
  const tell = (message: FromSearcher) => parent.postMessage(message);
  const warn = (message: string, error: unknown): void =>
    tell({ kind: "warning", message, detail: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  const stop = new AbortController();
  let searcher: Searcher | undefined;
  parent.on("message", (message: ToSearcher) => {
    if (message.kind === "close") return stop.abort();
    tell({ kind: "obeyed", id: message.id, fault: obey(searcher, message.order) });
  });

  const log = await readerAt(data.log);
  const leader = await leaderAt(data.log);
  const store = await sharedLevelViewStore(data.views);
  const index = await openIndexForWriting(data.search, stop.signal, (error) =>
    warn(`the search index cannot be opened: ${explained(error)}`, error),
  );
  try {
    if (!index) return;
    searcher = createSearcher({
      log,
      disagrees: async (checkpoint, anchor) => {
        const looks = looksAt(data.log.eventStore === undefined);
        return patientDisagreement(() => disagreement(leader, checkpoint, anchor), looks);
      },
      index,
      parked: store,
      projection: search,
      verify: (generation, progress, signal) =>
        verifySearch(
          { index, views: store, end: () => log.end(), pause: () => delay(PAUSE_MS, undefined, { signal }) },
          generation,
          progress,
          signal,
        ),
      committed: (checkpoint) => tell({ kind: "committed", checkpoint }),
      told: (state) => tell({ kind: "state", state }),
      info: (message) => tell({ kind: "info", message }),
      warn,
    });
    stop.signal.addEventListener("abort", () => void setTimeout(() => void index.close(), END_MS).unref(), { once: true });
    await searcher.run(stop.signal);
  } finally {
    await index?.close();
    await log.close();
    await leader.close();
    await store.close();
    parent.close();
  }
}

function obey(searcher: Searcher | undefined, order: Order): "starting" | { message: string } | undefined {
  if (!searcher) return "starting";
  try {
    searcher[order]();
    return undefined;
  } catch (error) {
    return { message: (error as Error).message };
  }
}
