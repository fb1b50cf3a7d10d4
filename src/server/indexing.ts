import { setTimeout as delay } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import { directory } from "../../projections/directory.ts";
import { search } from "../../projections/search/search.ts";
import { verifySearch } from "../../projections/search/verify.ts";
import { timelines } from "../../projections/timelines.ts";
import { setAside } from "../adapters/searchIndex/sqlite/database.ts";
import { backOff } from "../ports/backoff.ts";
import type { Position } from "../ports/eventStore.ts";
import { DamagedIndex, explained, inFull, Unavailable } from "../ports/faults.ts";
import type { SearchIndex } from "../ports/searchIndex.ts";
import { createKeeper, type Keeper } from "../projecting/generations/keeper.ts";
import type { KeeperState } from "../projecting/generations/state.ts";
import { readGeneration, viewGenerations } from "../projecting/generations/viewGenerations.ts";
import type { Projection } from "../projecting/projection.ts";
import { indexGenerations } from "../projecting/indexGenerations.ts";
import { disagreement } from "../projecting/anchors.ts";
import { looksAt, patientDisagreement } from "./agreement.ts";
import { leaderAt, type LogPlace, readerAt } from "./log.ts";
import { rowsWritten } from "./rowsWritten.ts";
import { openIndexForWriting, type IndexPlace } from "./searchIndex.ts";
import { viewsAt, type ViewsPlace } from "./views.ts";

export type IndexerData = { log: LogPlace; search: IndexPlace; views: ViewsPlace; rows: SharedArrayBuffer };

/** What an operator may ask of the index. */
export type Order = "replay" | "cancelReplay" | "verify";

/** `damaged`: a reader found the index damaged. `letGo`: no reader has its files open any more. */
export type ToIndexer =
  | { kind: "close" }
  | { kind: "damaged" }
  | { kind: "letGo" }
  /** Somebody waits for what the log holds. */
  | { kind: "hurry" }
  | { kind: "order"; id: number; order: Order }
  | { kind: "retryParked"; id: number; cursor: Position | undefined };

/** Why an order is not followed: the index is starting, or a reason to be told. */
type Fault = "starting" | { message: string };

export type FromIndexer =
  | { kind: "committed"; checkpoint: Position }
  | { kind: "state"; state: KeeperState }
  | { kind: "obeyed"; id: number; fault: Fault | undefined }
  | { kind: "retried"; id: number; outcome: Fault | { isThere: boolean } }
  /** The index is damaged: readers must close it. */
  | { kind: "damaged" }
  /** The damaged index was moved away. */
  | { kind: "setAside" }
  | { kind: "info"; message: string }
  | { kind: "warning"; message: string; detail: string };

/** The name of the index in sentences. */
export const CALLED = "the search index";
/** How long the end waits for calls under way before it closes their connection, in milliseconds. */
const END_MS = 3_000;
/** How long a comparison waits before it looks again how far the index is, in milliseconds. */
const PAUSE_MS = 100;

