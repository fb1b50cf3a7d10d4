import { type MessagePort, Worker } from "node:worker_threads";
import { viewProjections } from "../../projections/index.ts";
import { inboxes } from "../../projections/inboxes.ts";
import { workerFile } from "../adapters/workerFile.ts";
import type { News } from "../delivery/news.ts";
import type { Position } from "../ports/eventStore.ts";
import { createAges } from "../projecting/ages.ts";
import { dropOlder } from "../projecting/older.ts";
import { generationOf } from "../projecting/projection.ts";
import { createSweeper } from "../projecting/retention.ts";
import { createRunner, type RunnerState, startingRunner } from "../projecting/runner.ts";
import { currentEpoch, type TailPage } from "../projecting/tail.ts";
import { type LogPlace, readerAt } from "./log.ts";
import { type InterestPlace, wantedAt } from "./signals.ts";
import { transferOf, viewsAt, type ViewsPlace } from "./views.ts";

export type ProjectorData = {
  log: LogPlace;
  interest: InterestPlace;
  epochs: SharedArrayBuffer;
  views: ViewsPlace;
  retention: { ttlMs: number; max: number; sweepMs: number };
};

type FromProjector =
  | { kind: "committed"; checkpoint: Position; page: TailPage | undefined }
  | { kind: "state"; state: RunnerState }
  | { kind: "warning"; message: string; detail: string };

/** Messages to the projection thread. `close`: finish the page, close the store, and end. */
type ToProjector = { kind: "close" };

export type Projector = {
  state(): RunnerState;
  /** Resolves once the thread has ended. */
  close(): Promise<void>;
};

type ProjectorOptions = {
  /** The position at which the state begins. */
  origin: Position;
  committed: News;
  warn: (message: string, detail: string) => void;
  /** Called once, if the thread ends by itself. */
  fatal: (error: Error) => void;
};

/** Starts the thread that folds the views. */
export function startProjector(data: ProjectorData, { origin, committed, warn, fatal }: ProjectorOptions): Projector {
  let state = startingRunner(origin);
  let closing = false;
  const thread = new Worker(workerFile(import.meta.url, "projectorThread"), {
    workerData: data,
    transferList: transferOf(data.views),
    name: "projections",
  });
  const receive = (message: FromProjector): void => {
    switch (message.kind) {
      case "committed":
        // Only the runner decides whether it is live. It also reports its checkpoint before each attempt.
        state = { ...state, checkpoint: message.checkpoint };
        return committed(message.checkpoint, message.page);
      case "state":
        state = message.state;
        return;
      case "warning":
        warn(message.message, message.detail);
    }
  };
  thread.on("message", (message: FromProjector) => {
    try {
      receive(message);
    } catch (error) {
      // Some listeners may not have heard of what was committed. It is better to start again, in order.
      fatal(new Error("what the projections' thread said could not be taken in", { cause: error }));
    }
  });
  thread.on("error", (error) => fatal(new Error(`the projections' thread failed: ${error.message}`, { cause: error })));
  const left = new Promise<void>((resolve) => {
    thread.once("exit", (code) => {
      if (!closing) fatal(new Error(`the projections' thread ended by itself (${code})`));
      resolve();
    });
  });
  return {
    state: () => state,
    close: () => {
      closing = true;
      thread.postMessage({ kind: "close" } satisfies ToProjector);
      return left;
    },
  };
}

/** The projection thread itself. It reads the log on its own connection, writes the views, and reports to the main thread. */
export async function composeProjector(data: ProjectorData, parent: MessagePort): Promise<void> {
  const tell = (message: FromProjector) => parent.postMessage(message);
  const stop = new AbortController();
  const log = await readerAt(data.log);
  const store = await viewsAt(data.views);
  const now = () => new Date();
  const { ttlMs, sweepMs } = data.retention;
  const entries = `${generationOf(inboxes)}/entries`;
  const ages = ttlMs === 0 ? undefined : createAges({ store, table: entries, ttlMs, gapMs: sweepMs, now });
  // This thread publishes nothing. News goes to the main thread with the commit, and the main thread wakes the listeners.
  const wanted = wantedAt(data.interest);
  const sweeper = createSweeper({
    store,
    entries,
    changes: `${generationOf(inboxes)}/changes`,
    limits: data.retention,
    checkpoint: () => runner.state().checkpoint,
    now,
    ...(ages ? { horizon: ages.horizon } : {}),
  });
  const runner = createRunner({
    log,
    store,
    projections: viewProjections,
    wanted,
    epoch: () => currentEpoch(data.epochs),
    ...(ages ? { ages } : {}),
    anew: sweeper.anew,
    caughtUp: sweeper.trimmed,
    committed: (checkpoint, page) => tell({ kind: "committed", checkpoint, page }),
    troubled: (state) => tell({ kind: "state", state }),
    warn: (message, error) =>
      tell({ kind: "warning", message, detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  });
  let tidy = false;
  const sweep = async (): Promise<void> => {
    if (!tidy && runner.state().state === "LIVE") {
      await dropOlder(store, viewProjections);
      tidy = true;
    }
    await sweeper.sweep();
  };
  let sweeping: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweeping
      .then(sweep)
      .catch((error: Error) =>
        tell({ kind: "warning", message: "old inbox entries could not be swept; trying again", detail: error.message }),
      );
  }, data.retention.sweepMs);
  parent.on("message", (message: ToProjector) => {
    if (message.kind === "close") stop.abort();
  });
  try {
    await runner.run(stop.signal);
  } finally {
    clearInterval(timer);
    await sweeping;
    await log.close();
    await store.close();
    parent.close();
  }
}
