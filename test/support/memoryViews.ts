import type { Awaitable, Open } from "../../src/ports/awaitable.ts";
import type { Anchor, Position } from "../../src/ports/eventStore.ts";
import { CheckpointMoved, Unavailable } from "../../src/ports/faults.ts";
import type { Checkpoint, Row, SortedRow, ViewStore, Write } from "../../src/ports/viewStore.ts";
import { frozen } from "./frozen.ts";

/**
 * What goes wrong with a commit: nothing is stored, or it stays unknown whether it was, which it was ("unknown, stored") or was
 * not.
 */
export type CommitFault = "nothing" | "unknown, stored" | "unknown, lost";

export type MemoryViews = Open<ViewStore> & {
  /** What goes wrong with the next commits, one each; undefined: nothing. */
  failCommits(...faults: (CommitFault | undefined)[]): void;
  /** While it is away every call fails, and nothing is stored. */
  away(isAway: boolean): void;
  /** Every row as text, by table, partition and sort: `table partition sort value`. */
  dump(except?: (table: string) => boolean): string[];
};

/** `atOnce`: single rows are answered without a promise, as an embedded store may. */
export type MemoryViewsOptions = { atOnce?: boolean };

/** The table that checkpoints, and anchors beside them, are kept in. */
const CHECKPOINTS = "checkpoints";

/** A row as it is stored, and what readers are given once one has asked for it, alone and in a range. */
type Kept = { readonly sort: string; readonly text: string; row?: Row; found?: SortedRow };

/** `sorted`: its rows in their order. */
type Partition = { rows: Map<string, Kept>; sorted: Kept[] };

/** A store may give the same row to many, so whoever changes one is found out. */
const rowOf = (kept: Kept | undefined): Row | undefined => kept && (kept.row ??= frozen(JSON.parse(kept.text) as Row));
const foundOf = (kept: Kept): SortedRow => (kept.found ??= Object.freeze({ sort: kept.sort, value: rowOf(kept) }));

/** A view store in memory, as the port describes it, whose faults are made to measure. */
export function memoryViews({ atOnce = false }: MemoryViewsOptions = {}): MemoryViews {
  const tables = new Map<string, Map<string, Partition>>();
  const faults: (CommitFault | undefined)[] = [];
  let gone = false;

  const partitionOf = (table: string, partition: string) => tables.get(table)?.get(partition);
  const find = (table: string, partition: string, sort: string) => rowOf(partitionOf(table, partition)?.rows.get(sort));

  /** A moment later, as from behind a network: what others do meanwhile is done. */
  const later = async <T>(answer: () => T): Promise<T> => {
    await Promise.resolve();
    here();
    return answer();
  };
  const here = (): void => {
    if (gone) throw new Unavailable("the view store is away");
  };

  const set = (table: string, partition: string, sort: string, row: Kept | undefined): void => {
    let of = tables.get(table);
    if (!of) tables.set(table, (of = new Map<string, Partition>()));
    let kept = of.get(partition);
    if (!kept) of.set(partition, (kept = { rows: new Map(), sorted: [] }));
    const { rows, sorted } = kept;
    if (row) {
      sorted.splice(placeIn(sorted, sort), rows.has(sort) ? 1 : 0, row);
      rows.set(sort, row);
    } else if (rows.delete(sort)) sorted.splice(placeIn(sorted, sort), 1);
    if (rows.size === 0) of.delete(partition);
  };

  return {
    failCommits: (...more) => void faults.push(...more),
    away: (isAway) => void (gone = isAway),
    dump: (except = () => false) => {
      const lines: string[] = [];
      for (const table of [...tables.keys()].filter((name) => !except(name)).sort(byBytes)) {
        const partitions = tables.get(table) as Map<string, Partition>;
        for (const partition of [...partitions.keys()].sort(byBytes)) {
          const of = partitions.get(partition) as Partition;
          for (const { sort, text } of of.sorted) lines.push(`${table} ${partition} ${sort} ${text}`);
        }
      }
      return lines;
    },

    get(table, partition, sort): Awaitable<Row | undefined> {
      if (!atOnce) return later(() => find(table, partition, sort));
      here();
      return find(table, partition, sort);
    },
    getMany: (keys) => later(() => keys.map(({ table, partition, sort }) => find(table, partition, sort))),
    range: (table, partition, { after, before, limit, reverse = false }) =>
      later(() => {
        const of = partitionOf(table, partition);
        if (!of) return [];
        const { rows, sorted } = of;
        const from = after === undefined ? 0 : placeIn(sorted, after) + (rows.has(after) ? 1 : 0);
        const to = before === undefined ? sorted.length : placeIn(sorted, before);
        const wanted = reverse
          ? sorted.slice(Math.max(from, to - limit), Math.max(from, to)).reverse()
          : sorted.slice(from, Math.min(to, from + limit));
        const found = wanted.map(foundOf);
        Object.freeze(found);
        return found;
      }),
    partitions: (table, after, limit) =>
      later(() =>
        [...(tables.get(table)?.keys() ?? [])]
          .filter((name) => after === "" || byBytes(name, after) > 0)
          .sort(byBytes)
          .slice(0, limit),
      ),

    async commit(writes, moves = []) {
      const rows = writes.flatMap(rowsOf);
      await Promise.resolve();
      here();
      const fault = faults.shift();
      if (fault === "nothing") throw new Unavailable("the view store is away");
      if (fault === "unknown, lost") throw new Unavailable("the view store does not answer", "unknown");
      for (const { of, from } of moves) {
        for (const generation of of) {
          const at = find(CHECKPOINTS, generation, "") ?? null;
          if (at !== from) throw new CheckpointMoved(`the checkpoint of ${generation} is ${JSON.stringify(at)}, not ${from}`);
        }
      }
      for (const row of rows) set(...row);
      for (const { of, to, anchor } of moves) {
        for (const generation of of) {
          set(CHECKPOINTS, generation, "", { sort: "", text: JSON.stringify(to) });
          if (anchor) set(CHECKPOINTS, generation, "anchor", { sort: "anchor", text: JSON.stringify(anchor) });
        }
      }
      if (fault === "unknown, stored") throw new Unavailable("the view store does not answer", "unknown");
    },

    drop: (generation) =>
      later(() => {
        for (const table of [...tables.keys()]) if (table.startsWith(`${generation}/`)) tables.delete(table);
        const names = [...(tables.get(CHECKPOINTS)?.keys() ?? [])];
        for (const name of names.filter((each) => each === generation || each.startsWith(`${generation}/`)))
          for (const sort of ["", "anchor"]) set(CHECKPOINTS, name, sort, undefined);
      }),
    size: (generation) =>
      later(() => {
        const own = [...tables].filter(([table]) => table.startsWith(`${generation}/`));
        const rows = own.flatMap(([, partitions]) => [...partitions.values()].flatMap((of) => [...of.rows]));
        const texts = rows.flatMap(([sort, { text }]) => [sort, text]);
        return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
      }),
    checkpoint: (generation) => later(() => checkpointIn(find, generation)),
    checkpoints: (generations) => later(() => generations.map((generation) => checkpointIn(find, generation))),
    snapshot: async () => {
      const then = [...tables.entries()].map(([table, partitions]): [string, Map<string, Map<string, Kept>>] => [
        table,
        new Map([...partitions].map(([partition, { rows }]) => [partition, new Map(rows)])),
      ]);
      const all = new Map(then);
      const at = (table: string, partition: string, sort: string) => rowOf(all.get(table)?.get(partition)?.get(sort));
      return {
        get: (table, partition, sort) => later(() => at(table, partition, sort)),
        checkpoint: (generation) => later(() => checkpointIn(at, generation)),
        checkpoints: (generations) => later(() => generations.map((generation) => checkpointIn(at, generation))),
        rows: (generation, after, limit) =>
          later(() => {
            const begin = `${generation}/`;
            const rows = [...all]
              .filter(([table]) => table.startsWith(begin))
              .flatMap(([table, partitions]) =>
                [...partitions].flatMap(([partition, of]) =>
                  [...of].map(([sort, { text }]) => ({ table: table.slice(begin.length), partition, sort, text })),
                ),
              )
              .sort(byRow);
            return rows.filter((row) => after === undefined || byRow(row, after) > 0).slice(0, limit);
          }),
        close: async () => {},
      };
    },
    status: async () => ({ kind: "memory" }),
    close: async () => {},
  };
}

