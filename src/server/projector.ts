import { type MessagePort, Worker } from "node:worker_threads";
import { viewProjections } from "../../projections/index.ts";
import { inboxes } from "../../projections/inboxes.ts";
import { workerFile } from "../adapters/workerFile.ts";
import type { News } from "../delivery/news.ts";
import type { Open } from "../ports/awaitable.ts";
import type { Position } from "../ports/eventStore.ts";
import { explained, inFull, Unavailable } from "../ports/faults.ts";
import type { SharedViews } from "../ports/leases.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import type { BlockedKeys } from "../projecting/blocked.ts";
import { type Interval, keepingIntervals } from "../projecting/healed.ts";
import { createAges } from "../projecting/ages.ts";
import { createFollower, type Follower } from "../projecting/generations/follower.ts";
import {
  createSlicedFollower,
  holdAll,
  type SlicedFollower,
  type SlicedFollowerOptions,
} from "../projecting/generations/slicedFollower.ts";
import { holdSlices } from "../projecting/holding.ts";
import { tidyGenerations } from "../projecting/generations/tidy.ts";
import { viewGenerations } from "../projecting/generations/viewGenerations.ts";
import type { ReadNow } from "../projecting/reading.ts";
import { growingRest, quietRest } from "../projecting/rest.ts";
import { createSweeper, type Sweeper, type SweeperOptions } from "../projecting/retention.ts";
import { type RunnerState, startingRunner } from "../projecting/runnerReport.ts";
import type { SliceMove } from "../projecting/slicedNews.ts";
import { currentEpoch, type TailPage } from "../projecting/tail.ts";
import { FOLLOWING_MIB } from "./heap.ts";
import { type LogPlace, portsOfLog, readerAt } from "./log.ts";
import { rowsWritten } from "./rowsWritten.ts";
import { type InterestPlace, wantedAt } from "./signals.ts";
import type { Sliced } from "./slicing.ts";
import { urgencyBetween } from "./urgency.ts";
import { transferOf, viewsAt, type ViewsPlace } from "./views.ts";

export type ProjectorData = {
  log: LogPlace;
  interest: InterestPlace;
  epochs: SharedArrayBuffer;
  /** See `rowsWritten`. */
  rows: SharedArrayBuffer;
  views: ViewsPlace;
  retention: { ttlMs: number; max: number; sweepMs: number };
  /** If the views are divided into slices, or shared with other processes. */
  sliced?: Sliced;
  /** Whether clients are served by other processes alone. Default: some are served here. */
  servesNobody?: boolean;
  /** How long generations are kept that nobody reads any more, in milliseconds: replaced ones, and those of earlier versions. */
  kept: { replacedMs: number; olderMs: number };
};

/** How long the views rest between two commits while they are news to nobody, in milliseconds. */
const QUIET_MS = 25;

/**
 * The same of slices, whoever is to be told: those of other processes are not known here. A slice that rests holds up the news of
 * all others.
 */
const BUSY_REST = { least: 0, most: 15, busy: 1_500 };

type ThreadData = ProjectorData & { urgency: SharedArrayBuffer };

type FromProjector =
  | { kind: "committed"; checkpoint: Position; page: TailPage | undefined; sliced?: Parameters<News>[2] }
  /** Slices have committed. It is told to other processes. */
  | { kind: "moved"; moves: readonly SliceMove[] }
  | { kind: "state"; state: RunnerState }
  /** What is read from now on, and where it is blocked. `unfinished`: something is to be built beside. */
  | { kind: "reading"; read: Record<string, ReadNow>; unfinished: boolean; blocked: BlockedKeys }
  /** The keys that are blocked from now on. It comes before the commit that parks their events. */
  | { kind: "blocked"; keys: BlockedKeys }
  /** Parked events are handled now. It comes before the next commit. */
  | { kind: "healed"; intervals: readonly Interval[] }
  | { kind: "retried"; id: number; isThere: boolean }
  /** Parked events cannot be tried again now, since the views are away. */
  | { kind: "notRetried"; id: number; fault: string }
  /** The views have caught up with the log for the first time. */
  | { kind: "open" }
  | { kind: "halted" }
  | { kind: "info"; message: string }
  | { kind: "warning"; message: string; detail: string };

