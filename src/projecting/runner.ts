import type { Recorded } from "../domain/recorded.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Anchor, Position, RecordedEvent } from "../ports/eventStore.ts";
import { CheckpointMoved } from "../ports/faults.ts";
import type { CheckpointMove, Write } from "../ports/viewStore.ts";
import { backOff } from "../ports/backoff.ts";
import type { Ages } from "./ages.ts";
import { aligned } from "./aligning.ts";
import { anchorOf } from "./anchors.ts";
import type { BlockedKeys } from "./blocked.ts";
import { linked } from "./generations/patience.ts";
import { createHealer } from "./healer.ts";
import { createHandling, type Handling, handlingsOf, type Lane } from "./handling.ts";
import { createPageNews } from "./pageNews.ts";
import { type Parked, RefusedRows } from "./parking.ts";
import { type FoldedLog, type FoldedStore, generationOf, type Projection } from "./projection.ts";
import type { Rest, Urgency } from "./rest.ts";
import { type Pause, pauses } from "./retrying.ts";
import { type RunnerState, runnerReport } from "./runnerReport.ts";
import { checkpointNames, isMine, type Part, parsed, WHOLE } from "./slices.ts";
import type { TailPage } from "./tail.ts";
import { createWorkspace } from "./workspace.ts";

/** Events read from the log at a time. */
const PAGE_EVENTS = 512;
/** A page is committed after so many rows. So a fan-out neither delays readers nor fills the memory. */
const PAGE_ROWS = 4_000;
export type RunnerOptions = {
  log: FoldedLog;
  store: FoldedStore;
  projections: readonly Projection[];
  /** The name of the projections in sentences. Default: "the projections". */
  called?: string;
  /**
   * The generation of a projection that is folded, asked whenever the runner begins or begins again. Undefined: the projection is
   * left out, because its rows are being built elsewhere. Default: the first generation of its version.
   */
  generationFor?: (projection: Projection) => string | undefined;
  /** Where folding ends. Default: it goes on with the log. */
  until?: Position;
  /** Which events are handled. Default: all of them. */
  only?: (event: { stream: string; position: Position }) => boolean;
  /** The part of the work that this runner does. Default: all of it, with one checkpoint. */
  slice?: Part;
  /**
   * Called after every commit, with the new checkpoint, and with the rows that are news of topics (`users/<id>`,
   * `conversations/<id>`) that somebody listens to. Called without a page when the runner begins, and when it begins again after
   * a fault: then anything may be news.
   */
  committed?: (checkpoint: Position, page?: TailPage) => void;
  /** Called after every commit for each projection that wrote rows, with how many. */
  wrote?: (projection: string, rows: number) => void;
  /** Whether anybody listens to a topic now. Rows of other topics are left out. */
  wanted?: (topic: string) => boolean;
  /** The epoch of the tail that the pages go to (`currentEpoch`). */
  epoch?: () => bigint;
  /** Decides which events are too old to be told, and adds its rows to each commit. */
  ages?: Ages;
  /** Called before the log is folded from its beginning, if nothing was folded before. */
  anew?: () => Promise<void>;
  /** Awaited when the runner first reaches the log's end, before it reports that it is live. */
  caughtUp?: () => Promise<void>;
  /** Called whenever the state changes, except for normal progress. */
  troubled?: (state: RunnerState) => void;
  /** Called when other keys are blocked of projections that commands rely on, before the commit that parks their events. */
  blocked?: (keys: BlockedKeys) => void;
  /**
   * Called instead when the runner has begun, or has begun again, and all generations are equally far: with the keys of those
   * projections where others are blocked than before.
   */
  aligned?: (keys: BlockedKeys) => void;
  /** Whether what is parked is tried again at the beginning: the handlers may have been mended. Default: false. */
  healsAtStart?: boolean;
  /** Told of what is healed. `rows`: to be committed with it, `to` being the checkpoint. `told`: called after that commit. */
  healing?: { rows(from: Position, to: Position): Promise<Write[]>; told(): Promise<void> };
  /** Waits before a handler is tried once more. */
  pause?: Pause;
  info?: (message: string) => void;
  warn?: (message: string, error: unknown) => void;
  /** Wall clock for rows that operators read (`parkedAt`). Never used for what projections write. */
  now?: () => Date;
  pageEvents?: number;
  pageRows?: number;
  /** How long it rests between two commits at the log's end: what arrives meanwhile shares the next one. Default: no rest. */
  rest?: Rest;
  /** Who hurries the runner in another thread. Default: nobody. */
  urgency?: Urgency;
};

