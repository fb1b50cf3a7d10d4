import { setTimeout as delay } from "node:timers/promises";
import type { EventType } from "../domain/events.ts";
import { parseEvent, type Recorded, routingKey, UnknownStream } from "../domain/recorded.ts";
import { type EventStore, fractionOf, type Position, type RecordedEvent } from "../ports/eventStore.ts";
import { CheckpointMoved, explained } from "../ports/faults.ts";
import { checkpointKey, type CheckpointMove, type ViewStore } from "../ports/viewStore.ts";
import { backOff } from "../ports/backoff.ts";
import type { Ages } from "./ages.ts";
import { anchorOf } from "./anchors.ts";
import { generationOf, type Projection, type TableWrite } from "./projection.ts";
import type { TailItem, TailPage } from "./tail.ts";
import { createWorkspace } from "./workspace.ts";

/** Events read from the log at a time. */
const PAGE_EVENTS = 512;
/** Rows after which a page is committed, so that a fan-out neither holds readers back nor memory. */
const PAGE_ROWS = 4_000;
/** How often it is told how far a rebuild is: milliseconds. */
const TOLD_MS = 250;
/** How often a handler is tried before its event is parked. */
const ATTEMPTS = 3;

/** An event that a projection could not handle; later events of its key wait behind it, in order. */
export type ParkedRow = { key: string; type: string; error: string; attempts: number; parkedAt: string; waiting: boolean };

/** Rows that their store can never take, by the position of the event that made them, each with the reason. The other rows of the page may be stored. */
export class RefusedRows extends Error {
  override readonly name = "RefusedRows";
  readonly reasons: ReadonlyMap<Position, string>;
  constructor(reasons: ReadonlyMap<Position, string>) {
    super(`rows that can never be stored: ${[...reasons.values()].join("; ")}`);
    this.reasons = reasons;
  }
}

export type RunnerState = {
  /** All projections of this runner have handled everything up to here. */
  checkpoint: Position;
  /** Events read since it was made. */
  events: number;
  /** REBUILDING: it folds what the log holds, from the beginning or from where it stopped, and has not got to the end yet since it was made. */
  state: "LIVE" | "REBUILDING" | "RETRYING" | "STOPPED";
  /** Of a rebuild: about how much of the log lies before the checkpoint, 0 to 1. */
  progress: number | undefined;
  lastError: string | undefined;
  /** Parked events and those that wait behind them, by projection. */
  parked: Record<string, number>;
};

export type RunnerOptions = {
  log: Pick<EventStore, "origin" | "readAll" | "changed" | "end">;
  store: ViewStore;
  projections: readonly Projection[];
  /** How they are called in sentences: "the projections" by default. */
  called?: string;
  /** The generation that is folded: see `generationOf`. */
  run?: number;
  /** Of how many divisions of the work this is which; embedded there is one. */
  slice?: { index: number; of: number };
  /**
   * Told after every commit: where the checkpoint is now, and which rows are news of topics (`users/<id>`, `conversations/<id>`) that somebody
   * listens to. Told without a page when it begins, and begins anew after a fault: then anything may be news.
   */
  committed?: (checkpoint: Position, page?: TailPage) => void;
  /** Whether anybody listens to a topic now: others are left out. */
  wanted?: (topic: string) => boolean;
  /** Of the tail that the pages go to (`currentEpoch`). */
  epoch?: () => bigint;
  /** What of it is too old to be told, and what is noted of that with each commit. */
  ages?: Ages;
  /** Told before what was never folded is folded from the log's beginning. */
  anew?: () => Promise<void>;
  /** Awaited where the log's end is reached for the first time since it was made, before it is told to be live. */
  caughtUp?: () => Promise<void>;
  /** Told whenever the state changes other than by going on. */
  troubled?: (state: RunnerState) => void;
  warn?: (message: string, error: unknown) => void;
  /** Wall clock for rows that operators read (`parkedAt`); never for what projections write. */
  now?: () => Date;
  pageEvents?: number;
  pageRows?: number;
  /** Milliseconds from one commit to the next at the log's end: what comes meanwhile shares the next one. 0 by default. */
  restMs?: number;
};

export type Runner = {
  /** Folds the log until `signal` is aborted. Rejects with `CheckpointMoved` where another runner is at work. */
  run(signal: AbortSignal): Promise<void>;
  /** Folds what the log holds now, up to its end, and returns. */
  catchUp(signal?: AbortSignal): Promise<void>;
  state(): RunnerState;
};

