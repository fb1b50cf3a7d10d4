import type { Write } from "../../ports/viewStore.ts";

/*
 * What a thread keeps of the rows must be what the store holds, whichever thread writes. So every write to rows that may be kept
 * is counted in memory that all threads see: when it begins, and when it has ended. What was read while nothing was written, and
 * where nothing began to be written since, is what the store would give now.
 */

/**
 * The tables that may be kept, each by its projection and name (`timelines/messages`), in whatever generation. `rows`: single
 * rows of it. `ranges`: whole answers to questions for a range of a partition.
 */
export type KeptTables = { rows: readonly string[]; ranges: readonly string[] };

/** A table that may be kept. `seed`: where the hashes of its rows begin. */
export type KeptTable = { seed: number; rows: boolean; ranges: boolean };

/** Where the writes to something are counted, and how many had begun. */
export type Version = { place: number; count: number };

/** Shared by all threads: see `versionsIn`. */
export type SharedVersions = { counts: SharedArrayBuffer; tables: KeptTables };

export type Versions = {
  /** Undefined: nothing of it is kept, and writes to it are not counted. */
  tableOf(table: string): KeptTable | undefined;
  /** Undefined: something is being written there. Ask before the row is read. */
  at(place: number): Version | undefined;
  /** Whether no write began there since. */
  isStill(place: number, count: number): boolean;
  /** To be called before a write begins. The returned function is to be called once it has ended, well or not. */
  writing(writes: readonly Write[]): () => void;
  /** The same for what removes any rows. */
  removing(): () => void;
  /** How often anything was removed. */
  removals(): number;
};

/**
 * The places of single rows, and of partitions. Many rows share one; a write to any of them counts for all. At 10,000 messages a
 * second each place is written to once in some seconds.
 */
const PLACES = 1 << 18;
/** Counts what removes any rows. */
const REMOVALS = PLACES;

export const newVersions = (tables: KeptTables): SharedVersions => ({
  counts: new SharedArrayBuffer(2 * (PLACES + 1) * Int32Array.BYTES_PER_ELEMENT),
  tables,
});

/** The counts that some threads share. All of them must get the same tables. */
export function versionsIn({ counts, tables }: SharedVersions): Versions {
  const begun = new Int32Array(counts, 0, PLACES + 1);
  const ended = new Int32Array(counts, begun.byteLength, PLACES + 1);
  const [rows, ranges] = [new Set(tables.rows), new Set(tables.ranges)];
  const known = new Map<string, KeptTable | undefined>();

  const tableOf = (table: string): KeptTable | undefined => {
    const found = known.get(table);
    if (found !== undefined || known.has(table)) return found;
    const name = table.replace(/@[^/]*/, "");
    const kept = { seed: hashed(FIRST, table), rows: rows.has(name), ranges: ranges.has(name) };
    known.set(table, kept.rows || kept.ranges ? kept : undefined);
    return known.get(table);
  };

  const placesOf = (writes: readonly Write[]): number[] => {
    const places: number[] = [];
    for (const write of writes) {
      const table = tableOf(write.table);
      if (table === undefined) continue;
      for (const partition of write.op === "putEach" ? write.partitions : [write.partition]) {
        const hash = hashed(table.seed, partition);
        if (table.ranges) places.push(placeOf(hash));
        if (table.rows) places.push(placeOf(hashed(hash, write.sort)));
      }
    }
    return places;
  };

  const counting = (places: readonly number[]): (() => void) => {
    for (const place of places) Atomics.add(begun, place, 1);
    return () => {
      for (const place of places) Atomics.add(ended, place, 1);
    };
  };

  return {
    tableOf,
    at: (place) => {
      const count = Atomics.load(begun, place);
      return Atomics.load(ended, place) === count ? { place, count } : undefined;
    },
    isStill: (place, count) => Atomics.load(begun, place) === count,
    writing: (writes) => counting(placesOf(writes)),
    removing: () => counting([REMOVALS]),
    removals: () => Atomics.load(begun, REMOVALS) + Atomics.load(ended, REMOVALS),
  };
}

/** FNV-1a. */
const FIRST = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** Goes on from the hash of what comes before. A row: its table, its partition, its sort. */
export function hashed(before: number, text: string): number {
  // A byte that no name holds: so "ab" and "c" are others than "a" and "bc".
  let hash = Math.imul(before ^ 0xff, PRIME);
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  return hash;
}

export const placeOf = (hash: number): number => (hash ^ (hash >>> 14)) & (PLACES - 1);
