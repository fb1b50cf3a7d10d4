import { randomUUID } from "node:crypto";
import type { Open } from "../../ports/awaitable.ts";
import { fractionOf, type Position } from "../../ports/eventStore.ts";
import { CheckpointMoved, explained } from "../../ports/faults.ts";
import type { Lease } from "../../ports/leases.ts";
import type { ViewStore } from "../../ports/viewStore.ts";
import type { Ages } from "../ages.ts";
import type { BlockedKeys } from "../blocked.ts";
import { type Interval, keepingIntervals } from "../healed.ts";
import type { HoldingOptions, SliceWork } from "../holding.ts";
import { keyOfParked } from "../parking.ts";
import type { Projection } from "../projection.ts";
import type { ReadNow } from "../reading.ts";
import type { Urgency } from "../rest.ts";
import { createRunner, type Runner, type RunnerOptions } from "../runner.ts";
import { type RunnerState, startingRunner } from "../runnerReport.ts";
import { shareLog } from "../sharedLog.ts";
import { type SlicedNews, type SliceMove, waitingNews } from "../slicedNews.ts";
import { sliceProgress } from "../sliceProgress.ts";
import { createStranded, type Stranded } from "../stranded.ts";
import type { TailPage } from "../tail.ts";
import { type ViewsRead, watchViews } from "../watching.ts";
import type { Follower } from "./follower.ts";
import { halting } from "./halting.ts";
import { type GenerationStore, nextGeneration, viewOf } from "./store.ts";
import { activateTogether, begunGeneration, begunIn, readGeneration } from "./viewGenerations.ts";

type FromRunner = "log" | "projections" | "wrote" | "wanted" | "rest" | "pageEvents" | "pageRows" | "pause" | "now";

