import { viewProjections } from "../../projections/index.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { explained } from "../ports/faults.ts";
import type { Signals } from "../ports/signals.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import type { BlockedKeys } from "../projecting/blocked.ts";
import type { GenerationStore } from "../projecting/generations/store.ts";
import type { KeeperState } from "../projecting/generations/state.ts";
import type { Interval } from "../projecting/healed.ts";
import type { ReadNow } from "../projecting/reading.ts";
import { type RunnerState, startingRunner } from "../projecting/runnerReport.ts";
import { currentEpoch } from "../projecting/tail.ts";
import { watchViews } from "../projecting/watching.ts";
import { keptElsewhere } from "./foldingElsewhere.ts";
import type { Between } from "./signals.ts";
import type { ViewsFollower } from "./viewsFollower.ts";

/**
 * How often the checkpoints are looked at, in milliseconds: while Redis tells of each commit, while it is away, and while
 * somebody waits for them.
 */
const LOOK_MS = 500;
const ALONE_MS = 200;
const WAITED_MS = 25;
/** For so long after they were asked for. */
const WAIT_MS = 5_000;
/** The least time between two looks at what was told, in milliseconds. */
const GAP_MS = 8;
/** How long a look waits, in milliseconds, while not all slices are told to be further. */
const OTHERS_MS = 50;
/** How long the topics of rows may be missing that may be read, before everybody is woken; in milliseconds. */
const LATE_MS = 300;
/** So many topics wait for their commit. With more of them, everybody is woken. */
const TOPICS_MAX = 50_000;
/** The same for commits, and for servers that told of topics and of no commit. */
const COMMITS_MAX = 1_000;

/** What a process that folds the views says of itself. `at`: when what is beside a projection became so, in ms since 1970. */
export type FoldingState = { runner: RunnerState; beside: Record<string, KeeperState>; at: Record<string, number> };

/** Of processes that fold slices: trouble comes first, and of what is done beside a projection the newest. */
function mergedStates(said: readonly [FoldingState, ...FoldingState[]]): FoldingState {
  const { runner } = said.find((each) => each.runner.state !== "LIVE") ?? said[0];
  const parked: Record<string, number> = {};
  const beside: Record<string, KeeperState> = {};
  const at: Record<string, number> = {};
  for (const each of said) {
    for (const [name, count] of Object.entries(each.runner.parked)) parked[name] = (parked[name] ?? 0) + count;
    for (const [name, state] of Object.entries(each.beside)) {
      const since = each.at[name] ?? 0;
      if (since < (at[name] ?? 0)) continue;
      [beside[name], at[name]] = [state, since];
    }
  }
  return { runner: { ...runner, parked }, beside, at };
}

export type FollowedViewsOptions = {
  log: Pick<EventStore, "end" | "origin">;
  store: Pick<ViewStore, "get" | "range" | "checkpoints">;
  generations: Pick<GenerationStore, "list">;
  between: Between;
  /** Of this process. */
  signals: Pick<Signals, "publish" | "publishAll">;
  /** How often listening has begun here. */
  epochs: SharedArrayBuffer;
  /** Called when all rows are further, before anybody is woken. */
  advanced: (lowest: Position) => void;
  /** See `WatchOptions`. */
  reading: (read: Record<string, ReadNow>, blocked: BlockedKeys) => void;
  blocked: (keys: BlockedKeys) => void;
  healed: (intervals: readonly Interval[]) => void;
  opened: () => void;
  stateChanged: () => void;
  /** Called with what is to be told the topics that a server told of. */
  heardBy: (hears: HearsTopics) => void;
  warn: (message: string, detail: string) => void;
};

/** Takes in topics, and the id of the server that told of them. */
export type HearsTopics = (topics: readonly string[], by: string) => void;

/**
 * What was told of commits that may not be read yet. `epoch`: how often listening had begun before its topics were told: whoever
 * began later may not have heard them.
 */
type Waiting = { to: Position; topics: ReadonlySet<string>; isAll: boolean; epoch: bigint };

/**
 * Follows the rows in the view store. Redis tells of each commit, and of whom to wake; then the checkpoints are looked at. What
 * Redis does not tell, because it or whoever would tell is away, is found by looking now and then, and then everybody is woken.
 */