/**
 * Messages to the projection thread. `close`: finish the page, close the store, and end. `halt`: finish the page, and stand still
 * until `resume`.
 */
type ToProjector =
  | { kind: "close" }
  | { kind: "halt" }
  | { kind: "resume" }
  /** Somebody waits for what the log holds. */
  | { kind: "hurry" }
  | { kind: "retryParked"; id: number; projection: string; cursor: Position | undefined };

export type Projector = {
  state(): RunnerState;
  /** Resolves once nothing is folded any more. */
  halt(): Promise<void>;
  /** Folds on, into the generations that are the active ones by now. */
  resume(): void;
  /** To be called if somebody waits for what the log holds now: the views rest otherwise. */
  hurry(): void;
  /** Tries parked events again. See `Runner`. Rejects with `Unavailable`. Never resolves if the thread ends before. */
  retryParked(projection: string, cursor?: Position): Promise<boolean>;
  /** Resolves once the thread has ended. */
  close(): Promise<void>;
};

type ProjectorOptions = {
  /** The position at which the state begins. */
  origin: Position;
  committed: News;
  /** Called after commits of slices. See `SlicedFollowerOptions`. */
  moved: (moves: readonly SliceMove[]) => void;
  /** Called whenever the state changes, but for its checkpoint. */
  stateChanged: () => void;
  /** Called with what is read from now on. See `FollowerOptions`. */
  reading: (read: Record<string, ReadNow>, unfinished: boolean, blocked: BlockedKeys) => void;
  blocked: (keys: BlockedKeys) => void;
  healed: (intervals: readonly Interval[]) => void;
  /** Called once, when the views have caught up with the log for the first time. */
  opened: () => void;
  info: (message: string) => void;
  warn: (message: string, detail: string) => void;
  /** Called once, if the thread ends by itself. */
  fatal: (error: Error) => void;
};