/** Before anything was folded. */
export const startingRunner = (origin: Position): RunnerState => ({
  checkpoint: origin,
  events: 0,
  state: "REBUILDING",
  progress: 0,
  lastError: undefined,
  parked: {},
});

/** Which slice a routing key belongs to: FNV-1a of it. */
export function sliceOf(key: string, slices: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % slices;
}

/** The name of a generation's checkpoint: each slice has its own. */
export const checkpointName = (generation: string, slice?: { index: number; of: number }): string =>
  slice && slice.of > 1 ? `${generation}/${slice.index}` : generation;

/**
 * Folds the log through projections: page, project, commit rows and checkpoints together, signal. A store that is away is waited for with
 * backoff, for ever. An event that a projection cannot handle is parked after some tries, and what follows under its key waits behind it.
 */
export function createRunner(options: RunnerOptions): Runner {
  const { log, store, projections, slice, committed, troubled, ages } = options;
  const wanted = options.wanted ?? (() => true);
  const pageRows = options.pageRows ?? PAGE_ROWS;
  const pageEvents = options.pageEvents ?? PAGE_EVENTS;
  const restMs = options.restMs ?? 0;
  const now = options.now ?? (() => new Date());
  const workspace = createWorkspace(store);
  const lanes = projections.map((projection) => {
    const generation = generationOf(projection, options.run);
    return {
      projection,
      generation,
      checkpoint: checkpointName(generation, slice),
      rows: workspace.rowsOf(projection, generation),
    };
  });
  type Lane = (typeof lanes)[number];
  /** Keys with a parked event, and the parked events beyond the checkpoint: a store that keeps them elsewhere has them first. By generation. */
  const blocked = new Map<string, { keys: Set<string>; ahead: Set<Position> }>();
  type News = Omit<TailItem, "topics"> & { kind: string; partitions: readonly string[] };
  let news: News[] = [];
  /** Whether something was past of what was folded since the last commit. */
  let isAged = false;
  /** Events whose rows the store refused for good. */
  const refused = new Map<Position, string>();
  const state: RunnerState = startingRunner(log.origin);
  /** Whether it was at the log's end since it was made. */
  let wasLive = false;
  /** The log's end when a rebuild began. */
  let goal = log.origin;
  let toldAt = -Infinity;

  const keyOf = ({ projection }: Lane, event: RecordedEvent) => projection.keyOf?.(event) ?? keyOfStream(event.stream);

  const parkedTable = (lane: Lane) => `${lane.generation}/parked`;

  const loadParked = async (lane: Lane, checkpoint: Position | null): Promise<void> => {
    const keys = new Set<string>();
    const ahead = new Set<Position>();
    let count = 0;
    for (let after = ""; ;) {
      const page = await store.range(parkedTable(lane), "", { ...(after === "" ? {} : { after }), limit: 1_000 });
      for (const { sort, value } of page) {
        keys.add((value as ParkedRow).key);
        if (sort > (checkpoint ?? "")) ahead.add(sort);
      }
      count += page.length;
      const last = page[page.length - 1];
      if (page.length < 1_000 || last === undefined) break;
      after = last.sort;
    }
    blocked.set(lane.generation, { keys, ahead });
    state.parked[lane.projection.name] = count;
  };

  const noteNews = (lane: Lane, position: Position, writes: readonly TableWrite[]): void => {
    const of = lane.projection.topics;
    if (!of) return;
    for (const write of writes) {
      const kind = of[write.table];
      if (kind === undefined || write.op === "del") continue;
      const partitions = write.op === "putEach" ? write.partitions : [write.partition];
      news.push({ kind, table: write.table, position, row: write.value, partitions });
    }
  };

  /**
   * What of the page that was just committed somebody listens to. Asked only now: who began to listen before the commit may have read before it,
   * too.
   */
  const listenedTo = (page: readonly News[]): TailItem[] => {
    const items: TailItem[] = [];
    for (const { kind, table, position, row, partitions } of page) {
      const topics: string[] = [];
      for (const partition of partitions) {
        const topic = `${kind}/${partition}`;
        if (wanted(topic)) topics.push(topic);
      }
      if (topics.length > 0) items.push({ table, position, row, topics });
    }
    return items;
  };

  const park = (lane: Lane, event: RecordedEvent, key: string, error: string, waiting: boolean): void => {
    const row: ParkedRow = {
      key,
      type: event.type,
      error,
      attempts: waiting ? 0 : ATTEMPTS,
      parkedAt: now().toISOString(),
      waiting,
    };
    workspace.apply(lane.projection, lane.generation, [
      { op: "put", table: "parked", partition: "", sort: event.position, value: row },
    ]);
    blocked.get(lane.generation)?.keys.add(key);
    state.parked[lane.projection.name] = (state.parked[lane.projection.name] ?? 0) + 1;
    if (!waiting) options.warn?.(`${lane.projection.name} parked ${event.type} at ${event.position}`, error);
    troubled?.({ ...state });
  };

  /** One event through one projection. Returns the rows written. `isPast`: it is too old to be told. */
  const project = async (lane: Lane, stored: RecordedEvent, event: Recorded | Error, isPast: boolean): Promise<number> => {
    const handler = lane.projection.handlers[stored.type as EventType] as
      ((event: Recorded, rows: Lane["rows"]) => unknown) | undefined;
    if (!handler) return 0;
    const { keys, ahead } = blocked.get(lane.generation) ?? {};
    if (ahead?.has(stored.position)) return 0;
    if (keys && keys.size > 0) {
      const key = keyOf(lane, stored);
      if (keys.has(key) || keys.has("*")) {
        park(lane, stored, key, "waits behind an earlier event of its key", true);
        return 1;
      }
    }
    let fault: unknown = event;
    for (let attempt = 0; attempt < ATTEMPTS && !(event instanceof Error); attempt++) {
      let made: TableWrite[];
      try {
        const result = handler(event, lane.rows);
        made = (result instanceof Promise ? await result : result) as TableWrite[];
      } catch (error) {
        if (isStoreFault(error)) throw error;
        fault = error;
        continue;
      }
      fault = refused.get(stored.position);
      if (fault !== undefined) break;
      if (isPast) made = made.filter(({ table }) => `${lane.generation}/${table}` !== ages?.table);
      noteNews(lane, stored.position, made);
      return workspace.apply(lane.projection, lane.generation, made);
    }
    park(lane, stored, keyOf(lane, stored), String(fault instanceof Error ? (fault.stack ?? fault) : fault), false);
    return 1;
  };

  const commit = async (of: readonly Lane[], from: Position | null, to: Position, newest?: RecordedEvent): Promise<void> => {
    const anchor = newest && anchorOf(newest);
    const move: CheckpointMove = { of: of.map((lane) => lane.checkpoint), from, to, ...(anchor ? { anchor } : {}) };
    await store.commit(ages ? [...workspace.writes, ...ages.writes()] : workspace.writes, [move]);
    workspace.committed();
  };

  /** Folds from `from` on until the log's end, or `until`; returns where it stands. */
  const fold = async (
    of: readonly Lane[],
    from: Position | null,
    until: Position | undefined,
    signal?: AbortSignal,
  ): Promise<Position | null> => {
    let at = from;
    for (;;) {
      if (signal?.aborted) return at;
      const page = await log.readAll(at ?? log.origin, pageEvents);
      let rows = 0;
      let done = at;
      let newest: RecordedEvent | undefined;
      for (const stored of page.events) {
        if (until !== undefined && stored.position > until) break;
        newest = stored;
        const isPast = ages?.take(stored, wasLive) ?? false;
        isAged ||= isPast;
        if (isMine(stored, slice)) {
          const event = parsed(stored);
          if (event !== null) for (const lane of of) rows += await project(lane, stored, event, isPast);
        }
        done = stored.position;
        if (rows >= pageRows) {
          await commitAndTell(of, at, done, newest);
          at = done;
          rows = 0;
        }
      }
      state.events += page.events.length;
      const next = until !== undefined && page.next > until ? until : page.next;
      if (next !== at) await commitAndTell(of, at, next, newest);
      at = next;
      if (page.isTail || at === until) return at;
    }
  };

  const recovered = (): void => {
    wasLive = true;
    if (state.state === "LIVE") return;
    Object.assign(state, { state: "LIVE", progress: undefined, lastError: undefined });
    troubled?.({ ...state });
  };

  /** On its way to the log's end, for the first time. */
  const rebuilding = (): void => {
    Object.assign(state, { state: "REBUILDING", progress: fractionOf(state.checkpoint, goal), lastError: undefined });
    if (performance.now() - toldAt < TOLD_MS) return;
    toldAt = performance.now();
    troubled?.({ ...state });
  };

  const commitAndTell = async (
    of: readonly Lane[],
    from: Position | null,
    to: Position,
    newest: RecordedEvent | undefined,
  ): Promise<void> => {
    await commit(of, from, to, newest);
    // What is built alone is news to nobody: it is not kept.
    const told = news;
    const aged = isAged ? { aged: true } : {};
    news = [];
    isAged = false;
    if (of.length === lanes.length) {
      state.checkpoint = to;
      if (wasLive) recovered();
      else rebuilding();
      // Before it is asked who listens: see `TailPage`.
      const epoch = options.epoch?.() ?? 0n;
      committed?.(to, { from: from ?? log.origin, to, epoch, items: listenedTo(told), ...aged });
    }
  };

  /** Brings every projection to the checkpoint of the most advanced one: a new version is built alone at first. */
  const align = async (signal?: AbortSignal): Promise<Position | null> => {
    const at = new Map<Lane, Position | null>();
    for (const lane of lanes) {
      const key = checkpointKey(lane.checkpoint);
      const checkpoint = ((await store.get(key.table, key.partition, key.sort)) as Position | undefined) ?? null;
      at.set(lane, checkpoint);
      await loadParked(lane, checkpoint);
    }
    const isNew = [...at.values()].every((checkpoint) => checkpoint === null);
    await ages?.begin(isNew);
    if (isNew) await options.anew?.();
    const newest = [...at.values()].reduce((one, other) => ((other ?? "") > (one ?? "") ? other : one), null);
    if (newest !== null) {
      for (const from of new Set([...at.values()].filter((value) => value !== newest))) {
        const behind = lanes.filter((lane) => at.get(lane) === from);
        await fold(behind, from, newest, signal);
      }
    }
    state.checkpoint = newest ?? log.origin;
    return newest;
  };

  /** What is refused for good is parked the next time. */
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

  const foldAll = async (signal: AbortSignal | undefined, follow: boolean): Promise<void> => {
    workspace.rolledBack();
    news = [];
    isAged = false;
    if (!wasLive) goal = await log.end();
    let at = await align(signal);
    if (signal?.aborted) return;
    if (!wasLive) rebuilding();
    committed?.(state.checkpoint);
    for (;;) {
      at = await fold(lanes, at, undefined, signal);
      if (!wasLive && signal?.aborted !== true) await options.caughtUp?.();
      // Also where there was nothing left to commit.
      recovered();
      if (!follow || signal === undefined || signal.aborted) return;
      const rested = performance.now() + restMs;
      await log.changed(at ?? log.origin, signal);
      const left = rested - performance.now();
      if (left > 0) await delay(left, undefined, { signal }).catch(() => {});
    }
  };

  return {
    run: async (signal) => {
      for (let failures = 0; !signal.aborted;) {
        const before = state.checkpoint;
        try {
          await attempt(signal, true);
        } catch (error) {
          workspace.rolledBack();
          if (error instanceof CheckpointMoved) {
            Object.assign(state, { state: "STOPPED", progress: undefined, lastError: error.message });
            troubled?.({ ...state });
            throw error;
          }
          failures = state.checkpoint === before ? failures + 1 : 1;
          Object.assign(state, { state: "RETRYING", progress: undefined, lastError: explained(error) });
          options.warn?.(`${options.called ?? "the projections"} cannot go on; trying again`, error);
          troubled?.({ ...state });
          await backOff(failures, signal);
        }
      }
    },
    catchUp: (signal) => attempt(signal, false),
    state: () => ({ ...state, parked: { ...state.parked } }),
  };
}