export function followViews(options: FollowedViewsOptions): ViewsFollower {
  const { log, store, generations, between, signals, epochs, advanced, reading, blocked, healed, opened, warn } = options;
  const stop = new AbortController();
  /** The topics that each server told of since its last commit. */
  const open = new Map<string, Set<string>>();
  /** How often listening had begun as each server told of a commit last. What it tells then is of the next one. */
  const toldAt = new Map<string, bigint>();
  let waiting: Waiting[] = [];
  let count = 0;
  /** How far it was told what is new, by slice. */
  const told = new Map<number, Position>();
  let slices = 1;
  let late: NodeJS.Timeout | undefined;
  let next: NodeJS.Timeout | undefined;
  let nextLookAt = Number.POSITIVE_INFINITY;
  let toldLookAt = -Infinity;
  /** The epochs at which the present look began, the last one that found something new, and the one before that. */
  let lookedAt = 0n;
  let begunAt = 0n;
  let before = 0n;
  let waitedUntil = -Infinity;

  const keep = (kept: Waiting[]): void => {
    waiting = kept;
    count = kept.reduce((sum, { topics }) => sum + topics.size, 0);
  };

  const wakeAll = (lowest: Position): void => {
    clearTimeout(late);
    late = undefined;
    keep(waiting.filter(({ to }) => to > lowest));
    for (let slice = 0; slice < slices; slice++) if ((told.get(slice) ?? "") < lowest) told.set(slice, lowest);
    signals.publishAll();
  };

  const leastTold = (): Position => {
    let least = told.get(0) ?? "";
    for (let slice = 1; slice < slices; slice++) if ((told.get(slice) ?? "") < least) least = told.get(slice) ?? "";
    return least;
  };

  const isTold = (lowest: Position): boolean => leastTold() >= lowest;

  /** Looks at the checkpoints in so many milliseconds, unless it is about to look sooner. */
  const lookIn = (ms: number): void => {
    const at = performance.now() + ms;
    if (at >= nextLookAt) return;
    clearTimeout(next);
    const look = (): void => {
      nextLookAt = Number.POSITIVE_INFINITY;
      toldLookAt = performance.now();
      watch.look();
    };
    if (ms === 0) return look();
    nextLookAt = at;
    next = setTimeout(look, ms);
  };

  const lookSoon = (): void => lookIn(Math.max(0, GAP_MS - (performance.now() - toldLookAt)));

  const wake = (lowest: Position): void => {
    const due = waiting.filter(({ to }) => to <= lowest);
    // Nobody says any more whom to wake.
    if (!between.isUp() || due.some(({ isAll }) => isAll)) return wakeAll(lowest);
    keep(waiting.filter(({ to }) => to > lowest));
    const topics = new Set<string>();
    let since = before;
    for (const each of due) {
      for (const topic of each.topics) topics.add(topic);
      if (each.epoch < since) since = each.epoch;
    }
    signals.publish(topics, since);
    if (isTold(lowest)) {
      clearTimeout(late);
      late = undefined;
      return;
    }
    late ??= setTimeout(() => {
      late = undefined;
      const now = watch.lowest();
      if (now !== undefined && !isTold(now)) wakeAll(now);
    }, LATE_MS).unref();
  };

  const watch = watchViews({
    log,
    store,
    // What was committed before anybody began to listen is seen by the questions that follow.
    looking: () => void (lookedAt = currentEpoch(epochs)),
    generations,
    projections: viewProjections,
    everyMs: () => (performance.now() < waitedUntil ? WAITED_MS : between.isUp() ? LOOK_MS : ALONE_MS),
    reading: (read, keys, views) => {
      if (views.slices !== slices) told.clear();
      slices = views.slices;
      reading(read, keys);
    },
    blocked,
    healed,
    advanced: (lowest) => {
      waitedUntil = -Infinity;
      [before, begunAt] = [begunAt, lookedAt];
      advanced(lowest);
      wake(lowest);
    },
    opened: () => {
      opened();
      options.stateChanged();
    },
    warn: (message, error) => warn(message, explained(error)),
  });

  const endCommits = between.commits.hear(({ slices: of, from, to, isAll }, by) => {
    const topics = open.get(by) ?? new Set<string>();
    open.delete(by);
    const epoch = toldAt.get(by) ?? 0n;
    toldAt.delete(by);
    toldAt.set(by, currentEpoch(epochs));
    for (const first of toldAt.keys()) {
      if (toldAt.size <= COMMITS_MAX) break;
      toldAt.delete(first);
    }
    const isMissed = of.some((slice) => (told.get(slice) ?? "") < from);
    for (const slice of of) if ((told.get(slice) ?? "") < to) told.set(slice, to);
    const isTooMuch = count + topics.size > TOPICS_MAX || waiting.length >= COMMITS_MAX;
    const isForAll = isAll || isMissed || isTooMuch;
    keep([...(isTooMuch ? [] : waiting), { to, topics: isForAll ? new Set() : topics, isAll: isForAll, epoch }]);
    const lowest = watch.lowest();
    // It was seen before it was told.
    if (lowest !== undefined && to <= lowest) return wake(lowest);
    if (leastTold() > (lowest ?? "")) lookSoon();
    else lookIn(OTHERS_MS);
  });
  const endUp = between.onUp(() => watch.look());
  const folding = keptElsewhere<FoldingState>("views", between, mergedStates, options.stateChanged);
  options.heardBy((topics, by) => {
    const there = open.get(by) ?? new Set<string>();
    open.set(by, there);
    // The next commit of each wakes everybody.
    if (open.size > COMMITS_MAX) {
      open.clear();
      told.clear();
    }
    // As soon as the commit comes, everybody is woken.
    if (there.size > TOPICS_MAX) return;
    for (const topic of topics) there.add(topic);
  });
  const running = watch.run(stop.signal);

  const state = (): RunnerState => {
    const said = folding.state();
    const base = { ...startingRunner(watch.lowest() ?? log.origin), parked: said?.runner.parked ?? {} };
    const trouble = watch.trouble();
    if (trouble !== undefined) return { ...base, state: "RETRYING", progress: undefined, lastError: trouble };
    if (watch.isOpen()) return { ...base, state: "LIVE", progress: undefined, lastError: undefined };
    return { ...base, progress: said?.runner.progress ?? 0 };
  };

  return {
    replay: folding.replay,
    cancelReplay: folding.cancelReplay,
    verify: folding.verify,
    retryParked: folding.retryParked,
    state,
    beside: (projection) => folding.state()?.beside[projection],
    note: () => {
      const said = folding.state();
      if (said === undefined) return between.isUp() ? "no projector says how it is: what is new is not shown" : undefined;
      const { state: now, lastError } = said.runner;
      return now === "RETRYING" || now === "STOPPED"
        ? `the projector is ${now.toLowerCase()}: ${lastError ?? "no reason given"}`
        : undefined;
    },
    hurry: () => {
      const isNew = performance.now() >= waitedUntil;
      waitedUntil = performance.now() + WAIT_MS;
      // Who still waits after a step says so again at once.
      if (isNew) lookSoon();
    },
    close: async () => {
      stop.abort();
      endCommits();
      endUp();
      folding.close();
      clearTimeout(late);
      clearTimeout(next);
      await running;
    },
  };
}