function checkpointIn(
  get: (table: string, partition: string, sort: string) => Row | undefined,
  generation: string,
): Checkpoint | undefined {
  const position = get(CHECKPOINTS, generation, "") as Position | undefined;
  const anchor = get(CHECKPOINTS, generation, "anchor") as Anchor | undefined;
  return position === undefined ? undefined : { position, ...(anchor ? { anchor } : {}) };
}

type KeptRow = [table: string, partition: string, sort: string, row: Kept | undefined];

/** Each row of a write, its value as the JSON that it is at this moment. Throws `TypeError` for what no row can be. */
function rowsOf(write: Write): KeptRow[] {
  const partitions = write.op === "putEach" ? write.partitions : [write.partition];
  const text = write.op === "del" ? undefined : (JSON.stringify(write.value) as string | undefined);
  if (write.op !== "del" && text === undefined) throw new TypeError("a row's value is no JSON value");
  for (const part of [write.table, write.sort, ...partitions])
    if (part.includes("\0")) throw new TypeError("U+0000 in a row's name");
  const row = text === undefined ? undefined : { sort: write.sort, text };
  return partitions.map((partition) => [write.table, partition, write.sort, row]);
}

/** Where a row is among those in order, or would be. */
function placeIn(sorted: readonly Kept[], sort: string): number {
  let from = 0;
  for (let to = sorted.length; from < to;) {
    const middle = (from + to) >> 1;
    if (byBytes((sorted[middle] as Kept).sort, sort) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The order of the texts' UTF-8 bytes: that of UTF-16, but for surrogates, which come after everything else. */
function byBytes(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const [unit, another] = [one.charCodeAt(index), other.charCodeAt(index)];
    if (unit !== another) return weight(unit) - weight(another);
  }
  return one.length - other.length;
}

type Named = { table: string; partition: string; sort: string };

const byRow = (one: Named, other: Named): number =>
  byBytes(one.table, other.table) || byBytes(one.partition, other.partition) || byBytes(one.sort, other.sort);

const weight = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
