import type { Position, RecordedEvent } from "../ports/eventStore.ts";
import { type FoldedStore, justAbove, type TableWrite } from "./projection.ts";
import { isKeyMine, keyOfStream, type Part } from "./slices.ts";

/**
 * An event that a projection could not handle. Later events with the same key wait behind it, in order. `stream` and `revision`
 * say where it can be read again. Rows of earlier versions lack them.
 */
export type ParkedRow = {
  key: string;
  type: string;
  error: string;
  attempts: number;
  parkedAt: string;
  waiting: boolean;
  stream?: string;
  revision?: number;
};

/** The table of a projection's parked events: one partition, sorted by position. */
export const PARKED = "parked";
const PAGE_ROWS = 1_000;

export const parkedTable = (generation: string): string => `${generation}/${PARKED}`;

/** The write that parks an event. */
export const parkedRow = (
  { position, stream, revision }: Pick<RecordedEvent, "position" | "stream" | "revision">,
  row: Omit<ParkedRow, "stream" | "revision">,
): TableWrite => ({ op: "put", table: PARKED, partition: "", sort: position, value: { ...row, stream, revision } });

/** The write that ends that. */
export const unparkedRow = (position: Position): TableWrite => ({ op: "del", table: PARKED, partition: "", sort: position });

/** The key of a parked event. Undefined if there is none at this position. */
export async function keyOfParked(
  store: Pick<FoldedStore, "range">,
  generation: string,
  position: Position,
): Promise<string | undefined> {
  const [found] = await store.range(parkedTable(generation), "", { before: justAbove(position), limit: 1, reverse: true });
  return found?.sort === position ? (found.value as ParkedRow).key : undefined;
}

/** Whether a parked event is one of a part. Of rows of earlier versions, which name no stream, the key tells. */
const isOfPart = ({ stream, key }: ParkedRow, part: Part | undefined): boolean =>
  part?.index === undefined || part.of === 1 || isKeyMine(stream === undefined ? key : keyOfStream(stream), part);

/** What is parked for one generation. */
export type Parked = {
  /** The keys with parked events. Later events of these keys wait. */
  readonly keys: Set<string>;
  /**
   * Parked events beyond the checkpoint. They exist if they are stored apart from the rows: then they are stored before the
   * checkpoint moves.
   */
  readonly ahead: ReadonlySet<Position>;
  /** Parked events and those that wait behind them. */
  readonly count: number;
};

/**
 * Reads what is parked. `checkpoint`: the position of the generation, or null if it has none yet. `part`: only what belongs to
 * this part of the work, and what is of all keys.
 */
export async function loadParked(
  store: Pick<FoldedStore, "range">,
  generation: string,
  checkpoint: Position | null,
  part?: Part,
): Promise<Parked> {
  const keys = new Set<string>();
  const ahead = new Set<Position>();
  let count = 0;
  for (let after = ""; ;) {
    const page = await store.range(parkedTable(generation), "", { ...(after === "" ? {} : { after }), limit: PAGE_ROWS });
    for (const { sort, value } of page) {
      const row = value as ParkedRow;
      if (!isOfPart(row, part)) continue;
      count++;
      // What is of all keys is parked by each part, when it comes there.
      const isAhead = sort > (checkpoint ?? "");
      if (isAhead && part !== undefined && part.of > 1) continue;
      keys.add(row.key);
      if (isAhead) ahead.add(sort);
    }
    const last = page[page.length - 1];
    if (page.length < PAGE_ROWS || last === undefined) return { keys, ahead, count };
    after = last.sort;
  }
}

/**
 * How many events up to a position one generation has parked that another has not, and the first of them. Both are read page by
 * page.
 */
export async function newlyParked(
  store: { open(generation: string, whileActive: boolean): Pick<FoldedStore, "range"> },
  generation: string,
  other: string,
  to: Position,
): Promise<{ count: number; first: Position | undefined }> {
  const [rows, others] = [store.open(generation, false), store.open(other, false)];
  let count = 0;
  let first: Position | undefined;
  for (let after = ""; ;) {
    const from = after === "" ? {} : { after };
    const page = await rows.range(parkedTable(generation), "", { ...from, before: justAbove(to), limit: PAGE_ROWS });
    const last = page[page.length - 1];
    if (last === undefined) return { count, first };
    const known = new Set<Position>();
    for (let at = after; ;) {
      const query = { ...(at === "" ? {} : { after: at }), before: justAbove(last.sort), limit: PAGE_ROWS };
      const found = await others.range(parkedTable(other), "", query);
      for (const { sort } of found) known.add(sort);
      at = found[found.length - 1]?.sort ?? at;
      if (found.length < PAGE_ROWS) break;
    }
    for (const { sort } of page) {
      if (known.has(sort)) continue;
      count++;
      first ??= sort;
    }
    after = last.sort;
  }
}

/**
 * Rows that their store can never take, with the reason, by the position of the event that made them. The other rows of the page
 * may be stored.
 */
export class RefusedRows extends Error {
  override readonly name = "RefusedRows";
  readonly reasons: ReadonlyMap<Position, string>;
  constructor(reasons: ReadonlyMap<Position, string>) {
    super(`rows that can never be stored: ${[...reasons.values()].join("; ")}`);
    this.reasons = reasons;
  }
}