/** The search thread itself. It reads the log on its own connection, writes the index, and reports to the main thread. */
export async function composeIndexer(data: IndexerData, parent: MessagePort): Promise<void> {
  const tell = (message: FromIndexer) => parent.postMessage(message);
  const stop = new AbortController();
  let keeping: Keeping | undefined;
  let letGo = (): void => {};
  parent.on("message", (message: ToIndexer) => {
    switch (message.kind) {
      case "close":
        return stop.abort();
      case "damaged":
        return keeping?.damaged();
      case "letGo":
        return letGo();
      case "hurry":
        return keeping?.keeper?.hurry();
      case "order":
        void obey(keeping?.keeper, message.order).then((fault) => tell({ kind: "obeyed", id: message.id, fault }));
        return;
      case "retryParked":
        void retry(keeping?.keeper, message.cursor).then((outcome) => tell({ kind: "retried", id: message.id, outcome }));
    }
  });

  const log = await readerAt(data.log);
  const leader = await leaderAt(data.log);
  const store = await viewsAt(data.views);
  try {
    for (let attempt = 0; !stop.signal.aborted; attempt++) {
      const damage = await keep({ data, log, leader, store, tell, stop: stop.signal }, (own) => void (keeping = own));
      keeping = undefined;
      if (damage === undefined || stop.signal.aborted) return;
      const released = new Promise<void>((resolve) => {
        letGo = resolve;
        stop.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      tell({ kind: "damaged" });
      await released;
      if (stop.signal.aborted) return;
      const aside = setAside(data.search.dataDir);
      tell({ kind: "setAside" });
      tell({
        kind: "warning",
        message: `the search index is damaged: it was moved to ${aside}, and is built anew`,
        detail: explained(damage),
      });
      await backOff(attempt, stop.signal);
    }
  } finally {
    await log.close();
    await leader.close();
    await store.close();
    parent.close();
  }
}

/** An index that is kept. `keeper` is set once the index is open. */
type Keeping = { keeper?: Keeper; damaged(): void };

type Parts = {
  data: IndexerData;
  log: Awaited<ReturnType<typeof readerAt>>;
  leader: Awaited<ReturnType<typeof leaderAt>>;
  store: Awaited<ReturnType<typeof viewsAt>>;
  tell: (message: FromIndexer) => void;
  stop: AbortSignal;
};

/**
 * Opens the index and keeps it until it is stopped or found damaged. If it is damaged, resolves with the damage; then nothing in
 * this thread has it open.
 */
async function keep(
  { data, log, leader, store, tell, stop }: Parts,
  begun: (own: Keeping) => void,
): Promise<DamagedIndex | undefined> {
  let damage: DamagedIndex | undefined;
  const broken = new AbortController();
  const damaged = (error: DamagedIndex): void => {
    damage ??= error;
    broken.abort();
  };
  const own: Keeping = { damaged: () => damaged(new DamagedIndex("a reader found the search index damaged")) };
  begun(own);
  const ending = AbortSignal.any([stop, broken.signal]);
  const warn = (message: string, error: unknown): void => {
    // This is reported once, when the file was moved away.
    if (error instanceof DamagedIndex) return;
    tell({ kind: "warning", message, detail: inFull(error) });
  };
  const opened = await openIndexForWriting(data.search, ending, (error) =>
    warn(`the search index cannot be opened: ${explained(error)}`, error),
  ).catch((error: unknown) => {
    if (!(error instanceof DamagedIndex)) throw error;
    damaged(error);
    return undefined;
  });
  if (!opened) return damage;
  const index = watched(opened, damaged);
  const keeper = createKeeper({
    log,
    disagrees: async (checkpoint, anchor) => {
      const looks = looksAt(data.log.eventStore === undefined);
      return patientDisagreement(() => disagreement(leader, checkpoint, anchor), looks);
    },
    store: indexGenerations({ index, parked: store }),
    projection: search,
    called: CALLED,
    verify: (generation, progress, signal) =>
      verifySearch(
        {
          index,
          views: store,
          reading: () => readNow(store),
          end: () => log.end(),
          pause: () => delay(PAUSE_MS, undefined, { signal }),
        },
        generation,
        progress,
        signal,
      ),
    committed: (checkpoint) => tell({ kind: "committed", checkpoint }),
    wrote: rowsWritten(data.rows).add,
    stateChanged: (state) => tell({ kind: "state", state }),
    info: (message) => tell({ kind: "info", message }),
    warn,
  });
  own.keeper = keeper;
  const late = (): void => void setTimeout(() => void opened.close().catch(() => undefined), END_MS).unref();
  ending.addEventListener("abort", late, { once: true });
  try {
    await keeper.run(ending);
  } finally {
    await opened.close();
  }
  if (damage)
    tell({ kind: "state", state: { ...keeper.state(), state: "RETRYING", lastError: damage.message, progress: undefined } });
  return damage;
}

/** The generations that the index is compared with. Rejects with `Unavailable` if one is not complete. */
async function readNow(store: Parts["store"]): Promise<{ timelines: string; directory: string }> {
  const of = async (projection: Projection): Promise<string> => {
    const read = await readGeneration(viewGenerations(store), projection);
    if (!read) throw new Unavailable(`the view ${projection.name} is being built`);
    return read.name;
  };
  return { timelines: await of(timelines), directory: await of(directory) };
}

/** The index, wrapped so that damage is reported as soon as a call finds it. */
function watched(index: SearchIndex, damaged: (error: DamagedIndex) => void): SearchIndex {
  const telling =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof DamagedIndex) damaged(error);
        throw error;
      }
    };
  return {
    put: telling(index.put),
    get: telling(index.get),
    search: telling(index.search),
    find: telling(index.find),
    messages: telling(index.messages),
    entries: telling(index.entries),
    generations: telling(index.generations),
    activate: telling(index.activate),
    drop: telling(index.drop),
    status: index.status,
  };
}

async function retry(keeper: Keeper | undefined, cursor: Position | undefined): Promise<Fault | { isThere: boolean }> {
  if (!keeper) return "starting";
  try {
    return { isThere: await keeper.retryParked(cursor) };
  } catch (error) {
    return { message: (error as Error).message };
  }
}

async function obey(keeper: Keeper | undefined, order: Order): Promise<Fault | undefined> {
  if (!keeper) return "starting";
  try {
    await keeper[order]();
    return undefined;
  } catch (error) {
    return { message: (error as Error).message };
  }
}
