import type { Position } from "../ports/eventStore.ts";
import type { ViewStore, Write } from "../ports/viewStore.ts";
import type { Slice } from "./slices.ts";

/** Rows outside every generation: one, or one of each slice, since each is written by another runner. */
const ROW = { table: "healed", partition: "" } as const;
/** More rows than there ever are: slices of all numbers that the views were ever divided into. */
const ROWS_MAX = 4_096;
/** The most intervals that are kept. */
const INTERVALS_MAX = 64;

/**
 * What happened at `from` was told only when the views were at `to`. A cursor between the two, both included, may have passed it
 * by.
 */
export type Interval = { from: Position; to: Position };

/** The intervals that are kept, in order. They do not overlap. */
export async function healedIntervals(store: Pick<ViewStore, "range">): Promise<readonly Interval[]> {
  const [first, ...others] = await store.range(ROW.table, ROW.partition, { limit: ROWS_MAX });
  let intervals = (first?.value as readonly Interval[] | undefined) ?? [];
  for (const { value } of others)
    for (const interval of value as readonly Interval[]) intervals = withInterval(intervals, interval);
  return intervals;
}

/** The intervals with one more, in order. If there are too many then, the oldest two become one. */
function withInterval(intervals: readonly Interval[], added: Interval): Interval[] {
  const merged: Interval[] = [];
  for (const { from, to } of [...intervals, added].sort((one, other) => (one.from < other.from ? -1 : 1))) {
    const last = merged[merged.length - 1];
    if (last && from <= last.to) last.to = to > last.to ? to : last.to;
    else merged.push({ from, to });
  }
  while (merged.length > INTERVALS_MAX) {
    const [oldest, next] = merged.splice(0, 2) as [Interval, Interval];
    merged.unshift({ from: oldest.from, to: next.to });
  }
  return merged;
}

/**
 * What runners and replays need to keep the intervals. `told` is given all of them after each commit that changed them. `slice`:
 * the one of the runner, if there are several.
 */
export const keepingIntervals = (
  store: Pick<ViewStore, "get" | "range">,
  told: (intervals: readonly Interval[]) => void,
  slice?: Slice,
): { rows(from: Position, to: Position): Promise<Write[]>; told(): Promise<void> } => {
  const sort = slice === undefined || slice.of === 1 ? "" : `${slice.of}/${slice.index}`;
  return {
    rows: async (from, to) => {
      const own = ((await store.get(ROW.table, ROW.partition, sort)) as Interval[] | undefined) ?? [];
      return [{ op: "put", ...ROW, sort, value: withInterval(own, { from, to }) }];
    },
    told: async () => told(await healedIntervals(store)),
  };
};

/** Which cursors are not valid any more, because something before them was told later. */
export type Healed = {
  /** Whether a cursor may have passed something by. */
  hasPassedBy(cursor: Position): boolean;
  /** Every valid cursor that is given from now on must be greater. Undefined if nothing was ever healed. */
  end(): Position | undefined;
  /** Changes whenever something is healed. What was read before may lack it. */
  version(): number;
  /** Takes in the intervals. */
  change(intervals: readonly Interval[]): void;
  /** To be called when other rows are read from now on: what was read before may lack what is healed. */
  reread(): void;
};

export function createHealed(known: readonly Interval[] = []): Healed {
  let intervals = known;
  let version = 0;
  return {
    hasPassedBy: (cursor) => {
      for (let index = intervals.length - 1; index >= 0; index--) {
        const { from, to } = intervals[index] as Interval;
        if (cursor > to) return false;
        if (cursor >= from) return true;
      }
      return false;
    },
    end: () => intervals[intervals.length - 1]?.to,
    version: () => version,
    change: (now) => {
      intervals = now;
      version++;
    },
    reread: () => void version++,
  };
}

/** An exclusive bound just above a position: a place that is reached once the views are beyond it. */
export const beyond = (position: Position): Position => `${position}~`;
