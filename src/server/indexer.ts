import { Worker } from "node:worker_threads";
import { search } from "../../projections/search/search.ts";
import { workerFile } from "../adapters/workerFile.ts";
import { Refusal } from "../domain/refusal.ts";
import { backOff } from "../ports/backoff.ts";
import type { Position } from "../ports/eventStore.ts";
import { inFull } from "../ports/faults.ts";
import { type KeeperState, startingState } from "../projecting/generations/state.ts";
import { FOLLOWING_MIB } from "./heap.ts";
import { CALLED, type FromIndexer, type IndexerData, type Order, type ToIndexer } from "./indexing.ts";
import { portsOfLog } from "./log.ts";
import { transferOf } from "./views.ts";

/** An order rejects with a `Refusal` that says why it cannot be followed now. */
export type Indexer = { [Name in Order]: () => Promise<void> } & {
  /** Tries parked events again. See `Keeper`. */
  retryParked(cursor?: Position): Promise<boolean>;
  state(): KeeperState;
  /** Resolves once the thread has told its state for the first time. Until then the state is that it is starting. */
  begun: Promise<void>;
  /** To be called if somebody waits for the index to be as far as the log. */
  hurry(): void;
  /** To be called if a reader found the index damaged. The index is set aside and built again. */
  damaged(): void;
  /** Resolves once the thread has ended. */
  close(): Promise<void>;
};

type IndexerOptions = {
  /** The position at which the state begins. */
  origin: Position;
  committed: (checkpoint: Position) => void;
  /** Called whenever the state changes, but for its checkpoint. */
  stateChanged: () => void;
  /** `letGo` closes what reads a damaged index, before its files are moved. `resume` lets it be opened again. */
  readers: { letGo: () => Promise<void>; resume: () => void };
  info: (message: string) => void;
  warn: (message: string, detail: string) => void;
};

/**
 * Starts the thread that keeps the search index. If the thread ends by itself, it is started again: meanwhile search lags, and
 * all else goes on. `places` makes places for each start.
 */
export function startIndexer(
  data: Omit<IndexerData, "log" | "views">,
  places: () => Pick<IndexerData, "log" | "views">,
  { origin, committed, stateChanged, readers, info, warn }: IndexerOptions,
): Indexer {
  let state = startingState(search, origin, CALLED);
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const closing = new AbortController();
  const waiting = new Map<number, { resolve: (isThere?: boolean) => void; reject: (error: Error) => void }>();
  let orders = 0;
  /** The thread was told, and has not committed since. */
  let isHurried = false;
  let thread: Worker | undefined;

  /** A fault here concerns only search. Nothing else may end because of it. */
  const failed = (error: unknown): void =>
    warn(
      "what the search index's thread said could not be taken in",
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );

  const receive = (message: FromIndexer): void => {
    switch (message.kind) {
      case "committed":
        isHurried = false;
        state = { ...state, checkpoint: message.checkpoint };
        return committed(message.checkpoint);
      case "state":
        state = message.state;
        begin();
        return stateChanged();
      case "obeyed": {
        const asked = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.fault === undefined) asked?.resolve();
        else asked?.reject(refusalOf(message.fault));
        return;
      }
      case "retried": {
        const asked = waiting.get(message.id);
        waiting.delete(message.id);
        const { outcome } = message;
        if (outcome !== "starting" && "isThere" in outcome) asked?.resolve(outcome.isThere);
        else asked?.reject(refusalOf(outcome));
        return;
      }
      case "damaged":
        // Even if a reader cannot be closed, the index is built again: its file is moved, not removed.
        readers
          .letGo()
          .catch((error: unknown) => warn("what reads the damaged search index could not be closed", inFull(error)))
          .finally(() => tell({ kind: "letGo" }))
          .catch(failed);
        return;
      case "setAside":
        return readers.resume();
      case "info":
        return info(message.message);
      case "warning":
        warn(message.message, message.detail);
    }
  };

  /** Runs the thread once. Resolves with the reason why it ended. Rejects if it cannot be started. */
  const started = (): Promise<string> =>
    new Promise((resolve) => {
      const { log, views } = places();
      const own = new Worker(workerFile(import.meta.url, "server/indexerThread"), {
        workerData: { ...data, log, views } satisfies IndexerData,
        transferList: [...transferOf(views), ...portsOfLog(log)],
        name: "search",
        resourceLimits: { maxYoungGenerationSizeMb: FOLLOWING_MIB },
      });
      let why = "it ended by itself";
      isHurried = false;
      own.on("message", (message: FromIndexer) => {
        try {
          receive(message);
        } catch (error) {
          failed(error);
        }
      });
      own.on("error", (error) => void (why = error.stack ?? error.message));
      own.once("exit", () => resolve(why));
      thread = own;
    });

  const kept = async (): Promise<void> => {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      const why = await started().catch((error: Error) => error.stack ?? error.message);
      thread = undefined;
      readers.resume();
      for (const { reject } of waiting.values()) reject(starting());
      waiting.clear();
      if (closing.signal.aborted) return;
      warn("the search index's thread ended; it is started again", why);
      state = { ...state, state: "RETRYING", lastError: "the search index is starting again", progress: undefined };
      stateChanged();
      await backOff(attempt, closing.signal);
    }
  };
  const left = kept();

  const tell = (message: ToIndexer): void => thread?.postMessage(message);
  const order = (what: Order) => (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!thread) return reject(starting());
      const id = ++orders;
      waiting.set(id, { resolve: () => resolve(), reject });
      tell({ kind: "order", id, order: what });
    });

  return {
    replay: order("replay"),
    cancelReplay: order("cancelReplay"),
    verify: order("verify"),
    retryParked: (cursor) =>
      new Promise((resolve, reject) => {
        if (!thread) return reject(starting());
        const id = ++orders;
        waiting.set(id, { resolve: (isThere = false) => resolve(isThere), reject });
        tell({ kind: "retryParked", id, cursor });
      }),
    state: () => state,
    begun,
    hurry: () => {
      if (!isHurried) tell({ kind: "hurry" });
      isHurried = true;
    },
    damaged: () => tell({ kind: "damaged" }),
    close: () => {
      closing.abort();
      tell({ kind: "close" });
      return left;
    },
  };
}

const refusalOf = (fault: "starting" | { message: string }): Refusal =>
  fault === "starting" ? starting() : new Refusal("CONFLICT", fault.message);
const starting = () => new Refusal("UNAVAILABLE", "the search index is starting: try again", { retryAfterMs: 1_000 });