/** Starts the thread that folds the views. */
export function startProjector(
  data: ProjectorData,
  { origin, committed, moved, stateChanged, reading, blocked, healed, opened, info, warn, fatal }: ProjectorOptions,
): Projector {
  let state = startingRunner(origin);
  let closing = false;
  let halted = (): void => {};
  let orders = 0;
  const retrying = new Map<number, { resolve: (isThere: boolean) => void; reject: (error: Error) => void }>();
  const tell = (message: ToProjector): void => thread.postMessage(message);
  const urgency = urgencyBetween();
  const thread = new Worker(workerFile(import.meta.url, "server/projectorThread"), {
    workerData: { ...data, urgency: urgency.shared } satisfies ThreadData,
    transferList: [...transferOf(data.views), ...portsOfLog(data.log)],
    name: "projections",
    resourceLimits: { maxYoungGenerationSizeMb: FOLLOWING_MIB },
  });
  const receive = (message: FromProjector): void => {
    switch (message.kind) {
      case "committed":
        // Only the runner decides whether it is live. It also reports its checkpoint before each attempt.
        state = { ...state, checkpoint: message.checkpoint };
        return committed(message.checkpoint, message.page, message.sliced);
      case "moved":
        return moved(message.moves);
      case "state":
        state = message.state;
        return stateChanged();
      case "reading":
        return reading(message.read, message.unfinished, message.blocked);
      case "blocked":
        return blocked(message.keys);
      case "healed":
        return healed(message.intervals);
      case "retried":
        retrying.get(message.id)?.resolve(message.isThere);
        retrying.delete(message.id);
        return;
      case "notRetried":
        retrying.get(message.id)?.reject(new Unavailable(message.fault));
        retrying.delete(message.id);
        return;
      case "open":
        return opened();
      case "halted":
        return halted();
      case "info":
        return info(message.message);
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
    halt: () =>
      new Promise((resolve) => {
        halted = resolve;
        tell({ kind: "halt" });
      }),
    resume: () => tell({ kind: "resume" }),
    hurry: () => {
      if (urgency.raise()) tell({ kind: "hurry" });
    },
    retryParked: (projection, cursor) =>
      new Promise((resolve, reject) => {
        const id = ++orders;
        retrying.set(id, { resolve, reject });
        tell({ kind: "retryParked", id, projection, cursor });
      }),
    close: () => {
      closing = true;
      tell({ kind: "close" });
      return left;
    },
  };
}

/** The projection thread itself. It reads the log on its own connection, writes the views, and reports to the main thread. */
export async function composeProjector(data: ThreadData, parent: MessagePort): Promise<void> {
  const tell = (message: FromProjector) => parent.postMessage(message);
  const warn = (message: string, error: unknown): void => tell({ kind: "warning", message, detail: inFull(error) });
  const stop = new AbortController();
  const log = await readerAt(data.log);
  const store = await viewsAt(data.views);
  const generations = viewGenerations(store);
  const now = () => new Date();
  const { ttlMs, sweepMs } = data.retention;
  const ages = ttlMs === 0 ? undefined : createAges({ store, of: AGED, ttlMs, gapMs: sweepMs, now });
  const common = {
    log,
    store,
    generations,
    projections: viewProjections,
    // This thread publishes nothing. News goes to the main thread with the commit, and the main thread wakes the listeners.
    wanted: wantedAt(data.interest),
    epoch: () => currentEpoch(data.epochs),
    rest: quietRest(QUIET_MS),
    urgency: urgencyBetween(data.urgency),
    wrote: rowsWritten(data.rows).add,
    anew: async () => sweeper()?.anew(),
    caughtUp: async () => sweeper()?.trimmed(),
    reading: (read: Record<string, ReadNow>, unfinished: boolean, keys: BlockedKeys) =>
      tell({ kind: "reading", read, unfinished, blocked: keys }),
    blocked: (keys: BlockedKeys) => tell({ kind: "blocked", keys }),
    opened: () => tell({ kind: "open" }),
    troubled: (state: RunnerState) => tell({ kind: "state", state }),
    info: (message: string) => tell({ kind: "info", message }),
    warn,
  };
  const healed = (intervals: readonly Interval[]): void => tell({ kind: "healed", intervals });
  const sliced =
    data.sliced &&
    createSlicedFollower({
      ...common,
      ...slicing(data.sliced, data.retention, store),
      healed,
      ...(data.sliced.holder === undefined
        ? {}
        : {
            moved: together((moves) => tell({ kind: "moved", moves })),
            rest: growingRest(BUSY_REST),
            readsElsewhere: data.servesNobody === true,
          }),
      advanced: (checkpoint, news, isWhole) =>
        tell({ kind: "committed", checkpoint, page: undefined, sliced: { ...news, isWhole } }),
    });
  const follower: Follower =
    sliced ??
    createFollower({
      ...common,
      ...(ages ? { ages } : {}),
      committed: (checkpoint, page) =>
        tell({ kind: "committed", checkpoint, page: page && data.servesNobody === true ? withoutRows(page) : page }),
      healing: keepingIntervals(store, healed),
    });
  const sweptStore = sliced ? { ...store, commit: asFirst(sliced) } : store;
  const sweeper = sweeperOf(data, { store: sweptStore, follower, now, ...(ages && !sliced ? { horizon: ages.horizon } : {}) });
  const sweep = async (): Promise<void> => {
    // One of those that share the views is enough.
    if (sliced && !sliced.first()) return;
    if (follower.state().state === "LIVE") {
      const { replacedMs, olderMs } = data.kept;
      const gone = await tidyGenerations({ store, generations, projections: viewProjections, replacedMs, olderMs, now });
      for (const generation of gone) tell({ kind: "info", message: `${generation} is not read any more: it is removed` });
    }
    await sweeper()?.sweep();
  };
  let sweeping: Promise<void> = Promise.resolve();
  let isHalted = false;
  const timer = setInterval(() => {
    if (isHalted) return;
    sweeping = sweeping.then(sweep).catch((error: unknown) => warn("old inbox entries could not be swept; trying again", error));
  }, sweepMs);
  parent.on("message", (message: ToProjector) => {
    switch (message.kind) {
      case "close":
        return stop.abort();
      case "halt":
        isHalted = true;
        void follower
          .halt()
          .then(() => sweeping)
          .then(() => tell({ kind: "halted" }));
        return;
      case "resume":
        isHalted = false;
        return follower.resume();
      case "hurry":
        return follower.hurry();
      case "retryParked": {
        const { id, projection, cursor } = message;
        void follower.retryParked(projection, cursor).then(
          (isThere) => tell({ kind: "retried", id, isThere }),
          (error: unknown) => tell({ kind: "notRetried", id, fault: explained(error) }),
        );
      }
    }
  });
  try {
    await follower.run(stop.signal);
  } finally {
    clearInterval(timer);
    await sweeping;
    await log.close();
    await store.close();
    parent.close();
  }
}

/** What others are told of: whoever reads the rows elsewhere asks for them there. */
const withoutRows = ({ told: _told, items, ...page }: TailPage): TailPage => ({
  ...page,
  items: items.map(({ table, position, topics }) => ({ table, position, topics, row: null })),
});

/** Gives what comes in one turn of the event loop together. */
function together<T>(give: (all: readonly T[]) => void): (one: T) => void {
  let all: T[] = [];
  return (one) => {
    if (all.push(one) > 1) return;
    setImmediate(() => {
      const given = all;
      all = [];
      give(given);
    });
  };
}

/** How the slices are held: with others that share them, or all of them by this process. */
function slicing(
  { slices, holder, asksOthers = false }: Sliced,
  { ttlMs, sweepMs }: ProjectorData["retention"],
  store: Open<ViewStore> & Partial<SharedViews>,
): Pick<SlicedFollowerOptions, "slices" | "hold" | "heldBy" | "agesAt" | "asksOthers"> {
  const { leases, heldBy } = store;
  const agesAt = (now: () => Date) => createAges({ store, of: AGED, ttlMs, gapMs: sweepMs, now });
  const more = { slices, asksOthers, ...(ttlMs === 0 ? {} : { agesAt }) };
  if (holder === undefined || leases === undefined || heldBy === undefined)
    return { ...more, hold: holdAll(), heldBy: () => ({ commit: store.commit, close: async () => undefined }) };
  return { ...more, hold: (work, signal) => holdSlices({ leases, holder, ...work }, signal), heldBy };
}

/** Commits as whoever holds the first slice, as long as this process does. */
const asFirst =
  ({ first }: Pick<SlicedFollower, "first">): ViewStore["commit"] =>
  async (writes, moves) => {
    const holder = first();
    if (holder === undefined) throw new Unavailable("the first slice of the views is held elsewhere");
    return holder.commit(writes, moves);
  };

/** The table that loses what is too old. */
const AGED = { projection: inboxes.name, table: "entries" };

type Swept = Pick<SweeperOptions, "store" | "now" | "horizon"> & { follower: Follower };

/** The sweeper of the inboxes that are read now. Undefined where none are. */
function sweeperOf({ retention: limits }: ProjectorData, { follower, ...rest }: Swept): () => Sweeper | undefined {
  let made: { generation: string; sweeper: Sweeper } | undefined;
  return () => {
    const generation = follower.generation(inboxes);
    if (generation === undefined) return undefined;
    if (made?.generation !== generation) {
      const sweeper = createSweeper({
        ...rest,
        entries: `${generation}/entries`,
        changes: `${generation}/changes`,
        limits,
        checkpoint: () => follower.state().checkpoint,
      });
      made = { generation, sweeper };
    }
    return made.sweeper;
  };
}
