import type { Position, RecordedEvent } from "../ports/eventStore.ts";
import type { FoldedStore, TableWrite } from "./projection.ts";

/** An event that a projection could not handle; later events of its key wait behind it, in order. */
export type ParkedRow = { key: string; type: string; error: string; attempts: number; parkedAt: string; waiting: boolean };

/** The table that a projection's parked events are rows of: one partition, by position. */
const PARKED = "parked";
const PAGE_ROWS = 1_000;

export const parkedTable = (generation: string): string => `${generation}/${PARKED}`;

/** The write that parks an event. */
export const parkedRow = (event: Pick<RecordedEvent, "position">, row: ParkedRow): TableWrite => ({
  op: "put",
  table: PARKED,
  partition: "",
  sort: event.position,
  value: row,
});

/** What is parked of one generation. */
export type Parked = {
  /** Keys whose events wait. */
  readonly keys: Set<string>;
  /** The parked events beyond the checkpoint: a store that keeps them elsewhere than its rows has them before it moves. */
  readonly ahead: ReadonlySet<Position>;
  /** Parked events and those that wait behind them. */
  readonly count: number;
};

/** Reads what is parked. `checkpoint`: where the generation stands; null where it stands nowhere yet. */
export async function loadParked(
  store: Pick<FoldedStore, "range">,
  generation: string,
  checkpoint: Position | null,
): Promise<Parked> {
  const keys = new Set<string>();
  const ahead = new Set<Position>();
  let count = 0;
  for (let after = ""; ;) {
    const page = await store.range(parkedTable(generation), "", { ...(after === "" ? {} : { after }), limit: PAGE_ROWS });
    for (const { sort, value } of page) {
      keys.add((value as ParkedRow).key);
      if (sort > (checkpoint ?? "")) ahead.add(sort);
    }
    count += page.length;
    const last = page[page.length - 1];
    if (page.length < PAGE_ROWS || last === undefined) return { keys, ahead, count };
    after = last.sort;
  }
}

/** Rows that their store can never take, by the position of the event that made them, each with the reason. The other rows of the page may be stored. */
export class RefusedRows extends Error {
  override readonly name = "RefusedRows";
  readonly reasons: ReadonlyMap<Position, string>;
  constructor(reasons: ReadonlyMap<Position, string>) {
    super(`rows that can never be stored: ${[...reasons.values()].join("; ")}`);
    this.reasons = reasons;
  }
}
