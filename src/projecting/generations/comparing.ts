import type { Position } from "../../ports/eventStore.ts";
import type { StoredRow, ViewSnapshot, ViewStore } from "../../ports/viewStore.ts";
import { backOff } from "../../ports/backoff.ts";
import { fractionOf } from "../../ports/eventStore.ts";
import { Unavailable } from "../../ports/faults.ts";
import type { Ages } from "../ages.ts";
import { PARKED } from "../parking.ts";
import type { FoldedLog, Projection } from "../projection.ts";
import { createRunner, type RunnerOptions } from "../runner.ts";
import { sliceProgress } from "../sliceProgress.ts";
import { EVERY_KEY, keyOfStream, sliceOf } from "../slices.ts";
import { writeBehind } from "../writeBehind.ts";
import { scratchOf } from "./scratch.ts";
import type { Verification, Verify } from "./verifying.ts";
import { slicesOf } from "./viewGenerations.ts";

/** Rows that are read at a time. */
const PAGE_ROWS = 2_000;
/** Events in one page of the fold, as in a build. */
const PAGE_EVENTS = 1_024;
/** How often in a row the fold may find a store away. */
const TRIES = 5;
/** Differences that are told one by one. */
const SAMPLES = 20;
/** How much of the work is folding: the rest is comparing. For display only. */
const FOLDING_SHARE = 0.8;

/** Whether a row is compared. A row that may be deleted at any time, because of its age or because there are too many, is not. */
export type Comparable = (row: StoredRow) => boolean | Promise<boolean>;

/** How far a generation is: the furthest of its slices, and each of them. */
type Place = { position: Position; at: readonly (Position | undefined)[] };

export type ComparingOptions = {
  log: FoldedLog;
  store: ViewStore;
  projection: Projection;
  /** Decides which events are too old to be told, as it was decided at the snapshot. */
  agesAt?: (snapshot: ViewSnapshot) => Ages | undefined;
  /** Which rows are compared, by a snapshot that has the generation's rows. Default: all. */
  comparable?: (snapshot: ViewSnapshot, generation: string) => Comparable;
};

/**
 * Compares a generation with a fold of the log up to its checkpoint: every row, both ways, byte for byte. The generation is
 * compared as it was at one moment, so the server goes on meanwhile.
 */
export function comparing({ log, store, projection, agesAt, comparable = () => () => true }: ComparingOptions): Verify {
  return async (generation, progress, signal): Promise<Verification> => {
    const scratch = scratchOf(generation, "compared");
    // What an earlier comparison left, if it was killed.
    await store.drop(scratch);
    const live = await store.snapshot();
    try {
      const slices = await slicesOf(live, generation);
      const at = (await sliceProgress(live, [generation], slices)).slices;
      const position = at.reduce((one, other) => ((other ?? "") > (one ?? "") ? other : one));
      if (position === undefined || at.includes(undefined))
        throw new Error(`${generation} holds nothing yet: there is nothing to compare`);
      await fold(scratch, { position, at }, agesAt?.(live), (share) => progress(share * FOLDING_SHARE), signal);
      const folded = await store.snapshot();
      try {
        const told = (rows: number, of: number) =>
          progress(FOLDING_SHARE + (1 - FOLDING_SHARE) * Math.min(1, of === 0 ? 1 : rows / of));
        const found = await differences(
          rowsOf(live, generation, signal),
          rowsOf(folded, scratch, signal),
          comparable(live, generation),
          (rows) => told(rows, rows + PAGE_ROWS),
        );
        return {
          differences: found.count,
          samples: found.samples,
          summary: `${generation} was compared with a fold of the log up to ${position}: ${found.rows} rows, ${found.count} differences`,
        };
      } finally {
        await folded.close();
      }
    } finally {
      await live.close();
      await store.drop(scratch);
    }
  };

  async function fold(
    scratch: string,
    { position: until, at }: Place,
    ages: Ages | undefined,
    progress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const rows = writeBehind(store);
    const runner = createRunner({
      log,
      store: rows,
      projections: [projection],
      generationFor: () => scratch,
      until,
      ...(at.length > 1 ? { only: isFoldedAt(at) } : {}),
      pageEvents: PAGE_EVENTS,
      pageRows: PAGE_EVENTS,
      ...(ages ? { ages } : {}),
      committed: (checkpoint) => progress(fractionOf(checkpoint, until)),
    });
    let failures = 0;
    for (let isDone = false; !isDone;) {
      const before = runner.state().checkpoint;
      try {
        await runner.catchUp(signal);
        isDone = await rows.settled();
      } catch (error) {
        await rows.settled();
        failures = runner.state().checkpoint === before ? failures + 1 : 1;
        if (!(error instanceof Unavailable) || failures > TRIES) throw error;
        await backOff(failures, signal);
      }
    }
    signal.throwIfAborted();
  }
}

