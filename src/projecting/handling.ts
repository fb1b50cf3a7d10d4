import type { Recorded } from "../domain/recorded.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Position, RecordedEvent } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { AgedTable } from "./ages.ts";
import type { PageNews } from "./pageNews.ts";
import { type Parked, parkedRow } from "./parking.ts";
import type { Projection, Rows, TableWrite } from "./projection.ts";
import { keyOfStream } from "./slices.ts";
import type { Workspace } from "./workspace.ts";

/** How often a handler is tried before its event is parked. */
const ATTEMPTS = 3;

/** One projection, and the generation of it that is folded. `written`: rows since the last commit. */
export type Lane = { projection: Projection; generation: string; checkpoint: string; rows: Rows; written: number };

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
  /** Called when an event is parked. `error` is absent if it only waits behind another one. */
  parked: (lane: Lane, event: RecordedEvent, error?: string) => void;
};

/** Handles events, and parks those that cannot be handled. */
export function createHandling({ workspace, news, blocked, refused, aged, now, parked }: HandlingOptions) {
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
    park(lane, event, keyOf(lane, event), String(fault instanceof Error ? (fault.stack ?? fault) : fault));

  const take = (lane: Lane, event: RecordedEvent, made: TableWrite[], isPast: boolean): number => {
    const { projection, generation } = lane;
    const reason = refused.get(event.position);
    if (reason !== undefined) return parkFailed(lane, event, reason);
    const writes = isPast && projection.name === aged?.projection ? made.filter(({ table }) => table !== aged.table) : made;
    news.note(projection, event.position, writes);
    return workspace.apply(projection, generation, writes);
  };

  /** Waits for what the handler makes at the first attempt, and tries again if it fails. */
  const persist = async (
    { lane, handler }: Handling,
    stored: RecordedEvent,
    event: Recorded,
    isPast: boolean,
    first: () => Awaitable<TableWrite[]>,
  ): Promise<number> => {
    let fault: unknown;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let made: TableWrite[];
      try {
        made = await (attempt === 0 ? first() : handler(event, lane.rows));
      } catch (error) {
        // A fault of the store or the log, not of the event: the whole page is tried again, and nothing is parked.
        if (error instanceof Unavailable) throw error;
        fault = error;
        continue;
      }
      return take(lane, stored, made, isPast);
    }
    return parkFailed(lane, stored, fault);
  };

  return {
    /**
     * Handles one event with one projection. Returns how many rows it wrote: at once, if the handler answers at once. A promise
     * for each event would cost more than many handlers do. `isPast`: the event is too old to be told.
     */
    project: (handling: Handling, stored: RecordedEvent, event: Recorded | Error, isPast: boolean): Awaitable<number> => {
      const { lane, handler } = handling;
      const { keys, ahead } = blocked.get(lane.generation) ?? {};
      if (ahead?.has(stored.position)) return 0;
      if (keys && keys.size > 0) {
        const key = keyOf(lane, stored);
        if (keys.has(key) || keys.has("*")) return park(lane, stored, key);
      }
      if (event instanceof Error) return parkFailed(lane, stored, event);
      let made: Awaitable<TableWrite[]>;
      try {
        made = handler(event, lane.rows);
      } catch (error) {
        return persist(handling, stored, event, isPast, () => Promise.reject(error));
      }
      return made instanceof Promise ? persist(handling, stored, event, isPast, () => made) : take(lane, stored, made, isPast);
    },
  };
}