export type Runner = {
  /** Folds the log until `signal` is aborted. Rejects with `CheckpointMoved` if another runner is at work. */
  run(signal: AbortSignal): Promise<void>;
  /** Folds what the log holds now, up to its end, and returns. */
  catchUp(signal?: AbortSignal): Promise<void>;
  /**
   * Tries the parked events of a projection again, at the end of the page: all of them, or those of the key of the one at
   * `cursor`. Resolves once that was done, to whether there is a parked event at `cursor`.
   */
  retryParked(projection: string, cursor?: Position): Promise<boolean>;
  /** Somebody waits for what the log holds: the present rest ends, or the next one is left out. */
  hurry(): void;
  state(): RunnerState;
};

/** What some lanes handle, and the types of these events. */
type Handled = { of: readonly Lane[]; handlings: ReturnType<typeof handlingsOf>; types: ReadonlySet<string> | undefined };

/**
 * Folds the log through projections. For each page it projects the events, commits rows and checkpoints together, and signals. If
 * a store is away, it waits with backoff, without limit. An event that a projection cannot handle is parked after some tries.
 * Later events with its key wait behind it.
 */
export function createRunner(options: RunnerOptions): Runner {
  const { log, store, projections, slice, only, committed, troubled, ages, urgency } = options;
  const wanted = options.wanted ?? (() => true);
  const pageRows = options.pageRows ?? PAGE_ROWS;
  const pageEvents = options.pageEvents ?? PAGE_EVENTS;
  const now = options.now ?? (() => new Date());
  const workspace = createWorkspace(store);
  const generationFor = options.generationFor ?? ((projection) => generationOf(projection));
  const lanesNow = (): Lane[] =>
    projections.flatMap((projection) => {
      const generation = generationFor(projection);
      if (generation === undefined) return [];
      const rows = workspace.rowsOf(projection, generation);
      return [{ projection, generation, checkpoints: checkpointNames(generation, slice ?? WHOLE), rows, written: 0 }];
    });
  let lanes: readonly Lane[] = [];
  let handled: Handled | undefined;
  /** What is parked, by generation. */
  const blocked = new Map<string, Parked>();
  const news = createPageNews();
  /** Whether an event that was folded since the last commit was past. */
  let isAged = false;
  /** Events whose rows the store will never take. */
  const refused = new Map<Position, string>();
  const report = runnerReport(log.origin, troubled);
  const { state } = report;
  /** Ends the wait for the log. */
  let wake = (): void => {};
  let endRest = (): void => {};
  /** Somebody waits for what came since the last fold began. */
  let isHurried = false;
  /** How often somebody had begun to wait before the last fold began. */
  let hurries = 0;
  /** Whether somebody was told of what was folded since the last rest. */
  let isNews = false;
  let isToHeal = options.healsAtStart ?? false;

  const { project, tryAgain } = createHandling({
    workspace,
    news,
    blocked,
    refused,
    ...(ages ? { aged: ages.of } : {}),
    now,
    pause: options.pause ?? pauses(),
    parked: (lane, event, error) => {
      const { projection } = lane;
      healer.tellBlocked([lane]);
      report.parked(projection.name);
      if (error !== undefined) options.warn?.(`${projection.name} parked ${event.type} at ${event.position}`, error);
    },
  });

  const healer = createHealer({ ...options, workspace, report, pageRows, parked: blocked, tryAgain });

  const commit = async (of: readonly Lane[], from: Position | null, to: Position, newest?: Anchor): Promise<void> => {
    const anchor = newest && anchorOf(newest);
    const move: CheckpointMove = { of: of.flatMap((lane) => lane.checkpoints), from, to, ...(anchor ? { anchor } : {}) };
    await store.commit(ages ? [...workspace.writes, ...ages.writes()] : workspace.writes, [move]);
    workspace.committed();
    report.committed();
    for (const lane of of) {
      if (lane.written > 0) options.wrote?.(lane.projection.name, lane.written);
      lane.written = 0;
    }
  };

  /** The same for the same lanes: it is asked for each page that is read at the log's end. */
  const handledBy = (of: readonly Lane[]): Handled => {
    if (handled?.of === of) return handled;
    const handlings = handlingsOf(of);
    // `ages` looks at the time of every event.
    return (handled = { of, handlings, types: ages ? undefined : new Set(handlings.keys()) });
  };

  /**
   * Handles an event with all projections at once: each reads rows of its own, and what is not in memory takes a round trip.
   * Returns how many rows they wrote.
   */
  const handle = (
    handlers: readonly Handling[],
    stored: RecordedEvent,
    event: Recorded | Error,
    isPast: boolean,
    signal: AbortSignal | undefined,
  ): Awaitable<number> => {
    let rows = 0;
    let waits: Promise<void>[] | undefined;
    for (const handling of handlers) {
      const made = tried(() => project(handling, stored, event, isPast, signal));
      const count = (written: number): void => {
        handling.lane.written += written;
        rows += written;
      };
      if (typeof made === "number") count(made);
      else (waits ??= []).push(made.then(count));
    }
    return waits === undefined ? rows : allOf(waits).then(() => rows);
  };

  /** Folds from `from` to the log's end, or to `until`. Returns where it stands then. */
  const fold = async (
    of: readonly Lane[],
    from: Position | null,
    until: Position | undefined,
    signal?: AbortSignal,
  ): Promise<Position | null> => {
    let at = from;
    const { handlings, types } = handledBy(of);
    for (;;) {
      if (signal?.aborted) return at;
      if (until !== undefined && at !== null && at >= until) return at;
      if (of === lanes && at !== null) await healer.healAsked(lanes, at, signal);
      const page = await log.readAll(at ?? log.origin, pageEvents, types);
      let rows = 0;
      let done = at;
      let newest: Anchor | undefined;
      for (const stored of page.events) {
        if (until !== undefined && stored.position > until) break;
        newest = stored;
        const isPast = ages?.take(stored, report.wasLive()) ?? false;
        isAged ||= isPast;
        const handlers = handlings.get(stored.type);
        if (handlers && isMine(stored, slice) && (only?.(stored) ?? true)) {
          const event = parsed(stored);
          if (event !== null) {
            const written = handle(handlers, stored, event, isPast, signal);
            rows += typeof written === "number" ? written : await written;
          }
        }
        done = stored.position;
        if (rows >= pageRows) {
          await commitAndTell(of, at, done, newest);
          at = done;
          rows = 0;
        }
      }
      const { skipped } = page;
      state.events += page.events.length + (skipped?.count ?? 0);
      const next = until !== undefined && page.next > until ? until : page.next;
      // What was passed over is folded too.
      if (skipped && skipped.newest.position <= next && skipped.newest.position > (newest?.position ?? ""))
        newest = skipped.newest;
      if (next !== at) await commitAndTell(of, at, next, newest);
      at = next;
      if (page.isTail || at === until) return at;
    }
  };

  const commitAndTell = async (
    of: readonly Lane[],
    from: Position | null,
    to: Position,
    newest: Anchor | undefined,
  ): Promise<void> => {
    await commit(of, from, to, newest);
    const aged = isAged ? { aged: true } : {};
    isAged = false;
    // Only some projections are being built: nobody needs their news.
    if (of.length < lanes.length) return news.clear();
    report.at(to);
    // Read the epoch before asking who listens: see `TailPage`.
    const epoch = options.epoch?.() ?? 0n;
    const told = news.take(wanted);
    isNews ||= told.items.length > 0;
    committed?.(to, { from: from ?? log.origin, to, epoch, ...told, ...aged });
  };

  /** If the store refuses rows for good, the page is tried again, and their events are parked. */
  const attempt = async (signal: AbortSignal | undefined, follow: boolean): Promise<void> => {
    for (;;) {
      try {
        return await foldAll(signal, follow);
      } catch (error) {
        if (!(error instanceof RefusedRows)) throw error;
        for (const [position, reason] of error.reasons) refused.set(position, reason);
      }
    }
  };

  /** Until `endRest` is called, or the time is over. An abort of its own for each rest would cost as much as to read a page. */
  const asleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      endRest = done;
      signal.addEventListener("abort", done);
      if (signal.aborted) done();
    });

  /** `until`: a time of the clock, in milliseconds. */
  const restUntil = async (until: number, signal: AbortSignal): Promise<void> => {
    const left = until - performance.now();
    if (left <= 0 || isHurried || healer.isAsked()) return;
    urgency?.resting(true);
    // Who began to wait before it was known that this runner rests.
    if (urgency === undefined || urgency.count() === hurries) await asleep(left, signal);
    urgency?.resting(false);
  };

  /** For all waits, until one of them is ended: to make one takes longer than to read a page of one event. */
  let waiting: AbortController | undefined;

  /** Waits until the log has more, or `wake` is called. */
  const grown = async (at: Position | null, signal: AbortSignal): Promise<void> => {
    if (waiting === undefined || waiting.signal.aborted) {
      const made = linked(signal);
      waiting = made;
      wake = () => made.abort();
    }
    await log.changed(at ?? log.origin, waiting.signal);
  };

  const foldAll = async (signal: AbortSignal | undefined, follow: boolean): Promise<void> => {
    workspace.rolledBack();
    news.clear();
    isAged = false;
    lanes = lanesNow();
    if (!report.wasLive()) report.goal(await log.end());
    let at = await aligned({ ...options, lanes, healer, parked: blocked, report, fold, signal });
    if (signal?.aborted) return;
    if (isToHeal && at !== null) for (const lane of lanes) await healer.heal(lane, at, undefined, signal);
    if (signal?.aborted) return;
    isToHeal = false;
    if (!report.wasLive()) report.at(state.checkpoint);
    committed?.(state.checkpoint);
    let [before, events] = [performance.now(), state.events];
    for (;;) {
      hurries = urgency?.count() ?? 0;
      at = await fold(lanes, at, options.until, signal);
      if (at !== null) await healer.healAsked(lanes, at, signal);
      if (!report.wasLive() && signal?.aborted !== true) await options.caughtUp?.();
      // Also if there was nothing left to commit.
      report.live();
      if (!follow || signal === undefined || signal.aborted) return;
      const now = performance.now();
      const rested = now + (options.rest?.after(state.events - events, now - before, isNews) ?? 0);
      [before, events] = [now, state.events];
      isNews = false;
      if (healer.isAsked()) continue;
      await grown(at, signal);
      await restUntil(rested, signal);
      isHurried = false;
    }
  };

  return {
    run: async (signal) => {
      for (let failures = 0; !signal.aborted;) {
        const before = state.checkpoint;
        try {
          await attempt(signal, true);
        } catch (error) {
          // What waits next may do so for another signal.
          waiting?.abort();
          workspace.rolledBack();
          if (error instanceof CheckpointMoved) {
            report.failed("STOPPED", error);
            throw error;
          }
          failures = state.checkpoint === before ? failures + 1 : 1;
          options.warn?.(`${options.called ?? "the projections"} cannot go on; trying again`, error);
          report.failed("RETRYING", error);
          await backOff(failures, signal);
        }
      }
    },
    catchUp: (signal) => attempt(signal, false),
    retryParked: (projection, cursor) => {
      // What its store refused once may be taken now.
      refused.clear();
      const done = healer.ask(projection, cursor);
      wake();
      endRest();
      return done;
    },
    hurry: () => {
      isHurried = true;
      endRest();
    },
    state: () => ({ ...state, parked: { ...state.parked } }),
  };
}

/** What fails at once is waited for like what fails later: others may be under way. */
function tried(work: () => Awaitable<number>): Awaitable<number> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Waits for all, whatever becomes of them: nothing may be under way any more when the page is tried again. */
async function allOf(waits: readonly Promise<void>[]): Promise<void> {
  for (const settled of await Promise.allSettled(waits)) if (settled.status === "rejected") throw settled.reason;
}