/** Which events the slices of a generation have folded. What is of all keys, one of them has written for all. */
function isFoldedAt(at: Place["at"]): NonNullable<RunnerOptions["only"]> {
  return ({ stream, position }) => {
    const key = keyOfStream(stream);
    return key === EVERY_KEY || position <= (at[sliceOf(key, at.length)] ?? "");
  };
}

/** All rows of a generation, page by page. */
export async function* rowsOf(snapshot: ViewSnapshot, generation: string, signal: AbortSignal): AsyncGenerator<StoredRow[]> {
  for (let after: StoredRow | undefined; ;) {
    signal.throwIfAborted();
    const page = await snapshot.rows(generation, after, PAGE_ROWS);
    if (page.length > 0) yield page;
    after = page[page.length - 1];
    if (page.length < PAGE_ROWS) return;
  }
}

type Found = { rows: number; count: number; samples: string[] };

async function differences(
  live: AsyncGenerator<StoredRow[]>,
  folded: AsyncGenerator<StoredRow[]>,
  isCompared: Comparable,
  went: (rows: number) => void,
): Promise<Found> {
  const found: Found = { rows: 0, count: 0, samples: [] };
  const looked = (): void => {
    if (++found.rows % PAGE_ROWS === 0) went(found.rows);
  };
  for await (const { mine, theirs } of unequalRows(live, folded, looked)) {
    const row = mine ?? theirs;
    // What a parked event says of itself (when it was tried) is no row of the view.
    if (row.table === PARKED || !(await isCompared(row))) continue;
    found.count++;
    const how =
      mine === undefined
        ? "is missing in the view"
        : theirs === undefined
          ? "is in the view, and a fold of the log does not have it"
          : "has another value in a fold of the log";
    if (found.samples.length < SAMPLES) found.samples.push(`${nameOf(row)} ${how}`);
  }
  return found;
}

/** Two rows of one name. Where one of them is missing, there is no such row. */
export type Unequal = { mine: StoredRow; theirs?: StoredRow } | { mine?: undefined; theirs: StoredRow };

/**
 * Where two generations differ. Both have their rows in the same order, so they are gone through side by side. `looked`: called
 * for each name.
 */
export async function* unequalRows(
  live: AsyncGenerator<StoredRow[]>,
  folded: AsyncGenerator<StoredRow[]>,
  looked: () => void = () => {},
): AsyncGenerator<Unequal> {
  const [one, other] = [cursorOf(live), cursorOf(folded)];
  for (let [mine, theirs] = [await one(), await other()]; mine ?? theirs;) {
    const order = mine === undefined ? 1 : theirs === undefined ? -1 : byKey(mine, theirs);
    looked();
    if (order < 0 && mine) {
      yield { mine };
      mine = await one();
    } else if (order > 0 && theirs) {
      yield { theirs };
      theirs = await other();
    } else if (mine && theirs) {
      if (mine.text !== theirs.text) yield { mine, theirs };
      mine = await one();
      theirs = await other();
    }
  }
}

/** Gives one row after the other. Undefined at the end. */
function cursorOf(pages: AsyncGenerator<StoredRow[]>): () => Promise<StoredRow | undefined> | StoredRow | undefined {
  let page: StoredRow[] = [];
  let at = 0;
  const more = async (): Promise<StoredRow | undefined> => {
    const next = await pages.next();
    page = next.done === true ? [] : next.value;
    at = 0;
    return page[at++];
  };
  return () => (at < page.length ? page[at++] : more());
}

const nameOf = ({ table, partition, sort }: StoredRow): string => JSON.stringify([table, partition, sort]);

/** The order in which a store gives rows. */
function byKey(one: StoredRow, other: StoredRow): number {
  return byBytes(one.table, other.table) || byBytes(one.partition, other.partition) || byBytes(one.sort, other.sort);
}

const byBytes = (one: string, other: string): number =>
  one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));