/** Faults of the store or the log, not of the event: the whole page is tried again, nothing is parked. */
const isStoreFault = (error: unknown): boolean =>
  error instanceof Error && (error.name === "Unavailable" || (error as { code?: string }).code?.startsWith("LEVEL_") === true);

function isMine(event: RecordedEvent, slice: { index: number; of: number } | undefined): boolean {
  if (!slice || slice.of === 1) return true;
  const key = keyOfStream(event.stream);
  return key === "*" || sliceOf(key, slice.of) === slice.index;
}

/** The routing key; of a stream that has none, under which its events are parked, its name. */
function keyOfStream(stream: string): string {
  try {
    return routingKey(stream);
  } catch (error) {
    if (error instanceof UnknownStream) return stream;
    throw error;
  }
}

/**
 * The event, null for one that this version does not know, or the fault of one that cannot be read, or that lies in a stream without
 * a routing key: it is parked, and that is told.
 */
function parsed(stored: RecordedEvent): Recorded | null | Error {
  try {
    const event = parseEvent(stored);
    if (event !== null) routingKey(event.stream);
    return event;
  } catch (error) {
    // Streams of every kind may hold it, those that a later version made too.
    if (error instanceof UnknownStream && stored.type === ("NothingChanged" satisfies EventType)) return null;
    return error instanceof Error ? error : new Error(String(error));
  }
}
