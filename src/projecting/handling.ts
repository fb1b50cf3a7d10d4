import type { Recorded } from "../domain/recorded.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Position, RecordedEvent } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { AgedTable } from "./ages.ts";
import type { PageNews } from "./pageNews.ts";
import { type Parked, parkedRow } from "./parking.ts";
import type { Projection, Rows, TableWrite } from "./projection.ts";
import type { Tried } from "./healing.ts";
import type { Pause } from "./retrying.ts";
import { EVERY_KEY, keyOfStream } from "./slices.ts";
import type { Workspace } from "./workspace.ts";

/** How often a handler is tried before its event is parked. */
const ATTEMPTS = 3;

/**
 * One projection, and the generation of it that is folded. `checkpoints`: their names, one for each slice that is folded here;
 * they stand together. `written`: rows since the last commit.
 */
export type Lane = {
  projection: Projection;
  generation: string;
  checkpoints: readonly string[];
  rows: Rows;
  written: number;
};

type Handler = (event: Recorded, rows: Rows) => Awaitable<TableWrite[]>;

/** A lane that handles a type of events. */
export type Handling = { lane: Lane; handler: Handler };

/** Who handles the events of each type. Events of other types need not even be parsed. */
export function handlingsOf(lanes: readonly Lane[]): ReadonlyMap<string, readonly Handling[]> {
  const handlings = new Map<string, Handling[]>();
  for (const lane of lanes)
    for (const [type, handler] of Object.entries(lane.projection.handlers)) {
      const known = handlings.get(type) ?? [];
      handlings.set(type, known);
      known.push({ lane, handler: handler as Handler });
    }
  return handlings;
}

export type HandlingOptions = {
  workspace: Workspace;
  news: PageNews;
  /** What is parked, by generation. */
  blocked: ReadonlyMap<string, Parked>;
  /** Events whose rows the store will never take, with the reason. */
  refused: ReadonlyMap<Position, string>;
  /** The table that gets no rows of events that are past. */
  aged?: AgedTable;
  now: () => Date;
  /** Waits before a handler is tried once more. */
  pause: Pause;
  /** Called when an event is parked. `error` is absent if it only waits behind another one. */
  parked: (lane: Lane, event: RecordedEvent, error?: string) => void;
};

const textOf = (fault: unknown): string => String(fault instanceof Error ? (fault.stack ?? fault) : fault);

/** Handles events, and parks those that cannot be handled. */
export function createHandling({ workspace, news, blocked, refused, aged, now, pause, parked }: HandlingOptions) {
  const keyOf = ({ projection }: Lane, event: RecordedEvent) => projection.keyOf?.(event) ?? keyOfStream(event.stream);

  /** Returns how many rows it wrote, as do all that follow. */
  const park = (lane: Lane, event: RecordedEvent, key: string, error?: string): number => {
    const waiting = error === undefined;
    const row = parkedRow(event, {
      key,
      type: event.type,
      error: error ?? "waits behind an earlier event of its key",
      attempts: waiting ? 0 : ATTEMPTS,
      parkedAt: now().toISOString(),
      waiting,
    });
    workspace.apply(lane.projection, lane.generation, [row]);
    blocked.get(lane.generation)?.keys.add(key);
    parked(lane, event, error);
    return 1;
  };

  const parkFailed = (lane: Lane, event: RecordedEvent, fault: unknown): number =>
    park(lane, event, keyOf(lane, event), textOf(fault));

  /** Without the rows that an event that is past does not get. */
  const young = ({ projection }: Lane, made: TableWrite[], isPast: boolean): TableWrite[] =>
    isPast && projection.name === aged?.projection ? made.filter(({ table }) => table !== aged.table) : made;

  const take = (lane: Lane, event: RecordedEvent, made: TableWrite[], isPast: boolean): number => {
    const { projection, generation } = lane;
    const reason = refused.get(event.position);
    if (reason !== undefined) return parkFailed(lane, event, reason);
    const writes = young(lane, made, isPast);
    news.note(projection, event.position, writes);
    return workspace.apply(projection, generation, writes);
  };

  const attempts = async (
    { lane, handler }: Handling,
    event: Recorded,
    first: () => Awaitable<TableWrite[]>,
    signal: AbortSignal | undefined,
  ): Promise<{ writes: TableWrite[] } | { fault: unknown }> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return { writes: await (attempt === 1 ? first() : handler(event, lane.rows)) };
      } catch (error) {
        // A fault of the store or the log, not of the event: the whole page is tried again, and nothing is parked.
        if (error instanceof Unavailable) throw error;
        if (attempt === ATTEMPTS) return { fault: error };
        await pause(attempt, signal);
      }
    }
  };

  /** Waits for what the handler makes at the first attempt, and tries again if it fails. */
  const persist = async (
    { lane, handler }: Handling,
    stored: RecordedEvent,
    event: Recorded,
    isPast: boolean,
    first: () => Awaitable<TableWrite[]>,
    signal: AbortSignal | undefined,
  ): Promise<number> => {
    const made = await attempts({ lane, handler }, event, first, signal);
    return "fault" in made ? parkFailed(lane, stored, made.fault) : take(lane, stored, made.writes, isPast);
  };

  return {
    /**
     * Handles one event with one projection. Returns how many rows it wrote: at once, if the handler answers at once. A promise
     * for each event would cost more than many handlers do. `isPast`: the event is too old to be told.
     */
    project: (
      handling: Handling,
      stored: RecordedEvent,
      event: Recorded | Error,
      isPast: boolean,
      signal?: AbortSignal,
    ): Awaitable<number> => {
      const { lane, handler } = handling;
      const { keys, ahead } = blocked.get(lane.generation) ?? {};
      if (ahead?.has(stored.position)) return 0;
      if (keys && keys.size > 0) {
        const key = keyOf(lane, stored);
        if (keys.has(key) || keys.has(EVERY_KEY)) return park(lane, stored, key);
      }
      if (event instanceof Error) return parkFailed(lane, stored, event);
      let made: Awaitable<TableWrite[]>;
      try {
        made = handler(event, lane.rows);
      } catch (error) {
        return persist(handling, stored, event, isPast, () => Promise.reject(error), signal);
      }
      return made instanceof Promise
        ? persist(handling, stored, event, isPast, () => made, signal)
        : take(lane, stored, made, isPast);
    },

    /** The rows that a projection makes of an event that was parked, or why there are none. */
    tryAgain: async (
      { lane, handler }: Handling,
      stored: RecordedEvent,
      event: Recorded | Error,
      isPast: boolean,
      signal: AbortSignal | undefined,
    ): Promise<Tried> => {
      const failed = (fault: unknown): Tried => ({ fault: textOf(fault), attempts: ATTEMPTS });
      if (event instanceof Error) return failed(event);
      const made = await attempts({ lane, handler }, event, () => handler(event, lane.rows), signal);
      if ("fault" in made) return failed(made.fault);
      const reason = refused.get(stored.position);
      return reason === undefined ? { writes: young(lane, made.writes, isPast) } : failed(reason);
    },
  };
}