export type SlicedFollowerOptions = Pick<RunnerOptions, FromRunner> & {
  store: ViewStore;
  generations: GenerationStore;
  /** Into how many slices the views are divided if there are none yet. */
  slices: number;
  /** Competes for slices until it is aborted: see `holdSlices`. */
  hold: (
    work: Pick<HoldingOptions, "slices" | "isStranded" | "begin" | "changed" | "cutOff" | "troubled">,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Commits as the holder of a slice. */
  heldBy: (lease: Lease) => Open<Pick<ViewStore, "commit">>;
  epoch: () => bigint;
  urgency?: Urgency;
  /** Decides which events are too old to be told, as views are folded for the first time. All slices are given the same time. */
  agesAt?: (now: () => Date) => Ages;
  /** Whether an order to try parked events again is passed on to others who hold slices. Default: it is for this one alone. */
  asksOthers?: boolean;
  /** Called before the log is folded from its beginning, and before that is read for the first time. */
  anew?: () => Promise<void>;
  caughtUp?: () => Promise<void>;
  /** See `FollowerOptions`. `unfinished`: said by the holder of the first slice alone. */
  reading: (read: Record<string, ReadNow>, unfinished: boolean, blocked: BlockedKeys) => void;
  blocked: (keys: BlockedKeys) => void;
  healed: (intervals: readonly Interval[]) => void;
  /** Called when all slices are further than before. `isWhole`: all of them are folded here, so nobody else has news. */
  advanced: (lowest: Position, news: SlicedNews, isWhole: boolean) => void;
  /** Called after each commit of a slice that is folded here, once the views are open. Default: nobody else reads them. */
  moved?: (move: SliceMove) => void;
  /**
   * Whether nobody reads the views here: then it is enough to see now and then how far all slices are. Default: somebody does.
   */
  readsElsewhere?: boolean;
  opened: () => void;
  troubled: (state: RunnerState) => void;
  info: (message: string) => void;
  warn: (message: string, error: unknown) => void;
};

export type SlicedFollower = Follower & {
  /** Whoever holds the first slice does what only one does: sweeping, say. Its commits are those of the holder. */
  first(): Pick<ViewStore, "commit"> | undefined;
};

/** What a holder of a slice folds. `isFirst`: nothing is read yet. */
type Target = ViewsRead & { isFirst: boolean };

/** A slice that is folded here. */
type Held = { runner: Runner; committer: Open<Pick<ViewStore, "commit">>; gone: Promise<unknown> };

/** Events that a runner of one slice reads at a time: most of them belong to other slices. */
const PAGE_EVENTS = 512;
const PAGE_EVENTS_MOST = 2_048;

/** A row outside every generation: when the views were begun, ISO 8601. All slices decide by it what is too old to be told. */
const BEGUN = { table: "retention", partition: "begun", sort: "" } as const;

/**
 * Rows outside every generation: what all who hold slices were last asked to try again, by projection. `cursor`: of one parked
 * event.
 */
const RETRIES = { table: "retries", partition: "" } as const;
type Retry = { id: string; cursor?: Position };

/**
 * Folds the log into the generations that are read, slice by slice: each slice that this process holds has a runner of its own.
 * Others may hold the rest. What may be read is what all slices have.
 */
export function createSlicedFollower(options: SlicedFollowerOptions): SlicedFollower {
  const { log, store, generations, projections, hold, heldBy, agesAt, reading, advanced, opened, info, warn } = options;
  const { readsElsewhere = false } = options;
  const held = new Map<number, Held>();
  const news = waitingNews(options.epoch);
  let views: ViewsRead = { names: new Map(), slices: options.slices };
  let leaseTrouble: string | undefined;
  let stranded: Stranded | undefined;
  let strandedTrouble: string | undefined;
  let end: Position | undefined;
  /** Whether the leases of all slices are held here. */
  let isWhole = false;
  let events = 0;
  let told = "";

  const state = (): RunnerState => {
    const own = [...held.values()].map(({ runner }) => runner.state());
    const parked: Record<string, number> = {};
    for (const each of own) for (const [name, count] of Object.entries(each.parked)) parked[name] = (parked[name] ?? 0) + count;
    const checkpoint = watch.lowest() ?? log.origin;
    const failed = own.find((each) => each.state === "RETRYING")?.lastError;
    const lastError = failed ?? watch.trouble() ?? leaseTrouble ?? strandedTrouble;
    const base = { ...startingRunner(checkpoint), events: events + own.reduce((sum, each) => sum + each.events, 0), parked };
    if (lastError !== undefined) return { ...base, state: "RETRYING", progress: undefined, lastError };
    if (watch.isOpen()) return { ...base, state: "LIVE", progress: undefined, lastError: undefined };
    return { ...base, progress: end === undefined ? 0 : fractionOf(checkpoint, end) };
  };

  /** The next move of each slice may be news to all. */
  const toAll = new Set<number>();

  const tellMove = (slice: number, to: Position, page: TailPage | undefined): void => {
    const isAll = toAll.delete(slice) || page === undefined || page.aged === true;
    const topics = isAll ? "all" : [...new Set(page.items.flatMap((item) => item.topics))];
    options.moved?.({ slice, from: page?.from ?? to, to, topics });
  };

  const tell = (): void => {
    const now = state();
    // A state of progress is told now and then, by its hundredths.
    const text = JSON.stringify([now.state, now.lastError, now.parked, Math.floor((now.progress ?? 0) * 100)]);
    if (text === told) return;
    told = text;
    options.troubled(now);
  };

  /** The first generations of all views, as all who begin at the same moment name them. */
  const firstNames = async (): Promise<Map<string, string>> => {
    const names = new Map<string, string>();
    for (const projection of projections) {
      // By one look: whoever looks at the same time finds the same name, and whoever looks later finds what was noted.
      const found = await generations.list(viewOf(projection));
      const begun = begunIn(found);
      const isFit = begun !== undefined && (begun.slices ?? 1) === options.slices;
      const name = isFit ? begun.name : nextGeneration(projection, found);
      if (!isFit) await generations.note?.(name, options.slices);
      names.set(projection.name, name);
    }
    return names;
  };

  const target = async (): Promise<Target> => {
    // Nobody folds a slice that was taken over before this is known, and to ask for all generations takes long.
    const known = await watch.known();
    if (known !== undefined) return { ...known, isFirst: false };
    const names = new Map<string, string>();
    let slices = options.slices;
    const found = await Promise.all(
      projections.map(async (projection) => ({ projection, read: await readGeneration(generations, projection) })),
    );
    for (const { projection, read } of found) {
      if (read === undefined) continue;
      names.set(projection.name, read.name);
      slices = read.slices ?? 1;
    }
    return names.size > 0 ? { names, slices, isFirst: false } : { names: await firstNames(), slices, isFirst: true };
  };

  /** When the views were begun: the same for all slices, whoever asks first. */
  const begunAt = async (isFirst: boolean): Promise<Date> => {
    const known = (await store.get(BEGUN.table, BEGUN.partition, BEGUN.sort)) as string | undefined;
    if (known !== undefined) return new Date(known);
    const at = new Date();
    if (isFirst) await store.commit([{ op: "put", ...BEGUN, value: at.toISOString() }]);
    return at;
  };

  const urgencyOfAll = options.urgency && sharedAmong(options.urgency);
  const sharedLog = shareLog(log);

  const foldSlice = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    const { names, slices, isFirst } = await target();
    if (signal.aborted || lease.slice >= slices) return;
    const part = { index: lease.slice, of: slices };
    const committer = heldBy(lease);
    const reader = sharedLog.reader();
    let leave = (): void => {};
    const gone = new Promise<void>((resolve) => (leave = resolve));
    try {
      const at = await begunAt(isFirst);
      const runner = createRunner({
        ...options,
        log: reader,
        // So that there is about as much to commit as where nothing is divided.
        pageEvents: options.pageEvents ?? Math.min(PAGE_EVENTS * slices, PAGE_EVENTS_MOST),
        ...(urgencyOfAll ? { urgency: urgencyOfAll } : {}),
        ...(agesAt ? { ages: agesAt(() => at) } : {}),
        called: slices === 1 ? "the projections" : `slice ${lease.slice} of ${slices}`,
        store: { ...store, commit: committer.commit },
        slice: part,
        generationFor: ({ name }) => names.get(name),
        healsAtStart: true,
        healing: keepingIntervals(store, options.healed, part),
        // What is parked is found among the rows, whoever has parked it.
        blocked: () => {},
        aligned: () => {},
        ...(options.anew && lease.slice === 0 ? { anew: options.anew } : { anew: async () => {} }),
        caughtUp: async () => {},
        committed: (checkpoint, page) => {
          // Nobody is told of anything before.
          if (watch.isOpen()) {
            news.add(page);
            tellMove(lease.slice, checkpoint, page);
          }
          if (!readsElsewhere) watch.look();
        },
        troubled: tell,
        info,
        warn,
      });
      held.set(lease.slice, { runner, committer, gone });
      tell();
      if (lease.slice === 0) lookForUnfinished();
      await runner.run(signal);
    } finally {
      events += held.get(lease.slice)?.runner.state().events ?? 0;
      held.delete(lease.slice);
      leave();
      reader.close();
      await committer.close();
    }
  };

  const begin = (lease: Lease): SliceWork => {
    const stop = new AbortController();
    const ended = foldSlice(lease, stop.signal).catch((error: unknown) => {
      // Somebody else has the slice now: that is theirs to go on with.
      if (error instanceof CheckpointMoved) info(`slice ${lease.slice} is folded elsewhere: ${error.message}`);
      else warn(`slice ${lease.slice} cannot be folded now; it is let go of, and tried again`, error);
    });
    return {
      stop: async () => {
        stop.abort();
        await ended;
      },
      ended,
    };
  };

  /** Whether something is to be built, or divided anew. Asked by the holder of the first slice. */
  const isUnfinished = async (): Promise<boolean> => {
    for (const projection of projections) {
      const read = await readGeneration(generations, projection);
      if (read === undefined || !read.name.startsWith(`${viewOf(projection)}#`)) return true;
      if ((read.slices ?? 1) !== options.slices) return true;
      if ((await begunGeneration(generations, projection)) !== undefined) return true;
      if (((await generations.left?.(viewOf(projection))) ?? []).length > 0) return true;
    }
    return false;
  };

  let read: Record<string, ReadNow> | undefined;
  let running: AbortSignal | undefined;
  let looking: Promise<unknown> = Promise.resolve();
  /** Looks for what is unfinished whenever the first slice has come here, other views are read, or who built them is gone. */
  const lookForUnfinished = (): void => {
    const now = read;
    if (now === undefined || !held.has(0)) return;
    looking = isUnfinished().then(
      (is) => {
        if (is && read === now) reading(now, true, {});
      },
      (error: unknown) => {
        if (running?.aborted !== true) warn("it cannot be seen whether views are to be built", error);
      },
    );
  };

  /** Nothing is read yet: once all slices are as far as the log was, all of it is. */
  const openFirst = async (): Promise<void> => {
    end ??= await log.end();
    tell();
    if (!held.has(0)) return;
    const { names, slices, isFirst } = await target();
    if (!isFirst) return;
    const { lowest } = await sliceProgress(store, [...names.values()], slices);
    if (lowest === undefined || lowest < end) return;
    await options.caughtUp?.();
    await activateTogether(store, [...names.values()], [], true);
    watch.look();
  };

  const retryHere = (projection: string, cursor: Position | undefined): Promise<unknown> =>
    Promise.all(
      // Whoever takes a slice over tries again by itself.
      [...held.values()].map(({ runner, gone }) => Promise.race([runner.retryParked(projection, cursor), gone])),
    );

  /** What was asked for last, by projection: anywhere, and here. */
  let retries = new Map<string, string>();
  const asked = new Map<string, string>();
  /** Does what others were asked for. */
  const lookForRetries = async (): Promise<void> => {
    const rows = await store.range(RETRIES.table, RETRIES.partition, { limit: projections.length });
    const before = retries;
    retries = new Map(rows.map(({ sort, value }) => [sort, (value as Retry).id]));
    for (const { sort: name, value } of rows) {
      const { id, cursor } = value as Retry;
      if (before.get(name) !== id && asked.get(name) !== id) void retryHere(name, cursor);
    }
  };

  /** Has those who hold the other slices try again, too. */
  const askOthers = async (projection: string, cursor: Position | undefined): Promise<void> => {
    const id = randomUUID();
    asked.set(projection, id);
    const value: Retry = { id, ...(cursor === undefined ? {} : { cursor }) };
    await store.commit([{ op: "put", ...RETRIES, sort: projection, value }]);
  };

  const watch = watchViews({
    log,
    store,
    generations,
    projections,
    reading: (now, keys, found) => {
      views = found;
      read = now;
      reading(now, false, keys);
      lookForUnfinished();
      // Whatever was read before may be otherwise there.
      news.add(undefined);
      for (const slice of held.keys()) toAll.add(slice);
    },
    found: (found) => {
      if (found.names.size > 0) views = found;
    },
    blocked: options.blocked,
    healed: options.healed,
    seen: ({ slices }) => stranded?.look(slices, new Set(held.keys())),
    advanced: (lowest) => {
      if (watch.isOpen()) advanced(lowest, news.take(lowest), isWhole);
      tell();
    },
    opened: () => {
      opened();
      const lowest = watch.lowest();
      if (lowest !== undefined) {
        advanced(lowest, { topics: "all", epoch: options.epoch() }, isWhole);
        for (const slice of held.keys()) tellMove(slice, lowest, undefined);
      }
      tell();
    },
    nothing: openFirst,
    ...(options.asksOthers ? { also: lookForRetries } : {}),
    warn: (message, error) => {
      warn(message, error);
      tell();
    },
  });

  const compete = (signal: AbortSignal): Promise<void> =>
    hold(
      {
        slices: () => views.slices,
        isStranded: () => stranded?.is() === true,
        begin,
        changed: (leases) => {
          isWhole = leases.length === views.slices;
          tell();
        },
        cutOff: lookForUnfinished,
        troubled: (error) => {
          leaseTrouble = error === undefined ? undefined : `the leases of slices cannot be renewed: ${explained(error)}`;
          if (error !== undefined) warn("the leases of slices cannot be renewed; trying again", error);
          tell();
        },
      },
      signal,
    );

  const { run, halt, resume } = halting();

  return {
    run: async (signal) => {
      running = signal;
      const strandedChanged = (error: unknown): void => {
        strandedTrouble = error === undefined ? undefined : `the log cannot be read here: ${explained(error)}`;
        if (error === undefined) info("the log can be read here again: slices are folded here again");
        else warn("the log cannot be read here, and others read it: its slices are left to them until it can", error);
        tell();
      };
      stranded = createStranded({ log, changed: strandedChanged }, signal);
      const watching = watch.run(signal);
      try {
        await run(compete, signal);
      } finally {
        await watching;
        // The views are closed after that.
        await looking;
      }
    },
    halt,
    resume,
    retryParked: async (projection, cursor) => {
      const generation = views.names.get(projection);
      const isThere =
        cursor === undefined || (generation !== undefined && (await keyOfParked(store, generation, cursor)) !== undefined);
      if (!isThere) return false;
      if (options.asksOthers && !isWhole) await askOthers(projection, cursor);
      await retryHere(projection, cursor);
      watch.look();
      return true;
    },
    hurry: () => {
      for (const { runner } of held.values()) runner.hurry();
      watch.look();
    },
    generation: ({ name }: Projection) => views.names.get(name),
    state,
    first: () => held.get(0)?.committer,
  };
}

/** Several that rest: it counts as resting as long as one of them does. */
function sharedAmong(urgency: Urgency): Urgency {
  let resting = 0;
  return {
    count: urgency.count,
    resting: (is) => {
      resting += is ? 1 : -1;
      urgency.resting(resting > 0);
    },
  };
}

/** Holds all slices, where no other process can: it needs no leases. */
export const holdAll =
  (pauseMs = 500): SlicedFollowerOptions["hold"] =>
  async ({ slices, begin, changed }, signal) => {
    const works = new Map<number, SliceWork>();
    const tellAll = (): void => changed?.([...works.keys()].map((slice) => ({ slice, fence: 0 })));
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
    const look = (): void => {
      let isChanged = false;
      for (let slice = 0; slice < slices(); slice++) {
        if (works.has(slice) || signal.aborted) continue;
        const work = begin({ slice, fence: 0 });
        works.set(slice, work);
        isChanged = true;
        void work.ended.then(() => works.delete(slice));
      }
      if (isChanged) tellAll();
    };
    look();
    const timer = setInterval(look, pauseMs);
    await stopped;
    clearInterval(timer);
    await Promise.all([...works.values()].map((work) => work.stop()));
  };
