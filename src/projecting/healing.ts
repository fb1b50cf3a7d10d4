import type { EventStore, Position, RecordedEvent } from "../ports/eventStore.ts";
import { type ParkedRow, parkedRow, parkedTable, unparkedRow } from "./parking.ts";
import { type FoldedStore, justAbove, type TableWrite } from "./projection.ts";
import { EVERY_KEY } from "./slices.ts";

/** Parked events that are in memory at a time. */
const PAGE_ROWS = 256;
/** Events read at a time where it is not known in which stream they are. */
const SCAN_EVENTS = 4_096;
/** The most events of one stream that are read at once, so that few are read that are not parked. */
const SPREAD = 2 * PAGE_ROWS;

type Log = Pick<EventStore, "origin" | "read" | "readAll">;

/** What came of trying an event again: its rows, or why there are none. */
export type Tried = { writes: TableWrite[] } | { fault: string; attempts: number };

export type HealingOptions = {
  log: Log;
  store: Pick<FoldedStore, "range">;
  /** The generation whose parked events are tried. */
  generation: string;
  /** Up to here. What is parked beyond was parked before its page was committed: its turn comes. */
  checkpoint: Position;
  /** Only the events of this key. */
  only?: string;
  /** Whether the event belongs to this part of the work. */
  isMine: (event: RecordedEvent) => boolean;
  attempt: (event: RecordedEvent) => Promise<Tried>;
  /** Takes rows for the next commit. Returns by how many it grows. */
  apply: (writes: readonly TableWrite[]) => number;
  /** Commits the rows taken. `first`: the first event that was handled so far; undefined if none was. */
  commit: (first: Position | undefined) => Promise<void>;
  /** A page is committed after so many rows. */
  pageRows: number;
  signal?: AbortSignal;
};

/**
 * Tries the parked events of one generation again: of each key in order, until one of them fails again. That one stays parked,
 * and all behind it. Rows and the end of parking are in one commit. However many events wait, only a page of them is in memory.
 */
export async function heal(options: HealingOptions): Promise<void> {
  const { log, store, generation, checkpoint, only, isMine, attempt, apply, commit, pageRows, signal } = options;
  const find = finder(log);
  /** Keys of which an event stays parked. */
  const stuck = new Set<string>();
  let first: Position | undefined;
  let rows = 0;
  const flush = async (): Promise<void> => {
    if (rows > 0) await commit(first);
    rows = 0;
  };

  const isHeld = (key: string): boolean => stuck.has(key) || stuck.has(EVERY_KEY);
  const tryOne = async (position: Position, parked: ParkedRow, event: RecordedEvent | undefined): Promise<void> => {
    if (event && !isMine(event)) return;
    const tried = event ? await attempt(event) : { fault: "the log does not hold this event any more", attempts: 1 };
    if ("writes" in tried) {
      first ??= position;
      rows += apply([...tried.writes, unparkedRow(position)]);
      return;
    }
    stuck.add(parked.key);
    if (!event) return;
    const { stream: _stream, revision: _revision, ...known } = parked;
    const attempts = parked.attempts + tried.attempts;
    rows += apply([parkedRow(event, { ...known, attempts, error: tried.fault, waiting: false })]);
  };

  const isOver = (): boolean => signal?.aborted === true;
  for (let after = ""; !isOver();) {
    const page = await store.range(parkedTable(generation), "", {
      ...(after === "" ? {} : { after }),
      before: justAbove(checkpoint),
      limit: PAGE_ROWS,
    });
    const last = page[page.length - 1];
    if (last === undefined) break;
    const parked = page.map(({ sort, value }) => ({ position: sort, row: value as ParkedRow }));
    // The others of a key that is stuck by now need not be read.
    const events = await find(parked.filter(({ row }) => (only === undefined || row.key === only) && !isHeld(row.key)));
    for (const { position, row } of parked) {
      if (isOver()) break;
      if (only !== undefined && row.key !== only) {
        // It stays, and so does what is behind it.
        if (row.key === EVERY_KEY) stuck.add(EVERY_KEY);
      } else if (!isHeld(row.key)) await tryOne(position, row, events.get(position));
      if (rows >= pageRows) await flush();
    }
    await flush();
    after = last.sort;
  }
}

type Wanted = { position: Position; row: Pick<ParkedRow, "stream" | "revision"> };

/** Reads parked events again. To be called with them in order. */
function finder(log: Log): (wanted: readonly Wanted[]) => Promise<Map<Position, RecordedEvent>> {
  let scanned = log.origin;

  /** Events that an earlier version parked: it is not known in which stream they are. The log is gone through once. */
  const scan = async (wanted: readonly Position[], found: Map<Position, RecordedEvent>): Promise<void> => {
    const left = new Set(wanted);
    const end = wanted[wanted.length - 1];
    while (end !== undefined && left.size > 0 && scanned < end) {
      const page = await log.readAll(scanned, SCAN_EVENTS);
      for (const event of page.events) {
        // Those after the last wanted one may be wanted by the next call.
        if (event.position > end) break;
        if (left.delete(event.position)) found.set(event.position, event);
      }
      scanned = page.next > end ? end : page.next;
      if (page.isTail) return;
    }
  };

  return async (wanted) => {
    const found = new Map<Position, RecordedEvent>();
    const streams = new Map<string, Map<number, Position>>();
    const unknown: Position[] = [];
    for (const { position, row } of wanted) {
      const { stream, revision } = row;
      if (stream === undefined || revision === undefined) unknown.push(position);
      else streams.set(stream, (streams.get(stream) ?? new Map<number, Position>()).set(revision, position));
    }
    for (const [stream, positions] of streams) {
      const revisions = [...positions.keys()].sort((one, other) => one - other);
      for (const { from, count } of runsOf(revisions))
        for (const event of await log.read(stream, from, "forwards", count))
          if (positions.get(event.revision) === event.position) found.set(event.position, event);
    }
    if (unknown.length > 0) await scan(unknown, found);
    return found;
  };
}

/** Revisions in order, as few reads. */
function runsOf(revisions: readonly number[]): { from: number; count: number }[] {
  const runs: { from: number; count: number }[] = [];
  for (const revision of revisions) {
    const run = runs[runs.length - 1];
    if (run && revision - run.from < SPREAD) run.count = revision - run.from + 1;
    else runs.push({ from: revision, count: 1 });
  }
  return runs;
}
