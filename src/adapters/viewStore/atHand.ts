import type { Row } from "../../ports/viewStore.ts";
import { type KeptTable, type Version, type Versions, hashed, placeOf } from "./versions.ts";

/**
 * Rows, and answers to questions for ranges, as this thread has read and parsed them. What it gives is what the store holds at
 * that moment: see `Versions`. It is frozen, because many get the same.
 */
export type AtHand = {
  /** Undefined: nothing of this table is kept. */
  tableOf(table: string): KeptTable | undefined;
  /** To be called before something is found. `source`: what is read from; of another one nothing is kept. */
  from(source: object): void;
  /** What is kept under a key, if it is so in the store. */
  find(key: string): Kept | undefined;
  /** Whether what was found is so in the store still. */
  areStill(found: readonly Kept[]): boolean;
  /** To be called before a row is read. Undefined: it cannot be kept. */
  rowAt(table: KeptTable, partition: string, sort: string): Place | undefined;
  /** The same before a range is read. */
  rangeAt(table: KeptTable, partition: string, key: string): Place | undefined;
  /** Keeps what was read, if nothing was written meanwhile. `bytes`: of its text. */
  keep(place: Place, key: string, value: Row | undefined, bytes: number): void;
};

/** Where something may be kept, as it was before it was read. */
export type Place = Version & { source: object | undefined; removals: number; isAskedAgain: boolean };

export type Kept = { readonly value: Row | undefined; readonly place: number; readonly count: number };
type Entry = Kept & { readonly bytes: number };

/** About how many bytes of memory an entry takes beside its text, and how many for each byte of that. */
const ENTRY_BYTES = 256;
const BYTES_OF_TEXT = 2;
/** So many keys are known to have been asked for. */
const ASKED = 1 << 16;

/** `most`: about how many bytes of memory it takes. What was asked for longest ago goes first. */
export function createAtHand(versions: Versions, most: number): AtHand {
  let source: object | undefined;
  let removals = versions.removals();
  /** What is asked for again comes among the younger ones. When they are half of all, the older ones go. */
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  let bytes = 0;
  /** Hashes of what was asked for once. What nobody asks for again is not worth a place, nor what it costs to collect it. */
  const asked = new Int32Array(ASKED);

  const clear = (): void => {
    young = new Map();
    old = new Map();
    bytes = 0;
  };

  const add = (key: string, entry: Entry): void => {
    bytes += entry.bytes - (young.get(key)?.bytes ?? 0);
    young.set(key, entry);
    if (bytes <= most / 2) return;
    old = young;
    young = new Map();
    bytes = 0;
  };

  const placeAt = (place: number, hash: number): Place | undefined => {
    const version = versions.at(place);
    if (version === undefined) return undefined;
    const index = (hash >>> 8) & (ASKED - 1);
    const isAskedAgain = asked[index] === hash;
    asked[index] = hash;
    return { ...version, source, removals, isAskedAgain };
  };

  return {
    tableOf: versions.tableOf,
    from: (of) => {
      const removed = versions.removals();
      if (of === source && removed === removals) return;
      clear();
      source = of;
      removals = removed;
    },
    find: (key) => {
      const kept = young.get(key);
      const entry = kept ?? old.get(key);
      if (entry === undefined || !versions.isStill(entry.place, entry.count)) return undefined;
      if (kept === undefined) add(key, entry);
      return entry;
    },
    areStill: (found) => removals === versions.removals() && found.every(({ place, count }) => versions.isStill(place, count)),
    rowAt: ({ seed }, partition, sort) => {
      const hash = hashed(hashed(seed, partition), sort);
      return placeAt(placeOf(hash), hash);
    },
    rangeAt: ({ seed }, partition, key) => placeAt(placeOf(hashed(seed, partition)), hashed(seed, key)),
    keep: ({ place, count, source: of, removals: before, isAskedAgain }, key, value, textBytes) => {
      if (!isAskedAgain || of !== source || before !== versions.removals() || !versions.isStill(place, count)) return;
      const size = ENTRY_BYTES + 2 * key.length + BYTES_OF_TEXT * textBytes;
      if (size > most / 2) return;
      add(key, { value: frozen(value), place, count, bytes: size });
    },
  };
}

/** Whoever changed a row that is kept would change it for all. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
